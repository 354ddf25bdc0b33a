// The two requests of AWS IoT Core that carry a signature: the WebSocket below MQTT, signed in its URL ("MQTT over the WebSocket protocol" in the AWS IoT
// developer guide), and HTTPS requests, signed in their headers.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Aws
{
    public sealed partial class SigV4Signer
    {
        /// <summary>The service's name for MQTT over WebSocket.</summary>
        public static readonly byte[] IotDeviceGateway = Bytes.FromString("iotdevicegateway");

        /// <summary>The service's name for HTTPS requests to the data endpoint: publish, shadow.</summary>
        public static readonly byte[] IotData = Bytes.FromString("iotdata");

        /// <summary>The SHA-256 of an empty body.</summary>
        public static readonly byte[] EmptyBody =
        {
            0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14, 0x9A, 0xFB, 0xF4, 0xC8, 0x99, 0x6F, 0xB9, 0x24,
            0x27, 0xAE, 0x41, 0xE4, 0x64, 0x9B, 0x93, 0x4C, 0xA4, 0x95, 0x99, 0x1B, 0x78, 0x52, 0xB8, 0x55,
        };

        private static readonly byte[] MethodGet = Bytes.FromString("GET");
        private static readonly byte[] Scheme = Bytes.FromString("wss://");
        private static readonly byte[] MqttAlgorithm = Bytes.FromString("/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
        private static readonly byte[] EncodedSlash = Bytes.FromString("%2F");
        private static readonly byte[] MqttDate = Bytes.FromString("&X-Amz-Date=");
        private static readonly byte[] MqttExpires = Bytes.FromString("&X-Amz-Expires=");
        private static readonly byte[] MqttSignedHeaders = Bytes.FromString("&X-Amz-SignedHeaders=host");
        private static readonly byte[] MqttSignature = Bytes.FromString("&X-Amz-Signature=");
        private static readonly byte[] MqttToken = Bytes.FromString("&X-Amz-Security-Token=");
        private static readonly byte[] HostHeader = Bytes.FromString("host");
        private static readonly byte[] ContentTypeHeader = Bytes.FromString("content-type");
        private static readonly byte[] DateHeader = Bytes.FromString("x-amz-date");
        private static readonly byte[] TokenHeader = Bytes.FromString("x-amz-security-token");
        private static readonly byte[] Colon = { (byte)':', (byte)' ' };

        /// <summary>
        /// Writes the signed target of the WebSocket below MQTT: /mqtt and its query. Only the host is signed; the session token, if there is one, comes last and unsigned.
        /// If it cannot be signed, or does not fit, the writer has overflowed.
        /// </summary>
        /// <param name="writer">Where to; some 300 bytes, and the encoded token.</param>
        /// <param name="credentials">The key.</param>
        /// <param name="host">The value of the header Host as it will be sent: with the port unless that is 443.</param>
        /// <param name="unixSeconds">The time, UTC; AWS refuses what is more than five minutes off.</param>
        /// <param name="expiresSeconds">How long the URL may be used, 1 to 604800; 0 leaves it out.</param>
        public void WriteMqttTarget(ByteWriter writer, AwsCredentials credentials, byte[] host, long unixSeconds, int expiresSeconds)
        {
            SetTime(unixSeconds);
            int start = writer.Offset + writer.Length;
            writer.Raw(MqttAlgorithm);
            writer.Percent(credentials.AccessKeyId, 0, credentials.AccessKeyId.Length);
            writer.Raw(EncodedSlash);
            writer.Percent(_scope, 0, _scope.Length);
            writer.Raw(MqttDate);
            writer.Raw(_time);
            if (expiresSeconds > 0)
            {
                writer.Raw(MqttExpires);
                writer.Decimal(expiresSeconds);
            }

            writer.Raw(MqttSignedHeaders);
            if (writer.Overflowed)
            {
                return;
            }

            Begin(MethodGet, writer.Buffer, start, writer.Offset + writer.Length - start, unixSeconds);
            Header(HostHeader, host, 0, host.Length);
            End(credentials, EmptyBody);
            if (_failed)
            {
                writer.Fail();
                return;
            }

            writer.Raw(MqttSignature);
            writer.Raw(_signature);
            if (credentials.HasToken)
            {
                writer.Raw(MqttToken);
                writer.Percent(credentials.SessionToken, 0, credentials.SessionToken.Length);
            }
        }

        /// <summary>Writes the whole signed URL, wss://host/mqtt?..., for clients that take one. As <see cref="WriteMqttTarget"/>.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="credentials">The key.</param>
        /// <param name="host">The host, with the port unless that is 443.</param>
        /// <param name="unixSeconds">The time, UTC.</param>
        /// <param name="expiresSeconds">How long the URL may be used; 0 leaves it out.</param>
        public void WriteMqttUrl(ByteWriter writer, AwsCredentials credentials, byte[] host, long unixSeconds, int expiresSeconds)
        {
            writer.Raw(Scheme);
            writer.Raw(host);
            WriteMqttTarget(writer, credentials, host, unixSeconds, expiresSeconds);
        }

        /// <summary>
        /// Signs an HTTPS request and writes the headers that say so, each with its line end: X-Amz-Date, X-Amz-Security-Token if there is one (signed, here), Authorization.
        /// If it cannot be signed, or does not fit, the writer has overflowed.
        /// </summary>
        /// <param name="writer">Where to; may be in the middle of the request's head.</param>
        /// <param name="credentials">The key.</param>
        /// <param name="method">The method.</param>
        /// <param name="buffer">The buffer of the target as it is sent; may be the writer's.</param>
        /// <param name="offset">The first byte of the target.</param>
        /// <param name="length">Its length with the query.</param>
        /// <param name="host">The value of the header Host as it is sent.</param>
        /// <param name="contentType">The value of the header Content-Type as it is sent; null: none is sent.</param>
        /// <param name="body">The buffer of the body.</param>
        /// <param name="bodyOffset">The first byte of the body.</param>
        /// <param name="bodyLength">Its length, 0 or more.</param>
        /// <param name="unixSeconds">The time, UTC.</param>
        public void WriteHeaders(ByteWriter writer, AwsCredentials credentials, byte[] method, byte[] buffer, int offset, int length, byte[] host, byte[] contentType,
            byte[] body, int bodyOffset, int bodyLength, long unixSeconds)
        {
            // the hash of the body first: there is one hash only
            _sha.Reset();
            _sha.Add(body, bodyOffset, bodyLength);
            _sha.Finish(_bodyHash, 0);
            Begin(method, buffer, offset, length, unixSeconds);
            if (contentType != null)
            {
                Header(ContentTypeHeader, contentType, 0, contentType.Length);
            }

            Header(HostHeader, host, 0, host.Length);
            Header(DateHeader, _time, 0, TimeLength);
            writer.Raw(DateHeader);
            writer.Raw(Colon);
            writer.Raw(_time);
            writer.Raw(EndOfLine);
            if (credentials.HasToken)
            {
                byte[] token = credentials.SessionToken;
                Header(TokenHeader, token, 0, token.Length);
                writer.Raw(TokenHeader);
                writer.Raw(Colon);
                writer.Raw(token);
                writer.Raw(EndOfLine);
            }

            End(credentials, _bodyHash);
            WriteAuthorization(writer, credentials);
        }
    }
}

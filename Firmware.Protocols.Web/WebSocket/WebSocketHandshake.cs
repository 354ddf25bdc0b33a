// The opening handshake (RFC 6455, 4): what a client asks and checks, what a server checks and answers. The bytes go through HttpWriter and the HTTP readers.

using System;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>Both sides of the handshake. Long-lived; allocates nothing after construction.</summary>
    public sealed class WebSocketHandshake
    {
        private const int NonceLength = 16;

        // 16 bytes in base64
        private const int KeyLength = 24;

        private static readonly byte[] Guid = Bytes.FromString("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        private static readonly byte[] Protocol = Bytes.FromString("websocket");
        private static readonly byte[] Upgrade = Bytes.FromString("Upgrade");
        private static readonly byte[] Version = Bytes.FromString("13");

        private readonly Sha1 _sha = new Sha1();
        private readonly ByteWriter _pen = new ByteWriter();
        private readonly byte[] _key = new byte[KeyLength + 36];
        private readonly byte[] _hash = new byte[Sha1.HashLength];
        private readonly byte[] _accept = new byte[28];
        private readonly byte[] _nonce = new byte[NonceLength];

        /// <summary>Tells whether a request comes from a page of this server, or from no page at all: a browser lets every page open a WebSocket anywhere, and tells which it is (RFC 6454, 7).</summary>
        /// <param name="request">The request.</param>
        /// <returns>False if it has an Origin whose host and port are not those that it asks.</returns>
        public static bool IsSameOrigin(HttpRequestReader request)
        {
            if (!request.Has(HttpField.Origin))
            {
                return true;
            }

            byte[] buffer = request.Buffer;
            int offset = request.ValueOffset(HttpField.Origin);
            int end = offset + request.ValueLength(HttpField.Origin);
            int colon = Bytes.IndexOf(buffer, offset, end - offset, (byte)':');
            int host = colon + 3;
            int length = request.HostLength;
            if (colon < 0 || end - host != length || length == 0 || buffer[colon + 1] != '/' || buffer[colon + 2] != '/')
            {
                return false;
            }

            for (int i = 0; i < length; i++)
            {
                if (Lower(buffer[host + i]) != Lower(buffer[request.HostOffset + i]))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Client: writes the fields of the request, behind its request line, and ends its head.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="host">The value of Host.</param>
        /// <param name="protocol">The protocol above, such as mqtt; null: none.</param>
        /// <param name="noise">Makes the nonce.</param>
        public void WriteRequest(HttpWriter writer, byte[] host, byte[] protocol, WebSocketNoise noise)
        {
            for (int i = 0; i < NonceLength; i += 8)
            {
                ulong bits = noise.Next();
                for (int k = 0; k < 8; k++)
                {
                    _nonce[i + k] = (byte)(bits >> (8 * k));
                }
            }

            _pen.Reset(_key, 0, KeyLength);
            _pen.Base64(_nonce, 0, NonceLength);
            MakeAccept();
            writer.Field(HttpField.Host, host);
            writer.Field(HttpField.Upgrade, Protocol);
            writer.Field(HttpField.Connection, Upgrade);
            writer.Field(HttpField.SecWebSocketKey, _key, 0, KeyLength);
            writer.Field(HttpField.SecWebSocketVersion, Version);
            if (protocol != null)
            {
                writer.Field(HttpField.SecWebSocketProtocol, protocol);
            }

            writer.EndHead();
        }

        /// <summary>Client: tells whether the answer accepts the last request (4.1, at the end).</summary>
        /// <param name="response">The answer.</param>
        /// <param name="protocol">The protocol that was asked for; null: none.</param>
        /// <returns>False if anything is missing or is not what was asked for: the link must be closed.</returns>
        public bool IsAccepted(HttpResponseReader response, byte[] protocol)
        {
            bool isRight = response.Status == 101 && response.SaysUpgrade && response.ValueIs(HttpField.Upgrade, Protocol)
                && response.ValueLength(HttpField.SecWebSocketAccept) == _accept.Length
                && Bytes.AreEqual(response.Buffer, response.ValueOffset(HttpField.SecWebSocketAccept), _accept.Length, _accept)
                && !response.Has(HttpField.SecWebSocketExtensions);
            if (protocol == null)
            {
                return isRight && !response.Has(HttpField.SecWebSocketProtocol);
            }

            return isRight && response.Has(HttpField.SecWebSocketProtocol)
                && Bytes.AreEqual(response.Buffer, response.ValueOffset(HttpField.SecWebSocketProtocol), response.ValueLength(HttpField.SecWebSocketProtocol), protocol);
        }

        /// <summary>Server: checks a request (4.2.1). Whether the path and the origin are right is the caller's.</summary>
        /// <param name="request">The request.</param>
        /// <returns>101 if it may be accepted; 400 if it is no handshake; 426 if its version is another one: answer with Sec-WebSocket-Version.</returns>
        public int Check(HttpRequestReader request)
        {
            if (request.Method != HttpMethod.Get || request.MinorVersion == 0 || request.BodyLength > 0
                || !request.SaysUpgrade || !request.ValueHas(HttpField.Upgrade, Protocol) || !IsKey(request))
            {
                return 400;
            }

            return request.ValueIs(HttpField.SecWebSocketVersion, Version) ? 101 : 426;
        }

        /// <summary>Server: writes the whole answer 101.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="request">The request, just checked.</param>
        /// <param name="protocol">The protocol above, one of those that the client asked for; null: none.</param>
        public void WriteResponse(HttpWriter writer, HttpRequestReader request, byte[] protocol)
        {
            Array.Copy(request.Buffer, request.ValueOffset(HttpField.SecWebSocketKey), _key, 0, KeyLength);
            MakeAccept();
            writer.Response(101);
            writer.Field(HttpField.Upgrade, Protocol);
            writer.Field(HttpField.Connection, Upgrade);
            writer.Field(HttpField.SecWebSocketAccept, _accept);
            if (protocol != null)
            {
                writer.Field(HttpField.SecWebSocketProtocol, protocol);
            }

            writer.EndHead();
        }

        /// <summary>Server: writes the whole answer 426, which tells the version that is spoken here (4.4).</summary>
        /// <param name="writer">Where to.</param>
        public void WriteOtherVersion(HttpWriter writer)
        {
            writer.Response(426);
            writer.Field(HttpField.SecWebSocketVersion, Version);
            writer.EndHeadWithLength(0);
        }

        // 16 bytes in base64: 22 digits and two equals signs
        private static bool IsKey(HttpRequestReader request)
        {
            if (request.ValueLength(HttpField.SecWebSocketKey) != KeyLength)
            {
                return false;
            }

            int offset = request.ValueOffset(HttpField.SecWebSocketKey);
            for (int i = 0; i < KeyLength - 2; i++)
            {
                int value = request.Buffer[offset + i];
                int letter = value | 0x20;
                if (!(letter >= 'a' && letter <= 'z') && !(value >= '0' && value <= '9') && value != '+' && value != '/')
                {
                    return false;
                }
            }

            return request.Buffer[offset + KeyLength - 2] == '=' && request.Buffer[offset + KeyLength - 1] == '=';
        }

        private static int Lower(int value)
        {
            return value >= 'A' && value <= 'Z' ? value | 0x20 : value;
        }

        // base64 of the SHA-1 of the key and the GUID
        private void MakeAccept()
        {
            Array.Copy(Guid, 0, _key, KeyLength, Guid.Length);
            _sha.Compute(_key, 0, _key.Length, _hash);
            _pen.Reset(_accept, 0, _accept.Length);
            _pen.Base64(_hash, 0, Sha1.HashLength);
        }
    }
}

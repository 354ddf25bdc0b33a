// AWS Signature Version 4 ("Create a signed AWS API request" in the IAM user guide): the canonical request is hashed as it is told, so it never stands in memory; then
// the string to sign, the signing key, the signature. The canonical form is in SigV4Signer.Canonical.cs, what callers need of it for AWS IoT Core in
// SigV4Signer.Requests.cs.
// Strict instead of repairing: a path that is not normal, a query that is not encoded as RFC 3986 says, headers out of order: Failed, and nothing is signed.
// Left out: S3's exceptions, chunked payloads, unsigned payloads, Signature Version 4A.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Aws
{
    /// <summary>Signs requests for one region and service. Long-lived; allocates nothing after construction; keeps no secret between requests. Not thread-safe.</summary>
    public sealed partial class SigV4Signer
    {
        /// <summary>The longest secret key in bytes; AWS gives out 40.</summary>
        public const int MaxSecretLength = 128;

        /// <summary>The most parameters of a query.</summary>
        public const int MaxParameters = 16;

        /// <summary>The most bytes of all names of signed headers, with the semicolons between.</summary>
        public const int MaxSignedHeaders = 128;

        /// <summary>The length of a signature: hexadecimal digits.</summary>
        public const int SignatureLength = 2 * Sha256.HashLength;

        // yyyyMMddTHHmmssZ, of which the date is the first part
        private const int TimeLength = 16;
        private const int DateLength = 8;

        private static readonly byte[] Algorithm = Bytes.FromString("AWS4-HMAC-SHA256");
        private static readonly byte[] KeyPrefix = Bytes.FromString("AWS4");
        private static readonly byte[] Terminator = Bytes.FromString("aws4_request");
        private static readonly byte[] AuthorizationName = Bytes.FromString("Authorization: ");
        private static readonly byte[] CredentialPart = Bytes.FromString(" Credential=");
        private static readonly byte[] SignedHeadersPart = Bytes.FromString(", SignedHeaders=");
        private static readonly byte[] SignaturePart = Bytes.FromString(", Signature=");
        private static readonly byte[] EndOfLine = { (byte)'\r', (byte)'\n' };

        private readonly byte[] _region;
        private readonly byte[] _service;
        private readonly Sha256 _sha = new Sha256();
        private readonly HmacSha256 _hmac;
        private readonly CivilTime _civil = new CivilTime();
        private readonly ByteWriter _pen = new ByteWriter();
        private readonly byte[] _time = new byte[TimeLength];
        private readonly byte[] _scope;
        private readonly byte[] _names = new byte[MaxSignedHeaders];
        private readonly byte[] _key = new byte[4 + MaxSecretLength];
        private readonly byte[] _hash = new byte[Sha256.HashLength];
        private readonly byte[] _bodyHash = new byte[Sha256.HashLength];
        private readonly byte[] _signature = new byte[SignatureLength];
        private int _namesLength;
        private int _lastName;
        private bool _failed;

        /// <summary>Creates a signer.</summary>
        /// <param name="region">The region, such as us-east-1; not copied.</param>
        /// <param name="service">The service's name in signatures, such as <see cref="IotDeviceGateway"/>; not copied.</param>
        public SigV4Signer(byte[] region, byte[] service)
        {
            _region = region;
            _service = service;
            _hmac = new HmacSha256(_sha);
            _scope = new byte[DateLength + region.Length + service.Length + Terminator.Length + 3];
        }

        /// <summary>The request cannot be signed; sticky until the next <see cref="Begin"/>. A bug of the caller, or a limit of this class.</summary>
        public bool Failed
        {
            get { return _failed; }
        }

        /// <summary>The signature, <see cref="SignatureLength"/> hexadecimal digits; valid after <see cref="End"/> unless it <see cref="Failed"/>.</summary>
        public byte[] Signature
        {
            get { return _signature; }
        }

        /// <summary>Starts a request: its first line and its time.</summary>
        /// <param name="method">The method, such as GET.</param>
        /// <param name="buffer">The buffer of the target as it is sent.</param>
        /// <param name="offset">The first byte of the target: a slash.</param>
        /// <param name="length">Its length; the query begins behind the first question mark.</param>
        /// <param name="unixSeconds">The time of the request, UTC, before the year 10000.</param>
        public void Begin(byte[] method, byte[] buffer, int offset, int length, long unixSeconds)
        {
            _failed = false;
            _namesLength = 0;
            _lastName = -1;
            SetTime(unixSeconds);
            _sha.Reset();
            _sha.Add(method);
            _sha.Add((byte)'\n');
            int mark = Bytes.IndexOf(buffer, offset, length, (byte)'?');
            int end = offset + length;
            AddPath(buffer, offset, mark < 0 ? end : mark);
            _sha.Add((byte)'\n');
            if (mark >= 0 && mark + 1 < end)
            {
                AddQuery(buffer, mark + 1, end);
            }

            _sha.Add((byte)'\n');
        }

        /// <summary>Adds a header that is to be signed; in the order of their names.</summary>
        /// <param name="name">The name in lower case.</param>
        /// <param name="value">The buffer of the value; several values of one name as one, with commas between.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length; spaces at the ends do not count, and several in a row count as one.</param>
        public void Header(byte[] name, byte[] value, int offset, int length)
        {
            if (_namesLength + 1 + name.Length > MaxSignedHeaders
                || (_lastName >= 0 && Compare(_names, _lastName, _namesLength, name, 0, name.Length) >= 0))
            {
                _failed = true;
                return;
            }

            if (_lastName >= 0)
            {
                _names[_namesLength++] = (byte)';';
            }

            _lastName = _namesLength;
            Array.Copy(name, 0, _names, _namesLength, name.Length);
            _namesLength += name.Length;
            _sha.Add(name);
            _sha.Add((byte)':');
            AddValue(value, offset, offset + length);
            _sha.Add((byte)'\n');
        }

        /// <summary>Ends the request and signs it.</summary>
        /// <param name="credentials">The key.</param>
        /// <param name="bodyHash">The SHA-256 of the body, <see cref="Sha256.HashLength"/> bytes; <see cref="EmptyBody"/> if there is none.</param>
        public void End(AwsCredentials credentials, byte[] bodyHash)
        {
            _sha.Add((byte)'\n');
            _sha.Add(_names, 0, _namesLength);
            _sha.Add((byte)'\n');
            AddHex(bodyHash);
            _sha.Finish(_hash, 0);
            if (_lastName < 0 || credentials.SecretKey.Length > MaxSecretLength)
            {
                _failed = true;
            }

            if (!_failed)
            {
                Sign(credentials.SecretKey);
            }
        }

        /// <summary>Writes the header Authorization with its line end, after <see cref="End"/>. If that failed, the writer fails.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="credentials">The key that was signed with.</param>
        public void WriteAuthorization(ByteWriter writer, AwsCredentials credentials)
        {
            if (_failed)
            {
                writer.Fail();
                return;
            }

            writer.Raw(AuthorizationName);
            writer.Raw(Algorithm);
            writer.Raw(CredentialPart);
            writer.Raw(credentials.AccessKeyId);
            writer.Byte((byte)'/');
            writer.Raw(_scope);
            writer.Raw(SignedHeadersPart);
            writer.Raw(_names, 0, _namesLength);
            writer.Raw(SignaturePart);
            writer.Raw(_signature);
            writer.Raw(EndOfLine);
        }

        // 20130524T000000Z, and 20130524/us-east-1/iotdata/aws4_request
        private void SetTime(long unixSeconds)
        {
            _civil.SetUnixSeconds(unixSeconds);
            _pen.Reset(_time, 0, TimeLength);
            _pen.Padded(_civil.Year, 4);
            _pen.Padded(_civil.Month, 2);
            _pen.Padded(_civil.Day, 2);
            _pen.Byte((byte)'T');
            _pen.Padded(_civil.Hour, 2);
            _pen.Padded(_civil.Minute, 2);
            _pen.Padded(_civil.Second, 2);
            _pen.Byte((byte)'Z');
            _pen.Reset(_scope, 0, _scope.Length);
            _pen.Raw(_time, 0, DateLength);
            _pen.Byte((byte)'/');
            _pen.Raw(_region);
            _pen.Byte((byte)'/');
            _pen.Raw(_service);
            _pen.Byte((byte)'/');
            _pen.Raw(Terminator);
        }

        private void AddHex(byte[] hash)
        {
            _pen.Reset(_signature, 0, SignatureLength);
            _pen.Hex(hash, 0, Sha256.HashLength);
            _sha.Add(_signature);
        }

        private void Sign(byte[] secret)
        {
            byte[] key = _key;
            Array.Copy(KeyPrefix, key, KeyPrefix.Length);
            Array.Copy(secret, 0, key, KeyPrefix.Length, secret.Length);
            Derive(KeyPrefix.Length + secret.Length, _time, DateLength);
            Derive(Sha256.HashLength, _region, _region.Length);
            Derive(Sha256.HashLength, _service, _service.Length);
            Derive(Sha256.HashLength, Terminator, Terminator.Length);

            // the string to sign
            _pen.Reset(_signature, 0, SignatureLength);
            _pen.Hex(_hash, 0, Sha256.HashLength);
            _hmac.Begin(key, 0, Sha256.HashLength);
            _hmac.Add(Algorithm);
            _hmac.Add((byte)'\n');
            _hmac.Add(_time);
            _hmac.Add((byte)'\n');
            _hmac.Add(_scope);
            _hmac.Add((byte)'\n');
            _hmac.Add(_signature);
            _hmac.Finish(_hash, 0);
            Array.Clear(key, 0, key.Length);
            _pen.Reset(_signature, 0, SignatureLength);
            _pen.Hex(_hash, 0, Sha256.HashLength);
        }

        // the key becomes the code of a text under itself
        private void Derive(int keyLength, byte[] text, int length)
        {
            _hmac.Begin(_key, 0, keyLength);
            _hmac.Add(text, 0, length);
            _hmac.Finish(_key, 0);
        }
    }
}

// HMAC with SHA-256 (RFC 2104, FIPS 198-1). Our own and not nanoFramework.System.Security.Cryptography's HMACSHA256: with Sha256 it costs these lines, it allocates nothing
// a message, it is the same code on the host, and it keeps Firmware.Protocols free of packages with native parts.

using System;

namespace Firmware.Protocols.Aws
{
    /// <summary>A keyed hash over bytes that come piece by piece. Long-lived; allocates nothing after construction.</summary>
    public sealed class HmacSha256
    {
        private const byte InnerPad = 0x36;
        private const byte OuterPad = 0x5C;

        private readonly Sha256 _sha;
        private readonly byte[] _pad = new byte[Sha256.BlockLength];
        private readonly byte[] _inner = new byte[Sha256.HashLength];

        /// <summary>Creates one over a hash that it shares.</summary>
        /// <param name="sha">The hash; not to be used by others between <see cref="Begin"/> and <see cref="Finish"/>.</param>
        public HmacSha256(Sha256 sha)
        {
            _sha = sha;
        }

        /// <summary>Starts a message under a key.</summary>
        /// <param name="key">The buffer of the key; copied.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes; a key longer than a block counts as its hash.</param>
        public void Begin(byte[] key, int offset, int length)
        {
            byte[] pad = _pad;
            Array.Clear(pad, 0, pad.Length);
            _sha.Reset();
            if (length > pad.Length)
            {
                _sha.Add(key, offset, length);
                _sha.Finish(pad, 0);
            }
            else
            {
                Array.Copy(key, offset, pad, 0, length);
            }

            for (int i = 0; i < pad.Length; i++)
            {
                pad[i] ^= InnerPad;
            }

            _sha.Add(pad);
        }

        /// <summary>Adds all bytes of an array.</summary>
        /// <param name="buffer">The bytes.</param>
        public void Add(byte[] buffer)
        {
            _sha.Add(buffer, 0, buffer.Length);
        }

        /// <summary>Adds one byte.</summary>
        /// <param name="value">The byte.</param>
        public void Add(byte value)
        {
            _sha.Add(value);
        }

        /// <summary>Adds a range of bytes.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes, 0 or more.</param>
        public void Add(byte[] buffer, int offset, int length)
        {
            _sha.Add(buffer, offset, length);
        }

        /// <summary>Ends the message and gives its code. The key does not stay in memory.</summary>
        /// <param name="code">Takes 32 bytes; may be the buffer that the key came from.</param>
        /// <param name="offset">Where to put the first.</param>
        public void Finish(byte[] code, int offset)
        {
            byte[] pad = _pad;
            _sha.Finish(_inner, 0);
            for (int i = 0; i < pad.Length; i++)
            {
                pad[i] ^= InnerPad ^ OuterPad;
            }

            _sha.Add(pad);
            _sha.Add(_inner);
            _sha.Finish(code, offset);
            Array.Clear(pad, 0, pad.Length);
            Array.Clear(_inner, 0, _inner.Length);
        }
    }
}

// SHA-1 (FIPS 180-4, 6.1) of one short range, for Sec-WebSocket-Accept alone: RFC 6455 uses it to show that a server has understood the request, and nothing more.
// It is broken as a security function and must not be used as one.

using System;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>A hash for the WebSocket handshake; no security function. Long-lived; allocates nothing after construction.</summary>
    public sealed class Sha1
    {
        /// <summary>The length of a hash in bytes.</summary>
        public const int HashLength = 20;

        private const int BlockLength = 64;
        private const int LengthOffset = 56;

        private readonly byte[] _block = new byte[BlockLength];
        private readonly uint[] _schedule = new uint[80];
        private readonly uint[] _state = new uint[5];

        /// <summary>Hashes a range.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length, 0 or more.</param>
        /// <param name="hash">Takes <see cref="HashLength"/> bytes from index 0.</param>
        public void Compute(byte[] buffer, int offset, int length, byte[] hash)
        {
            _state[0] = 0x67452301;
            _state[1] = 0xEFCDAB89;
            _state[2] = 0x98BADCFE;
            _state[3] = 0x10325476;
            _state[4] = 0xC3D2E1F0;
            int left = length;
            for (; left >= BlockLength; left -= BlockLength)
            {
                Compress(buffer, offset);
                offset += BlockLength;
            }

            Array.Clear(_block, 0, BlockLength);
            Array.Copy(buffer, offset, _block, 0, left);
            _block[left] = 0x80;
            if (left >= LengthOffset)
            {
                Compress(_block, 0);
                Array.Clear(_block, 0, BlockLength);
            }

            long bits = (long)length << 3;
            for (int i = BlockLength - 1; i >= LengthOffset; i--)
            {
                _block[i] = (byte)bits;
                bits >>= 8;
            }

            Compress(_block, 0);
            for (int i = 0; i < HashLength; i++)
            {
                hash[i] = (byte)(_state[i >> 2] >> (24 - (8 * (i & 3))));
            }
        }

        // 6.1.2
        private void Compress(byte[] block, int offset)
        {
            uint[] w = _schedule;
            for (int i = 0; i < 16; i++)
            {
                w[i] = ((uint)block[offset] << 24) | ((uint)block[offset + 1] << 16) | ((uint)block[offset + 2] << 8) | block[offset + 3];
                offset += 4;
            }

            for (int i = 16; i < 80; i++)
            {
                uint x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
                w[i] = (x << 1) | (x >> 31);
            }

            uint a = _state[0];
            uint b = _state[1];
            uint c = _state[2];
            uint d = _state[3];
            uint e = _state[4];
            for (int i = 0; i < 80; i++)
            {
                uint f = i < 20 ? ((b & c) ^ (~b & d)) + 0x5A827999
                    : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                    : i < 60 ? ((b & c) ^ (b & d) ^ (c & d)) + 0x8F1BBCDC
                    : (b ^ c ^ d) + 0xCA62C1D6;
                uint t = ((a << 5) | (a >> 27)) + f + e + w[i];
                e = d;
                d = c;
                c = (b << 30) | (b >> 2);
                b = a;
                a = t;
            }

            _state[0] += a;
            _state[1] += b;
            _state[2] += c;
            _state[3] += d;
            _state[4] += e;
        }
    }
}

// SHA-256 (FIPS 180-4, 6.2), incremental. nanoFramework's Cryptography package has no such class (only HMACSHA256, which allocates its result), and Firmware.Protocols
// is to need no package with native code. About 2,000 additions and rotations a block of 64 bytes: for signatures now and then, not for bulk data.

using System;

namespace Firmware.Protocols.Aws
{
    /// <summary>Hashes bytes that come piece by piece. Long-lived; allocates nothing after construction.</summary>
    public sealed class Sha256
    {
        /// <summary>The length of a hash in bytes.</summary>
        public const int HashLength = 32;

        /// <summary>The length of a block in bytes.</summary>
        public const int BlockLength = 64;

        // the length in bits stands in the last 8 bytes of the last block
        private const int LengthOffset = 56;

        // the first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2)
        private static readonly uint[] K =
        {
            0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
            0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
            0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
            0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
            0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
            0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
            0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
            0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
        };

        // the same of the square roots of the first 8 primes (5.3.3)
        private static readonly uint[] Initial = { 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19 };

        private readonly uint[] _state = new uint[8];
        private readonly uint[] _schedule = new uint[64];
        private readonly byte[] _block = new byte[BlockLength];
        private int _filled;
        private long _length;

        /// <summary>Creates a hash of nothing.</summary>
        public Sha256()
        {
            Reset();
        }

        /// <summary>Starts anew.</summary>
        public void Reset()
        {
            Array.Copy(Initial, _state, Initial.Length);
            _filled = 0;
            _length = 0;
        }

        /// <summary>Adds one byte.</summary>
        /// <param name="value">The byte.</param>
        public void Add(byte value)
        {
            _block[_filled++] = value;
            _length++;
            if (_filled == BlockLength)
            {
                Compress(_block, 0);
                _filled = 0;
            }
        }

        /// <summary>Adds all bytes of an array.</summary>
        /// <param name="buffer">The bytes.</param>
        public void Add(byte[] buffer)
        {
            Add(buffer, 0, buffer.Length);
        }

        /// <summary>Adds a range of bytes.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes, 0 or more.</param>
        public void Add(byte[] buffer, int offset, int length)
        {
            _length += length;
            if (_filled > 0)
            {
                int fits = BlockLength - _filled;
                int first = length < fits ? length : fits;
                Array.Copy(buffer, offset, _block, _filled, first);
                _filled += first;
                offset += first;
                length -= first;
                if (_filled < BlockLength)
                {
                    return;
                }

                Compress(_block, 0);
                _filled = 0;
            }

            for (; length >= BlockLength; length -= BlockLength)
            {
                Compress(buffer, offset);
                offset += BlockLength;
            }

            Array.Copy(buffer, offset, _block, 0, length);
            _filled = length;
        }

        /// <summary>Ends the message, gives its hash and starts anew. What was hashed does not stay in memory.</summary>
        /// <param name="hash">Takes <see cref="HashLength"/> bytes.</param>
        /// <param name="offset">Where to put the first.</param>
        public void Finish(byte[] hash, int offset)
        {
            long bits = _length << 3;
            _block[_filled++] = 0x80;
            if (_filled > LengthOffset)
            {
                Array.Clear(_block, _filled, BlockLength - _filled);
                Compress(_block, 0);
                _filled = 0;
            }

            Array.Clear(_block, _filled, LengthOffset - _filled);
            for (int i = BlockLength - 1; i >= LengthOffset; i--)
            {
                _block[i] = (byte)bits;
                bits >>= 8;
            }

            Compress(_block, 0);
            for (int i = 0; i < 8; i++)
            {
                uint word = _state[i];
                hash[offset++] = (byte)(word >> 24);
                hash[offset++] = (byte)(word >> 16);
                hash[offset++] = (byte)(word >> 8);
                hash[offset++] = (byte)word;
            }

            Array.Clear(_block, 0, BlockLength);
            Array.Clear(_schedule, 0, _schedule.Length);
            Reset();
        }

        // FIPS 180-4, 6.2.2
        private void Compress(byte[] block, int offset)
        {
            uint[] w = _schedule;
            for (int i = 0; i < 16; i++)
            {
                w[i] = ((uint)block[offset] << 24) | ((uint)block[offset + 1] << 16) | ((uint)block[offset + 2] << 8) | block[offset + 3];
                offset += 4;
            }

            for (int i = 16; i < 64; i++)
            {
                uint x = w[i - 15];
                uint y = w[i - 2];
                w[i] = w[i - 16] + w[i - 7]
                    + (((x >> 7) | (x << 25)) ^ ((x >> 18) | (x << 14)) ^ (x >> 3))
                    + (((y >> 17) | (y << 15)) ^ ((y >> 19) | (y << 13)) ^ (y >> 10));
            }

            uint[] k = K;
            uint a = _state[0];
            uint b = _state[1];
            uint c = _state[2];
            uint d = _state[3];
            uint e = _state[4];
            uint f = _state[5];
            uint g = _state[6];
            uint h = _state[7];
            for (int i = 0; i < 64; i++)
            {
                uint t1 = h + (((e >> 6) | (e << 26)) ^ ((e >> 11) | (e << 21)) ^ ((e >> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + k[i] + w[i];
                uint t2 = (((a >> 2) | (a << 30)) ^ ((a >> 13) | (a << 19)) ^ ((a >> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c));
                h = g;
                g = f;
                f = e;
                e = d + t1;
                d = c;
                c = b;
                b = a;
                a = t1 + t2;
            }

            _state[0] += a;
            _state[1] += b;
            _state[2] += c;
            _state[3] += d;
            _state[4] += e;
            _state[5] += f;
            _state[6] += g;
            _state[7] += h;
        }
    }
}

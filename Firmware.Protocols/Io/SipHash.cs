// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): a keyed hash that cannot be foreseen without the key. For values
// that a peer must return to prove that it received them; not for passwords or signatures.

namespace Firmware.Protocols.Io
{
    /// <summary>A keyed 64-bit hash. Long-lived; allocates nothing after construction.</summary>
    public sealed class SipHash
    {
        /// <summary>The key in bytes.</summary>
        public const int KeyLength = 16;

        private readonly ulong _k0;
        private readonly ulong _k1;
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        /// <summary>Takes a key.</summary>
        /// <param name="key">The secret, <see cref="KeyLength"/> bytes; copied.</param>
        public SipHash(byte[] key)
        {
            _k0 = Word(key, 0, 8);
            _k1 = Word(key, 8, 8);
        }

        /// <summary>Hashes a range.</summary>
        /// <param name="buffer">The buffer.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        /// <returns>The hash; byte 0 of the paper's output is its lowest.</returns>
        public ulong Compute(byte[] buffer, int offset, int length)
        {
            _v0 = _k0 ^ 0x736F6D6570736575UL;
            _v1 = _k1 ^ 0x646F72616E646F6DUL;
            _v2 = _k0 ^ 0x6C7967656E657261UL;
            _v3 = _k1 ^ 0x7465646279746573UL;
            int whole = length & ~7;
            for (int i = 0; i < whole; i += 8)
            {
                Absorb(Word(buffer, offset + i, 8));
            }

            // the last word: what is left, and the length in its highest byte
            Absorb(Word(buffer, offset + whole, length - whole) | ((ulong)(length & 0xFF) << 56));
            _v2 ^= 0xFF;
            for (int i = 0; i < 4; i++)
            {
                Round();
            }

            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private static ulong Word(byte[] buffer, int offset, int count)
        {
            ulong word = 0;
            for (int i = count - 1; i >= 0; i--)
            {
                word = (word << 8) | buffer[offset + i];
            }

            return word;
        }

        private void Absorb(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        private void Round()
        {
            ulong v0 = _v0 + _v1;
            ulong v1 = ((_v1 << 13) | (_v1 >> 51)) ^ v0;
            v0 = (v0 << 32) | (v0 >> 32);
            ulong v2 = _v2 + _v3;
            ulong v3 = ((_v3 << 16) | (_v3 >> 48)) ^ v2;
            v0 += v3;
            v3 = ((v3 << 21) | (v3 >> 43)) ^ v0;
            v2 += v1;
            v1 = ((v1 << 17) | (v1 >> 47)) ^ v2;
            _v0 = v0;
            _v1 = v1;
            _v2 = (v2 << 32) | (v2 >> 32);
            _v3 = v3;
        }
    }
}

// FNV-1a in 32 bits (Fowler, Noll, Vo; the constants are theirs): tells contents apart, protects nothing against those who choose them.

namespace Firmware.Protocols.Io
{
    /// <summary>A small hash over bytes, added to piece by piece.</summary>
    public static class Fnv
    {
        /// <summary>The hash of nothing.</summary>
        public const int Start = unchecked((int)2166136261);

        private const int Prime = 16777619;

        /// <summary>Adds a range of bytes.</summary>
        /// <param name="hash">The hash so far.</param>
        /// <param name="buffer">The buffer.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        /// <returns>The new hash.</returns>
        public static int Add(int hash, byte[] buffer, int offset, int length)
        {
            int end = offset + length;
            for (int i = offset; i < end; i++)
            {
                hash = unchecked((hash ^ buffer[i]) * Prime);
            }

            return hash;
        }

        /// <summary>Adds a number of 16 bits or less as two bytes.</summary>
        /// <param name="hash">The hash so far.</param>
        /// <param name="value">The number; its low 16 bits count.</param>
        /// <returns>The new hash.</returns>
        public static int Add(int hash, int value)
        {
            hash = unchecked((hash ^ (value & 0xFF)) * Prime);
            return unchecked((hash ^ ((value >> 8) & 0xFF)) * Prime);
        }
    }
}

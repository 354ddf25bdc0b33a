// Ranges of bytes compared and searched where strings would allocate.

using System.Text;

namespace Firmware.Protocols.Io
{
    /// <summary>Compares and searches ranges of bytes. Nothing here allocates, but <see cref="FromString"/>.</summary>
    public static class Bytes
    {
        /// <summary>A range of no bytes, for optional arguments.</summary>
        public static readonly byte[] Empty = new byte[0];

        /// <summary>Encodes text as UTF-8. Allocates: for constants and configuration at start-up only.</summary>
        /// <param name="text">The text.</param>
        /// <returns>A new array.</returns>
        public static byte[] FromString(string text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        /// <summary>Tells whether a range holds exactly the bytes of <paramref name="expected"/>.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">The first byte of the range.</param>
        /// <param name="length">The length of the range in bytes.</param>
        /// <param name="expected">All bytes to compare with.</param>
        /// <returns>True if lengths and bytes agree.</returns>
        public static bool AreEqual(byte[] buffer, int offset, int length, byte[] expected)
        {
            return length == expected.Length && StartsWith(buffer, offset, length, expected);
        }

        /// <summary>Tells whether a range begins with the bytes of <paramref name="prefix"/>.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">The first byte of the range.</param>
        /// <param name="length">The length of the range in bytes.</param>
        /// <param name="prefix">All bytes to compare with.</param>
        /// <returns>True if the range is at least as long as the prefix and begins with it.</returns>
        public static bool StartsWith(byte[] buffer, int offset, int length, byte[] prefix)
        {
            int count = prefix.Length;
            if (length < count)
            {
                return false;
            }

            for (int i = 0; i < count; i++)
            {
                if (buffer[offset + i] != prefix[i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Tells whether two ranges of one length hold the same bytes.</summary>
        /// <param name="buffer">The buffer of the one.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="other">The buffer of the other.</param>
        /// <param name="otherOffset">Its first byte.</param>
        /// <param name="length">The length of both in bytes.</param>
        /// <returns>True if all bytes agree.</returns>
        public static bool AreEqual(byte[] buffer, int offset, byte[] other, int otherOffset, int length)
        {
            for (int i = 0; i < length; i++)
            {
                if (buffer[offset + i] != other[otherOffset + i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Finds the first occurrence of a byte in a range.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">The first byte of the range.</param>
        /// <param name="length">The length of the range in bytes.</param>
        /// <param name="value">The byte to find.</param>
        /// <returns>Its index in <paramref name="buffer"/>, or -1.</returns>
        public static int IndexOf(byte[] buffer, int offset, int length, byte value)
        {
            int end = offset + length;
            for (int i = offset; i < end; i++)
            {
                if (buffer[i] == value)
                {
                    return i;
                }
            }

            return -1;
        }
    }
}

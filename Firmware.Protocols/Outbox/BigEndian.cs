// Numbers of two and four bytes, most significant byte first, at any offset.

namespace Firmware.Protocols.Outbox
{
    /// <summary>Reads and writes numbers in network order. Offsets are the caller's to check.</summary>
    public static class BigEndian
    {
        /// <summary>Reads two bytes.</summary>
        /// <param name="buffer">Where they stand.</param>
        /// <param name="offset">The first one.</param>
        /// <returns>0 to 65,535.</returns>
        public static int GetUInt16(byte[] buffer, int offset)
        {
            return (buffer[offset] << 8) | buffer[offset + 1];
        }

        /// <summary>Writes two bytes.</summary>
        /// <param name="buffer">Where to.</param>
        /// <param name="offset">The first one.</param>
        /// <param name="value">Its low 16 bits are written.</param>
        public static void PutUInt16(byte[] buffer, int offset, int value)
        {
            buffer[offset] = (byte)(value >> 8);
            buffer[offset + 1] = (byte)value;
        }

        /// <summary>Reads four bytes.</summary>
        /// <param name="buffer">Where they stand.</param>
        /// <param name="offset">The first one.</param>
        /// <returns>The number.</returns>
        public static int GetInt32(byte[] buffer, int offset)
        {
            return (buffer[offset] << 24) | (buffer[offset + 1] << 16) | (buffer[offset + 2] << 8) | buffer[offset + 3];
        }

        /// <summary>Writes four bytes.</summary>
        /// <param name="buffer">Where to.</param>
        /// <param name="offset">The first one.</param>
        /// <param name="value">The number.</param>
        public static void PutInt32(byte[] buffer, int offset, int value)
        {
            buffer[offset] = (byte)(value >> 24);
            buffer[offset + 1] = (byte)(value >> 16);
            buffer[offset + 2] = (byte)(value >> 8);
            buffer[offset + 3] = (byte)value;
        }
    }
}

// CRC-32 as in IEEE 802.3, 3.2.9: polynomial 0x04C11DB7, bits reflected, start and final XOR 0xFFFFFFFF. "123456789" gives 0xCBF43926.
// By nibbles: a table of 64 bytes instead of 1 KB, for twice the steps. Some KB before a deep sleep take milliseconds.

namespace Firmware.Protocols.Outbox
{
    /// <summary>The checksum of what is stored.</summary>
    public static class Crc32
    {
        // what four zero bits do to a register whose low nibble is the index: four steps with the reflected polynomial 0xEDB88320
        private static readonly uint[] Table =
        {
            0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
            0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
        };

        /// <summary>Computes the checksum of a range. Allocates nothing.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes; 0 gives 0.</param>
        /// <returns>The CRC-32.</returns>
        public static uint Compute(byte[] buffer, int offset, int length)
        {
            uint[] table = Table;
            uint crc = 0xFFFFFFFF;
            int end = offset + length;
            for (int i = offset; i < end; i++)
            {
                crc ^= buffer[i];
                crc = (crc >> 4) ^ table[(int)(crc & 0x0F)];
                crc = (crc >> 4) ^ table[(int)(crc & 0x0F)];
            }

            return crc ^ 0xFFFFFFFF;
        }
    }
}

// What TwoSlotStore needs of a flash drive: two whole-file operations.

namespace Firmware.Protocols.Outbox
{
    /// <summary>
    /// Two places for bytes, slots 0 and 1: files on a device. An implementation catches what its drive throws. Power may fail at any byte of a write and may
    /// leave a part of the new bytes, new bytes before old ones, an empty slot or none.
    /// </summary>
    public interface ISlotStorage
    {
        /// <summary>Reads a slot from its first byte on.</summary>
        /// <param name="slot">0 or 1.</param>
        /// <param name="buffer">Where to put the bytes.</param>
        /// <param name="offset">The first byte in it.</param>
        /// <param name="max">How many bytes are wanted at the most.</param>
        /// <returns>How many bytes were read; 0 or less if the slot is empty, absent or unreadable.</returns>
        int Read(int slot, byte[] buffer, int offset, int max);

        /// <summary>Replaces the content of a slot.</summary>
        /// <param name="slot">0 or 1.</param>
        /// <param name="buffer">The bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        /// <returns>False if the drive reported an error; the slot may then hold anything.</returns>
        bool Write(int slot, byte[] buffer, int offset, int length);
    }
}

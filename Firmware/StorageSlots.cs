// Two files as the two slots that a state is saved in, so that a power cut at any byte leaves a whole one.

using System.IO;
using Firmware.Protocols.Outbox;

namespace Firmware
{
    /// <summary>The slots of one state: files NAME.0 and NAME.1.</summary>
    public sealed class StorageSlots : ISlotStorage
    {
        private readonly Storage _storage;
        private readonly string[] _names;

        /// <summary>Creates the slots; touches no file.</summary>
        /// <param name="storage">Where the files are.</param>
        /// <param name="name">Their name without number.</param>
        public StorageSlots(Storage storage, string name)
        {
            _storage = storage;
            _names = new string[] { name + ".0", name + ".1" };
        }

        /// <inheritdoc />
        public int Read(int slot, byte[] buffer, int offset, int max)
        {
            try
            {
                return _storage.Exists(_names[slot]) ? _storage.Read(_names[slot], buffer, offset, max) : 0;
            }
            catch (IOException)
            {
                return 0;
            }
        }

        /// <inheritdoc />
        public bool Write(int slot, byte[] buffer, int offset, int length)
        {
            try
            {
                _storage.Write(_names[slot], buffer, offset, length);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}

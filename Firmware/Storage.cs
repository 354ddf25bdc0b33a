// The files of the device: configuration, certificates, state. On a device they are on I:\ (littlefs, about 256 KB, shared with the
// Wi-Fi settings); the Simulator gives a folder instead, or derives a storage in memory.

using System.IO;

namespace Firmware
{
    /// <summary>Files below one root. All calls may throw IOException: storage is used at start-up and before sleep, never on the message path.</summary>
    public class Storage
    {
        /// <summary>The internal flash drive of an ESP32 under nanoFramework.</summary>
        public const string InternalDrive = "I:\\";

        private readonly string _root;

        /// <summary>Creates the storage.</summary>
        /// <param name="root">What file names are appended to, separator included.</param>
        public Storage(string root)
        {
            _root = root;
        }

        /// <summary>The full name of a file, as messages to the user show it.</summary>
        /// <param name="name">The name without the root.</param>
        /// <returns>Root and name.</returns>
        public string FullName(string name)
        {
            return _root + name;
        }

        /// <summary>Tells whether a file exists.</summary>
        /// <param name="name">The name without the root.</param>
        /// <returns>True if it does.</returns>
        public virtual bool Exists(string name)
        {
            return File.Exists(_root + name);
        }

        /// <summary>Reads a whole file.</summary>
        /// <param name="name">The name without the root.</param>
        /// <returns>A new array with all of it.</returns>
        public virtual byte[] Read(string name)
        {
            return File.ReadAllBytes(_root + name);
        }

        /// <summary>Reads a file from its first byte on.</summary>
        /// <param name="name">The name without the root.</param>
        /// <param name="buffer">Where to put the bytes.</param>
        /// <param name="offset">The first byte in it.</param>
        /// <param name="max">How many bytes are wanted at the most.</param>
        /// <returns>How many bytes were read.</returns>
        public virtual int Read(string name, byte[] buffer, int offset, int max)
        {
            using (FileStream file = new FileStream(_root + name, FileMode.Open, FileAccess.Read))
            {
                int total = 0;
                while (total < max)
                {
                    int got = file.Read(buffer, offset + total, max - total);
                    if (got <= 0)
                    {
                        break;
                    }

                    total += got;
                }

                return total;
            }
        }

        /// <summary>Replaces a file. A power cut meanwhile can leave anything of it: state goes through <see cref="StorageSlots"/>.</summary>
        /// <param name="name">The name without the root.</param>
        /// <param name="buffer">The bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        public virtual void Write(string name, byte[] buffer, int offset, int length)
        {
            using (FileStream file = new FileStream(_root + name, FileMode.Create, FileAccess.Write))
            {
                file.Write(buffer, offset, length);
                file.Flush();
            }
        }

        /// <summary>Removes a file that exists.</summary>
        /// <param name="name">The name without the root.</param>
        public virtual void Delete(string name)
        {
            File.Delete(_root + name);
        }
    }
}

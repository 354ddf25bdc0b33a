// Remembers the identifiers of the last commands, since a broker may deliver a QoS 1 message twice: a toggle must not run twice.

using System;

namespace Firmware.Features
{
    /// <summary>A ring of the last identifiers in fixed memory. It does not outlive a restart.</summary>
    public sealed class CommandIds
    {
        private readonly byte[][] _ids;
        private readonly int[] _lengths;
        private int _next;

        /// <summary>Creates an empty ring.</summary>
        /// <param name="count">How many identifiers are remembered.</param>
        /// <param name="size">The longest identifier in bytes.</param>
        public CommandIds(int count, int size)
        {
            _ids = new byte[count][];
            _lengths = new int[count];
            for (int i = 0; i < count; i++)
            {
                _ids[i] = new byte[size];
            }
        }

        /// <summary>Tells whether an identifier was added not long ago.</summary>
        /// <param name="id">Where its bytes start: at index 0.</param>
        /// <param name="length">Its length in bytes, 1 or more.</param>
        /// <returns>True if it is in the ring.</returns>
        public bool Contains(byte[] id, int length)
        {
            for (int i = 0; i < _ids.Length; i++)
            {
                if (_lengths[i] == length && Matches(_ids[i], id, length))
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Adds an identifier; the oldest one is forgotten.</summary>
        /// <param name="id">Where its bytes start: at index 0.</param>
        /// <param name="length">Its length in bytes, at most the size given to the constructor.</param>
        public void Add(byte[] id, int length)
        {
            Array.Copy(id, 0, _ids[_next], 0, length);
            _lengths[_next] = length;
            _next = _next + 1 < _ids.Length ? _next + 1 : 0;
        }

        private static bool Matches(byte[] a, byte[] b, int length)
        {
            for (int i = 0; i < length; i++)
            {
                if (a[i] != b[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}

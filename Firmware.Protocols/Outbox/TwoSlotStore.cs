// One record of bytes that survives a power cut at any byte of a write. Two slots take turns: a new state is written over the older one,
// and counts only when it is whole. Numbers are in network order.
//     'T' 'S' | version 1 | 0 | sequence number (4) | content length (4) | content | CRC-32 of all before (4)
// What a cut leaves, a part of the new bytes, with the end of the old ones behind it or not, is found out by the length and the CRC: damage
// of up to 32 bits in a row always, other damage but once in four thousand million times. The caller owns the work buffer, in which the
// record stays, so that an unchanged state is found without reading flash. What is in a record is the caller's; so is its version.

using System;

namespace Firmware.Protocols.Outbox
{
    /// <summary>Keeps one state in two slots. Start-up and before sleep: not for the message path, because flash is slow. Allocates nothing.</summary>
    public sealed class TwoSlotStore
    {
        /// <summary>Bytes that a slot and the work buffer need beside the content.</summary>
        public const int Overhead = HeaderLength + CrcLength;

        private const byte MagicFirst = (byte)'T';
        private const byte MagicSecond = (byte)'S';
        private const byte RecordVersion = 1;
        private const int SequenceAt = 4;
        private const int LengthAt = 8;
        private const int HeaderLength = 12;
        private const int CrcLength = 4;
        private const int NoSlot = -1;

        private readonly ISlotStorage _storage;
        private readonly byte[] _record;
        private bool _recordIsCurrent; // the work buffer holds what the current slot holds
        private int _slot = NoSlot;
        private int _sequence;
        private int _length;
        private int _writes;
        private int _unchanged;
        private int _failures;

        /// <summary>Creates a store; reads nothing yet.</summary>
        /// <param name="storage">The slots.</param>
        /// <param name="workBuffer">Holds the record; nobody else may write to it. Its length less <see cref="Overhead"/> is the most content.</param>
        /// <exception cref="ArgumentOutOfRangeException">The buffer holds not even an empty record.</exception>
        public TwoSlotStore(ISlotStorage storage, byte[] workBuffer)
        {
            if (workBuffer.Length < Overhead)
            {
                throw new ArgumentOutOfRangeException();
            }

            _storage = storage;
            _record = workBuffer;
        }

        /// <summary>The most content in bytes.</summary>
        public int Capacity
        {
            get { return _record.Length - Overhead; }
        }

        /// <summary>The work buffer, in which the content stands after <see cref="Load"/> gave true, until the next <see cref="Save"/>: read only.</summary>
        public byte[] Buffer
        {
            get { return _record; }
        }

        /// <summary>Where the content starts in <see cref="Buffer"/>.</summary>
        public int ContentOffset
        {
            get { return HeaderLength; }
        }

        /// <summary>The length of the content in bytes.</summary>
        public int ContentLength
        {
            get { return _length; }
        }

        /// <summary>Writes to flash since construction, those that failed included: what wears it.</summary>
        public int Writes
        {
            get { return _writes; }
        }

        /// <summary>The number of the stored record: how often this store was ever written, failures apart. Wraps.</summary>
        public int Sequence
        {
            get { return _sequence; }
        }

        /// <summary>Saves that wrote nothing because the content was the stored one, since construction.</summary>
        public int Unchanged
        {
            get { return _unchanged; }
        }

        /// <summary>Saves that failed since construction: too much content, an error of the drive, or other bytes than written read back.</summary>
        public int Failures
        {
            get { return _failures; }
        }

        /// <summary>Reads the newest whole record into <see cref="Buffer"/>.</summary>
        /// <returns>False if no slot holds one: the first boot, or a firmware that stored more than <see cref="Capacity"/>.</returns>
        public bool Load()
        {
            _slot = NoSlot;
            _sequence = 0;
            _length = 0;
            bool first = ReadSlot(0);
            int firstSequence = BigEndian.GetInt32(_record, SequenceAt);

            // sequence numbers wrap: the newer one is ahead by less than half of their range
            if (ReadSlot(1) && (!first || BigEndian.GetInt32(_record, SequenceAt) - firstSequence > 0))
            {
                Adopt(1);
            }
            else if (first && ReadSlot(0))
            {
                Adopt(0);
            }
            else if (first && ReadSlot(1))
            {
                // what could be read a moment ago cannot now: an older state is better than none
                Adopt(1);
            }

            _recordIsCurrent = _slot != NoSlot;
            return _recordIsCurrent;
        }

        /// <summary>
        /// Stores a state, unless it is the stored one. Whatever happens meanwhile, a later <see cref="Load"/> gives this state or the one before. The new record is
        /// read back, so that a drive that failed silently does not cost the good slot next time.
        /// </summary>
        /// <param name="content">The buffer of the state; not the work buffer.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes, 0 to <see cref="Capacity"/>.</param>
        /// <returns>True if the state is in a slot. False: the one before still counts, and it is worth to try again but if it is too large.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The range is not in the buffer: the program is wrong.</exception>
        public bool Save(byte[] content, int offset, int length)
        {
            if (offset < 0 || length < 0 || offset > content.Length - length)
            {
                throw new ArgumentOutOfRangeException();
            }

            if (_slot == NoSlot)
            {
                // to know which slot must not be touched, even if the drive could not be read before
                Load();
            }

            if (_recordIsCurrent && length == _length && HoldsContent(content, offset, length))
            {
                _unchanged++;
                return true;
            }

            if (length > Capacity || !Write(_slot == 0 ? 1 : 0, content, offset, length))
            {
                _failures++;
                return false;
            }

            return true;
        }

        private bool Write(int slot, byte[] content, int offset, int length)
        {
            int sequence = _sequence + 1;
            int total = HeaderLength + length;
            _recordIsCurrent = false;
            _record[0] = MagicFirst;
            _record[1] = MagicSecond;
            _record[2] = RecordVersion;
            _record[3] = 0;
            BigEndian.PutInt32(_record, SequenceAt, sequence);
            BigEndian.PutInt32(_record, LengthAt, length);
            Array.Copy(content, offset, _record, HeaderLength, length);
            BigEndian.PutInt32(_record, total, (int)Crc32.Compute(_record, 0, total));
            _writes++;
            if (!_storage.Write(slot, _record, 0, total + CrcLength))
            {
                return false;
            }

            // the content, too: the slot may hold a record of the same number, from a save before that failed to read it back
            if (!ReadSlot(slot) || BigEndian.GetInt32(_record, SequenceAt) != sequence
                || BigEndian.GetInt32(_record, LengthAt) != length || !HoldsContent(content, offset, length))
            {
                return false;
            }

            Adopt(slot);
            _recordIsCurrent = true;
            return true;
        }

        // Reads a slot into the work buffer and tells whether it holds a whole record.
        private bool ReadSlot(int slot)
        {
            int read = _storage.Read(slot, _record, 0, _record.Length);
            if (read < Overhead || read > _record.Length
                || _record[0] != MagicFirst || _record[1] != MagicSecond || _record[2] != RecordVersion || _record[3] != 0)
            {
                return false;
            }

            int length = BigEndian.GetInt32(_record, LengthAt);
            if (length < 0 || length > read - Overhead)
            {
                return false;
            }

            int total = HeaderLength + length;
            return BigEndian.GetInt32(_record, total) == (int)Crc32.Compute(_record, 0, total);
        }

        private void Adopt(int slot)
        {
            _slot = slot;
            _sequence = BigEndian.GetInt32(_record, SequenceAt);
            _length = BigEndian.GetInt32(_record, LengthAt);
        }

        private bool HoldsContent(byte[] content, int offset, int length)
        {
            byte[] record = _record;
            for (int i = 0; i < length; i++)
            {
                if (record[HeaderLength + i] != content[offset + i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}

// Two slots in memory whose power can be cut at any byte of a write, with every kind of remains that a drive may leave.

using System;
using Firmware.Protocols.Outbox;

namespace Firmware.Tests.OutboxTests
{
    /// <summary>A drive for the tests of TwoSlotStore.</summary>
    public sealed class PowerCutSlots : ISlotStorage
    {
        /// <summary>How many kinds of remains there are.</summary>
        public const int Kinds = 4;

        private const int Size = 512;
        private const byte Erased = 0xFF;

        private readonly byte[][] _slots = { new byte[Size], new byte[Size] };
        private readonly int[] _lengths = new int[2];

        /// <summary>After how many bytes of the next write the power is cut; -1 for never.</summary>
        public int CutAfter = -1;

        /// <summary>What a cut leaves. 0: the new bytes only. 1: the end of the old ones behind them. 2: nothing. 3: flash that is erased, up to the new length.</summary>
        public int Kind;

        /// <summary>True once the power was cut: nothing is read or written until it is set to false.</summary>
        public bool IsOff;

        /// <summary>Whether reads fail.</summary>
        public bool CannotRead;

        /// <summary>Whether a write turns one bit and says nothing.</summary>
        public bool WritesBadly;

        /// <summary>Whether a write stores all but the last bytes and says nothing.</summary>
        public bool WritesShort;

        /// <summary>Whether a write stores nothing and says nothing.</summary>
        public bool IgnoresWrites;

        /// <summary>Whether a write stores nothing and says so.</summary>
        public bool RefusesWrites;

        /// <summary>The slot of the last write.</summary>
        public int LastSlot = -1;

        /// <summary>How many bytes a slot holds.</summary>
        public int LengthOf(int slot)
        {
            return _lengths[slot];
        }

        /// <summary>The bytes of a slot.</summary>
        public byte[] BytesOf(int slot)
        {
            return _slots[slot];
        }

        /// <summary>Fills a slot.</summary>
        public void Set(int slot, byte[] bytes, int length)
        {
            Array.Copy(bytes, 0, _slots[slot], 0, length);
            _lengths[slot] = length;
        }

        /// <summary>Makes this drive hold what another holds.</summary>
        public void CopyFrom(PowerCutSlots other)
        {
            for (int i = 0; i < 2; i++)
            {
                Array.Copy(other._slots[i], 0, _slots[i], 0, Size);
                _lengths[i] = other._lengths[i];
            }

            CutAfter = -1;
            IsOff = false;
        }

        /// <inheritdoc/>
        public int Read(int slot, byte[] buffer, int offset, int max)
        {
            if (IsOff || CannotRead)
            {
                return -1;
            }

            int length = _lengths[slot] < max ? _lengths[slot] : max;
            Array.Copy(_slots[slot], 0, buffer, offset, length);
            return length;
        }

        /// <inheritdoc/>
        public bool Write(int slot, byte[] buffer, int offset, int length)
        {
            if (IsOff || RefusesWrites)
            {
                return false;
            }

            if (IgnoresWrites)
            {
                return true;
            }

            LastSlot = slot;
            IsOff = CutAfter >= 0;
            int put = IsOff && CutAfter < length ? CutAfter : length;
            byte[] bytes = _slots[slot];
            Array.Copy(buffer, offset, bytes, 0, put);
            if (put == length || Kind == 0)
            {
                _lengths[slot] = put;
            }
            else if (Kind == 1)
            {
                _lengths[slot] = put > _lengths[slot] ? put : _lengths[slot];
            }
            else if (Kind == 2)
            {
                _lengths[slot] = 0;
            }
            else
            {
                for (int i = put; i < length; i++)
                {
                    bytes[i] = Erased;
                }

                _lengths[slot] = length;
            }

            if (WritesBadly)
            {
                bytes[length / 2] ^= 0x10;
            }

            if (WritesShort)
            {
                _lengths[slot] = length - 5;
            }

            return !IsOff;
        }
    }
}

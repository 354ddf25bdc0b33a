// Confirmable messages under way (RFC 7252 section 4.2): kept as they were sent, and sent again with doubling waits until the peer acknowledges
// or resets them or MAX_RETRANSMIT is reached. Fixed slots. Notifications are not kept here: they are written anew with the newest value.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A Confirmable message under way.</summary>
    internal sealed class CoapTransmission
    {
        internal readonly DatagramAddress Peer = new DatagramAddress();
        internal readonly byte[] Message;
        internal int Length;
        internal int MessageId;
        internal int Repeats;
        internal int TimeoutMs;
        internal long NextMs;

        // who is told how it ended: a slot of the client, or -1 for nobody
        internal int Owner;

        internal bool IsUsed;

        internal CoapTransmission(int maxMessage)
        {
            Message = new byte[maxMessage];
        }
    }

    /// <summary>The table of Confirmable messages under way.</summary>
    internal sealed class CoapTransmissions
    {
        private readonly CoapTransmission[] _slots;

        internal CoapTransmissions(int slots, int maxMessage)
        {
            _slots = new CoapTransmission[slots];
            for (int i = 0; i < slots; i++)
            {
                _slots[i] = new CoapTransmission(maxMessage);
            }
        }

        internal int Capacity
        {
            get { return _slots.Length; }
        }

        internal long NextDeadlineMs
        {
            get
            {
                long next = long.MaxValue;
                for (int i = 0; i < _slots.Length; i++)
                {
                    if (_slots[i].IsUsed && _slots[i].NextMs < next)
                    {
                        next = _slots[i].NextMs;
                    }
                }

                return next;
            }
        }

        internal bool HasRoom
        {
            get
            {
                for (int i = 0; i < _slots.Length; i++)
                {
                    if (!_slots[i].IsUsed)
                    {
                        return true;
                    }
                }

                return false;
            }
        }

        // null if all are in use
        internal CoapTransmission Take(DatagramAddress peer, byte[] buffer, int offset, int length, int messageId, int owner)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapTransmission slot = _slots[i];
                if (!slot.IsUsed)
                {
                    slot.IsUsed = true;
                    slot.Peer.Set(peer);
                    slot.MessageId = messageId;
                    slot.Owner = owner;
                    slot.Repeats = 0;
                    slot.Length = length;
                    Array.Copy(buffer, offset, slot.Message, 0, length);
                    return slot;
                }
            }

            return null;
        }

        internal CoapTransmission Find(DatagramAddress peer, int messageId)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].IsUsed && _slots[i].MessageId == messageId && _slots[i].Peer.Matches(peer))
                {
                    return _slots[i];
                }
            }

            return null;
        }

        // one whose time has come, or null
        internal CoapTransmission FindDue(long nowMs)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].IsUsed && _slots[i].NextMs <= nowMs)
                {
                    return _slots[i];
                }
            }

            return null;
        }

        // NSTART counts per endpoint
        internal int CountFor(DatagramAddress peer)
        {
            int count = 0;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].IsUsed && _slots[i].Peer.Matches(peer))
                {
                    count++;
                }
            }

            return count;
        }

        // the client gives a request up
        internal void Abandon(int owner)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].IsUsed && _slots[i].Owner == owner)
                {
                    _slots[i].IsUsed = false;
                }
            }
        }

        internal void Clear()
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                _slots[i].IsUsed = false;
            }
        }
    }
}

// The TX arena: outgoing PUBLISH packets, serialised once, in the order in which they were published. A packet stays where it is
// until it is sent (QoS 0), acknowledged (QoS 1) or completed (QoS 2), so that a resend needs no second copy; when PUBREC has come, its
// first bytes become the PUBREL that may have to be sent again (MQTT 3.1.1, 4.3 and 4.4). The arena is a ring of contiguous packets;
// memory is given back in order, so an unacknowledged packet at the head holds back the room behind it: bounded, exact, no fragments.
// The caller owns the arena.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>A first-in first-out queue of serialised PUBLISH packets over one byte array.</summary>
    public sealed class MqttTransmitQueue
    {
        private const byte Queued = 0;
        private const byte Sent = 1;
        private const byte Released = 2;
        private const byte Forgotten = 3;
        private const byte Done = 4;

        private const int PubrelSize = 4;

        private readonly byte[] _arena;
        private readonly int[] _offsets;
        private readonly int[] _lengths;
        private readonly int[] _packetIds;
        private readonly bool[] _isReleased;
        private readonly byte[] _states;
        private readonly long[] _sentMs;
        private int _head;
        private int _count;
        private int _sendIndex;
        private int _sendProgress;

        /// <summary>Creates a queue.</summary>
        /// <param name="arena">Holds the packets; its length bounds their sum.</param>
        /// <param name="capacity">How many packets are held at the most, 1 or more.</param>
        public MqttTransmitQueue(byte[] arena, int capacity)
        {
            _arena = arena;
            _offsets = new int[capacity];
            _lengths = new int[capacity];
            _packetIds = new int[capacity];
            _isReleased = new bool[capacity];
            _states = new byte[capacity];
            _sentMs = new long[capacity];
        }

        /// <summary>The arena that <see cref="Reserve"/> gives offsets into.</summary>
        public byte[] Arena
        {
            get { return _arena; }
        }

        /// <summary>How many packets are held, sent or not.</summary>
        public int Count
        {
            get { return _count; }
        }

        /// <summary>True while a packet is not sent whole.</summary>
        public bool HasUnsent
        {
            get { return _sendIndex < _count; }
        }

        /// <summary>True in the middle of sending a packet: nothing else may be sent before its end.</summary>
        public bool IsInsidePacket
        {
            get { return _sendProgress > 0; }
        }

        /// <summary>Finds contiguous room for a packet at the tail.</summary>
        /// <param name="size">Its size in bytes.</param>
        /// <returns>The offset in the arena, or -1 if there is none now.</returns>
        public int Reserve(int size)
        {
            if (_count == _offsets.Length || size > _arena.Length)
            {
                return -1;
            }

            if (_count == 0)
            {
                return 0;
            }

            int first = _offsets[_head];
            int last = IndexOf(_count - 1);
            int tail = _offsets[last] + _lengths[last];
            if (_offsets[last] >= first)
            {
                // used range is [first, tail): try behind it, then before it
                if (size <= _arena.Length - tail)
                {
                    return tail;
                }

                return size <= first ? 0 : -1;
            }

            return size <= first - tail ? tail : -1;
        }

        /// <summary>Appends the packet that was written at the offset that <see cref="Reserve"/> gave.</summary>
        /// <param name="offset">The offset.</param>
        /// <param name="size">Its size in bytes, at most what was reserved.</param>
        /// <param name="packetId">Its packet identifier; 0 for QoS 0.</param>
        public void Commit(int offset, int size, int packetId)
        {
            int slot = IndexOf(_count);
            _offsets[slot] = offset;
            _lengths[slot] = size;
            _packetIds[slot] = packetId;
            _isReleased[slot] = false;
            _states[slot] = Queued;
            _count++;
        }

        /// <summary>Sends on, at most one packet.</summary>
        /// <param name="transport">Where to.</param>
        /// <param name="nowMs">The time that acknowledgement is counted from.</param>
        /// <returns>As <see cref="ITransport.Write"/>.</returns>
        public int Send(ITransport transport, long nowMs)
        {
            int slot = IndexOf(_sendIndex);
            int size = _isReleased[slot] ? PubrelSize : _lengths[slot];
            int put = transport.Write(_arena, _offsets[slot] + _sendProgress, size - _sendProgress);
            if (put > 0)
            {
                _sendProgress += put;
                if (_sendProgress == size)
                {
                    _states[slot] = _packetIds[slot] == 0 ? Done : _isReleased[slot] ? Released : Sent;
                    _sentMs[slot] = nowMs;
                    _sendProgress = 0;
                    _sendIndex++;
                    SkipDone();
                    Trim();
                }
            }

            return put;
        }

        /// <summary>Takes PUBACK (QoS 1).</summary>
        /// <param name="packetId">The packet identifier.</param>
        /// <returns>True if such a packet was sent with QoS 1 and waited for it.</returns>
        public bool Acknowledge(int packetId)
        {
            return End(packetId, Sent, 1);
        }

        /// <summary>Takes PUBREC (QoS 2): the broker has the message; from now on only PUBREL may be sent for it [MQTT-4.3.3-1].</summary>
        /// <param name="packetId">The packet identifier.</param>
        /// <param name="nowMs">The time that PUBCOMP is counted from.</param>
        public void Release(int packetId, long nowMs)
        {
            int slot = Find(packetId, Sent);
            if (slot < 0)
            {
                // told again on a new connection before we have sent again: what waits to be sent becomes PUBREL
                slot = Find(packetId, Queued);
                if (slot >= 0 && ((_arena[_offsets[slot]] & MqttPacketType.PublishDup) == 0 || (slot == IndexOf(_sendIndex) && _sendProgress > 0)))
                {
                    return;
                }
            }

            if (slot < 0 || _isReleased[slot] || QosOf(slot) != 2)
            {
                // unknown, or released already: the answer is PUBREL all the same
                return;
            }

            int offset = _offsets[slot];
            _arena[offset] = MqttPacketType.Pubrel;
            _arena[offset + 1] = 2;
            _arena[offset + 2] = (byte)(packetId >> 8);
            _arena[offset + 3] = (byte)packetId;
            _isReleased[slot] = true;
            _sentMs[slot] = nowMs;
            if (_states[slot] == Sent)
            {
                _states[slot] = Released;
            }
        }

        /// <summary>Takes PUBCOMP (QoS 2).</summary>
        /// <param name="packetId">The packet identifier.</param>
        /// <returns>True if such a packet was released and waited for it.</returns>
        public bool Complete(int packetId)
        {
            return End(packetId, Released, 2);
        }

        /// <summary>Tells whether a packet identifier is in flight.</summary>
        /// <param name="packetId">1 to 65,535.</param>
        /// <returns>True if a held packet has it.</returns>
        public bool Holds(int packetId)
        {
            for (int i = 0; i < _count; i++)
            {
                int slot = IndexOf(i);
                if (_packetIds[slot] == packetId && _states[slot] != Done)
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Finds the packet that has waited longest for its acknowledgement: PUBREC starts the time of QoS 2 anew, so it need not be the first.</summary>
        /// <param name="packetId">Its identifier, 0 if none waits.</param>
        /// <returns>When it was sent; <see cref="long.MaxValue"/> if none waits.</returns>
        public long OldestUnacknowledgedMs(out int packetId)
        {
            long oldest = long.MaxValue;
            packetId = 0;
            for (int i = 0; i < _sendIndex; i++)
            {
                int slot = IndexOf(i);
                if ((_states[slot] == Sent || _states[slot] == Released) && _sentMs[slot] < oldest)
                {
                    packetId = _packetIds[slot];
                    oldest = _sentMs[slot];
                }
            }

            return oldest;
        }

        /// <summary>
        /// Prepares for a new connection: QoS 0 packets are dropped (at most once); QoS 1 and 2 packets will be sent again in order, with DUP if they may
        /// have reached the broker before, or as PUBREL if PUBREC had come [MQTT-3.3.1-1], [MQTT-4.4.0-1].
        /// </summary>
        public void Rewind()
        {
            for (int i = 0; i < _count; i++)
            {
                int slot = IndexOf(i);
                if (_states[slot] == Done || _states[slot] == Forgotten)
                {
                    continue;
                }

                if (_packetIds[slot] == 0)
                {
                    _states[slot] = Done;
                    continue;
                }

                if (!_isReleased[slot] && (_states[slot] == Sent || (i == _sendIndex && _sendProgress > 0)))
                {
                    _arena[_offsets[slot]] |= MqttPacketType.PublishDup;
                }

                _states[slot] = Queued;
            }

            _sendIndex = 0;
            _sendProgress = 0;
            SkipDone();
            Trim();
        }

        /// <summary>
        /// The broker has forgotten the session: a message that it had taken with PUBREC cannot be sent again without the risk of a second delivery, so it counts
        /// as delivered; <see cref="TakeForgotten"/> tells which. QoS 2 wants a persistent session.
        /// </summary>
        public void ForgetReleased()
        {
            for (int i = 0; i < _count; i++)
            {
                int slot = IndexOf(i);
                if (_isReleased[slot] && _states[slot] == Queued)
                {
                    _states[slot] = Forgotten;
                }
            }

            SkipDone();
        }

        /// <summary>Takes one message that <see cref="ForgetReleased"/> ended.</summary>
        /// <returns>Its packet identifier, or 0 if there is none.</returns>
        public int TakeForgotten()
        {
            for (int i = 0; i < _count; i++)
            {
                int slot = IndexOf(i);
                if (_states[slot] == Forgotten)
                {
                    int packetId = _packetIds[slot];
                    _states[slot] = Done;
                    Trim();
                    return packetId;
                }
            }

            return 0;
        }

        private bool End(int packetId, byte state, int qos)
        {
            int slot = Find(packetId, state);
            if (slot < 0 || (qos == 1 && QosOf(slot) != 1))
            {
                return false;
            }

            _states[slot] = Done;
            Trim();
            return true;
        }

        private int Find(int packetId, byte state)
        {
            for (int i = 0; i < _count; i++)
            {
                int slot = IndexOf(i);
                if (_packetIds[slot] == packetId && _states[slot] == state)
                {
                    return slot;
                }
            }

            return -1;
        }

        private int QosOf(int slot)
        {
            return (_arena[_offsets[slot]] & MqttPacketType.PublishQosMask) >> MqttPacketType.PublishQosShift;
        }

        private int IndexOf(int position)
        {
            int slot = _head + position;
            return slot < _offsets.Length ? slot : slot - _offsets.Length;
        }

        private void SkipDone()
        {
            while (_sendIndex < _count && _states[IndexOf(_sendIndex)] >= Forgotten)
            {
                _sendIndex++;
            }
        }

        // gives back the room of finished packets at the head
        private void Trim()
        {
            while (_count > 0 && _states[_head] == Done)
            {
                _head = IndexOf(1);
                _count--;
                _sendIndex--;
            }
        }
    }
}

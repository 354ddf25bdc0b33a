// The outbox: messages that wait for a connection, or for the acknowledgement of their delivery. The caller owns the arena, which bounds
// them all; the topics are a fixed table. Outbox.Arena.cs describes the arena, Outbox.Image.cs what is saved.
//
// It leaves out: the packets themselves (MqttClient), packet ids (the client's), the time (it belongs in the payload).

using System;

namespace Firmware.Protocols.Outbox
{
    /// <summary>
    /// A bounded queue of messages with a policy per topic. After construction and <see cref="AddTopic"/> nothing is allocated. Messages leave in the order in
    /// which they were stored, but that a message of a <see cref="OutboxPolicy.NewestOnly"/> topic takes the turn of the one it replaces, so that a topic that
    /// changes often is not put off for ever. For use by one thread.
    /// </summary>
    public sealed partial class Outbox
    {
        /// <summary>Bytes that each message takes in the arena beside its payload.</summary>
        public const int OverheadPerMessage = 9;

        /// <summary>The most topics that a table can have.</summary>
        public const int MostTopics = 254;

        private const int LongestField = 65535;

        private readonly byte[] _arena;
        private readonly byte[][] _topics;
        private readonly byte[] _qos;
        private readonly bool[] _retain;
        private readonly OutboxPolicy[] _policies;
        private int _topicCount;
        private int _used;
        private int _count;
        private int _inFlight;
        private int _firstUnsent; // an offset: before it stands what is in flight, from it on what waits
        private int _lastToken;
        private int _dropped;
        private int _droppedByLastPut;
        private int _superseded;
        private int _refused;

        /// <summary>Creates an empty outbox.</summary>
        /// <param name="arena">Holds the messages, with <see cref="OverheadPerMessage"/> bytes for each; nobody else may write to it.</param>
        /// <param name="maxTopics">The size of the table of topics, 1 to <see cref="MostTopics"/>.</param>
        /// <exception cref="ArgumentOutOfRangeException">The arena holds not even an empty message, or there are too few or too many topics.</exception>
        public Outbox(byte[] arena, int maxTopics)
        {
            if (arena.Length < OverheadPerMessage || maxTopics < 1 || maxTopics > MostTopics)
            {
                throw new ArgumentOutOfRangeException();
            }

            _arena = arena;
            _topics = new byte[maxTopics][];
            _qos = new byte[maxTopics];
            _retain = new bool[maxTopics];
            _policies = new OutboxPolicy[maxTopics];
            _savedIndexes = new byte[maxTopics];
        }

        /// <summary>How many messages are held, waiting or in flight.</summary>
        public int Count
        {
            get { return _count; }
        }

        /// <summary>How many of them are in flight: sent with QoS 1 or 2 and not confirmed.</summary>
        public int InFlight
        {
            get { return _inFlight; }
        }

        /// <summary>Bytes of the arena in use.</summary>
        public int Used
        {
            get { return _used; }
        }

        /// <summary>Bytes of the arena that are free. A payload of this less <see cref="OverheadPerMessage"/> fits.</summary>
        public int Free
        {
            get { return _arena.Length - _used; }
        }

        /// <summary>Messages that were given up since construction: by <see cref="OutboxPolicy.DropOldest"/>, or at a restore into a smaller arena.</summary>
        public int Dropped
        {
            get { return _dropped; }
        }

        /// <summary>How many messages the last <see cref="Put"/> dropped.</summary>
        public int DroppedByLastPut
        {
            get { return _droppedByLastPut; }
        }

        /// <summary>Messages that a newer one of a <see cref="OutboxPolicy.NewestOnly"/> topic has replaced since construction.</summary>
        public int Superseded
        {
            get { return _superseded; }
        }

        /// <summary>Calls of <see cref="Put"/> that were answered with <see cref="OutboxResult.Full"/> or <see cref="OutboxResult.TooLarge"/>.</summary>
        public int Refused
        {
            get { return _refused; }
        }

        /// <summary>Adds a topic, at start-up. The order of the calls does not matter to what is saved: that names topics by their bytes.</summary>
        /// <param name="topic">The topic name; kept, so it must not change. Whether a broker takes it is the caller's concern.</param>
        /// <param name="qos">0, 1 or 2.</param>
        /// <param name="retain">Whether its messages are published with RETAIN.</param>
        /// <param name="policy">What happens when they are not sent as fast as they come.</param>
        /// <returns>The index for <see cref="Put"/>, or -1 if the table is full.</returns>
        /// <exception cref="ArgumentException">The name is empty, longer than 65,535 bytes or in the table already; or QoS or policy do not exist.</exception>
        public int AddTopic(byte[] topic, int qos, bool retain, OutboxPolicy policy)
        {
            if (topic.Length < 1 || topic.Length > LongestField || qos < 0 || qos > 2 || policy > OutboxPolicy.DropOldest || FindTopic(topic, 0, topic.Length) >= 0)
            {
                throw new ArgumentException();
            }

            if (_topicCount == _topics.Length)
            {
                return -1;
            }

            _topics[_topicCount] = topic;
            _qos[_topicCount] = (byte)qos;
            _retain[_topicCount] = retain;
            _policies[_topicCount] = policy;
            return _topicCount++;
        }

        /// <summary>Stores a copy of a message, or refuses it and changes nothing.</summary>
        /// <param name="topic">The index that <see cref="AddTopic"/> gave.</param>
        /// <param name="payload">The buffer of the payload; not the arena.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>What was done.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The range is not in the buffer: the program is wrong. Nothing was changed.</exception>
        public OutboxResult Put(int topic, byte[] payload, int offset, int length)
        {
            if (offset < 0 || length < 0 || offset > payload.Length - length)
            {
                throw new ArgumentOutOfRangeException();
            }

            _droppedByLastPut = 0;
            if (topic < 0 || topic >= _topicCount)
            {
                return OutboxResult.UnknownTopic;
            }

            if (length > LongestField || length > _arena.Length - OverheadPerMessage)
            {
                _refused++;
                return OutboxResult.TooLarge;
            }

            int size = OverheadPerMessage + length;
            int lacking = size - Free;
            OutboxPolicy policy = _policies[topic];
            if (policy == OutboxPolicy.NewestOnly)
            {
                int place = FindWaiting(topic);
                if (place < _used)
                {
                    return Replace(place, topic, payload, offset, length);
                }
            }

            OutboxResult result = OutboxResult.Stored;
            if (lacking > 0)
            {
                if (policy != OutboxPolicy.DropOldest || lacking > WaitingBytes(topic))
                {
                    _refused++;
                    return OutboxResult.Full;
                }

                _droppedByLastPut = Drop(topic, _firstUnsent, lacking);
                _dropped += _droppedByLastPut;
                result = OutboxResult.StoredDroppingOldest;
            }

            Fill(_used, topic, payload, offset, length);
            _used += size;
            _count++;
            return result;
        }

        /// <summary>Finds the next message to send and leaves it where it is.</summary>
        /// <param name="item">Takes the view of it; its Token is 0 if there is none.</param>
        /// <returns>True if a message waits.</returns>
        public bool TryPeekUnsent(OutboxItem item)
        {
            if (_firstUnsent == _used)
            {
                item.Token = 0;
                return false;
            }

            int at = _firstUnsent;
            int topic = _arena[at];
            item.Topic = _topics[topic];
            item.TopicIndex = topic;
            item.Qos = _qos[topic];
            item.Retain = _retain[topic];
            item.Buffer = _arena;
            item.PayloadOffset = at + OverheadPerMessage;
            item.PayloadLength = BigEndian.GetUInt16(_arena, at + LengthAt);
            item.Token = BigEndian.GetInt32(_arena, at + TokenAt);
            return true;
        }

        /// <summary>Notes that the client has taken the message that was peeked. A message of QoS 0 is thereby done and gone.</summary>
        /// <param name="token">Its token.</param>
        /// <param name="packetId">The packet identifier that the client gave it, 1 to 65,535, unlike all in flight. Of no meaning with QoS 0.</param>
        /// <returns>
        /// False, and nothing is changed, if this is not the next message to send (it was replaced, dropped or removed since), or if the identifier is not valid or
        /// is in flight: the client has then forgotten its packets and nobody called <see cref="Rewind"/>.
        /// </returns>
        public bool MarkSent(int token, int packetId)
        {
            int at = _firstUnsent;
            if (at == _used || BigEndian.GetInt32(_arena, at + TokenAt) != token)
            {
                return false;
            }

            if (_qos[_arena[at]] == 0)
            {
                Cut(at);
                return true;
            }

            if (packetId < 1 || packetId > LongestField || FindInFlight(packetId) >= 0)
            {
                return false;
            }

            BigEndian.PutUInt16(_arena, at + PacketIdAt, packetId);
            _firstUnsent = at + SizeAt(at);
            _inFlight++;
            return true;
        }

        /// <summary>Takes the confirmation of a delivery (PUBACK, or PUBCOMP), in any order, and gives the room of the message back.</summary>
        /// <param name="packetId">The packet identifier.</param>
        /// <returns>False if no message in flight has it.</returns>
        public bool Confirm(int packetId)
        {
            int at = FindInFlight(packetId);
            if (at < 0)
            {
                return false;
            }

            Cut(at);
            return true;
        }

        /// <summary>
        /// Makes all messages in flight wait again, in their order, before all others: for when the client has forgotten them. While the client keeps and resends
        /// its packets by itself, this must not be called: the messages would be sent twice.
        /// </summary>
        public void Rewind()
        {
            _firstUnsent = 0;
            _inFlight = 0;
        }

        /// <summary>Gives a message up, waiting or in flight, for example because the client says that the broker would not take it.</summary>
        /// <param name="token">Its token.</param>
        /// <returns>False if there is no such message.</returns>
        public bool Remove(int token)
        {
            for (int at = 0; at < _used; at += SizeAt(at))
            {
                if (BigEndian.GetInt32(_arena, at + TokenAt) == token)
                {
                    Cut(at);
                    return true;
                }
            }

            return false;
        }
    }
}

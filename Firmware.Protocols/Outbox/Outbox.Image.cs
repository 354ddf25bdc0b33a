// The outbox as bytes, for storage: all messages, in flight or waiting, oldest first. Numbers are in network order.
//     'O' 'B' | version 1 | number of topics (1 byte)
//     each topic that has messages: length (2) | name
//     each message: index of its topic in this image (1) | payload length (2) | payload
//     CRC-32 of all before (4)
// Topics are named by their bytes, so that a firmware with other topics drops what it does not know instead of misdirecting it. QoS, RETAIN
// and policy are not saved: those of the present configuration count. Nor is it saved what was in flight, because a rebooted client has
// forgotten its packet ids: after a power cut a message that was already delivered is sent once more, with QoS 2, too.

using System;

namespace Firmware.Protocols.Outbox
{
    public sealed partial class Outbox
    {
        private const byte MagicFirst = (byte)'O';
        private const byte MagicSecond = (byte)'B';
        private const byte ImageVersion = 1;
        private const int TopicsAt = 3;
        private const int ImageHeader = 4;
        private const int SavedTopicHeader = 2;
        private const int SavedMessageHeader = 3;
        private const int CrcLength = 4;

        private readonly byte[] _savedIndexes; // by topic: 1 + its index in the image at hand, 0 if it is not there
        private int _unknownTopics;

        /// <summary>The size in bytes of the largest image that <see cref="Save"/> can write with the topics added so far.</summary>
        public int MaxImageLength
        {
            get
            {
                // a message is smaller in the image than in the arena
                int length = ImageHeader + _arena.Length + CrcLength;
                for (int i = 0; i < _topicCount; i++)
                {
                    length += SavedTopicHeader + _topics[i].Length;
                }

                return length;
            }
        }

        /// <summary>Restored messages that were dropped because this configuration has no such topic, since construction.</summary>
        public int UnknownTopics
        {
            get { return _unknownTopics; }
        }

        /// <summary>
        /// Writes all messages as one image. The image does not depend on which messages are in flight, so sending alone is no reason to write it to flash again.
        /// </summary>
        /// <param name="buffer">Where to; <see cref="MaxImageLength"/> bytes always suffice.</param>
        /// <param name="offset">The first byte.</param>
        /// <returns>The length of the image in bytes, or -1 if it does not fit. The buffer may have been written to in any case.</returns>
        public int Save(byte[] buffer, int offset)
        {
            if (offset < 0 || offset > buffer.Length - ImageHeader - CrcLength)
            {
                return -1;
            }

            // what comes before the CRC must end here
            int limit = buffer.Length - CrcLength;
            int put = SaveTopics(buffer, offset, limit);
            if (put < 0)
            {
                return -1;
            }

            int size;
            for (int at = 0; at < _used; at += size)
            {
                size = SizeAt(at);
                int length = size - OverheadPerMessage;
                if (length > limit - put - SavedMessageHeader)
                {
                    return -1;
                }

                buffer[put] = (byte)(_savedIndexes[_arena[at]] - 1);
                BigEndian.PutUInt16(buffer, put + 1, length);
                Array.Copy(_arena, at + OverheadPerMessage, buffer, put + SavedMessageHeader, length);
                put += SavedMessageHeader + length;
            }

            BigEndian.PutInt32(buffer, put, (int)Crc32.Compute(buffer, offset, put - offset));
            return put - offset + CrcLength;
        }

        /// <summary>
        /// Stores the messages of an image, in their order and under the policies of this configuration, into this outbox, which must be empty. Those of unknown
        /// topics are dropped and counted in <see cref="UnknownTopics"/>, those for which a smaller arena has no room in <see cref="Dropped"/>.
        /// </summary>
        /// <param name="buffer">The buffer of the image.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes: exactly what <see cref="Save"/> returned.</param>
        /// <returns>False if this is no image of this version, or is damaged, or if the outbox is not empty. Nothing was changed then.</returns>
        public bool Restore(byte[] buffer, int offset, int length)
        {
            int messages = _count == 0 ? FindMessages(buffer, offset, length) : -1;
            if (messages < 0)
            {
                return false;
            }

            MapTopics(buffer, offset);
            int end = offset + length - CrcLength;
            int size;
            for (int at = messages; at < end; at += SavedMessageHeader + size)
            {
                size = BigEndian.GetUInt16(buffer, at + 1);
                int topic = TopicOf(buffer[at]);
                if (topic < 0)
                {
                    _unknownTopics++;
                }
                else if (Put(topic, buffer, at + SavedMessageHeader, size) >= OutboxResult.Full)
                {
                    _refused--;
                    _dropped++;
                }
            }

            _droppedByLastPut = 0;
            return true;
        }

        // Writes header and topics, and numbers them. Gives where the messages start, or -1.
        private int SaveTopics(byte[] buffer, int offset, int limit)
        {
            Array.Clear(_savedIndexes, 0, _savedIndexes.Length);
            int topics = 0;
            int put = offset + ImageHeader;
            for (int at = 0; at < _used; at += SizeAt(at))
            {
                int topic = _arena[at];
                if (_savedIndexes[topic] == 0)
                {
                    byte[] name = _topics[topic];
                    if (name.Length > limit - put - SavedTopicHeader)
                    {
                        return -1;
                    }

                    BigEndian.PutUInt16(buffer, put, name.Length);
                    Array.Copy(name, 0, buffer, put + SavedTopicHeader, name.Length);
                    put += SavedTopicHeader + name.Length;
                    topics++;
                    _savedIndexes[topic] = (byte)topics;
                }
            }

            buffer[offset] = MagicFirst;
            buffer[offset + 1] = MagicSecond;
            buffer[offset + 2] = ImageVersion;
            buffer[offset + TopicsAt] = (byte)topics;
            return put;
        }

        // Checks a whole image. Gives where its messages start, or -1 if anything is wrong with it.
        private static int FindMessages(byte[] buffer, int offset, int length)
        {
            if (offset < 0 || length < ImageHeader + CrcLength || offset > buffer.Length - length)
            {
                return -1;
            }

            int end = offset + length - CrcLength;
            if (buffer[offset] != MagicFirst || buffer[offset + 1] != MagicSecond || buffer[offset + 2] != ImageVersion
                || BigEndian.GetInt32(buffer, end) != (int)Crc32.Compute(buffer, offset, length - CrcLength))
            {
                return -1;
            }

            int topics = buffer[offset + TopicsAt];
            int at = offset + ImageHeader;
            for (int i = 0; i < topics; i++)
            {
                at = SkipField(buffer, at, end);
                if (at < 0)
                {
                    return -1;
                }
            }

            int messages = at;
            while (at < end)
            {
                if (buffer[at] >= topics)
                {
                    return -1;
                }

                at = SkipField(buffer, at + 1, end);
                if (at < 0)
                {
                    return -1;
                }
            }

            return messages;
        }

        // the end of a field that starts with its length, or -1 if that lies behind the limit
        private static int SkipField(byte[] buffer, int at, int limit)
        {
            if (at > limit - 2)
            {
                return -1;
            }

            int end = at + 2 + BigEndian.GetUInt16(buffer, at);
            return end <= limit ? end : -1;
        }

        // notes for each topic which index it has in an image that is known to be well-formed
        private void MapTopics(byte[] buffer, int offset)
        {
            Array.Clear(_savedIndexes, 0, _savedIndexes.Length);
            int topics = buffer[offset + TopicsAt];
            int at = offset + ImageHeader;
            for (int i = 1; i <= topics; i++)
            {
                int length = BigEndian.GetUInt16(buffer, at);
                int topic = FindTopic(buffer, at + SavedTopicHeader, length);
                if (topic >= 0)
                {
                    _savedIndexes[topic] = (byte)i;
                }

                at += SavedTopicHeader + length;
            }
        }

        private int TopicOf(int savedIndex)
        {
            for (int i = 0; i < _topicCount; i++)
            {
                if (_savedIndexes[i] == savedIndex + 1)
                {
                    return i;
                }
            }

            return -1;
        }
    }
}

// The arena of an outbox: room, and how it is given back. It holds the messages one behind the other, oldest first, with no room between:
//     topic (1 byte) | payload length (2) | packet id (2, of no meaning while it waits) | token (4) | payload
// and those in flight are always the first. When a message goes, those behind it are moved down, so that all free room is one piece at
// the end, exactly the sum of what is free: there are no fragments, and a message that waits for its acknowledgement holds back nothing
// but itself. A call steps over each message at most three times and moves at most twice what the arena holds (Array.Copy: a memmove).
// (A ring would move nothing, but a single unacknowledged message at its head would hold back everything behind it.)

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Outbox
{
    public sealed partial class Outbox
    {
        private const int LengthAt = 1;
        private const int PacketIdAt = 3;
        private const int TokenAt = 5;

        // Puts a message in the place of the first of its topic that waits. There can be more of them, after a rewind: they go, too.
        private OutboxResult Replace(int place, int topic, byte[] payload, int offset, int length)
        {
            int size = OverheadPerMessage + length;
            if (size - Free > WaitingBytes(topic))
            {
                _refused++;
                return OutboxResult.Full;
            }

            int behind = place + SizeAt(place);
            _superseded += 1 + Drop(topic, behind, int.MaxValue);
            int next = place + size;
            if (next != behind)
            {
                Array.Copy(_arena, behind, _arena, next, _used - behind);
                _used += next - behind;
            }

            Fill(place, topic, payload, offset, length);
            return OutboxResult.Replaced;
        }

        // Takes messages of a topic out, oldest first, until enough bytes are free; moves down what stays in one pass.
        private int Drop(int topic, int from, int bytes)
        {
            byte[] arena = _arena;
            int read = from;
            int write = from;
            int dropped = 0;
            while (read < _used && read - write < bytes)
            {
                int size = SizeAt(read);
                if (arena[read] == topic)
                {
                    dropped++;
                }
                else
                {
                    if (write < read)
                    {
                        Array.Copy(arena, read, arena, write, size);
                    }

                    write += size;
                }

                read += size;
            }

            if (dropped > 0)
            {
                Array.Copy(arena, read, arena, write, _used - read);
                _used -= read - write;
                _count -= dropped;
            }

            return dropped;
        }

        private void Cut(int at)
        {
            int size = SizeAt(at);
            Array.Copy(_arena, at + size, _arena, at, _used - at - size);
            _used -= size;
            _count--;
            if (at < _firstUnsent)
            {
                _firstUnsent -= size;
                _inFlight--;
            }
        }

        private void Fill(int at, int topic, byte[] payload, int offset, int length)
        {
            _lastToken = _lastToken == int.MaxValue ? 1 : _lastToken + 1;
            _arena[at] = (byte)topic;
            BigEndian.PutUInt16(_arena, at + LengthAt, length);
            BigEndian.PutInt32(_arena, at + TokenAt, _lastToken);
            Array.Copy(payload, offset, _arena, at + OverheadPerMessage, length);
        }

        private int SizeAt(int at)
        {
            return OverheadPerMessage + BigEndian.GetUInt16(_arena, at + LengthAt);
        }

        private int FindInFlight(int packetId)
        {
            for (int at = 0; at < _firstUnsent; at += SizeAt(at))
            {
                if (BigEndian.GetUInt16(_arena, at + PacketIdAt) == packetId)
                {
                    return at;
                }
            }

            return -1;
        }

        // the first message of a topic that waits; _used if there is none
        private int FindWaiting(int topic)
        {
            int at = _firstUnsent;
            while (at < _used && _arena[at] != topic)
            {
                at += SizeAt(at);
            }

            return at;
        }

        private int WaitingBytes(int topic)
        {
            int bytes = 0;
            int size;
            for (int at = _firstUnsent; at < _used; at += size)
            {
                size = SizeAt(at);
                if (_arena[at] == topic)
                {
                    bytes += size;
                }
            }

            return bytes;
        }

        private int FindTopic(byte[] buffer, int offset, int length)
        {
            for (int i = 0; i < _topicCount; i++)
            {
                if (Bytes.AreEqual(buffer, offset, length, _topics[i]))
                {
                    return i;
                }
            }

            return -1;
        }
    }
}

// The queue against a model that is too simple to be wrong: a list of packets, each with its bytes, and a map of which packet owns which byte.
// Seeded; a failure names seed and step.

using System;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttTransmitQueueModelTests
    {
        private const int ArenaSize = 96;
        private const int Capacity = 6;
        private const int Steps = 2500;
        private const int MostPackets = 4000;

        // the model: all packets ever committed; those in [First, Count) are held
        private static readonly int[] Offsets = new int[MostPackets];
        private static readonly byte[][] Contents = new byte[MostPackets][];
        private static readonly int[] Ids = new int[MostPackets];
        private static readonly bool[] IsSent = new bool[MostPackets];
        private static readonly bool[] IsDone = new bool[MostPackets];
        private static int _first;
        private static int _count;
        private static int _next;
        private static int _progress;
        private static int _lastId;
        private static int _full;
        private static int _rewinds;
        private static int _acknowledged;
        private static string _where;

        [DataRow(1)]
        [DataRow(2)]
        [DataRow(3)]
        [DataRow(4)]
        public static void Agrees_with_a_naive_model(int seed)
        {
            SimulatedLink link = new SimulatedLink(seed, 256);
            link.LargestPiece = 20;
            link.StallPercent = 10;
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[ArenaSize], Capacity);
            _first = 0;
            _count = 0;
            _next = 0;
            _progress = 0;
            _lastId = 0;
            _full = 0;
            _rewinds = 0;
            _acknowledged = 0;
            for (int step = 0; step < Steps; step++)
            {
                _where = "seed " + seed + ", step " + step;
                int choice = link.NextRandom(100);
                if (choice < 35)
                {
                    Publish(queue, link);
                }
                else if (choice < 75)
                {
                    Send(queue, link);
                }
                else if (choice < 99)
                {
                    Acknowledge(queue, link);
                }
                else
                {
                    Rewind(queue);
                }

                Forward();
                Compare(queue);
            }

            // the walk went everywhere
            Assert.IsTrue(_full > 50 && _rewinds > 10 && _acknowledged > 50 && _next > 100, "full " + _full + ", rewinds " + _rewinds + ", acknowledged " + _acknowledged + ", sent " + _next);
        }

        private static void Publish(MqttTransmitQueue queue, SimulatedLink link)
        {
            int size = 4 + link.NextRandom(36);
            int at = queue.Reserve(size);
            if (at < 0)
            {
                _full++;
                Assert.IsTrue(_count - _first == Capacity || !HasRoom(size), _where + ": refused although there is room");
                return;
            }

            Assert.IsTrue(_count - _first < Capacity && at + size <= ArenaSize, _where + ": taken beyond the limits");
            for (int i = _first; i < _count; i++)
            {
                Assert.IsTrue(at + size <= Offsets[i] || at >= Offsets[i] + Contents[i].Length, _where + ": overlaps a held packet");
            }

            int id = link.NextRandom(3) == 0 ? 0 : ++_lastId;
            byte[] content = new byte[size];
            content[0] = (byte)(id == 0 ? 0x30 : 0x32);
            for (int i = 1; i < size; i++)
            {
                content[i] = (byte)link.NextRandom(256);
            }

            Array.Copy(content, 0, queue.Arena, at, size);
            queue.Commit(at, size, id);
            Offsets[_count] = at;
            Contents[_count] = content;
            Ids[_count] = id;
            IsSent[_count] = false;
            IsDone[_count] = false;
            _count++;
        }

        private static void Send(MqttTransmitQueue queue, SimulatedLink link)
        {
            if (!queue.HasUnsent)
            {
                return;
            }

            int put = queue.Send(link, 0);
            byte[] content = Contents[_next];
            Assert.AreEqual(put, link.WaitingForPeer, _where);
            Assert.IsTrue(put >= 0 && _progress + put <= content.Length, _where + ": sent beyond a packet");
            byte[] sent = link.PeekFromClient();
            link.Take(sent, 0, put);
            for (int i = 0; i < put; i++)
            {
                Assert.AreEqual(content[_progress + i], sent[i], _where + ": byte sent");
            }

            _progress += put;
            if (_progress == content.Length)
            {
                IsSent[_next] = true;
                IsDone[_next] = Ids[_next] == 0;
                _progress = 0;
                _next++;
            }
        }

        private static void Acknowledge(MqttTransmitQueue queue, SimulatedLink link)
        {
            // a held packet, or an identifier that nobody waits for
            int id = _lastId + 1;
            bool expected = false;
            if (_count > _first && link.NextRandom(8) > 0)
            {
                int index = _first + link.NextRandom(_count - _first < 3 ? _count - _first : 3);
                id = Ids[index];
                expected = id != 0 && IsSent[index] && !IsDone[index];
                IsDone[index] |= expected;
            }

            _acknowledged += expected ? 1 : 0;
            Assert.AreEqual(expected, queue.Acknowledge(id), _where + ": acknowledgement of " + id);
        }

        private static void Rewind(MqttTransmitQueue queue)
        {
            queue.Rewind();
            _rewinds++;
            for (int i = _first; i < _count; i++)
            {
                if (Ids[i] == 0)
                {
                    IsDone[i] = true;
                }
                else if (!IsDone[i] && (IsSent[i] || (i == _next && _progress > 0)))
                {
                    Contents[i][0] |= 0x08;
                }

                IsSent[i] = false;
            }

            _next = _first;
            _progress = 0;
        }

        // gives memory back in order, and looks for the next packet to send
        private static void Forward()
        {
            while (_first < _count && IsDone[_first])
            {
                _first++;
            }

            while (_next < _count && (_next < _first || IsDone[_next]))
            {
                _next++;
            }
        }

        private static void Compare(MqttTransmitQueue queue)
        {
            Assert.AreEqual(_count - _first, queue.Count, _where + ": count");
            Assert.AreEqual(_next < _count, queue.HasUnsent, _where + ": HasUnsent");
            Assert.AreEqual(_progress > 0, queue.IsInsidePacket, _where + ": IsInsidePacket");
            for (int i = _first; i < _count; i++)
            {
                Assert.IsTrue(Ids[i] == 0 || queue.Holds(Ids[i]) == !IsDone[i], _where + ": Holds");
                for (int k = 0; !IsDone[i] && k < Contents[i].Length; k++)
                {
                    Assert.AreEqual(Contents[i][k], queue.Arena[Offsets[i] + k], _where + ": a held packet was changed");
                }
            }

            Assert.AreEqual(long.MaxValue == queue.OldestUnacknowledgedMs(out int oldest), oldest == 0, _where);
            for (int i = _first; i < _count; i++)
            {
                if (IsSent[i] && !IsDone[i])
                {
                    Assert.AreEqual(Ids[i], oldest, _where + ": oldest");
                    return;
                }
            }

            Assert.AreEqual(0, oldest, _where + ": oldest");
        }

        // contiguous room behind the last packet, or at the start if the last one is not before the first
        private static bool HasRoom(int size)
        {
            if (_first == _count)
            {
                return size <= ArenaSize;
            }

            int tail = Offsets[_count - 1] + Contents[_count - 1].Length;
            return IsFree(tail, size) || (Offsets[_count - 1] >= Offsets[_first] && IsFree(0, size));
        }

        private static bool IsFree(int at, int size)
        {
            if (at + size > ArenaSize)
            {
                return false;
            }

            for (int i = _first; i < _count; i++)
            {
                if (at < Offsets[i] + Contents[i].Length && Offsets[i] < at + size)
                {
                    return false;
                }
            }

            return true;
        }
    }
}

// The queue of outgoing PUBLISH packets by itself: order, room, acknowledgement, and what is sent again (MQTT 3.1.1, 4.3, 4.4, 4.6).

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttTransmitQueueTests
    {
        [TestMethod]
        public static void Sends_in_the_order_of_commit()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 8);
            Put(queue, 0x30, 5, 0);
            Put(queue, 0x32, 6, 7);
            Put(queue, 0x30, 7, 0);
            Assert.AreEqual(3, queue.Count);
            Send(queue, link);
            Assert.AreEqual(2, queue.Count); // the last one stands behind the unacknowledged one
            Require(link, "30*5  32 32*3 00 07  30*7");
        }

        [TestMethod]
        public static void Sends_a_packet_in_pieces_and_nothing_of_the_next_before_its_end()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 8);
            Put(queue, 0x30, 5, 0);
            Put(queue, 0x31, 5, 0);
            link.LargestPiece = 1;
            for (int i = 1; i <= 10; i++)
            {
                Assert.IsTrue(queue.HasUnsent);
                Assert.AreEqual(1, queue.Send(link, 0));
                Assert.AreEqual(i % 5 != 0, queue.IsInsidePacket);
            }

            Assert.IsFalse(queue.HasUnsent);
            Assert.AreEqual(0, queue.Count);
            Require(link, "30*5 31*5");
        }

        [TestMethod]
        public static void Hands_on_what_the_link_says()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 8);
            Put(queue, 0x30, 5, 0);
            link.WriteLimit = 0;
            Assert.AreEqual(0, queue.Send(link, 0));
            Assert.IsFalse(queue.IsInsidePacket);
            link.Break();
            Assert.AreEqual(Firmware.Protocols.Io.TransportResult.Failed, queue.Send(link, 0));
            Assert.IsTrue(queue.HasUnsent);
        }

        [TestMethod]
        public static void Is_full_by_count()
        {
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 2);
            Put(queue, 0x30, 2, 0);
            Put(queue, 0x30, 2, 0);
            Assert.AreEqual(-1, queue.Reserve(2));
            Send(queue, new SimulatedLink(1, 64));
            Assert.AreEqual(0, queue.Reserve(64));
        }

        [TestMethod]
        public static void Is_full_to_the_last_byte()
        {
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[20], 8);
            Assert.AreEqual(-1, queue.Reserve(21));
            Put(queue, 0x32, 12, 1);
            Assert.AreEqual(-1, queue.Reserve(9));
            Put(queue, 0x32, 8, 2);
            Assert.AreEqual(-1, queue.Reserve(2));
        }

        [TestMethod]
        public static void Wraps_around_and_gives_memory_back_in_order()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[20], 8);
            Put(queue, 0x32, 8, 1); // 0..7
            Put(queue, 0x32, 8, 2); // 8..15
            Send(queue, link);
            Assert.IsTrue(queue.Acknowledge(1));
            Assert.AreEqual(16, queue.Reserve(4));
            Assert.AreEqual(0, queue.Reserve(8)); // the 4 behind do not count: a packet is contiguous
            Assert.AreEqual(-1, queue.Reserve(9));
            Put(queue, 0x32, 5, 3); // 0..4
            Assert.AreEqual(5, queue.Reserve(3));
            Assert.AreEqual(-1, queue.Reserve(4));
            Put(queue, 0x32, 5, 9, -1);
            Send(queue, link);
            Assert.IsTrue(queue.Acknowledge(3)); // out of order: its room stays behind packet 2's
            Assert.AreEqual(-1, queue.Reserve(4));
            Assert.IsTrue(queue.Acknowledge(2));
            Assert.AreEqual(0, queue.Count);
            Assert.AreEqual(0, queue.Reserve(20));
        }

        [TestMethod]
        public static void Takes_an_acknowledgement_only_once_and_only_for_what_was_sent_whole()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 8);
            Put(queue, 0x32, 8, 1);
            Put(queue, 0x32, 8, 2);
            Assert.IsFalse(queue.Acknowledge(1));
            link.WriteLimit = 12;
            while (queue.Send(link, 0) > 0)
            {
            }

            Assert.IsFalse(queue.Acknowledge(2));
            Assert.IsTrue(queue.Holds(2));
            Assert.IsFalse(queue.Acknowledge(3));
            Assert.IsFalse(queue.Acknowledge(0));
            Assert.IsTrue(queue.Acknowledge(1));
            Assert.IsFalse(queue.Acknowledge(1));
            Assert.IsFalse(queue.Holds(1));
            Assert.IsTrue(queue.IsInsidePacket);
            link.WriteLimit = SimulatedLink.Unlimited;
            Send(queue, link);
            Assert.IsTrue(queue.Acknowledge(2));
            Require(link, "32*6 00 01  32*6 00 02");
        }

        [TestMethod]
        public static void Tells_which_packet_has_waited_longest()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 8);
            Assert.AreEqual(long.MaxValue, queue.OldestUnacknowledgedMs(out int id));
            Assert.AreEqual(0, id);
            Put(queue, 0x32, 8, 1);
            Put(queue, 0x30, 8, 0);
            Put(queue, 0x32, 8, 2);
            Put(queue, 0x32, 8, 3);
            Assert.AreEqual(long.MaxValue, queue.OldestUnacknowledgedMs(out id));
            for (int i = 1; i < 4; i++)
            {
                queue.Send(link, 5000000000L + i);
            }

            Assert.AreEqual(5000000001L, queue.OldestUnacknowledgedMs(out id));
            Assert.AreEqual(1, id);
            queue.Acknowledge(1);
            Assert.AreEqual(5000000003L, queue.OldestUnacknowledgedMs(out id));
            Assert.AreEqual(2, id);
            queue.Rewind();
            Assert.AreEqual(long.MaxValue, queue.OldestUnacknowledgedMs(out id));
            queue.Send(link, 6000000000L);
            Assert.AreEqual(6000000000L, queue.OldestUnacknowledgedMs(out id));
        }

        [TestMethod]
        public static void A_released_packet_does_not_hide_one_that_has_waited_longer()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[64], 8);
            Put(queue, 0x34, 8, 1);
            Put(queue, 0x32, 8, 2);
            queue.Send(link, 1000);
            queue.Send(link, 2000);
            queue.Release(1, 20000);
            Assert.AreEqual(2000L, queue.OldestUnacknowledgedMs(out int id));
            Assert.AreEqual(2, id);
        }

        [TestMethod]
        public static void Rewind_sends_again_in_order_with_dup_on_what_may_have_arrived()
        {
            SimulatedLink link = new SimulatedLink(1, 256);
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[128], 8);
            Put(queue, 0x32, 6, 1); // sent and acknowledged
            Put(queue, 0x33, 6, 2); // sent
            Put(queue, 0x30, 6, 0); // sent
            Put(queue, 0x32, 6, 3); // begun
            Put(queue, 0x32, 6, 4); // not begun
            Put(queue, 0x30, 6, 0); // not begun: at most once
            Put(queue, 0x34, 6, 5); // not begun
            link.WriteLimit = (3 * 6) + 1;
            while (queue.Send(link, 0) > 0)
            {
            }

            queue.Acknowledge(1);
            queue.Rewind();
            Assert.IsFalse(queue.IsInsidePacket);
            link.Reopen();
            Send(queue, link);
            Require(link, "3B 33*3 00 02  3A 32*3 00 03  32 32*3 00 04  34 34*3 00 05");
            queue.Rewind();
            Send(queue, link);
            Require(link, "3B 33*3 00 02  3A 32*3 00 03  3A 32*3 00 04  3C 34*3 00 05");
        }

        [TestMethod]
        public static void Rewind_gives_the_room_of_dropped_packets_back()
        {
            MqttTransmitQueue queue = new MqttTransmitQueue(new byte[32], 8);
            Put(queue, 0x30, 16, 0);
            Put(queue, 0x30, 16, 0);
            Assert.AreEqual(-1, queue.Reserve(2));
            queue.Rewind();
            Assert.AreEqual(0, queue.Count);
            Assert.IsFalse(queue.HasUnsent);
            Assert.AreEqual(0, queue.Reserve(32));
        }

        // a packet of one repeated byte that ends with its identifier
        private static void Put(MqttTransmitQueue queue, int firstByte, int size, int packetId)
        {
            Put(queue, firstByte, size, packetId, 0);
        }

        private static void Put(MqttTransmitQueue queue, int firstByte, int size, int packetId, int expected)
        {
            int at = queue.Reserve(size);
            if (expected < 0)
            {
                Assert.AreEqual(expected, at);
                return;
            }

            Assert.IsTrue(at >= 0 && at + size <= queue.Arena.Length, "room");
            for (int i = 0; i < size; i++)
            {
                queue.Arena[at + i] = (byte)firstByte;
            }

            if (packetId != 0)
            {
                queue.Arena[at + size - 2] = (byte)(packetId >> 8);
                queue.Arena[at + size - 1] = (byte)packetId;
            }

            queue.Commit(at, size, packetId);
        }

        private static void Send(MqttTransmitQueue queue, SimulatedLink link)
        {
            while (queue.HasUnsent)
            {
                Assert.IsTrue(queue.Send(link, 0) > 0);
            }
        }

        private static void Require(SimulatedLink link, string text)
        {
            byte[] expected = PacketText.Parse(text);
            byte[] found = link.PeekFromClient();
            Assert.AreEqual(PacketText.Hex(expected, 0, expected.Length), PacketText.Hex(found, 0, found.Length), "bytes sent");
            link.Take(found, 0, found.Length);
        }
    }
}

// What the policies of an outbox do. The arena of the scripts holds four messages with one byte of payload: 4 x (9 + 1).

using System;
using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    [TestClass]
    public static class OutboxPutTests
    {
        private const int FourMessages = 4 * (Outbox.OverheadPerMessage + 1);

        [DataRow("a1 a2 a3 a4 a5", "SSSSF", "a1 a2 a3 a4")]
        [DataRow("a1 a2 a3 a4 d1", "SSSSF", "a1 a2 a3 a4")]
        [DataRow("a1 a2 a3 a4 n1", "SSSSF", "a1 a2 a3 a4")]
        [DataRow("a1 a2 a3 a4444 a5", "SSSFS", "a1 a2 a3 a5")]
        [DataRow("a1 a2 s s c1 a3 a4 a5 a6", "SS+++SSSF", "a2 a3 a4 a5")]
        [DataRow("z1 a1 z2 s s s", "SSS+++", "a1")] // QoS 0: handed over is gone
        public static void Keeps_all_until_full(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [DataRow("n1 n2 n3", "SRR", "n3")]
        [DataRow("n1 a1 n2 a2", "SSRS", "n2 a1 a2")] // it takes the turn of the one replaced
        [DataRow("a1 n1 a2 n22", "SSSR", "a1 n22 a2")]
        [DataRow("a1 n22222 a2 n1 a3", "SSSRS", "a1 n1 a2 a3")] // a shorter one gives room back
        [DataRow("a1 n22222 a2 n", "SSSR", "a1 n a2")]
        [DataRow("n1 a1 a2 a3 n22", "SSSSF", "n1 a1 a2 a3")] // no room for the longer one: the old one stays
        [DataRow("n1 a1 a2 a3 n2", "SSSSR", "n2 a1 a2 a3")]
        public static void Keeps_the_newest_only(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [DataRow("d1 d2 d3 d4 d5", "SSSSD1", "d2 d3 d4 d5")]
        [DataRow("a1 d1 a2 d2 d3 d4 d5", "SSSSD1D1D1", "a1 a2 d4 d5")]
        [DataRow("a1 a2 a3 d1 d2 d3", "SSSSD1D1", "a1 a2 a3 d3")]
        [DataRow("d1 d2 d3 d4 d55555555555", "SSSSD2", "d3 d4 d55555555555")]
        [DataRow("d1 d2 d3 d4 d555555555555", "SSSSD3", "d4 d555555555555")]
        [DataRow("d1 a1 d2 a2 d55555555555", "SSSSD2", "a1 a2 d55555555555")] // exactly what two give
        [DataRow("d1 a1 d2 a2 d555555555555", "SSSSF", "d1 a1 d2 a2")] // one byte more: nothing is dropped in vain
        [DataRow("d1 d2 d3 d d d", "SSSSD1D1", "d3 d d d")]
        [DataRow("a1 d1 z2 d2 z3", "SSSSF", "a1 d1 z2 d2")] // another topic does not profit
        public static void Drops_the_oldest_of_its_own_topic(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [DataRow("n1 s n2 n3 c1", "S+SR+", "n3")]
        [DataRow("n1 s n2 c1 n3", "S+S+R", "n3")]
        [DataRow("n1 s n2 s n3 c2 n4 c1", "S+S+S+R+", "n4")]
        [DataRow("n1 s n2 s n3 c1", "S+S+S+", "n2 n3")]
        [DataRow("n1 s n2 s n3 r n4", "S+S+S+R", "n4")] // after a rewind all three waited
        [DataRow("a1 n1 s s n2 a2 r n33", "SS++SS+R", "a1 n33 a2")]
        [DataRow("d1 s d2 d3 d4 d5", "S+SSSD1", "d1 d3 d4 d5")]
        [DataRow("d1 d2 d3 d4 s s s s d5", "SSSS++++F", "d1 d2 d3 d4")]
        [DataRow("d1 d2 d3 d4 s s s s r d5", "SSSS+++++D1", "d2 d3 d4 d5")]
        [DataRow("d1 d2 d3 d4 s s d555555555555", "SSSS++F", "d1 d2 d3 d4")]
        public static void Never_touches_what_is_in_flight(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [DataRow("a1 a2 a3 s s s c2", "SSS++++", "a1 a3")]
        [DataRow("a1 a2 a3 s s s c3 c1 c2 c2", "SSS++++++-", "")]
        [DataRow("a1 a2 a3 a4 s s s s c3 a5 c1 a6 c9", "SSSS+++++S+S-", "a2 a4 a5 a6")]
        [DataRow("a1 a2 s c2 c0 c1", "SS+--+", "a2")]
        [DataRow("a1 s r c1", "S++-", "a1")] // the client has forgotten it: a late answer means nothing
        [DataRow("s", "-", "")]
        public static void Takes_confirmations_in_any_order(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [DataRow("a1 a2 a3 x2 x2 x9 x0", "SSS+---", "a1 a3")]
        [DataRow("a1 a2 a3 s s x1 c1 c2", "SSS+++-+", "a3")]
        [DataRow("a1 a2 s x2 a3 s c2", "SS++S++", "a1")]
        public static void Removes_by_token_waiting_or_in_flight(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [DataRow("q1", "U", "")]
        [DataRow("a1234567890123456789012345678901", "S", "a1234567890123456789012345678901")] // 9 + 31
        [DataRow("a12345678901234567890123456789012", "T", "")]
        [DataRow("n1 n12345678901234567890123456789012", "ST", "n1")]
        [DataRow("d1 d12345678901234567890123456789012", "ST", "d1")]
        [DataRow("d1 a1 d12345678901234567890123456789012 d2", "SSTS", "d1 a1 d2")]
        public static void Refuses_what_can_never_fit(string script, string expected, string content)
        {
            RequireRun(script, expected, content);
        }

        [TestMethod]
        public static void Rewinds_in_order_before_what_waits()
        {
            Outbox outbox = OutboxScript.Create(100);
            Assert.AreEqual("SSSSS++++", OutboxScript.Run(outbox, "a1 d1 n1 a2 a3 s s s c2"));
            Assert.AreEqual(2, outbox.InFlight);
            outbox.Rewind();
            Assert.AreEqual(0, outbox.InFlight);
            Assert.AreEqual("a1 n1 a2 a3", OutboxScript.Drain(outbox));
        }

        [TestMethod]
        public static void Counts_what_it_gave_up()
        {
            Outbox outbox = OutboxScript.Create(FourMessages);
            OutboxScript.Run(outbox, "n1 n2 d1 d2 d3 d4 a1 a2 a12345678901234567890123456789012 n3 q1");
            Assert.AreEqual(2, outbox.Superseded);
            Assert.AreEqual(1, outbox.Dropped);
            Assert.AreEqual(3, outbox.Refused);
            Assert.AreEqual(0, outbox.DroppedByLastPut);
        }

        [TestMethod]
        public static void Gives_all_of_its_room_back_however_often_it_is_used()
        {
            Outbox outbox = OutboxScript.Create(100);
            byte[] payload = new byte[100 - Outbox.OverheadPerMessage];
            OutboxItem item = new OutboxItem();
            for (int round = 1; round <= 500; round++)
            {
                // one with QoS 1 among two with QoS 0, of changing lengths
                int length = (round * 7) % 40;
                Assert.IsTrue(outbox.Put(3, payload, 0, 10) == OutboxResult.Stored);
                Assert.IsTrue(outbox.Put(0, payload, 0, length) == OutboxResult.Stored);
                Assert.IsTrue(outbox.Put(3, payload, 0, 40 - length) == OutboxResult.Stored);
                Assert.AreEqual(100 - 50 - (3 * Outbox.OverheadPerMessage), outbox.Free);
                while (outbox.TryPeekUnsent(item))
                {
                    Assert.IsTrue(outbox.MarkSent(item.Token, round));
                }

                Assert.AreEqual(1, outbox.Count);
                Assert.AreEqual(length + Outbox.OverheadPerMessage, outbox.Used);
                Assert.IsTrue(outbox.Confirm(round));
                Assert.AreEqual(100, outbox.Free);

                // the largest message fits again
                Assert.IsTrue(outbox.Put(1, payload, 0, payload.Length) == OutboxResult.Stored);
                Assert.AreEqual(0, outbox.Free);
                Assert.IsTrue(outbox.TryPeekUnsent(item));
                Assert.IsTrue(outbox.Remove(item.Token));
                Assert.AreEqual(0, outbox.Used);
            }
        }

        [TestMethod]
        public static void Shows_the_next_message_as_it_was_put()
        {
            Outbox outbox = OutboxScript.Create(100);
            OutboxItem item = new OutboxItem();
            Assert.IsFalse(outbox.TryPeekUnsent(item));
            Assert.AreEqual(0, item.Token);
            OutboxScript.Run(outbox, "n12 z3");
            Assert.IsTrue(outbox.TryPeekUnsent(item));
            Assert.IsTrue(outbox.TryPeekUnsent(item)); // a peek leaves it there
            Assert.AreEqual("n12", OutboxScript.Text(item));
            Assert.AreEqual(1, item.TopicIndex);
            Assert.AreEqual(1, item.Qos);
            Assert.IsTrue(item.Retain);
            Assert.IsTrue(outbox.MarkSent(item.Token, 65535));
            Assert.IsTrue(outbox.TryPeekUnsent(item));
            Assert.AreEqual("z3", OutboxScript.Text(item));
            Assert.AreEqual(0, item.Qos);
            Assert.IsFalse(item.Retain);
            Assert.IsTrue(outbox.MarkSent(item.Token, 0));
            Assert.IsFalse(outbox.TryPeekUnsent(item));
            Assert.AreEqual(0, item.Token);
            Assert.IsTrue(outbox.Confirm(65535));
            Assert.AreEqual(0, outbox.Count);
        }

        [TestMethod]
        public static void Marks_only_the_message_that_was_peeked()
        {
            Outbox outbox = OutboxScript.Create(FourMessages);
            OutboxItem item = new OutboxItem();
            OutboxScript.Run(outbox, "n1 a1 d1 d2");
            outbox.TryPeekUnsent(item);
            int first = item.Token;
            OutboxScript.Run(outbox, "n2");
            Assert.IsFalse(outbox.MarkSent(first, 1)); // replaced meanwhile
            outbox.TryPeekUnsent(item);
            Assert.AreEqual("n2", OutboxScript.Text(item));
            Assert.IsTrue(item.Token != first);
            Assert.IsTrue(outbox.MarkSent(item.Token, 1));
            Assert.IsFalse(outbox.MarkSent(item.Token, 2)); // it is marked already
            outbox.TryPeekUnsent(item);
            Assert.IsFalse(outbox.MarkSent(item.Token, 1)); // the identifier is in flight
            Assert.IsFalse(outbox.MarkSent(item.Token, 0));
            Assert.IsFalse(outbox.MarkSent(item.Token, 65536));
            Assert.AreEqual(1, outbox.InFlight);
            Assert.IsTrue(outbox.MarkSent(item.Token, 2));
            outbox.TryPeekUnsent(item);
            Assert.AreEqual("d1", OutboxScript.Text(item));
            int oldest = item.Token;
            OutboxScript.Run(outbox, "d3");
            Assert.IsFalse(outbox.MarkSent(oldest, 3)); // dropped meanwhile
            Assert.AreEqual("d2 d3", OutboxScript.Drain(outbox));
        }

        [TestMethod]
        public static void Refuses_a_range_outside_the_payload_and_changes_nothing()
        {
            Outbox outbox = OutboxScript.Create(FourMessages);
            OutboxScript.Run(outbox, "n1 d1 d2 d3");
            byte[] payload = new byte[5];
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => outbox.Put(2, payload, 0, 6));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => outbox.Put(2, payload, 5, 1));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => outbox.Put(2, payload, -1, 1));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => outbox.Put(1, payload, 0, -1));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => outbox.Put(1, payload, 2147483647, 2147483647));
            Assert.AreEqual("n1 d1 d2 d3", OutboxScript.Content(outbox));
            Assert.IsTrue(outbox.Put(2, payload, 5, 0) == OutboxResult.StoredDroppingOldest);
        }

        [TestMethod]
        public static void Refuses_a_wrong_configuration_at_start_up()
        {
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Outbox(new byte[Outbox.OverheadPerMessage - 1], 1));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Outbox(new byte[100], 0));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Outbox(new byte[100], Outbox.MostTopics + 1));
            Outbox outbox = new Outbox(new byte[100], 2);
            Assert.ThrowsException(typeof(ArgumentException), () => outbox.AddTopic(new byte[0], 0, false, OutboxPolicy.KeepAll));
            Assert.ThrowsException(typeof(ArgumentException), () => outbox.AddTopic(new byte[65536], 0, false, OutboxPolicy.KeepAll));
            Assert.ThrowsException(typeof(ArgumentException), () => outbox.AddTopic(new byte[1], 3, false, OutboxPolicy.KeepAll));
            Assert.ThrowsException(typeof(ArgumentException), () => outbox.AddTopic(new byte[1], -1, false, OutboxPolicy.KeepAll));
            Assert.ThrowsException(typeof(ArgumentException), () => outbox.AddTopic(new byte[1], 0, false, (OutboxPolicy)3));
            Assert.AreEqual(0, outbox.AddTopic(OutboxScript.Bytes("t"), 0, false, OutboxPolicy.KeepAll));
            Assert.ThrowsException(typeof(ArgumentException), () => outbox.AddTopic(OutboxScript.Bytes("t"), 1, true, OutboxPolicy.KeepAll));
            Assert.AreEqual(1, outbox.AddTopic(OutboxScript.Bytes("t/"), 2, false, OutboxPolicy.KeepAll));
            Assert.AreEqual(-1, outbox.AddTopic(OutboxScript.Bytes("u"), 2, false, OutboxPolicy.KeepAll));
        }

        private static void RequireRun(string script, string expected, string content)
        {
            Outbox outbox = OutboxScript.Create(FourMessages);
            Assert.AreEqual(expected, OutboxScript.Run(outbox, script));
            Assert.AreEqual(content, OutboxScript.Content(outbox));
        }
    }
}

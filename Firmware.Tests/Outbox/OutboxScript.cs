// A small language for the outbox tests. A script is a list of steps: "a12" puts payload "12" under topic a, "s" sends the next message
// (peek and mark, packet ids 1, 2, 3 ...), "c2" confirms packet id 2, "x2" removes the message with the second token, "r" rewinds.
// Topics: a keeps all, n keeps the newest only, d drops the oldest (QoS 1), z keeps all with QoS 0, q is unknown to the outbox.

using System.Text;
using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    /// <summary>Runs scripts and tells what an outbox holds.</summary>
    public static class OutboxScript
    {
        private const string Topics = "andz";

        private static readonly OutboxItem Item = new OutboxItem();
        private static int _lastPacketId;

        /// <summary>An outbox with the topics of the scripts.</summary>
        public static Outbox Create(int arena)
        {
            Outbox outbox = new Outbox(new byte[arena], 4);
            Assert.AreEqual(0, outbox.AddTopic(Bytes("a"), 1, false, OutboxPolicy.KeepAll));
            Assert.AreEqual(1, outbox.AddTopic(Bytes("n"), 1, true, OutboxPolicy.NewestOnly));
            Assert.AreEqual(2, outbox.AddTopic(Bytes("d"), 1, false, OutboxPolicy.DropOldest));
            Assert.AreEqual(3, outbox.AddTopic(Bytes("z"), 0, false, OutboxPolicy.KeepAll));
            _lastPacketId = 0;
            return outbox;
        }

        /// <summary>Runs a script.</summary>
        /// <returns>One letter a step: S stored, R replaced, D and a number dropped so many, F full, T too large, U unknown topic; for other steps + or -.</returns>
        public static string Run(Outbox outbox, string script)
        {
            string trace = string.Empty;
            string[] steps = script.Split(' ');
            for (int i = 0; i < steps.Length; i++)
            {
                trace += Step(outbox, steps[i]);
                RequireSums(outbox);
            }

            return trace;
        }

        /// <summary>What an outbox holds, in flight or not, oldest first: "a1 n22".</summary>
        public static string Content(Outbox outbox)
        {
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            Assert.IsTrue(length > 0);
            Outbox probe = new Outbox(new byte[outbox.Used + Outbox.OverheadPerMessage], 4);
            for (int i = 0; i < Topics.Length; i++)
            {
                probe.AddTopic(Bytes(Topics.Substring(i, 1)), 0, false, OutboxPolicy.KeepAll);
            }

            Assert.IsTrue(probe.Restore(image, 0, length));
            return Drain(probe);
        }

        /// <summary>Sends all that waits and tells what it was.</summary>
        public static string Drain(Outbox outbox)
        {
            string content = string.Empty;
            int packetId = 30000;
            while (outbox.TryPeekUnsent(Item))
            {
                content += (content.Length > 0 ? " " : string.Empty) + Text(Item);
                packetId++;
                Assert.IsTrue(outbox.MarkSent(Item.Token, packetId));
            }

            return content;
        }

        /// <summary>Topic and payload of a message as in a script.</summary>
        public static string Text(OutboxItem item)
        {
            return Encoding.UTF8.GetString(item.Topic, 0, item.Topic.Length) + Encoding.UTF8.GetString(item.Buffer, item.PayloadOffset, item.PayloadLength);
        }

        /// <summary>The UTF-8 form of a text.</summary>
        public static byte[] Bytes(string text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        private static string Step(Outbox outbox, string step)
        {
            string argument = step.Substring(1);
            switch (step[0])
            {
                case 's':
                    bool sent = outbox.TryPeekUnsent(Item) && outbox.MarkSent(Item.Token, _lastPacketId + 1);
                    _lastPacketId += sent ? 1 : 0;
                    return Sign(sent);
                case 'c':
                    return Sign(outbox.Confirm(int.Parse(argument)));
                case 'x':
                    return Sign(outbox.Remove(int.Parse(argument)));
                case 'r':
                    outbox.Rewind();
                    return "+";
                default:
                    // the payload among neighbours, which must not get into the outbox
                    byte[] payload = Bytes("<" + argument + ">");
                    OutboxResult result = outbox.Put(Topics.IndexOf(step[0]), payload, 1, payload.Length - 2);
                    Assert.IsTrue(result == OutboxResult.StoredDroppingOldest == outbox.DroppedByLastPut > 0);
                    return Letter(result, outbox.DroppedByLastPut);
            }
        }

        private static string Letter(OutboxResult result, int dropped)
        {
            switch (result)
            {
                case OutboxResult.Stored:
                    return "S";
                case OutboxResult.Replaced:
                    return "R";
                case OutboxResult.StoredDroppingOldest:
                    return "D" + dropped.ToString();
                case OutboxResult.Full:
                    return "F";
                case OutboxResult.TooLarge:
                    return "T";
                default:
                    return "U";
            }
        }

        private static string Sign(bool done)
        {
            return done ? "+" : "-";
        }

        private static void RequireSums(Outbox outbox)
        {
            Assert.IsTrue(outbox.Used >= outbox.Count * Outbox.OverheadPerMessage);
            Assert.IsTrue(outbox.Free >= 0);
            Assert.IsTrue(outbox.InFlight >= 0 && outbox.InFlight <= outbox.Count);
            Assert.AreEqual(outbox.InFlight < outbox.Count, outbox.TryPeekUnsent(Item));
        }
    }
}

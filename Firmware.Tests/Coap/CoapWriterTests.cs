// The writer, byte for byte (RFC 7252 sections 3 to 3.2), and what it does with too little room and with options out of order.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Coap
{
    [TestClass]
    public static class CoapWriterTests
    {
        private static readonly CoapWriter Writer = new CoapWriter();

        // 3.1
        [DataRow(0, 0, "00")]
        [DataRow(12, 12, "CC")]
        [DataRow(13, 13, "DD 00 00")]
        [DataRow(268, 268, "DD FF FF")]
        [DataRow(269, 269, "EE 00 00 00 00")]
        [DataRow(292, 8, "E8 00 17")]
        [DataRow(7, 300, "7E 00 1F")]
        [DataRow(65535, 1, "E1 FE F2")]
        public static void Writes_the_head_of_an_option(int number, int length, string expected)
        {
            byte[] head = PacketText.Parse(expected);
            byte[] buffer = new byte[320];
            int end = 4 + head.Length + length;
            Begin(buffer, 0, end);
            Writer.Option(number, new byte[length]);
            Assert.IsFalse(Writer.Overflowed);
            Assert.AreEqual(0, Writer.Room);
            Assert.AreEqual(end, Writer.Length);
            Assert.AreEqual(expected, PacketText.Hex(buffer, 4, head.Length));
            Begin(buffer, 0, end - 1);
            Writer.Option(number, new byte[length]);
            Assert.IsTrue(Writer.Overflowed);
        }

        // 3.2
        [DataRow(0, "60")]
        [DataRow(1, "61 01")]
        [DataRow(255, "61 FF")]
        [DataRow(256, "62 01 00")]
        [DataRow(65535, "62 FF FF")]
        [DataRow(65536, "63 01 00 00")]
        [DataRow(16777215, "63 FF FF FF")]
        [DataRow(16777216, "64 01 00 00 00")]
        [DataRow(2147483647, "64 7F FF FF FF")]
        [DataRow(-1, "64 FF FF FF FF")] // 4,294,967,295
        public static void Writes_an_unsigned_integer_in_as_few_bytes_as_it_takes(int value, string expected)
        {
            byte[] buffer = new byte[16];
            Begin(buffer, 0, 16);
            Writer.OptionUInt(6, (uint)value);
            Assert.IsFalse(Writer.Overflowed);
            int length = Writer.Length - 4;
            Assert.AreEqual(expected, PacketText.Hex(buffer, 4, length));
            Begin(buffer, 0, 3 + length);
            Writer.OptionUInt(6, (uint)value);
            Assert.IsTrue(Writer.Overflowed);
        }

        [TestMethod]
        public static void Never_writes_outside_its_range_and_remembers_that_something_did_not_fit()
        {
            byte[] value = PacketText.Parse("'value'*3");
            byte[] expected = PacketText.Parse("52 03 12 34 'lu'  B3 'val' 00 11 3C D4 EF 'alue' FF 'eval'");
            for (int limit = 0; limit <= expected.Length + 1; limit++)
            {
                byte[] buffer = PacketText.Parse("EE*40");
                Writer.Begin(buffer, 5, 5 + limit, CoapType.Non, CoapCode.Put, 0x1234, value, 2, 2);
                Writer.Option(11, value, 0, 3);
                Writer.Option(11, value, 0, 0);
                Writer.OptionUInt(12, 60);
                Writer.Option(264, value, 1, 4);
                Writer.Payload(value, 4, 4);
                bool fits = limit >= expected.Length;
                Assert.AreEqual(!fits, Writer.Overflowed);
                Writer.Payload(value, 0, 0);
                Assert.AreEqual(!fits, Writer.Overflowed);
                Assert.IsTrue(Writer.Length <= limit && Writer.Room == limit - Writer.Length && Writer.Offset == 5);
                for (int i = 0; i < buffer.Length; i++)
                {
                    Assert.IsTrue((i >= 5 && i < 5 + limit) || buffer[i] == 0xEE);
                }

                if (fits)
                {
                    Assert.AreEqual(PacketText.Hex(expected, 0, expected.Length), PacketText.Hex(buffer, 5, Writer.Length));
                }
            }
        }

        [TestMethod]
        public static void What_is_out_of_order_or_out_of_range_overflows()
        {
            byte[] buffer = new byte[400];
            for (int wrong = 0; wrong < 6; wrong++)
            {
                Begin(buffer, 0, 400);
                Writer.OptionUInt(60, 1);
                Assert.IsFalse(Writer.Overflowed);
                switch (wrong)
                {
                    case 0:
                        Writer.OptionUInt(59, 0);
                        break;
                    case 1:
                        Writer.Option(65536, buffer, 0, 0);
                        break;
                    case 2:
                        // a delta that two bytes cannot say
                        Writer.OptionUInt(131072, 0);
                        break;
                    case 3:
                        Writer.Payload(buffer, 0, 1);
                        Assert.IsFalse(Writer.Overflowed);
                        Writer.OptionUInt(65535, 0);
                        break;
                    case 4:
                        Writer.Payload(buffer, 0, 1);
                        Writer.Payload(buffer, 0, 1);
                        break;
                    default:
                        Writer.Begin(buffer, 0, 400, 0, 1, 1, buffer, 0, 9);
                        break;
                }

                Assert.IsTrue(Writer.Overflowed);
                Writer.OptionUInt(65535, 0);
                Assert.IsTrue(Writer.Overflowed);
            }
        }

        [TestMethod]
        public static void The_payload_may_stand_further_behind_in_the_same_buffer()
        {
            for (int gap = 0; gap < 8; gap++)
            {
                byte[] buffer = new byte[24];
                System.Array.Copy(PacketText.Parse("'payload'"), 0, buffer, 6 + gap, 7);
                Begin(buffer, 0, 24);
                Writer.OptionUInt(12, 50);
                Writer.Payload(buffer, 6 + gap, 7);
                Assert.IsFalse(Writer.Overflowed);
                Assert.AreEqual("40 01 00 01 C1 32 FF 70 61 79 6C 6F 61 64", PacketText.Hex(buffer, 0, Writer.Length));
            }
        }

        // 3.1: no datagram holds it, but the format does. One array, since that is much on a device.
        [TestMethod]
        public static void The_longest_value_has_65804_bytes()
        {
            byte[] buffer = new byte[4 + 3 + 65805];
            Begin(buffer, 0, buffer.Length);
            Writer.Option(1, buffer, 7, 65804);
            Assert.IsFalse(Writer.Overflowed);
            Assert.AreEqual("1E FF FF", PacketText.Hex(buffer, 4, 3));
            CoapMessage message = new CoapMessage();
            Assert.AreEqual((int)CoapParseResult.Malformed, (int)message.Parse(buffer, 0, Writer.Length - 1));
            Assert.AreEqual((int)CoapParseResult.Ok, (int)message.Parse(buffer, 0, Writer.Length));
            Assert.IsTrue(message.NextOption());
            Assert.AreEqual(65804, message.OptionLength);
            Begin(buffer, 0, buffer.Length);
            Writer.Option(1, buffer, 7, 65805);
            Assert.IsTrue(Writer.Overflowed);
        }

        private static void Begin(byte[] buffer, int offset, int limit)
        {
            Writer.Begin(buffer, offset, limit, CoapType.Con, CoapCode.Get, 1, null, 0, 0);
        }
    }
}

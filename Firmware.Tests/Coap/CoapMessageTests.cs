// The reader against vectors written by hand from RFC 7252. Each message stands in the middle of a larger buffer, once among zeros, which go on
// as empty options, and once among 0xFF, which would be payload markers: what is around it must not matter.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Coap
{
    [TestClass]
    public static class CoapMessageTests
    {
        private const int Margin = 6;

        private static readonly CoapMessage Message = new CoapMessage();

        // how many options; number and length of the last one; length of the payload
        [DataRow("40 01 7D 34  BB 'temperature'", 1, 11, 11, 0)] // appendix A, figure 16
        [DataRow("60 45 7D 34  FF '22.3 C'", 0, 0, 0, 6)]
        [DataRow("41 01 7D 35 20  BB 'temperature'", 1, 11, 11, 0)] // figure 17
        [DataRow("61 45 7D 35 20  FF '22.3 C'", 0, 0, 0, 6)]
        [DataRow("60 00 7D 38", 0, 0, 0, 0)] // figure 20: the acknowledgement before a separate response
        [DataRow("40 00 00 00", 0, 0, 0, 0)] // 4.3: ping
        [DataRow("70 00 FF FF", 0, 0, 0, 0)]
        [DataRow("58 05 01 02 01 02 03 04 05 06 07 08", 0, 0, 0, 0)] // 3: the longest token
        [DataRow("44 FF 00 01 FF 00 FF 00  FF FF FF", 0, 0, 0, 2)] // 3: only the first marker is one
        [DataRow("40 01 00 01  B1 'a' 01 'b' 00 41 'q' 22 FF FF", 5, 17, 2, 0)] // 3.1: delta 0 repeats
        [DataRow("40 03 00 01  C0", 1, 12, 0, 0)] // 3.1: delta
        [DataRow("40 03 00 01  D0 00 FF 'x'", 1, 13, 0, 1)]
        [DataRow("40 03 00 01  D0 FF", 1, 268, 0, 0)]
        [DataRow("40 03 00 01  E0 00 00", 1, 269, 0, 0)]
        [DataRow("40 03 00 01  E0 FE F2 00", 2, 65535, 0, 0)] // 12.2: the highest number
        [DataRow("40 03 00 01  0C 'x'*12", 1, 0, 12, 0)] // 3.1: length
        [DataRow("40 03 00 01  1D 00 FF*13 FF FF", 1, 1, 13, 1)]
        [DataRow("40 03 00 01  1D FF 'x'*268", 1, 1, 268, 0)]
        [DataRow("40 03 00 01  1E 00 00 'x'*269", 1, 1, 269, 0)]
        [DataRow("40 03 00 01  DD 00 01 'x'*14 EE 00 01 00 02 'x'*271 FF 'p'", 2, 283, 271, 1)] // both
        [DataRow("40 01 00 01  B0 00*199", 200, 11, 0, 0)]
        public static void Reads_a_message_and_every_cut_of_it(string text, int options, int lastNumber, int lastLength, int payload)
        {
            byte[] bytes = PacketText.Parse(text);
            byte[] wide = new byte[bytes.Length + (2 * Margin)];
            Assert.AreEqual((int)CoapParseResult.Ok, Parse(wide, bytes, bytes.Length, 0));
            Assert.AreEqual((bytes[0] >> 4) & 3, Message.Type);
            Assert.AreEqual(bytes[1], Message.Code);
            Assert.AreEqual((bytes[2] << 8) | bytes[3], Message.MessageId);
            Assert.AreEqual(bytes[0] & 15, Message.TokenLength);
            Assert.AreEqual(payload, Message.PayloadLength);

            // a cut is well-formed behind the token, behind an option and within the payload; nowhere else
            bool[] isEnd = new bool[bytes.Length + 1];
            isEnd[Message.OptionsOffset - Margin] = true;
            for (int i = Message.PayloadOffset + 1 - Margin; i <= bytes.Length; i++)
            {
                isEnd[i] = true;
            }

            int count = 0;
            while (Message.NextOption())
            {
                count++;
                isEnd[Message.OptionOffset + Message.OptionLength - Margin] = true;
            }

            Assert.AreEqual(options, count);
            Assert.AreEqual(lastNumber, Message.OptionNumber);
            Assert.AreEqual(lastLength, Message.OptionLength);
            Assert.IsTrue(isEnd[bytes.Length]);
            byte[] again = new byte[bytes.Length];
            for (int length = 0; length <= bytes.Length; length++)
            {
                CoapParseResult expected = length < 4 ? CoapParseResult.NotCoap : isEnd[length] ? CoapParseResult.Ok : CoapParseResult.Malformed;
                Assert.AreEqual((int)expected, Parse(wide, bytes, length, 0));
                int sum = Walk();
                Assert.AreEqual((int)expected, Parse(wide, bytes, length, 0xFF));
                Assert.AreEqual(sum, Walk());

                // and with nothing at all behind it
                byte[] narrow = new byte[length];
                System.Array.Copy(bytes, narrow, length);
                Assert.AreEqual((int)expected, (int)Message.Parse(narrow, 0, length));
                if (expected == CoapParseResult.Ok)
                {
                    WriteAgain(again);
                    Assert.AreEqual(PacketText.Hex(bytes, 0, length), PacketText.Hex(again, 0, length));
                }
            }
        }

        [DataRow("44 01 AB CD 'abc'")] // 3: token
        [DataRow("4F 01 AB CD 'x'*15")]
        [DataRow("40 00 AB CD 00")] // 4.1: nothing behind an empty message, and no token
        [DataRow("41 00 AB CD 'a'")]
        [DataRow("41 00 AB CD")]
        [DataRow("60 00 AB CD FF 'a'")]
        [DataRow("70 00 AB CD 'stray'")]
        [DataRow("40 01 AB CD FF")] // 3: a marker without a payload
        [DataRow("40 01 AB CD B1 'a' FF")]
        [DataRow("40 01 AB CD F0 00 00 00")] // 3.1: 15 is reserved
        [DataRow("40 01 AB CD FE 00 00 00")]
        [DataRow("40 01 AB CD 0F 'x'*40")]
        [DataRow("40 01 AB CD B1 'a' DF 00 'x'*40")]
        [DataRow("40 01 AB CD D0")] // 3.1: an extension that is cut
        [DataRow("40 01 AB CD E0 00")]
        [DataRow("40 01 AB CD 0D")]
        [DataRow("40 01 AB CD 0E 00")]
        [DataRow("40 01 AB CD DD 00")]
        [DataRow("40 01 AB CD EE 00 00 00")]
        [DataRow("40 01 AB CD 01")] // 3.1: a value that is cut
        [DataRow("40 01 AB CD 0C 'x'*11")]
        [DataRow("40 01 AB CD 0D 00 'x'*12")]
        [DataRow("40 01 AB CD 0E 00 00 'x'*268")]
        [DataRow("40 01 AB CD 0E FF FF 'x'*9")]
        [DataRow("40 01 AB CD E0 FE F3")] // 12.2: numbers above 65,535
        [DataRow("40 01 AB CD E0 FF FF")]
        [DataRow("40 01 AB CD E0 FE F2 10")]
        public static void Tells_a_message_format_error(string text)
        {
            byte[] bytes = PacketText.Parse(text);
            byte[] wide = new byte[bytes.Length + (2 * Margin)];
            Assert.AreEqual((int)CoapParseResult.Malformed, (int)Message.Parse(bytes, 0, bytes.Length));
            for (int poison = 0; poison <= 0xFF; poison += 0xFF)
            {
                Assert.AreEqual((int)CoapParseResult.Malformed, Parse(wide, bytes, bytes.Length, poison));

                // what a Reset needs
                Assert.AreEqual((bytes[0] >> 4) & 3, Message.Type);
                Assert.AreEqual(0xABCD, Message.MessageId);
                Walk();
            }
        }

        [TestMethod]
        public static void Takes_version_1_and_tokens_of_0_to_8_bytes_only()
        {
            byte[] wide = new byte[32];
            byte[] bytes = new byte[20];
            bytes[1] = CoapCode.Get;
            for (int first = 0; first < 256; first++)
            {
                bytes[0] = (byte)first;
                CoapParseResult expected = first >> 6 != 1 ? CoapParseResult.NotCoap : (first & 15) > 8 ? CoapParseResult.Malformed : CoapParseResult.Ok;
                Assert.AreEqual((int)expected, Parse(wide, bytes, bytes.Length, 0));
            }
        }

        [TestMethod]
        public static void Finds_options_by_number_in_one_pass()
        {
            byte[] bytes = PacketText.Parse("40 01 00 01  41 'e' 71 'a' 01 'b' 11 32 30 41 'p'");
            Parse(new byte[bytes.Length + (2 * Margin)], bytes, bytes.Length, 0);
            Assert.IsFalse(Message.NextOption(1));
            Assert.IsTrue(Message.NextOption(4));
            Assert.IsFalse(Message.NextOption(4));
            Assert.IsTrue(Message.NextOption(11));
            Assert.IsTrue(Message.NextOption(11));
            Assert.IsTrue(Message.Buffer[Message.OptionOffset] == 'b');
            Assert.IsFalse(Message.NextOption(11));

            // what was not there has not moved the cursor
            Assert.IsTrue(Message.Buffer[Message.OptionOffset] == 'b');
            Assert.IsTrue(Message.NextOption(12));
            Assert.AreEqual(0x32, Message.OptionUInt());
            Assert.IsTrue(Message.NextOption());
            Assert.AreEqual(0, Message.OptionUInt());
            Assert.IsFalse(Message.NextOption(17));
            Assert.IsTrue(Message.NextOption(19));
            Assert.IsFalse(Message.NextOption(20));
            Assert.IsFalse(Message.NextOption());
            Message.RewindOptions();
            Assert.IsTrue(Message.NextOption(12));
        }

        // 3.2
        [DataRow("", 0)]
        [DataRow("00 00 01", 1)]
        [DataRow("FF FF", 65535)]
        [DataRow("01 00 00 00", 16777216)]
        [DataRow("7F FF FF FF", 2147483647)]
        [DataRow("80 00 00 00", 2147483647)]
        [DataRow("FF FF FF FF", 2147483647)]
        [DataRow("00 00 00 00 00 7F FF FF FF", 2147483647)]
        [DataRow("01 00 00 00 00 00 00 00 00", 2147483647)]
        public static void Reads_an_unsigned_integer(string text, int expected)
        {
            byte[] bytes = PacketText.Parse("FF " + text + " FF");
            Assert.AreEqual(expected, CoapMessage.UInt(bytes, 1, bytes.Length - 2));
        }

        private static int Parse(byte[] wide, byte[] bytes, int length, int poison)
        {
            for (int i = 0; i < wide.Length; i++)
            {
                wide[i] = (byte)poison;
            }

            System.Array.Copy(bytes, 0, wide, Margin, length);
            return (int)Message.Parse(wide, Margin, length);
        }

        // requires all views inside, in order; returns a sum over all that the reader tells
        private static int Walk()
        {
            int end = Message.Offset + Message.Length;
            if (Message.Length < CoapMessage.HeaderLength)
            {
                Assert.IsFalse(Message.NextOption());
                return 0;
            }

            int at = Message.OptionsOffset;
            Assert.IsTrue(Message.TokenOffset == Message.Offset + 4 && Message.TokenLength >= 0 && Message.TokenOffset + Message.TokenLength <= at);
            int optionsEnd = at + Message.OptionsLength;
            Assert.IsTrue(at <= optionsEnd && optionsEnd <= Message.PayloadOffset && Message.PayloadOffset + Message.PayloadLength == end);
            int sum = (Message.TokenLength * 31) + (Message.PayloadOffset * 7) + Message.PayloadLength;
            while (Message.NextOption())
            {
                Assert.IsTrue(Message.OptionOffset > at && Message.OptionLength >= 0);
                at = Message.OptionOffset + Message.OptionLength;
                sum = (sum * 131) + (Message.OptionNumber * 7) + (Message.OptionOffset * 3) + Message.OptionLength;
            }

            Assert.AreEqual(optionsEnd, at);
            return sum;
        }

        private static void WriteAgain(byte[] target)
        {
            byte[] buffer = Message.Buffer;
            CoapWriter writer = new CoapWriter();
            writer.Begin(target, 0, Message.Length, Message.Type, Message.Code, Message.MessageId, buffer, Message.TokenOffset, Message.TokenLength);
            Message.RewindOptions();
            while (Message.NextOption())
            {
                writer.Option(Message.OptionNumber, buffer, Message.OptionOffset, Message.OptionLength);
            }

            writer.Payload(buffer, Message.PayloadOffset, Message.PayloadLength);
            Assert.IsFalse(writer.Overflowed);
            Assert.AreEqual(Message.Length, writer.Length);
        }
    }
}

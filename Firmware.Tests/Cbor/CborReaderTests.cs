// CborReader over the vectors of RFC 8949, appendix A, that it takes, all their truncations, and what it refuses (also appendix F).

using System;
using System.Text;
using Firmware.Protocols.Cbor;
using Firmware.Tests.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Cbor
{
    [TestClass]
    public static class CborReaderTests
    {
        private const int Offset = 3;

        private static readonly CborReader Reader = new CborReader(4);
        private static readonly byte[] Letters = JsonText.Bytes("?{}[]TBIFtfz.!");

        // integers: appendix A, in one array; beyond int the trace shows -
        [DataRow("8D00010A171818186418FF1903E81A000F42401A7FFFFFFF1A800000001B000000E8D4A510001BFFFFFFFFFFFFFFFF", "[I0I1I10I23I24I100I255I1000I1000000I2147483647I-I-I-].", 13)]
        [DataRow("87202938633903E73A7FFFFFFF3A800000003BFFFFFFFFFFFFFFFF", "[I-1I-10I-100I-1000I-2147483648I-I-].", 7)]

        // the same integer in longer heads (4.1 binds the writer only)
        [DataRow("84180A19000A1A0000000A1B000000000000000A", "[I10I10I10I10].", 4)]

        // floats: 0.0 -0.0 1.0 1.5 65504.0 5.9e-8 -4.0 Infinity NaN; 100000.0 3.4e38; 1.1 -4.1 1e300; int's limits
        [DataRow("89F90000F98000F93C00F93E00F97BFFF90001F9C400F97C00F97E00", "[F0F0F1F-F65504F-F-4F-F-].", 9)]
        [DataRow("84FA47C35000FA7F7FFFFFFA4F000000FACF000000", "[F100000F-F-F-2147483648].", 4)]
        [DataRow("86FB3FF199999999999AFBC010666666666666FB7E37E43C8800759CFB41DFFFFFFFC00000FB41E0000000000000FBC1E0000000000000", "[F-F-F-F2147483647F-F-2147483648].", 6)]

        // strings: IETF, "\, U+00FC, U+6C34, U+10151
        [DataRow("8940440102030460616164494554466222 5C62C3BC63E6B0B464F0908591", "[BBTTaTIETFT\"\\T\u00FCT\u6C34T\U00010151].", 9)]

        // containers
        [DataRow("80", "[].", 0)]
        [DataRow("A0", "{}.", 0)]
        [DataRow("8301820203820405", "[I1[I2I3][I4I5]].", 3)]
        [DataRow("A201020304", "{I1I2I3I4}.", 2)]
        [DataRow("A26161016162820203", "{TaI1Tb[I2I3]}.", 2)]
        [DataRow("826161A161626163", "[Ta{TbTc}].", 2)]
        [DataRow("83F4F5F6", "[ftz].", 3)]
        public static void Reads_appendix_a_and_wants_more_of_every_truncation(string hex, string trace, int count)
        {
            byte[] item = Hex(hex);
            int length = item.Length - Offset - 1;
            Assert.AreEqual(trace, Trace(item, length));
            Assert.IsTrue(Reader.Error == CborError.None && Reader.Read() == CborToken.End && Reader.Depth == 0);
            Assert.AreEqual(count, item[Offset] & 0x1F);
            for (int cut = 0; cut < length; cut++)
            {
                Trace(item, cut);
                Assert.AreEqual((int)CborError.UnexpectedEnd, (int)Reader.Error);
            }

            Trace(item, length + 1);
            Assert.AreEqual((int)CborError.TrailingData, (int)Reader.Error);
            Assert.AreEqual(Offset + length, Reader.ErrorOffset);
        }

        [DataRow("1C", (int)CborError.Malformed)]
        [DataRow("5E", (int)CborError.Malformed)]
        [DataRow("1F", (int)CborError.Malformed)]
        [DataRow("DF00", (int)CborError.Malformed)]
        [DataRow("81FF", (int)CborError.Malformed)]
        [DataRow("F814", (int)CborError.Malformed)]
        [DataRow("5F42010243030405FF", (int)CborError.IndefiniteLength)]
        [DataRow("9FFF", (int)CborError.IndefiniteLength)]
        [DataRow("BFFF", (int)CborError.IndefiniteLength)]
        [DataRow("8181818181", (int)CborError.UnexpectedEnd)]
        [DataRow("818181818100", (int)CborError.DepthExceeded)]
        [DataRow("9BFFFFFFFFFFFFFFFF00", (int)CborError.UnexpectedEnd)]
        [DataRow("BA7FFFFFFF00", (int)CborError.UnexpectedEnd)]
        [DataRow("7B7FFFFFFFFFFFFFFF00", (int)CborError.UnexpectedEnd)]
        [DataRow("61C3", (int)CborError.BadUtf8)]
        [DataRow("62C080", (int)CborError.BadUtf8)]
        [DataRow("C11A514B67B0", (int)CborError.UnsupportedTag)]
        [DataRow("F7", (int)CborError.UnsupportedSimpleValue)]
        [DataRow("F0", (int)CborError.UnsupportedSimpleValue)]
        [DataRow("F8FF", (int)CborError.UnsupportedSimpleValue)]
        [DataRow("A1F93C0000", (int)CborError.UnsupportedKey)]
        [DataRow("A1414100", (int)CborError.UnsupportedKey)]
        [DataRow("0000", (int)CborError.TrailingData)]
        public static void Refuses(string hex, int error)
        {
            byte[] item = Hex(hex);
            string trace = Trace(item, item.Length - Offset - 1);
            Assert.AreEqual('!', trace[trace.Length - 1]);
            Assert.AreEqual(error, (int)Reader.Error);
            Assert.IsTrue(Reader.Read() == CborToken.Error && !Reader.SkipValue());
        }

        [TestMethod]
        public static void Skips_values_and_tells_keys_from_values()
        {
            // {"a": [1, {2: "b"}], "b": "a"}
            byte[] item = Hex("A261618201A10261626162 6161");
            Reader.Reset(item, Offset, item.Length - Offset - 1);
            byte[] copied = new byte[4];
            Assert.IsTrue(Reader.SkipValue() && Reader.Token == CborToken.None);
            Assert.IsTrue(Reader.Read() == CborToken.BeginMap && !Reader.IsKey);
            Assert.IsTrue(Reader.Read() == CborToken.Text && Reader.IsKey && Reader.TokenIs(new byte[] { 0x61 }));
            Assert.IsTrue(Reader.SkipValue() && Reader.Token == CborToken.EndArray && Reader.Depth == 1);
            Assert.IsTrue(Reader.Read() == CborToken.Text && Reader.IsKey && Reader.CopyString(copied, 3, 1) == 1 && copied[3] == 0x62);
            Assert.AreEqual(-1, Reader.CopyString(copied, 4, 1));
            Assert.AreEqual(-1, Reader.CopyString(copied, 0, 0));
            Assert.IsTrue(Reader.Read() == CborToken.Text && !Reader.IsKey);
            Assert.IsTrue(Reader.SkipValue() && Reader.Token == CborToken.Text);
            Assert.IsTrue(Reader.Read() == CborToken.EndMap && Reader.Read() == CborToken.End);
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Reader.Reset(copied, 2, 3));
        }

        /// <summary>The bytes of hex digits, spaces between them ignored, behind hostile bytes and before one more.</summary>
        internal static byte[] Hex(string digits)
        {
            byte[] bytes = new byte[Offset + (digits.Length / 2) + 1];
            int count = 0;
            for (int i = 0; i < digits.Length; i++)
            {
                if (digits[i] != ' ')
                {
                    int nibble = digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'A' + 10;
                    bytes[Offset + (count >> 1)] = (byte)((bytes[Offset + (count >> 1)] << 4) | nibble);
                    count++;
                }
            }

            byte[] exact = new byte[Offset + (count >> 1) + 1];
            Array.Copy(bytes, 0, exact, 0, exact.Length);
            return exact;
        }

        // One letter a token, with the text, or the integer or -.
        private static string Trace(byte[] item, int length)
        {
            Reader.Reset(item, Offset, length);
            string trace = string.Empty;
            while (true)
            {
                CborToken token = Reader.Read();
                trace += (char)Letters[(int)token];
                Assert.IsTrue(Reader.TokenOffset >= Offset && Reader.TokenOffset + Reader.TokenLength <= Offset + length);
                if (token == CborToken.Text)
                {
                    trace += Encoding.UTF8.GetString(item, Reader.TokenOffset, Reader.TokenLength);
                }
                else if (token == CborToken.Integer || token == CborToken.Float)
                {
                    trace += Reader.TryGetInt32(out int value) ? value.ToString() : "-";
                }
                else if (token == CborToken.End || token == CborToken.Error)
                {
                    return trace;
                }
            }
        }
    }
}

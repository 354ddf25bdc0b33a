// CborWriter: the vectors of RFC 8949, appendix A, in preferred serialization; overflow.

using System;
using Firmware.Protocols.Cbor;
using Firmware.Tests.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Cbor
{
    [TestClass]
    public static class CborWriterTests
    {
        private const int Capacity = 96;

        private static readonly byte[] Buffer = new byte[Capacity + 8];
        private static readonly CborWriter Writer = new CborWriter(Buffer, 4, Capacity);

        [TestMethod]
        public static void Writes_integers_in_the_shortest_head()
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.Int(0);
            Writer.Int(23);
            Writer.Int(24);
            Writer.Int(255);
            Writer.Int(256);
            Writer.Int(65535);
            Writer.Int(65536);
            Writer.Long(4294967295);
            Writer.Long(4294967296);
            Writer.Long(long.MaxValue);
            Written("00 17 1818 18FF 190100 19FFFF 1A00010000 1AFFFFFFFF 1B0000000100000000 1B7FFFFFFFFFFFFFFF");
            Writer.Int(-1);
            Writer.Int(-24);
            Writer.Int(-25);
            Writer.Int(-256);
            Writer.Int(-1000);
            Writer.Int(int.MinValue);
            Writer.Long(long.MinValue);
            Written("20 37 3818 38FF 3903E7 3A7FFFFFFF 3B7FFFFFFFFFFFFFFF");
        }

        [TestMethod]
        public static void Writes_floats_in_the_shortest_format_that_keeps_them()
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.Double(0.0);
            Writer.Double(1.0);
            Writer.Double(1.5);
            Writer.Double(65504.0);
            Writer.Double(-4.0);
            Writer.Double(5.960464477539063e-8);
            Writer.Double(0.00006103515625);
            Writer.Double(double.PositiveInfinity);
            Writer.Double(double.NegativeInfinity);
            Writer.Double(double.NaN);
            Written("F90000 F93C00 F93E00 F97BFF F9C400 F90001 F90400 F97C00 F9FC00 F97E00");
            Writer.Double(100000.0);
            Writer.Double(65536.0);
            Writer.Double(3.4028234663852886e+38);
            Writer.Double(2.98023223876953125e-8);
            Written("FA47C35000 FA47800000 FA7F7FFFFF FA33000000");
            Writer.Double(1.1);
            Writer.Double(-4.1);
            Writer.Double(1.0e+300);
            Written("FB3FF199999999999A FBC010666666666666 FB7E37E43C8800759C");
        }

        [TestMethod]
        public static void Writes_fixed_point_as_an_integer_or_as_a_float()
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.Fixed(21000, 3);
            Writer.Fixed(-2147483648, 0);
            Writer.Fixed(21500, 3);
            Writer.Fixed(-5, 1);
            Writer.Fixed(100000125, 3);
            Writer.Fixed(11, 1);
            Writer.Fixed(-41, 1);
            Writer.Fixed(1, 9);
            Written("15 3A7FFFFFFF F94D60 F9B800 FA47C35010 FB3FF199999999999A FBC010666666666666 FB3E112E0BE826D695");
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Writer.Fixed(1, 10));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Writer.BeginMap(-1));
        }

        [TestMethod]
        public static void Writes_strings_containers_and_simple_values_until_it_overflows()
        {
            Writer.Reset(Buffer, 4, Capacity);
            WriteSample();
            int needed = Writer.Length;
            Written("A3 6161 84F4F5F680 64F0908591 426122 68EFBFBD61EFBFBD22 A0");
            for (int capacity = 0; capacity <= needed; capacity++)
            {
                Buffer[4 + capacity] = 0xEE;
                Writer.Reset(Buffer, 4, capacity);
                WriteSample();
                Assert.AreEqual(capacity < needed, Writer.Overflowed);
                Assert.AreEqual((byte)0xEE, Buffer[4 + capacity]);
                if (Writer.Overflowed)
                {
                    // what fits again must not be appended
                    int length = Writer.Length;
                    Writer.Null();
                    Assert.AreEqual(length, Writer.Length);
                }
            }
        }

        // {"a": [false, true, null, []], U+10151: h'6122', a text that is no UTF-8: {}}
        private static void WriteSample()
        {
            byte[] text = { 0x80, 0x61, 0xC3, 0x22 };
            Writer.BeginMap(3);
            Writer.Text(text, 1, 1);
            Writer.BeginArray(4);
            Writer.Bool(false);
            Writer.Bool(true);
            Writer.Null();
            Writer.BeginArray(0);
            Writer.Text(JsonText.Bytes("\U00010151"));
            Writer.Bytes(new byte[] { 0, 0x61, 0x22 }, 1, 2);
            Writer.Text(text);
            Writer.BeginMap(0);
        }

        // Compares what was written and starts anew.
        private static void Written(string hex)
        {
            byte[] padded = CborReaderTests.Hex(hex);
            byte[] expected = new byte[padded.Length - 4];
            Array.Copy(padded, 3, expected, 0, expected.Length);
            byte[] actual = new byte[Writer.Length];
            Array.Copy(Buffer, Writer.Offset, actual, 0, actual.Length);
            Assert.IsFalse(Writer.Overflowed);
            CollectionAssert.AreEqual(expected, actual);
            Writer.Reset();
        }
    }
}

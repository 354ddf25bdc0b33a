// JsonWriter: separators, escapes, numbers, overflow; what it writes, JsonReader reads. In vectors ' stands for ".

using System;
using System.Text;
using Firmware.Protocols.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Json
{
    [TestClass]
    public static class JsonWriterTests
    {
        private const int Capacity = 128;

        private static readonly byte[] Buffer = new byte[Capacity + 8];
        private static readonly JsonWriter Writer = new JsonWriter(Buffer, 4, Capacity);
        private static readonly JsonReader Reader = new JsonReader();

        [TestMethod]
        public static void Puts_commas_and_colons_where_they_belong()
        {
            Writer.Reset(Buffer, 4, Capacity);
            WriteSample();
            Assert.AreEqual("{\"a\":1,\"b\":[true,false,null,[],{}],\"c\":{\"d\":\"e\",\"f\":-2},\"g\":{\"raw\":[]}}", Text());
            Assert.IsFalse(Writer.Overflowed);
        }

        [DataRow("", "''")]
        [DataRow("plain /text", "'plain /text'")]
        [DataRow("22", "'22'")]
        [DataRow("a\"b\\c", "'a\\'b\\\\c'")]
        [DataRow("\b\f\n\r\t", "'\\b\\f\\n\\r\\t'")]
        [DataRow("\u0001\u001F\u007F", "'\\u0001\\u001f\u007F'")]
        [DataRow("\u00E9\u20AC\U0001D11E", "'\u00E9\u20AC\U0001D11E'")]
        public static void Escapes_strings_as_rfc_8259_section_7_requires(string value, string expected)
        {
            Writer.Reset(Buffer, 4, Capacity);
            byte[] bytes = JsonText.Bytes(value);
            Writer.String(bytes);
            byte[] quoted = JsonText.Quoted(expected);
            Assert.AreEqual(Encoding.UTF8.GetString(quoted, 0, quoted.Length), Text());

            Reader.Reset(Buffer, Writer.Offset, Writer.Length);
            Assert.IsTrue(Reader.Read() == JsonToken.String);
            Assert.IsTrue(Reader.TokenIs(bytes));
            Assert.IsTrue(Reader.Read() == JsonToken.End);
        }

        [TestMethod]
        public static void Writes_json_even_if_the_bytes_are_no_text()
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.String(JsonText.Hex("00 61 80 C3 22 FF"));
            CollectionAssert.AreEqual(JsonText.Hex("22 5C 75 30 30 30 30 61 EF BF BD EF BF BD 5C 22 EF BF BD 22"), Written());
        }

        [TestMethod]
        public static void Writes_a_part_of_a_buffer()
        {
            Writer.Reset(Buffer, 4, Capacity);
            byte[] source = JsonText.Bytes("<\"abc\">");
            Writer.BeginArray();
            Writer.String(source, 2, 3);
            Writer.Raw(source, 1, 5);
            Writer.EndArray();
            Assert.AreEqual("[\"abc\",\"abc\"]", Text());
        }

        [DataRow(0, "0")]
        [DataRow(7, "7")]
        [DataRow(-10, "-10")]
        [DataRow(2147483647, "2147483647")]
        [DataRow(-2147483648, "-2147483648")]
        public static void Writes_integers(int value, string expected)
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.Int(value);
            Assert.AreEqual(expected, Text());
        }

        [DataRow(0L, "0")]
        [DataRow(1700000000000L, "1700000000000")]
        [DataRow(long.MaxValue, "9223372036854775807")]
        [DataRow(long.MinValue, "-9223372036854775808")]
        public static void Writes_long_integers(long value, string expected)
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.Long(value);
            Assert.AreEqual(expected, Text());
        }

        [DataRow(21500, 3, "21.5")]
        [DataRow(21000, 3, "21")]
        [DataRow(21512, 3, "21.512")]
        [DataRow(-21512, 3, "-21.512")]
        [DataRow(5, 3, "0.005")]
        [DataRow(-5, 3, "-0.005")]
        [DataRow(50, 3, "0.05")]
        [DataRow(0, 3, "0")]
        [DataRow(100, 0, "100")]
        [DataRow(1, 9, "0.000000001")]
        [DataRow(2147483647, 9, "2.147483647")]
        [DataRow(-2147483648, 9, "-2.147483648")]
        [DataRow(-2147483648, 1, "-214748364.8")]
        public static void Writes_fixed_point_that_reads_back_the_same(int value, int decimals, string expected)
        {
            Writer.Reset(Buffer, 4, Capacity);
            Writer.Fixed(value, decimals);
            Assert.AreEqual(expected, Text());

            Reader.Reset(Buffer, Writer.Offset, Writer.Length);
            Reader.Read();
            Assert.IsTrue(Reader.TryGetFixed(decimals, out int read));
            Assert.AreEqual(value, read);
        }

        [TestMethod]
        public static void Refuses_decimals_out_of_range()
        {
            Writer.Reset(Buffer, 4, Capacity);
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Writer.Fixed(1, 10));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Writer.Fixed(1, -1));
        }

        [TestMethod]
        public static void Overflows_once_and_for_all_and_never_beyond_its_range()
        {
            Writer.Reset(Buffer, 4, Capacity);
            WriteSample();
            int needed = Writer.Length;
            for (int capacity = 0; capacity <= needed; capacity++)
            {
                for (int i = 0; i < Buffer.Length; i++)
                {
                    Buffer[i] = 0xEE;
                }

                Writer.Reset(Buffer, 4, capacity);
                WriteSample();
                if (Writer.Overflowed != (capacity < needed))
                {
                    Assert.IsTrue(false, "capacity " + capacity.ToString());
                }

                Assert.AreEqual((byte)0xEE, Buffer[3]);
                Assert.AreEqual((byte)0xEE, Buffer[4 + capacity]);
                if (Writer.Overflowed)
                {
                    // what fits again after an overflow must not be appended: it would leave a gap
                    int length = Writer.Length;
                    Writer.Null();
                    Writer.EndObject();
                    Assert.AreEqual(length, Writer.Length);
                }
            }

            Writer.Reset();
            Assert.IsFalse(Writer.Overflowed);
            Assert.AreEqual(0, Writer.Length);
        }

        [TestMethod]
        public static void Refuses_a_range_outside_the_buffer()
        {
            Assert.ThrowsException(typeof(ArgumentNullException), () => new JsonWriter(null));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new JsonWriter(new byte[4], 2, 3));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new JsonWriter(new byte[4], -1, 3));
        }

        private static void WriteSample()
        {
            Writer.BeginObject();
            Writer.Name(JsonText.Bytes("a"));
            Writer.Int(1);
            Writer.Name(JsonText.Bytes("b"));
            Writer.BeginArray();
            Writer.Bool(true);
            Writer.Bool(false);
            Writer.Null();
            Writer.BeginArray();
            Writer.EndArray();
            Writer.BeginObject();
            Writer.EndObject();
            Writer.EndArray();
            Writer.Name(JsonText.Bytes("c"));
            Writer.BeginObject();
            Writer.Name(JsonText.Bytes("d"));
            Writer.String(JsonText.Bytes("e"));
            Writer.Name(JsonText.Bytes("f"));
            Writer.Int(-2);
            Writer.EndObject();
            Writer.Name(JsonText.Bytes("g"));
            Writer.Raw(JsonText.Bytes("{\"raw\":[]}"));
            Writer.EndObject();
        }

        private static string Text()
        {
            return Encoding.UTF8.GetString(Buffer, Writer.Offset, Writer.Length);
        }

        private static byte[] Written()
        {
            byte[] copy = new byte[Writer.Length];
            Array.Copy(Buffer, Writer.Offset, copy, 0, copy.Length);
            return copy;
        }
    }
}

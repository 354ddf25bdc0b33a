// The values of JsonReader's tokens: comparison, copies, integers and fixed point; skipping. In vectors ' stands for ".

using Firmware.Protocols.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Json
{
    [TestClass]
    public static class JsonValueTests
    {
        private static readonly JsonReader Reader = new JsonReader();
        private static readonly byte[] Destination = new byte[16];

        [DataRow("'seconds'", "seconds", true)]
        [DataRow("'second'", "seconds", false)]
        [DataRow("'secondss'", "seconds", false)]
        [DataRow("'Seconds'", "seconds", false)]
        [DataRow("''", "", true)]
        [DataRow("''", "a", false)]
        [DataRow("'a'", "", false)]
        [DataRow("'\\u0073econds'", "seconds", true)]
        [DataRow("'second\\u0073'", "seconds", true)]
        [DataRow("'\\u0073econd'", "seconds", false)]
        [DataRow("'\\u0073econdsx'", "seconds", false)]
        [DataRow("'a\\/b'", "a/b", true)]
        [DataRow("'a\\\\b'", "a/b", false)]
        [DataRow("'\\uD834\\uDD1E'", "\U0001D11E", true)]
        [DataRow("'\U0001D11E'", "\U0001D11E", true)]
        [DataRow("5", "5", false)]
        public static void Compares_without_escapes(string text, string with, bool expected)
        {
            ReadFirst(text);
            Assert.AreEqual(expected, Reader.TokenIs(JsonText.Bytes(with)));
        }

        [DataRow("'abc'", 3, 3)]
        [DataRow("'abc'", 2, -1)]
        [DataRow("'abc'", -1, -1)]
        [DataRow("''", 0, 0)]
        [DataRow("'a\\nc'", 3, 3)]
        [DataRow("'a\\nc'", 2, -1)]
        [DataRow("'\\u20AC'", 3, 3)]
        [DataRow("'\\u20AC'", 2, -1)]
        [DataRow("'\\uD834\\uDD1E'", 4, 4)]
        [DataRow("'\\uD834\\uDD1E'", 3, -1)]
        [DataRow("'12345678901234567'", 100, -1)]
        [DataRow("'1234567890123'", 100, 13)]
        [DataRow("'12345678901234'", 100, -1)]
        [DataRow("true", 16, -1)]
        public static void Copies_only_what_fits(string text, int max, int expected)
        {
            ReadFirst(text);
            for (int i = 0; i < Destination.Length; i++)
            {
                Destination[i] = 0xEE;
            }

            Assert.AreEqual(expected, Reader.CopyString(Destination, 3, max));
            Assert.AreEqual((byte)0xEE, Destination[2]);
            int limit = 3 + (max < 0 ? 0 : max);
            if (limit < Destination.Length)
            {
                Assert.AreEqual((byte)0xEE, Destination[limit]);
            }
        }

        [DataRow("0", 0)]
        [DataRow("-0", 0)]
        [DataRow("90", 90)]
        [DataRow("-90", -90)]
        [DataRow("2147483647", 2147483647)]
        [DataRow("-2147483648", -2147483648)]
        public static void Gets_integers(string text, int expected)
        {
            ReadFirst(text);
            Assert.IsTrue(Reader.TryGetInt32(out int value));
            Assert.AreEqual(expected, value);
        }

        [DataRow("2147483648")]
        [DataRow("-2147483649")]
        [DataRow("4294967296")]
        [DataRow("4294967297")]
        [DataRow("21474836470")]
        [DataRow("99999999999999999999999999")]
        [DataRow("1.0")]
        [DataRow("1.5")]
        [DataRow("1e0")]
        [DataRow("1E5")]
        [DataRow("'1'")]
        [DataRow("true")]
        [DataRow("{}")]
        public static void Refuses_what_is_no_int(string text)
        {
            ReadFirst(text);
            Assert.IsFalse(Reader.TryGetInt32(out int value));
            Assert.AreEqual(0, value);
        }

        [DataRow("21.5", 3, 21500)]
        [DataRow("-21.5", 3, -21500)]
        [DataRow("-0.001", 3, -1)]
        [DataRow("0.0", 3, 0)]
        [DataRow("31", 3, 31000)]
        [DataRow("21.500000000000", 3, 21500)]
        [DataRow("21.000", 0, 21)]
        [DataRow("2147483.647", 3, 2147483647)]
        [DataRow("-2147483.648", 3, -2147483648)]
        [DataRow("2.147483647", 9, 2147483647)]
        [DataRow("-2.147483648", 9, -2147483648)]
        public static void Gets_fixed_point_exactly(string text, int decimals, int expected)
        {
            ReadFirst(text);
            Assert.IsTrue(Reader.TryGetFixed(decimals, out int value));
            Assert.AreEqual(expected, value);
        }

        [DataRow("21.5001", 3)]
        [DataRow("0.0001", 3)]
        [DataRow("2147483.648", 3)]
        [DataRow("-2147483.649", 3)]
        [DataRow("2147484", 3)]
        [DataRow("3", 9)]
        [DataRow("1e1", 3)]
        [DataRow("1.5e1", 3)]
        [DataRow("1", -1)]
        [DataRow("1", 10)]
        [DataRow("'1'", 3)]
        [DataRow("null", 3)]
        public static void Refuses_fixed_point_that_would_be_rounded_or_overflow(string text, int decimals)
        {
            ReadFirst(text);
            Assert.IsFalse(Reader.TryGetFixed(decimals, out int value));
            Assert.AreEqual(0, value);
        }

        [DataRow("{'x':1,'end':2}")]
        [DataRow("{'x':'}','end':2}")]
        [DataRow("{'x':{},'end':2}")]
        [DataRow("{'x':[{'a':[1,{'b':2}]},[[]],'}'],'end':2}")]
        public static void Skips_the_value_after_a_name(string text)
        {
            ReadFirst(text);
            Assert.IsTrue(Reader.Read() == JsonToken.Name);
            Assert.IsTrue(Reader.SkipValue());
            Assert.AreEqual(1, Reader.Depth);
            Assert.IsTrue(Reader.Read() == JsonToken.Name);
            Assert.IsTrue(Reader.TokenIs(JsonText.Bytes("end")));
        }

        [TestMethod]
        public static void Skips_a_container_after_its_begin_and_a_scalar_not_at_all()
        {
            ReadFirst("[[1,[2]],3,4]");
            Assert.IsTrue(Reader.Read() == JsonToken.BeginArray);
            Assert.IsTrue(Reader.SkipValue());
            Assert.IsTrue(Reader.Token == JsonToken.EndArray);
            Assert.IsTrue(Reader.Read() == JsonToken.Number);
            Assert.IsTrue(Reader.SkipValue());
            Assert.IsTrue(Reader.Read() == JsonToken.Number);
            Assert.IsTrue(Reader.TryGetInt32(out int value));
            Assert.AreEqual(4, value);
        }

        [DataRow("{'x':{'a':1,}}")]
        [DataRow("{'x':[1")]
        [DataRow("{'x'")]
        public static void Reports_an_error_in_what_it_skips(string text)
        {
            ReadFirst(text);
            Assert.IsTrue(Reader.Read() == JsonToken.Name);
            Assert.IsFalse(Reader.SkipValue());
            Assert.IsTrue(Reader.Error != JsonError.None);
        }

        private static void ReadFirst(string text)
        {
            byte[] bytes = JsonText.Quoted(text);
            Reader.Reset(bytes, 0, bytes.Length);
            Assert.IsTrue(Reader.Read() != JsonToken.Error);
        }
    }
}

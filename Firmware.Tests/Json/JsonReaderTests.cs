// JsonReader on whole texts, values, truncations and mutations. In vectors ' stands for ".

using System;
using Firmware.Protocols.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Json
{
    [TestClass]
    public static class JsonReaderTests
    {
        private static readonly JsonReader Reader = new JsonReader();

        // RFC 8259, 2: one value of any kind, white space anywhere between tokens
        [DataRow("{}", "{}.")]
        [DataRow("[]", "[].")]
        [DataRow("true", "t.")]
        [DataRow("false", "f.")]
        [DataRow("null", "z.")]
        [DataRow("'text'", "Stext .")]
        [DataRow("''", "S .")]
        [DataRow("0", "#0 .")]
        [DataRow(" \t\r\n{ \t\r\n'a' \t\r\n: \t\r\n1 \t\r\n, 'b':[ \n] \n} \n", "{Na #1 Nb []}.")]

        // RFC 8259, 4 and 5
        [DataRow("{'toaster':'on','seconds':90}", "{Ntoaster Son Nseconds #90 }.")]
        [DataRow("{'a':{'b':{'c':[1,[2,{}]]}}}", "{Na {Nb {Nc [#1 [#2 {}]]}}}.")]
        [DataRow("[true,false,null,'s',-1]", "[tfzSs #-1 ].")]
        [DataRow("{'':0,'':1}", "{N #0 N #1 }.")]

        // RFC 8259, 6
        [DataRow("[-0,10,1.5,1e5,1E+5,1.25e-10,123456789012345678901234567890]", "[#-0 #10 #1.5 #1e5 #1E+5 #1.25e-10 #123456789012345678901234567890 ].")]

        // RFC 8259, 7: all escapes; G clef U+1D11E is the RFC's example of a surrogate pair
        [DataRow("'\\'\\\\\\/\\b\\f\\n\\r\\t'", "S\"\\/\b\f\n\r\t .")]
        [DataRow("'\\u0041\\u00e9\\u20AC\\uD834\\uDD1E'", "SA\u00E9\u20AC\U0001D11E .")]
        [DataRow("'\\uFFFF \\u007f \\u0080 \\u07FF \\u0800 \\uDBFF\\uDFFF'", "S\uFFFF \u007F \u0080 \u07FF \u0800 \U0010FFFF .")]
        [DataRow("{'\\u0061\\u0062':'\u00E9\u20AC\U0001D11E'}", "{Nab S\u00E9\u20AC\U0001D11E }.")]
        public static void Reads_whole_texts(string text, string trace)
        {
            byte[] bytes = JsonText.Quoted(text);
            JsonText.ReadEverywhere(Reader, bytes, bytes.Length, 5);
            Assert.IsTrue(Reader.Error == JsonError.None);
            Reader.Reset(bytes, 0, bytes.Length);
            Assert.AreEqual(trace, JsonText.Trace(Reader));
            Assert.AreEqual(0, Reader.Depth);
            Assert.IsTrue(Reader.Read() == JsonToken.End, "the end must stay the end");
        }

        // RFC 8259, 2: nothing, or only white space
        [DataRow("", (int)JsonError.UnexpectedEnd, 0)]
        [DataRow(" \n", (int)JsonError.UnexpectedEnd, 2)]

        // RFC 8259, 3: literals in lower case, whole
        [DataRow("True", (int)JsonError.UnexpectedCharacter, 0)]
        [DataRow("trUe", (int)JsonError.UnexpectedCharacter, 2)]
        [DataRow("nul", (int)JsonError.UnexpectedEnd, 3)]
        [DataRow("truefalse", (int)JsonError.TrailingData, 4)]
        [DataRow("[truefalse]", (int)JsonError.UnexpectedCharacter, 5)]
        [DataRow("NaN", (int)JsonError.UnexpectedCharacter, 0)]

        // RFC 8259, 4: objects
        [DataRow("{,}", (int)JsonError.UnexpectedCharacter, 1)]
        [DataRow("{'a'}", (int)JsonError.UnexpectedCharacter, 4)]
        [DataRow("{'a' 1}", (int)JsonError.UnexpectedCharacter, 5)]
        [DataRow("{'a':}", (int)JsonError.UnexpectedCharacter, 5)]
        [DataRow("{'a':1,}", (int)JsonError.UnexpectedCharacter, 7)]
        [DataRow("{'a':1 'b':2}", (int)JsonError.UnexpectedCharacter, 7)]
        [DataRow("{'a':1]", (int)JsonError.UnexpectedCharacter, 6)]
        [DataRow("{a:1}", (int)JsonError.UnexpectedCharacter, 1)]
        [DataRow("{1:1}", (int)JsonError.UnexpectedCharacter, 1)]
        [DataRow("{'a'::1}", (int)JsonError.UnexpectedCharacter, 5)]

        // RFC 8259, 5: arrays
        [DataRow("[1,]", (int)JsonError.UnexpectedCharacter, 3)]
        [DataRow("[,1]", (int)JsonError.UnexpectedCharacter, 1)]
        [DataRow("[1 2]", (int)JsonError.UnexpectedCharacter, 3)]
        [DataRow("[1,,2]", (int)JsonError.UnexpectedCharacter, 3)]
        [DataRow("[1}", (int)JsonError.UnexpectedCharacter, 2)]
        [DataRow("]", (int)JsonError.UnexpectedCharacter, 0)]

        // RFC 8259, 6: numbers
        [DataRow("01", (int)JsonError.BadNumber, 0)]
        [DataRow("-01", (int)JsonError.BadNumber, 1)]
        [DataRow("00", (int)JsonError.BadNumber, 0)]
        [DataRow("-", (int)JsonError.UnexpectedEnd, 1)]
        [DataRow("-a", (int)JsonError.BadNumber, 1)]
        [DataRow("1.", (int)JsonError.UnexpectedEnd, 2)]
        [DataRow("[1.]", (int)JsonError.BadNumber, 3)]
        [DataRow("1.e5", (int)JsonError.BadNumber, 2)]
        [DataRow("[1e]", (int)JsonError.BadNumber, 3)]
        [DataRow("[1e+]", (int)JsonError.BadNumber, 4)]
        [DataRow("+1", (int)JsonError.UnexpectedCharacter, 0)]
        [DataRow(".5", (int)JsonError.UnexpectedCharacter, 0)]
        [DataRow("0x10", (int)JsonError.TrailingData, 1)]
        [DataRow("1.5.5", (int)JsonError.TrailingData, 3)]

        // RFC 8259, 7: strings and escapes
        [DataRow("'a", (int)JsonError.UnexpectedEnd, 2)]
        [DataRow("'a\nb'", (int)JsonError.UnexpectedCharacter, 2)]
        [DataRow("'a\tb'", (int)JsonError.UnexpectedCharacter, 2)]
        [DataRow("'\\x41'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\U0041'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\u004'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\u00g0'", (int)JsonError.BadEscape, 1)]
        [DataRow("'ab\\uD834'", (int)JsonError.BadEscape, 3)]
        [DataRow("'\\uD834x'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\uD834\\n'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\uD834\\u0041'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\uD834\\uD834'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\uDD1E'", (int)JsonError.BadEscape, 1)]
        [DataRow("'\\uDD1E\\uDD1E'", (int)JsonError.BadEscape, 1)]

        // RFC 8259, 2: one value
        [DataRow("{} {}", (int)JsonError.TrailingData, 3)]
        [DataRow("1 2", (int)JsonError.TrailingData, 2)]
        [DataRow("{}x", (int)JsonError.TrailingData, 2)]
        [DataRow("{}}", (int)JsonError.TrailingData, 2)]
        [DataRow("// comment", (int)JsonError.UnexpectedCharacter, 0)]

        // RFC 8259, 9: an implementation may limit the depth; here 8
        [DataRow("[[[[[[[[[", (int)JsonError.DepthExceeded, 8)]
        [DataRow("{'a':[{'b':[{'c':[{'d':[{}]}]}]}]}", (int)JsonError.DepthExceeded, 24)]
        public static void Refuses_what_is_not_json(string text, int error, int errorOffset)
        {
            RequireError(JsonText.Quoted(text), error, errorOffset);
        }

        // RFC 8259, 8.1 with RFC 3629, 3 and 4
        [DataRow("EF BB BF 31", (int)JsonError.UnexpectedCharacter, 0)] // a byte order mark
        [DataRow("22 00 22", (int)JsonError.UnexpectedCharacter, 1)] // NUL
        [DataRow("22 1F 22", (int)JsonError.UnexpectedCharacter, 1)] // the last control character
        [DataRow("00", (int)JsonError.UnexpectedCharacter, 0)]
        [DataRow("31 00", (int)JsonError.TrailingData, 1)]
        [DataRow("31 0B", (int)JsonError.TrailingData, 1)] // vertical tab is no white space
        [DataRow("31 C2 A0", (int)JsonError.TrailingData, 1)] // nor is a no-break space
        [DataRow("22 80 22", (int)JsonError.BadUtf8, 1)] // a continuation byte alone
        [DataRow("22 C0 AF 22", (int)JsonError.BadUtf8, 1)] // overlong '/'
        [DataRow("22 C1 BF 22", (int)JsonError.BadUtf8, 1)]
        [DataRow("22 C3 22 22", (int)JsonError.BadUtf8, 1)] // a quote instead of the continuation
        [DataRow("22 E0 9F BF 22", (int)JsonError.BadUtf8, 1)] // overlong U+07FF
        [DataRow("22 ED A0 80 22", (int)JsonError.BadUtf8, 1)] // the surrogate U+D800
        [DataRow("22 E2 82 22", (int)JsonError.BadUtf8, 1)] // two of three bytes
        [DataRow("22 F0 8F BF BF 22", (int)JsonError.BadUtf8, 1)] // overlong U+FFFF
        [DataRow("22 F4 90 80 80 22", (int)JsonError.BadUtf8, 1)] // U+110000
        [DataRow("22 F5 80 80 80 22", (int)JsonError.BadUtf8, 1)]
        [DataRow("22 FF 22", (int)JsonError.BadUtf8, 1)]
        [DataRow("22 E2 82", (int)JsonError.UnexpectedEnd, 3)]
        public static void Refuses_bytes_that_are_no_text(string dump, int error, int errorOffset)
        {
            RequireError(JsonText.Hex(dump), error, errorOffset);
        }

        // RFC 3629, 4: the first and the last code point of each length
        [DataRow("22 7F C2 80 DF BF E0 A0 80 ED 9F BF EE 80 80 EF BF BF F0 90 80 80 F4 8F BF BF 22")]
        public static void Takes_every_length_of_utf8(string dump)
        {
            byte[] text = JsonText.Hex(dump);
            Reader.Reset(text, 0, text.Length);
            Assert.IsTrue(Reader.Read() == JsonToken.String);
            Assert.AreEqual(text.Length - 2, Reader.TokenLength);
            Assert.IsTrue(Reader.Read() == JsonToken.End);
        }

        [DataRow("{'toaster':'on','seconds':90,'id':'x-1'}")]
        [DataRow("[ [ ] , { } , 'a' , -1.5e+3 , true , false , null ]")]
        [DataRow("{'\\u0061\\n\\uD834\\uDD1E\u00E9\u20AC\U0001D11E':{'a':[1,2]}}")]
        public static void Asks_for_more_at_every_truncation(string text)
        {
            byte[] bytes = JsonText.Quoted(text);
            for (int length = 0; length < bytes.Length; length++)
            {
                JsonText.ReadEverywhere(Reader, bytes, length, 3);
                if (Reader.Error != JsonError.UnexpectedEnd || Reader.ErrorOffset != 3 + length)
                {
                    Assert.AreEqual((int)JsonError.UnexpectedEnd, (int)Reader.Error, "truncated to " + length.ToString());
                    Assert.AreEqual(3 + length, Reader.ErrorOffset);
                }
            }
        }

        [DataRow("{'toaster':'on','seconds':90}")]
        [DataRow("[-1.5e+3,true,null,{'a':[]}]")]
        [DataRow("['\\uD834\\uDD1E\u20AC\\n']")]
        public static void Never_throws_nor_reads_beyond_the_text_whatever_one_byte_becomes(string text)
        {
            byte[] replacements = JsonText.Hex("00 09 20 22 2C 2D 2E 30 39 3A 45 5B 5C 5D 65 66 6E 74 75 7B 7D 7F 80 A0 BF C2 E0 ED F4 FF");
            byte[] bytes = JsonText.Quoted(text);
            for (int i = 0; i < bytes.Length; i++)
            {
                byte original = bytes[i];
                for (int r = 0; r < replacements.Length; r++)
                {
                    bytes[i] = replacements[r];
                    JsonText.ReadBeside(Reader, bytes, bytes.Length, 4, i + r);
                }

                bytes[i] = original;
            }
        }

        [TestMethod]
        public static void Keeps_its_error_until_reset()
        {
            byte[] text = JsonText.Bytes("[1,]");
            Reader.Reset(text, 0, text.Length);
            while (Reader.Read() != JsonToken.Error)
            {
            }

            Assert.IsTrue(Reader.Read() == JsonToken.Error);
            Assert.IsTrue(Reader.Token == JsonToken.Error);
            Assert.IsFalse(Reader.SkipValue());
            Assert.IsTrue(Reader.Error == JsonError.UnexpectedCharacter);
            Reader.Reset(text, 1, 1);
            Assert.IsTrue(Reader.Error == JsonError.None);
            Assert.IsTrue(Reader.Read() == JsonToken.Number);
            Assert.IsTrue(Reader.Read() == JsonToken.End);
        }

        // the text must give exactly this depth's error one level too deep only
        [DataRow(0, "1", "[")]
        [DataRow(1, "[1]", "[{")]
        [DataRow(3, "[[{}]]", "[[{'a':[")]
        public static void Reads_as_deep_as_it_was_made_for(int maxDepth, string deepest, string tooDeep)
        {
            JsonReader reader = new JsonReader(maxDepth);
            byte[] text = JsonText.Quoted(deepest);
            reader.Reset(text, 0, text.Length);
            while (reader.Read() < JsonToken.End)
            {
            }

            Assert.IsTrue(reader.Error == JsonError.None);
            text = JsonText.Quoted(tooDeep);
            reader.Reset(text, 0, text.Length);
            while (reader.Read() < JsonToken.End)
            {
            }

            Assert.IsTrue(reader.Error == JsonError.DepthExceeded);
        }

        [DataRow("{\n  'a': 1,\n  'b' 2\n}", 3, 7)]
        [DataRow("x", 1, 1)]
        [DataRow("{\r\n'\u00E9\u20AC\U0001D11E' 2}", 2, 7)]
        [DataRow("[1,\n", 2, 1)]
        public static void Says_line_and_column_of_an_error(string text, int line, int column)
        {
            byte[] bytes = JsonText.Quoted(text);
            Reader.Reset(bytes, 0, bytes.Length);
            while (Reader.Read() < JsonToken.End)
            {
            }

            Assert.IsTrue(Reader.Error != JsonError.None);
            Assert.AreEqual(line, Reader.Line);
            Assert.AreEqual(column, Reader.Column);
        }

        [TestMethod]
        public static void Refuses_a_range_outside_the_buffer()
        {
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Reader.Reset(new byte[4], 2, 3));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Reader.Reset(new byte[4], -1, 2));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => Reader.Reset(new byte[4], 2, int.MaxValue));
            Assert.ThrowsException(typeof(ArgumentNullException), () => Reader.Reset(null, 0, 0));
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new JsonReader(-1));
        }

        private static void RequireError(byte[] text, int error, int errorOffset)
        {
            JsonText.ReadEverywhere(Reader, text, text.Length, 2);
            Assert.AreEqual(error, (int)Reader.Error);
            Assert.AreEqual(errorOffset, Reader.ErrorOffset - 2);
            Assert.IsTrue(Reader.Read() == JsonToken.Error, "errors must be sticky");
        }
    }
}

// Texts for the JSON tests: in one buffer among hostile neighbours, and as a trace of what the reader says about them.

using System.Text;
using Firmware.Protocols.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Json
{
    /// <summary>Runs JsonReader over texts that lie in different surroundings, which must make no difference.</summary>
    public static class JsonText
    {
        // after a text: what would go on with a string, a number, a literal, an escape, a UTF-8 sequence, white space, or end a container
        private static readonly byte[] Neighbours = { (byte)'"', (byte)'5', (byte)'e', (byte)'u', 0x80, (byte)' ', (byte)'}', (byte)']' };

        private static readonly byte[] Copied = new byte[256];
        private static readonly byte[] TokenLetters = Bytes("?{}[]NS#tfz.!");

        /// <summary>The UTF-8 form of a text.</summary>
        public static byte[] Bytes(string text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        /// <summary>The bytes of a hex dump such as "22 C3 A9 22".</summary>
        public static byte[] Hex(string dump)
        {
            byte[] result = new byte[(dump.Length + 1) / 3];
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = (byte)((Nibble(dump[3 * i]) << 4) | Nibble(dump[(3 * i) + 1]));
            }

            return result;
        }

        /// <summary>The bytes of a text in which ' stands for ", to keep vectors readable.</summary>
        public static byte[] Quoted(string text)
        {
            byte[] result = Bytes(text);
            for (int i = 0; i < result.Length; i++)
            {
                if (result[i] == '\'')
                {
                    result[i] = (byte)'"';
                }
            }

            return result;
        }

        /// <summary>Reads a text to its end: one letter a token, names and strings without their escapes and numbers as they are after it.</summary>
        /// <returns>For example "{Na #1 }." for {"a":1}; ends with '!' after an error.</returns>
        public static string Trace(JsonReader reader)
        {
            string trace = string.Empty;
            while (true)
            {
                JsonToken token = reader.Read();
                trace += (char)TokenLetters[(int)token];
                if (token == JsonToken.Name || token == JsonToken.String)
                {
                    int count = reader.CopyString(Copied, 0, Copied.Length);
                    Assert.IsTrue(count >= 0);
                    trace += Encoding.UTF8.GetString(Copied, 0, count) + " ";
                }
                else if (token == JsonToken.Number)
                {
                    System.Array.Copy(reader.Source, reader.TokenOffset, Copied, 0, reader.TokenLength);
                    trace += Encoding.UTF8.GetString(Copied, 0, reader.TokenLength) + " ";
                }
                else if (token == JsonToken.End || token == JsonToken.Error)
                {
                    return trace;
                }
            }
        }

        /// <summary>Reads a text at the very end of its array and then among every neighbour: nothing beyond the text may make a difference.</summary>
        /// <remarks>The reader keeps its last state, with the text at <paramref name="offset"/>.</remarks>
        public static void ReadEverywhere(JsonReader reader, byte[] text, int length, int offset)
        {
            for (int i = 0; i < Neighbours.Length; i++)
            {
                ReadBeside(reader, text, length, offset, i);
            }
        }

        /// <summary>Reads a text at the very end of its array and then among one neighbour, chosen by any number.</summary>
        public static void ReadBeside(JsonReader reader, byte[] text, int length, int offset, int choice)
        {
            byte neighbour = Neighbours[choice % Neighbours.Length];
            byte[] exact = new byte[offset + length];
            System.Array.Copy(text, 0, exact, offset, length);
            int expected = Fingerprint(reader, exact, offset, length);
            byte[] surrounded = new byte[offset + length + 12];
            for (int i = 0; i < surrounded.Length; i++)
            {
                surrounded[i] = neighbour;
            }

            System.Array.Copy(text, 0, surrounded, offset, length);
            int actual = Fingerprint(reader, surrounded, offset, length);
            if (actual != expected)
            {
                Assert.AreEqual(expected, actual, "what surrounds the text has changed its meaning: neighbour " + neighbour.ToString());
            }
        }

        // A number that depends on all tokens, places, values and the error.

        private static int Fingerprint(JsonReader reader, byte[] buffer, int offset, int length)
        {
            reader.Reset(buffer, offset, length);
            int fingerprint = 17;

            // no token is shorter than a byte: more reads than bytes would be an endless loop
            for (int i = 0; i < length + 2; i++)
            {
                JsonToken token = reader.Read();
                fingerprint = (fingerprint * 31) + (int)token;
                fingerprint = (fingerprint * 31) + reader.TokenOffset;
                fingerprint = (fingerprint * 31) + reader.TokenLength;
                fingerprint = (fingerprint * 31) + reader.CopyString(Copied, 0, Copied.Length);
                fingerprint = (fingerprint * 31) + (reader.TokenIs(Copied) ? 1 : 0);
                fingerprint = (fingerprint * 31) + (reader.TryGetInt32(out int integer) ? integer : 3);
                fingerprint = (fingerprint * 31) + (reader.TryGetFixed(3, out integer) ? integer : 3);
                if (reader.TokenOffset < offset || reader.TokenLength < 0 || reader.TokenOffset + reader.TokenLength > offset + length)
                {
                    Assert.IsTrue(false, "a token reaches out of its text");
                }

                if (token == JsonToken.Error || token == JsonToken.End)
                {
                    if (reader.ErrorOffset < 0 || reader.ErrorOffset > offset + length)
                    {
                        Assert.IsTrue(false, "an error out of the text");
                    }

                    return (fingerprint * 31) + (((int)reader.Error * 1000) + reader.ErrorOffset);
                }
            }

            Assert.IsTrue(false, "the reader does not come to an end");
            return 0;
        }

        private static int Nibble(char digit)
        {
            return digit <= '9' ? digit - '0' : digit - 'A' + 10;
        }
    }
}

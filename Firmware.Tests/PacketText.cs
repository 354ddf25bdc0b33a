// Packets as annotated text, so that a vector can be read beside the specification: "30 05  00 01 'a'  'hi'".

using System;

namespace Firmware.Tests
{
    /// <summary>Turns annotated hex into bytes and back.</summary>
    public static class PacketText
    {
        private const string Digits = "0123456789ABCDEF";

        /// <summary>
        /// Reads pairs of hex digits, text in single quotes (one byte a character) and spaces, which mean nothing.
        /// A star and a decimal number repeat the pair or text before it: "'x'*200" is 200 bytes.
        /// </summary>
        /// <exception cref="Exception">The vector itself is wrong.</exception>
        public static byte[] Parse(string text)
        {
            byte[] bytes = new byte[Read(text, null)];
            Read(text, bytes);
            return bytes;
        }

        /// <summary>Writes bytes as pairs of hex digits with spaces between.</summary>
        public static string Hex(byte[] bytes, int offset, int count)
        {
            char[] text = new char[count == 0 ? 0 : (3 * count) - 1];
            for (int i = 0; i < count; i++)
            {
                int value = bytes[offset + i];
                text[3 * i] = Digits[value >> 4];
                text[(3 * i) + 1] = Digits[value & 15];
                if (i < count - 1)
                {
                    text[(3 * i) + 2] = ' ';
                }
            }

            return new string(text);
        }

        // counts, and writes too if there is a target
        private static int Read(string text, byte[] target)
        {
            char[] source = text.ToCharArray();
            int at = 0;
            int length = 0;
            int itemStart = 0;
            while (at < source.Length)
            {
                char c = source[at];
                if (c == ' ')
                {
                    at++;
                }
                else if (c == '\'')
                {
                    itemStart = length;
                    for (at++; source[at] != '\''; at++)
                    {
                        Put(target, length++, source[at]);
                    }

                    at++;
                }
                else if (c == '*')
                {
                    int times = 0;
                    for (at++; at < source.Length && source[at] >= '0' && source[at] <= '9'; at++)
                    {
                        times = (times * 10) + (source[at] - '0');
                    }

                    int end = itemStart + ((length - itemStart) * times);
                    for (int from = itemStart; length < end; from++)
                    {
                        Put(target, length++, target == null ? 0 : target[from]);
                    }
                }
                else
                {
                    itemStart = length;
                    Put(target, length++, (Digit(c) << 4) | Digit(source[at + 1]));
                    at += 2;
                }
            }

            return length;
        }

        private static void Put(byte[] target, int index, int value)
        {
            if (target != null)
            {
                target[index] = (byte)value;
            }
        }

        private static int Digit(char c)
        {
            int value = Digits.IndexOf(c);
            if (value < 0)
            {
                throw new Exception("not an upper-case hex digit in a vector: " + c);
            }

            return value;
        }
    }
}

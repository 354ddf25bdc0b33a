// The characters of HTTP (RFC 9110, 5.6) and of URIs in it (RFC 3986), and lists of tokens.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Checks of characters and ranges. Nothing here allocates.</summary>
    public static class HttpSyntax
    {
        // "!#$%&'*+-." of the marks in tokens (5.6.2) as bits from 0x20 on
        private const uint TokenMarksLow = 0x00006CFA;

        // what a path and a query may have beside letters, digits, "_", "~", "@" and "%": "!$&'()*+,-./:;=?" (RFC 3986, 3.3 and 3.4), as bits from 0x20 on
        private const uint PathMarks = 0xAC00FFD2;

        // "%-.:" and "[]" beside letters, digits, "_" and "~": names and addresses with ports
        private const uint HostMarks = 0x04006020;

        /// <summary>Tells whether a character may be in a token: method, field name, protocol name.</summary>
        /// <param name="value">The byte.</param>
        /// <returns>True for letters, digits and fifteen marks.</returns>
        public static bool IsToken(int value)
        {
            if (value < 0x40)
            {
                return (value >= '0' && value <= '9') || (value > 0x20 && ((TokenMarksLow >> (value - 0x20)) & 1) != 0);
            }

            return IsLetter(value) || value == '^' || value == '_' || value == '`' || value == '|' || value == '~';
        }

        /// <summary>Tells whether a range is a token of one character or more.</summary>
        /// <param name="buffer">The buffer.</param>
        /// <param name="start">The first byte.</param>
        /// <param name="end">The index behind the last byte.</param>
        /// <returns>True if all are.</returns>
        public static bool IsToken(byte[] buffer, int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                if (!IsToken(buffer[i]))
                {
                    return false;
                }
            }

            return start < end;
        }

        /// <summary>Tells whether a character may be in a field's value (5.5): no control character but the tab.</summary>
        /// <param name="value">The byte.</param>
        /// <returns>True for printable ASCII, space, tab and 80 to FF.</returns>
        public static bool IsValue(int value)
        {
            return value >= 0x20 ? value != 0x7F : value == '\t';
        }

        /// <summary>Tells whether a range is a path or query in its encoded form: every % with two digits, nothing that must be encoded.</summary>
        /// <param name="buffer">The buffer.</param>
        /// <param name="start">The first byte.</param>
        /// <param name="end">The index behind the last byte.</param>
        /// <returns>True if it is; a range of no bytes is.</returns>
        public static bool IsPathAndQuery(byte[] buffer, int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                int value = buffer[i];
                if (value == '%')
                {
                    if (end - i < 3 || HexDigit(buffer[i + 1]) < 0 || HexDigit(buffer[i + 2]) < 0)
                    {
                        return false;
                    }

                    i += 2;
                }
                else if (!IsLetter(value) && !(value >= '0' && value <= '9') && value != '_' && value != '~' && value != '@'
                    && !(value > 0x20 && value < 0x40 && ((PathMarks >> (value - 0x20)) & 1) != 0))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Tells whether a range can be a host with or without a port. A name is not looked at further.</summary>
        /// <param name="buffer">The buffer.</param>
        /// <param name="start">The first byte.</param>
        /// <param name="end">The index behind the last byte.</param>
        /// <returns>False if a character is in no name, address or port; a range of no bytes is fine.</returns>
        public static bool IsHost(byte[] buffer, int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                int value = buffer[i];
                if (!IsLetter(value) && !(value >= '0' && value <= '9') && value != '_' && value != '~' && value != '[' && value != ']'
                    && !(value > 0x20 && value < 0x40 && ((HostMarks >> (value - 0x20)) & 1) != 0))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>The value of a hexadecimal digit.</summary>
        /// <param name="value">The byte.</param>
        /// <returns>0 to 15; -1 if it is none.</returns>
        public static int HexDigit(int value)
        {
            if (value >= '0' && value <= '9')
            {
                return value - '0';
            }

            int letter = value | 0x20;
            return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
        }

        /// <summary>Compares a range with a word in ASCII without regard to case.</summary>
        /// <param name="buffer">The buffer of the range.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <param name="word">The word in lower case.</param>
        /// <returns>True if they agree.</returns>
        public static bool EqualsIgnoreCase(byte[] buffer, int offset, int length, byte[] word)
        {
            if (length != word.Length)
            {
                return false;
            }

            for (int i = 0; i < length; i++)
            {
                int value = buffer[offset + i];
                if (value >= 'A' && value <= 'Z')
                {
                    value |= 0x20;
                }

                if (value != word[i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Tells whether a list (5.6.1) has a member, without regard to case.</summary>
        /// <param name="buffer">The buffer of the list: members with commas between.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <param name="word">The member in lower case.</param>
        /// <returns>True if it is one of them.</returns>
        public static bool ListHas(byte[] buffer, int offset, int length, byte[] word)
        {
            int end = offset + length;
            while (offset < end)
            {
                int comma = Bytes.IndexOf(buffer, offset, end - offset, (byte)',');
                int stop = comma < 0 ? end : comma;
                int next = stop + 1;
                while (offset < stop && IsSpace(buffer[offset]))
                {
                    offset++;
                }

                while (offset < stop && IsSpace(buffer[stop - 1]))
                {
                    stop--;
                }

                if (EqualsIgnoreCase(buffer, offset, stop - offset, word))
                {
                    return true;
                }

                offset = next;
            }

            return false;
        }

        /// <summary>Tells whether a character is a space or a tab.</summary>
        /// <param name="value">The byte.</param>
        /// <returns>True for both.</returns>
        public static bool IsSpace(int value)
        {
            return value == ' ' || value == '\t';
        }

        private static bool IsLetter(int value)
        {
            int letter = value | 0x20;
            return letter >= 'a' && letter <= 'z';
        }
    }
}

// The scanners of JsonReader: literals, numbers and strings (RFC 8259, 3, 6 and 7). Each checks its token to the last byte, so that
// what reads the token afterwards (JsonReader.Values.cs) cannot meet anything wrong.

namespace Firmware.Protocols.Json
{
    public sealed partial class JsonReader
    {
        // RFC 8259, 3: the three literal names, in lower case.
        private JsonToken ScanLiteral(byte[] literal, JsonToken token)
        {
            int count = literal.Length;
            for (int i = 1; i < count; i++)
            {
                int at = _position + i;
                if (at == _end)
                {
                    return Fail(JsonError.UnexpectedEnd, _end);
                }

                if (_buffer[at] != literal[i])
                {
                    return Fail(JsonError.UnexpectedCharacter, at);
                }
            }

            return Take(token, count);
        }

        // RFC 8259, 6: number = [ minus ] int [ frac ] [ exp ]
        private JsonToken ScanNumber()
        {
            byte[] buffer = _buffer;
            int end = _end;
            int at = _position;
            if (buffer[at] == '-')
            {
                at++;
            }

            int first = at;
            at = ScanDigits(at);
            if (at < 0)
            {
                return JsonToken.Error;
            }

            if (buffer[first] == '0' && at > first + 1)
            {
                return Fail(JsonError.BadNumber, first);
            }

            if (at < end && buffer[at] == '.')
            {
                at = ScanDigits(at + 1);
                if (at < 0)
                {
                    return JsonToken.Error;
                }
            }

            if (at < end && (buffer[at] == 'e' || buffer[at] == 'E'))
            {
                at++;
                if (at < end && (buffer[at] == '+' || buffer[at] == '-'))
                {
                    at++;
                }

                at = ScanDigits(at);
                if (at < 0)
                {
                    return JsonToken.Error;
                }
            }

            return Take(JsonToken.Number, at - _position);
        }

        // At least one digit; the index after the last, or -1 after an error.
        private int ScanDigits(int at)
        {
            byte[] buffer = _buffer;
            int end = _end;
            if (at == end)
            {
                Fail(JsonError.UnexpectedEnd, end);
                return -1;
            }

            if (!IsDigit(buffer[at]))
            {
                Fail(JsonError.BadNumber, at);
                return -1;
            }

            do
            {
                at++;
            }
            while (at < end && IsDigit(buffer[at]));
            return at;
        }

        // RFC 8259, 7: the quote is at _position.
        private JsonToken ScanString(JsonToken token)
        {
            byte[] buffer = _buffer;
            int end = _end;
            int first = _position + 1;
            int at = first;
            bool hasEscapes = false;
            while (at < end)
            {
                int value = buffer[at];
                if (value == '"')
                {
                    _position = first;
                    Take(token, at - first);
                    _position = at + 1;
                    _tokenHasEscapes = hasEscapes;
                    return token;
                }

                if (value == '\\')
                {
                    hasEscapes = true;
                    at = ScanEscape(at);
                }
                else if (value >= 0x80)
                {
                    at = ScanUtf8(at);
                }
                else if (value >= 0x20)
                {
                    at++;
                }
                else
                {
                    return Fail(JsonError.UnexpectedCharacter, at);
                }

                if (at < 0)
                {
                    return JsonToken.Error;
                }
            }

            return Fail(JsonError.UnexpectedEnd, end);
        }

        // The backslash is at `at`; the index after the escape, or -1 after an error.
        private int ScanEscape(int at)
        {
            if (at + 1 == _end)
            {
                Fail(JsonError.UnexpectedEnd, _end);
                return -1;
            }

            switch ((char)_buffer[at + 1])
            {
                case '"':
                case '\\':
                case '/':
                case 'b':
                case 'f':
                case 'n':
                case 'r':
                case 't':
                    return at + 2;

                case 'u':
                    break;

                default:
                    Fail(JsonError.BadEscape, at);
                    return -1;
            }

            int unit = ScanHex(at);
            if (unit < 0)
            {
                return -1;
            }

            if (unit < 0xD800 || unit > 0xDFFF)
            {
                return at + 6;
            }

            // RFC 8259, 7: beyond the basic plane a pair of surrogates, the high one (D800..DBFF) first
            if (unit > 0xDBFF)
            {
                Fail(JsonError.BadEscape, at);
                return -1;
            }

            int second = at + 6;
            if (second < _end && _buffer[second] != '\\')
            {
                Fail(JsonError.BadEscape, at);
                return -1;
            }

            if (second + 1 < _end && _buffer[second + 1] != 'u')
            {
                Fail(JsonError.BadEscape, at);
                return -1;
            }

            unit = ScanHex(second);
            if (unit < 0)
            {
                return -1;
            }

            if (unit < 0xDC00 || unit > 0xDFFF)
            {
                Fail(JsonError.BadEscape, at);
                return -1;
            }

            return at + 12;
        }

        // The four digits after the \u at `at`: their value, or -1 after an error.
        private int ScanHex(int at)
        {
            int value = 0;
            for (int i = at + 2; i < at + 6; i++)
            {
                if (i >= _end)
                {
                    Fail(JsonError.UnexpectedEnd, _end);
                    return -1;
                }

                int digit = HexDigit(_buffer[i]);
                if (digit < 0)
                {
                    Fail(JsonError.BadEscape, at);
                    return -1;
                }

                value = (value << 4) | digit;
            }

            return value;
        }

        // RFC 3629, 4: a sequence of two to four bytes at `at`; the index after it, or -1 after an error.
        private int ScanUtf8(int at)
        {
            int lead = _buffer[at];

            // the second byte's range depends on the lead byte: no overlong forms, no surrogates, nothing above U+10FFFF
            int low = 0x80;
            int high = 0xBF;
            int last;
            if (lead >= 0xC2 && lead <= 0xDF)
            {
                last = at + 1;
            }
            else if (lead >= 0xE0 && lead <= 0xEF)
            {
                last = at + 2;
                low = lead == 0xE0 ? 0xA0 : 0x80;
                high = lead == 0xED ? 0x9F : 0xBF;
            }
            else if (lead >= 0xF0 && lead <= 0xF4)
            {
                last = at + 3;
                low = lead == 0xF0 ? 0x90 : 0x80;
                high = lead == 0xF4 ? 0x8F : 0xBF;
            }
            else
            {
                Fail(JsonError.BadUtf8, at);
                return -1;
            }

            for (int i = at + 1; i <= last; i++)
            {
                if (i == _end)
                {
                    Fail(JsonError.UnexpectedEnd, _end);
                    return -1;
                }

                int next = _buffer[i];
                if (next < low || next > high)
                {
                    Fail(JsonError.BadUtf8, at);
                    return -1;
                }

                low = 0x80;
                high = 0xBF;
            }

            return last + 1;
        }

        private static int HexDigit(int value)
        {
            if (IsDigit(value))
            {
                return value - '0';
            }

            int letter = value | 0x20;
            return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
        }
    }
}

// The current token of JsonReader as a value: comparison, copy, integers, fixed point. Numbers stay integers: no floating point, no rounding.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Json
{
    public sealed partial class JsonReader
    {
        // int.MinValue / 10; numbers are built negative because int.MinValue has no positive counterpart
        private const int TenthOfMinimum = int.MinValue / 10;
        private const int LastDigitOfMinimum = 8;

        // The UTF-8 form of one escape.
        private readonly byte[] _unescaped = new byte[4];

        /// <summary>Tells whether the current name or string, without its escapes, is exactly this text.</summary>
        /// <param name="ascii">The text's bytes; ASCII, or any UTF-8.</param>
        /// <returns>True if they agree byte by byte; false also if the token is neither a name nor a string.</returns>
        public bool TokenIs(byte[] ascii)
        {
            if (_token != JsonToken.Name && _token != JsonToken.String)
            {
                return false;
            }

            if (!_tokenHasEscapes)
            {
                return Bytes.AreEqual(_buffer, _tokenOffset, _tokenLength, ascii);
            }

            int at = _tokenOffset;
            int end = at + _tokenLength;
            int compared = 0;
            while (at < end)
            {
                int count = Unescape(ref at);
                if (count > ascii.Length - compared)
                {
                    return false;
                }

                for (int i = 0; i < count; i++)
                {
                    if (ascii[compared++] != _unescaped[i])
                    {
                        return false;
                    }
                }
            }

            return compared == ascii.Length;
        }

        /// <summary>Copies the current name or string without its escapes, as UTF-8.</summary>
        /// <param name="destination">The caller's buffer.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="max">The most bytes to write; what the destination holds after <paramref name="offset"/> limits it, too.</param>
        /// <returns>The bytes written, or -1 if they do not fit or the token is neither a name nor a string. The text may contain U+0000.</returns>
        public int CopyString(byte[] destination, int offset, int max)
        {
            if (offset < 0 || (_token != JsonToken.Name && _token != JsonToken.String))
            {
                return -1;
            }

            if (max > destination.Length - offset)
            {
                max = destination.Length - offset;
            }

            if (!_tokenHasEscapes)
            {
                if (_tokenLength > max)
                {
                    return -1;
                }

                Array.Copy(_buffer, _tokenOffset, destination, offset, _tokenLength);
                return _tokenLength;
            }

            int at = _tokenOffset;
            int end = at + _tokenLength;
            int written = 0;
            while (at < end)
            {
                int count = Unescape(ref at);
                if (count > max - written)
                {
                    return -1;
                }

                for (int i = 0; i < count; i++)
                {
                    destination[offset + written++] = _unescaped[i];
                }
            }

            return written;
        }

        /// <summary>Gets the current number as an integer.</summary>
        /// <param name="value">The number, or 0.</param>
        /// <returns>False if the token is no number, has a fraction or an exponent (1.0 and 1e0, too), or is beyond the range of int.</returns>
        public bool TryGetInt32(out int value)
        {
            value = 0;
            return _token == JsonToken.Number && IndexOfNonDigit() == _tokenLength && TryGetFixed(0, out value);
        }

        /// <summary>Gets the current number as an integer in units of 10^-<paramref name="decimals"/>: 21.5 with 3 decimals is 21500.</summary>
        /// <param name="decimals">The decimal places, 0 to 9.</param>
        /// <param name="value">The number times 10^<paramref name="decimals"/>, or 0.</param>
        /// <returns>False if the token is no number, has an exponent or more decimal places than <paramref name="decimals"/> (zeros at the end do not count),
        /// or if the result is beyond the range of int: nothing is ever rounded.</returns>
        public bool TryGetFixed(int decimals, out int value)
        {
            value = 0;
            if (_token != JsonToken.Number || decimals < 0 || decimals > 9)
            {
                return false;
            }

            byte[] buffer = _buffer;
            int at = _tokenOffset;
            int end = at + _tokenLength;
            bool isNegative = buffer[at] == '-';
            if (isNegative)
            {
                at++;
            }

            int result = 0;
            int places = -1;
            for (; at < end; at++)
            {
                int next = buffer[at];
                if (next == '.')
                {
                    places = 0;
                    continue;
                }

                if (!IsDigit(next))
                {
                    return false;
                }

                if (places == decimals)
                {
                    if (next != '0')
                    {
                        return false;
                    }

                    continue;
                }

                if (!Append(ref result, next - '0'))
                {
                    return false;
                }

                if (places >= 0)
                {
                    places++;
                }
            }

            for (int i = places < 0 ? 0 : places; i < decimals; i++)
            {
                if (!Append(ref result, 0))
                {
                    return false;
                }
            }

            if (!isNegative)
            {
                if (result == int.MinValue)
                {
                    return false;
                }

                result = -result;
            }

            value = result;
            return true;
        }

        // Appends a digit to a number that is built negative; the device never throws on overflow, so the limit is checked before.
        private static bool Append(ref int negative, int digit)
        {
            if (negative < TenthOfMinimum || (negative == TenthOfMinimum && digit > LastDigitOfMinimum))
            {
                return false;
            }

            negative = (negative * 10) - digit;
            return true;
        }

        // The index within the token of the first byte that is neither a digit nor the sign, or the token's length.
        private int IndexOfNonDigit()
        {
            int index = _buffer[_tokenOffset] == '-' ? 1 : 0;
            while (index < _tokenLength && IsDigit(_buffer[_tokenOffset + index]))
            {
                index++;
            }

            return index;
        }

        // RFC 8259, 7: puts the byte or the escape at `at` into _unescaped, moves `at` behind it and returns the count of bytes.
        // ScanString has checked the token, so nothing can be wrong here.
        private int Unescape(ref int at)
        {
            byte[] target = _unescaped;
            byte value = _buffer[at++];
            if (value != '\\')
            {
                target[0] = value;
                return 1;
            }

            value = _buffer[at++];
            switch ((char)value)
            {
                case 'b':
                    target[0] = 0x08;
                    return 1;

                case 'f':
                    target[0] = 0x0C;
                    return 1;

                case 'n':
                    target[0] = 0x0A;
                    return 1;

                case 'r':
                    target[0] = 0x0D;
                    return 1;

                case 't':
                    target[0] = 0x09;
                    return 1;

                case 'u':
                    break;

                default:
                    target[0] = value;
                    return 1;
            }

            int codePoint = FourHexDigits(at);
            at += 4;
            if (codePoint < 0x80)
            {
                target[0] = (byte)codePoint;
                return 1;
            }

            if (codePoint < 0x800)
            {
                target[0] = (byte)(0xC0 | (codePoint >> 6));
                target[1] = (byte)(0x80 | (codePoint & 0x3F));
                return 2;
            }

            if (codePoint < 0xD800 || codePoint > 0xDFFF)
            {
                target[0] = (byte)(0xE0 | (codePoint >> 12));
                target[1] = (byte)(0x80 | ((codePoint >> 6) & 0x3F));
                target[2] = (byte)(0x80 | (codePoint & 0x3F));
                return 3;
            }

            codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + FourHexDigits(at + 2) - 0xDC00;
            at += 6;
            target[0] = (byte)(0xF0 | (codePoint >> 18));
            target[1] = (byte)(0x80 | ((codePoint >> 12) & 0x3F));
            target[2] = (byte)(0x80 | ((codePoint >> 6) & 0x3F));
            target[3] = (byte)(0x80 | (codePoint & 0x3F));
            return 4;
        }

        private int FourHexDigits(int at)
        {
            int value = 0;
            for (int i = 0; i < 4; i++)
            {
                value = (value << 4) | HexDigit(_buffer[at + i]);
            }

            return value;
        }
    }
}

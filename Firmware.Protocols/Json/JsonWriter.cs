// An append-only writer of JSON texts (RFC 8259) into a byte[]; commas and colons come by themselves.
// Left out: it does not check that begins and ends match and that members have names (a test of the caller's shows that); no floating point; no white space.
// The buffer is the caller's and belongs to the writer until the text has been sent. Nothing is allocated after construction.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Json
{
    /// <summary>Writes a JSON text (RFC 8259) into a caller's buffer. Append freely, then ask once, at the end, whether it has <see cref="Overflowed"/>.</summary>
    /// <remarks>Make one and keep it; it allocates nothing after construction and never throws for lack of room. Not thread-safe.</remarks>
    public sealed class JsonWriter
    {
        // the digits of long.MinValue are 19
        private const int MaxDigits = 19;
        private const int MaxDecimals = 9;

        private static readonly byte[] LiteralTrue = { (byte)'t', (byte)'r', (byte)'u', (byte)'e' };
        private static readonly byte[] LiteralFalse = { (byte)'f', (byte)'a', (byte)'l', (byte)'s', (byte)'e' };
        private static readonly byte[] LiteralNull = { (byte)'n', (byte)'u', (byte)'l', (byte)'l' };
        private static readonly byte[] HexDigits = { (byte)'0', (byte)'1', (byte)'2', (byte)'3', (byte)'4', (byte)'5', (byte)'6', (byte)'7', (byte)'8', (byte)'9', (byte)'a', (byte)'b', (byte)'c', (byte)'d', (byte)'e', (byte)'f' };

        // U+FFFD, the replacement character, in UTF-8
        private static readonly byte[] Replacement = { 0xEF, 0xBF, 0xBD };

        private readonly byte[] _digits = new byte[MaxDigits];
        private byte[] _buffer;
        private int _start;
        private int _end;
        private int _position;
        private bool _needsComma;
        private bool _overflowed;

        /// <summary>Makes a writer into a whole buffer.</summary>
        /// <param name="buffer">The caller's buffer; its length is the longest text.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        public JsonWriter(byte[] buffer)
        {
            if (buffer == null)
            {
                throw new ArgumentNullException(nameof(buffer));
            }

            Reset(buffer, 0, buffer.Length);
        }

        /// <summary>Makes a writer into a part of a buffer.</summary>
        /// <param name="buffer">The caller's buffer.</param>
        /// <param name="offset">Where the text begins.</param>
        /// <param name="capacity">The longest text in bytes.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
        public JsonWriter(byte[] buffer, int offset, int capacity)
        {
            Reset(buffer, offset, capacity);
        }

        /// <summary>The buffer that the text is written into.</summary>
        public byte[] Buffer
        {
            get { return _buffer; }
        }

        /// <summary>The index in <see cref="Buffer"/> of the text's first byte.</summary>
        public int Offset
        {
            get { return _start; }
        }

        /// <summary>The text's length in bytes; of no use if it has <see cref="Overflowed"/>.</summary>
        public int Length
        {
            get { return _position - _start; }
        }

        /// <summary>Something did not fit. Sticky until a Reset; what is in the buffer is not a whole text then and must not be sent.</summary>
        public bool Overflowed
        {
            get { return _overflowed; }
        }

        /// <summary>Starts an empty text in the same place.</summary>
        public void Reset()
        {
            _position = _start;
            _needsComma = false;
            _overflowed = false;
        }

        /// <summary>Starts an empty text in another place.</summary>
        /// <param name="buffer">The caller's buffer.</param>
        /// <param name="offset">Where the text begins.</param>
        /// <param name="capacity">The longest text in bytes.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer: a bug of the caller.</exception>
        public void Reset(byte[] buffer, int offset, int capacity)
        {
            if (buffer == null)
            {
                throw new ArgumentNullException(nameof(buffer));
            }

            if (offset < 0 || capacity < 0 || offset > buffer.Length - capacity)
            {
                throw new ArgumentOutOfRangeException(nameof(capacity));
            }

            _buffer = buffer;
            _start = offset;
            _end = offset + capacity;
            Reset();
        }

        /// <summary>Begins an object.</summary>
        public void BeginObject()
        {
            Separate();
            Append((byte)'{');
            _needsComma = false;
        }

        /// <summary>Ends an object.</summary>
        public void EndObject()
        {
            Append((byte)'}');
            _needsComma = true;
        }

        /// <summary>Begins an array.</summary>
        public void BeginArray()
        {
            Separate();
            Append((byte)'[');
            _needsComma = false;
        }

        /// <summary>Ends an array.</summary>
        public void EndArray()
        {
            Append((byte)']');
            _needsComma = true;
        }

        /// <summary>Writes the name of a member; its value must come next.</summary>
        /// <param name="name">The name in UTF-8; escaped as <see cref="String(byte[], int, int)"/> does.</param>
        public void Name(byte[] name)
        {
            String(name, 0, name.Length);
            Append((byte)':');
            _needsComma = false;
        }

        /// <summary>Writes a string.</summary>
        /// <param name="value">The text in UTF-8; escaped as <see cref="String(byte[], int, int)"/> does.</param>
        public void String(byte[] value)
        {
            String(value, 0, value.Length);
        }

        /// <summary>Writes a string, escaping what RFC 8259 section 7 requires: quotes, backslashes and control characters.</summary>
        /// <param name="value">The buffer of the text in UTF-8. If it is not well-formed UTF-8, each of its bytes from 80 up is written as U+FFFD, so that the result is JSON always.</param>
        /// <param name="offset">The text's first byte.</param>
        /// <param name="length">The text's length in bytes.</param>
        public void String(byte[] value, int offset, int length)
        {
            Separate();
            Append((byte)'"');
            bool isUtf8 = Utf8.IsWellFormed(value, offset, length);
            int end = offset + length;

            // copies what needs no escape in runs: from about 4 bytes on Array.Copy beats a loop on the device
            int run = offset;
            for (int i = offset; i < end; i++)
            {
                byte next = value[i];
                bool isPlain = next < 0x80 ? next >= 0x20 && next != '"' && next != '\\' : isUtf8;
                if (!isPlain)
                {
                    Append(value, run, i - run);
                    run = i + 1;
                    AppendEscaped(next);
                }
            }

            Append(value, run, end - run);
            Append((byte)'"');
            _needsComma = true;
        }

        /// <summary>Writes a value that is JSON already.</summary>
        /// <param name="json">One whole value; not checked.</param>
        public void Raw(byte[] json)
        {
            Raw(json, 0, json.Length);
        }

        /// <summary>Writes a value that is JSON already.</summary>
        /// <param name="json">The buffer of one whole value; not checked.</param>
        /// <param name="offset">The value's first byte.</param>
        /// <param name="length">The value's length in bytes.</param>
        public void Raw(byte[] json, int offset, int length)
        {
            Separate();
            Append(json, offset, length);
            _needsComma = true;
        }

        /// <summary>Writes an integer.</summary>
        /// <param name="value">Any int.</param>
        public void Int(int value)
        {
            Long(value);
        }

        /// <summary>Writes an integer.</summary>
        /// <param name="value">Any long; note that many readers keep only 53 bits (RFC 8259, 6).</param>
        public void Long(long value)
        {
            Separate();
            if (value < 0)
            {
                Append((byte)'-');
            }
            else
            {
                // negative numbers reach one further: long.MinValue has no positive counterpart
                value = -value;
            }

            AppendNegative(value);
            _needsComma = true;
        }

        /// <summary>Writes a number given in units of 10^-<paramref name="decimals"/>, without zeros at the end: 21500 with 3 decimals is <c>21.5</c>.</summary>
        /// <param name="value">The number times 10^<paramref name="decimals"/>.</param>
        /// <param name="decimals">The decimal places, 0 to 9.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="decimals"/> is out of range: a bug of the caller.</exception>
        public void Fixed(int value, int decimals)
        {
            if (decimals < 0 || decimals > MaxDecimals)
            {
                throw new ArgumentOutOfRangeException(nameof(decimals));
            }

            Separate();
            long negative = value;
            if (value < 0)
            {
                Append((byte)'-');
            }
            else
            {
                negative = -negative;
            }

            while (decimals > 0 && negative % 10 == 0)
            {
                negative /= 10;
                decimals--;
            }

            long scale = 1;
            for (int i = 0; i < decimals; i++)
            {
                scale *= 10;
            }

            AppendNegative(negative / scale);
            if (decimals > 0)
            {
                Append((byte)'.');
                long fraction = -(negative % scale);
                while (scale > 1)
                {
                    scale /= 10;
                    Append((byte)('0' + (int)(fraction / scale % 10)));
                }
            }

            _needsComma = true;
        }

        /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
        /// <param name="value">Which.</param>
        public void Bool(bool value)
        {
            Raw(value ? LiteralTrue : LiteralFalse);
        }

        /// <summary>Writes <c>null</c>.</summary>
        public void Null()
        {
            Raw(LiteralNull);
        }

        private void Separate()
        {
            if (_needsComma)
            {
                Append((byte)',');
            }
        }

        private void Append(byte value)
        {
            if (_overflowed || _position == _end)
            {
                _overflowed = true;
                return;
            }

            _buffer[_position++] = value;
        }

        private void Append(byte[] source, int offset, int length)
        {
            if (_overflowed || length > _end - _position)
            {
                _overflowed = true;
                return;
            }

            Array.Copy(source, offset, _buffer, _position, length);
            _position += length;
        }

        // RFC 8259, 7: the short escapes where there are, \u00XX elsewhere.
        private void AppendEscaped(byte value)
        {
            if (value >= 0x80)
            {
                Append(Replacement, 0, Replacement.Length);
                return;
            }

            Append((byte)'\\');
            switch ((int)value)
            {
                case '"':
                case '\\':
                    Append(value);
                    return;

                case 0x08:
                    Append((byte)'b');
                    return;

                case 0x09:
                    Append((byte)'t');
                    return;

                case 0x0A:
                    Append((byte)'n');
                    return;

                case 0x0C:
                    Append((byte)'f');
                    return;

                case 0x0D:
                    Append((byte)'r');
                    return;

                default:
                    Append((byte)'u');
                    Append((byte)'0');
                    Append((byte)'0');
                    Append(HexDigits[value >> 4]);
                    Append(HexDigits[value & 0x0F]);
                    return;
            }
        }

        // The digits of a number that is given negative.
        private void AppendNegative(long negative)
        {
            int first = MaxDigits;
            do
            {
                _digits[--first] = (byte)('0' - (int)(negative % 10));
                negative /= 10;
            }
            while (negative != 0);
            Append(_digits, first, MaxDigits - first);
        }
    }
}

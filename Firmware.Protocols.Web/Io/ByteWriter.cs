// An append-only writer of text protocols into a byte[]: raw bytes, numbers, hexadecimal, base64 (RFC 4648, 4) and percent-encoding (RFC 3986, 2.1).
// The buffer is the caller's. Nothing is allocated after construction; what does not fit is told once, at the end.

using System;

namespace Firmware.Protocols.Io
{
    /// <summary>Writes bytes into a caller's buffer. Append freely, then ask once, at the end, whether it has <see cref="Overflowed"/>.</summary>
    /// <remarks>Make one and keep it; it never throws for lack of room. Not thread-safe.</remarks>
    public sealed class ByteWriter
    {
        // the digits of long.MinValue are 19
        private const int MaxDigits = 19;

        private static readonly byte[] UpperHex = { (byte)'0', (byte)'1', (byte)'2', (byte)'3', (byte)'4', (byte)'5', (byte)'6', (byte)'7', (byte)'8', (byte)'9', (byte)'A', (byte)'B', (byte)'C', (byte)'D', (byte)'E', (byte)'F' };
        private static readonly byte[] LowerHex = { (byte)'0', (byte)'1', (byte)'2', (byte)'3', (byte)'4', (byte)'5', (byte)'6', (byte)'7', (byte)'8', (byte)'9', (byte)'a', (byte)'b', (byte)'c', (byte)'d', (byte)'e', (byte)'f' };

        private readonly byte[] _digits = new byte[MaxDigits];
        private byte[] _buffer = Bytes.Empty;
        private int _start;
        private int _end;
        private int _position;
        private bool _overflowed;

        /// <summary>The buffer that is written into.</summary>
        public byte[] Buffer
        {
            get { return _buffer; }
        }

        /// <summary>The index in <see cref="Buffer"/> of the first byte.</summary>
        public int Offset
        {
            get { return _start; }
        }

        /// <summary>How many bytes were written; of no use if it has <see cref="Overflowed"/>.</summary>
        public int Length
        {
            get { return _position - _start; }
        }

        /// <summary>Something did not fit. Sticky until a Reset; what is in the buffer is not whole then.</summary>
        public bool Overflowed
        {
            get { return _overflowed; }
        }

        /// <summary>Tells whether a byte stands for itself in a URI: a letter, a digit, or one of "-._~" (RFC 3986, 2.3).</summary>
        /// <param name="value">The byte.</param>
        /// <returns>True if it is never percent-encoded.</returns>
        public static bool IsUnreserved(int value)
        {
            int letter = value | 0x20;
            return (letter >= 'a' && letter <= 'z') || (value >= '0' && value <= '9') || value == '-' || value == '.' || value == '_' || value == '~';
        }

        /// <summary>Starts anew in another place.</summary>
        /// <param name="buffer">The caller's buffer.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="capacity">The most bytes.</param>
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
            _position = offset;
            _overflowed = false;
        }

        /// <summary>Refuses what was written so far, as if it had not fitted: for a caller that finds a value which must not be sent.</summary>
        public void Fail()
        {
            _overflowed = true;
        }

        /// <summary>Writes one byte.</summary>
        /// <param name="value">The byte.</param>
        public void Byte(byte value)
        {
            if (_overflowed || _position == _end)
            {
                _overflowed = true;
                return;
            }

            _buffer[_position++] = value;
        }

        /// <summary>Writes bytes as they are.</summary>
        /// <param name="source">All bytes to write.</param>
        public void Raw(byte[] source)
        {
            Raw(source, 0, source.Length);
        }

        /// <summary>Writes bytes as they are.</summary>
        /// <param name="source">The buffer of the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        public void Raw(byte[] source, int offset, int length)
        {
            if (_overflowed || length > _end - _position)
            {
                _overflowed = true;
                return;
            }

            Array.Copy(source, offset, _buffer, _position, length);
            _position += length;
        }

        /// <summary>Writes a number in decimal.</summary>
        /// <param name="value">Any number.</param>
        public void Decimal(long value)
        {
            if (value < 0)
            {
                Byte((byte)'-');
            }
            else
            {
                // negative numbers reach one further: long.MinValue has no positive counterpart
                value = -value;
            }

            int first = MaxDigits;
            do
            {
                _digits[--first] = (byte)('0' - (int)(value % 10));
                value /= 10;
            }
            while (value != 0);
            Raw(_digits, first, MaxDigits - first);
        }

        /// <summary>Writes a number in decimal with leading zeros.</summary>
        /// <param name="value">0 or more; digits beyond <paramref name="digits"/> are lost.</param>
        /// <param name="digits">How many digits.</param>
        public void Padded(int value, int digits)
        {
            int scale = 1;
            for (int i = 1; i < digits; i++)
            {
                scale *= 10;
            }

            for (; scale > 0; scale /= 10)
            {
                Byte((byte)('0' + (value / scale % 10)));
            }
        }

        /// <summary>Writes bytes as pairs of hexadecimal digits in lower case.</summary>
        /// <param name="source">The buffer of the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        public void Hex(byte[] source, int offset, int length)
        {
            int end = offset + length;
            for (int i = offset; i < end; i++)
            {
                Byte(LowerHex[source[i] >> 4]);
                Byte(LowerHex[source[i] & 0x0F]);
            }
        }

        /// <summary>Writes bytes in base64 with padding (RFC 4648, 4).</summary>
        /// <param name="source">The buffer of the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        public void Base64(byte[] source, int offset, int length)
        {
            int end = offset + length;
            for (int i = offset; i < end; i += 3)
            {
                int left = end - i;
                int bits = (source[i] << 16) | (left > 1 ? source[i + 1] << 8 : 0) | (left > 2 ? source[i + 2] : 0);
                Byte(Base64Digit(bits >> 18));
                Byte(Base64Digit((bits >> 12) & 63));
                Byte(left > 1 ? Base64Digit((bits >> 6) & 63) : (byte)'=');
                Byte(left > 2 ? Base64Digit(bits & 63) : (byte)'=');
            }
        }

        /// <summary>Writes bytes percent-encoded: all but the unreserved ones as % and two digits in upper case.</summary>
        /// <param name="source">The buffer of the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        public void Percent(byte[] source, int offset, int length)
        {
            int end = offset + length;
            for (int i = offset; i < end; i++)
            {
                byte value = source[i];
                if (IsUnreserved(value))
                {
                    Byte(value);
                }
                else
                {
                    Byte((byte)'%');
                    Byte(UpperHex[value >> 4]);
                    Byte(UpperHex[value & 0x0F]);
                }
            }
        }

        private static byte Base64Digit(int value)
        {
            return (byte)(value < 26 ? 'A' + value : value < 52 ? 'a' + value - 26 : value < 62 ? '0' + value - 52 : value == 62 ? '+' : '/');
        }
    }
}

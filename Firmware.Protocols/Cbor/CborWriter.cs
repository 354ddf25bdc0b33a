// An append-only writer of CBOR (RFC 8949) into a byte[], always in preferred serialization (4.1): the shortest head, the shortest float, definite lengths.
// Left out: tags, undefined and other simple values, indefinite lengths. It does not check that a map or an array gets as many items as it
// announced (a test of the caller's shows that), and it does not sort keys (4.2.1).
// The buffer is the caller's and belongs to the writer until the item has been sent. Nothing is allocated after construction.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Cbor
{
    /// <summary>Writes CBOR (RFC 8949) into a caller's buffer. Append freely, then ask once, at the end, whether it has <see cref="Overflowed"/>.</summary>
    /// <remarks>Make one and keep it; it allocates nothing after construction and never throws for lack of room. Not thread-safe.</remarks>
    public sealed class CborWriter
    {
        private const int MaxDecimals = 9;

        // RFC 8949, 3.1: the major types, in the upper three bits of the initial byte
        private const int UnsignedType = 0x00;
        private const int NegativeType = 0x20;
        private const int ByteStringType = 0x40;
        private const int TextStringType = 0x60;
        private const int ArrayType = 0x80;
        private const int MapType = 0xA0;

        // RFC 8949, 3: what the lower five bits say about the argument
        private const int OneByte = 24;
        private const int TwoBytes = 25;
        private const int FourBytes = 26;
        private const int EightBytes = 27;

        // RFC 8949, 3.3: initial bytes of major type 7
        private const int False = 0xF4;
        private const int True = 0xF5;
        private const int NullValue = 0xF6;
        private const int Half = 0xF9;
        private const int Single = 0xFA;
        private const int Double64 = 0xFB;

        // IEEE 754 binary64
        private const long MantissaMask = 0xFFFFFFFFFFFFF;
        private const long HiddenBit = 0x10000000000000;
        private const long QuietBit = 0x8000000000000;
        private const int MantissaBits = 52;
        private const int ExponentMask = 0x7FF;
        private const int ExponentBias = 1023;

        // U+FFFD, the replacement character, in UTF-8
        private static readonly byte[] Replacement = { 0xEF, 0xBF, 0xBD };

        private byte[] _buffer;
        private int _start;
        private int _end;
        private int _position;
        private bool _overflowed;

        /// <summary>Makes a writer into a whole buffer.</summary>
        /// <param name="buffer">The caller's buffer; its length is the longest item.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        public CborWriter(byte[] buffer)
        {
            if (buffer == null)
            {
                throw new ArgumentNullException(nameof(buffer));
            }

            Reset(buffer, 0, buffer.Length);
        }

        /// <summary>Makes a writer into a part of a buffer.</summary>
        /// <param name="buffer">The caller's buffer.</param>
        /// <param name="offset">Where the item begins.</param>
        /// <param name="capacity">The longest item in bytes.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer.</exception>
        public CborWriter(byte[] buffer, int offset, int capacity)
        {
            Reset(buffer, offset, capacity);
        }

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

        /// <summary>Something did not fit. Sticky until a Reset; what is in the buffer is not a whole item then and must not be sent.</summary>
        public bool Overflowed
        {
            get { return _overflowed; }
        }

        /// <summary>Starts anew in the same place.</summary>
        public void Reset()
        {
            _position = _start;
            _overflowed = false;
        }

        /// <summary>Starts anew in another place.</summary>
        /// <param name="buffer">The caller's buffer.</param>
        /// <param name="offset">Where the item begins.</param>
        /// <param name="capacity">The longest item in bytes.</param>
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

        /// <summary>Begins a map. It ends by itself after its last value.</summary>
        /// <param name="count">How many pairs follow: a key and a value each, 0 or more.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative: a bug of the caller.</exception>
        public void BeginMap(int count)
        {
            BeginContainer(MapType, count);
        }

        /// <summary>Begins an array. It ends by itself after its last item.</summary>
        /// <param name="count">How many items follow, 0 or more.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative: a bug of the caller.</exception>
        public void BeginArray(int count)
        {
            BeginContainer(ArrayType, count);
        }

        /// <summary>Writes a text string: a key or a value.</summary>
        /// <param name="utf8">The text in UTF-8; treated as <see cref="Text(byte[], int, int)"/> does.</param>
        public void Text(byte[] utf8)
        {
            Text(utf8, 0, utf8.Length);
        }

        /// <summary>Writes a text string: a key or a value.</summary>
        /// <param name="buffer">The buffer of the text in UTF-8. If it is not well-formed UTF-8, each of its bytes from 80 up is written as U+FFFD (as JsonWriter does), so that the result is valid always.</param>
        /// <param name="offset">The text's first byte.</param>
        /// <param name="length">The text's length in bytes.</param>
        public void Text(byte[] buffer, int offset, int length)
        {
            if (Utf8.IsWellFormed(buffer, offset, length))
            {
                AppendString(TextStringType, buffer, offset, length);
                return;
            }

            // what is replaced grows by two bytes, and the head comes first
            int end = offset + length;
            int written = length;
            for (int i = offset; i < end; i++)
            {
                if (buffer[i] >= 0x80)
                {
                    written += Replacement.Length - 1;
                }
            }

            AppendHead(TextStringType, written);
            for (int i = offset; i < end; i++)
            {
                if (buffer[i] >= 0x80)
                {
                    Append(Replacement, 0, Replacement.Length);
                }
                else
                {
                    Append(buffer[i]);
                }
            }
        }

        /// <summary>Writes a byte string.</summary>
        /// <param name="buffer">The buffer of the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        public void Bytes(byte[] buffer, int offset, int length)
        {
            AppendString(ByteStringType, buffer, offset, length);
        }

        /// <summary>Writes an integer.</summary>
        /// <param name="value">Any int.</param>
        public void Int(int value)
        {
            Long(value);
        }

        /// <summary>Writes an integer.</summary>
        /// <param name="value">Any long.</param>
        public void Long(long value)
        {
            if (value < 0)
            {
                // RFC 8949, 3.1: the argument of a negative number n is -1 - n, which is ~n
                AppendHead(NegativeType, ~value);
            }
            else
            {
                AppendHead(UnsignedType, value);
            }
        }

        /// <summary>Writes a number given in units of 10^-<paramref name="decimals"/>: an integer if it is whole, else the shortest float that is read as the same double: 21500 with 3 decimals is 21.5.</summary>
        /// <param name="value">The number times 10^<paramref name="decimals"/>.</param>
        /// <param name="decimals">The decimal places, 0 to 9.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="decimals"/> is out of range: a bug of the caller.</exception>
        public void Fixed(int value, int decimals)
        {
            if (decimals < 0 || decimals > MaxDecimals)
            {
                throw new ArgumentOutOfRangeException(nameof(decimals));
            }

            int scale = 1;
            for (int i = 0; i < decimals; i++)
            {
                scale *= 10;
            }

            if (value % scale == 0)
            {
                Long(value / scale);
                return;
            }

            // both are exact as doubles, and a division rounds once: the same double that a parser makes of the decimal digits
            Double((double)value / scale);
        }

        /// <summary>Writes a floating-point number in the shortest of the three formats that holds the same number (RFC 8949, 4.1). It stays a float, even if whole.</summary>
        /// <param name="value">Any double; infinities, too, and NaN, whose sign and payload are not kept.</param>
        public void Double(double value)
        {
            long bits = BitConverter.DoubleToInt64Bits(value);
            int sign = bits < 0 ? 1 : 0;
            int exponent = (int)(bits >> MantissaBits) & ExponentMask;
            long mantissa = bits & MantissaMask;
            if (exponent == ExponentMask && mantissa != 0)
            {
                // one NaN for all, without sign and payload (4.2.2)
                sign = 0;
                mantissa = QuietBit;
            }

            long shorter = Shorten(exponent, mantissa, 5, 10);
            if (shorter >= 0)
            {
                Append(Half);
                AppendArgument(((long)sign << 15) | shorter, 2);
                return;
            }

            shorter = Shorten(exponent, mantissa, 8, 23);
            if (shorter >= 0)
            {
                Append(Single);
                AppendArgument(((long)sign << 31) | shorter, 4);
                return;
            }

            Append(Double64);
            AppendArgument(bits, 8);
        }

        /// <summary>Writes true or false.</summary>
        /// <param name="value">Which.</param>
        public void Bool(bool value)
        {
            Append(value ? True : False);
        }

        /// <summary>Writes null.</summary>
        public void Null()
        {
            Append(NullValue);
        }

        // The bits of a shorter IEEE 754 format without the sign, or -1 if it does not hold the very number.
        private static long Shorten(int exponent, long mantissa, int exponentBits, int mantissaBits)
        {
            int dropped = MantissaBits - mantissaBits;
            int bias = (1 << (exponentBits - 1)) - 1;
            int top = (1 << exponentBits) - 1;
            int shortExponent;
            if (exponent == ExponentMask)
            {
                // infinity or NaN
                shortExponent = top;
            }
            else if (exponent == 0)
            {
                // zero; what is subnormal as a double is too small for the others
                return mantissa == 0 ? 0 : -1;
            }
            else
            {
                shortExponent = exponent - ExponentBias + bias;
                if (shortExponent >= top)
                {
                    return -1;
                }

                if (shortExponent <= 0)
                {
                    // subnormal in the shorter format: the hidden bit is written, further right
                    dropped += 1 - shortExponent;
                    if (dropped > MantissaBits)
                    {
                        return -1;
                    }

                    mantissa |= HiddenBit;
                    shortExponent = 0;
                }
            }

            if ((mantissa & ((1L << dropped) - 1)) != 0)
            {
                return -1;
            }

            return ((long)shortExponent << mantissaBits) | (mantissa >> dropped);
        }

        private void BeginContainer(int majorType, int count)
        {
            if (count < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(count));
            }

            AppendHead(majorType, count);
        }

        // RFC 8949, 3 and 4.1: the initial byte, and the argument in as few bytes as it needs.
        private void AppendHead(int majorType, long argument)
        {
            if (argument < OneByte)
            {
                Append(majorType | (int)argument);
            }
            else if (argument <= 0xFF)
            {
                Append(majorType | OneByte);
                AppendArgument(argument, 1);
            }
            else if (argument <= 0xFFFF)
            {
                Append(majorType | TwoBytes);
                AppendArgument(argument, 2);
            }
            else if (argument <= 0xFFFFFFFF)
            {
                Append(majorType | FourBytes);
                AppendArgument(argument, 4);
            }
            else
            {
                Append(majorType | EightBytes);
                AppendArgument(argument, 8);
            }
        }

        // Big-endian.
        private void AppendArgument(long value, int count)
        {
            for (int shift = (count - 1) * 8; shift >= 0; shift -= 8)
            {
                Append((int)(value >> shift) & 0xFF);
            }
        }

        private void AppendString(int majorType, byte[] source, int offset, int length)
        {
            AppendHead(majorType, length);
            Append(source, offset, length);
        }

        private void Append(int value)
        {
            if (_overflowed || _position == _end)
            {
                _overflowed = true;
                return;
            }

            _buffer[_position++] = (byte)value;
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
    }
}

// The current token of CborReader as a value: comparison, copy, integers. No floating point, no rounding.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Cbor
{
    public sealed partial class CborReader
    {
        // the most that a whole float's 53 bits of mantissa may be shifted up within a long
        private const int MostShift = 9;

        /// <summary>Tells whether the current text string is exactly this text.</summary>
        /// <param name="utf8">The text's bytes.</param>
        /// <returns>True if they agree byte by byte; false also if the token is no text string.</returns>
        public bool TokenIs(byte[] utf8)
        {
            return _token == CborToken.Text && Bytes.AreEqual(_buffer, _tokenOffset, _tokenLength, utf8);
        }

        /// <summary>Copies the current text string.</summary>
        /// <param name="destination">The caller's buffer.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="max">The most bytes to write; what the destination holds after <paramref name="offset"/> limits it, too.</param>
        /// <returns>The bytes written, or -1 if they do not fit or the token is no text string. The text may contain U+0000.</returns>
        public int CopyString(byte[] destination, int offset, int max)
        {
            if (offset < 0 || _token != CborToken.Text || _tokenLength > max || _tokenLength > destination.Length - offset)
            {
                return -1;
            }

            Array.Copy(_buffer, _tokenOffset, destination, offset, _tokenLength);
            return _tokenLength;
        }

        /// <summary>Gets the current number as an integer.</summary>
        /// <param name="value">The number, or 0.</param>
        /// <returns>False if the token is no number, is not whole (1.0 is: RFC 8949 has one number in several encodings), or is beyond the range of int.</returns>
        public bool TryGetInt32(out int value)
        {
            value = 0;
            if (_token == CborToken.Integer)
            {
                // below 0 is what needs all 64 bits; -1 - n reaches from -1 down to int.MinValue
                if (_argument < 0 || _argument > int.MaxValue)
                {
                    return false;
                }

                value = _isNegative ? ~(int)_argument : (int)_argument;
                return true;
            }

            if (_token != CborToken.Float)
            {
                return false;
            }

            long magnitude = WholeFloat();
            if (magnitude < 0 || magnitude > (_isNegative ? 1L + int.MaxValue : int.MaxValue))
            {
                return false;
            }

            value = (int)(_isNegative ? -magnitude : magnitude);
            return true;
        }

        // The magnitude of the current float (its sign goes to _isNegative), or -1 if it is not whole, not finite, or far beyond int.
        // By bits: the device has no half precision, and BitConverter takes little-endian bytes only.
        private long WholeFloat()
        {
            int bits = (_tokenLength - 1) * 8;
            int exponentBits = bits == 16 ? 5 : bits == 32 ? 8 : 11;
            int mantissaBits = bits - exponentBits - 1;
            int top = (1 << exponentBits) - 1;
            int exponent = (int)(_argument >> mantissaBits) & top;
            long mantissa = _argument & ((1L << mantissaBits) - 1);
            _isNegative = ((_argument >> (bits - 1)) & 1) != 0;
            if (exponent == top)
            {
                return -1;
            }

            if (exponent == 0)
            {
                // zero, of either sign; a subnormal number is a fraction in all three formats
                return mantissa == 0 ? 0 : -1;
            }

            // the value is mantissa * 2^exponent from here on
            mantissa |= 1L << mantissaBits;
            exponent -= (top >> 1) + mantissaBits;
            if (exponent >= 0)
            {
                // at most 2^53 * 2^9: the caller sees that it is too large
                return exponent <= MostShift ? mantissa << exponent : -1;
            }

            int fraction = -exponent;
            if (fraction > mantissaBits || (mantissa & ((1L << fraction) - 1)) != 0)
            {
                return -1;
            }

            return mantissa >> fraction;
        }
    }
}

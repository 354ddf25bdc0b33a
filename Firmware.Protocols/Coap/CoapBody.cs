// Where a resource writes a representation. Only a window of it is kept, the block that is asked for; all of it is counted and hashed, so that
// the end, the total size and the ETag are known although nothing is held whole. A resource writes all of it each time, from the first byte.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Takes a representation byte by byte and keeps one block of it. Never fails; what lies outside the window is only counted.</summary>
    public sealed class CoapBody
    {
        private const int MaxDigits = 10;

        private readonly byte[] _digits = new byte[MaxDigits];
        private byte[] _buffer;
        private int _offset;
        private int _windowStart;
        private int _windowLength;

        /// <summary>How many bytes were written so far, kept or not.</summary>
        public int Length { get; private set; }

        /// <summary>The first byte of the representation that is kept. A large resource may <see cref="Skip"/> to it, if it sets an ETag of its own.</summary>
        public int WindowStart
        {
            get { return _windowStart; }
        }

        /// <summary>How many bytes from there on are kept at the most.</summary>
        public int WindowLength
        {
            get { return _windowLength; }
        }

        /// <summary>A number that differs, but for chance, between two representations; also between formats of one.</summary>
        public int Hash { get; private set; }

        internal int Kept
        {
            get
            {
                int kept = Length - _windowStart;
                return kept < 0 ? 0 : kept > _windowLength ? _windowLength : kept;
            }
        }

        /// <summary>Writes a byte.</summary>
        /// <param name="value">Its low eight bits.</param>
        public void Byte(int value)
        {
            _digits[0] = (byte)value;
            Raw(_digits, 0, 1);
        }

        /// <summary>Writes a whole array.</summary>
        /// <param name="bytes">The bytes.</param>
        public void Raw(byte[] bytes)
        {
            Raw(bytes, 0, bytes.Length);
        }

        /// <summary>Writes bytes.</summary>
        /// <param name="buffer">Where they stand.</param>
        /// <param name="offset">The first of them.</param>
        /// <param name="length">How many.</param>
        public void Raw(byte[] buffer, int offset, int length)
        {
            Hash = Fnv.Add(Hash, buffer, offset, length);
            int from = _windowStart - Length;
            int to = from + _windowLength;
            from = from < 0 ? 0 : from;
            to = to > length ? length : to;
            if (to > from)
            {
                Array.Copy(buffer, offset + from, _buffer, _offset + Length + from - _windowStart, to - from);
            }

            Length += length;
        }

        /// <summary>Writes a whole number in decimal digits.</summary>
        /// <param name="value">The number, 0 or more.</param>
        public void Number(int value)
        {
            int at = MaxDigits;
            do
            {
                _digits[--at] = (byte)('0' + (value % 10));
                value /= 10;
            }
            while (value > 0);
            Raw(_digits, at, MaxDigits - at);
        }

        /// <summary>Counts bytes as written without giving them. They are not hashed: <see cref="CoapResponse.SetETag"/> must tell contents apart then.</summary>
        /// <param name="length">How many, 0 or more; they must lie outside the window.</param>
        public void Skip(int length)
        {
            Length += length;
        }

        internal void Begin(byte[] buffer, int offset, int windowStart, int windowLength, int format)
        {
            _buffer = buffer;
            _offset = offset;
            _windowStart = windowStart;
            _windowLength = windowLength;
            Length = 0;

            // formats of one state must not share an ETag
            Hash = Fnv.Add(Fnv.Start, format);
        }
    }
}

// A pull reader of one CBOR item in a byte[] (RFC 8949), used as JsonReader is.
// Left out, each refused with an error of its own: indefinite lengths (3.2), tags (3.4), undefined and unassigned simple values (3.3), keys that
// are neither text nor integers. Tags are not skipped because they change what a value means: a tagged byte string may be a number, a tagged array a
// decimal fraction. Heads and floats that are longer than they need to be are taken: preferred serialization (4.1) binds the writer only.
// Duplicate keys are not detected (5.6: up to the application).
// The buffer is the caller's: it must not change between Reset and the last use of the reader. Nothing is allocated after construction.
// This file turns bytes into tokens; CborReader.Values.cs turns the current token into values.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Cbor
{
    /// <summary>Reads one CBOR item (RFC 8949) token by token out of a caller's buffer. Make one and keep it; it allocates nothing after construction.</summary>
    /// <remarks>Errors are sticky until <see cref="Reset"/>; no content of the buffer makes it throw or read outside the given range. Not thread-safe.</remarks>
    public sealed partial class CborReader
    {
        /// <summary>The nesting depth that suffices for commands, the same as of JsonReader.</summary>
        public const int DefaultMaxDepth = 8;

        // the lower five bits of the initial byte (RFC 8949, 3): up to 23 the argument itself, from 24 to 27 its length, 31 an indefinite length
        private const int OneByte = 24;
        private const int TwoBytes = 25;
        private const int FourBytes = 26;
        private const int EightBytes = 27;
        private const int Indefinite = 31;

        // for each open container, outermost first: is it a map, and how many items of it are still to come (keys and values counted each)
        private readonly bool[] _isMap;
        private readonly int[] _remaining;
        private byte[] _buffer = Bytes.Empty;
        private int _end;
        private int _position;
        private int _depth;
        private bool _isDone;
        private CborToken _token;
        private bool _isKey;
        private bool _isNegative;
        private long _argument;
        private int _tokenOffset;
        private int _tokenLength;
        private CborError _error;
        private int _errorOffset;

        /// <summary>Makes a reader for items of at most <see cref="DefaultMaxDepth"/> levels.</summary>
        public CborReader()
            : this(DefaultMaxDepth)
        {
        }

        /// <summary>Makes a reader.</summary>
        /// <param name="maxDepth">How many maps and arrays may be inside each other, 0 (scalars only) or more. Costs five bytes each.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDepth"/> is negative.</exception>
        public CborReader(int maxDepth)
        {
            if (maxDepth < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(maxDepth));
            }

            _isMap = new bool[maxDepth];
            _remaining = new int[maxDepth];
        }

        /// <summary>The token that <see cref="Read"/> returned last.</summary>
        public CborToken Token
        {
            get { return _token; }
        }

        /// <summary>The current token is a key of a map; its value comes next.</summary>
        public bool IsKey
        {
            get { return _isKey; }
        }

        /// <summary>After a begin how many pairs the map or items the array has; otherwise 0.</summary>
        public int Count
        {
            get { return _token == CborToken.BeginMap || _token == CborToken.BeginArray ? (int)_argument : 0; }
        }

        /// <summary>The buffer given to <see cref="Reset"/>; the caller's.</summary>
        public byte[] Source
        {
            get { return _buffer; }
        }

        /// <summary>The index in the buffer of the current token's first byte; of a text or byte string, of the first byte after the head.</summary>
        public int TokenOffset
        {
            get { return _tokenOffset; }
        }

        /// <summary>The length of the current token in bytes; of a text or byte string, without the head. 0 for the end of a map or an array.</summary>
        public int TokenLength
        {
            get { return _tokenLength; }
        }

        /// <summary>How many maps and arrays are open: 1 after the first begin, 0 again after its end.</summary>
        public int Depth
        {
            get { return _depth; }
        }

        /// <summary>What is wrong with the item, sticky until <see cref="Reset"/>.</summary>
        public CborError Error
        {
            get { return _error; }
        }

        /// <summary>The index in the buffer of the first byte of the head or string that <see cref="Error"/> is about; one past the end if there is none. 0 if there is no error.</summary>
        public int ErrorOffset
        {
            get { return _errorOffset; }
        }

        /// <summary>Starts anew with another item.</summary>
        /// <param name="buffer">Holds the item; stays the caller's and must not change while it is read.</param>
        /// <param name="offset">The index of the item's first byte.</param>
        /// <param name="length">The item's length in bytes. No bytes at all are an error that <see cref="Read"/> reports.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer: a bug of the caller, not of the item.</exception>
        public void Reset(byte[] buffer, int offset, int length)
        {
            if (buffer == null)
            {
                throw new ArgumentNullException(nameof(buffer));
            }

            if (offset < 0 || length < 0 || offset > buffer.Length - length)
            {
                throw new ArgumentOutOfRangeException(nameof(length));
            }

            _buffer = buffer;
            _end = offset + length;
            _position = offset;
            _depth = 0;
            _isDone = false;
            _token = CborToken.None;
            _isKey = false;
            _tokenOffset = offset;
            _tokenLength = 0;
            _error = CborError.None;
            _errorOffset = 0;
        }

        /// <summary>Reads the next token.</summary>
        /// <returns>The token. After <see cref="CborToken.End"/> and <see cref="CborToken.Error"/> the same again.</returns>
        public CborToken Read()
        {
            if (_token == CborToken.Error || _token == CborToken.End)
            {
                return _token;
            }

            _isKey = false;
            if (_depth > 0)
            {
                int level = _depth - 1;
                int remaining = _remaining[level];
                if (remaining == 0)
                {
                    _depth = level;
                    _isDone = level == 0;
                    return Take(_isMap[level] ? CborToken.EndMap : CborToken.EndArray, 0);
                }

                // keys and values in turn, a key first: what is left is even before a key
                _isKey = _isMap[level] && (remaining & 1) == 0;
                _remaining[level] = remaining - 1;
            }
            else if (_isDone)
            {
                return _position == _end ? Take(CborToken.End, 0) : Fail(CborError.TrailingData, _position);
            }
            else
            {
                _isDone = true;
            }

            return ReadItem();
        }

        /// <summary>Skips what is not wanted: after a key its value; after a begin everything up to and with the matching end; otherwise nothing.</summary>
        /// <returns>False if the item has an error, see <see cref="Error"/>.</returns>
        public bool SkipValue()
        {
            if (_isKey)
            {
                Read();
            }

            if (_token == CborToken.BeginMap || _token == CborToken.BeginArray)
            {
                int outside = _depth - 1;
                while (_depth > outside && Read() != CborToken.Error)
                {
                }
            }

            return _token != CborToken.Error;
        }

        // RFC 8949, 3: one data item, or the head of a container.
        private CborToken ReadItem()
        {
            int start = _position;
            if (start == _end)
            {
                return Fail(CborError.UnexpectedEnd, start);
            }

            int initial = _buffer[start];
            int majorType = initial >> 5;
            int information = initial & 0x1F;
            if (information > EightBytes)
            {
                // 28 to 30 are reserved; 31 stands for an indefinite length with strings, arrays and maps only
                bool isIndefinite = information == Indefinite && majorType >= 2 && majorType <= 5;
                return Fail(isIndefinite ? CborError.IndefiniteLength : CborError.Malformed, start);
            }

            if (_isKey && majorType > 1 && majorType != 3)
            {
                return Fail(CborError.UnsupportedKey, start);
            }

            int size = 1;
            _argument = information;
            if (information >= OneByte)
            {
                int count = 1 << (information - OneByte);
                if (count > _end - start - 1)
                {
                    return Fail(CborError.UnexpectedEnd, start);
                }

                size += count;
                _argument = BigEndian(start + 1, count);
            }

            switch (majorType)
            {
                case 0:
                case 1:
                    _isNegative = majorType == 1;
                    return Take(CborToken.Integer, size);

                case 2:
                case 3:
                    return ReadString(majorType == 3 ? CborToken.Text : CborToken.ByteString, start, size);

                case 4:
                case 5:
                    return BeginContainer(majorType == 5, start, size);

                case 6:
                    return Fail(CborError.UnsupportedTag, start);

                default:
                    return ReadSimpleOrFloat(information, start, size);
            }
        }

        // RFC 8949, 3.1, major types 2 and 3.
        private CborToken ReadString(CborToken token, int start, int headSize)
        {
            int first = start + headSize;
            if (_argument < 0 || _argument > _end - first)
            {
                return Fail(CborError.UnexpectedEnd, start);
            }

            int length = (int)_argument;
            if (token == CborToken.Text && !Utf8.IsWellFormed(_buffer, first, length))
            {
                return Fail(CborError.BadUtf8, first);
            }

            _position = first;
            return Take(token, length);
        }

        // RFC 8949, 3.1, major types 4 and 5.
        private CborToken BeginContainer(bool isMap, int start, int headSize)
        {
            // an item has a byte at least, so what cannot be there is refused at once and the count fits an int
            int most = _end - start - headSize;
            if (_argument < 0 || _argument > (isMap ? most >> 1 : most))
            {
                return Fail(CborError.UnexpectedEnd, start);
            }

            if (_depth == _isMap.Length)
            {
                return Fail(CborError.DepthExceeded, start);
            }

            int count = (int)_argument;
            _isMap[_depth] = isMap;
            _remaining[_depth++] = isMap ? 2 * count : count;
            return Take(isMap ? CborToken.BeginMap : CborToken.BeginArray, headSize);
        }

        // RFC 8949, 3.3, major type 7.
        private CborToken ReadSimpleOrFloat(int information, int start, int size)
        {
            switch (information)
            {
                case 20:
                    return Take(CborToken.False, size);

                case 21:
                    return Take(CborToken.True, size);

                case 22:
                    return Take(CborToken.Null, size);

                case OneByte:
                    return Fail(_argument < 32 ? CborError.Malformed : CborError.UnsupportedSimpleValue, start);

                case TwoBytes:
                case FourBytes:
                case EightBytes:
                    return Take(CborToken.Float, size);

                default:
                    return Fail(CborError.UnsupportedSimpleValue, start);
            }
        }

        private long BigEndian(int at, int count)
        {
            long value = 0;
            for (int i = 0; i < count; i++)
            {
                value = (value << 8) | _buffer[at + i];
            }

            return value;
        }

        // Makes the bytes at _position the current token.
        private CborToken Take(CborToken token, int length)
        {
            _token = token;
            _tokenOffset = _position;
            _tokenLength = length;
            _position += length;
            return token;
        }

        private CborToken Fail(CborError error, int offset)
        {
            _error = error;
            _errorOffset = offset;
            _token = CborToken.Error;
            _isKey = false;
            _tokenOffset = offset;
            _tokenLength = 0;
            return CborToken.Error;
        }
    }
}

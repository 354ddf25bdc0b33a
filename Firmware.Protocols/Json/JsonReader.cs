// A pull reader of JSON texts in a byte[]: RFC 8259, strictly, in UTF-8.
// Left out: duplicate names are not detected (RFC 8259, 4: "SHOULD be unique"), numbers are not turned into floating point.
// The buffer is the caller's: it must not change between Reset and the last use of the reader. Nothing is allocated after construction.
// This file turns bytes into tokens; JsonReader.Values.cs turns the current token into values.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Json
{
    /// <summary>Reads a JSON text (RFC 8259) token by token out of a caller's buffer. Make one and keep it; it allocates nothing after construction.</summary>
    /// <remarks>Errors are sticky until <see cref="Reset"/>; no content of the buffer makes it throw or read outside the given range. Not thread-safe.</remarks>
    public sealed partial class JsonReader
    {
        /// <summary>The nesting depth that suffices for commands and configuration files.</summary>
        public const int DefaultMaxDepth = 8;

        // what must come next
        private const byte ExpectValue = 0;
        private const byte ExpectNameOrEnd = 1;
        private const byte ExpectElementOrEnd = 2;
        private const byte ExpectColon = 3;
        private const byte ExpectCommaOrEnd = 4;
        private const byte ExpectEnd = 5;

        private static readonly byte[] LiteralTrue = { (byte)'t', (byte)'r', (byte)'u', (byte)'e' };
        private static readonly byte[] LiteralFalse = { (byte)'f', (byte)'a', (byte)'l', (byte)'s', (byte)'e' };
        private static readonly byte[] LiteralNull = { (byte)'n', (byte)'u', (byte)'l', (byte)'l' };

        // for each open container, outermost first: is it an array?
        private readonly bool[] _isArray;
        private byte[] _buffer = Bytes.Empty;
        private int _start;
        private int _end;
        private int _position;
        private int _depth;
        private byte _expected;
        private JsonToken _token;
        private int _tokenOffset;
        private int _tokenLength;
        private bool _tokenHasEscapes;
        private JsonError _error;
        private int _errorOffset;

        /// <summary>Makes a reader for texts of at most <see cref="DefaultMaxDepth"/> levels.</summary>
        public JsonReader()
            : this(DefaultMaxDepth)
        {
        }

        /// <summary>Makes a reader.</summary>
        /// <param name="maxDepth">How many objects and arrays may be inside each other, 0 (scalars only) or more. Costs one byte each.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDepth"/> is negative.</exception>
        public JsonReader(int maxDepth)
        {
            if (maxDepth < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(maxDepth));
            }

            _isArray = new bool[maxDepth];
        }

        /// <summary>The token that <see cref="Read"/> returned last.</summary>
        public JsonToken Token
        {
            get { return _token; }
        }

        /// <summary>The buffer given to <see cref="Reset"/>; the caller's.</summary>
        public byte[] Source
        {
            get { return _buffer; }
        }

        /// <summary>The index in the buffer of the current token's first byte; of a name or string, of the first byte after the quote.</summary>
        public int TokenOffset
        {
            get { return _tokenOffset; }
        }

        /// <summary>The length of the current token in bytes; of a name or string, of what is between the quotes, with its escapes.</summary>
        public int TokenLength
        {
            get { return _tokenLength; }
        }

        /// <summary>How many objects and arrays are open: 1 after the first <see cref="JsonToken.BeginObject"/>, 0 again after its end.</summary>
        public int Depth
        {
            get { return _depth; }
        }

        /// <summary>What is wrong with the text, sticky until <see cref="Reset"/>.</summary>
        public JsonError Error
        {
            get { return _error; }
        }

        /// <summary>The index in the buffer of the byte that <see cref="Error"/> is about; one past the text's end for <see cref="JsonError.UnexpectedEnd"/>. 0 if there is no error.</summary>
        public int ErrorOffset
        {
            get { return _errorOffset; }
        }

        /// <summary>The line, counted from 1, of the error, or of the current token if there is none. Counts line feeds on each call: for messages only.</summary>
        public int Line
        {
            get
            {
                int line = 1;
                int stop = _error != JsonError.None ? _errorOffset : _tokenOffset;
                for (int i = _start; i < stop; i++)
                {
                    if (_buffer[i] == '\n')
                    {
                        line++;
                    }
                }

                return line;
            }
        }

        /// <summary>The column, counted from 1 in code points, of the error, or of the current token if there is none. Counts on each call: for messages only.</summary>
        public int Column
        {
            get
            {
                int column = 1;
                int stop = _error != JsonError.None ? _errorOffset : _tokenOffset;
                for (int i = stop - 1; i >= _start && _buffer[i] != '\n'; i--)
                {
                    // the continuation bytes 10xxxxxx of UTF-8 belong to the code point before them
                    if ((_buffer[i] & 0xC0) != 0x80)
                    {
                        column++;
                    }
                }

                return column;
            }
        }

        /// <summary>Starts anew with another text.</summary>
        /// <param name="buffer">Holds the text; stays the caller's and must not change while it is read.</param>
        /// <param name="offset">The index of the text's first byte.</param>
        /// <param name="length">The text's length in bytes. An empty text is an error that <see cref="Read"/> reports.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer: a bug of the caller, not of the text.</exception>
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
            _start = offset;
            _end = offset + length;
            _position = offset;
            _depth = 0;
            _expected = ExpectValue;
            _token = JsonToken.None;
            _tokenOffset = offset;
            _tokenLength = 0;
            _tokenHasEscapes = false;
            _error = JsonError.None;
            _errorOffset = 0;
        }

        /// <summary>Reads the next token.</summary>
        /// <returns>The token. After <see cref="JsonToken.End"/> and <see cref="JsonToken.Error"/> the same again.</returns>
        public JsonToken Read()
        {
            if (_token == JsonToken.Error || _token == JsonToken.End)
            {
                return _token;
            }

            int next = NextByte();
            if (next < 0)
            {
                if (_expected != ExpectEnd)
                {
                    return Fail(JsonError.UnexpectedEnd, _end);
                }

                return Take(JsonToken.End, 0);
            }

            switch (_expected)
            {
                case ExpectValue:
                    return ReadValue(next);

                case ExpectNameOrEnd:
                    return next == '}' ? EndContainer(JsonToken.EndObject) : ReadName(next);

                case ExpectElementOrEnd:
                    return next == ']' ? EndContainer(JsonToken.EndArray) : ReadValue(next);

                case ExpectColon:
                    if (next != ':')
                    {
                        return Fail(JsonError.UnexpectedCharacter, _position);
                    }

                    _position++;
                    return ReadValue(NextByte());

                case ExpectCommaOrEnd:
                    bool isArray = _isArray[_depth - 1];
                    if (next == ',')
                    {
                        _position++;
                        next = NextByte();
                        return isArray ? ReadValue(next) : ReadName(next);
                    }

                    if (next != (isArray ? ']' : '}'))
                    {
                        return Fail(JsonError.UnexpectedCharacter, _position);
                    }

                    return EndContainer(isArray ? JsonToken.EndArray : JsonToken.EndObject);

                default:
                    return Fail(JsonError.TrailingData, _position);
            }
        }

        /// <summary>Skips what is not wanted: after a name its value; after a begin everything up to and with the matching end; otherwise nothing.</summary>
        /// <returns>False if the text has an error, see <see cref="Error"/>.</returns>
        public bool SkipValue()
        {
            if (_token == JsonToken.Name)
            {
                Read();
            }

            if (_token == JsonToken.BeginObject || _token == JsonToken.BeginArray)
            {
                int outside = _depth - 1;
                while (_depth > outside && Read() != JsonToken.Error)
                {
                }
            }

            return _token != JsonToken.Error;
        }

        // RFC 8259, 2: skips white space; the byte at _position then, or -1 at the end.
        private int NextByte()
        {
            byte[] buffer = _buffer;
            int position = _position;
            int end = _end;
            int next = -1;
            for (; position < end; position++)
            {
                next = buffer[position];
                if (next > ' ' || (next != ' ' && next != '\n' && next != '\r' && next != '\t'))
                {
                    break;
                }

                next = -1;
            }

            _position = position;
            return next;
        }

        // RFC 8259, 3
        private JsonToken ReadValue(int next)
        {
            switch (next)
            {
                case -1:
                    return Fail(JsonError.UnexpectedEnd, _end);

                case '{':
                    return BeginContainer(JsonToken.BeginObject, ExpectNameOrEnd);

                case '[':
                    return BeginContainer(JsonToken.BeginArray, ExpectElementOrEnd);

                case '"':
                    return ScanString(JsonToken.String);

                case 't':
                    return ScanLiteral(LiteralTrue, JsonToken.True);

                case 'f':
                    return ScanLiteral(LiteralFalse, JsonToken.False);

                case 'n':
                    return ScanLiteral(LiteralNull, JsonToken.Null);

                default:
                    if (next == '-' || IsDigit(next))
                    {
                        return ScanNumber();
                    }

                    return Fail(JsonError.UnexpectedCharacter, _position);
            }
        }

        // RFC 8259, 4
        private JsonToken ReadName(int next)
        {
            if (next < 0)
            {
                return Fail(JsonError.UnexpectedEnd, _end);
            }

            if (next != '"')
            {
                return Fail(JsonError.UnexpectedCharacter, _position);
            }

            JsonToken token = ScanString(JsonToken.Name);
            if (token == JsonToken.Name)
            {
                _expected = ExpectColon;
            }

            return token;
        }

        private JsonToken BeginContainer(JsonToken token, byte expected)
        {
            if (_depth == _isArray.Length)
            {
                return Fail(JsonError.DepthExceeded, _position);
            }

            _isArray[_depth++] = token == JsonToken.BeginArray;
            Take(token, 1);
            _expected = expected;
            return token;
        }

        private JsonToken EndContainer(JsonToken token)
        {
            _depth--;
            return Take(token, 1);
        }

        // Makes the bytes at _position the current token and a complete value.
        private JsonToken Take(JsonToken token, int length)
        {
            _token = token;
            _tokenOffset = _position;
            _tokenLength = length;
            _tokenHasEscapes = false;
            _position += length;
            _expected = _depth == 0 ? ExpectEnd : ExpectCommaOrEnd;
            return token;
        }

        private JsonToken Fail(JsonError error, int offset)
        {
            _error = error;
            _errorOffset = offset;
            _token = JsonToken.Error;
            _tokenOffset = offset;
            _tokenLength = 0;
            return JsonToken.Error;
        }

        private static bool IsDigit(int value)
        {
            return value >= '0' && value <= '9';
        }
    }
}

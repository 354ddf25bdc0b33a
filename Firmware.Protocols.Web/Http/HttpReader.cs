// Cuts the incoming bytes into HTTP/1.1 messages (RFC 9112) over one fixed buffer: the head from index 0, then the body, chunks already joined. Bytes of the next message
// may be behind it; they are moved to the front when the next one is asked for. Whatever way the bytes come, one by one or all at once, the result is the same:
// every limit counts bytes of the message, never what one read happened to bring.
// Strict where leniency makes request smuggling: bare line feeds, folded lines, spaces before colons, lengths that disagree. Left out: trailers (skipped),
// chunk extensions (skipped), codings other than chunked, HTTP/0.9 and 2. The fields are in HttpReader.Fields.cs, the body is in HttpReader.Body.cs.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>What the readers of requests and of responses share. Long-lived; allocates nothing after construction. Not thread-safe.</summary>
    public abstract partial class HttpReader
    {
        /// <summary>The most bytes of a line that tells a chunk's size, or of a trailer; the buffer has so much room beyond head and body.</summary>
        public const int MaxChunkLine = 64;

        // how often a call reads at the most, so that a flood cannot hold the loop
        private const int MaxReads = 16;

        private const byte CarriageReturn = (byte)'\r';
        private const byte LineFeed = (byte)'\n';

        private readonly byte[] _buffer;
        private readonly int _headLimit;
        private State _state;
        private HttpError _error;
        private int _have;
        private int _scan;
        private int _line;
        private int _lineEnd;
        private bool _skippedLine;

        /// <summary>Creates a reader over a buffer that it owns from now on.</summary>
        /// <param name="buffer">Room for a head, a body and <see cref="MaxChunkLine"/> bytes.</param>
        /// <param name="headLimit">The most bytes of a head, with the empty line at its end; 32 or more.</param>
        /// <exception cref="ArgumentException">The buffer has no room for such a head.</exception>
        protected HttpReader(byte[] buffer, int headLimit)
        {
            if (headLimit < 32 || buffer.Length < headLimit + MaxChunkLine)
            {
                throw new ArgumentException();
            }

            _buffer = buffer;
            _headLimit = headLimit;
            BodyLimit = buffer.Length - headLimit - MaxChunkLine;
        }

        // where a message stands
        private enum State : byte
        {
            StartLine = 0,
            Fields,
            FixedBody,
            BodyToEnd,
            ChunkSize,
            ChunkData,
            ChunkEnd,
            Trailers,
            Done,
            Broken,
        }

        /// <summary>The buffer that all offsets are in.</summary>
        public byte[] Buffer
        {
            get { return _buffer; }
        }

        /// <summary>The most bytes of a body.</summary>
        public int BodyLimit { get; private set; }

        /// <summary>Why the last message was refused.</summary>
        public HttpError Error
        {
            get { return _error; }
        }

        /// <summary>True once a byte of a message came that is not whole yet: a server's time limits differ between a slow and an idle client.</summary>
        public bool IsInsideMessage
        {
            get { return _state != State.Done && _have > 0; }
        }

        /// <summary>Where what came behind the message begins: the first bytes of the other protocol after an upgrade.</summary>
        public int RestOffset
        {
            get { return _line; }
        }

        /// <summary>How many bytes came behind the message.</summary>
        public int RestLength
        {
            get { return _state == State.Done ? _have - _line : 0; }
        }

        /// <summary>True if the last <see cref="Read"/> took any byte from the transport.</summary>
        public bool Progressed { get; private set; }

        /// <summary>Forgets everything: for a new connection.</summary>
        public void Reset()
        {
            _have = 0;
            BeginMessage();
        }

        /// <summary>Reads on. A message that was returned by the last call is given up.</summary>
        /// <param name="transport">Where to read from.</param>
        /// <returns>What there is now.</returns>
        public HttpRead Read(ITransport transport)
        {
            Progressed = false;
            if (_state == State.Done)
            {
                TakeRest();
            }

            for (int reads = 0; ; reads++)
            {
                Advance();
                if (_state == State.Done)
                {
                    return HttpRead.Message;
                }

                if (_state == State.Broken)
                {
                    return HttpRead.Error;
                }

                if (reads == MaxReads)
                {
                    return HttpRead.Incomplete;
                }

                MakeRoom();
                int got = transport.Read(_buffer, _have, _buffer.Length - _have);
                if (got < 0)
                {
                    return End(got);
                }

                if (got == 0)
                {
                    return HttpRead.Incomplete;
                }

                Progressed = true;
                _have += got;
            }
        }

        // takes the first line apart
        internal abstract HttpError TakeStartLine(int start, int end);

        // a field that the two kinds treat differently
        internal abstract HttpError TakeOwnField(int field, int start, int end);

        // after the head: checks it as a whole, and tells what body follows
        internal abstract HttpError EndHead(out HttpBody body);

        // starts a message at index 0; what is there already stays
        private void BeginMessage()
        {
            _state = State.StartLine;
            _error = HttpError.None;
            _scan = 0;
            _line = 0;
            _skippedLine = false;
            ForgetFields();
            ForgetBody();
        }

        private void TakeRest()
        {
            int rest = _have - _line;
            Array.Copy(_buffer, _line, _buffer, 0, rest);
            _have = rest;
            BeginMessage();
        }

        private HttpRead End(int result)
        {
            if (result != TransportResult.Closed)
            {
                return HttpRead.Failed;
            }

            if (_state == State.BodyToEnd)
            {
                _saysClose = true;
                _state = State.Done;
                return HttpRead.Message;
            }

            if (!IsInsideMessage)
            {
                return HttpRead.Closed;
            }

            Refuse(HttpError.Truncated);
            return HttpRead.Error;
        }

        private void Refuse(HttpError error)
        {
            _error = error;
            _state = State.Broken;
        }

        // goes on with what is in the buffer, until it wants more or is at an end
        private void Advance()
        {
            bool goesOn = true;
            while (goesOn)
            {
                switch (_state)
                {
                    case State.StartLine:
                        goesOn = NextLine(_headLimit, HttpError.StartLineTooLong) && TakeFirst();
                        break;
                    case State.Fields:
                        goesOn = NextLine(_headLimit, HttpError.FieldsTooLarge) && TakeField();
                        break;
                    case State.Done:
                    case State.Broken:
                        goesOn = false;
                        break;
                    default:
                        goesOn = AdvanceBody();
                        break;
                }
            }
        }

        // true: a line is at _line to _lineEnd, and _scan is behind its end
        private bool NextLine(int limit, HttpError tooLong)
        {
            int stop = _have < limit ? _have : limit;
            int feed = Bytes.IndexOf(_buffer, _scan, stop - _scan, LineFeed);
            if (feed < 0)
            {
                _scan = stop;
                if (stop == limit)
                {
                    Refuse(tooLong);
                }

                return false;
            }

            _scan = feed + 1;
            _lineEnd = feed - 1;
            if (feed == _line || _buffer[feed - 1] != CarriageReturn)
            {
                Refuse(HttpError.BareLineFeed);
                return false;
            }

            return true;
        }

        private bool TakeFirst()
        {
            if (_lineEnd == _line && !_skippedLine)
            {
                // some clients send an empty line behind a body: one is forgiven (RFC 9112, 2.2)
                _skippedLine = true;
                _line = _scan;
                return true;
            }

            HttpError error = TakeStartLine(_line, _lineEnd);
            if (error != HttpError.None)
            {
                Refuse(error);
                return false;
            }

            _line = _scan;
            _state = State.Fields;
            return true;
        }

        private bool TakeField()
        {
            bool isEnd = _lineEnd == _line;
            HttpError error = isEnd ? FinishHead() : ReadField(_line, _lineEnd);
            if (error != HttpError.None)
            {
                Refuse(error);
                return false;
            }

            if (!isEnd)
            {
                _line = _scan;
            }

            return true;
        }
    }
}

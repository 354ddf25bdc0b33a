// The body: as long as Content-Length tells, or in chunks that are joined in place (RFC 9112, 6 and 7), or to the end of the link.

using System;

namespace Firmware.Protocols.Http
{
    public abstract partial class HttpReader
    {
        // "80000000": more digits are either zeros that nobody needs or a size that nobody has
        private const int MaxSizeDigits = 8;

        // lines behind the last chunk
        private const int MaxTrailers = 16;

        private const int MaxInterim = 8;

        private int _bodyOffset;
        private int _bodyEnd;
        private int _rest;
        private int _trailers;
        private int _interim;

        /// <summary>Where the body begins.</summary>
        public int BodyOffset
        {
            get { return _bodyOffset; }
        }

        /// <summary>The length of the body in bytes, 0 or more.</summary>
        public int BodyLength
        {
            get { return _bodyEnd - _bodyOffset; }
        }

        // true while a body is awaited of which nothing is there yet
        internal bool AwaitsBody
        {
            get { return _state >= State.FixedBody && _state <= State.ChunkSize && _have == _bodyOffset; }
        }

        private void ForgetBody()
        {
            _bodyOffset = 0;
            _bodyEnd = 0;
            _rest = 0;
            _trailers = 0;
            _interim = 0;
        }

        // _scan is behind the empty line
        private HttpError FinishHead()
        {
            HttpError error = EndHead(out HttpBody body);
            if (error != HttpError.None)
            {
                return error;
            }

            _line = _scan;
            _bodyOffset = _scan;
            _bodyEnd = _scan;
            switch (body)
            {
                case HttpBody.Fixed:
                    if (ContentLength > BodyLimit)
                    {
                        return HttpError.BodyTooLarge;
                    }

                    _rest = (int)ContentLength;
                    _state = State.FixedBody;
                    break;
                case HttpBody.Chunked:
                    _state = State.ChunkSize;
                    break;
                case HttpBody.ToEnd:
                    _state = State.BodyToEnd;
                    break;
                case HttpBody.Interim:
                    return SkipInterim();
                default:
                    _state = State.Done;
                    break;
            }

            return HttpError.None;
        }

        private HttpError SkipInterim()
        {
            int interim = _interim + 1;
            if (interim > MaxInterim)
            {
                return HttpError.TooManyInterim;
            }

            TakeRest();
            _interim = interim;
            return HttpError.None;
        }

        // true: something was done, and there may be more to do
        private bool AdvanceBody()
        {
            switch (_state)
            {
                case State.FixedBody:
                    return TakeFixed();
                case State.BodyToEnd:
                    return TakeToEnd();
                case State.ChunkSize:
                    return NextLine(_line + MaxChunkLine, HttpError.BadChunk) && TakeChunkSize();
                case State.ChunkData:
                    return TakeChunk();
                case State.ChunkEnd:
                    return NextLine(_line + MaxChunkLine, HttpError.BadChunk) && TakeChunkEnd();
                default:
                    return NextLine(_line + MaxChunkLine, HttpError.FieldsTooLarge) && TakeTrailer();
            }
        }

        private bool TakeFixed()
        {
            if (_have - _bodyOffset < _rest)
            {
                return false;
            }

            _bodyEnd = _bodyOffset + _rest;
            _line = _bodyEnd;
            _state = State.Done;
            return true;
        }

        private bool TakeToEnd()
        {
            if (_have - _bodyOffset > BodyLimit)
            {
                Refuse(HttpError.BodyTooLarge);
                return true;
            }

            _bodyEnd = _have;
            _line = _have;
            return false;
        }

        // chunk-size [ chunk-ext ] (7.1)
        private bool TakeChunkSize()
        {
            int size = 0;
            int at = _line;
            for (; at < _lineEnd; at++)
            {
                int digit = HttpSyntax.HexDigit(_buffer[at]);
                if (digit < 0)
                {
                    break;
                }

                size = (size << 4) | digit;
            }

            int digits = at - _line;
            bool isRefused = digits == 0 || digits > MaxSizeDigits || (at < _lineEnd && _buffer[at] != ';');
            for (; at < _lineEnd; at++)
            {
                isRefused |= !HttpSyntax.IsValue(_buffer[at]);
            }

            if (isRefused)
            {
                Refuse(HttpError.BadChunk);
            }
            else if (size < 0 || size > BodyLimit - BodyLength)
            {
                Refuse(HttpError.BodyTooLarge);
            }
            else
            {
                _line = _scan;
                _rest = size;
                _state = size == 0 ? State.Trailers : State.ChunkData;
            }

            return true;
        }

        // joins what there is of a chunk to the body before it
        private bool TakeChunk()
        {
            int there = _have - _line;
            int count = there < _rest ? there : _rest;
            if (count == 0)
            {
                return false;
            }

            Array.Copy(_buffer, _line, _buffer, _bodyEnd, count);
            _bodyEnd += count;
            _line += count;
            _scan = _line;
            _rest -= count;
            if (_rest == 0)
            {
                _state = State.ChunkEnd;
            }

            return true;
        }

        private bool TakeChunkEnd()
        {
            if (_lineEnd != _line)
            {
                Refuse(HttpError.BadChunk);
                return true;
            }

            _line = _scan;
            _state = State.ChunkSize;
            return true;
        }

        private bool TakeTrailer()
        {
            bool isEnd = _lineEnd == _line;
            if (!isEnd && (++_trailers > MaxTrailers || !IsField(_line, _lineEnd)))
            {
                Refuse(_trailers > MaxTrailers ? HttpError.FieldsTooLarge : HttpError.BadField);
                return true;
            }

            _line = _scan;
            if (isEnd)
            {
                _state = State.Done;
            }

            return true;
        }

        // what was between chunks is given up when the room is needed; the constructor saw to it that there is some then
        private void MakeRoom()
        {
            int gap = _line - _bodyEnd;
            if (_have == _buffer.Length && _state >= State.ChunkSize && gap > 0)
            {
                Array.Copy(_buffer, _line, _buffer, _bodyEnd, _have - _line);
                _line -= gap;
                _scan -= gap;
                _have -= gap;
            }
        }
    }
}

// Walks through the path and the query of a request, decoding percent-encoding (RFC 3986, 2.1) in place. The plus sign is itself: forms are not for us.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>The segments of a path and the parameters of a query, one by one, decoded. Long-lived; the decoded text overwrites the encoded one in the reader's buffer, so a target is walked once.</summary>
    public sealed class HttpTarget
    {
        private byte[] _buffer = Bytes.Empty;
        private int _path;
        private int _pathEnd;
        private int _query;
        private int _queryEnd;

        /// <summary>Where the segment or name begins in the reader's buffer.</summary>
        public int Offset { get; private set; }

        /// <summary>Its length in bytes, decoded; 0 or more.</summary>
        public int Length { get; private set; }

        /// <summary>Where the value of the parameter begins.</summary>
        public int ValueOffset { get; private set; }

        /// <summary>Its length in bytes, decoded; 0 also if there is no equals sign.</summary>
        public int ValueLength { get; private set; }

        /// <summary>Starts with a request's target.</summary>
        /// <param name="request">A reader that has just returned Message.</param>
        public void Reset(HttpRequestReader request)
        {
            _buffer = request.Buffer;

            // behind the first slash; "/", and the path of no bytes that stands for it, are over at once
            _pathEnd = request.PathOffset + request.PathLength;
            _path = request.PathLength > 1 ? request.PathOffset + 1 : _pathEnd + 1;
            _query = request.QueryOffset;
            _queryEnd = request.QueryOffset + request.QueryLength;
        }

        /// <summary>Takes the next segment of the path; of "/" there is none, and "/a/" has a second one without bytes.</summary>
        /// <returns>False at the end.</returns>
        public bool NextSegment()
        {
            if (_path > _pathEnd)
            {
                return false;
            }

            int end = Bytes.IndexOf(_buffer, _path, _pathEnd - _path, (byte)'/');
            end = end < 0 ? _pathEnd : end;
            Offset = _path;
            Length = Decode(_path, end);
            _path = end + 1;
            return true;
        }

        /// <summary>Takes the next parameter of the query. Those without a name and value are skipped.</summary>
        /// <returns>False at the end.</returns>
        public bool NextParameter()
        {
            while (_query < _queryEnd)
            {
                int start = _query;
                int end = Bytes.IndexOf(_buffer, start, _queryEnd - start, (byte)'&');
                end = end < 0 ? _queryEnd : end;
                _query = end + 1;
                if (end == start)
                {
                    continue;
                }

                int equals = Bytes.IndexOf(_buffer, start, end - start, (byte)'=');
                int nameEnd = equals < 0 ? end : equals;
                int value = equals < 0 ? end : equals + 1;
                Offset = start;
                Length = Decode(start, nameEnd);
                ValueOffset = value;
                ValueLength = Decode(value, end);
                return true;
            }

            return false;
        }

        // the reader has seen to it that every % has its digits
        private int Decode(int start, int end)
        {
            byte[] buffer = _buffer;
            int to = start;
            for (int i = start; i < end; i++)
            {
                byte value = buffer[i];
                if (value == '%')
                {
                    value = (byte)((HttpSyntax.HexDigit(buffer[i + 1]) << 4) | HttpSyntax.HexDigit(buffer[i + 2]));
                    i += 2;
                }

                buffer[to++] = value;
            }

            return to - start;
        }
    }
}

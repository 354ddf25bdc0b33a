// Responses, as a client reads them (RFC 9112, 4). Interim ones are skipped, but 101, behind which another protocol begins.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Reads one response at a time from a transport into a fixed buffer. All offsets are in <see cref="HttpReader.Buffer"/> and valid until the next Read.</summary>
    public sealed class HttpResponseReader : HttpReader
    {
        private const int SwitchingProtocols = 101;
        private const int NoContent = 204;
        private const int NotModified = 304;

        private static readonly byte[] Version = Bytes.FromString("HTTP/1.");

        private readonly HttpDate _date = new HttpDate();

        /// <summary>Creates a reader over a buffer that it owns from now on.</summary>
        /// <param name="buffer">Room for a head, a body and <see cref="HttpReader.MaxChunkLine"/> bytes.</param>
        /// <param name="headLimit">The most bytes of a head.</param>
        public HttpResponseReader(byte[] buffer, int headLimit)
            : base(buffer, headLimit)
        {
            Reset();
        }

        /// <summary>Set before the response to HEAD is read: it tells a length and has no body.</summary>
        public bool IsHeadOnly { get; set; }

        /// <summary>The status, 100 to 599; also when the body was refused, as with <see cref="HttpError.BodyTooLarge"/>. 0 before a status line came.</summary>
        public int Status { get; private set; }

        /// <summary>The server's time.</summary>
        /// <returns>Seconds since 1970; -1 if the response has no Date that can be read.</returns>
        public long ReadDate()
        {
            return Has(HttpField.Date) ? _date.Read(Buffer, ValueOffset(HttpField.Date), ValueLength(HttpField.Date)) : -1;
        }

        // HTTP-version SP status-code SP [ reason-phrase ]; without the last space, too, as some servers send it
        internal override HttpError TakeStartLine(int start, int end)
        {
            Status = 0;
            int code = start + Version.Length + 2;
            if (end < code + 3 || !Bytes.StartsWith(Buffer, start, end - start, Version) || Buffer[code - 1] != ' ' || (end > code + 3 && Buffer[code + 3] != ' '))
            {
                return HttpError.BadStartLine;
            }

            int minor = Buffer[code - 2] - '0';
            int status = 0;
            for (int i = code; i < code + 3; i++)
            {
                int digit = Buffer[i] - '0';
                status = digit < 0 || digit > 9 ? -1000 : (status * 10) + digit;
            }

            if (minor < 0 || minor > 9 || status < 100 || status > 599)
            {
                return HttpError.BadStartLine;
            }

            for (int i = code + 3; i < end; i++)
            {
                if (!HttpSyntax.IsValue(Buffer[i]))
                {
                    return HttpError.BadStartLine;
                }
            }

            MinorVersion = minor == 0 ? 0 : 1;
            Status = status;
            return HttpError.None;
        }

        internal override HttpError TakeOwnField(int field, int start, int end)
        {
            return HttpError.None;
        }

        // RFC 9112, 6.3
        internal override HttpError EndHead(out HttpBody body)
        {
            body = HttpBody.None;
            if (IsChunked && (ContentLength >= 0 || MinorVersion == 0))
            {
                return ContentLength >= 0 ? HttpError.BadLength : HttpError.BadCoding;
            }

            if (Status < 200)
            {
                body = Status == SwitchingProtocols ? HttpBody.None : HttpBody.Interim;
            }
            else if (!IsHeadOnly && Status != NoContent && Status != NotModified)
            {
                body = IsChunked ? HttpBody.Chunked : ContentLength > 0 ? HttpBody.Fixed : ContentLength < 0 ? HttpBody.ToEnd : HttpBody.None;
            }

            return HttpError.None;
        }
    }
}

// Requests, as a server reads them (RFC 9112, 3).

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Reads one request at a time from a transport into a fixed buffer. All offsets are in <see cref="HttpReader.Buffer"/> and valid until the next Read.</summary>
    public sealed class HttpRequestReader : HttpReader
    {
        // in the order of HttpMethod, from Get on
        private static readonly byte[][] Methods =
        {
            Bytes.FromString("GET"), Bytes.FromString("HEAD"), Bytes.FromString("POST"), Bytes.FromString("PUT"), Bytes.FromString("DELETE"),
            Bytes.FromString("PATCH"), Bytes.FromString("OPTIONS"),
        };

        private static readonly byte[] Version = Bytes.FromString("HTTP/");
        private static readonly byte[] PlainScheme = Bytes.FromString("http://");
        private static readonly byte[] SecureScheme = Bytes.FromString("https://");
        private static readonly byte[] Continue = Bytes.FromString("100-continue");
        private static readonly byte[] Bearer = Bytes.FromString("bearer");

        private bool _isBadExpectation;
        private bool _wantsContinue;

        /// <summary>Creates a reader over a buffer that it owns from now on.</summary>
        /// <param name="buffer">Room for a head, a body and <see cref="HttpReader.MaxChunkLine"/> bytes.</param>
        /// <param name="headLimit">The most bytes of a head.</param>
        public HttpRequestReader(byte[] buffer, int headLimit)
            : base(buffer, headLimit)
        {
            Reset();
        }

        /// <summary>The method.</summary>
        public HttpMethod Method { get; private set; }

        /// <summary>Where the path begins: a slash, or the star of OPTIONS.</summary>
        public int PathOffset { get; private set; }

        /// <summary>The length of the path as it was sent, encoded; 0 stands for "/" (absolute form without a path).</summary>
        public int PathLength { get; private set; }

        /// <summary>Where the query begins, behind its question mark.</summary>
        public int QueryOffset { get; private set; }

        /// <summary>The length of the query; 0: none, or an empty one.</summary>
        public int QueryLength { get; private set; }

        /// <summary>Where the host begins that is meant: of the target if it names one, else of the field Host.</summary>
        public int HostOffset { get; private set; }

        /// <summary>The length of the host with its port; 0: none.</summary>
        public int HostLength { get; private set; }

        /// <summary>The status that answers the error; 200 if there is none.</summary>
        public int Status
        {
            get { return StatusOf(Error); }
        }

        /// <summary>The status that answers an error.</summary>
        /// <param name="error">The error.</param>
        /// <returns>200 for None, else 4xx or 5xx.</returns>
        public static int StatusOf(HttpError error)
        {
            switch (error)
            {
                case HttpError.None:
                    return 200;
                case HttpError.LengthRequired:
                    return 411;
                case HttpError.BodyTooLarge:
                    return 413;
                case HttpError.StartLineTooLong:
                    return 414;
                case HttpError.ExpectationFailed:
                    return 417;
                case HttpError.FieldsTooLarge:
                    return 431;
                case HttpError.MethodNotImplemented:
                case HttpError.CodingNotImplemented:
                    return 501;
                case HttpError.VersionNotSupported:
                    return 505;
                default:
                    return 400;
            }
        }

        /// <summary>Tells once, while a body is awaited, whether the client waits for "100 Continue" before it sends that (RFC 9110, 10.1.1).</summary>
        /// <returns>True if it should be sent now. A caller that will refuse anyway answers at once instead, and closes the link.</returns>
        public bool TakeContinue()
        {
            bool wants = _wantsContinue && AwaitsBody;
            _wantsContinue &= !wants;
            return wants;
        }

        /// <summary>Compares the token of "Authorization: Bearer" (RFC 6750, 2.1). All bytes are compared, whichever differ.</summary>
        /// <param name="token">The token that is right; one of no bytes is never right.</param>
        /// <returns>True if the request has it.</returns>
        public bool IsBearer(byte[] token)
        {
            int length = ValueLength(HttpField.Authorization);
            int offset = ValueOffset(HttpField.Authorization);
            if (token.Length == 0 || length < Bearer.Length + 1 || !HttpSyntax.EqualsIgnoreCase(Buffer, offset, Bearer.Length, Bearer) || Buffer[offset + Bearer.Length] != ' ')
            {
                return false;
            }

            int end = offset + length;
            offset += Bearer.Length;
            while (Buffer[offset] == ' ')
            {
                offset++;
            }

            int difference = (end - offset) ^ token.Length;
            for (int i = offset; i < end; i++)
            {
                difference |= Buffer[i] ^ token[(i - offset) % token.Length];
            }

            return difference == 0;
        }

        // method SP request-target SP HTTP-version (RFC 9112, 3)
        internal override HttpError TakeStartLine(int start, int end)
        {
            _isBadExpectation = false;
            _wantsContinue = false;
            HostLength = 0;
            int space = Bytes.IndexOf(Buffer, start, end - start, (byte)' ');
            if (space < 0 || !HttpSyntax.IsToken(Buffer, start, space))
            {
                return HttpError.BadStartLine;
            }

            int target = space + 1;
            int stop = Bytes.IndexOf(Buffer, target, end - target, (byte)' ');
            if (stop <= target)
            {
                return HttpError.BadStartLine;
            }

            HttpError error = TakeVersion(stop + 1, end);
            if (error != HttpError.None)
            {
                return error;
            }

            Method = FindMethod(start, space - start);
            return Method == HttpMethod.Unknown ? HttpError.MethodNotImplemented : TakeTarget(target, stop);
        }

        internal override HttpError TakeOwnField(int field, int start, int end)
        {
            if (field == HttpField.Expect)
            {
                _wantsContinue = HttpSyntax.EqualsIgnoreCase(Buffer, start, end - start, Continue);
                _isBadExpectation = !_wantsContinue;
            }
            else if (field == HttpField.Host)
            {
                if (!HttpSyntax.IsHost(Buffer, start, end))
                {
                    return HttpError.BadHost;
                }

                if (HostLength == 0)
                {
                    HostOffset = start;
                    HostLength = end - start;
                }
            }

            return HttpError.None;
        }

        internal override HttpError EndHead(out HttpBody body)
        {
            body = HttpBody.None;
            if (MinorVersion > 0 && !Has(HttpField.Host))
            {
                return HttpError.BadHost;
            }

            if (IsChunked && (ContentLength >= 0 || MinorVersion == 0))
            {
                return ContentLength >= 0 ? HttpError.BadLength : HttpError.BadCoding;
            }

            if (_isBadExpectation)
            {
                return HttpError.ExpectationFailed;
            }

            if (!IsChunked && ContentLength < 0 && (Method == HttpMethod.Post || Method == HttpMethod.Put || Method == HttpMethod.Patch))
            {
                return HttpError.LengthRequired;
            }

            // HTTP/1.0 knows no interim response
            _wantsContinue &= MinorVersion > 0;
            body = IsChunked ? HttpBody.Chunked : ContentLength > 0 ? HttpBody.Fixed : HttpBody.None;
            return HttpError.None;
        }

        // "HTTP/" DIGIT "." DIGIT (RFC 9112, 2.3)
        private HttpError TakeVersion(int start, int end)
        {
            if (end - start != 8 || !Bytes.StartsWith(Buffer, start, 8, Version) || Buffer[start + 6] != '.' || !IsDigit(Buffer[start + 5]) || !IsDigit(Buffer[start + 7]))
            {
                return HttpError.BadStartLine;
            }

            MinorVersion = Buffer[start + 7] == '0' ? 0 : 1;
            return Buffer[start + 5] == '1' ? HttpError.None : HttpError.VersionNotSupported;
        }

        private HttpMethod FindMethod(int offset, int length)
        {
            for (int i = 0; i < Methods.Length; i++)
            {
                // case counts (RFC 9110, 9.1)
                if (Bytes.AreEqual(Buffer, offset, length, Methods[i]))
                {
                    return (HttpMethod)(i + 1);
                }
            }

            return HttpMethod.Unknown;
        }

        private HttpError TakeTarget(int start, int end)
        {
            if (Buffer[start] != '/' && !(Method == HttpMethod.Options && end - start == 1 && Buffer[start] == '*'))
            {
                // the absolute form, which every server must understand (RFC 9112, 3.2.2)
                int scheme = IsScheme(start, end, PlainScheme) ? PlainScheme.Length : IsScheme(start, end, SecureScheme) ? SecureScheme.Length : 0;
                if (scheme == 0)
                {
                    return HttpError.BadTarget;
                }

                start += scheme;
                int host = start;
                while (start < end && Buffer[start] != '/' && Buffer[start] != '?')
                {
                    start++;
                }

                if (start == host || !HttpSyntax.IsHost(Buffer, host, start))
                {
                    return HttpError.BadTarget;
                }

                HostOffset = host;
                HostLength = start - host;
            }

            if (!HttpSyntax.IsPathAndQuery(Buffer, start, end))
            {
                return HttpError.BadTarget;
            }

            int mark = Bytes.IndexOf(Buffer, start, end - start, (byte)'?');
            PathOffset = start;
            PathLength = (mark < 0 ? end : mark) - start;
            QueryOffset = mark < 0 ? end : mark + 1;
            QueryLength = end - QueryOffset;
            return HttpError.None;
        }

        private bool IsScheme(int start, int end, byte[] scheme)
        {
            return end - start >= scheme.Length && HttpSyntax.EqualsIgnoreCase(Buffer, start, scheme.Length, scheme);
        }

        private static bool IsDigit(int value)
        {
            return value >= '0' && value <= '9';
        }
    }
}

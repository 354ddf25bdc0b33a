// Why a message was refused.

namespace Firmware.Protocols.Http
{
    /// <summary>Errors of the readers. A server answers with the status in brackets and closes the link.</summary>
    public enum HttpError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        /// <summary>The first line is no request line or status line: its parts, spaces or characters are wrong (400).</summary>
        BadStartLine = 1,

        /// <summary>The target is not of a form that a server serves (RFC 9112, 3.2), or has characters that must be encoded (400).</summary>
        BadTarget = 2,

        /// <summary>A line ends with a line feed alone (400; RFC 9112, 2.2 lets it pass, and others then disagree about where things end).</summary>
        BareLineFeed = 3,

        /// <summary>A field is wrong: a space before the colon, a folded line, a control character, or twice what may be there once (400; RFC 9112, 5.1 and 5.2).</summary>
        BadField = 4,

        /// <summary>HTTP/1.1 without Host, or with a value that no host is (400; RFC 9112, 3.2).</summary>
        BadHost = 5,

        /// <summary>Content-Length is no number, there twice, or there beside Transfer-Encoding (400; RFC 9112, 6.3): request smuggling.</summary>
        BadLength = 6,

        /// <summary>Transfer-Encoding is no list of codings, there twice, or in HTTP/1.0 (400; RFC 9112, 6.1).</summary>
        BadCoding = 7,

        /// <summary>A chunk's size or end is wrong (400; RFC 9112, 7.1).</summary>
        BadChunk = 8,

        /// <summary>The link ended in the middle (400, if anyone still listens).</summary>
        Truncated = 9,

        /// <summary>PUT, POST or PATCH that does not tell how long its body is (411).</summary>
        LengthRequired = 10,

        /// <summary>The body is larger than the reader has room for (413).</summary>
        BodyTooLarge = 11,

        /// <summary>The first line alone is larger than the reader has room for (414).</summary>
        StartLineTooLong = 12,

        /// <summary>An expectation other than 100-continue (417).</summary>
        ExpectationFailed = 13,

        /// <summary>The fields are larger than the reader has room for, or there are too many behind the last chunk (431).</summary>
        FieldsTooLarge = 14,

        /// <summary>A method that this server does not know at all (501); one that a resource does not have is another matter: 405.</summary>
        MethodNotImplemented = 15,

        /// <summary>A transfer coding other than chunked (501).</summary>
        CodingNotImplemented = 16,

        /// <summary>Another major version of HTTP (505).</summary>
        VersionNotSupported = 17,

        /// <summary>More than a few interim responses (1xx) before the final one.</summary>
        TooManyInterim = 18,
    }
}

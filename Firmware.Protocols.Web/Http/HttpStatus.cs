// The statuses that the doors answer with (RFC 9110, 15; RFC 6585).

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Reason phrases. Clients ignore them (RFC 9112, 4); people with curl do not.</summary>
    public static class HttpStatus
    {
        // numbers ascending, and the phrases in the same order
        private static readonly short[] Numbers = { 100, 101, 200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409, 411, 412, 413, 414, 415, 417, 422, 426, 429, 431, 500, 501, 502, 503, 505 };

        private static readonly byte[] Phrases = Bytes.FromString("Continue/Switching Protocols/OK/Created/No Content/Not Modified/Bad Request/Unauthorized/Forbidden/Not Found/"
            + "Method Not Allowed/Not Acceptable/Request Timeout/Conflict/Length Required/Precondition Failed/Content Too Large/URI Too Long/Unsupported Media Type/Expectation Failed/Unprocessable Content/"
            + "Upgrade Required/Too Many Requests/Request Header Fields Too Large/Internal Server Error/Not Implemented/Bad Gateway/Service Unavailable/HTTP Version Not Supported/");

        /// <summary>Writes the phrase of a status; none for those that no door sends.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="status">The status.</param>
        public static void WriteReason(ByteWriter writer, int status)
        {
            int start = 0;
            for (int i = 0; i < Numbers.Length; i++)
            {
                int end = Bytes.IndexOf(Phrases, start, Phrases.Length - start, (byte)'/');
                if (Numbers[i] == status)
                {
                    writer.Raw(Phrases, start, end - start);
                    return;
                }

                start = end + 1;
            }
        }
    }
}

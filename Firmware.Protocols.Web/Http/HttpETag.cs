// ETags and the conditions on them (RFC 9110, 8.8.3, 13.1.1 and 13.1.2). The ETag of a resource is the same as on CoAP, a few bytes, told here as hexadecimal digits in quotes.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Writes ETags and judges conditions. Nothing here allocates.</summary>
    public static class HttpETag
    {
        /// <summary>Writes the field ETag.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="etag">The buffer of the ETag.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        public static void Write(HttpWriter writer, byte[] etag, int offset, int length)
        {
            writer.BeginField(HttpField.ETag);
            writer.Out.Byte((byte)'"');
            writer.Out.Hex(etag, offset, length);
            writer.Out.Byte((byte)'"');
            writer.EndField();
        }

        /// <summary>Judges If-Match: the change may be made only to one of these versions.</summary>
        /// <param name="request">The request.</param>
        /// <param name="exists">Whether the resource has a representation now.</param>
        /// <param name="etag">The buffer of its ETag.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <returns>False: 412. True without the field, too.</returns>
        public static bool MayChange(HttpRequestReader request, bool exists, byte[] etag, int offset, int length)
        {
            return !request.Has(HttpField.IfMatch) || (exists && Names(request, HttpField.IfMatch, false, etag, offset, length));
        }

        /// <summary>Judges If-None-Match: the client has, or must not find, one of these versions.</summary>
        /// <param name="request">The request.</param>
        /// <param name="exists">Whether the resource has a representation now.</param>
        /// <param name="etag">The buffer of its ETag.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <returns>True: 304 for GET and HEAD, 412 for others. False without the field.</returns>
        public static bool IsKnown(HttpRequestReader request, bool exists, byte[] etag, int offset, int length)
        {
            return request.Has(HttpField.IfNoneMatch) && exists && Names(request, HttpField.IfNoneMatch, true, etag, offset, length);
        }

        // "*", or a list of quoted tags; weak ones count in a weak comparison only (8.8.3.2)
        private static bool Names(HttpRequestReader request, int field, bool isWeak, byte[] etag, int etagOffset, int etagLength)
        {
            byte[] buffer = request.Buffer;
            int at = request.ValueOffset(field);
            int end = at + request.ValueLength(field);
            if (end - at == 1 && buffer[at] == '*')
            {
                return true;
            }

            while (at < end)
            {
                bool isWeakTag = end - at > 2 && buffer[at] == 'W' && buffer[at + 1] == '/';
                at += isWeakTag ? 2 : 0;
                int close = at < end && buffer[at] == '"' ? Bytes.IndexOf(buffer, at + 1, end - at - 1, (byte)'"') : -1;
                if (close < 0)
                {
                    // no list of tags: names nothing
                    return false;
                }

                if ((isWeak || !isWeakTag) && IsHex(buffer, at + 1, close, etag, etagOffset, etagLength))
                {
                    return true;
                }

                at = close + 1;
                while (at < end && (buffer[at] == ',' || HttpSyntax.IsSpace(buffer[at])))
                {
                    at++;
                }
            }

            return false;
        }

        private static bool IsHex(byte[] buffer, int start, int end, byte[] etag, int offset, int length)
        {
            if (end - start != 2 * length)
            {
                return false;
            }

            for (int i = 0; i < length; i++)
            {
                int high = HttpSyntax.HexDigit(buffer[start + (2 * i)]);
                int low = HttpSyntax.HexDigit(buffer[start + (2 * i) + 1]);
                if (high < 0 || low < 0 || ((high << 4) | low) != etag[offset + i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}

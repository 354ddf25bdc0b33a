// HTTP and CoAP as two doors to the same resources (RFC 8075, 5 to 7): methods, codes, formats. This server is the origin and no proxy between strangers, so it differs where that knows
// more: 4.01 is 401 with a challenge instead of 403, 4.05 is 405 with Allow instead of 400, 2.03 is 304 since the client's own condition asked.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>What the one protocol calls in the words of the other. Nothing here allocates.</summary>
    public static class HttpCoap
    {
        // the formats of CoapFormat and their names, in the same order
        private static readonly int[] Formats =
        {
            CoapFormat.Text, CoapFormat.Link, CoapFormat.Xml, CoapFormat.Octets, CoapFormat.Json, CoapFormat.Cbor, CoapFormat.SenMlJson,
            CoapFormat.SenMlEtchJson,
        };

        private static readonly byte[][] MediaTypes =
        {
            Bytes.FromString("text/plain"), Bytes.FromString("application/link-format"), Bytes.FromString("application/xml"), Bytes.FromString("application/octet-stream"),
            Bytes.FromString("application/json"), Bytes.FromString("application/cbor"), Bytes.FromString("application/senml+json"), Bytes.FromString("application/senml-etch+json"),
        };

        /// <summary>The CoAP method of an HTTP method (RFC 8075, 7; PATCH after RFC 8132).</summary>
        /// <param name="method">The method.</param>
        /// <returns>The code; HEAD is GET; -1 for OPTIONS and unknown ones.</returns>
        public static int MethodOf(HttpMethod method)
        {
            switch (method)
            {
                case HttpMethod.Get:
                case HttpMethod.Head:
                    return CoapCode.Get;
                case HttpMethod.Post:
                    return CoapCode.Post;
                case HttpMethod.Put:
                    return CoapCode.Put;
                case HttpMethod.Delete:
                    return CoapCode.Delete;
                case HttpMethod.Patch:
                    return CoapCode.Patch;
                default:
                    return -1;
            }
        }

        /// <summary>The HTTP status of a CoAP response code.</summary>
        /// <param name="code">The code.</param>
        /// <param name="hasBody">Whether a body goes with it: 2.02 and 2.04 are 200 then, else 204.</param>
        /// <returns>The status; 502 for what is no code of a final response.</returns>
        public static int StatusOf(int code, bool hasBody)
        {
            switch (code)
            {
                case CoapCode.Created:
                    return 201;
                case CoapCode.Deleted:
                case CoapCode.Changed:
                    return hasBody ? 200 : 204;
                case CoapCode.Valid:
                    return 304;
                case CoapCode.Content:
                    return 200;
                case CoapCode.BadOption:
                case CoapCode.RequestEntityIncomplete:
                    return 400;
                case CoapCode.ProxyingNotSupported:
                    return 502;
                default:
                    // the others of 4.xx and 5.xx have HTTP's own numbers
                    int detail = code & 0x1F;
                    int kind = CoapCode.ClassOf(code);
                    return kind == 4 || kind == 5 ? (kind * 100) + detail : 502;
            }
        }

        /// <summary>The media type of a CoAP format.</summary>
        /// <param name="format">The format, see <see cref="CoapFormat"/>.</param>
        /// <returns>The name, not to be changed; null for one that is not known here.</returns>
        public static byte[] MediaTypeOf(int format)
        {
            for (int i = 0; i < Formats.Length; i++)
            {
                if (Formats[i] == format)
                {
                    return MediaTypes[i];
                }
            }

            return null;
        }

        /// <summary>The CoAP format of a media type, whose parameters do not count, such as <c>charset</c>.</summary>
        /// <param name="buffer">The buffer of the media type.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <returns>The format; <see cref="CoapFormat.None"/> for one that is not known here.</returns>
        public static int FormatOf(byte[] buffer, int offset, int length)
        {
            int mark = Bytes.IndexOf(buffer, offset, length, (byte)';');
            int end = mark < 0 ? offset + length : mark;
            while (end > offset && HttpSyntax.IsSpace(buffer[end - 1]))
            {
                end--;
            }

            for (int i = 0; i < Formats.Length; i++)
            {
                if (HttpSyntax.EqualsIgnoreCase(buffer, offset, end - offset, MediaTypes[i]))
                {
                    return Formats[i];
                }
            }

            return CoapFormat.None;
        }
    }
}

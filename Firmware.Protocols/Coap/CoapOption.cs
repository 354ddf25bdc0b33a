// Option numbers and what the registry says about each (RFC 7252 section 5.10 and 12.2, RFC 7641, 7959, 7967, 8613, 9175).
// The number itself tells the class (RFC 7252 section 5.4.6): odd is critical, bit 1 unsafe to forward, bits 4 to 1 = 1110 no part of the cache key.

namespace Firmware.Protocols.Coap
{
    /// <summary>Option numbers.</summary>
    public static class CoapOption
    {
        /// <summary>If-Match, 0 to 8 bytes, repeatable.</summary>
        public const int IfMatch = 1;

        /// <summary>Uri-Host, 1 to 255 bytes.</summary>
        public const int UriHost = 3;

        /// <summary>ETag, 1 to 8 bytes, repeatable in requests.</summary>
        public const int ETag = 4;

        /// <summary>If-None-Match, empty.</summary>
        public const int IfNoneMatch = 5;

        /// <summary>Observe, 0 to 3 bytes (RFC 7641).</summary>
        public const int Observe = 6;

        /// <summary>Uri-Port, 0 to 2 bytes.</summary>
        public const int UriPort = 7;

        /// <summary>Location-Path, 0 to 255 bytes, repeatable.</summary>
        public const int LocationPath = 8;

        /// <summary>OSCORE, 0 to 255 bytes (RFC 8613).</summary>
        public const int Oscore = 9;

        /// <summary>Uri-Path, 0 to 255 bytes, repeatable.</summary>
        public const int UriPath = 11;

        /// <summary>Content-Format, 0 to 2 bytes.</summary>
        public const int ContentFormat = 12;

        /// <summary>Max-Age in seconds, 0 to 4 bytes.</summary>
        public const int MaxAge = 14;

        /// <summary>Uri-Query, 0 to 255 bytes, repeatable.</summary>
        public const int UriQuery = 15;

        /// <summary>Accept, 0 to 2 bytes.</summary>
        public const int Accept = 17;

        /// <summary>Location-Query, 0 to 255 bytes, repeatable.</summary>
        public const int LocationQuery = 20;

        /// <summary>Block2, 0 to 3 bytes (RFC 7959): a block of the response.</summary>
        public const int Block2 = 23;

        /// <summary>Block1, 0 to 3 bytes (RFC 7959): a block of the request.</summary>
        public const int Block1 = 27;

        /// <summary>Size2, 0 to 4 bytes (RFC 7959): the size of the response's body.</summary>
        public const int Size2 = 28;

        /// <summary>Proxy-Uri, 1 to 1034 bytes.</summary>
        public const int ProxyUri = 35;

        /// <summary>Proxy-Scheme, 1 to 255 bytes.</summary>
        public const int ProxyScheme = 39;

        /// <summary>Size1, 0 to 4 bytes: the size of the request's body.</summary>
        public const int Size1 = 60;

        /// <summary>Echo, 1 to 40 bytes (RFC 9175).</summary>
        public const int Echo = 252;

        /// <summary>No-Response, 0 to 1 byte (RFC 7967).</summary>
        public const int NoResponse = 258;

        /// <summary>Request-Tag, 0 to 8 bytes, repeatable (RFC 9175).</summary>
        public const int RequestTag = 292;

        /// <summary>Tells whether an option that is not understood must make the message fail (RFC 7252 section 5.4.1).</summary>
        /// <param name="number">The option number.</param>
        /// <returns>True for odd numbers.</returns>
        public static bool IsCritical(int number)
        {
            return (number & 1) != 0;
        }

        /// <summary>Tells whether an option is part of the cache key (RFC 7252 section 5.4.2), by which also the blocks of one request body are told from another's.</summary>
        /// <param name="number">The option number.</param>
        /// <returns>False for NoCacheKey options.</returns>
        public static bool IsCacheKey(int number)
        {
            return (number & 0x1E) != 0x1C;
        }

        /// <summary>Tells whether the registry allows an option of this length. Options that are not known may have any.</summary>
        /// <param name="number">The option number.</param>
        /// <param name="length">The length of its value in bytes.</param>
        /// <returns>False for a known option with a length that it cannot have (RFC 7252 section 5.4.3: it is then treated as unrecognized).</returns>
        public static bool IsLengthAllowed(int number, int length)
        {
            switch (number)
            {
                case IfNoneMatch:
                    return length == 0;
                case NoResponse:
                    return length <= 1;
                case UriPort:
                case ContentFormat:
                case Accept:
                    return length <= 2;
                case Observe:
                case Block1:
                case Block2:
                    return length <= 3;
                case MaxAge:
                case Size1:
                case Size2:
                    return length <= 4;
                case IfMatch:
                case RequestTag:
                    return length <= 8;
                case ETag:
                    return length > 0 && length <= 8;
                case Echo:
                    return length > 0 && length <= 40;
                case UriHost:
                case ProxyScheme:
                    return length > 0 && length <= 255;
                case ProxyUri:
                    return length > 0 && length <= 1034;
                case LocationPath:
                case Oscore:
                case UriPath:
                case UriQuery:
                case LocationQuery:
                    return length <= 255;
                default:
                    return true;
            }
        }

        /// <summary>Tells whether an option may stand more than once in a request.</summary>
        /// <param name="number">The option number.</param>
        /// <returns>False for the others: what stands again is treated as unrecognized (RFC 7252 section 5.4.5).</returns>
        public static bool IsRepeatable(int number)
        {
            return number == IfMatch || number == ETag || number == UriPath || number == UriQuery || number == LocationPath || number == LocationQuery || number == RequestTag;
        }
    }

    /// <summary>Content-Format numbers (RFC 7252 section 12.3 and the registry).</summary>
    public static class CoapFormat
    {
        /// <summary>No content format.</summary>
        public const int None = -1;

        /// <summary>text/plain; charset=utf-8.</summary>
        public const int Text = 0;

        /// <summary>application/link-format (RFC 6690).</summary>
        public const int Link = 40;

        /// <summary>application/xml.</summary>
        public const int Xml = 41;

        /// <summary>application/octet-stream.</summary>
        public const int Octets = 42;

        /// <summary>application/json.</summary>
        public const int Json = 50;

        /// <summary>application/cbor.</summary>
        public const int Cbor = 60;

        /// <summary>application/senml+json (RFC 8428).</summary>
        public const int SenMlJson = 110;

        /// <summary>application/senml-etch+json (RFC 8790).</summary>
        public const int SenMlEtchJson = 320;
    }
}

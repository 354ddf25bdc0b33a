// /.well-known/core: the links of all resources in the CoRE link format (RFC 6690), filtered by the query. Written anew for each block.
// A filter names one attribute: href, rt, if, sz, ct, title; its value may end in * to match a beginning. rt and if hold several values, any of
// which may match. Several filters must all match. Names that no link can have match nothing.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>The resource that lists the others.</summary>
    /// <summary>Serves the links of resources.</summary>
    public sealed class CoapDiscovery : CoapResource
    {
        private static readonly byte[] AttributeHref = Bytes.FromString("href");
        private static readonly byte[] AttributeRt = Bytes.FromString("rt");
        private static readonly byte[] AttributeIf = Bytes.FromString("if");
        private static readonly byte[] AttributeSz = Bytes.FromString("sz");
        private static readonly byte[] AttributeCt = Bytes.FromString("ct");
        private static readonly byte[] AttributeTitle = Bytes.FromString("title");
        private static readonly byte[] AttributeObs = Bytes.FromString(";obs");
        private static readonly byte[] Slash = Bytes.FromString("/");
        private static readonly byte[] LinkStart = Bytes.FromString("</");

        private readonly CoapResource[] _resources;
        private readonly CoapBody _text = new CoapBody();
        private readonly byte[] _digits = new byte[10];

        /// <summary>Creates the resource.</summary>
        /// <param name="resources">All resources; those that are listed are told.</param>
        public CoapDiscovery(CoapResource[] resources)
            : base(".well-known/core")
        {
            _resources = resources;
            Formats = new int[] { CoapFormat.Link };
            IsListed = false;
        }

        /// <inheritdoc />
        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            WriteLinks(response.Body, request);
            return CoapCode.Content;
        }

        // request: its query filters; null: all links
        internal void WriteLinks(CoapBody body, CoapRequest request)
        {
            bool needsComma = false;
            for (int i = 0; i < _resources.Length; i++)
            {
                CoapResource resource = _resources[i];
                if (resource.IsListed && resource.Exists && (request == null || Matches(resource, request)))
                {
                    if (needsComma)
                    {
                        body.Byte(',');
                    }

                    needsComma = true;
                    WriteLink(body, resource);
                }
            }
        }

        private static void WriteLink(CoapBody body, CoapResource resource)
        {
            body.Raw(LinkStart);
            body.Raw(resource.Path);
            body.Byte('>');
            WriteText(body, AttributeRt, resource.ResourceType);
            WriteText(body, AttributeIf, resource.Interface);
            WriteText(body, AttributeTitle, resource.Title);
            if (resource.EstimatedSize > 0)
            {
                WriteName(body, AttributeSz);
                body.Number(resource.EstimatedSize);
            }

            WriteFormats(body, resource.Formats);
            if (resource.IsObservable)
            {
                body.Raw(AttributeObs);
            }
        }

        private static void WriteFormats(CoapBody body, int[] formats)
        {
            if (formats.Length == 0)
            {
                return;
            }

            WriteName(body, AttributeCt);
            if (formats.Length == 1)
            {
                body.Number(formats[0]);
                return;
            }

            // RFC 7252 section 7.2.1: several formats stand in quotes
            body.Byte('"');
            for (int i = 0; i < formats.Length; i++)
            {
                if (i > 0)
                {
                    body.Byte(' ');
                }

                body.Number(formats[i]);
            }

            body.Byte('"');
        }

        private static void WriteName(CoapBody body, byte[] name)
        {
            body.Byte(';');
            body.Raw(name);
            body.Byte('=');
        }

        private static void WriteText(CoapBody body, byte[] name, byte[] value)
        {
            if (value != null)
            {
                WriteName(body, name);
                body.Byte('"');
                body.Raw(value);
                body.Byte('"');
            }
        }

        private bool Matches(CoapResource resource, CoapRequest request)
        {
            request.RewindQuery();
            while (request.NextQuery())
            {
                if (!MatchesFilter(resource, request.QueryBuffer, request.QueryOffset, request.QueryLength))
                {
                    return false;
                }
            }

            return true;
        }

        private bool MatchesFilter(CoapResource resource, byte[] query, int offset, int length)
        {
            int equals = Bytes.IndexOf(query, offset, length, (byte)'=');
            if (equals < 0)
            {
                return false;
            }

            int nameLength = equals - offset;
            int value = equals + 1;
            int valueLength = length - nameLength - 1;
            bool isPrefix = valueLength > 0 && query[value + valueLength - 1] == '*';
            valueLength -= isPrefix ? 1 : 0;
            if (Bytes.AreEqual(query, offset, nameLength, AttributeHref))
            {
                // the link's target is the path with its first slash
                bool isRooted = valueLength > 0 && query[value] == Slash[0];
                return isRooted ? Equal(resource.Path, 0, resource.Path.Length, query, value + 1, valueLength - 1, isPrefix) : valueLength == 0 && isPrefix;
            }

            if (Bytes.AreEqual(query, offset, nameLength, AttributeRt))
            {
                return AnyEqual(resource.ResourceType, query, value, valueLength, isPrefix);
            }

            if (Bytes.AreEqual(query, offset, nameLength, AttributeIf))
            {
                return AnyEqual(resource.Interface, query, value, valueLength, isPrefix);
            }

            if (Bytes.AreEqual(query, offset, nameLength, AttributeTitle))
            {
                return resource.Title != null && Equal(resource.Title, 0, resource.Title.Length, query, value, valueLength, isPrefix);
            }

            if (Bytes.AreEqual(query, offset, nameLength, AttributeSz))
            {
                return resource.EstimatedSize > 0 && NumberEqual(resource.EstimatedSize, query, value, valueLength, isPrefix);
            }

            return Bytes.AreEqual(query, offset, nameLength, AttributeCt) && AnyFormat(resource.Formats, query, value, valueLength, isPrefix);
        }

        private bool AnyFormat(int[] formats, byte[] query, int value, int length, bool isPrefix)
        {
            for (int i = 0; i < formats.Length; i++)
            {
                if (NumberEqual(formats[i], query, value, length, isPrefix))
                {
                    return true;
                }
            }

            return false;
        }

        private bool NumberEqual(int number, byte[] query, int value, int length, bool isPrefix)
        {
            _text.Begin(_digits, 0, 0, _digits.Length, CoapFormat.None);
            _text.Number(number);
            return Equal(_digits, 0, _text.Length, query, value, length, isPrefix);
        }

        // one of the words between spaces (RFC 6690 section 3.1)
        private static bool AnyEqual(byte[] words, byte[] query, int value, int length, bool isPrefix)
        {
            int start = 0;
            while (words != null && start < words.Length)
            {
                int space = Bytes.IndexOf(words, start, words.Length - start, (byte)' ');
                int end = space < 0 ? words.Length : space;
                if (Equal(words, start, end - start, query, value, length, isPrefix))
                {
                    return true;
                }

                start = end + 1;
            }

            return false;
        }

        private static bool Equal(byte[] text, int offset, int textLength, byte[] query, int value, int length, bool isPrefix)
        {
            return (isPrefix ? textLength >= length : textLength == length) && Bytes.AreEqual(text, offset, query, value, length);
        }
    }
}

// What a resource says: filled by its handler, turned into a message by the server.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>The response under construction. Long-lived: reset by the server before each handler.</summary>
    public sealed class CoapResponse
    {
        /// <summary>How many Location-Path options a response may have, and how many Location-Query.</summary>
        public const int MaxLocations = 4;

        private readonly byte[][] _path = new byte[MaxLocations][];
        private readonly byte[][] _query = new byte[MaxLocations][];

        /// <summary>The payload: a representation, or the result of an action. <see cref="ContentFormat"/> says what it is.</summary>
        public CoapBody Body { get; } = new CoapBody();

        /// <summary>The format of the payload; set by the server for representations.</summary>
        public int ContentFormat { get; set; }

        /// <summary>How long the response is fresh, seconds; <see cref="CoapRequest.NotGiven"/> for the default of 60. With 5.03: when to come back.</summary>
        public int MaxAgeSeconds { get; set; }

        /// <summary>With an error: what is wrong and what to do, UTF-8, not copied (RFC 7252 section 5.5.2); null for nothing.</summary>
        public byte[] Diagnostic { get; set; }

        /// <summary>With <see cref="CoapCode.Empty"/>: when the handler wants the request again, milliseconds of the server's clock.</summary>
        public long RetryAtMs { get; set; }

        internal int PathCount { get; private set; }

        internal int QueryCount { get; private set; }

        internal bool HasOwnETag { get; private set; }

        internal int OwnETag { get; private set; }

        /// <summary>Starts anew, for a door of another protocol that takes the payload as a whole (RFC 8075).</summary>
        /// <param name="buffer">Where the payload goes.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="capacity">The most bytes; if <see cref="CoapBody.Length"/> is more in the end, it did not fit.</param>
        /// <param name="format">The payload's format.</param>
        public void Begin(byte[] buffer, int offset, int capacity, int format)
        {
            Reset();
            Body.Begin(buffer, offset, 0, capacity, format);
            ContentFormat = format;
        }

        /// <summary>Adds a Location-Path option; more than <see cref="MaxLocations"/> are left out.</summary>
        /// <param name="segment">The segment, UTF-8; not copied.</param>
        public void AddLocationPath(byte[] segment)
        {
            if (PathCount < MaxLocations)
            {
                _path[PathCount++] = segment;
            }
        }

        /// <summary>Adds a Location-Query option; more than <see cref="MaxLocations"/> are left out.</summary>
        /// <param name="query">The query, UTF-8; not copied.</param>
        public void AddLocationQuery(byte[] query)
        {
            if (QueryCount < MaxLocations)
            {
                _query[QueryCount++] = query;
            }
        }

        /// <summary>Sets the ETag of a representation; without it the content is hashed.</summary>
        /// <param name="tag">A number that changes with every change of the content.</param>
        public void SetETag(int tag)
        {
            HasOwnETag = true;
            OwnETag = tag;
        }

        internal byte[] PathAt(int index)
        {
            return _path[index];
        }

        internal byte[] QueryAt(int index)
        {
            return _query[index];
        }

        internal void Reset()
        {
            ContentFormat = CoapFormat.None;
            MaxAgeSeconds = CoapRequest.NotGiven;
            Diagnostic = null;
            RetryAtMs = 0;
            PathCount = 0;
            QueryCount = 0;
            HasOwnETag = false;
            Body.Begin(Bytes.Empty, 0, 0, 0, CoapFormat.None);
        }
    }
}

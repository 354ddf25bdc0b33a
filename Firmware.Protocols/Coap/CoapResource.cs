// A resource of the server: a path, what links say about it (RFC 6690), and how it is read and changed. Blocks, observation, negotiation,
// ETags and conditions are the server's: a resource writes its representation and takes bodies.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Something that a CoAP server serves. Derive, and override what the resource can do.</summary>
    public abstract class CoapResource
    {
        private static readonly int[] NoFormats = new int[0];

        private readonly byte[][] _segments;

        /// <summary>Creates a resource.</summary>
        /// <param name="path">Its path without the first slash, such as <c>sensors/temperature</c>; empty for the root. Segments may not hold a slash.</param>
        protected CoapResource(string path)
        {
            Path = Bytes.FromString(path);
            string[] segments = path.Length == 0 ? new string[0] : path.Split('/');
            _segments = new byte[segments.Length][];
            for (int i = 0; i < segments.Length; i++)
            {
                _segments[i] = Bytes.FromString(segments[i]);
            }
        }

        /// <summary>The path, UTF-8, without the first slash.</summary>
        public byte[] Path { get; }

        /// <summary>Resource types (rt), separated by spaces; null without.</summary>
        public byte[] ResourceType { get; protected set; }

        /// <summary>Interface descriptions (if), separated by spaces; null without.</summary>
        public byte[] Interface { get; protected set; }

        /// <summary>A title for people; null without.</summary>
        public byte[] Title { get; protected set; }

        /// <summary>The estimated size (sz) in bytes, for large resources; 0 without.</summary>
        public int EstimatedSize { get; protected set; }

        /// <summary>The formats that the resource can be read in, the preferred one first; empty for one that cannot be read.</summary>
        public int[] Formats { get; protected set; } = NoFormats;

        /// <summary>True if clients may observe it.</summary>
        public bool IsObservable { get; protected set; }

        /// <summary>True if every notification must be confirmed: for what must not be missed, such as a doorbell.</summary>
        public bool ConfirmsNotifications { get; protected set; }

        /// <summary>True if every answer has an ETag; false: only when it saves something, since a client asked with one or the answer comes in blocks.</summary>
        public bool SendsETag { get; protected set; }

        /// <summary>True if the resource is listed in /.well-known/core.</summary>
        public bool IsListed { get; protected set; } = true;

        /// <summary>True if bodies are given block by block (<see cref="CoapRequest.BodyOffset"/>); false: whole, if they fit the server's buffer.</summary>
        public bool TakesBlocks { get; protected set; }

        /// <summary>The longest body that is taken, bytes; longer ones are answered 4.13.</summary>
        public int MaxBody { get; protected set; } = 1024;

        /// <summary>False while there is no such resource: it is answered 4.04 but may be created.</summary>
        public virtual bool Exists
        {
            get { return true; }
        }

        /// <summary>Counts the changes of state: observers are told when it differs.</summary>
        public virtual int Version
        {
            get { return 0; }
        }

        /// <summary>How long a representation is fresh, seconds.</summary>
        public virtual int MaxAgeSeconds
        {
            get { return DefaultMaxAgeSeconds; }
        }

        /// <summary>What Max-Age is without the option (RFC 7252 section 5.10.5).</summary>
        public const int DefaultMaxAgeSeconds = 60;

        internal byte[][] Segments
        {
            get { return _segments; }
        }

        /// <summary>Writes the representation to <see cref="CoapResponse.Body"/>, all of it, for GET and for notifications.</summary>
        /// <param name="request">Who asks, and the query. For a notification the request that registered the observer.</param>
        /// <param name="format">One of <see cref="Formats"/>.</param>
        /// <param name="response">Takes the body, and Max-Age or a diagnostic if need be.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns><see cref="CoapCode.Content"/>; an error; or <see cref="CoapCode.Empty"/>: not yet, ask again at <see cref="CoapResponse.RetryAtMs"/>.</returns>
        public virtual int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            return CoapCode.MethodNotAllowed;
        }

        /// <summary>Does a FETCH (RFC 8132): like <see cref="Represent"/>, for what the payload selects.</summary>
        /// <param name="request">The request.</param>
        /// <param name="format">One of <see cref="Formats"/>.</param>
        /// <param name="response">Takes the body.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>As <see cref="Represent"/>.</returns>
        public virtual int Fetch(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            return CoapCode.MethodNotAllowed;
        }

        /// <summary>Does a POST, PUT, DELETE, PATCH or iPATCH.</summary>
        /// <param name="request">The request; nothing may be done before <see cref="CoapRequest.IsLastBlock"/>.</param>
        /// <param name="response">Takes what is to be said beside the code.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>A response code; <see cref="CoapCode.Continue"/> or any success for a block that is not the last; or <see cref="CoapCode.Empty"/>: not yet, ask again.</returns>
        public virtual int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            return CoapCode.MethodNotAllowed;
        }

        /// <summary>Tells whether a request that runs twice does no more than one that runs once. Others are remembered for longer.</summary>
        /// <param name="method">An unsafe method.</param>
        /// <returns>What the RFCs say of the method (RFC 7252 section 5.8, RFC 8132), unless the resource knows better.</returns>
        public virtual bool IsIdempotent(int method)
        {
            return method == CoapCode.Put || method == CoapCode.Delete || method == CoapCode.IPatch;
        }
    }
}

// What is asked: filled by the caller, kept by the client by reference until the request has ended, and written into each of its messages. Nothing
// is copied, so paths, queries and the body must not change meanwhile. The options follow RFC 7252 section 5.10.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A request of a <see cref="CoapClient"/>. Long-lived: made at start-up, asked again and again, once at a time.</summary>
    public sealed class CoapClientRequest
    {
        private static readonly byte[][] None = new byte[0][];

        /// <summary>Creates a request.</summary>
        /// <param name="handler">Takes what comes of it.</param>
        public CoapClientRequest(ICoapClientHandler handler)
        {
            Handler = handler;
        }

        /// <summary>The server; one, not a group.</summary>
        public DatagramAddress Destination { get; } = new DatagramAddress();

        /// <summary>The method: see <see cref="CoapCode"/>.</summary>
        public int Method { get; set; } = CoapCode.Get;

        /// <summary>False for a Non-confirmable request: each message is sent once.</summary>
        public bool IsConfirmable { get; set; } = true;

        /// <summary>The segments of the path, each 0 to 255 bytes of UTF-8, not percent-encoded.</summary>
        public byte[][] Path { get; set; } = None;

        /// <summary>Further segments one behind the other, each a length byte and so many bytes: for paths that a server gave. Null for none.</summary>
        public byte[] FlatPath { get; set; }

        /// <summary>How many bytes of <see cref="FlatPath"/> count.</summary>
        public int FlatPathLength { get; set; }

        /// <summary>The arguments of the query, such as <c>lt=3600</c>, each 0 to 255 bytes.</summary>
        public byte[][] Query { get; set; } = None;

        /// <summary>Uri-Host, for a server with several names; null without.</summary>
        public byte[] Host { get; set; }

        /// <summary>The format of the body; <see cref="CoapFormat.None"/> if it is not said.</summary>
        public int ContentFormat { get; set; } = CoapFormat.None;

        /// <summary>The format that the answer must have; <see cref="CoapFormat.None"/> for any.</summary>
        public int Accept { get; set; } = CoapFormat.None;

        /// <summary>True to be told of changes (RFC 7641); with GET and FETCH.</summary>
        public bool Observe { get; set; }

        /// <summary>The tag of the representation that the caller has: the answer is 2.03 if it is still valid. Null without; 1 to 8 bytes.</summary>
        public byte[] ETag { get; set; }

        /// <summary>The tag of the only state that may be changed; empty: any state, but the resource must exist. Null without; 0 to 8 bytes.</summary>
        public byte[] IfMatch { get; set; }

        /// <summary>True if the request must do nothing when the resource is there already.</summary>
        public bool IfNoneMatch { get; set; }

        /// <summary>The buffer of the body; null without one, and with a <see cref="Source"/>.</summary>
        public byte[] Payload { get; set; }

        /// <summary>The first byte of the body in <see cref="Payload"/>.</summary>
        public int PayloadOffset { get; set; }

        /// <summary>The length of the body in <see cref="Payload"/>, bytes.</summary>
        public int PayloadLength { get; set; }

        /// <summary>Gives the body instead of <see cref="Payload"/>; null without.</summary>
        public ICoapBodySource Source { get; set; }

        /// <summary>The largest block both ways in bytes, 16 to 1024, a power of two; 0 for what the endpoint's messages hold. A body that fits in one block is sent without Block1.</summary>
        public int BlockSize { get; set; }

        /// <summary>Takes what comes of it.</summary>
        public ICoapClientHandler Handler { get; }

        /// <summary>True from <see cref="CoapClient.Begin"/> until it has ended; after the cancelling of an observation until the server knows.</summary>
        public bool IsBusy { get; internal set; }

        internal bool HasBody
        {
            get { return Source != null || (Payload != null && PayloadLength > 0); }
        }

        // RFC 7252 section 5.1: may run again without being asked for
        internal bool IsSafe
        {
            get { return Method == CoapCode.Get || Method == CoapCode.Fetch; }
        }

        internal bool IsValid
        {
            get
            {
                return Handler != null && Destination.Length != 0 && !Destination.IsMulticast && CoapCode.IsRequest(Method)
                    && (!Observe || IsSafe)
                    && (BlockSize == 0 || (BlockSize >= 16 && BlockSize <= 1024 && (BlockSize & (BlockSize - 1)) == 0));
            }
        }

        // what stands before the body, bytes, rounded up a little; an Echo value left aside
        internal int HeadLength(int tokenLength)
        {
            int length = CoapMessage.HeaderLength + tokenLength;
            length += OptionLength(Host) + OptionLength(ETag) + OptionLength(IfMatch);
            for (int i = 0; i < Path.Length; i++)
            {
                length += OptionLength(Path[i]);
            }

            for (int i = 0; i < Query.Length; i++)
            {
                length += OptionLength(Query[i]);
            }

            length += FlatPath == null ? 0 : 2 + FlatPathLength;

            // If-None-Match, Observe, Content-Format, Accept, Block2, Block1
            length += (IfNoneMatch ? 1 : 0) + (Observe ? 2 : 0) + (ContentFormat >= 0 ? 3 : 0) + (Accept >= 0 ? 3 : 0) + 4;

            // Block1, Size1, Request-Tag and the payload marker
            return length + (HasBody ? 4 + 6 + 5 + 1 : 0);
        }

        private static int OptionLength(byte[] value)
        {
            return value == null ? 0 : value.Length + (value.Length < 13 ? 2 : 3);
        }
    }
}

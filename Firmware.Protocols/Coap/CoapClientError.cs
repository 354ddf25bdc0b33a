// Why the CoAP client refused a call or gave a request up, grouped by what the caller must do.

namespace Firmware.Protocols.Coap
{
    /// <summary>Errors of <see cref="CoapClient"/>. The high nibble says what to do. A response that says an error is no failure: it is delivered like any other.</summary>
    public enum CoapClientError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        // 0x1_: the transport, or nobody there. Ask again later, with growing waits.

        /// <summary>The socket was closed, or died.</summary>
        Closed = 0x10,

        /// <summary>No acknowledgement, although the message was repeated MAX_RETRANSMIT times (RFC 7252 section 4.2).</summary>
        Timeout = 0x11,

        /// <summary>Acknowledged, but not answered within <see cref="CoapParameters.SeparateWaitMs"/>; or a Non-confirmable request that was not answered within MAX_TRANSMIT_WAIT.</summary>
        NoResponse = 0x12,

        // 0x2_: the peer. Count it, ask something else or somebody else.

        /// <summary>The peer reset the request: it has no server, or lost its state.</summary>
        Reset = 0x20,

        /// <summary>The response has a critical option that is unknown or malformed, or blocks that do not follow each other. Detail: its option number.</summary>
        BadResponse = 0x21,

        /// <summary>The body changed while its blocks were fetched, and once more when they were fetched again (RFC 7959 section 2.4).</summary>
        BodyChanged = 0x22,

        // 0x3_: resources. It does not fit.

        /// <summary>All places for requests are taken. Try again when one has ended.</summary>
        Full = 0x30,

        /// <summary>Path, query and other options leave no room for a block of the body. Trying again does not help.</summary>
        TooLarge = 0x31,

        /// <summary>The response is longer than the endpoint's messages, and the server does not give it in blocks, or the method may not run twice.</summary>
        ResponseTooLarge = 0x32,

        /// <summary>The source of the body gave an error. Detail: what it returned.</summary>
        SourceFailed = 0x33,

        // 0x4_: usage. The call did nothing; the program is wrong.

        /// <summary>The endpoint is not open.</summary>
        NotOpen = 0x40,

        /// <summary>The request is still under way: a <see cref="CoapClientRequest"/> is asked once at a time.</summary>
        Busy = 0x41,

        /// <summary>No handler, no destination, a group as the destination, no method, or an observation with another method than GET and FETCH.</summary>
        Invalid = 0x42,
    }
}

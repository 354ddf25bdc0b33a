// Message types and codes (RFC 7252 sections 3 and 12.1; RFC 7959, 8132 and 8516 add codes). A code c.dd is the byte c << 5 | dd.

namespace Firmware.Protocols.Coap
{
    /// <summary>The two type bits of a message (RFC 7252 section 3).</summary>
    public static class CoapType
    {
        /// <summary>Confirmable: repeated until it is acknowledged.</summary>
        public const int Con = 0;

        /// <summary>Non-confirmable.</summary>
        public const int Non = 1;

        /// <summary>Acknowledgement.</summary>
        public const int Ack = 2;

        /// <summary>Reset: the message could not be processed.</summary>
        public const int Rst = 3;
    }

    /// <summary>The code byte of a message (RFC 7252 section 12.1).</summary>
    public static class CoapCode
    {
        /// <summary>0.00: an empty message. As the result of a handler: not answered yet, ask again later.</summary>
        public const int Empty = 0;

        /// <summary>0.01.</summary>
        public const int Get = 1;

        /// <summary>0.02.</summary>
        public const int Post = 2;

        /// <summary>0.03.</summary>
        public const int Put = 3;

        /// <summary>0.04.</summary>
        public const int Delete = 4;

        /// <summary>0.05 (RFC 8132).</summary>
        public const int Fetch = 5;

        /// <summary>0.06 (RFC 8132).</summary>
        public const int Patch = 6;

        /// <summary>0.07 (RFC 8132): a PATCH that is idempotent.</summary>
        public const int IPatch = 7;

        /// <summary>2.01.</summary>
        public const int Created = 0x41;

        /// <summary>2.02.</summary>
        public const int Deleted = 0x42;

        /// <summary>2.03.</summary>
        public const int Valid = 0x43;

        /// <summary>2.04.</summary>
        public const int Changed = 0x44;

        /// <summary>2.05.</summary>
        public const int Content = 0x45;

        /// <summary>2.31 (RFC 7959): the block is taken, the next one please.</summary>
        public const int Continue = 0x5F;

        /// <summary>4.00.</summary>
        public const int BadRequest = 0x80;

        /// <summary>4.01.</summary>
        public const int Unauthorized = 0x81;

        /// <summary>4.02.</summary>
        public const int BadOption = 0x82;

        /// <summary>4.03.</summary>
        public const int Forbidden = 0x83;

        /// <summary>4.04.</summary>
        public const int NotFound = 0x84;

        /// <summary>4.05.</summary>
        public const int MethodNotAllowed = 0x85;

        /// <summary>4.06.</summary>
        public const int NotAcceptable = 0x86;

        /// <summary>4.08 (RFC 7959): a block is missing.</summary>
        public const int RequestEntityIncomplete = 0x88;

        /// <summary>4.09 (RFC 8132): the change does not fit the present state.</summary>
        public const int Conflict = 0x89;

        /// <summary>4.12.</summary>
        public const int PreconditionFailed = 0x8C;

        /// <summary>4.13.</summary>
        public const int RequestEntityTooLarge = 0x8D;

        /// <summary>4.15.</summary>
        public const int UnsupportedContentFormat = 0x8F;

        /// <summary>4.22 (RFC 8132): understood, but it cannot be done.</summary>
        public const int UnprocessableEntity = 0x96;

        /// <summary>5.00.</summary>
        public const int InternalServerError = 0xA0;

        /// <summary>5.03; Max-Age says when to come back.</summary>
        public const int ServiceUnavailable = 0xA3;

        /// <summary>5.05.</summary>
        public const int ProxyingNotSupported = 0xA5;

        /// <summary>The class of a code: 0 requests, 2 success, 4 the client's fault, 5 the server's; 3 is not used; 1, 6 and 7 are reserved for UDP.</summary>
        /// <param name="code">A code byte.</param>
        /// <returns>0 to 7.</returns>
        public static int ClassOf(int code)
        {
            return code >> 5;
        }

        /// <summary>Tells whether a code is a method.</summary>
        /// <param name="code">A code byte.</param>
        /// <returns>True for 0.01 to 0.31.</returns>
        public static bool IsRequest(int code)
        {
            return code > 0 && code < 0x20;
        }

        /// <summary>Tells whether a code is a response. Class 3 has no meaning yet, but is one: 12.1 gives it to responses, 4.2 rejects 1, 6 and 7 only.</summary>
        /// <param name="code">A code byte.</param>
        /// <returns>True for the classes 2 to 5.</returns>
        public static bool IsResponse(int code)
        {
            return code >= 0x40 && code < 0xC0;
        }

        /// <summary>Tells whether a response says success.</summary>
        /// <param name="code">A code byte.</param>
        /// <returns>True for 2.xx.</returns>
        public static bool IsSuccess(int code)
        {
            return code >> 5 == 2;
        }
    }
}

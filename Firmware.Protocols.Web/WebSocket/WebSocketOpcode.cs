// The numbers of RFC 6455: kinds of frames (5.2) and reasons to close (7.4.1).

namespace Firmware.Protocols.WebSocket
{
    /// <summary>Kinds of frames. The highest of the four bits tells a control frame.</summary>
    public static class WebSocketOpcode
    {
        /// <summary>Goes on with a message.</summary>
        public const int Continuation = 0;

        /// <summary>Begins a message of UTF-8.</summary>
        public const int Text = 1;

        /// <summary>Begins a message of bytes.</summary>
        public const int Binary = 2;

        /// <summary>Ends the connection.</summary>
        public const int Close = 8;

        /// <summary>Asks for a sign of life.</summary>
        public const int Ping = 9;

        /// <summary>Is one.</summary>
        public const int Pong = 10;
    }

    /// <summary>Why a connection is closed.</summary>
    public static class WebSocketClose
    {
        /// <summary>All is done.</summary>
        public const int Normal = 1000;

        /// <summary>The server goes down, or the page was left.</summary>
        public const int GoingAway = 1001;

        /// <summary>The peer broke the protocol.</summary>
        public const int ProtocolError = 1002;

        /// <summary>A message of a kind that is not taken, such as text where bytes are wanted.</summary>
        public const int UnsupportedData = 1003;

        /// <summary>The peer closed without a reason. Never sent.</summary>
        public const int NoStatus = 1005;

        /// <summary>The link ended without a Close frame. Never sent.</summary>
        public const int Abnormal = 1006;

        /// <summary>Text that is not UTF-8.</summary>
        public const int InvalidPayload = 1007;

        /// <summary>A message that breaks a rule of this server.</summary>
        public const int PolicyViolation = 1008;

        /// <summary>A message larger than there is room for.</summary>
        public const int TooLarge = 1009;

        /// <summary>The server cannot go on.</summary>
        public const int InternalError = 1011;

        /// <summary>Tells whether a code may stand in a Close frame (7.4.2 and the registry of IANA).</summary>
        /// <param name="code">The code.</param>
        /// <returns>False for those that are reserved, unknown below 3000, or out of range.</returns>
        public static bool IsAllowed(int code)
        {
            return (code >= 1000 && code <= 1014 && code != 1004 && code != NoStatus && code != Abnormal) || (code >= 3000 && code <= 4999);
        }
    }
}

// What a frame reader found.

namespace Firmware.Protocols.WebSocket
{
    /// <summary>The results of <see cref="WebSocketFrameReader.Next"/>.</summary>
    public enum WebSocketFrame : byte
    {
        /// <summary>Nothing whole yet.</summary>
        Incomplete = 0,

        /// <summary>In a frame of text or bytes: read its payload, then ask for the next one. Told for a frame without payload, too.</summary>
        Data,

        /// <summary>A ping; its payload is in Control and wants to go back.</summary>
        Ping,

        /// <summary>A pong; its payload is in Control.</summary>
        Pong,

        /// <summary>The peer ends the connection; see PeerCode. Nothing comes behind it.</summary>
        Close,

        /// <summary>The peer broke the protocol; see ErrorCode. Sticky.</summary>
        Error,

        /// <summary>The link ended.</summary>
        Closed,

        /// <summary>The link broke.</summary>
        Failed,
    }
}

// What a poll of a connection found.

namespace Firmware.Protocols.WebSocket
{
    /// <summary>The results of <see cref="WebSocketConnection.Poll"/>.</summary>
    public enum WebSocketEvent : byte
    {
        /// <summary>Nothing to tell.</summary>
        None = 0,

        /// <summary>A whole message of UTF-8 is in the buffer until the next Poll.</summary>
        Text,

        /// <summary>A whole message of bytes is in the buffer until the next Poll.</summary>
        Binary,

        /// <summary>The peer answered a ping, or gave a sign of life unasked.</summary>
        Pong,

        /// <summary>The connection is over and the link is closed; see CloseCode. Told once.</summary>
        Closed,
    }
}

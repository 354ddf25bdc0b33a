// What a reader found.

namespace Firmware.Protocols.Http
{
    /// <summary>The results of <see cref="HttpReader.Read"/>.</summary>
    public enum HttpRead : byte
    {
        /// <summary>No whole message yet.</summary>
        Incomplete = 0,

        /// <summary>A whole message is there until the next Read.</summary>
        Message,

        /// <summary>The peer's bytes are no message, or too large a one: see Error. Sticky; where the next message begins is lost, so the link must be closed.</summary>
        Error,

        /// <summary>The peer closed the link between two messages.</summary>
        Closed,

        /// <summary>The link broke.</summary>
        Failed,
    }
}

// What an outbox does with a topic whose messages cannot be sent as fast as they come.

namespace Firmware.Protocols.Outbox
{
    /// <summary>The policy of a topic. No policy ever touches a message in flight, nor one of another topic.</summary>
    public enum OutboxPolicy : byte
    {
        /// <summary>Every message counts: when there is no room, the new one is refused.</summary>
        KeepAll = 0,

        /// <summary>Only the latest state counts: a new message takes the place, and so the turn, of the one that waits.</summary>
        NewestOnly = 1,

        /// <summary>A history that may lose its beginning: the oldest waiting messages of the same topic make room.</summary>
        DropOldest = 2,
    }
}

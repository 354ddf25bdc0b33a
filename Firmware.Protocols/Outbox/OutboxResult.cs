// The answers of an outbox to a message.

namespace Firmware.Protocols.Outbox
{
    /// <summary>What <see cref="Outbox.Put"/> did. From <see cref="Full"/> on nothing was stored and nothing changed.</summary>
    public enum OutboxResult : byte
    {
        /// <summary>Stored behind all others.</summary>
        Stored = 0,

        /// <summary>Stored in place of the waiting message of its topic, which is gone.</summary>
        Replaced = 1,

        /// <summary>Stored; <see cref="Outbox.DroppedByLastPut"/> older messages of its topic are gone.</summary>
        StoredDroppingOldest = 2,

        /// <summary>No room now, nor any that the topic's policy may make. It may help to try again after a delivery.</summary>
        Full = 16,

        /// <summary>Larger than the whole outbox, or than 65,535 bytes. Trying again does not help.</summary>
        TooLarge = 17,

        /// <summary>There is no topic of this index: the program is wrong.</summary>
        UnknownTopic = 18,
    }
}

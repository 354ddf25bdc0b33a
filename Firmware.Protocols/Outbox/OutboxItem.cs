// A message in an outbox as a view into its arena.

namespace Firmware.Protocols.Outbox
{
    /// <summary>
    /// The message that <see cref="Outbox.TryPeekUnsent"/> found. The caller keeps one object for all messages. Payload and offsets are valid until the next
    /// call that changes the outbox; <see cref="Token"/> stays good after it.
    /// </summary>
    public sealed class OutboxItem
    {
        /// <summary>The topic name, the very array that was given to <see cref="Outbox.AddTopic"/>.</summary>
        public byte[] Topic;

        /// <summary>The index that <see cref="Outbox.AddTopic"/> gave.</summary>
        public int TopicIndex;

        /// <summary>The QoS to publish with: 0, 1 or 2.</summary>
        public int Qos;

        /// <summary>Whether to publish with RETAIN.</summary>
        public bool Retain;

        /// <summary>The outbox's arena: read only.</summary>
        public byte[] Buffer;

        /// <summary>Where the payload starts.</summary>
        public int PayloadOffset;

        /// <summary>Length of the payload in bytes, 0 to 65,535.</summary>
        public int PayloadLength;

        /// <summary>Names the message towards the outbox; 0 if there is none.</summary>
        public int Token;
    }
}

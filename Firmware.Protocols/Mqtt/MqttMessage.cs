// A received PUBLISH as a view into the client's receive buffer.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>A received message: offsets into <see cref="Buffer"/>. One object for all messages; valid until the next <see cref="MqttClient.Poll"/>.</summary>
    public sealed class MqttMessage
    {
        /// <summary>The receive buffer that topic and payload stand in.</summary>
        public byte[] Buffer;

        /// <summary>Where the topic name starts.</summary>
        public int TopicOffset;

        /// <summary>Length of the topic name in bytes; 0 in <see cref="MqttEvent.MessageTooLarge"/> if not even the topic fitted.</summary>
        public int TopicLength;

        /// <summary>Where the payload starts; of a message in pieces, where the present piece starts.</summary>
        public int PayloadOffset;

        /// <summary>Length of the whole payload in bytes, also of a message in pieces or too large.</summary>
        public int PayloadLength;

        /// <summary>Length of the present piece in bytes: the whole payload but for a message in pieces.</summary>
        public int PieceLength;

        /// <summary>Where the present piece belongs in the payload.</summary>
        public int PiecePosition;

        /// <summary>True with the last piece: the next Poll acknowledges the message.</summary>
        public bool IsLastPiece;

        /// <summary>QoS of this delivery.</summary>
        public int Qos;

        /// <summary>DUP: the broker may have sent it before. AWS does not set it on its repeats.</summary>
        public bool Dup;

        /// <summary>RETAIN: the message was kept by the broker and is older than the subscription.</summary>
        public bool Retain;

        /// <summary>Packet identifier; 0 with QoS 0.</summary>
        public int PacketId;
    }
}

// Why the MQTT client refused a call or gave a connection up, grouped by what the caller must do.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Errors of <see cref="MqttClient"/>. The high nibble says what to do; <see cref="MqttClient.ErrorDetail"/> adds a number.</summary>
    public enum MqttError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        // 0x1_: the transport. Reconnect with backoff.

        /// <summary>The broker closed the connection without a word: AWS does so for every violation of its rules.</summary>
        LinkClosed = 0x10,

        /// <summary>The link broke.</summary>
        LinkFailed = 0x11,

        /// <summary>No CONNACK within <see cref="MqttTimeouts.ConnackMs"/>.</summary>
        ConnackTimeout = 0x12,

        /// <summary>No PINGRESP, nor anything else, within <see cref="MqttTimeouts.PingrespMs"/>: the link is half open.</summary>
        PingrespTimeout = 0x13,

        /// <summary>A PUBLISH, SUBSCRIBE or UNSUBSCRIBE stayed unanswered for <see cref="MqttTimeouts.AcknowledgementMs"/>. Detail: the packet identifier.</summary>
        AcknowledgementTimeout = 0x14,

        /// <summary>The link took no byte for <see cref="MqttTimeouts.WriteMs"/> although a packet waits.</summary>
        WriteTimeout = 0x15,

        /// <summary>A packet that had begun to arrive did not go on for <see cref="MqttTimeouts.PacketMs"/>.</summary>
        PacketTimeout = 0x16,

        // 0x2_: the peer. Close, back off, count.

        /// <summary>CONNACK with another code than 0. Detail: the return code (MQTT 3.1.1 table 3.1; AWS also sends 7).</summary>
        Refused = 0x20,

        /// <summary>A packet broke the rules of its own layout. Detail: its first byte.</summary>
        MalformedPacket = 0x21,

        /// <summary>A well-formed packet came where it must not. Detail: its first byte.</summary>
        ProtocolViolation = 0x22,

        /// <summary>The open QoS 2 messages of the broker form more ranges of identifiers than <see cref="MqttClient"/> can remember. Detail: how many that is.</summary>
        TooManyOpen = 0x23,

        // 0x3_: resources. The call did nothing; drop the message or try again later.

        /// <summary>The packet is larger than the whole buffer meant for it. Trying again does not help.</summary>
        TooLarge = 0x30,

        /// <summary>No room now: the arena, the table of messages in flight or the control buffer is full.</summary>
        Full = 0x31,

        // 0x4_: usage. The call did nothing; the program is wrong.

        /// <summary>Needs a connection that has been accepted with CONNACK 0.</summary>
        NotConnected = 0x40,

        /// <summary>The topic name or filter is empty, longer than 65,535 bytes, not UTF-8, or holds NUL or a misplaced wildcard (MQTT 3.1.1, 4.7).</summary>
        InvalidTopic = 0x41,

        /// <summary>QoS is 0, 1 or 2.</summary>
        InvalidQos = 0x42,

        /// <summary>A SUBSCRIBE or UNSUBSCRIBE is still unanswered: one at a time.</summary>
        RequestPending = 0x43,

        /// <summary>The broker would punish it: <see cref="MqttClient.BrokenRule"/> says which rule.</summary>
        BrokenRule = 0x44,

        /// <summary>Needs a closed connection: disconnect first.</summary>
        AlreadyConnected = 0x45,
    }
}

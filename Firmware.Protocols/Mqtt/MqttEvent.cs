// What one call of MqttClient.Poll has to tell.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>What happened in a call of <see cref="MqttClient.Poll"/>: at most one event per call.</summary>
    public enum MqttEvent : byte
    {
        /// <summary>Nothing to tell.</summary>
        None = 0,

        /// <summary>CONNACK 0 arrived and the session is fresh: the broker knows no subscription of ours.</summary>
        Connected,

        /// <summary>CONNACK 0 arrived and the session goes on: subscriptions are in force, deliveries are completed (MQTT 3.1.1, 3.2.2.2).</summary>
        Resumed,

        /// <summary>A message arrived: <see cref="MqttClient.Message"/>, valid until the next Poll, which also acknowledges it.</summary>
        MessageReceived,

        /// <summary>
        /// A message larger than the receive buffer has begun: <see cref="MqttClient.Message"/> has topic, whole length and first piece. Call
        /// <see cref="MqttClient.AcceptPieces"/> before the next Poll to get the rest; otherwise it is skipped.
        /// </summary>
        MessageStarted,

        /// <summary>The next piece of a large message; <see cref="MqttMessage.IsLastPiece"/> tells the end. If the connection ends before, the message comes again from its start.</summary>
        MessagePiece,

        /// <summary>A message larger than the receive buffer was skipped and is acknowledged; <see cref="MqttClient.Message"/> has its topic and true size.</summary>
        MessageTooLarge,

        /// <summary>A QoS 1 message was acknowledged, or a QoS 2 message completed: <see cref="MqttClient.PacketId"/>.</summary>
        PublishAcknowledged,

        /// <summary>SUBACK arrived: <see cref="MqttClient.PacketId"/>, <see cref="MqttClient.SubscribeResult"/>.</summary>
        Subscribed,

        /// <summary>UNSUBACK arrived: <see cref="MqttClient.PacketId"/>.</summary>
        Unsubscribed,

        /// <summary>The connection ended and the transport is closed; <see cref="MqttClient.Error"/> says why (None after <see cref="MqttClient.Disconnect"/>).</summary>
        Closed,
    }

    /// <summary>Where the connection stands.</summary>
    public enum MqttState : byte
    {
        /// <summary>No connection.</summary>
        Closed = 0,

        /// <summary>CONNECT is on its way or unanswered: nothing else may be sent.</summary>
        Connecting,

        /// <summary>Accepted by the broker.</summary>
        Connected,

        /// <summary>DISCONNECT is on its way; the link closes behind it.</summary>
        Disconnecting,
    }
}

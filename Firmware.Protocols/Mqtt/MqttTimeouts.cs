// Every time limit of the MQTT client in one place. All in milliseconds of the time that Poll is given.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Time limits of <see cref="MqttClient"/>. Change them before connecting; they are read at each use.</summary>
    public sealed class MqttTimeouts
    {
        /// <summary>From CONNECT to CONNACK. AWS answers within a second; a slow mobile link needs a few.</summary>
        public int ConnackMs = 15000;

        /// <summary>From PINGREQ to PINGRESP or any other byte.</summary>
        public int PingrespMs = 10000;

        /// <summary>From the last byte of PUBLISH (QoS 1), SUBSCRIBE or UNSUBSCRIBE to its acknowledgement.</summary>
        public int AcknowledgementMs = 30000;

        /// <summary>Without any progress while bytes wait to be sent.</summary>
        public int WriteMs = 30000;

        /// <summary>Without any progress in the middle of an incoming packet.</summary>
        public int PacketMs = 30000;

        /// <summary>
        /// How long before the keepalive would expire PINGREQ is sent; at most a quarter of the keepalive. The interval counts between packets sent
        /// [MQTT-3.1.2-23], so the lead must cover the loop's own latency.
        /// </summary>
        public int PingLeadMs = 5000;
    }
}

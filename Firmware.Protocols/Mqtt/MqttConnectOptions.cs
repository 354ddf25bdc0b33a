// What CONNECT says (MQTT 3.1.1, 3.1). Filled once at start-up; its arrays are referenced, not copied.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>The content of CONNECT. The client reads it during <see cref="MqttClient.Connect"/> only.</summary>
    public sealed class MqttConnectOptions
    {
        /// <summary>Client identifier, UTF-8, 1 to 65,535 bytes (AWS: 128). Empty only with <see cref="CleanSession"/> [MQTT-3.1.3-7].</summary>
        public byte[] ClientId = Bytes.Empty;

        /// <summary>User name, UTF-8, or null for none.</summary>
        public byte[] UserName;

        /// <summary>Password, any bytes, or null for none; needs <see cref="UserName"/> [MQTT-3.1.2-22].</summary>
        public byte[] Password;

        /// <summary>Topic of the last will, or null for no will.</summary>
        public byte[] WillTopic;

        /// <summary>Payload of the last will, may be empty.</summary>
        public byte[] WillPayload = Bytes.Empty;

        /// <summary>QoS of the last will: 0, 1 or 2.</summary>
        public int WillQos;

        /// <summary>Whether the broker keeps the last will as a retained message.</summary>
        public bool WillRetain;

        /// <summary>True: the broker forgets the session at the end [MQTT-3.1.2-6].</summary>
        public bool CleanSession = true;

        /// <summary>Keepalive in seconds, 0 to 65,535; 0 turns it off, and with it the search for half-open links.</summary>
        public int KeepAliveSeconds = 60;
    }
}

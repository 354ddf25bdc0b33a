// The one SUBSCRIBE or UNSUBSCRIBE that waits for its answer (MQTT 3.1.1, 3.8 to 3.11).

namespace Firmware.Protocols.Mqtt
{
    /// <summary>A request in flight: at most one.</summary>
    internal sealed class MqttRequest
    {
        private int _answer;
        private int _filters;

        // 0 if none waits
        internal int PacketId { get; private set; }

        // false until its last byte has left: the time of the answer counts from there
        internal bool IsSent { get; private set; }

        internal long SentMs { get; private set; }

        internal void Begin(int packetId, int answer, int filters)
        {
            PacketId = packetId;
            IsSent = false;
            _answer = answer;
            _filters = filters;
        }

        // the control buffer has run empty
        internal void NoteSent(long nowMs)
        {
            if (!IsSent)
            {
                IsSent = true;
                SentMs = nowMs;
            }
        }

        internal void Forget()
        {
            PacketId = 0;
        }

        // takes SUBACK or UNSUBACK
        internal MqttError End(MqttFramer packet)
        {
            int packetId = MqttPacketReader.PacketId(packet);
            if (packetId == 0)
            {
                return MqttError.MalformedPacket;
            }

            if (packetId != PacketId || packet.FirstByte != _answer)
            {
                return MqttError.ProtocolViolation;
            }

            bool wellFormed = _answer == MqttPacketType.Suback ? MqttPacketReader.IsSuback(packet, _filters) : packet.BodyLength == 2;
            if (!wellFormed)
            {
                return MqttError.MalformedPacket;
            }

            PacketId = 0;
            return MqttError.None;
        }
    }
}

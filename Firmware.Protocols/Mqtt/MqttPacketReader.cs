// Reads the packets that a broker sends (MQTT 3.1.1, chapter 3): lengths are checked once, then nothing can fail.
// Stateless; what a packet means for the connection is decided in MqttClient.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Checks and takes apart the packets that come from a broker.</summary>
    internal static class MqttPacketReader
    {
        /// <summary>Offset of the return codes in SUBACK, behind the packet identifier (3.9.3).</summary>
        internal const int SubackCodes = 2;

        /// <summary>"The subscription was refused" (3.9.3).</summary>
        internal const int SubackFailure = 0x80;

        // 3.2: session present in bit 0, the rest reserved; then the return code
        internal static bool IsConnack(MqttFramer packet)
        {
            return packet.BodyLength == 2 && (packet.Buffer[packet.BodyOffset] & 0xFE) == 0;
        }

        // the packet identifier that a body starts with (2.3.1); 0, which is never one, if there is none
        internal static int PacketId(MqttFramer packet)
        {
            return packet.BodyLength < 2 ? 0 : UInt16(packet.Buffer, packet.BodyOffset);
        }

        // 3.9.3: one code for each filter; 0, 1, 2 or 0x80
        internal static bool IsSuback(MqttFramer packet, int filters)
        {
            if (packet.BodyLength != SubackCodes + filters)
            {
                return false;
            }

            int at = packet.BodyOffset + SubackCodes;
            for (int i = 0; i < filters; i++)
            {
                int code = packet.Buffer[at + i];
                if (code > 2 && code != SubackFailure)
                {
                    return false;
                }
            }

            return true;
        }

        // 3.3: topic, packet identifier with QoS > 0, payload. Of a packet that was too large only the beginning is there:
        // the message then has no topic and no identifier if they were not in it.
        internal static MqttError Publish(MqttFramer packet, MqttMessage message)
        {
            byte[] buffer = packet.Buffer;
            int first = packet.FirstByte;
            int at = packet.BodyOffset;
            int length = packet.BodyLength;
            int qos = (first & MqttPacketType.PublishQosMask) >> MqttPacketType.PublishQosShift;
            bool dup = (first & MqttPacketType.PublishDup) != 0;
            if (qos == 3 || (qos == 0 && dup) || length < 2)
            {
                // [MQTT-3.3.1-4], [MQTT-3.3.1-2]
                return MqttError.MalformedPacket;
            }

            int topicLength = UInt16(buffer, at);
            int head = 2 + topicLength + (qos > 0 ? 2 : 0);
            if (head > length)
            {
                return MqttError.MalformedPacket;
            }

            message.Qos = qos;
            message.Dup = dup;
            message.Retain = (first & MqttPacketType.PublishRetain) != 0;
            message.PayloadOffset = at + head;
            message.PayloadLength = length - head;
            message.PieceLength = packet.BodyKept - head;
            message.PiecePosition = 0;
            message.IsLastPiece = packet.BodyKept == length;
            message.TopicOffset = at + 2;
            message.TopicLength = 0;
            message.PacketId = 0;
            if (head > packet.BodyKept)
            {
                message.PieceLength = 0;
                return MqttError.None;
            }

            message.TopicLength = topicLength;
            if (!MqttTopic.IsName(buffer, at + 2, topicLength))
            {
                return MqttError.MalformedPacket;
            }

            if (qos > 0)
            {
                message.PacketId = UInt16(buffer, at + head - 2);
                if (message.PacketId == 0)
                {
                    return MqttError.MalformedPacket;
                }
            }

            return MqttError.None;
        }

        // where the packet identifier of a PUBLISH stands in its body
        internal static int PublishIdPosition(MqttFramer packet)
        {
            return 2 + UInt16(packet.Buffer, packet.BodyOffset);
        }

        private static int UInt16(byte[] buffer, int at)
        {
            return (buffer[at] << 8) | buffer[at + 1];
        }
    }
}

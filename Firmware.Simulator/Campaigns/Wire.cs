// Packets of MQTT 3.1.1 as the model broker writes them. Written from the specification, independent of the code under test.

using System.Buffers.Binary;

namespace Firmware.Simulator.Campaigns;

/// <summary>Builds packets into a buffer of its own.</summary>
internal sealed class Wire
{
    internal const byte Connect = 1;
    internal const byte Connack = 2;
    internal const byte Publish = 3;
    internal const byte Puback = 4;
    internal const byte Pubrec = 5;
    internal const byte Pubrel = 6;
    internal const byte Pubcomp = 7;
    internal const byte Subscribe = 8;
    internal const byte Suback = 9;
    internal const byte Unsubscribe = 10;
    internal const byte Unsuback = 11;
    internal const byte Pingreq = 12;
    internal const byte Pingresp = 13;
    internal const byte Disconnect = 14;

    internal byte[] Bytes { get; } = new byte[16384];

    internal int Length { get; private set; }

    // where the payload of the last Message starts
    internal int PayloadOffset { get; private set; }

    // CONNACK 3.2, and every acknowledgement of two bytes (3.4 to 3.7, 3.11)
    internal void Short(int type, int body)
    {
        Bytes[0] = (byte)((type << 4) | (type == Pubrel ? 2 : 0));
        Bytes[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(2), (ushort)body);
        Length = 4;
    }

    // 3.9
    internal void SubscribeAnswer(int packetId, ReadOnlySpan<byte> codes)
    {
        Bytes[0] = Suback << 4;
        Bytes[1] = (byte)(2 + codes.Length);
        BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(2), (ushort)packetId);
        codes.CopyTo(Bytes.AsSpan(4));
        Length = 4 + codes.Length;
    }

    // 3.13
    internal void PingAnswer()
    {
        Bytes[0] = Pingresp << 4;
        Bytes[1] = 0;
        Length = 2;
    }

    // 3.3; the payload is one of MessageContent
    internal void Message(int qos, bool dup, byte[] topic, int packetId, int topicIndex, int sequence, int payloadLength)
    {
        int remaining = 2 + topic.Length + (qos > 0 ? 2 : 0) + payloadLength;
        int at = 0;
        Bytes[at++] = (byte)((Publish << 4) | (dup ? 8 : 0) | (qos << 1));
        int rest = remaining;
        do
        {
            int digit = rest % 128;
            rest /= 128;
            Bytes[at++] = (byte)(rest > 0 ? digit + 128 : digit);
        }
        while (rest > 0);
        BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(at), (ushort)topic.Length);
        topic.CopyTo(Bytes, at + 2);
        at += 2 + topic.Length;
        if (qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(at), (ushort)packetId);
            at += 2;
        }

        PayloadOffset = at;
        MessageContent.Fill(Bytes.AsSpan(at, payloadLength), topicIndex, sequence);
        Length = at + payloadLength;
    }
}

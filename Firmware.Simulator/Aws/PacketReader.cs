// Turns the bytes of one MQTT 3.1.1 control packet from a client into MQTTnet's packet, and refuses everything that the specification forbids.
// MQTTnet's own decoder forgives reserved bits, trailing bytes and broken UTF-8; a stand-in that forgives hides faults that a real broker punishes.
// Leaves out: MQTT 5, and the packets of QoS 2, which AWS IoT Core does not speak.

using System.Buffers.Binary;
using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Firmware.Simulator.Aws;

/// <summary>One control packet as it came: first byte and everything after the remaining length. Owns its bytes.</summary>
internal sealed record Frame(byte Header, byte[] Body)
{
    internal MqttControlPacketType Type => (MqttControlPacketType)(Header >> 4);

    internal int Flags => Header & 0x0F;
}

/// <summary>The bytes break MQTT 3.1.1; the connection must be closed [MQTT-4.8.0-1].</summary>
internal sealed class MalformedPacketException(string rule, string found) : Exception(rule)
{
    internal Violation Violation { get; } = new(rule, found, "Check the client's packet encoder.");
}

/// <summary>The CONNECT asks for another version of MQTT; it is to be answered with CONNACK 1 [MQTT-3.1.2-2].</summary>
internal sealed class ProtocolVersionException(string found) : Exception(found);

/// <summary>Reads one packet strictly, field by field; every method moves on.</summary>
internal sealed class PacketReader
{
    private readonly Frame _frame;
    private int _offset;

    private PacketReader(Frame frame) => _frame = frame;

    private int Left => _frame.Body.Length - _offset;

    /// <summary>Reads a packet that a client may send.</summary>
    /// <exception cref="MalformedPacketException">It breaks the specification.</exception>
    /// <exception cref="ProtocolVersionException">A CONNECT of another protocol version.</exception>
    internal static MqttPacket Read(Frame frame)
    {
        var reader = new PacketReader(frame);
        MqttPacket packet = frame.Type switch
        {
            MqttControlPacketType.Connect => reader.Connect(),
            MqttControlPacketType.Publish => reader.Publish(),
            MqttControlPacketType.PubAck => new MqttPubAckPacket { PacketIdentifier = reader.WithFlags(0).PacketId() },
            MqttControlPacketType.Subscribe => reader.Subscribe(),
            MqttControlPacketType.Unsubscribe => reader.Unsubscribe(),
            MqttControlPacketType.PingReq => reader.Empty(MqttPingReqPacket.Instance),
            MqttControlPacketType.Disconnect => reader.Empty(new MqttDisconnectPacket()),
            MqttControlPacketType.PubRec or MqttControlPacketType.PubRel or MqttControlPacketType.PubComp =>
                throw new MalformedPacketException("AWS IoT Core does not speak QoS 2 [AWS MQTT differences]", $"a packet of type {(int)frame.Type}"),
            _ => throw new MalformedPacketException("a client does not send packets of this type [MQTT-4.8.0-1]", $"type {(int)frame.Type}"),
        };
        return reader.Left == 0
            ? packet
            : throw new MalformedPacketException("a packet ends with its last field (MQTT 3.1.1 2.2.3)", $"{reader.Left} bytes more in a packet of type {(int)frame.Type}");
    }

    private MqttConnectPacket Connect()
    {
        WithFlags(0);
        string protocol = Text("the protocol name");
        int level = Byte();
        if (protocol is not ("MQTT" or "MQIsdp"))
        {
            throw new MalformedPacketException("the protocol name is MQTT [MQTT-3.1.2-1]", $"'{protocol}'");
        }

        if (protocol != "MQTT" || level != 4)
        {
            throw new ProtocolVersionException(protocol == "MQTT" ? $"protocol level {level}" : "MQTT 3.1");
        }

        int flags = Byte();
        bool will = (flags & 0x04) != 0;
        int willQoS = (flags >> 3) & 3;
        bool willRetain = (flags & 0x20) != 0;
        bool password = (flags & 0x40) != 0;
        bool userName = (flags & 0x80) != 0;
        Require((flags & 0x01) == 0, "the reserved connect flag is 0 [MQTT-3.1.2-3]", "1");
        Require(will || (willQoS == 0 && !willRetain), "without a will its QoS and retain flags are 0 [MQTT-3.1.2-13] [MQTT-3.1.2-15]", $"flags 0x{flags:X2}");
        Require(willQoS != 3, "the will's QoS is not 3 [MQTT-3.1.2-14]", "3");
        Require(userName || !password, "a password needs a user name [MQTT-3.1.2-22]", "a password alone");

        var packet = new MqttConnectPacket
        {
            CleanSession = (flags & 0x02) != 0,
            KeepAlivePeriod = Number(),
            ClientId = Text("the client id"),
        };
        if (will)
        {
            packet.WillFlag = true;
            packet.WillQoS = (MqttQualityOfServiceLevel)willQoS;
            packet.WillRetain = willRetain;
            packet.WillTopic = Text("the will's topic");
            packet.WillMessage = Bytes(Number());
        }

        packet.Username = userName ? Text("the user name") : null;
        packet.Password = password ? Bytes(Number()) : null;
        return packet;
    }

    private MqttPublishPacket Publish()
    {
        int qos = (_frame.Flags >> 1) & 3;
        Require(qos != 3, "QoS is 0, 1 or 2 [MQTT-3.3.1-4]", "3");
        bool dup = (_frame.Flags & 8) != 0;
        Require(qos > 0 || !dup, "DUP is 0 with QoS 0 [MQTT-3.3.1-2]", "DUP with QoS 0");
        return new MqttPublishPacket
        {
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Dup = dup,
            Retain = (_frame.Flags & 1) != 0,
            Topic = Text("the topic"),
            PacketIdentifier = qos > 0 ? PacketId() : (ushort)0,
            PayloadSegment = new ArraySegment<byte>(Bytes(Left)),
        };
    }

    private MqttSubscribePacket Subscribe()
    {
        var packet = new MqttSubscribePacket { PacketIdentifier = WithFlags(2).PacketId() };
        while (Left > 0)
        {
            string filter = Text("a topic filter");
            int qos = Byte();
            Require(qos <= 2, "a requested QoS is 0, 1 or 2 [MQTT-3.8.3-4]", $"0x{qos:X2}");
            packet.TopicFilters.Add(new MqttTopicFilter { Topic = filter, QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos });
        }

        Require(packet.TopicFilters.Count > 0, "SUBSCRIBE holds a topic filter [MQTT-3.8.3-3]", "none");
        return packet;
    }

    private MqttUnsubscribePacket Unsubscribe()
    {
        var packet = new MqttUnsubscribePacket { PacketIdentifier = WithFlags(2).PacketId() };
        while (Left > 0)
        {
            packet.TopicFilters.Add(Text("a topic filter"));
        }

        Require(packet.TopicFilters.Count > 0, "UNSUBSCRIBE holds a topic filter [MQTT-3.10.3-2]", "none");
        return packet;
    }

    private MqttPacket Empty(MqttPacket packet)
    {
        WithFlags(0);
        return packet;
    }

    private PacketReader WithFlags(int flags)
    {
        Require(_frame.Flags == flags, $"the low bits of packet type {(int)_frame.Type} are {flags} [MQTT-2.2.2-2]", $"{_frame.Flags}");
        return this;
    }

    private ushort PacketId()
    {
        ushort id = Number();
        Require(id != 0, "a packet id is not 0 [MQTT-2.3.1-1]", "0");
        return id;
    }

    private string Text(string what)
    {
        byte[] bytes = Bytes(Number());
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            Require(!text.Contains('\0'), "a string holds no U+0000 [MQTT-1.5.3-2]", what);
            return text;
        }
        catch (ArgumentException)
        {
            throw new MalformedPacketException("a string is well-formed UTF-8 [MQTT-1.5.3-1]", what + " is not");
        }
    }

    private byte Byte() => Bytes(1)[0];

    private ushort Number() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    private byte[] Bytes(int count)
    {
        Require(count <= Left, "a packet holds all of its fields (MQTT 3.1.1 2.2.3)", $"the end of a packet of type {(int)_frame.Type}, {count - Left} bytes early");
        byte[] bytes = _frame.Body[_offset..(_offset + count)];
        _offset += count;
        return bytes;
    }

    private static void Require(bool good, string rule, string found)
    {
        if (!good)
        {
            throw new MalformedPacketException(rule, found);
        }
    }
}

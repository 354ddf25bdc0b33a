// The smaller rules of a connection: what CONNECT, a payload and retain may be, the publish rate, repeats of unacknowledged messages.
// AWS IoT Core Developer Guide "MQTT" and its differences from the specification; limits in AwsLimits. No I/O.

using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Firmware.Simulator.Aws;

/// <summary>Judges CONNECT packets, payloads and retain flags.</summary>
internal static class ConnectRules
{
    internal static Violation? Judge(MqttConnectPacket connect, AwsRules rules)
    {
        if (!connect.CleanSession && rules == AwsRules.Rules2018)
        {
            return new Violation(
                "persistent sessions are not supported: cleanSession=0 ends the connection [AWS 2018]", "cleanSession=0", "Connect with cleanSession=1, or run with --aws-rules now.");
        }

        if (!connect.WillFlag)
        {
            return null;
        }

        if (connect.WillQoS == MqttQualityOfServiceLevel.ExactlyOnce)
        {
            return new Violation("a will has QoS 0 or 1 [AWS MQTT differences]", "QoS 2", "Use QoS 1.");
        }

        return TopicRules.JudgeTopic(connect.WillTopic)
            ?? JudgePayload(connect.WillMessage.Length, "will")
            ?? JudgeRetain(connect.WillRetain, connect.WillTopic, rules);
    }

    internal static Violation? JudgePayload(long bytes, string what) => bytes <= AwsLimits.PayloadBytes
        ? null
        : new Violation($"a {what} has at most {AwsLimits.PayloadBytes} bytes [AWS quotas]", $"{bytes} bytes", "Send less at a time.");

    internal static Violation? JudgeRetain(bool retain, string topic, AwsRules rules)
    {
        if (!retain)
        {
            return null;
        }

        if (rules == AwsRules.Rules2018)
        {
            return new Violation(
                "retained messages are not supported: retain=1 ends the connection [AWS 2018]", $"retain=1 on {topic}", "Publish without retain, or run with --aws-rules now.");
        }

        return TopicRules.IsReserved(topic)
            ? new Violation("messages on reserved topics are not retained [AWS retained messages]", $"retain=1 on {topic}", "Publish without retain.")
            : null;
    }
}

/// <summary>The words for CONNACK codes (MQTT 3.1.1, table 3.1).</summary>
internal static class ConnackCodes
{
    internal static string Reason(byte code) => code switch
    {
        1 => "unacceptable protocol version",
        2 => "client id rejected",
        3 => "server unavailable",
        4 => "bad user name or password",
        5 => "not authorised",
        _ => "code " + code,
    };

    internal static string Advice(byte code) => code switch
    {
        1 => "Speak MQTT 3.1.1.",
        2 => "Choose another client id.",
        3 => "Back off and try again.",
        4 => "Check user name and password.",
        5 => "Check the policy of the certificate.",
        _ => "Look the code up in the specification.",
    };
}

/// <summary>Counts a connection's PUBLISH packets by the second.</summary>
internal sealed class PublishRate(TimeProvider time)
{
    private long _windowStart = time.GetTimestamp();
    private int _count;

    /// <summary>Counts one more. <paramref name="firstTooMany"/> is true for the first beyond the limit in this second.</summary>
    internal bool Admits(out bool firstTooMany)
    {
        if (time.GetElapsedTime(_windowStart) >= TimeSpan.FromSeconds(1))
        {
            _windowStart = time.GetTimestamp();
            _count = 0;
        }

        _count++;
        firstTooMany = _count == AwsLimits.PublishesPerSecond + 1;
        return _count <= AwsLimits.PublishesPerSecond;
    }
}

/// <summary>A SUBSCRIBE that waits for its SUBACK. MQTTnet answers in the order of falling QoS; clients expect the order of the request [MQTT-3.9.3-1].</summary>
internal sealed class PendingSubscribe(List<MqttTopicFilter> filters)
{
    internal IReadOnlyList<MqttTopicFilter> Filters { get; } = [.. filters];

    internal List<MqttSubscribeReasonCode> InOrderOfRequest(List<MqttSubscribeReasonCode> codes)
    {
        int[] answered = [.. Enumerable.Range(0, Filters.Count).OrderByDescending(i => Filters[i].QualityOfServiceLevel)];
        var ordered = new MqttSubscribeReasonCode[codes.Count];
        for (int i = 0; i < codes.Count; i++)
        {
            ordered[answered[i]] = codes[i];
        }

        return [.. ordered];
    }
}

/// <summary>QoS 1 messages that a client has not acknowledged. AWS repeats them, perhaps under a new packet id, and does not set DUP.</summary>
internal sealed class UnackedMessages(TimeProvider time, TimeSpan repeatAfter)
{
    private readonly Dictionary<ushort, Entry> _entries = [];
    private ushort _nextId = ushort.MaxValue; // downwards, since MQTTnet counts upwards

    private sealed class Entry(MqttPublishPacket packet, long now)
    {
        internal MqttPublishPacket Packet { get; } = packet;

        internal long FirstSent { get; } = now;

        internal long LastSent { get; set; } = now;
    }

    internal void Add(MqttPublishPacket packet)
    {
        if (packet.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            return;
        }

        lock (_entries)
        {
            _entries[packet.PacketIdentifier] = new Entry(packet, time.GetTimestamp());
        }
    }

    /// <summary>Takes a PUBACK's packet id and returns the one that MQTTnet knows the message by.</summary>
    internal ushort Acknowledge(ushort packetId)
    {
        lock (_entries)
        {
            if (_entries.Remove(packetId, out Entry? entry))
            {
                return entry.Packet.PacketIdentifier;
            }

            // A late PUBACK of the first copy, while a repeat is on its way.
            foreach ((ushort id, Entry other) in _entries)
            {
                if (other.Packet.PacketIdentifier == packetId)
                {
                    _entries.Remove(id);
                    break;
                }
            }

            return packetId;
        }
    }

    /// <summary>Copies, under new packet ids, of the messages whose PUBACK is overdue.</summary>
    internal List<MqttPublishPacket> DueAgain()
    {
        var due = new List<MqttPublishPacket>();
        lock (_entries)
        {
            foreach ((ushort id, Entry entry) in _entries.ToArray())
            {
                if (time.GetElapsedTime(entry.FirstSent) >= TimeSpan.FromSeconds(AwsLimits.RepeatForSeconds))
                {
                    _entries.Remove(id);
                }
                else if (time.GetElapsedTime(entry.LastSent) >= repeatAfter)
                {
                    ushort newId = _nextId--;
                    _nextId = _nextId < 0x8000 ? ushort.MaxValue : _nextId;
                    entry.LastSent = time.GetTimestamp();
                    _entries.Remove(id);
                    _entries[newId] = entry;
                    due.Add(new MqttPublishPacket
                    {
                        Topic = entry.Packet.Topic,
                        Payload = entry.Packet.Payload,
                        QualityOfServiceLevel = entry.Packet.QualityOfServiceLevel,
                        Retain = entry.Packet.Retain,
                        PacketIdentifier = newId,
                    });
                }
            }
        }

        return due;
    }
}

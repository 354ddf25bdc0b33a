// What the client sends, packet by packet, against the rules of MQTT 3.1.1. A broken rule ends the world with its name.

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class ModelBroker
{
    private const int NoLength = -1;

    internal void Receive(SimulatedLink link)
    {
        BrokerConnection connection = link.Peer;
        while (connection.State != BrokerConnectionState.Closed && link.Up.Arrived > 0)
        {
            connection.InCount += link.Up.Read(connection.In, connection.InCount, connection.In.Length - connection.InCount);
            TakePackets(connection);
        }

        if (connection.State == BrokerConnectionState.Closed)
        {
            // what still arrives belongs to nobody
            link.Up.LoseWhatTravels(0);
            link.Up.Read(connection.In, 0, connection.In.Length);
        }

        if (!link.Up.IsDead && _world.NowMs >= link.Up.EndAtMs && connection.State != BrokerConnectionState.Closed)
        {
            _world.Log.Note(_world.NowMs, "broker: connection {0} was closed by the device", link.Number);
            Drop(connection);
        }
    }

    private void TakePackets(BrokerConnection connection)
    {
        int at = 0;
        while (connection.State != BrokerConnectionState.Closed)
        {
            int size = SizeOfPacket(connection.In.AsSpan(at, connection.InCount - at), out int header);
            if (size == NoLength || size > connection.InCount - at)
            {
                break;
            }

            connection.LastPacketMs = _world.NowMs;
            Take(connection, connection.In[at], connection.In.AsSpan(at + header, size - header));
            at += size;
            Rule(connection.In[at - size] >> 4 != Wire.Disconnect || (at == connection.InCount && connection.Link.Up.IsEmpty), "MQTT-3.14.4-2", "bytes behind DISCONNECT");
        }

        Buffer.BlockCopy(connection.In, at, connection.In, 0, connection.InCount - at);
        connection.InCount -= at;
    }

    // 2.2.3
    private static int SizeOfPacket(ReadOnlySpan<byte> bytes, out int header)
    {
        header = 1;
        int length = 0;
        for (int i = 1; i < bytes.Length; i++)
        {
            length |= (bytes[i] & 127) << (7 * (i - 1));
            if ((bytes[i] & 128) == 0)
            {
                header = i + 1;
                Rule(header + length <= 4096, "packets are smaller than the arena", $"remaining length {length}");
                Rule(i == 1 || bytes[i] != 0, "a remaining length has no leading zeros", $"{length} in {i} bytes");
                return header + length;
            }

            Rule(i < 4, "2.2.3", "the remaining length has more than four bytes");
        }

        return NoLength;
    }

    private void Take(BrokerConnection connection, byte first, Span<byte> body)
    {
        int type = first >> 4;
        int flags = first & 15;
        Rule(type == Wire.Publish || flags == (type is Wire.Pubrel or Wire.Subscribe or Wire.Unsubscribe ? 2 : 0), "MQTT-2.2.2-1", $"flags {flags} of packet type {type}");
        switch (connection.State)
        {
            case BrokerConnectionState.AwaitsConnect:
                Rule(type == Wire.Connect, "MQTT-3.1.0-1", $"packet type {type} comes before CONNECT");
                TakeConnect(connection, body);
                return;
            case BrokerConnectionState.Connecting:
                Rule(false, "nothing before CONNACK (the client's own promise)", $"packet type {type}");
                return;
            case BrokerConnectionState.Refused:
                Rule(false, "MQTT-3.1.4-5", $"packet type {type} after a refusal");
                return;
        }

        _session!.IsConfirmed = true;
        switch (type)
        {
            case Wire.Publish:
                TakePublish(connection, flags, body);
                break;
            case Wire.Puback or Wire.Pubrec or Wire.Pubrel or Wire.Pubcomp:
                Rule(body.Length == 2, "3.4 to 3.7", $"packet type {type} with {body.Length} bytes");
                TakeAcknowledgement(connection, type, BinaryPrimitives.ReadUInt16BigEndian(body));
                break;
            case Wire.Subscribe or Wire.Unsubscribe:
                TakeRequest(connection, type, body);
                break;
            case Wire.Pingreq:
                Rule(body.Length == 0, "3.12", "PINGREQ with a body");
                Answer(connection, Wire.Pingresp, 0);
                break;
            case Wire.Disconnect:
                Rule(body.Length == 0, "3.14", "DISCONNECT with a body");
                _world.Log.Note(_world.NowMs, "broker: DISCONNECT on connection {0}", connection.Link.Number);
                Drop(connection);
                _world.CloseByBroker(connection.Link);
                break;
            default:
                Rule(false, type == Wire.Connect ? "MQTT-3.1.0-2" : "2.2.1", $"packet type {type} from a client");
                break;
        }
    }

    // 3.1
    private void TakeConnect(BrokerConnection connection, Span<byte> body)
    {
        ReadOnlySpan<byte> start = [0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4];
        Rule(body.Length > 12 && body.StartsWith(start), "MQTT-3.1.2-1", "protocol name or level");
        bool clean = body[7] == 2;
        Rule(body[7] is 0 or 2, "MQTT-3.1.2-3", $"CONNECT flags {body[7]}");
        Rule(clean == _world.Conditions.CleanSession, "3.1.2.4", "CleanSession is not what was asked for");
        connection.KeepAliveMs = BinaryPrimitives.ReadUInt16BigEndian(body[8..]) * 1000;
        Rule(connection.KeepAliveMs == _world.Conditions.KeepAliveSeconds * 1000, "3.1.2.10", $"keepalive {connection.KeepAliveMs} ms");
        ReadOnlySpan<byte> id = SimulatedDevice.ClientId;
        Rule(body[10] == 0 && body[11] == id.Length && body[12..].SequenceEqual(id), "3.1.3", "client identifier or what follows it");
        _world.Log.Note(_world.NowMs, "broker: CONNECT on connection {0}", connection.Link.Number);
        _world.Schedule(_world.NowMs + (connection.KeepAliveMs * 3 / 2), WorldEvent.BrokerWatches, connection.Link);
        if (_current is { } old)
        {
            Close(old.Link, "broker: connection {0} is taken over [MQTT-3.1.4-2]");
        }

        if (!_world.IsCalm && _world.Random.Chance(_world.Conditions.RefuseChance))
        {
            connection.State = BrokerConnectionState.Refused;
            Answer(connection, Wire.Connack, 3);
            return;
        }

        if (clean)
        {
            ForgetSession();
        }

        if (_session is { IsConfirmed: false })
        {
            _session = null;
        }

        connection.SessionPresent = _session is not null;
        _session ??= new BrokerSession();
        Resumed += connection.SessionPresent ? 1 : 0;
        foreach (BrokerSession.Outgoing message in _session.InFlight)
        {
            message.IsDue = true;
        }

        _current = connection;
        connection.State = BrokerConnectionState.Connecting;
        Answer(connection, Wire.Connack, connection.SessionPresent ? 256 : 0);
    }

    // 3.3
    private void TakePublish(BrokerConnection connection, int flags, Span<byte> body)
    {
        int qos = (flags >> 1) & 3;
        bool dup = (flags & 8) != 0;
        Rule(qos != 3, "MQTT-3.3.1-4", "QoS 3");
        Rule(qos > 0 || !dup, "MQTT-3.3.1-2", "DUP with QoS 0");
        Rule((flags & 1) == 0, "3.3.1.3", "RETAIN was not asked for");
        Rule(body.Length >= 2, "3.3", "PUBLISH without topic");
        int topicLength = BinaryPrimitives.ReadUInt16BigEndian(body);
        int head = 2 + topicLength + (qos > 0 ? 2 : 0);
        Rule(head + MessageContent.Shortest <= body.Length, "3.3", "PUBLISH ends too early");
        int topic = MessageContent.IndexOf(MessageContent.Up, body.Slice(2, topicLength));
        Rule(topic >= 0, "3.3.2.1", "a topic that nobody published to");
        Rule(MessageContent.QosOf(topic) == qos, "3.3.1.2", $"topic {topic} with QoS {qos}");
        Span<byte> payload = body[head..];
        if (_world.Sabotage == Sabotage.LinkFlipsBits && _world.Random.Chance(10))
        {
            payload[^1] ^= 16;
        }

        int sequence = BinaryPrimitives.ReadInt32BigEndian(payload[1..]);
        Rule(MessageContent.Matches(payload, 0, topic, sequence), "the payload arrives as it was given", $"topic {topic}, message {sequence}");
        if (qos == 0)
        {
            _world.Oracle.DeliverUp(topic, sequence);
            return;
        }

        if (_world.Sabotage == Sabotage.LinkClearsDup)
        {
            dup = false;
        }

        int packetId = BinaryPrimitives.ReadUInt16BigEndian(body[(head - 2)..]);
        _world.Log.Note(_world.NowMs, dup ? "broker: takes PUBLISH with DUP, id {0}, topic {1}, message {2}" : "broker: takes PUBLISH id {0}, topic {1}, message {2}", packetId, topic, sequence);
        ref SimulatedDevice.Held held = ref _world.Device.Find(packetId);
        Rule(packetId != 0 && held.PacketId == packetId, "MQTT-2.3.1-2", $"PUBLISH with identifier {packetId}, which is 0 or was given back");
        Rule(held.Topic == topic && held.Sequence == sequence, "MQTT-2.3.1-3", $"identifier {packetId} belongs to topic {held.Topic}, message {held.Sequence}, but came with topic {topic}, message {sequence}");
        Rule(dup || !held.WasReceived, "MQTT-3.3.1-1", $"topic {topic}, message {sequence} came again without DUP");
        Rule(!dup || held.Connection != connection.Link.Number, "MQTT-3.3.1-1", $"topic {topic}, message {sequence} has DUP on its first way");
        Rule(held.Order > connection.LastOrder, "MQTT-4.6.0-1", $"topic {topic}, message {sequence} was sent out of order");
        connection.LastOrder = held.Order;
        held.WasReceived = true;
        held.ReceivedMs = _world.NowMs;
        held.ReceivedOn = connection.Link.Number;
        _world.Oracle.ReceiveUp(topic, sequence);
        if (qos == 1)
        {
            if (_world.Sabotage != Sabotage.BrokerLosesAcknowledged || !_world.Random.Chance(10))
            {
                _world.Oracle.DeliverUp(topic, sequence);
            }

            Answer(connection, Wire.Puback, packetId);
            return;
        }

        BrokerSession session = _session!;
        if (session.Incoming.TryAdd(packetId, (topic, sequence)))
        {
            session.Seen[packetId] = true;
            if (!_world.Conditions.DeliverOnRelease)
            {
                _world.Oracle.DeliverUp(topic, sequence);
            }
        }
        else
        {
            Rule(session.Incoming[packetId] == (topic, sequence), "MQTT-2.3.1-3", $"identifier {packetId} was used again before PUBCOMP");
        }

        Answer(connection, Wire.Pubrec, packetId);
    }

    // 3.4 to 3.7
    private void TakeAcknowledgement(BrokerConnection connection, int type, int packetId)
    {
        BrokerSession session = _session!;
        _world.Log.Note(_world.NowMs, "broker: takes acknowledgement of type {0}, id {1}", type, packetId);
        switch (type)
        {
            case Wire.Puback:
                Rule(connection.AwaitedPubacks.TryDequeue(out (int PacketId, int Topic, int Sequence) acknowledged) && acknowledged.PacketId == packetId, "MQTT-4.6.0-2", $"PUBACK {packetId} is not the next one due");
                if (session.Find(packetId) is { Qos: 1 } message && (message.Topic, message.Sequence) == (acknowledged.Topic, acknowledged.Sequence))
                {
                    End(message);
                }

                break;
            case Wire.Pubrec:
                Rule(connection.AwaitedPubrecs.TryDequeue(out int received) && received == packetId, "MQTT-4.6.0-3", $"PUBREC {packetId} is not the next one due");
                session.Find(packetId)!.IsReleased = true;
                SendRelease(connection, packetId);
                if (!_world.IsCalm && _world.Random.Chance(_world.Conditions.DuplicateChance))
                {
                    SendRelease(connection, packetId);
                }

                break;
            case Wire.Pubcomp:
                Rule(connection.AwaitedPubcomps.TryDequeue(out int completed) && completed == packetId, "3.7", $"PUBCOMP {packetId} is not the next one due");
                if (session.Find(packetId) is { IsReleased: true } released)
                {
                    End(released);
                }

                break;
            default:
                // due for a PUBREC of this connection, or sent again for one of an earlier connection [MQTT-4.4.0-1]
                bool isDue = connection.AwaitedPubrels.TryPeek(out int due) && due == packetId;
                Rule(isDue || (connection.SessionPresent && !connection.AwaitedPubrels.Contains(packetId)), "MQTT-4.6.0-4", $"PUBREL {packetId} is not the next one due");
                Rule(session.Seen[packetId], "4.3.3", $"PUBREL {packetId} for a message that never came");
                if (isDue)
                {
                    connection.AwaitedPubrels.Dequeue();
                }

                if (session.Incoming.Remove(packetId, out (int Topic, int Sequence) incoming) && _world.Conditions.DeliverOnRelease)
                {
                    _world.Oracle.DeliverUp(incoming.Topic, incoming.Sequence);
                }

                Answer(connection, Wire.Pubcomp, packetId);
                break;
        }

        void End(BrokerSession.Outgoing message)
        {
            session.InFlight.Remove(message);
            Pump(connection);
        }
    }

    // 3.8, 3.10
    private void TakeRequest(BrokerConnection connection, int type, ReadOnlySpan<byte> body)
    {
        Rule(body.Length > 4, "MQTT-3.8.3-3", "a request without a filter");
        int packetId = BinaryPrimitives.ReadUInt16BigEndian(body);
        Rule(packetId != 0 && _world.Device.Find(packetId).PacketId == 0, "MQTT-2.3.1-2", $"request with identifier {packetId}, which is 0 or in use");
        int filters = 0;
        bool isOurs = false;
        for (int at = 2; at < body.Length; filters++)
        {
            Rule(at + 2 <= body.Length, "3.8.3", "a filter ends too early");
            int length = BinaryPrimitives.ReadUInt16BigEndian(body[at..]);
            int next = at + 2 + length + (type == Wire.Subscribe ? 1 : 0);
            Rule(length > 0 && next <= body.Length, "3.8.3", "a filter ends too early");
            Rule(type != Wire.Subscribe || body[next - 1] == 2, "3.8.3", "QoS is not what was asked for");
            isOurs |= body.Slice(at + 2, length).SequenceEqual(SimulatedDevice.Filter);
            at = next;
        }

        _world.Log.Note(_world.NowMs, "broker: takes request of type {0}, id {1}, with {2} filters", type, packetId, filters);
        if (type == Wire.Unsubscribe)
        {
            Answer(connection, Wire.Unsuback, packetId);
            return;
        }

        bool refused = !_world.IsCalm && _world.Random.Chance(_world.Conditions.RefuseFilterChance);
        if (isOurs && !refused)
        {
            _session!.IsSubscribed = true;
        }

        Answer(connection, Wire.Suback, packetId, filters, refused ? (byte)0x80 : (byte)2);
    }

    private static void Rule([DoesNotReturnIf(false)] bool isKept, string rule, string text)
    {
        if (!isKept)
        {
            throw new CampaignViolation($"the client broke a rule of the broker [{rule}]: {text}");
        }
    }

    private static void Rule([DoesNotReturnIf(false)] bool isKept, string rule, [InterpolatedStringHandlerArgument(nameof(isKept))] RuleText text)
    {
        if (!isKept)
        {
            throw new CampaignViolation($"the client broke a rule of the broker [{rule}]: {text.ToText()}");
        }
    }

    // the text is only made if the rule is broken
    [InterpolatedStringHandler]
    private ref struct RuleText
    {
        private readonly StringBuilder? _text;

        public RuleText(int literalLength, int formattedCount, bool isKept, out bool isWanted)
        {
            isWanted = !isKept;
            _text = isWanted ? new StringBuilder(literalLength + (8 * formattedCount)) : null;
        }

        public readonly void AppendLiteral(string value) => _text!.Append(value);

        public readonly void AppendFormatted(int value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");

        public readonly string ToText() => _text!.ToString();
    }
}

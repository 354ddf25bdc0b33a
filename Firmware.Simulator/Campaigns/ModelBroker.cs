// A strict broker for one client, written from MQTT 3.1.1 and independent of the code under test: what it sends and when.
// ModelBroker.Rules.cs judges what the client sends.

namespace Firmware.Simulator.Campaigns;

/// <summary>The model broker: one client identifier, its session, its connections.</summary>
internal sealed partial class ModelBroker
{
    private const int QueueLimit = 40;

    // from the opening of a connection to CONNECT (3.1: "within a reasonable amount of time")
    private const int ConnectLimitMs = 30_000;

    private readonly SimulatedWorld _world;
    private readonly Wire _wire = new();
    private BrokerSession? _session;
    private BrokerConnection? _current;

    internal ModelBroker(SimulatedWorld world) => _world = world;

    // nothing queued or in flight in either direction
    internal bool IsIdle => _session is { IsSubscribed: true } session && session.Queue.Count == 0 && session.InFlight.Count == 0 && session.Incoming.Count == 0;

    internal long Restarts { get; private set; }

    internal long Forgotten { get; private set; }

    internal long Resumed { get; private set; }

    internal void Accept(SimulatedLink link)
    {
        link.Peer.Open(_world.NowMs);
        _world.Schedule(_world.NowMs + ConnectLimitMs, WorldEvent.BrokerWatches, link);
    }

    // what the client was told in the last CONNACK of this connection
    internal static bool ToldSessionPresent(SimulatedLink link) => link.Peer.SessionPresent;

    internal string Describe() => _session is { } s
        ? $"broker: {s.Queue.Count} queued, {s.InFlight.Count} in flight, {s.Incoming.Count} incoming QoS 2, subscribed: {s.IsSubscribed}"
        : "broker: no session";

    // the message that a packet identifier towards the client stands for; 0 if unknown
    internal (int Topic, int Sequence) Lookup(int packetId) => _session?.Find(packetId) is { } message ? (message.Topic, message.Sequence) : (0, 0);

    internal void Restart(bool forget)
    {
        _world.Log.Note(_world.NowMs, forget ? "fault: the broker restarts and has forgotten the session" : "fault: the broker restarts");
        Restarts++;
        if (_current is { } current)
        {
            current.Link.Reset(_world.Random);
            Drop(current);
            if (_world.Device.Link is { } link)
            {
                _world.Device.LinkIsReady(link);
            }
        }

        if (forget)
        {
            ForgetSession();
        }
    }

    internal void Close(SimulatedLink link, string why)
    {
        if (link.Peer.State != BrokerConnectionState.Closed)
        {
            _world.Log.Note(_world.NowMs, why, link.Number);
            Drop(link.Peer);
            _world.CloseByBroker(link);
        }
    }

    // a reset; the broker notices at once, or only when its keepalive limit ends
    internal void LinkIsLost(SimulatedLink link, bool isNoticed)
    {
        Receive(link);
        if (isNoticed)
        {
            Drop(link.Peer);
        }
    }

    internal void WatchKeepAlive(SimulatedLink link)
    {
        BrokerConnection connection = link.Peer;
        if (connection.State is BrokerConnectionState.Closed)
        {
            return;
        }

        // [MQTT-3.1.2-24]: one and a half times the keepalive
        long limit = connection.LastPacketMs + (connection.State == BrokerConnectionState.AwaitsConnect ? ConnectLimitMs : connection.KeepAliveMs * 3 / 2);
        if (_world.NowMs >= limit)
        {
            Close(link, "broker: has not heard of connection {0} for too long and closes it");
            return;
        }

        _world.Schedule(limit, WorldEvent.BrokerWatches, link);
    }

    // other clients publish
    internal void PublishSome()
    {
        if (_session is not { IsSubscribed: true } session)
        {
            return;
        }

        bool isOnline = _current is { State: BrokerConnectionState.Connected };
        SeededRandom random = _world.Random;
        for (int n = random.Between(1, 4); n > 0 && session.Queue.Count < QueueLimit; n--)
        {
            int topic = random.Next(MessageContent.Topics);
            if (MessageContent.QosOf(topic) == 0 && !isOnline)
            {
                // not kept for a client that is away (4.3.1)
                continue;
            }

            int length = random.Chance(_world.Conditions.LargeChance) ? random.Between(_world.Conditions.ReceiveBuffer, _world.Conditions.ReceiveBuffer * 4) : random.Between(MessageContent.Shortest, 60);
            Enqueue(session, topic, _world.Oracle.SendDown(topic), length);
        }

        if (_current is { State: BrokerConnectionState.Connected } connection)
        {
            if (random.Chance(_world.Conditions.RepeatChance))
            {
                RepeatOne(connection, session);
            }

            Pump(connection);
        }
    }

    internal void SendDueAnswers(SimulatedLink link)
    {
        BrokerConnection connection = link.Peer;
        while (connection.State != BrokerConnectionState.Closed && connection.Answers.TryPeek(out BrokerConnection.Answer answer) && answer.AtMs <= _world.NowMs)
        {
            connection.Answers.Dequeue();
            Send(connection, answer);
        }
    }

    private void Enqueue(BrokerSession session, int topic, int sequence, int length)
    {
        BrokerSession.Outgoing message = new() { Topic = topic, Sequence = sequence, Length = length };
        session.Queue.AddLast(message);
        if (_world.Sabotage == Sabotage.BrokerDeliversTwice && message.Qos == 2 && _world.Random.Chance(20))
        {
            session.Queue.AddLast(new BrokerSession.Outgoing { Topic = topic, Sequence = sequence, Length = length });
        }
        else if (_world.Sabotage == Sabotage.BrokerReorders && message.Qos > 0 && _world.Random.Chance(20))
        {
            session.Queue.AddBefore(session.Queue.Last!, new BrokerSession.Outgoing { Topic = topic, Sequence = _world.Oracle.SendDown(topic), Length = length });
        }
    }

    // sends what is due: on a resumed session first what was in flight, in order [MQTT-4.4.0-1], then from the queue as far as the window allows
    private void Pump(BrokerConnection connection)
    {
        BrokerSession session = _session!;
        foreach (BrokerSession.Outgoing message in session.InFlight)
        {
            if (message.IsDue && !SendMessage(connection, message, message.WasSent))
            {
                return;
            }
        }

        while (session.Queue.First is { } first && session.InFlight.Count < _world.Conditions.InFlightLimit)
        {
            BrokerSession.Outgoing message = first.Value;
            if (message.Qos > 0)
            {
                message.PacketId = NewPacketId(session);
            }

            if (!SendMessage(connection, message, false))
            {
                return;
            }

            session.Queue.RemoveFirst();
            if (message.Qos > 0)
            {
                session.InFlight.Add(message);
            }
        }
    }

    private bool SendMessage(BrokerConnection connection, BrokerSession.Outgoing message, bool dup)
    {
        if (message.IsReleased)
        {
            SendRelease(connection, message.PacketId);
            message.IsDue = false;
            return true;
        }

        // room for acknowledgements is kept: they are small and bounded
        if (message.Length + 1024 > connection.Link.Down.Free)
        {
            return false;
        }

        _wire.Message(message.Qos, dup, MessageContent.Down[message.Topic], message.PacketId, message.Topic, message.Sequence, message.Length);
        Put(connection);
        _world.Log.Note(_world.NowMs, dup ? "broker: PUBLISH again, id {0}, topic {1}, message {2}" : "broker: PUBLISH id {0}, topic {1}, message {2}", message.PacketId, message.Topic, message.Sequence);
        message.IsDue = false;
        message.WasSent = true;
        if (message.Qos == 1)
        {
            connection.AwaitedPubacks.Enqueue((message.PacketId, message.Topic, message.Sequence));
        }
        else if (message.Qos == 2)
        {
            connection.AwaitedPubrecs.Enqueue(message.PacketId);
        }

        return true;
    }

    private void SendRelease(BrokerConnection connection, int packetId)
    {
        _wire.Short(Wire.Pubrel, packetId);
        Put(connection);
        connection.AwaitedPubcomps.Enqueue(packetId);
        _world.Log.Note(_world.NowMs, "broker: PUBREL {0}", packetId);
    }

    // AWS repeats QoS 1 messages without a new connection, and without DUP
    private void RepeatOne(BrokerConnection connection, BrokerSession session)
    {
        foreach (BrokerSession.Outgoing message in session.InFlight)
        {
            if (message.Qos == 1 && message.WasSent && !message.IsDue)
            {
                SendMessage(connection, message, _world.Random.Chance(500));
                return;
            }
        }
    }

    private int NewPacketId(BrokerSession session)
    {
        int id = _world.Conditions.PacketIds switch
        {
            Conditions.PacketIdOrder.LowestFree => 1,
            Conditions.PacketIdOrder.Ascending => session.LastPacketId + 1,
            _ => _world.Random.Between(1, 65535),
        };
        while (id > 65535 || session.IsInUse(id))
        {
            id = id >= 65535 ? 1 : id + 1;
        }

        session.LastPacketId = id;
        return id;
    }

    // an answer is owed; the broker may take its time, but keeps the order
    private void Answer(BrokerConnection connection, int type, int value, int codes = 0, byte code = 0)
    {
        long at = _world.NowMs;
        if (!_world.IsCalm && _world.Random.Chance(_world.Conditions.SlowChance))
        {
            at += _world.Random.Next(_world.Conditions.SlowestMs);
        }

        foreach (BrokerConnection.Answer last in connection.Answers)
        {
            at = Math.Max(at, last.AtMs);
        }

        bool twice = !_world.IsCalm && type is Wire.Puback or Wire.Pubrec or Wire.Pubcomp && _world.Random.Chance(_world.Conditions.DuplicateChance);
        connection.Answers.Enqueue(new BrokerConnection.Answer(at, type, value, codes, code));
        if (twice)
        {
            connection.Answers.Enqueue(new BrokerConnection.Answer(at, type, value, codes, code));
        }

        if (at > _world.NowMs)
        {
            _world.Schedule(at, WorldEvent.BrokerAnswers, connection.Link);
        }
        else
        {
            SendDueAnswers(connection.Link);
        }
    }

    private void Send(BrokerConnection connection, BrokerConnection.Answer answer)
    {
        switch (answer.Type)
        {
            case Wire.Pingresp:
                _wire.PingAnswer();
                break;
            case Wire.Suback:
                Span<byte> codes = stackalloc byte[answer.Codes];
                codes.Fill(answer.Code);
                _wire.SubscribeAnswer(answer.Value, codes);
                break;
            default:
                _wire.Short(answer.Type, answer.Value);
                break;
        }

        Put(connection);
        _world.Log.Note(_world.NowMs, "broker: answer of type {0}, value {1}", answer.Type, answer.Value);
        if (answer.Type == Wire.Pubrec)
        {
            connection.AwaitedPubrels.Enqueue(answer.Value);
        }
        else if (answer.Type == Wire.Connack && connection.State == BrokerConnectionState.Refused)
        {
            Close(connection.Link, "broker: closes connection {0}, which it refused");
        }
        else if (answer.Type == Wire.Connack)
        {
            connection.State = BrokerConnectionState.Connected;
            Pump(connection);
        }
    }

    private void Put(BrokerConnection connection)
    {
        SimulatedLink link = connection.Link;
        if (link.IsReset || link.Down.IsDead || link.DeviceClosed)
        {
            // sent into the void
            return;
        }

        if (link.Down.Write(_wire.Bytes, 0, _wire.Length) != _wire.Length)
        {
            throw new InvalidOperationException("the model's pipe is too small");
        }

        _world.DispatchDown(link);
    }

    private void Drop(BrokerConnection connection)
    {
        connection.State = BrokerConnectionState.Closed;
        connection.Link.CloseByBroker();
        if (_current == connection)
        {
            _current = null;

            // messages that wait only for a connection: QoS 0 is not kept
            for (LinkedListNode<BrokerSession.Outgoing>? node = _session?.Queue.First; node is not null;)
            {
                LinkedListNode<BrokerSession.Outgoing>? next = node.Next;
                if (node.Value.Qos == 0)
                {
                    node.List!.Remove(node);
                }

                node = next;
            }
        }
    }

    private void ForgetSession()
    {
        if (_session is null)
        {
            return;
        }

        Span<int> oldest = stackalloc int[MessageContent.Topics];
        _world.Device.OldestUnacknowledged(oldest);
        _world.Oracle.Forget(oldest);
        _session = null;
        Forgotten++;
    }
}

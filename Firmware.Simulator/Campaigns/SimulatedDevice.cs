// The device of a simulated world: owns an MqttClient with fixed buffers, reconnects with backoff, publishes, subscribes, and checks what it gets.
// It calls Poll only when NextDeadlineMs says so, when bytes have arrived, or when a link that took nothing takes bytes again.
// What is published goes through Offer alone: an offline queue (Firmware.Protocols/Outbox) has its place there.
// SimulatedDevice.Events.cs has what follows from the client's events.

using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Mqtt;

namespace Firmware.Simulator.Campaigns;

/// <summary>The driver of the client under test.</summary>
internal sealed partial class SimulatedDevice
{
    internal static readonly byte[] ClientId = Encoding.ASCII.GetBytes("device");
    internal static readonly byte[] Filter = Encoding.ASCII.GetBytes("down/#");

    private static readonly byte[][] Filters = [Filter, Encoding.ASCII.GetBytes("else/+/x")];
    private static readonly byte[][] OtherFilters = [Encoding.ASCII.GetBytes("other/#")];
    private static readonly byte[] Qos = [2, 2];

    private readonly SimulatedWorld _world;
    private readonly MqttClient _client;
    private readonly MqttConnectOptions _options = new();
    private readonly Backoff _backoff;
    private readonly Held[] _held;
    private readonly byte[] _payload = new byte[1024];
    private Held _none;
    private Phase _phase = Phase.Waiting;
    private long _nextAttemptMs;
    private long _readyAtMs = long.MaxValue;
    private long _publishAtMs;
    private long _openedMs;
    private long _orders;
    private bool _isSubscribed;
    private int _requestId;
    private bool _isOurRequest;
    private string? _complaint;

    internal SimulatedDevice(SimulatedWorld world)
    {
        _world = world;
        Conditions conditions = world.Conditions;
        if (world.Sabotage == Sabotage.LateLoop)
        {
            conditions.LoopLatencyMs = 70_000;
        }

        _held = new Held[conditions.MaxPublishes];
        _client = new MqttClient(new byte[conditions.ReceiveBuffer], new byte[conditions.ControlBuffer], new byte[conditions.Arena], conditions.MaxPublishes, conditions.MaxOpen, conditions.Timeouts);
        _options.ClientId = ClientId;
        _options.CleanSession = conditions.CleanSession;
        _options.KeepAliveSeconds = conditions.KeepAliveSeconds;
        _backoff = new Backoff(world.Random, 500, conditions.BackoffCapMs, 100);
    }

    private enum Phase : byte
    {
        // for the next attempt
        Waiting,
        Dialling,
        Online,
    }

    internal SimulatedLink? Link { get; private set; }

    // nothing held, nothing owed, connected and subscribed
    internal bool IsIdle => _phase == Phase.Online && _client.State == MqttState.Connected && _isSubscribed && _requestId == 0 && _client.Held == 0;

    internal long NextWakeMs
    {
        get
        {
            if (_phase != Phase.Online)
            {
                return _nextAttemptMs;
            }

            long deadline = _client.NextDeadlineMs;
            long at = deadline > long.MaxValue - 100_000_000 ? deadline : deadline + _world.Conditions.LoopLatencyMs;
            at = Math.Min(Math.Min(at, _readyAtMs), LimitMs() + 1);
            return _client.State == MqttState.Connected ? Math.Min(at, _publishAtMs) : at;
        }
    }

    internal long Polls { get; private set; }

    internal SortedDictionary<MqttError, long> Endings { get; } = [];

    internal long FullAnswers { get; private set; }

    // set after a first world has been run: from then on the engine may not allocate
    internal static bool IsWarm { get; set; }

    internal string Describe() => $"device: {_phase}, {_client.State}, {_client.Held} held, subscribed: {_isSubscribed}, request: {_requestId}, next deadline: {_client.NextDeadlineMs} ms";

    // what the transport noticed inside a call of the engine: told when the call has returned
    internal void Complain(string text) => _complaint ??= text;

    // [MQTT-3.1.2-23]; a link that takes nothing excuses
    internal void CheckKeepAlive(long lastWriteMs)
    {
        if (_world.NowMs - lastWriteMs > _options.KeepAliveSeconds * 1000L)
        {
            Complain($"[MQTT-3.1.2-23] nothing was sent for {_world.NowMs - lastWriteMs} ms with a keepalive of {_options.KeepAliveSeconds} s");
        }
    }

    internal ref Held Find(int packetId)
    {
        for (int i = 0; i < _held.Length; i++)
        {
            if (_held[i].PacketId == packetId)
            {
                return ref _held[i];
            }
        }

        _none = default;
        return ref _none;
    }

    internal void OldestUnacknowledged(Span<int> perTopic)
    {
        perTopic.Fill(int.MaxValue);
        foreach (ref readonly Held held in _held.AsSpan())
        {
            if (held.PacketId != 0)
            {
                perTopic[held.Topic] = Math.Min(perTopic[held.Topic], held.Sequence);
            }
        }
    }

    internal void LinkIsReady(SimulatedLink link)
    {
        if (link == Link && _readyAtMs == long.MaxValue)
        {
            _readyAtMs = _world.NowMs + _world.Conditions.LoopLatencyMs;
        }
    }

    internal void Wake()
    {
        switch (_phase)
        {
            case Phase.Waiting:
                _phase = Phase.Dialling;
                _nextAttemptMs = _world.NowMs + _world.Random.Between(1, 2 * (_world.Conditions.LatencyMs + 1));
                break;
            case Phase.Dialling:
                Dial();
                break;
            default:
                CheckLimits();
                if (_client.State == MqttState.Connected && _world.NowMs >= _publishAtMs)
                {
                    Work();
                }

                if (_world.NowMs >= _readyAtMs || _world.NowMs >= _client.NextDeadlineMs + _world.Conditions.LoopLatencyMs)
                {
                    _readyAtMs = long.MaxValue;
                    PollOn();
                }

                break;
        }
    }

    private void Dial()
    {
        if (_world.NowMs < _world.AwayUntilMs || (!_world.IsCalm && _world.Random.Chance(100)))
        {
            WaitForNextAttempt("device: no connection to be had, waits {0} ms");
            return;
        }

        Link = _world.OpenLink();
        _openedMs = _world.NowMs;
        _phase = Phase.Online;
        _readyAtMs = long.MaxValue;
        _requestId = 0;
        _pieceTopic = NoPiece;
        long before = GC.GetAllocatedBytesForCurrentThread();
        MqttError error = _client.Connect(Link, _options, _world.NowMs);
        CheckAllocation(before, "Connect");
        Check(error == MqttError.None, "Connect failed", (int)error);
        _world.Log.Note(_world.NowMs, "device: connection {0} is open, {1} messages held", Link.Number, _client.Held);
    }

    private void WaitForNextAttempt(string note)
    {
        int wait = _backoff.NextMs();
        _phase = Phase.Waiting;
        _nextAttemptMs = _world.NowMs + wait;
        _world.Log.Note(_world.NowMs, note, wait);
    }

    // what the application does from time to time
    private void Work()
    {
        SeededRandom random = _world.Random;
        _publishAtMs = _world.NowMs + random.Wait(_world.Conditions.DevicePublishMs);
        if (!_world.IsCalm && random.Chance(_world.Conditions.DisconnectChance))
        {
            _world.Log.Note(_world.NowMs, "device: Disconnect");
            _client.Disconnect();
            return;
        }

        if (!_isSubscribed && _requestId == 0)
        {
            Subscribe();
        }

        for (int n = _world.IsCalm ? 0 : random.Between(1, 5); n > 0; n--)
        {
            Offer(random.Next(MessageContent.Topics));
        }
    }

    // the one way into the engine; a message that is refused keeps its number and is offered again later
    private void Offer(int topic)
    {
        SeededRandom random = _world.Random;
        int sequence = _world.Oracle.NextUp(topic);
        int length = random.Chance(30) ? random.Between(60, 600) : random.Between(MessageContent.Shortest, 60);
        MessageContent.Fill(_payload.AsSpan(3, length), topic, sequence);
        long before = GC.GetAllocatedBytesForCurrentThread();
        MqttError error = _client.Publish(MessageContent.Up[topic], _payload, 3, length, MessageContent.QosOf(topic), false);
        CheckAllocation(before, "Publish");
        _payload.AsSpan(3, length).Clear();
        if (error != MqttError.None)
        {
            Check(error is MqttError.Full or MqttError.TooLarge, "Publish was refused", (int)error);
            FullAnswers += error == MqttError.Full ? 1 : 0;
            return;
        }

        _world.Oracle.AcceptUp(topic);
        int id = _client.PacketId;
        _world.Log.Note(_world.NowMs, "device: publishes topic {0}, message {1}, id {2}", topic, sequence, id);
        if (MessageContent.QosOf(topic) == 0)
        {
            Check(id == 0, "QoS 0 has an identifier", id);
            return;
        }

        Check(id is > 0 and < 65536 && id != _requestId && Find(id).PacketId == 0, "a packet identifier is used twice", id);
        ref Held free = ref Find(0);
        free = new Held { PacketId = id, Topic = topic, Sequence = sequence, Order = ++_orders, Connection = Link!.Number };
    }

    private void Subscribe()
    {
        // both at once if the control buffer can hold them
        int count = _world.Conditions.ControlBuffer >= 48 ? _world.Random.Between(1, 2) : 1;
        Request(_client.Subscribe(Filters, Qos, count), true);
    }

    private void Request(MqttError error, bool isOurs)
    {
        if (error != MqttError.None)
        {
            Check(error == MqttError.Full || (error == MqttError.RequestPending && _requestId != 0), "a request was refused", (int)error);
            return;
        }

        _requestId = _client.PacketId;
        _isOurRequest = isOurs;
        Check(Find(_requestId).PacketId == 0, "a packet identifier is used twice", _requestId);
        _world.Log.Note(_world.NowMs, "device: sends request {0}", _requestId);
    }

    private void PollOn()
    {
        SimulatedLink link = Link!;
        for (int calls = 0; ; calls++)
        {
            long moved = link.BytesMoved;
            long before = GC.GetAllocatedBytesForCurrentThread();
            MqttEvent what = _client.Poll(_world.NowMs);
            CheckAllocation(before, "Poll");
            Polls++;
            if (_complaint is { } complaint)
            {
                throw new CampaignViolation(complaint);
            }

            _world.DispatchUp(link);
            if (what == MqttEvent.Closed)
            {
                Ended(link);
                return;
            }

            bool isDueAgain = _client.NextDeadlineMs <= _world.NowMs;
            Check(isDueAgain || what == MqttEvent.None, "an event was told without asking for the next call", (int)what);
            if (what != MqttEvent.None)
            {
                Handle(what);
            }
            else if (isDueAgain)
            {
                Check(link.BytesMoved > moved, "liveness: a deadline has passed without progress and without Closed", _client.NextDeadlineMs);
            }
            else
            {
                Check(!link.IsReadable || link.IsWriteBlocked || _client.State == MqttState.Disconnecting, "liveness: bytes have arrived, but the client neither takes them nor asks to be called", link.Down.Arrived);
                return;
            }

            Check(calls < 100_000, "liveness: Poll wants to be called for ever", calls);
        }
    }

    // the latest time at which the client must have given up, whatever it says itself
    private long LimitMs()
    {
        SimulatedLink link = Link!;
        Conditions c = _world.Conditions;
        long latency = _world.Sabotage == Sabotage.LateLoop ? 0 : 2L * c.LoopLatencyMs;
        int patience = _world.Sabotage == Sabotage.EndlessPatience ? 30_000 : 0;
        long limit = link.IsWriteBlocked ? link.BlockedSinceMs + (patience > 0 ? patience : c.Timeouts.WriteMs) : long.MaxValue - 1_000_000_000;
        if (_client.State == MqttState.Connecting)
        {
            limit = Math.Min(limit, _openedMs + (patience > 0 ? patience : c.Timeouts.ConnackMs));
        }
        else if (_client.State == MqttState.Connected && !link.IsReadable)
        {
            // the latest ping and the wait for its answer
            limit = Math.Min(limit, Math.Max(link.LastReadMs, _openedMs) + (c.KeepAliveSeconds * 1000L) + (patience > 0 ? patience : c.Timeouts.PingrespMs));
        }

        return limit + latency;
    }

    private void CheckLimits()
    {
        long limit = LimitMs();
        Check(_world.NowMs <= limit, _client.NextDeadlineMs <= limit ? "liveness: a limit has passed without Closed; limit" : "liveness: a limit has passed and the client did not ask to be called; limit", limit);
        foreach (ref readonly Held held in _held.AsSpan())
        {
            if (held.PacketId != 0 && held.ReceivedOn == Link!.Number && _client.State == MqttState.Connected)
            {
                // PUBLISH and PUBREL each have their limit; a message waits for those before it
                long until = held.ReceivedMs + (3L * _world.Conditions.Timeouts.AcknowledgementMs) + _world.Conditions.LoopLatencyMs;
                Check(_world.NowMs <= until, "liveness: a message stayed unacknowledged beyond the limit; id", held.PacketId);
            }
        }
    }

    private static void CheckAllocation(long before, string call)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated != 0 && IsWarm)
        {
            throw new AllocationViolation($"memory: {call} allocated {allocated} bytes");
        }
    }

    private static void Check(bool holds, string text, long number)
    {
        if (!holds)
        {
            throw new CampaignViolation($"{text}: {number}");
        }
    }

    /// <summary>A message with QoS 1 or 2 that the client has accepted and not yet reported as done.</summary>
    internal struct Held
    {
        internal int PacketId;
        internal int Topic;
        internal int Sequence;
        internal int Connection;
        internal long Order;
        internal bool WasReceived;
        internal long ReceivedMs;
        internal int ReceivedOn;
    }
}

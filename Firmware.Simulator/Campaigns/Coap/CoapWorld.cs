// The discrete-event simulation of a CoAP server, its clients and the datagrams between, in virtual time. Single-threaded; everything follows
// from the seed. The server is the code under test; CoapModelClient is an independent implementation of the other side.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

/// <summary>One seed's world.</summary>
internal sealed partial class CoapWorld
{
    // addresses that a forger uses, behind those of the clients
    internal const int ForgedPeers = 64;

    // at one moment; more means that something runs in circles
    private const int MaxSteps = 100_000;

    private const int DrainMs = 30 * 60 * 1000;
    private const int SettleMs = 150_000;
    private const int SabotageMs = 7000;
    private const int HistoryKept = 64;
    private const int MaxClients = 8;
    private const int Reserved = 32768;
    private const int WatchedTokens = 16384;

    // large, so that each thread has one for all its worlds
    [ThreadStatic]
    private static CoapWatch? _watch;


    private readonly PriorityQueue<Entry, long> _events = new(256);
    private readonly CoapModelClient[] _clients;
    private readonly CoapHostileClient _hostile;
    private readonly CoapPacket _packet = new(64);
    private long _order;
    private int _steps;
    private string? _broken;

    internal CoapWorld(CoapConditions conditions, Sabotage sabotage, TextWriter? trace)
    {
        Conditions = conditions;
        Sabotage = sabotage;
        Random = new SeededRandom(conditions.Seed ^ 0x5DEECE66D);
        Log = new EventLog(trace);
        Oracle = new CoapOracle(this);
        Watch = _watch ??= new CoapWatch(MaxClients + 1 + ForgedPeers, WatchedTokens, 1536);
        Watch.Restart(new CoapConditions(conditions.Seed).Parameters, conditions.MaxMessage, conditions.LoopLatencyMs);
        Obs = new CoapRegister(this, "obs", isObservable: true, isDeletable: false);
        Register = new CoapRegister(this, "register", isObservable: false, isDeletable: false);
        Thing = new CoapRegister(this, "some/thing", isObservable: true, isDeletable: true);
        Large = new CoapLarge(this, "large", isLong: true, isObservable: false);
        ObsLarge = new CoapLarge(this, "obs-large", isLong: false, isObservable: true);
        Counter = new CoapCounter(this);
        Upload = new CoapUpload(this, "upload", takesBlocks: true);
        Assembled = new CoapUpload(this, "assembled", takesBlocks: false);
        Slow = new CoapSlow(this);
        StartServer();
        _clients = new CoapModelClient[conditions.Clients];
        for (int i = 0; i < _clients.Length; i++)
        {
            _clients[i] = new CoapModelClient(this, i);
        }

        _hostile = new CoapHostileClient(this, _clients.Length);
    }

    internal CoapConditions Conditions { get; }

    internal Sabotage Sabotage { get; }

    internal SeededRandom Random { get; }

    internal EventLog Log { get; }

    internal CoapOracle Oracle { get; }

    internal CoapWatch Watch { get; }

    internal CoapRegister Obs { get; }

    internal CoapRegister Register { get; }

    internal CoapRegister Thing { get; }

    internal CoapLarge Large { get; }

    internal CoapLarge ObsLarge { get; }

    internal CoapCounter Counter { get; }

    internal CoapUpload Upload { get; }

    internal CoapUpload Assembled { get; }

    internal CoapSlow Slow { get; }

    internal long NowMs { get; private set; }

    // no more faults: everything must come to its end now
    internal bool IsCalm { get; private set; }

    // clients do nothing more but observe
    internal bool IsQuiet { get; private set; }

    internal void Start()
    {
        Schedule(NowMs + Random.Wait(Conditions.ChangeEveryMs), WorldEvent.ResourceChanges, null);
        if (Conditions.HostileEveryMs > 0)
        {
            Schedule(NowMs + Random.Wait(Conditions.HostileEveryMs), WorldEvent.HostileSends, null);
        }

        if (Sabotage == Sabotage.CoapForgets)
        {
            Schedule(NowMs + SabotageMs, WorldEvent.ServerForgets, null);
        }
    }

    // the storm
    internal void RunUntil(long endMs)
    {
        IsCalm = false;
        IsQuiet = false;
        foreach (CoapModelClient client in _clients)
        {
            client.EndLastRound();
        }

        while (Step(endMs))
        {
        }

        NowMs = endMs;
    }

    // the calm behind it: each client must succeed once with everything, then observers must have the newest state
    internal void Drain()
    {
        IsCalm = true;
        Log.Note(NowMs, "world: no more faults");
        foreach (CoapModelClient client in _clients)
        {
            client.BeginLastRound();
        }

        long limit = NowMs + DrainMs;
        while (!Array.TrueForAll(_clients, client => client.IsDone))
        {
            if (!Step(limit))
            {
                CoapModelClient waiting = Array.Find(_clients, client => !client.IsDone)!;
                throw new CampaignViolation($"liveness: {DrainMs / 60000} fault-free minutes did not suffice: {waiting.Describe()}");
            }
        }

        IsQuiet = true;
        Change(all: true);
        long settled = NowMs + (Conditions.Parameters.NotificationMaxAgeSeconds * 1000L) + SettleMs;
        while (Step(settled))
        {
        }

        NowMs = settled;
        foreach (CoapModelClient client in _clients)
        {
            client.CheckObservations();
        }

        ThrowIfBroken();
        Log.Note(NowMs, "world: settled");
    }

    internal void Fail(string rule) => _broken ??= rule;

    // for a long run: what is settled need not be remembered
    internal void Trim()
    {
        Oracle.Trim();
        Obs.History.Trim(HistoryKept);
        Register.History.Trim(HistoryKept);
        Thing.History.Trim(HistoryKept);
        while (_pool.Count > HistoryKept)
        {
            _pool.Pop();
        }

        while (_pool.Count < HistoryKept)
        {
            _pool.Push(new Datagram());
        }
    }

    // so that a long run needs no more memory later than at its start
    internal void Reserve()
    {
        _events.EnsureCapacity(Reserved);
        Oracle.Reserve(Reserved);
        Obs.History.Reserve(Reserved);
        Register.History.Reserve(Reserved);
        Thing.History.Reserve(Reserved);
        foreach (CoapModelClient client in _clients)
        {
            client.Reserve();
        }
    }

    internal void Count(SortedDictionary<string, long> counts)
    {
        Add("virtual seconds", NowMs / 1000);
        Add("calls of Poll", Polls);
        Add("link: datagrams lost", Lost);
        Add("link: datagrams doubled", Doubled);
        Add("server: datagrams taken", _endpoint.Received);
        Add("server: malformed", _endpoint.Malformed);
        Add("server: copies", _endpoint.Duplicates);
        Add("server: copies answered with the same reply", Watch.ReplayedReplies);
        Add("server: datagrams sent", _endpoint.Sent);
        Add("server: answered 5.03", Watch.Refusals);
        Add("server: Confirmable messages", Watch.Confirmables);
        Add("server: retransmissions", Watch.Retransmissions);
        Add("hostile datagrams", _hostile.Datagrams);
        Add("requests with a number", Oracle.Requests);
        Add("ran exactly once", Oracle.Once);
        Add("seen answered", Oracle.AnsweredOnce);
        Add("given up", Oracle.GivenUp);
        Add("bodies read", Oracle.Bodies);
        Add("bodies stored", Oracle.Uploads);
        Add("registrations of observers", Oracle.Registrations);
        Add("fresh notifications", Oracle.Notifications);
        foreach (CoapModelClient client in _clients)
        {
            Add("operations that succeeded", client.Completed);
        }

        void Add(string name, long n) => counts[name] = counts.GetValueOrDefault(name) + n;
    }

    // a client sends
    internal void SendToServer(int peer, byte[] bytes, int length, bool isMulticast = false) => Travel(peer, bytes, length, isMulticast, toServer: true);

    private void Schedule(long atMs, WorldEvent what, Datagram? datagram) =>
        _events.Enqueue(new Entry(what, datagram), (atMs << 22) | (_order++ & 0x3FFFFF));

    private bool Step(long endMs)
    {
        long serverAt = ServerWakeMs;
        long eventAt = _events.TryPeek(out _, out long key) ? key >> 22 : long.MaxValue;
        CoapModelClient? next = null;
        long clientAt = long.MaxValue;
        foreach (CoapModelClient client in _clients)
        {
            if (client.NextMs < clientAt)
            {
                clientAt = client.NextMs;
                next = client;
            }
        }

        long at = Math.Min(Math.Min(serverAt, eventAt), clientAt);
        if (at > endMs)
        {
            return false;
        }

        _steps = at > NowMs ? 0 : _steps + 1;
        if (_steps > MaxSteps)
        {
            throw new CampaignViolation("liveness: the world runs in circles");
        }

        NowMs = Math.Max(NowMs, at);
        if (eventAt == at)
        {
            Happen(_events.Dequeue());
        }
        else if (clientAt == at)
        {
            next!.Wake();
        }
        else
        {
            PollServer();
        }

        ThrowIfBroken();
        return true;
    }

    private void ThrowIfBroken()
    {
        // what a server forgets shows on the wire, too: here the resources are to notice
        if ((_broken ?? (Sabotage == Sabotage.CoapForgets ? null : Watch.Broken)) is { } rule)
        {
            throw new CampaignViolation(rule);
        }
    }

    private void Happen(Entry entry)
    {
        Datagram? datagram = entry.Datagram;
        switch (entry.What)
        {
            case WorldEvent.ArriveAtServer:
                if (_inbox.Count < InboxSize)
                {
                    _inbox.Enqueue(datagram!);
                    WakeServer();
                }
                else
                {
                    Lost++;
                    _pool.Push(datagram!);
                }

                break;
            case WorldEvent.ArriveAtClient:
                _packet.Parse(datagram!.Bytes, datagram.Length);
                _clients[datagram.Peer].Receive(_packet);
                _pool.Push(datagram);
                break;
            case WorldEvent.ResourceChanges:
                if (!IsQuiet)
                {
                    Change(all: false);
                }

                Schedule(NowMs + Random.Wait(Conditions.ChangeEveryMs), WorldEvent.ResourceChanges, null);
                break;
            case WorldEvent.HostileSends:
                if (!IsCalm)
                {
                    _hostile.Send();
                }

                Schedule(NowMs + Random.Wait(Conditions.HostileEveryMs), WorldEvent.HostileSends, null);
                break;
            default:
                Log.Note(NowMs, "sabotage: the server forgets its tables");
                _endpoint.Close();
                _endpoint.Forget();
                _endpoint.Open(_socket, NowMs);
                Schedule(NowMs + SabotageMs, WorldEvent.ServerForgets, null);
                break;
        }
    }

    private void Change(bool all)
    {
        int which = Random.Next(3);
        if (all || which == 0)
        {
            Obs.Set(Obs.History.Last + 1);
            Log.Note(NowMs, "resource: obs is {0}", Obs.History.Last);
        }

        if (all || which == 1)
        {
            ObsLarge.Next();
            Log.Note(NowMs, "resource: obs-large is {0}", ObsLarge.Number);
        }

        // at the end large is left alone, so that its readers come to an end
        if (which == 2 && !IsCalm)
        {
            Large.Next();
            Log.Note(NowMs, "resource: large is {0}", Large.Number);
        }
    }

    private enum WorldEvent : byte
    {
        ArriveAtServer,
        ArriveAtClient,
        ResourceChanges,
        HostileSends,
        ServerForgets,
    }

    private readonly record struct Entry(WorldEvent What, Datagram? Datagram);

    /// <summary>A datagram under way.</summary>
    private sealed class Datagram
    {
        internal byte[] Bytes { get; } = new byte[2048];

        internal int Length { get; set; }

        internal int Peer { get; set; }

        internal bool IsMulticast { get; set; }
    }
}

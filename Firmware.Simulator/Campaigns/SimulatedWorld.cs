// The discrete-event simulation: one device, one broker, one link at a time (and the remains of earlier ones), in virtual time.
// Single-threaded; everything follows from the seed.

namespace Firmware.Simulator.Campaigns;

/// <summary>What the queue of a world holds.</summary>
internal enum WorldEvent : byte
{
    ArriveAtBroker,
    ArriveAtDevice,
    LinkTakesAgain,
    BrokerPublishes,
    BrokerAnswers,
    BrokerWatches,
    Fault,
}

/// <summary>One seed's world.</summary>
internal sealed class SimulatedWorld
{
    // at one moment; more means that something runs in circles
    private const int MaxSteps = 200_000;

    private const int DrainMs = 30 * 60 * 1000;

    private readonly PriorityQueue<Entry, long> _events = new(1024);
    private readonly List<SimulatedLink> _links = [];
    private long _order;
    private int _steps;

    internal SimulatedWorld(Conditions conditions, Sabotage sabotage, TextWriter? trace)
    {
        Conditions = conditions;
        Sabotage = sabotage;
        Random = new SeededRandom(conditions.Seed ^ 0x5DEECE66D);
        Log = new EventLog(trace);
        if (sabotage == Sabotage.EndlessPatience)
        {
            const int Hour = 3_600_000;
            conditions.Timeouts.AcknowledgementMs = Hour;
            conditions.Timeouts.ConnackMs = Hour;
            conditions.Timeouts.PacketMs = Hour;
            conditions.Timeouts.PingrespMs = Hour;
            conditions.Timeouts.WriteMs = Hour;
        }

        Broker = new ModelBroker(this);
        Device = new SimulatedDevice(this);
    }

    internal Conditions Conditions { get; }

    internal Sabotage Sabotage { get; }

    internal SeededRandom Random { get; }

    internal EventLog Log { get; }

    internal DeliveryOracle Oracle { get; } = new();

    internal ModelBroker Broker { get; }

    internal SimulatedDevice Device { get; }

    internal long NowMs { get; private set; }

    // no more faults: everything must come to its end now
    internal bool IsCalm { get; private set; }

    // no connection can be made before: Wi-Fi or the broker is away
    internal long AwayUntilMs { get; set; }

    internal long Faults { get; private set; }

    internal int Connections { get; private set; }

    // so that a long run needs no new ones
    internal void ReserveLinks(int count)
    {
        while (_links.Count < count)
        {
            _links.Add(new SimulatedLink(this));
        }
    }

    internal void Start()
    {
        Schedule(NowMs, WorldEvent.BrokerPublishes, null);
        Schedule(NowMs + Random.Wait(Conditions.FaultEveryMs), WorldEvent.Fault, null);
    }

    // the storm
    internal void RunUntil(long endMs)
    {
        IsCalm = false;
        while (Step(endMs))
        {
        }

        NowMs = endMs;
    }

    // the calm behind it: ends when nothing is on its way any more
    internal void Drain()
    {
        IsCalm = true;
        long limit = NowMs + DrainMs;
        Log.Note(NowMs, "world: no more faults");
        while (!(Device.IsIdle && Broker.IsIdle))
        {
            if (!Step(limit))
            {
                throw new CampaignViolation($"liveness: {DrainMs / 60000} fault-free minutes did not suffice: {Device.Describe()}; {Broker.Describe()}");
            }
        }

        Log.Note(NowMs, "world: drained");
        Oracle.CheckEnd();
    }

    internal void Schedule(long atMs, WorldEvent what, SimulatedLink? link)
    {
        // equal times in the order of their making
        _events.Enqueue(new Entry(what, link, link?.Generation ?? 0), (atMs << 22) | (_order++ & 0x3FFFFF));
    }

    internal SimulatedLink OpenLink()
    {
        SimulatedLink? link = null;
        foreach (SimulatedLink candidate in _links)
        {
            if (candidate.DeviceClosed && candidate.BrokerClosed)
            {
                link = candidate;
                break;
            }
        }

        if (link is null)
        {
            link = new SimulatedLink(this);
            _links.Add(link);
        }

        link.Open(++Connections);
        Broker.Accept(link);
        return link;
    }

    // after the device wrote: its bytes begin to travel
    internal void DispatchUp(SimulatedLink link)
    {
        while (link.Up.HasUndispatched)
        {
            Schedule(link.Up.DispatchPiece(NowMs, Random, Conditions), WorldEvent.ArriveAtBroker, link);
        }

        if (link.WillTakeAtMs > NowMs)
        {
            Schedule(link.WillTakeAtMs, WorldEvent.LinkTakesAgain, link);
        }
    }

    internal void DispatchDown(SimulatedLink link)
    {
        while (link.Down.HasUndispatched)
        {
            Schedule(link.Down.DispatchPiece(NowMs, Random, Conditions), WorldEvent.ArriveAtDevice, link);
        }
    }

    internal void CloseByDevice(SimulatedLink link)
    {
        DispatchUp(link);
        if (Random.Chance(200))
        {
            // closed with RST: what travels is lost
            link.Up.LoseWhatTravels(Random.Next(3));
        }

        Schedule(link.Up.EndOfStream(NowMs, Conditions.LatencyMs), WorldEvent.ArriveAtBroker, link);
    }

    internal void CloseByBroker(SimulatedLink link) => Schedule(link.CloseByBroker(), WorldEvent.ArriveAtDevice, link);

    private bool Step(long endMs)
    {
        long deviceAt = Device.NextWakeMs;
        long eventAt = _events.TryPeek(out _, out long key) ? key >> 22 : long.MaxValue;
        long at = Math.Min(deviceAt, eventAt);
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
        if (eventAt <= deviceAt)
        {
            Entry entry = _events.Dequeue();
            if (entry.Link is null || entry.Link.Generation == entry.Generation)
            {
                Happen(entry.What, entry.Link);
            }
        }
        else
        {
            Device.Wake();
        }

        return true;
    }

    private void Happen(WorldEvent what, SimulatedLink? link)
    {
        switch (what)
        {
            case WorldEvent.ArriveAtBroker:
                bool wasBlocked = link!.IsWriteBlocked;
                if (link.Up.Advance(NowMs) > 0 || NowMs >= link.Up.EndAtMs)
                {
                    Broker.Receive(link);
                    if (wasBlocked && link.Up.Free > 0)
                    {
                        Device.LinkIsReady(link);
                    }
                }

                break;
            case WorldEvent.ArriveAtDevice:
                link!.Down.Advance(NowMs);
                if (link.IsReadable)
                {
                    Device.LinkIsReady(link);
                }

                break;
            case WorldEvent.LinkTakesAgain:
                Device.LinkIsReady(link!);
                break;
            case WorldEvent.BrokerPublishes:
                if (!IsCalm)
                {
                    Broker.PublishSome();
                }

                Schedule(NowMs + Random.Wait(Conditions.BrokerPublishMs), WorldEvent.BrokerPublishes, null);
                break;
            case WorldEvent.BrokerAnswers:
                Broker.SendDueAnswers(link!);
                break;
            case WorldEvent.BrokerWatches:
                Broker.WatchKeepAlive(link!);
                break;
            default:
                if (!IsCalm)
                {
                    Faults++;
                    CauseFault();
                }

                Schedule(NowMs + Random.Wait(Conditions.FaultEveryMs), WorldEvent.Fault, null);
                break;
        }
    }

    private void CauseFault()
    {
        SimulatedLink? link = Device.Link;
        int kind = Random.Next(16);
        if (kind == 0)
        {
            Broker.Restart(Random.Chance(Conditions.ForgetChance));
            AwayUntilMs = NowMs + Random.Next(10000);
        }
        else if (kind == 1)
        {
            Log.Note(NowMs, "fault: Wi-Fi is away for {0} ms", (AwayUntilMs = NowMs + Random.Wait(8000)) - NowMs);
            link?.GoSilent();
        }
        else if (link is null)
        {
            return;
        }
        else if (kind <= 4)
        {
            Log.Note(NowMs, "fault: connection {0} is reset", link.Number);
            link.Reset(Random);
            Device.LinkIsReady(link);
            Broker.LinkIsLost(link, Random.Chance(500));
        }
        else if (kind <= 7)
        {
            Log.Note(NowMs, "fault: connection {0} is half open from now on", link.Number);
            link.GoSilent();
        }
        else if (kind <= 11)
        {
            long until = NowMs + Random.Wait(10000);
            int directions = Random.Between(1, 3);
            Log.Note(NowMs, "fault: connection {0} stalls until {1} ms, directions {2}", link.Number, until, directions);
            link.Up.StalledUntilMs = (directions & 1) != 0 ? until : 0;
            link.Down.StalledUntilMs = (directions & 2) != 0 ? until : 0;
        }
        else if (kind <= 13)
        {
            Broker.Close(link, "fault: the broker closes connection {0}");
        }
        else
        {
            Broker.Close(link, "fault: another client takes the identifier of connection {0} over");
        }
    }

    private readonly record struct Entry(WorldEvent What, SimulatedLink? Link, int Generation);
}

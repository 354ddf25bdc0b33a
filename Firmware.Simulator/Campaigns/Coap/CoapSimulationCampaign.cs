// Many seeds of the CoAP world, and the soak: one world for a long virtual time.

using System.Diagnostics;

namespace Firmware.Simulator.Campaigns;

/// <summary>The simulation of a CoAP server, its clients and the link over many seeds.</summary>
public static class CoapSimulationCampaign
{
    private const long WarmUpMs = 3_600_000;
    private const long HourMs = 3_600_000;

    private static readonly Lock WarmUpLock = new();

    /// <summary>Tells whether a fault is one of CoAP's.</summary>
    /// <param name="sabotage">The fault.</param>
    /// <returns>True also for <see cref="Sabotage.None"/>.</returns>
    public static bool Knows(Sabotage sabotage) => sabotage == Sabotage.None || sabotage is >= Sabotage.CoapRunsTwice and <= Sabotage.CoapAllocates;

    /// <summary>Runs the campaign.</summary>
    /// <param name="options">Which seeds, and how.</param>
    /// <returns>Failures and counts.</returns>
    public static SimulationResult Run(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        WarmUp();
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        return SimulationCampaign.RunSeeds(options, (seed, trace) => RunSeed(seed, options, trace, counts), counts);
    }

    /// <summary>Runs the soak: an hour to warm up, then the asked time, with clients and observers that come and go and a calm at the end of each hour.</summary>
    /// <param name="hours">Virtual hours, 1 or more.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>Heaps and counts.</returns>
    public static SoakResult Soak(int hours, long seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hours, 1);
        WarmUp();
        long started = Stopwatch.GetTimestamp();
        CoapConditions conditions = new(seed) { Clients = 5, OperationEveryMs = 1500, ChangeEveryMs = 3000, LeaveChance = 10, HostileEveryMs = 2000 };
        CoapWorld world = new(conditions, Sabotage.None, null) { AllowedAllocatingPolls = 3 };
        SimulationFailure? failure = null;
        long before = 0;
        long after = 0;
        try
        {
            world.Reserve();
            world.Start();
            world.RunUntil(WarmUpMs);
            world.Drain();
            world.Trim();
            before = SoakCampaign.Heap();
            for (int hour = 0; hour < hours; hour++)
            {
                world.RunUntil(world.NowMs + HourMs);
                world.Drain();
                world.Trim();
            }

            after = SoakCampaign.Heap();
            if (Math.Abs(after - before) > SoakCampaign.HeapBound)
            {
                failure = new SimulationFailure(seed, world.NowMs, $"memory: the heap had {before} bytes at the start and {after} at the end, more than {SoakCampaign.HeapBound} apart", world.Log.Last());
            }
        }
        catch (CampaignViolation e)
        {
            failure = new SimulationFailure(seed, world.NowMs, e.Message, world.Log.Last());
        }

        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        world.Count(counts);
        GC.KeepAlive(world);
        return new SoakResult { Failure = failure, HeapBefore = before, HeapAfter = after, Counts = counts, Elapsed = Stopwatch.GetElapsedTime(started) };
    }

    // the first worlds make the runtime load and compile what it needs, which allocates; later worlds must not
    private static void WarmUp()
    {
        lock (WarmUpLock)
        {
            for (long seed = 1; seed <= 3 && !CoapWorld.IsWarm; seed++)
            {
                try
                {
                    CoapWorld world = new(new CoapConditions(seed), Sabotage.None, null);
                    world.Start();
                    world.RunUntil(world.Conditions.ActiveMs);
                }
                catch (CampaignViolation)
                {
                    // the campaign itself will find it again
                }
            }

            CoapWorld.IsWarm = true;
        }
    }

    private static SimulationFailure? RunSeed(long seed, SimulationOptions options, TextWriter? trace, SortedDictionary<string, long> counts)
    {
        CoapWorld world = new(new CoapConditions(seed), options.Sabotage, trace);
        try
        {
            world.Start();
            world.RunUntil(world.Conditions.ActiveMs);
            world.Drain();
            lock (counts)
            {
                world.Count(counts);
            }

            return null;
        }
        catch (CampaignViolation e)
        {
            return new SimulationFailure(seed, world.NowMs, e.Message, world.Log.Last()) { IsAllocation = e is AllocationViolation };
        }
#pragma warning disable CA1031 // whatever the engine throws is a finding of its own
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new SimulationFailure(seed, world.NowMs, "an exception: " + e, world.Log.Last());
        }
    }
}

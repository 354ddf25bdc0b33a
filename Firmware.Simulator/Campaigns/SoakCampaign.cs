// One world for a long virtual time with thousands of reconnects: does memory stay what it was?

using System.Diagnostics;

namespace Firmware.Simulator.Campaigns;

/// <summary>What a soak found.</summary>
public sealed record SoakResult
{
    /// <summary>Null if every rule was kept and the heap is equal at both ends.</summary>
    public required SimulationFailure? Failure { get; init; }

    /// <summary>Managed heap after a full collection at the start, bytes; measured after the warm-up, everything drained.</summary>
    public required long HeapBefore { get; init; }

    /// <summary>The same at the end, bytes.</summary>
    public required long HeapAfter { get; init; }

    /// <summary>What was counted, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>Real time of the soak.</summary>
    public required TimeSpan Elapsed { get; init; }
}

/// <summary>The soak.</summary>
public static class SoakCampaign
{
    /// <summary>How far the heaps may be apart, bytes: the model's own queues may have grown to another power of two.</summary>
    public const long HeapBound = 16 * 1024;

    private const int ReservedLinks = 32;
    private const long WarmUpMs = 3_600_000;
    private const long HourMs = 3_600_000;

    /// <summary>Runs the soak: an hour to warm up, then the asked time, with a storm of faults every few seconds and a calm at the end of each hour.</summary>
    /// <param name="hours">Virtual hours, 1 or more.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="trace">Where events are written to, or null.</param>
    /// <returns>Heaps and counts.</returns>
    public static SoakResult Run(int hours, long seed = 1, TextWriter? trace = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hours, 1);
        SimulationCampaign.WarmUp();
        long started = Stopwatch.GetTimestamp();
        Conditions conditions = new(seed) { FaultEveryMs = 8000 };
        SimulatedWorld world = new(conditions, Sabotage.None, trace);
        SimulationFailure? failure = null;
        long before = 0;
        long after = 0;
        try
        {
            world.ReserveLinks(ReservedLinks);
            world.Start();
            world.RunUntil(WarmUpMs);
            world.Drain();
            before = Heap();
            for (int hour = 0; hour < hours; hour++)
            {
                world.RunUntil(world.NowMs + HourMs);
                world.Drain();
            }

            after = Heap();
            if (Math.Abs(after - before) > HeapBound)
            {
                failure = new SimulationFailure(seed, world.NowMs, $"memory: the heap had {before} bytes at the start and {after} at the end, more than {HeapBound} apart", world.Log.Last());
            }
        }
        catch (CampaignViolation e)
        {
            failure = new SimulationFailure(seed, world.NowMs, e.Message, world.Log.Last());
        }

        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        SimulationCampaign.Count(world, counts);
        GC.KeepAlive(world);
        return new SoakResult { Failure = failure, HeapBefore = before, HeapAfter = after, Counts = counts, Elapsed = Stopwatch.GetElapsedTime(started) };
    }

    internal static long Heap()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, true, true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(true);
    }
}

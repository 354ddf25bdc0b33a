// Many seeds, in parallel over the cores; each seed is one world in one thread.

using System.Diagnostics;
using System.Globalization;

namespace Firmware.Simulator.Campaigns;

/// <summary>What a simulation campaign does.</summary>
public sealed record SimulationOptions
{
    /// <summary>The first seed.</summary>
    public long First { get; init; } = 1;

    /// <summary>How many seeds, one after the other.</summary>
    public int Seeds { get; init; } = 10_000;

    /// <summary>A fault outside the model, to prove that the oracle notices it.</summary>
    public Sabotage Sabotage { get; init; }

    /// <summary>Where every event of every world is written to, one world after the other; null: nowhere, and in parallel.</summary>
    public TextWriter? Trace { get; init; }

    /// <summary>How many failures are kept; the campaign ends with the last of them.</summary>
    public int MaxFailures { get; init; } = 5;
}

/// <summary>One broken rule in one seed's world.</summary>
/// <param name="Seed">The seed: all that is needed to see it again.</param>
/// <param name="VirtualMs">When it happened, milliseconds of virtual time.</param>
/// <param name="Rule">What was broken.</param>
/// <param name="LastEvents">The events before it, the last one last.</param>
public sealed record SimulationFailure(long Seed, long VirtualMs, string Rule, IReadOnlyList<string> LastEvents)
{
    /// <summary>True: a call took memory that must not.</summary>
    internal bool IsAllocation { get; init; }
}

/// <summary>What a simulation campaign found.</summary>
public sealed record SimulationResult
{
    /// <summary>Failures in the order of their seeds; empty if every rule was kept.</summary>
    public required IReadOnlyList<SimulationFailure> Failures { get; init; }

    /// <summary>What was counted over all seeds, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>Real time of the campaign.</summary>
    public required TimeSpan Elapsed { get; init; }
}

/// <summary>The simulation of link, broker and device over many seeds.</summary>
public static class SimulationCampaign
{
    private static readonly Lock WarmUpLock = new();

    /// <summary>Runs the campaign.</summary>
    /// <param name="options">Which seeds, and how.</param>
    /// <returns>Failures and counts.</returns>
    public static SimulationResult Run(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        WarmUp();
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        return RunSeeds(options, (seed, trace) => RunSeed(seed, options, trace, counts), counts);
    }

    // In parallel unless it is traced; runSeed tells what was broken, or null. The runtime compiles in the background, and on a busy machine that may
    // fall into a measured call: a seed that "allocates" is run once more, and only the run that counts is in the trace.
    internal static SimulationResult RunSeeds(SimulationOptions options, Func<long, TextWriter?, SimulationFailure?> runSeed, SortedDictionary<string, long> counts)
    {
        long started = Stopwatch.GetTimestamp();
        List<SimulationFailure> failures = [];
        Parallel.For(0, options.Seeds, new ParallelOptions { MaxDegreeOfParallelism = options.Trace is null ? Environment.ProcessorCount : 1 }, (index, state) =>
        {
            SimulationFailure? failure = RunOnceOrTwice(options, options.First + index, runSeed);
            if (failure is not null)
            {
                lock (failures)
                {
                    failures.Add(failure);
                    if (failures.Count >= options.MaxFailures)
                    {
                        state.Stop();
                    }
                }
            }
        });
        failures.Sort((a, b) => a.Seed.CompareTo(b.Seed));
        return new SimulationResult { Failures = failures, Counts = counts, Elapsed = Stopwatch.GetElapsedTime(started) };
    }

    private static SimulationFailure? RunOnceOrTwice(SimulationOptions options, long seed, Func<long, TextWriter?, SimulationFailure?> runSeed)
    {
        SimulationFailure? failure = null;
        for (int run = 0; run < 2; run++)
        {
            using StringWriter? trace = options.Trace is null ? null : new StringWriter(CultureInfo.InvariantCulture);
            failure = runSeed(seed, trace);
            if (run == 1 || failure is not { IsAllocation: true })
            {
                options.Trace?.Write(trace);
                break;
            }
        }

        return failure;
    }

    // the first world makes the runtime load and compile what it needs, which allocates; later worlds must not
    internal static void WarmUp()
    {
        lock (WarmUpLock)
        {
            for (long seed = 1; seed <= 3 && !SimulatedDevice.IsWarm; seed++)
            {
                try
                {
                    SimulatedWorld world = new(new Conditions(seed), Sabotage.None, null);
                    world.Start();
                    world.RunUntil(world.Conditions.ActiveMs);
                }
                catch (CampaignViolation)
                {
                    // the campaign itself will find it again
                }
            }

            SimulatedDevice.IsWarm = true;
        }
    }

    internal static void Count(SimulatedWorld world, SortedDictionary<string, long> counts)
    {
        DeliveryOracle oracle = world.Oracle;
        Add("virtual seconds", world.NowMs / 1000);
        Add("connections", world.Connections);
        Add("sessions resumed", world.Broker.Resumed);
        Add("sessions forgotten", world.Broker.Forgotten);
        Add("broker restarts", world.Broker.Restarts);
        Add("faults", world.Faults);
        Add("calls of Poll", world.Device.Polls);
        Add("published: accepted", oracle.Accepted);
        Add("published: answered Full", world.Device.FullAnswers);
        Add("published: delivered", oracle.DeliveredUp);
        Add("published: repeats", oracle.RepeatsUp);
        Add("published: excused", oracle.Excused);
        Add("received: delivered", oracle.DeliveredDown);
        Add("received: repeats", oracle.RepeatsDown);
        Add("received: in pieces", world.Device.Reassembled);
        Add("received: skipped", world.Device.Skipped);
        foreach ((Firmware.Protocols.Mqtt.MqttError error, long n) in world.Device.Endings)
        {
            Add("ended: " + error, n);
        }

        void Add(string name, long n) => counts[name] = counts.GetValueOrDefault(name) + n;
    }

    private static SimulationFailure? RunSeed(long seed, SimulationOptions options, TextWriter? trace, SortedDictionary<string, long> counts)
    {
        SimulatedWorld world = new(new Conditions(seed), options.Sabotage, trace);
        try
        {
            world.Start();
            world.RunUntil(world.Conditions.ActiveMs);
            world.Drain();
            lock (counts)
            {
                Count(world, counts);
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

// Many seeds of the sleeping Thing's world: a virtual month each.

namespace Firmware.Simulator.Campaigns;

/// <summary>The simulation of a Thing that sleeps, over many seeds.</summary>
public static class SleepSimulationCampaign
{
    /// <summary>Tells whether a fault is one of the sleep cycle's.</summary>
    /// <param name="sabotage">The fault.</param>
    /// <returns>True also for <see cref="Sabotage.None"/>.</returns>
    public static bool Knows(Sabotage sabotage) => sabotage == Sabotage.None || sabotage >= Sabotage.SleepBrokerLoses;

    /// <summary>Runs the campaign.</summary>
    /// <param name="options">Which seeds, and how.</param>
    /// <returns>Failures and counts.</returns>
    public static SimulationResult Run(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        return SimulationCampaign.RunSeeds(options, (seed, trace) => RunSeed(seed, options, trace, counts), counts);
    }

    private static SimulationFailure? RunSeed(long seed, SimulationOptions options, TextWriter? trace, SortedDictionary<string, long> counts)
    {
        SleepWorld world = new(new SleepConditions(seed), options.Sabotage, trace);
        try
        {
            world.Run();
            lock (counts)
            {
                world.Count(counts);
            }

            return null;
        }
        catch (CampaignViolation e)
        {
            return new SimulationFailure(seed, world.BrokenAtMs, e.Message, world.Log.Last());
        }
#pragma warning disable CA1031 // whatever the application throws is a finding of its own
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new SimulationFailure(seed, world.NowMs, "an exception: " + e, world.Log.Last());
        }
    }
}

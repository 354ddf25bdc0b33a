// The simulation in small, and the proof that its oracle notices: each fault outside the model must be reported, under the right rule.

using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Campaigns;

[TestClass]
[Firmware.Simulator.TestFramework.RunsAlone]
public static class SimulationTest
{
    [TestMethod]
    public static void Over_300_seeds_no_rule_is_broken()
    {
        SimulationResult result = SimulationCampaign.Run(new SimulationOptions { Seeds = 300 });
        string failures = string.Join('\n', result.Failures.Select(f => $"seed {f.Seed} at {f.VirtualMs} ms: {f.Rule}\n  " + string.Join("\n  ", f.LastEvents)));
        Assert.AreEqual(0, result.Failures.Count, failures);

        // the storm was one: otherwise the seeds prove nothing
        foreach (string name in new[] { "sessions resumed", "sessions forgotten", "published: repeats", "received: repeats", "received: in pieces", "received: skipped", "published: answered Full", "ended: PingrespTimeout", "ended: AcknowledgementTimeout", "ended: Refused" })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 0, "never happened: " + name);
        }

        Assert.IsTrue(result.Counts["connections"] > 1000);
    }

    [TestMethod]
    public static void The_same_seed_gives_the_same_events()
    {
        Assert.AreEqual(Trace(7), Trace(7));
        Assert.AreNotEqual(Trace(7), Trace(8));

        static string Trace(long seed)
        {
            using StringWriter trace = new();
            SimulationCampaign.Run(new SimulationOptions { First = seed, Seeds = 1, Trace = trace });
            return trace.ToString();
        }
    }

    [DataRow(Sabotage.BrokerLosesAcknowledged, "was reported as acknowledged, but|lost or overtaken")]
    [DataRow(Sabotage.BrokerDeliversTwice, "delivered again, or out of order")]
    [DataRow(Sabotage.BrokerReorders, "lost or overtaken")]
    [DataRow(Sabotage.LinkClearsDup, "[MQTT-3.3.1-1]")]
    [DataRow(Sabotage.LinkFlipsBits, "the payload arrives as it was given")]
    [DataRow(Sabotage.ReadAllocates, "memory: Poll allocated")]
    [DataRow(Sabotage.EndlessPatience, "liveness: a limit has passed")]
    [DataRow(Sabotage.LateLoop, "liveness: a limit has passed without Closed")]
    public static void The_oracle_notices(Sabotage sabotage, string rule)
    {
        SimulationResult result = SimulationCampaign.Run(new SimulationOptions { Seeds = 100, Sabotage = sabotage, MaxFailures = 1 });
        Assert.IsTrue(result.Failures.Count > 0, "nothing was reported");
        Assert.IsTrue(result.Failures.All(f => rule.Split('|').Any(r => f.Rule.Contains(r, StringComparison.Ordinal))), result.Failures[0].Rule);
        Assert.IsTrue(result.Failures[0].LastEvents.Count > 0);
    }

    [TestMethod]
    public static void A_virtual_hour_of_reconnects_leaves_the_heap_as_it_was()
    {
        SoakResult result = SoakCampaign.Run(1);
        Assert.IsTrue(result.Failure is null, result.Failure?.Rule ?? "");
        Assert.IsTrue(result.HeapBefore > 0 && Math.Abs(result.HeapAfter - result.HeapBefore) <= SoakCampaign.HeapBound);
        Assert.IsTrue(result.Counts["connections"] > 100);
    }
}

// The campaign of the sleep cycle in small, and the proof that its oracle notices: each fault outside the model must be reported, under the right rule.

using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Campaigns;

[TestClass]
public static class SleepCampaignTest
{
    [TestMethod]
    public static void Over_8_virtual_months_no_rule_of_the_sleep_cycle_is_broken()
    {
        SimulationResult result = SleepSimulationCampaign.Run(new SimulationOptions { Seeds = 8 });
        string failures = string.Join('\n', result.Failures.Select(f => $"seed {f.Seed} at {f.VirtualMs} ms: {f.Rule}\n  " + string.Join("\n  ", f.LastEvents)));
        Assert.AreEqual(0, result.Failures.Count, failures);
        Assert.AreEqual(240L, result.Counts["virtual days"]);
        Assert.IsTrue(result.Counts["readings arrived"] + result.Counts["readings pushed out"] > result.Counts["readings accepted"] - 80, "more than the last ones of each month are missing");

        // the months were rough: otherwise the seeds prove nothing
        foreach ((string name, int least) in new[]
        {
            ("power cuts at any time", 50), ("power cuts inside a write", 50), ("power cut during a connect", 20), ("power cuts during a toast", 10), ("access point outages", 20),
            ("broker outages", 30), ("links broken", 60), ("links broken during a toast", 10), ("jumps of the clock", 300), ("low batteries", 15), ("presses of the doorbell", 300),
            ("toasts", 100), ("connections given up", 50), ("readings arrived", 5000), ("readings repeated", 50), ("readings pushed out", 20), ("last wills", 100),
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count >= least, $"hardly ever happened: {name} ({count})");
        }
    }

    [TestMethod]
    public static void The_same_seed_gives_the_same_month()
    {
        Assert.AreEqual(Trace(3), Trace(3));
        Assert.AreNotEqual(Trace(3), Trace(4));

        static string Trace(long seed)
        {
            using StringWriter trace = new();
            SleepSimulationCampaign.Run(new SimulationOptions { First = seed, Seeds = 1, Trace = trace });
            return trace.ToString();
        }
    }

    [TestMethod]
    [DataRow(Sabotage.SleepBrokerLoses, "are gone without an acknowledgement")]
    [DataRow(Sabotage.SleepTearsBothSlots, "is older|has two contents|was saved after|came again|are gone without an acknowledgement")]
    [DataRow(Sabotage.SleepClockDrifts, "ms too late|overslept")]
    [DataRow(Sabotage.SleepForgesToast, "toaster: on without a command")]
    [DataRow(Sabotage.SleepIgnoresBudget, "awake: for|connect: given up after")]
    [DataRow(Sabotage.SleepLosesDisconnect, "a last will (offline) without")]
    [DataRow(Sabotage.SleepEatsAcknowledgements, "connect: given up without a reason|a last will (offline) without")]
    [DataRow(Sabotage.SleepConnectsSeldom, "connect: it was due, and was not tried|readings later, with")]
    public static void The_oracle_notices(Sabotage sabotage, string rule)
    {
        SimulationResult result = SleepSimulationCampaign.Run(new SimulationOptions { Seeds = 4, Sabotage = sabotage, MaxFailures = 1 });
        Assert.IsTrue(result.Failures.Count > 0, "nothing was reported");
        Assert.IsTrue(result.Failures.All(f => rule.Split('|').Any(r => f.Rule.Contains(r, StringComparison.Ordinal))), string.Join('\n', result.Failures.Select(f => f.Rule)));
        Assert.IsTrue(result.Failures[0].LastEvents.Count > 0);
    }
}

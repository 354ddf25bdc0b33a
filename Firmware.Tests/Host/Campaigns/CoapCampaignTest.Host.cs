// The CoAP campaigns in small, and the proof that their oracle notices: each fault outside the model must be reported, under the right rule.

using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Campaigns;

[TestClass]
[Firmware.Simulator.TestFramework.RunsAlone]
public static class CoapCampaignTest
{
    [TestMethod]
    public static void Over_500_seeds_no_rule_of_coap_is_broken()
    {
        SimulationResult result = CoapSimulationCampaign.Run(new SimulationOptions { Seeds = 500 });
        string failures = string.Join('\n', result.Failures.Select(f => $"seed {f.Seed} at {f.VirtualMs} ms: {f.Rule}\n  " + string.Join("\n  ", f.LastEvents)));
        Assert.AreEqual(0, result.Failures.Count, failures);

        // the storm was one: otherwise the seeds prove nothing
        foreach (string name in new[]
        {
            "link: datagrams lost", "link: datagrams doubled", "server: copies answered with the same reply", "server: answered 5.03", "server: retransmissions", "server: malformed", "hostile datagrams",
            "ran exactly once", "seen answered", "given up", "bodies read", "bodies stored", "registrations of observers", "fresh notifications", "operations that succeeded",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 300, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void The_same_seed_gives_the_same_datagrams()
    {
        Assert.AreEqual(Trace(7), Trace(7));
        Assert.AreNotEqual(Trace(7), Trace(8));

        static string Trace(long seed)
        {
            using StringWriter trace = new();
            CoapSimulationCampaign.Run(new SimulationOptions { First = seed, Seeds = 1, Trace = trace });
            return trace.ToString();
        }
    }

    [DataRow(Sabotage.CoapRunsTwice, "is not idempotent and ran 2 times")]
    [DataRow(Sabotage.CoapForgets, "is not idempotent and ran 2 times")]
    [DataRow(Sabotage.CoapAnswersOtherwise, "answered with other bytes than the first one")]
    [DataRow(Sabotage.CoapStaleNotification, "at the end, but the state is|has the older state|another body than its resource")]
    [DataRow(Sabotage.CoapMissesNotification, "at the end, but the state is|repeated with other bytes")]
    [DataRow(Sabotage.CoapWrongBlock, "is no version of the resource|another body than its resource|the links are not complete|with other bytes")]
    [DataRow(Sabotage.CoapWrongUpload, "was put together wrongly")]
    [DataRow(Sabotage.CoapAmplifies, "RFC 9175 2.6")]
    [DataRow(Sabotage.CoapCrowds, "NSTART|neither acknowledged nor repeated in time")]
    [DataRow(Sabotage.CoapPersists, "sent more than five times")]
    [DataRow(Sabotage.CoapLateLoop, "repeated too early or too late|nor repeated in time")]
    [DataRow(Sabotage.CoapAllocates, "memory: Poll allocated")]
    public static void The_oracle_notices(Sabotage sabotage, string rule)
    {
        SimulationResult result = CoapSimulationCampaign.Run(new SimulationOptions { Seeds = 200, Sabotage = sabotage, MaxFailures = 1 });
        Assert.IsTrue(result.Failures.Count > 0, "nothing was reported");
        Assert.IsTrue(result.Failures.All(f => rule.Split('|').Any(r => f.Rule.Contains(r, StringComparison.Ordinal))), string.Join('\n', result.Failures.Select(f => f.Rule)));
        Assert.IsTrue(result.Failures[0].LastEvents.Count > 0);
    }

    [TestMethod]
    public static void Two_virtual_hours_of_clients_that_come_and_go_leave_the_heap_as_it_was()
    {
        SoakResult result = CoapSimulationCampaign.Soak(2);
        Assert.IsTrue(result.Failure is null, result.Failure?.Rule ?? "");
        Assert.IsTrue(result.HeapBefore > 0 && Math.Abs(result.HeapAfter - result.HeapBefore) <= SoakCampaign.HeapBound);
        Assert.IsTrue(result.Counts["operations that succeeded"] > 1000 && result.Counts["registrations of observers"] > 50);
    }

    [TestMethod]
    public static void Mutated_sequences_of_datagrams_are_answered_by_the_rules()
    {
        FuzzResult result = FuzzCampaign.Run(FuzzTarget.Coap, 100_000);
        string failures = string.Join('\n', result.Failures.Select(f => $"input {f.Input}: {f.Rule}: {Convert.ToHexString([.. f.Bytes])}"));
        Assert.AreEqual(0, result.Failures.Count, failures);
        foreach (string name in new[]
        {
            "datagrams without a mutation", "datagrams without an answer", "notifications", "retransmissions", "copies answered with the same reply", "sent type CON", "sent type NON", "sent type ACK", "sent type RST",
            "sent code 2.01", "sent code 2.02", "sent code 2.04", "sent code 2.05", "sent code 2.31", "sent code 4.00", "sent code 4.02", "sent code 4.04", "sent code 4.05", "sent code 4.08", "sent code 4.12", "sent code 4.13", "sent code 5.03", "sent code 5.05",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }
}

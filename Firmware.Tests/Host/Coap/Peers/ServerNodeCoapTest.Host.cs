// Our server and node-coap's client. Left out: observing what comes in blocks; node-coap 1.5.0 fetches the blocks of a notification and then tells
// nobody (libcoap's client does it right: ServerLibcoapTest).

using System.Net;
using System.Text;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap.Peers;

[TestClass]
[RunsBeside]
public static class ServerNodeCoapTest
{
    [Setup]
    public static void NeedsNodeCoap() => CoapPeers.RequireNodeCoap();

    [TestMethod]
    public static void Reads_changes_creates_and_deletes()
    {
        using PlugtestServing serving = new();
        Is("2.05", "the test resource", "get", """{"path":"/test"}""");
        Is("2.04", "", "put", """{"path":"/test","payload":"new"}""");
        Is("2.05", "new", "get", """{"path":"/test","non":true}""");
        Is("2.01", "", "post", """{"path":"/test","payload":"x"}""");
        Is("2.02", "", "delete", """{"path":"/test"}""");
        Is("4.04", "", "get", """{"path":"/test"}""");
        Is("4.06", "", "get", """{"path":"/multi-format","accept":60}""");
        Is("2.05", "late", "get", """{"path":"/soon"}""");
        Is("4.02", "", "get", """{"path":"/counter","options":{"2049":"01"}}""");

        void Is(string code, string text, string operation, string json)
        {
            NodeCoapLine[] lines = NodeCoapClient.Run(serving.Port, operation, json);
            Assert.AreEqual(1, lines.Length, json);
            Assert.AreEqual(code + " " + text, lines[0].Code + " " + lines[0].Text, json);
        }
    }

    [TestMethod]
    public static void Gets_and_puts_bodies_in_blocks()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        Assert.AreEqual("2.04", NodeCoapClient.Run(relay.Port, "put", """{"path":"/large-update","size":3000,"block1":512}""")[0].Code, relay.Text);
        string expected = Encoding.ASCII.GetString(NodeCoapServer.Pattern(3000));

        // it leaves the size to the server, or asks for one
        Assert.AreEqual(expected, NodeCoapClient.Run(relay.Port, "get", """{"path":"/large-update"}""")[0].Text, relay.Text);
        Assert.AreEqual(expected, NodeCoapClient.Run(relay.Port, "get", """{"path":"/large-update","block2":32}""")[0].Text, relay.Text);
        Assert.AreEqual(6 + 47 + 94, relay.Sent(toServer: false).Length);
    }

    [TestMethod]
    public static void Discovers_in_blocks_and_with_a_filter()
    {
        using PlugtestServing serving = new();
        Assert.Contains("</link3>;rt=\"Type1 Type3\";if=\"foo\";ct=0", NodeCoapClient.Run(serving.Port, "get", """{"path":"/.well-known/core"}""")[0].Text);
        string filtered = NodeCoapClient.Run(serving.Port, "get", """{"path":"/.well-known/core","query":"rt=Type3"}""")[0].Text;
        Assert.AreEqual(2, filtered.Split("</").Length - 1, filtered);
    }

    [DataRow("deregister")]
    [DataRow("forget")]
    [TestMethod]
    public static void Observes_until_it_ends_it(string cancel)
    {
        using PlugtestServing serving = new(parameters => parameters.NotificationGapMs = 0);
        using LossyRelay relay = new(serving.Port);
        using NodeCoapClient client = NodeCoapClient.Start(relay.Port, "observe", $$"""{"path":"/counter","count":3,"cancel":"{{cancel}}","lingerMs":700}""");
        client.Lines.Await("zero");
        serving.Set("one");
        client.Lines.Await("one");
        serving.Set("two");
        client.Lines.Await("two");
        Thread.Sleep(100);

        // forgotten: the next notification is answered with a Reset (RFC 7641 section 3.6)
        serving.Set("three");
        NodeCoapLine[] lines = client.Finish();
        Assert.AreEqual("zero,one,two", string.Join(',', lines.Select(l => l.Text)), relay.Text);
        Assert.IsTrue(lines[0].Observe < lines[1].Observe && lines[1].Observe < lines[2].Observe, relay.Text);
        serving.AwaitNoObserver(relay.Text);
        Assert.IsTrue(relay.Sent(toServer: true).Any(d => d.Contains(cancel == "forget" ? "RST" : "Observe=1", StringComparison.Ordinal)), relay.Text);
    }

    [TestMethod]
    public static void A_lost_request_and_a_lost_answer_run_once()
    {
        Parallel.Invoke(() => WithLoss("drop >1"), () => WithLoss("drop <1"), () => WithLoss("twice >1"));

        static void WithLoss(string script)
        {
            using PlugtestServing serving = new();
            using LossyRelay relay = new(serving.Port, script);
            Assert.AreEqual("2.04", NodeCoapClient.Run(relay.Port, "post", """{"path":"/counter","payload":"x"}""")[0].Code, relay.Text);
            Assert.AreEqual(1, serving.Changes, relay.Text);
        }
    }

    [TestMethod]
    public static void Finds_the_server_in_its_group()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.SkipTest("the group is joined on Linux's loopback interface");
        }

        using PlugtestServing serving = new(parameters => parameters.LeisureMs = 300, IPAddress.Parse("224.0.1.187"));
        NodeCoapLine[] lines = NodeCoapClient.Run(serving.Port, "discover", """{"query":"href=/counter","waitMs":1500}""");
        Assert.AreEqual("2.05 </counter>;ct=0;obs", string.Join('|', lines.Select(l => l.Code + " " + l.Text)));

        // nothing to say, nothing said (RFC 6690 section 4.1)
        Assert.AreEqual(0, NodeCoapClient.Run(serving.Port, "discover", """{"query":"rt=nobody","waitMs":1000}""").Length);
    }
}

// Our server and libcoap's client, through a relay that tells what was on the wire and loses what it is told to lose.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap.Peers;

[TestClass]
[RunsBeside]
public static class ServerLibcoapTest
{
    [Setup]
    public static void NeedsLibcoap() => CoapPeers.RequireLibcoap();

    [TestMethod]
    public static void Reads_changes_creates_and_deletes()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        Assert.AreEqual("the test resource", Get(relay, "/test"));
        Answered(relay, "ACK 2.04", "/test", "-m", "put", "-e", "new");
        Assert.AreEqual("new", Get(relay, "/test"));
        Answered(relay, "ACK 2.01", "/test", "-m", "post", "-e", "x");
        Assert.Contains("Location-Path=location1 Location-Path=location2 Location-Path=location3", relay.Sent(toServer: false)[^1]);
        Answered(relay, "ACK 2.02", "/test", "-m", "delete");
        Answered(relay, "ACK 4.04", "/test");
        Answered(relay, "ACK 2.01", "/test", "-m", "put", "-e", "again");
        Answered(relay, "ACK 4.05", "/query", "-m", "put", "-e", "x");
        Assert.AreEqual("again", Get(relay, "/test"));
    }

    [TestMethod]
    public static void Asks_non_confirmable_and_is_answered_so()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        Assert.AreEqual("the test resource", Get(relay, "/test", "-N"));
        Assert.StartsWith(">1 NON GET", relay.Sent(toServer: true)[0]);
        Assert.StartsWith("<1 NON 2.05", relay.Sent(toServer: false)[0]);

        // RFC 7967: not interested in success
        LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/counter"), "-N", "-m", "put", "-e", "quiet", "-O", "258,0x02", "-B", "1");
        Assert.AreEqual(1, serving.Changes);
        Assert.AreEqual(1, relay.Sent(toServer: false).Length, relay.Text);
    }

    [TestMethod]
    public static void Gets_a_separate_response_and_acknowledges_it()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        Assert.AreEqual("late", Get(relay, "/soon"));
        Assert.AreEqual(4, relay.Trace.Length, relay.Text);
        Assert.StartsWith("<1 ACK Empty", relay.Trace[1].Text);
        Assert.StartsWith("<2 CON 2.05", relay.Trace[2].Text);
        Assert.StartsWith(">2 ACK Empty", relay.Trace[3].Text);
    }

    [TestMethod]
    public static void Observes_until_it_cancels()
    {
        using PlugtestServing serving = new(parameters => parameters.NotificationGapMs = 0);
        using LossyRelay relay = new(serving.Port);
        using LibcoapClient client = LibcoapClient.Start(LibcoapClient.Uri(relay.Port, "/counter"), "-s", "2");
        client.Lines.Await("zero");
        foreach (string value in (string[])["one", "two", "three"])
        {
            serving.Set(value);
            client.Lines.Await(value);
        }

        Assert.AreEqual("zero,one,two,three", string.Join(',', client.Finish()), relay.Text);
        Assert.Contains("Observe=1", relay.Trace.Last(d => d.ToServer && d.Text.Contains("GET", StringComparison.Ordinal)).Text, relay.Text);
        serving.AwaitNoObserver(relay.Text);

        // the first notification must be confirmed, the next ones need not (RFC 7641 section 4.5)
        string[] told = [.. relay.Sent(toServer: false).Where(d => d.Contains("Observe=", StringComparison.Ordinal))];
        Assert.Contains("CON 2.05", told[1], relay.Text);
        Assert.Contains("NON 2.05", told[2], relay.Text);
    }

    [TestMethod]
    public static void Observes_what_comes_in_blocks()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        using LibcoapClient client = LibcoapClient.Start(LibcoapClient.Uri(relay.Port, "/counter"), "-s", "2");
        client.Lines.Await("zero");
        string large = string.Join(' ', Enumerable.Range(0, 60));
        serving.Set(large);
        client.Lines.Await("59");
        Assert.AreEqual("zero" + large, string.Concat(client.Finish()), relay.Text);
        Assert.IsTrue(relay.Sent(toServer: false).Any(d => d.Contains("CON 2.05", StringComparison.Ordinal) && d.Contains("Observe=", StringComparison.Ordinal) && d.Contains("Block2=0/1/64", StringComparison.Ordinal)), relay.Text);
        serving.AwaitNoObserver(relay.Text);
    }

    [TestMethod]
    public static void An_observer_that_died_is_reset_by_its_machine_or_given_up()
    {
        using PlugtestServing serving = new(parameters =>
        {
            parameters.AckTimeoutMs = 100;
            parameters.MaxRetransmit = 2;
        });
        using LossyRelay relay = new(serving.Port);
        using LibcoapClient client = LibcoapClient.Start(LibcoapClient.Uri(relay.Port, "/counter"), "-s", "20");
        client.Lines.Await("zero");
        client.Kill();
        serving.Set("one");
        serving.AwaitNoObserver(relay.Text);
        Assert.AreEqual(3, relay.Sent(toServer: false).Count(d => d.Contains("CON 2.05", StringComparison.Ordinal)), relay.Text);
    }

    [DataRow(false, 0, 64)]
    [DataRow(false, 32, 32)]
    [DataRow(true, 0, 1024)]
    [DataRow(true, 256, 256)]
    [DataRow(true, 16, 16)]
    [TestMethod]
    public static void Gets_a_body_in_blocks(bool isTrusted, int wanted, int used)
    {
        using PlugtestServing serving = new(parameters => parameters.AmplificationFactor = isTrusted ? 0 : 3);
        using LossyRelay relay = new(serving.Port);
        CoapBench bench = PlugtestBench.Create();
        byte[] expected = PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "large"), 6).Body;
        string[] options = wanted == 0 ? [] : ["-b", $"{wanted}"];
        byte[] body = LibcoapClient.Body(LibcoapClient.Uri(relay.Port, "/large"), options);
        Assert.AreEqual(Encoding.ASCII.GetString(expected), Encoding.ASCII.GetString(body), relay.Text);
        int blocks = (expected.Length + used - 1) / used;
        Assert.AreEqual(blocks, relay.Sent(toServer: false).Length, relay.Text);
        Assert.Contains($"Block2={blocks - 1}/0/{used}", relay.Sent(toServer: false)[^1], relay.Text);

        // who has not proved his address is told how to (RFC 9175 section 2.3)
        Assert.AreEqual(!isTrusted, relay.Sent(toServer: false)[0].Contains("Echo=", StringComparison.Ordinal), relay.Text);
    }

    [TestMethod]
    public static void Puts_a_body_in_blocks_and_gets_the_same()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        byte[] body = NodeCoapServer.Pattern(3000);
        LibcoapClient.Upload(LibcoapClient.Uri(relay.Port, "/large-update"), body, "put", "-b", "256");
        Assert.Contains("ACK 2.04", relay.Sent(toServer: false)[^1], relay.Text);
        Assert.AreEqual(12, relay.Sent(toServer: true).Length, relay.Text);
        Assert.AreEqual(Encoding.ASCII.GetString(body), Encoding.ASCII.GetString(LibcoapClient.Body(LibcoapClient.Uri(relay.Port, "/large-update"))), relay.Text);
    }

    [TestMethod]
    public static void Posts_a_body_in_blocks_and_gets_the_answer_in_blocks()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        byte[] body = NodeCoapServer.Pattern(700);
        string[] lines = LibcoapClient.Upload(LibcoapClient.Uri(relay.Port, "/large-post"), body, "post", "-b", "128");
        Assert.AreEqual(Encoding.ASCII.GetString(body).ToUpperInvariant().Replace("\n", "", StringComparison.Ordinal), string.Concat(lines), relay.Text);
        Assert.IsTrue(relay.Sent(toServer: false).Any(d => d.Contains("Block1=", StringComparison.Ordinal) && d.Contains("Block2=0/1/", StringComparison.Ordinal)), relay.Text);
    }

    [TestMethod]
    public static void Discovers_whole_and_filtered()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        string all = Encoding.UTF8.GetString(LibcoapClient.Body(LibcoapClient.Uri(relay.Port, "/.well-known/core")));
        Assert.Contains("</link1>;rt=\"Type1 Type2\";if=\"If1\";ct=0", all);
        Assert.Contains("</obs>", all);
        Assert.Contains("</counter>;ct=0;obs", all);
        Assert.AreEqual("link1,link3", Links("rt=Type1"));
        Assert.AreEqual("link1,link2,link3", Links("rt=Type*"));
        Assert.AreEqual("link1,link2", Links("if=If*"));
        Assert.AreEqual("link1", Links("href=/link1"));
        Assert.AreEqual("link1,link2,link3", Links("href=/link*"));
        Assert.AreEqual("", Links("rt=nobody"));
        Assert.Contains("large", Links("sz=*"));

        string Links(string filter)
        {
            string links = Encoding.UTF8.GetString(LibcoapClient.Body(LibcoapClient.Uri(relay.Port, "/.well-known/core?" + filter)));
            return string.Join(',', links.Split("</").Skip(1).Select(link => link[..link.IndexOf('>', StringComparison.Ordinal)]));
        }
    }

    [TestMethod]
    public static void Negotiates_formats_and_uses_tags()
    {
        using PlugtestServing serving = new();
        using LossyRelay relay = new(serving.Port);
        Answered(relay, "ACK 2.05", "/multi-format", "-A", "0");
        Answered(relay, "ACK 2.05", "/multi-format", "-A", "41");
        Assert.Contains("Content-Format=41", relay.Sent(toServer: false)[^1]);
        Answered(relay, "ACK 4.06", "/multi-format", "-A", "60");
        Answered(relay, "ACK 2.05", "/validate");
        string tag = "0x" + relay.Sent(toServer: false)[^1].Split("ETag=")[1].Split(' ')[0];
        Answered(relay, "ACK 2.03", "/validate", "-O", "4," + tag);
        Answered(relay, "ACK 2.04", "/validate", "-m", "put", "-e", "second", "-O", "1," + tag);
        Answered(relay, "ACK 4.12", "/validate", "-m", "put", "-e", "third", "-O", "1," + tag);
        Answered(relay, "ACK 2.05", "/validate", "-O", "4," + tag);
        Answered(relay, "ACK 4.02", "/test", "-O", "2049,0x01");
        Answered(relay, "ACK 2.05", "/test", "-O", "2050,0x01");
    }

    [TestMethod]
    public static void Proves_its_address_when_asked_and_the_change_is_done_once()
    {
        using PlugtestServing serving = new(parameters => parameters.ProvesChanges = true);
        using LossyRelay relay = new(serving.Port);
        Answered(relay, "ACK 2.04", "/counter", "-m", "put", "-e", "x");
        Assert.Contains("ACK 4.01", relay.Sent(toServer: false)[0], relay.Text);
        Assert.Contains("Echo=", relay.Sent(toServer: true)[1], relay.Text);
        Assert.AreEqual(1, serving.Changes);
    }

    [TestMethod]
    public static void Lost_datagrams_are_made_good_and_nothing_runs_twice()
    {
        // each waits ACK_TIMEOUT (2 to 3 s): side by side
        Parallel.Invoke(
            () => WithLoss("drop >1", (serving, relay) => Answered(relay, "ACK 2.04", "/counter", "-m", "put", "-e", "x"), 1),
            () => WithLoss("drop <1", (serving, relay) => Answered(relay, "ACK 2.04", "/counter", "-m", "post", "-e", "x"), 1),
            () => WithLoss("twice >1", (serving, relay) => Answered(relay, "ACK 2.04", "/counter", "-m", "post", "-e", "x"), 1),
            () => WithLoss("drop <1 <2", (serving, relay) => Assert.AreEqual("late", Get(relay, "/soon")), 0),
            () => WithLoss("drop >3 <6", (serving, relay) =>
            {
                byte[] body = NodeCoapServer.Pattern(1000);
                LibcoapClient.Upload(LibcoapClient.Uri(relay.Port, "/large-update"), body, "put", "-b", "128");
                Assert.AreEqual(Encoding.ASCII.GetString(body), Encoding.ASCII.GetString(LibcoapClient.Body(LibcoapClient.Uri(serving.Port, "/large-update"))), relay.Text);
            }, 0),
            () => WithLoss("drop >2 <4", (serving, relay) => Assert.AreEqual(1600, LibcoapClient.Body(LibcoapClient.Uri(relay.Port, "/large"), "-b", "64").Length, relay.Text), 0),
            () => WithLoss("drop <2", (serving, relay) =>
            {
                using LibcoapClient client = LibcoapClient.Start(LibcoapClient.Uri(relay.Port, "/counter"), "-s", "5");
                client.Lines.Await("zero");
                serving.Set("one");
                client.Lines.Await("one");
            }, 0));

        static void WithLoss(string script, Action<PlugtestServing, LossyRelay> act, int changes)
        {
            using PlugtestServing serving = new();
            using LossyRelay relay = new(serving.Port, script);
            act(serving, relay);
            Assert.AreEqual(changes, serving.Changes, script + "\n" + relay.Text);
        }
    }

    private static string Get(LossyRelay relay, string path, params string[] options) => string.Join('\n', LibcoapClient.Run(LibcoapClient.Uri(relay.Port, path), options));

    // the last answer on the wire: the client itself tells no success code
    private static void Answered(LossyRelay relay, string answer, string path, params string[] options)
    {
        LibcoapClient.Run(LibcoapClient.Uri(relay.Port, path), options);
        Assert.Contains(answer, relay.Sent(toServer: false)[^1], relay.Text);
    }
}

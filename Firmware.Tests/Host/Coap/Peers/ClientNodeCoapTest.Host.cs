// Our client against node-coap's server.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap.Peers;

[TestClass]
[RunsBeside]
public static class ClientNodeCoapTest
{
    [Setup]
    public static void NeedsNodeCoap() => CoapPeers.RequireNodeCoap();

    [TestMethod]
    public static void Gets_puts_and_posts_in_blocks_and_waits_for_separate_responses()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using ClientAsking asking = new(server.Port);
        Assert.AreEqual("Hello, world", Text(asking.Ask(CoapCode.Get, "hello")));
        Assert.AreEqual("Hello, world", Text(asking.Ask(CoapCode.Get, "hello", isConfirmable: false)));
        Assert.AreEqual(CoapCode.NotFound, asking.Ask(CoapCode.Get, "nothing").Code);
        Assert.AreEqual("late", Text(asking.Ask(CoapCode.Get, "separate")), asking.Relay.Text);
        byte[] pattern = NodeCoapServer.Pattern(4096);
        foreach (int size in new[] { 0, 32, 256 })
        {
            // not 16: an empty Block2 option, which is 0/0/16, is answered with an empty block
            ClientOutcome large = asking.Ask(CoapCode.Get, "large", blockSize: size);
            Assert.AreEqual(CoapClientError.None.ToString(), large.Error.ToString(), asking.Relay.Text);
            Assert.AreEqual(Convert.ToHexString(pattern), Convert.ToHexString(large.Bodies.Single()), asking.Relay.Text);
        }

        byte[] body = NodeCoapServer.Pattern(1500);
        Assert.AreEqual(CoapCode.Changed, asking.Ask(CoapCode.Put, "large-update", body: body, blockSize: 128).Code, asking.Relay.Text);
        Assert.AreEqual(Convert.ToHexString(body), Convert.ToHexString(asking.Ask(CoapCode.Get, "large-update").Bodies.Single()), asking.Relay.Text);
        Assert.AreEqual("short", Text(asking.Ask(CoapCode.Post, "echo", body: "short"u8.ToArray())));
    }

    // requests are lost, answers doubled; the loss of an answer is not for node-coap, which takes the repeated block for a gap
    [TestMethod]
    public static void An_upload_in_blocks_survives_losses()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using ClientAsking asking = new(server.Port, RelayPlan.Script("drop >1 >3 >5 >6 >7 >11 twice <2 <5 <8"));
        byte[] body = NodeCoapServer.Pattern(700);
        ClientOutcome put = asking.Ask(CoapCode.Put, "large-update", body: body, blockSize: 64);
        Assert.AreEqual(CoapCode.Changed, put.Code, asking.Relay.Text);
        Assert.AreEqual(11 + 6, asking.Relay.Sent(toServer: true).Length, asking.Relay.Text);
        Assert.AreEqual(Convert.ToHexString(body), Convert.ToHexString(asking.Ask(CoapCode.Get, "large-update", blockSize: 128).Bodies.Single()), asking.Relay.Text);
    }

    [TestMethod]
    public static void Observes_node_and_takes_only_what_is_newer()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using ClientAsking asking = new(server.Port, RelayPlan.Script("hold <3"));
        ClientOutcome outcome = asking.Outcome(CoapCode.Get, "obs");
        outcome.Request.Observe = true;
        int handle = asking.Begin(outcome);
        asking.Await(() => outcome.Bodies.Count >= 5, "five states");
        string[] ticks = asking.Do(() => outcome.Bodies.Select(Encoding.UTF8.GetString).ToArray());
        Assert.AreEqual("tick 1,tick 2,tick 4,tick 5,tick 6", string.Join(',', ticks.Take(5)), asking.Relay.Text);
        asking.Do(() => asking.Client.Cancel(handle, Environment.TickCount64));
        server.Lines.Await("observe-end");
        asking.Await(() => !outcome.Request.IsBusy, "the end of the observation");
    }

    private static string Text(ClientOutcome outcome) => Encoding.UTF8.GetString(outcome.Bodies.Single());
}

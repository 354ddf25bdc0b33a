// Our client against libcoap's server and its resource directory.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap.Peers;

[TestClass]
[RunsBeside]
public static class ClientLibcoapTest
{
    private static readonly byte[] Pattern = NodeCoapServer.Pattern(1000);

    [Setup]
    public static void NeedsLibcoap() => CoapPeers.RequireLibcoap();

    [DataRow(true)]
    [DataRow(false)]
    public static void Gets_from_libcoap(bool isConfirmable)
    {
        using LibcoapServer server = LibcoapServer.Start();
        using ClientAsking asking = new(server.Port);
        ClientOutcome outcome = asking.Ask(CoapCode.Get, "", isConfirmable: isConfirmable);
        Assert.AreEqual(CoapCode.Content, outcome.Code, asking.Relay.Text);
        Assert.Contains("libcoap", Encoding.UTF8.GetString(outcome.Bodies.Single()));
        Assert.AreEqual(2, asking.Relay.Trace.Length, asking.Relay.Text);
        Assert.AreEqual(CoapCode.NotFound, asking.Ask(CoapCode.Get, "nothing", isConfirmable: isConfirmable).Code);
    }

    [TestMethod]
    public static void Puts_and_gets_bodies_in_blocks_and_deletes()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using ClientAsking asking = new(server.Port);
        Assert.AreEqual(CoapCode.Created, asking.Ask(CoapCode.Put, "stored", body: Pattern, blockSize: 64).Code, asking.Relay.Text);
        Assert.AreEqual(16, asking.Relay.Sent(toServer: true).Length, asking.Relay.Text);
        ClientOutcome got = asking.Ask(CoapCode.Get, "stored", blockSize: 128);
        Assert.AreEqual(Convert.ToHexString(Pattern), Convert.ToHexString(got.Bodies.Single()), asking.Relay.Text);
        Assert.AreEqual(16 + 8, asking.Relay.Sent(toServer: true).Length, asking.Relay.Text);
        Assert.AreEqual(CoapCode.Changed, asking.Ask(CoapCode.Put, "stored", body: "short"u8.ToArray()).Code);
        Assert.AreEqual("short", Encoding.UTF8.GetString(asking.Ask(CoapCode.Get, "stored").Bodies.Single()));
        Assert.AreEqual(CoapCode.Deleted, asking.Ask(CoapCode.Delete, "stored").Code);
        Assert.AreEqual(CoapCode.NotFound, asking.Ask(CoapCode.Get, "stored").Code);
    }

    [TestMethod]
    public static void Waits_for_a_separate_response_and_acknowledges_it()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using ClientAsking asking = new(server.Port, RelayPlan.Script("twice <2"));
        Assert.AreEqual("done", Encoding.UTF8.GetString(asking.Ask(CoapCode.Get, "async", "1").Bodies.Single()), asking.Relay.Text);
        asking.Relay.Await(t => t.Count(d => d.ToServer) == 3, "both copies acknowledged");
        Assert.StartsWith("<1 ACK Empty", asking.Relay.Sent(toServer: false)[0], asking.Relay.Text);
        Assert.StartsWith(">3 ACK Empty", asking.Relay.Sent(toServer: true)[2], asking.Relay.Text);
    }

    [TestMethod]
    public static void Observes_libcoap_until_it_cancels()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using ClientAsking asking = new(server.Port);
        ClientOutcome outcome = asking.Outcome(CoapCode.Get, "time");
        outcome.Request.Observe = true;
        int handle = asking.Begin(outcome);
        asking.Await(() => outcome.Bodies.Count >= 4, "four states");
        asking.Do(() => asking.Client.Cancel(handle, Environment.TickCount64));
        asking.Await(() => !outcome.Request.IsBusy, "the end of the observation");
        Assert.Contains("Observe=1", asking.Relay.Sent(toServer: true)[^1]);
        int told = asking.Relay.Sent(toServer: false).Length;
        Thread.Sleep(1500);
        Assert.AreEqual(told, asking.Relay.Sent(toServer: false).Length, asking.Relay.Text);
        Assert.AreEqual(outcome.Bodies.Count, outcome.Bodies.Select(Encoding.UTF8.GetString).Distinct().Count());
    }

    // the example resource is observed in blocks while another client changes it
    [TestMethod]
    public static void Observes_a_large_state_of_libcoap()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using ClientAsking asking = new(server.Port);
        Assert.IsTrue(CoapCode.IsSuccess(asking.Ask(CoapCode.Put, "example_data", body: Pattern, blockSize: 256).Code));
        ClientOutcome outcome = asking.Outcome(CoapCode.Get, "example_data", blockSize: 64);
        outcome.Request.Observe = true;
        asking.Begin(outcome);
        asking.Await(() => outcome.Bodies.Count == 1, "the first state");
        byte[] next = Pattern.Reverse().ToArray();
        Assert.IsTrue(CoapCode.IsSuccess(asking.Ask(CoapCode.Put, "example_data", body: next, blockSize: 256).Code));
        asking.Await(() => outcome.Bodies.Count >= 2, "the second state");
        Assert.AreEqual(Convert.ToHexString(Pattern), Convert.ToHexString(outcome.Bodies[0]));
        Assert.AreEqual(Convert.ToHexString(next), Convert.ToHexString(outcome.Bodies[^1]), asking.Relay.Text);
    }

    // GET only: libcoap's server runs a repeated PUT twice, and of a body in blocks keeps the last block then
    [TestMethod]
    public static void Blocks_survive_a_lossy_network()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using (ClientAsking asking = new(server.Port))
        {
            Assert.IsTrue(CoapCode.IsSuccess(asking.Ask(CoapCode.Put, "stored", body: Pattern, blockSize: 256).Code));
        }

        for (int seed = 1; seed <= 3; seed++)
        {
            using ClientAsking asking = new(server.Port, RelayPlan.Random(seed, 15), seed);
            ClientOutcome got = asking.Ask(CoapCode.Get, "stored", blockSize: 64);
            Assert.AreEqual((int)CoapClientError.None, (int)got.Error, $"seed {seed}\n{asking.Relay.Text}");
            Assert.AreEqual(Convert.ToHexString(Pattern), Convert.ToHexString(got.Bodies.Single()), $"seed {seed}\n{asking.Relay.Text}");
        }
    }

    // RFC 9176 sections 4.3 and 5; libcoap's directory knows no update (LibcoapDirectory.Host.cs), for which the client registers again
    [TestMethod]
    public static void Registers_with_libcoaps_directory()
    {
        using LibcoapDirectory libcoap = LibcoapDirectory.Start();
        using ClientAsking asking = new(libcoap.Port);
        CoapServer server = new(asking.Endpoint, [new Lamp()], new CoapServerOptions { EchoKey = new byte[16] });
        CoapDirectoryOptions options = new() { EndpointName = "toaster-01", LifetimeSeconds = 60 };
        options.Directory.Set(UdpLoopback.AddressOf(asking.Relay.Port));
        CoapDirectoryClient directory = new(asking.Client, server, new Random(1), options);
        asking.Do(() =>
        {
            directory.Start(Environment.TickCount64);
            asking.Directory = directory;
        });
        asking.Await(() => directory.State == CoapDirectoryState.Registered, "registered");
        string location = asking.Do(() => Encoding.UTF8.GetString(directory.Location, 4, directory.LocationLength - 4));
        ClientOutcome links = asking.Ask(CoapCode.Get, "rd/" + location);
        Assert.AreEqual("</lamp>;rt=\"light\";ct=0", Encoding.UTF8.GetString(links.Bodies.Single()), asking.Relay.Text);
        Assert.Contains("Uri-Query=ep=toaster-01", asking.Relay.Text);
        asking.Do(() => directory.Renew(Environment.TickCount64));
        asking.Await(() => directory.Registrations == 2, "registered again");
    }

    private sealed class Lamp : CoapResource
    {
        internal Lamp()
            : base("lamp")
        {
            ResourceType = Bytes.FromString("light");
            Formats = [CoapFormat.Text];
        }
    }
}

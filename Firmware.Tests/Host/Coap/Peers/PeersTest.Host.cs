// The peers talk to each other through the relay: proof that the harness works, and of what the peers do on the wire, before any of our own
// code is in between.

using System.Net;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap.Peers;

[TestClass]
public static class PeersTest
{
    [Setup]
    public static void NeedsBothPeers()
    {
        CoapPeers.RequireLibcoap();
        CoapPeers.RequireNodeCoap();
    }

    [TestMethod]
    public static void Libcoap_reads_from_node_and_its_lost_request_is_repeated()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using LossyRelay relay = new(server.Port, "drop >1 twice >2");
        Expect("Hello, world", LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/hello")), relay);

        RelayedDatagram[] requests = [.. relay.Trace.Where(d => d.ToServer)];
        Assert.AreEqual(2, requests.Length, relay.Text);
        Assert.AreEqual(requests[0].Hex, requests[1].Hex);
        Assert.IsTrue(requests[1].AtMs is >= 1900 and < 4000, $"after ACK_TIMEOUT x 1 to 1.5: {requests[1].AtMs} ms");
        server.Lines.Await("/hello");
        Assert.AreEqual(1, server.Lines.All.Count(l => l.Contains("/hello", StringComparison.Ordinal)), "node-coap runs a doubled request once");
    }

    [TestMethod]
    public static void Libcoap_gets_blocks_with_a_new_token_each()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using LossyRelay relay = new(server.Port);
        byte[] body = LibcoapClient.Body(LibcoapClient.Uri(relay.Port, "/large"), "-b", "512");
        Assert.AreEqual(Convert.ToHexString(NodeCoapServer.Pattern(4096)), Convert.ToHexString(body), relay.Text);
        string[] requests = relay.Sent(toServer: true);
        Assert.AreEqual(8, requests.Length, relay.Text);
        Assert.AreEqual(8, requests.Select(r => r.Split("t=")[1].Split(' ')[0]).Distinct().Count(), relay.Text);
        Assert.EndsWith("Uri-Path=large Block2=7/0/512", requests[7]);
    }

    [TestMethod]
    public static void Libcoap_waits_for_a_separate_response_and_reports_an_error_on_standard_error()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using LossyRelay relay = new(server.Port);
        Expect("late", LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/separate")), relay);
        Assert.AreEqual(4, relay.Trace.Length, relay.Text);
        Assert.StartsWith("<1 ACK Empty", relay.Trace[1].Text);
        Assert.StartsWith("<2 CON 2.05", relay.Trace[2].Text);
        Assert.StartsWith(">2 ACK Empty", relay.Trace[3].Text);
        Expect("4.04", LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/nothing")), relay);
    }

    [TestMethod]
    public static void Libcoap_observes_until_it_cancels_with_observe_1_and_the_same_token()
    {
        using NodeCoapServer server = NodeCoapServer.Start();
        using LossyRelay relay = new(server.Port, "hold <3");
        string[] lines = LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/obs"), "-s", "1");

        // it shows what comes, the newest or not (RFC 7641 3.4 would let it drop tick 3)
        Assert.StartsWith("tick 1,tick 2,tick 4,tick 3,tick 5", string.Join(',', lines), relay.Text);
        RelayedDatagram[] requests = [.. relay.Trace.Where(d => d.ToServer && d.Text.Contains("GET", StringComparison.Ordinal))];
        Assert.AreEqual(2, requests.Length, relay.Text);
        Assert.Contains("t=01 Observe=0", requests[0].Text);
        Assert.Contains("t=01 Observe=1", requests[1].Text);
    }

    [TestMethod]
    public static void Node_puts_and_gets_blocks_with_one_token_at_libcoap()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using LossyRelay relay = new(server.Port);
        NodeCoapLine[] put = NodeCoapClient.Run(relay.Port, "put", """{"path":"/stored","size":1000,"block1":256}""");
        Assert.AreEqual("2.01", put[0].Code, relay.Text);
        NodeCoapLine[] got = NodeCoapClient.Run(relay.Port, "get", """{"path":"/stored","block2":128}""");
        Assert.AreEqual(1, got.Length);
        Assert.AreEqual("2.05", got[0].Code, relay.Text);
        Assert.AreEqual(System.Text.Encoding.ASCII.GetString(NodeCoapServer.Pattern(1000)), got[0].Text);
        string[] requests = relay.Sent(toServer: true);
        Assert.AreEqual(4 + 8, requests.Length, relay.Text);
        Assert.AreEqual(2, requests.Select(r => r.Split("t=")[1].Split(' ')[0]).Distinct().Count(), relay.Text);
    }

    [TestMethod]
    public static void Node_observes_libcoap_and_forgets_without_a_word()
    {
        using LibcoapServer server = LibcoapServer.Start();
        using LossyRelay relay = new(server.Port);
        NodeCoapLine[] lines = NodeCoapClient.Run(relay.Port, "observe", """{"path":"/time","count":2,"cancel":"forget","lingerMs":1500}""");
        Assert.AreEqual(2, lines.Length, relay.Text);
        Assert.AreEqual(lines[0].Observe + 1, lines[1].Observe);
        Assert.StartsWith(">3 RST Empty", relay.Sent(toServer: true)[2], relay.Text);
    }

    [TestMethod]
    public static void Directory_tells_where_a_registration_is()
    {
        using LibcoapDirectory directory = LibcoapDirectory.Start();
        using LossyRelay relay = new(directory.Port);
        string[] said = LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/rd?ep=toaster-01&lt=60"), "-m", "post", "-t", "40", "-e", "</sensors/temperature>;rt=temperature");
        Assert.AreEqual("", string.Join('\n', said));
        string created = relay.Sent(toServer: false)[0];
        Assert.Contains("2.01", created);
        string location = "/" + string.Join('/', created.Split("Location-Path=")[1..].Select(s => s.Trim()));
        Expect($"<{location}>", LibcoapClient.Run(LibcoapClient.Uri(relay.Port, "/.well-known/core")), relay);
        Expect("</sensors/temperature>", LibcoapClient.Run(LibcoapClient.Uri(relay.Port, location)), relay);
    }

    [TestMethod]
    public static void Both_clients_reach_an_engine_in_this_process_and_its_group()
    {
        IPAddress group = IPAddress.Parse("224.0.1.187");
        UdpLoopback socket = new(0, OperatingSystem.IsLinux() ? group : null);
        byte[] request = new byte[2048];
        var from = new DatagramAddress();
        using CoapServing serving = new(socket, _ =>
        {
            int count = socket.Receive(request, 0, request.Length, from);
            if (count > 0)
            {
                byte[] answer = Answer(request.AsSpan(0, count), from.IsMulticast ? "to the group" : "to me");
                socket.Send(answer, 0, answer.Length, from);
            }
        });
        Assert.AreEqual("to me", string.Join('\n', LibcoapClient.Run(LibcoapClient.Uri(serving.Port, "/"))));
        Assert.AreEqual("to me", NodeCoapClient.Run(serving.Port, "get")[0].Text);
        if (OperatingSystem.IsLinux())
        {
            NodeCoapLine[] found = NodeCoapClient.Run(serving.Port, "discover", """{"waitMs":500}""");
            Assert.AreEqual("response 2.05 to the group", string.Join('\n', found.Select(l => l.ToString())));
        }
    }

    // a piggybacked 2.05 for a CON, a NON one for a NON; message id and token are the request's
    private static byte[] Answer(ReadOnlySpan<byte> request, string text)
    {
        int tokenLength = request[0] & 15;
        byte type = (request[0] & 0x30) == 0 ? (byte)0x60 : (byte)0x50;
        return [(byte)(type | tokenLength), 0x45, .. request.Slice(2, 2 + tokenLength), 0xFF, .. System.Text.Encoding.ASCII.GetBytes(text)];
    }

    private static void Expect(string part, string[] lines, LossyRelay relay) => Assert.Contains(part, string.Join('\n', lines), relay.Text);
}

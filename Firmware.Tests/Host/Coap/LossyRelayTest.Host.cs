// The relay does what its script says, and what it says twice it does twice: without processes, with a socket that sends back what it gets.

using System.Net;
using System.Net.Sockets;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class LossyRelayTest
{
    [TestMethod]
    [DataRow("", "1 2 3 4")]
    [DataRow("drop >1 <2", "2 4")]
    [DataRow("drop >3..", "1 2")]
    [DataRow("twice >2 hold <1", "2 1 2 3 4")]
    [DataRow("late200 <2", "1 3 4 2")]
    [DataRow("hold >4", "1 2 3 4")]
    public static void Script_says_what_becomes_of_each_datagram(string script, string arrived)
    {
        using Mirror mirror = new();
        using LossyRelay relay = new(mirror.Port, script);
        using UdpLoopback client = new();
        byte[] datagram = [0x40, 0x00, 0x00, 0x00];
        for (byte i = 1; i <= 4; i++)
        {
            datagram[3] = i;
            client.Send(datagram, 0, datagram.Length, UdpLoopback.AddressOf(relay.Port));
            int sent = i;
            relay.Await(t => t.Count(d => d.ToServer) == sent, $"datagram {i}");

            // what is not dropped, held or late is back before the next one goes
            client.WaitReadable(20);
        }

        Assert.AreEqual(arrived, string.Join(' ', Take(client, arrived.Split(' ').Length)), relay.Text);
        Assert.AreEqual(4, relay.Sent(toServer: true).Length);
    }

    [TestMethod]
    public static void Seed_gives_the_same_fates_again()
    {
        string[] fates = [.. Enumerable.Range(0, 2).Select(_ => string.Join(' ', Enumerable.Range(1, 2000).Select(n => RelayPlan.Random(7, 20).FateOf(n % 2 == 0, n, out int _))))];
        Assert.AreEqual(fates[0], fates[1]);
        int[] counts = [.. Enum.GetNames<RelayFate>().Select(name => fates[0].Split(' ').Count(f => f == name))];

        // 50 %, 20 %, 10 %, 10 %, 10 % of 2000, each within six standard deviations
        int[] expected = [1000, 400, 200, 200, 200];
        for (int i = 0; i < counts.Length; i++)
        {
            Assert.IsTrue(Math.Abs(counts[i] - expected[i]) < 130, $"{(RelayFate)i}: {counts[i]}");
        }
    }

    [TestMethod]
    public static void Cut_relay_is_silent_in_both_directions()
    {
        using Mirror mirror = new();
        using LossyRelay relay = new(mirror.Port) { IsCut = true };
        using UdpLoopback client = new();
        client.Send([0x40, 0, 0, 1], 0, 4, UdpLoopback.AddressOf(relay.Port));
        relay.Await(t => t.Length == 1, "the lost datagram");
        Assert.AreEqual(">1 drop CON Empty 0001", relay.Trace[0].Text);
        relay.IsCut = false;
        client.Send([0x40, 0, 0, 2], 0, 4, UdpLoopback.AddressOf(relay.Port));
        Assert.AreEqual("2", string.Join(' ', Take(client, 1)));
    }

    [TestMethod]
    [DataRow("410143ed01729ca5", "CON GET 43ed t=01 Uri-Port=40101")]
    [DataRow("600043ed", "ACK Empty 43ed")]
    [DataRow("51457001aa410170ff6869", "NON 2.05 7001 t=aa ETag=01 Uri-Path= | 2 B")]
    [DataRow("40010001d10a2aff", "CON GET 0001 Block2=2/1/64 | 0 B")]
    [DataRow("40030001e1000f61", "CON PUT 0001 284=61")]
    [DataRow("00010001", "no CoAP: 00010001")]
    [DataRow("4901000100", "no CoAP: 4901000100")]
    [DataRow("40010001f0", "no CoAP: 40010001f0")]
    [DataRow("40010001b5aa", "no CoAP: 40010001b5aa")]
    public static void Datagram_is_told_in_words(string hex, string text) => Assert.AreEqual(text, CoapText.Of(Convert.FromHexString(hex)));

    [TestMethod]
    public static void Datagram_longer_than_the_buffer_is_cut_and_empty_one_is_dropped()
    {
        using UdpLoopback one = new();
        using UdpLoopback other = new();
        byte[] sent = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        raw.SendTo([], new IPEndPoint(IPAddress.Loopback, other.Port));
        Assert.AreEqual(100, one.Send(sent, 0, 100, UdpLoopback.AddressOf(other.Port)));
        byte[] got = new byte[60];
        var from = new DatagramAddress();
        for (int wait = 0; wait < 2 && other.Received == 0; wait++)
        {
            other.WaitReadable(2000);
            int count = other.Receive(got, 10, 50, from);
            Assert.IsTrue(count is 0 or 50, $"{count} bytes");
        }

        Assert.AreEqual((byte)49, got[59]);
        Assert.AreEqual((byte)0, got[9]);
        Assert.IsTrue(from.Matches(UdpLoopback.AddressOf(one.Port)), "the sender");
        Assert.AreEqual(0, other.Receive(got, 0, 50, from));
        other.Close();
        Assert.IsTrue(other.Receive(got, 0, 50, from) < 0, "dead after Close");
    }

    private static List<int> Take(UdpLoopback client, int count)
    {
        var numbers = new List<int>();
        byte[] datagram = new byte[64];
        var from = new DatagramAddress();
        for (int waits = 0; numbers.Count < count && waits < 20; waits++)
        {
            client.WaitReadable(500);
            while (client.Receive(datagram, 0, datagram.Length, from) > 0)
            {
                numbers.Add(datagram[3]);
            }
        }

        return numbers;
    }

    /// <summary>Sends back what it gets.</summary>
    private sealed class Mirror : IDisposable
    {
        private readonly UdpLoopback _socket = new();
        private readonly CoapServing _serving;
        private readonly byte[] _buffer = new byte[2048];
        private readonly DatagramAddress _peer = new();

        internal Mirror() => _serving = new CoapServing(_socket, _ => Poll());

        internal int Port => _serving.Port;

        public void Dispose() => _serving.Dispose();

        private void Poll()
        {
            int count = _socket.Receive(_buffer, 0, _buffer.Length, _peer);
            if (count > 0)
            {
                _socket.Send(_buffer, 0, count, _peer);
            }
        }
    }
}

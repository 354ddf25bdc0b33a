// TcpTransport on the virtual board, over this machine's loopback interface: never blocking, whatever the peer, the Wi-Fi and the power do.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using nanoFramework.Networking;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Tests of the board's TCP connections.</summary>
[TestClass]
public static class TcpTransportTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [TestMethod]
    public static void Bytes_go_both_ways_and_nothing_is_0()
    {
        using TcpBench bench = new();
        byte[] buffer = [9, 9, 9, 9, 9];
        Assert.AreEqual(0, bench.Read(buffer, 0, 5));
        bench.Peer.Send([1, 2, 3]);
        Assert.AreEqual(2, bench.Await(buffer, 1, 2));
        Assert.AreEqual(1, bench.Await(buffer, 3, 2));
        Assert.IsTrue(buffer.AsSpan().SequenceEqual((byte[])[9, 1, 2, 3, 9]));
        Assert.AreEqual(2, bench.Write(buffer, 1, 2));
        byte[] got = new byte[2];
        Assert.AreEqual(2, bench.Peer.Receive(got));
        Assert.AreEqual((byte)2, got[1]);
    }

    [TestMethod]
    public static void Peer_that_takes_nothing_never_holds_the_writer_and_gets_all_in_the_end()
    {
        using TcpBench bench = new();
        byte[] data = new byte[1 << 16];
        new Random(1).NextBytes(data);
        long sent = 0;
        long start = Stopwatch.GetTimestamp();
        for (int taken; (taken = bench.Write(data, (int)(sent % 1000), data.Length - 1000)) > 0;)
        {
            sent += taken;
        }

        Assert.IsTrue(Stopwatch.GetElapsedTime(start) < Patience, "it blocked");
        Assert.IsTrue(sent > 0);
        long got = 0;
        byte[] sink = new byte[1 << 20];
        while (got < sent)
        {
            got += bench.Peer.Receive(sink);
        }

        Assert.AreEqual(sent, got);
        Assert.IsTrue(SpinWait.SpinUntil(() => bench.Write(data, 0, 1) == 1, Patience), "it takes nothing any more");
    }

    [TestMethod]
    public static void Peer_that_closes_is_closed_after_its_last_byte_and_one_that_resets_has_failed()
    {
        using TcpBench bench = new();
        byte[] buffer = new byte[4];
        bench.Peer.Send([7]);
        bench.Peer.Close();
        Assert.AreEqual(1, bench.Await(buffer, 0, 4));
        Assert.AreEqual(TransportResult.Closed, bench.Await(buffer, 0, 4));
        using TcpBench reset = new();
        reset.Peer.LingerState = new LingerOption(true, 0);
        reset.Peer.Close();
        Assert.AreEqual(TransportResult.Failed, reset.Await(buffer, 0, 4));
        Assert.AreEqual(TransportResult.Failed, reset.Write(buffer, 0, 4));
    }

    [TestMethod]
    public static void Close_says_the_end_behind_the_last_byte_and_can_be_repeated()
    {
        using TcpBench bench = new();
        Assert.AreEqual(3, bench.Write([1, 2, 3], 0, 3));
        bench.Close();
        bench.Close();
        byte[] got = new byte[8];
        Assert.AreEqual(3, bench.Peer.Receive(got));
        Assert.AreEqual(0, bench.Peer.Receive(got));
        Assert.AreEqual(TransportResult.Failed, bench.Read(got, 0, 8));
        Assert.AreEqual(TransportResult.Failed, bench.Write(got, 0, 8));
    }

    [TestMethod]
    public static void Without_wifi_nothing_moves_and_nothing_is_lost()
    {
        using TcpBench bench = new();
        byte[] buffer = new byte[4];
        bench.Wifi(false);
        bench.Peer.Send([1, 2]);
        Assert.AreEqual(0, bench.Write(buffer, 0, 4));
        Assert.AreEqual(0, bench.Read(buffer, 0, 4));
        bench.Wifi(true);
        Assert.AreEqual(2, bench.Await(buffer, 0, 4));
        Assert.AreEqual(4, bench.Write(buffer, 0, 4));
    }

    [TestMethod]
    public static void Power_cut_drops_the_link()
    {
        using TcpBench bench = new();
        bench.CutPower();
        byte[] got = new byte[1];
        try
        {
            Assert.AreEqual(0, bench.Peer.Receive(got));
        }
        catch (SocketException)
        {
            // or a reset
        }

        Assert.AreEqual(TransportResult.Failed, bench.Transport.Read(got, 0, 1));
        Assert.AreEqual(TransportResult.Failed, bench.Transport.Write(got, 0, 1));
    }

    [TestMethod]
    public static void Accepted_socket_is_a_transport_too()
    {
        using TcpBench bench = new(accepts: true);
        bench.Peer.Send([5]);
        byte[] buffer = new byte[1];
        Assert.AreEqual(1, bench.Await(buffer, 0, 1));
        Assert.AreEqual((byte)5, buffer[0]);
        Assert.AreEqual(1, bench.Write(buffer, 0, 1));
        Assert.AreEqual(1, bench.Peer.Receive(buffer));
    }

    [TestMethod]
    public static void Port_at_which_nobody_listens_and_name_that_nobody_has_are_said_as_such()
    {
        using TcpBench bench = new();
        string refused = "";
        string unknown = "";
        bench.Run(() =>
        {
            refused = Failure("localhost", bench.ClosedPort);
            unknown = Failure("no-such-host.invalid", 1); // RFC 6761, 6.4: never resolves
        });
        Assert.Contains($"cannot reach localhost on port {bench.ClosedPort}: check that the broker runs", refused);
        Assert.Contains("cannot resolve no-such-host.invalid: check \"endpoint\"", unknown);
    }

    private static string Failure(string host, int port)
    {
        try
        {
            TcpTransport.Connect(host, port).Close();
            return "connected";
        }
        catch (ConnectException e)
        {
            return e.Message;
        }
    }

    /// <summary>A board with a connection, and its other end.</summary>
    private sealed class TcpBench : IDisposable
    {
        private readonly Bench _bench = new();

        internal TcpBench(bool accepts = false)
        {
            _bench.Run(() => WifiNetworkHelper.SetupNetworkHelper("virtual", "secret"));
            AwaitWifi();
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            ClosedPort = port;
            TcpTransport? transport = null;
            if (accepts)
            {
                Peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                Peer.Connect(IPAddress.Loopback, port);
                _bench.Run(() => transport = new TcpTransport(listener.AcceptSocket()));
            }
            else
            {
                _bench.Run(() => transport = TcpTransport.Connect("localhost", port));
                Peer = listener.AcceptSocket();
            }

            Transport = transport!;
            Peer.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        }

        internal TcpTransport Transport { get; }

        internal Socket Peer { get; }

        internal int ClosedPort { get; }

        internal void Run(Action firmware) => _bench.Run(firmware);

        internal int Read(byte[] buffer, int offset, int count) => Call(() => Transport.Read(buffer, offset, count));

        internal int Write(byte[] buffer, int offset, int count) => Call(() => Transport.Write(buffer, offset, count));

        internal void Close() => _bench.Run(Transport.Close);

        /// <summary>Reads until there is something.</summary>
        internal int Await(byte[] buffer, int offset, int count) => Call(() =>
        {
            int got = 0;
            SpinWait.SpinUntil(() => (got = Transport.Read(buffer, offset, count)) != 0, Patience);
            return got;
        });

        internal void Wifi(bool on)
        {
            _bench.Board.Wifi.AccessPointOn = on;
            if (on)
            {
                AwaitWifi();
            }
        }

        internal void CutPower() => _bench.Board.CutPower();

        public void Dispose()
        {
            Peer.Dispose();
            _bench.Dispose();
        }

        private void AwaitWifi() => Assert.IsTrue(Bench.Until(() =>
        {
            _bench.Time.Advance(50);
            return _bench.Board.Wifi.Connected;
        }));

        private int Call(Func<int> call)
        {
            int result = 0;
            _bench.Run(() => result = call());
            return result;
        }
    }
}

// UdpTransport on the virtual board, over this machine's loopback interface.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Simulator.Board;
using nanoFramework.Networking;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Tests of the board's UDP port.</summary>
[TestClass]
public static class UdpTransportTest
{
    private const int PatienceMs = 5000;

    [TestMethod]
    public static void Datagrams_go_both_ways_with_the_address_of_the_peer()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        peer.SendTo([1, 2, 3], bench.EndPoint);
        Assert.AreEqual("010203", bench.Await());
        Assert.AreEqual(4, bench.From.Length);
        Assert.AreEqual("127.0.0.1", string.Join('.', bench.From.Address.Take(4)));
        Assert.AreEqual(((IPEndPoint)peer.LocalEndPoint!).Port, bench.From.Port);
        Assert.IsFalse(bench.From.IsMulticast);
        Assert.AreEqual(2, bench.Transport.Send([9, 8, 7, 6], 1, 2, bench.From));
        Assert.AreEqual("0807", Next(peer));
    }

    [TestMethod]
    public static void Two_peers_are_told_apart_whatever_the_order()
    {
        using UdpBench bench = new();
        using Socket one = bench.Peer();
        using Socket two = bench.Peer();
        DatagramAddress addressOfTwo = AddressOf(two);
        for (byte i = 0; i < 10; i++)
        {
            one.SendTo([1, i], bench.EndPoint);
            Assert.AreEqual($"01{i:X2}", bench.Await());
            Assert.AreEqual(1, bench.Transport.Send([i], 0, 1, addressOfTwo));
            Assert.AreEqual($"{i:X2}", Next(two));
            Assert.IsTrue(bench.From.Matches(AddressOf(one)));
            Assert.AreEqual(1, bench.Transport.Send([i], 0, 1, bench.From));
            Assert.AreEqual($"{i:X2}", Next(one));
            two.SendTo([2, i], bench.EndPoint);
            Assert.AreEqual($"02{i:X2}", bench.Await());
            Assert.IsTrue(bench.From.Matches(addressOfTwo));
        }
    }

    [TestMethod]
    [DataRow(16, 16)]
    [DataRow(15, 15)]
    [DataRow(17, 16)]
    [DataRow(60000, 16)]
    public static void Datagram_that_does_not_fit_is_cut_to_what_was_asked_and_its_rest_is_lost(int size, int got)
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        peer.SendTo(Enumerable.Repeat((byte)7, size).ToArray(), bench.EndPoint);
        peer.SendTo([1], bench.EndPoint);
        Assert.AreEqual(string.Concat(Enumerable.Repeat("07", got)), bench.Await());
        Assert.IsTrue(bench.From.Matches(AddressOf(peer)));
        Assert.AreEqual((byte)0, bench.Buffer[UdpBench.Offset + 16], "written past the count");
        Assert.AreEqual("01", bench.Await());
    }

    [TestMethod]
    public static void Empty_datagrams_are_dropped()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        for (int i = 0; i < 20; i++)
        {
            peer.SendTo([], bench.EndPoint);
        }

        peer.SendTo([5], bench.EndPoint);
        Assert.AreEqual("05", bench.Await());
        Assert.AreEqual(0, bench.Receive());
    }

    [TestMethod]
    public static void Peer_that_is_gone_does_not_end_the_port()
    {
        using UdpBench bench = new();
        DatagramAddress gone;
        using (Socket closed = bench.Peer())
        {
            gone = AddressOf(closed);
        }

        for (int i = 0; i < 20; i++)
        {
            // the answer is an ICMP port unreachable, which Windows reports at the next receive
            Assert.AreEqual(1, bench.Transport.Send([1], 0, 1, gone));
            Assert.AreEqual(0, bench.Receive());
        }

        using Socket peer = bench.Peer();
        peer.SendTo([1], bench.EndPoint);
        Assert.AreEqual("01", bench.Await());
    }

    [TestMethod]
    public static void What_cannot_be_sent_is_lost_and_the_port_lives()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        DatagramAddress to = new();
        Assert.AreEqual(0, bench.Transport.Send([1], 0, 1, to), "no address");
        to.SetIPv4(10, 255, 255, 1, 5683);
        Assert.AreEqual(0, bench.Transport.Send([1], 0, 1, to), "not reachable from loopback");
        to.SetIPv4(127, 0, 0, 1, 0);
        Assert.AreEqual(0, bench.Transport.Send([1], 0, 1, to), "no port");
        to.Length = 16;
        to.Port = 5683;
        Assert.AreEqual(0, bench.Transport.Send([1], 0, 1, to), "IPv6");
        Assert.AreEqual(0, bench.Transport.Send(new byte[70000], 0, 70000, AddressOf(peer)), "too large for UDP");
        Assert.AreEqual(1, bench.Transport.Send([3], 0, 1, AddressOf(peer)));
        Assert.AreEqual("03", Next(peer));
    }

    [TestMethod]
    public static void Closed_port_is_dead_and_its_number_is_free_again()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        bench.Transport.Close();
        bench.Transport.Close();
        Assert.AreEqual(TransportResult.Failed, bench.Receive());
        Assert.AreEqual(TransportResult.Failed, bench.Transport.Send([1], 0, 1, AddressOf(peer)));
        using Socket next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        next.Bind(bench.EndPoint);
    }

    [TestMethod]
    public static void Port_that_is_taken_is_said_as_such()
    {
        using UdpBench bench = new();
        string message = "";
        bench.Run(() =>
        {
            try
            {
                UdpTransport.Open(bench.EndPoint.Port, multicast: false).Close();
            }
            catch (ConnectException e)
            {
                message = e.Message;
            }
        });
        Assert.StartsWith($"cannot open UDP port {bench.EndPoint.Port} on 127.0.0.1: another program", message);
    }

    [TestMethod]
    public static void Without_wifi_there_is_no_port_to_open()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            Assert.IsNull(UdpTransport.FindAddress());
            Assert.IsNull(UdpTransport.Open(0, multicast: true));
        });
    }

    [TestMethod]
    public static void What_comes_while_wifi_is_off_is_lost_and_nothing_is_sent()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        bench.Board.Wifi.AccessPointOn = false;
        bench.Run(() => Assert.IsTrue(bench.Transport.HasMoved()));
        peer.SendTo([1], bench.EndPoint);
        Assert.AreEqual(0, bench.Receive());
        Assert.AreEqual(0, bench.Transport.Send([2], 0, 1, AddressOf(peer)));

        // this one nobody asks for: the port's own thread must lose it
        peer.SendTo([3], bench.EndPoint);
        Assert.IsTrue(Bench.Until(() => bench.Pending == 0), "the datagram waits for Wi-Fi");
        Assert.AreEqual(0, bench.Arrivals);
        bench.Board.Wifi.AccessPointOn = true;
        bench.ConnectWifi();
        bench.Run(() => Assert.IsFalse(bench.Transport.HasMoved()));
        peer.SendTo([4], bench.EndPoint);
        Assert.AreEqual("04", bench.Await());
        Assert.AreEqual(0, bench.Receive());
        Assert.IsFalse(peer.Poll(0, SelectMode.SelectRead), "something was sent without Wi-Fi");
    }

    [TestMethod]
    public static void Cut_of_power_closes_the_port()
    {
        using UdpBench bench = new();
        bench.Board.CutPower();
        Assert.AreEqual(TransportResult.Failed, bench.Receive());
        Assert.AreEqual(TransportResult.Failed, bench.Transport.Send([1], 0, 1, AddressOf(1)));
        using Socket next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        next.Bind(bench.EndPoint);
    }

    [TestMethod]
    public static void Datagram_to_the_group_is_marked_and_answered_from_the_boards_own_address()
    {
        using UdpBench bench = new(multicast: true);
        Assert.IsTrue(bench.Transport.HasGroup, bench.Transport.GroupFailure);
        using Socket peer = bench.Peer();
        peer.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        IPEndPoint group = new(new IPAddress(UdpTransport.AllCoapNodes), bench.EndPoint.Port);
        for (byte i = 0; i < 5; i++)
        {
            peer.SendTo([1, i], group);
            Assert.AreEqual($"01{i:X2}", bench.Await());
            Assert.IsTrue(bench.From.IsMulticast);
            Assert.IsTrue(bench.From.Matches(AddressOf(peer)));
            Assert.AreEqual(1, bench.Transport.Send([i], 0, 1, bench.From));
            Assert.AreEqual($"{i:X2}", Next(peer, out EndPoint answerer));
            Assert.AreEqual(bench.EndPoint, answerer);
            peer.SendTo([2, i], bench.EndPoint);
            Assert.AreEqual($"02{i:X2}", bench.Await());
            Assert.IsFalse(bench.From.IsMulticast);
        }

        Assert.AreEqual(0, bench.Receive(), "a datagram came twice");
    }

    [TestMethod]
    public static void Without_the_group_its_datagrams_do_not_come()
    {
        using UdpBench bench = new();
        Assert.IsFalse(bench.Transport.HasGroup);
        Assert.IsNull(bench.Transport.GroupFailure);
        using Socket peer = bench.Peer();
        peer.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        peer.SendTo([1], new IPEndPoint(new IPAddress(UdpTransport.AllCoapNodes), bench.EndPoint.Port));
        peer.SendTo([2], bench.EndPoint);
        Assert.AreEqual("02", bench.Await());
        Assert.AreEqual(0, bench.Receive());
    }

    [TestMethod]
    public static void Flood_of_one_kind_leaves_room_for_the_other()
    {
        using UdpBench bench = new(multicast: true);
        using Socket peer = bench.Peer();
        peer.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        for (int i = 0; i < 20; i++)
        {
            peer.SendTo([1], bench.EndPoint);
        }

        peer.SendTo([2], new IPEndPoint(new IPAddress(UdpTransport.AllCoapNodes), bench.EndPoint.Port));
        string order = bench.Await() + bench.Await() + bench.Await();
        Assert.Contains("02", order);
        Assert.Contains("01", order);
    }

    [TestMethod]
    [DataRow("127.0.0.1", true)]
    [DataRow("127.200.3.4", true)]
    [DataRow("128.0.0.1", false)]
    [DataRow("10.0.0.1", false)]
    [DataRow("0.0.0.0", false)]
    public static void Peer_is_local_if_the_netmask_says_so(string address, bool local)
    {
        using UdpBench bench = new();
        byte[] a = IPAddress.Parse(address).GetAddressBytes();
        DatagramAddress peer = new();
        peer.SetIPv4(a[0], a[1], a[2], a[3], 1);
        Assert.AreEqual(local, bench.Transport.IsLocal(peer));
        peer.Length = 16;
        Assert.IsFalse(bench.Transport.IsLocal(peer));
    }

    [TestMethod]
    public static void Watcher_tells_once_until_the_port_is_drained()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        for (int round = 1; round <= 20; round++)
        {
            peer.SendTo([1], bench.EndPoint);
            Assert.IsTrue(bench.Arrived.WaitOne(PatienceMs), "the watcher sleeps");
            peer.SendTo([2], bench.EndPoint);
            Assert.IsFalse(bench.Arrived.WaitOne(5), "told again although nothing was drained");
            Assert.AreEqual("01", bench.Await());
            Assert.AreEqual("02", bench.Await());
            Assert.AreEqual(round, bench.Arrivals);
            Assert.AreEqual(0, bench.Receive());
        }
    }

    [TestMethod]
    public static void Watcher_wakes_the_loop_far_sooner_than_it_looks_by_itself()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        double[] ms = new double[51];
        for (int i = 0; i < ms.Length; i++)
        {
            long sent = Stopwatch.GetTimestamp();
            peer.SendTo([1], bench.EndPoint);
            Assert.IsTrue(bench.Arrived.WaitOne(PatienceMs));
            ms[i] = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            Assert.AreEqual("01", bench.Await());
            Assert.AreEqual(0, bench.Receive());
        }

        Array.Sort(ms);
        OutputHelper.WriteLine($"from send to Arrived: median {ms[25]:F3} ms, longest {ms[50]:F3} ms");
        Assert.IsTrue(ms[25] < 10, $"median {ms[25]} ms");
    }

    [TestMethod]
    public static void Handler_that_throws_costs_the_wake_up_only()
    {
        using UdpBench bench = new();
        using Socket peer = bench.Peer();
        bench.Transport.Arrived += () => throw new InvalidOperationException("test");
        Exception? unhandled = null;
        bench.Board.UnhandledException += e => unhandled = e;
        peer.SendTo([1], bench.EndPoint);
        Assert.IsTrue(bench.Arrived.WaitOne(PatienceMs));
        Assert.AreEqual("01", bench.Await());
        peer.SendTo([2], bench.EndPoint);
        Assert.AreEqual("02", bench.Await());
        Assert.IsNull(unhandled);
    }

    private static DatagramAddress AddressOf(Socket socket) => AddressOf(((IPEndPoint)socket.LocalEndPoint!).Port);

    private static DatagramAddress AddressOf(int port)
    {
        DatagramAddress address = new();
        address.SetIPv4(127, 0, 0, 1, port);
        return address;
    }

    private static string Next(Socket peer) => Next(peer, out _);

    private static string Next(Socket peer, out EndPoint sender)
    {
        byte[] buffer = new byte[100];
        sender = new IPEndPoint(IPAddress.Any, 0);
        return Convert.ToHexString(buffer, 0, peer.ReceiveFrom(buffer, ref sender));
    }

    /// <summary>A board with Wi-Fi and an open port, and what arrives at it.</summary>
    private sealed class UdpBench : IDisposable
    {
        internal const int Offset = 3;
        private const int Count = 16;

        private readonly Bench _bench = new();
        private int _arrivals;

        internal UdpBench(bool multicast = false)
        {
            _bench.Run(() => WifiNetworkHelper.SetupNetworkHelper("virtual", "secret"));
            ConnectWifi();
            UdpTransport? transport = null;
            _bench.Run(() => transport = UdpTransport.Open(0, multicast));
            Transport = transport!;
            Transport.Arrived += () =>
            {
                Interlocked.Increment(ref _arrivals);
                Arrived.Set();
            };
            EndPoint = new IPEndPoint(IPAddress.Loopback, Transport.Port);
        }

        internal VirtualBoard Board => _bench.Board;

        internal UdpTransport Transport { get; }

        internal IPEndPoint EndPoint { get; }

        internal AutoResetEvent Arrived { get; } = new(false);

        internal int Arrivals => Volatile.Read(ref _arrivals);

        internal byte[] Buffer { get; } = new byte[100];

        internal DatagramAddress From { get; } = new();

        /// <summary>Bytes that the PC still holds for the port.</summary>
        internal int Pending => File.Exists("/proc/net/udp") ? QueueOf(EndPoint.Port) : 0;

        internal void Run(Action firmware) => _bench.Run(firmware);

        internal void ConnectWifi()
        {
            Assert.IsTrue(Bench.Until(() =>
            {
                _bench.Time.Advance(50);
                return Board.Wifi.Connected;
            }));
        }

        internal Socket Peer()
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMs };
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }

        internal int Receive() => Transport.Receive(Buffer, Offset, Count, From);

        /// <summary>The next datagram, in hex.</summary>
        internal string Await()
        {
            int got = 0;
            Assert.IsTrue(Bench.Until(() => (got = Receive()) != 0), "no datagram");
            return Convert.ToHexString(Buffer, Offset, got);
        }

        public void Dispose()
        {
            Transport.Close();
            _bench.Dispose();
        }

        // sl local_address rem_address st tx_queue:rx_queue
        private static int QueueOf(int port) => File.ReadLines("/proc/net/udp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Sum(fields => Convert.ToInt32(fields[4].Split(':')[1], 16));
    }
}

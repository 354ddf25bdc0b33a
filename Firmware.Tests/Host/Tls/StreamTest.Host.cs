// Data through the TLS engine over real sockets: windows and pieces of every size, long records, and the ways in which a stream can end.

using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
[RunsBeside]
public static class StreamTest
{
    private const int Connections = 100;

    [Setup]
    public static void NeedsEngineAndOpenSsl() => TlsPeer.Require();

    [TestMethod]
    public static void Hundreds_of_connections_with_random_windows_bring_back_what_was_sent()
    {
        using EchoPeer peer = new();
        TlsOptions options = TlsClient.Options(client: TlsIdentities.Client);
        int resumed = 0;
        for (int seed = 1; seed <= Connections; seed++)
        {
            Random random = new(seed);
            using TlsClient client = new(Window(random), Window(random));
            string at = $"seed {seed}";
            Assert.AreEqual(0, client.Connect(peer.Port, options, random, random.Next(3) == 0 ? 1 + random.Next(20) : int.MaxValue), at);
            resumed += client.Transport.IsResumed ? 1 : 0;
            for (int round = random.Next(4); round >= 0; round--)
            {
                byte[] data = new byte[random.Next(3) == 0 ? random.Next(20_000) : random.Next(200)];
                random.NextBytes(data);
                client.Write(data);
                Assert.IsTrue(client.Read(data.Length).Bytes.AsSpan().SequenceEqual(data), at);
            }

            options.Session = random.Next(4) == 0 ? null : client.TakeSession();
            options.SessionLength = options.Session?.Length ?? 0;
        }

        Assert.IsTrue(resumed > Connections / 2, $"{resumed} resumed");
    }

    [TestMethod]
    public static void One_byte_at_a_time_is_enough_both_ways()
    {
        using EchoPeer peer = new();
        using TlsClient client = new(16, 16);
        Assert.AreEqual(0, client.Connect(peer.Port, TlsClient.Options(client: TlsIdentities.Client), new Random(1), 1));
        client.Write(Bytes.FromString("toast"));
        Assert.IsTrue(client.Read(5).Bytes.AsSpan().SequenceEqual("toast"u8));
    }

    [TestMethod]
    public static void Record_of_16_kilobytes_passes_through_small_windows()
    {
        using EchoPeer peer = new();
        using TlsClient client = new(64, 64);
        Assert.AreEqual(0, client.Connect(peer.Port, TlsClient.Options(client: TlsIdentities.Client)));
        byte[] data = new byte[16_384];
        new Random(2).NextBytes(data);
        client.Write(data);
        Assert.IsTrue(client.Read(data.Length).Bytes.AsSpan().SequenceEqual(data));
    }

    [TestMethod]
    public static void Stream_that_ends_without_close_notify_is_cut_and_not_closed()
    {
        using EchoPeer peer = new() { CutAfter = 5 };
        using TlsClient client = new();
        Assert.AreEqual(0, client.Connect(peer.Port, TlsClient.Options(client: TlsIdentities.Client)));
        client.Write(Bytes.FromString("toast"));
        (byte[] bytes, int end) = client.Read(6);
        Assert.IsTrue(bytes.AsSpan().SequenceEqual("toast"u8), "what came before the cut");
        Assert.AreEqual(TransportResult.Failed, end);
        Assert.AreEqual(TlsError.Truncated, client.Transport.Error);
    }

    [TestMethod]
    public static void Close_notify_of_the_server_is_the_end_in_order()
    {
        using EchoPeer peer = new() { EndAfter = 5 };
        using TlsClient client = new();
        Assert.AreEqual(0, client.Connect(peer.Port, TlsClient.Options(client: TlsIdentities.Client)));
        client.Write(Bytes.FromString("toast"));
        (byte[] bytes, int end) = client.Read(6);
        Assert.IsTrue(bytes.AsSpan().SequenceEqual("toast"u8));
        Assert.AreEqual(TransportResult.Closed, end);
        Assert.AreEqual(0, client.Transport.Error);
    }

    [TestMethod]
    public static void Server_keeps_to_the_longest_fragment_that_was_asked_for()
    {
        using TlsPeer peer = new(TlsIdentities.Server, "-tls1_2 -max_send_frag 16384");
        using TlsClient client = new();
        TlsOptions options = TlsClient.Options();
        options.MaximumFragment = 1024;
        Assert.AreEqual(0, client.Connect(peer.Port, options), $"detail {-client.Transport.Detail:x}");
        peer.Say(new string('x', 2000));
        int longest = 0;
        for (int have = 0; have < 2001;)
        {
            byte[] buffer = new byte[4096];
            int got = client.Transport.Read(buffer, 0, buffer.Length);
            Assert.IsTrue(got >= 0);
            have += got;
            longest = Math.Max(longest, got);
        }

        Assert.AreEqual(1024, longest);
    }

    [TestMethod]
    public static void No_engine_is_left_open_and_none_is_opened_above_the_table()
    {
        long open = TlsEngine.Info(0, TlsItem.InfoEngines);
        List<int> engines = [];
        int engine;
        while ((engine = TlsEngine.Open()) > 0)
        {
            engines.Add(engine);
        }

        Assert.AreEqual(TlsError.TableFull, engine);
        engines.ForEach(e => Assert.AreEqual(0, TlsEngine.Close(e)));
        engines.ForEach(e => Assert.AreEqual(TlsError.Handle, TlsEngine.Close(e)));
        Assert.AreEqual(open, TlsEngine.Info(0, TlsItem.InfoEngines));
    }

    private static int Window(Random random) => random.Next(3) switch
    {
        0 => 16 + random.Next(32),
        1 => 16 + random.Next(2048),
        _ => 16 + random.Next(40_000),
    };
}

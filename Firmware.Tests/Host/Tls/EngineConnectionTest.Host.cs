// The connection through the TLS engine: resumption and everything that speaks against it, the handshake's time limit, the link below, and no garbage.

using System.Security.Authentication;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;
using Firmware.Settings;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
public static class EngineConnectionTest
{
    private const int Records = 10_000;
    private const int WarmUp = 500;

    [Setup]
    public static void NeedsEngine() => TlsEngineNeeded.Require();

    [TestMethod]
    public static void Second_connection_resumes_the_session_of_the_first()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        for (int i = 0; i < 5; i++)
        {
            Assert.AreEqual(i == 0 ? "full handshake" : "resumed", bench.Open());
            bench.Exchange();
            bench.Close();
        }
    }

    [TestMethod]
    public static void Without_sessions_each_handshake_is_a_full_one()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.None);
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual("full handshake", bench.Open());
            bench.Exchange();
            bench.Close();
        }
    }

    [TestMethod]
    [DataRow(false, "full handshake")]
    [DataRow(true, "resumed")]
    public static void Boot_resumes_only_what_is_in_storage(bool stores, string expected)
    {
        TlsSessionPolicy policy = stores ? TlsSessionPolicy.Storage : TlsSessionPolicy.Memory;
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        for (int boot = 0; boot < 3; boot++)
        {
            bench.Boot(policy);
            Assert.AreEqual(boot == 0 ? "full handshake" : expected, bench.Open());
            bench.Exchange();
            bench.Close();
            Assert.AreEqual(stores ? boot + 1L : 0L, bench.Storage.Writes, "one write for each connection");
        }
    }

    [TestMethod]
    public static void Session_is_in_storage_before_the_connection_is_used()
    {
        // in TLS 1.3 it comes later, and is stored when the connection is closed
        using EchoPeer server = new() { Versions = SslProtocols.Tls12 };
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.Storage);
        bench.Open();

        // the power goes: nothing is closed
        bench.Boot(TlsSessionPolicy.Storage);
        Assert.AreEqual("resumed", bench.Open());
    }

    [TestMethod]
    public static void Session_does_not_outlive_a_day_however_often_it_is_renewed()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        string[] expected = ["full handshake", "resumed", "resumed", "full handshake", "resumed"];
        for (int i = 0; i < expected.Length; i++)
        {
            bench.Clock.Later = TimeSpan.FromHours(9 * i);
            Assert.AreEqual(expected[i], bench.Open(), $"after {9 * i} hours");
            bench.Exchange();
            bench.Close();
        }
    }

    [TestMethod]
    public static void Resumed_session_that_was_not_served_is_not_offered_again()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.Storage);
        bench.Open();
        bench.Exchange();
        bench.Close();
        Assert.AreEqual("resumed", bench.Open());

        // nothing came: a server that does not serve a resumed session ends it like this
        bench.Close();
        Assert.IsFalse(bench.Storage.Exists(TlsSessions.FileName));
        Assert.AreEqual("full handshake", bench.Open());
    }

    [TestMethod]
    [DataRow(20)]
    [DataRow(300)]
    [DataRow(-20)]
    public static void Damaged_session_in_storage_costs_a_full_handshake_only(int at)
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.Storage);
        bench.Open();
        bench.Exchange();
        bench.Close();
        byte[] file = bench.Storage.Peek(TlsSessions.FileName).ToArray();
        file[at < 0 ? file.Length + at : at] ^= 1;
        bench.Storage.Put(TlsSessions.FileName, file);
        bench.Boot(TlsSessionPolicy.Storage);
        Assert.AreEqual("full handshake", bench.Open());
    }

    [TestMethod]
    public static void Server_that_does_not_know_the_session_gets_a_full_handshake_and_the_new_session_takes_its_place()
    {
        TlsPeer.Require();
        using EchoPeer server = new();
        using TlsPeer other = new(TlsIdentities.Server, "-tls1_2");
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.Storage);
        bench.Open();
        bench.Exchange();
        bench.Close();
        byte[] old = bench.Storage.Peek(TlsSessions.FileName).ToArray();
        bench.Turn(other.Port, TlsSessionPolicy.Storage);
        Assert.AreEqual("full handshake", bench.Open());
        bench.Close();
        Assert.IsFalse(bench.Storage.Peek(TlsSessions.FileName).Span.SequenceEqual(old));
        Assert.AreEqual("resumed", bench.Open());
    }

    [TestMethod]
    public static void Server_that_resumes_no_more_gets_full_handshakes()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.Storage);
        bench.Open();
        bench.Exchange();
        bench.Close();
        server.Resumes = false;
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual("full handshake", bench.Open());
            bench.Exchange();
            bench.Close();
        }
    }

    [TestMethod]
    public static void Session_whose_handshake_failed_is_forgotten_here_and_in_storage()
    {
        using EchoPeer server = new();
        using HostileServer silence = HostileServer.Plain([], thenClose: true);
        using EngineBench bench = new(server.Port);
        bench.Boot(TlsSessionPolicy.Storage);
        bench.Open();
        bench.Exchange();
        bench.Close();
        Assert.IsTrue(bench.Storage.Exists(TlsSessions.FileName));
        bench.Turn(silence.Port, TlsSessionPolicy.Storage);
        Assert.Contains("TLS with localhost failed: it closed the connection in the handshake", bench.Open());
        Assert.IsFalse(bench.Storage.Exists(TlsSessions.FileName));
        bench.Turn(server.Port, TlsSessionPolicy.Storage);
        Assert.AreEqual("full handshake", bench.Open());
    }

    [TestMethod]
    public static void Server_that_breaks_off_when_it_sees_the_session_is_asked_once_more_without()
    {
        using EchoPeer server = new();
        using Gate gate = new(server.Port, isOpen: true);
        using EngineBench bench = new(gate.Port);
        bench.Open();
        bench.Exchange();
        bench.Close();
        gate.TurnsAway = 1;
        Assert.AreEqual("full handshake", bench.Open());
        Assert.AreEqual(1, gate.TurnedAway);
        bench.Exchange();
        bench.Close();

        // once only, and not without a session: the backoff is for the rest
        gate.TurnsAway = 2;
        Assert.Contains("it closed the connection in the handshake", bench.Open());
        gate.TurnsAway = 1;
        Assert.Contains("it closed the connection in the handshake", bench.Open());
        Assert.AreEqual(4, gate.TurnedAway);
        Assert.AreEqual("full handshake", bench.Open());
    }

    [TestMethod]
    public static void Silence_in_the_handshake_is_left_within_its_limit()
    {
        using HostileServer silence = HostileServer.Plain([], thenClose: false);
        using EngineBench bench = new(silence.Port);
        bench.Clock.StepMs = 1000;
        Assert.AreEqual("TLS with localhost failed: no answer within 15 s; check \"port\" and the network", bench.Open());
        Assert.IsTrue(bench.Clock.NowMs < 20_000);
    }

    [TestMethod]
    public static void Failures_leave_no_engine_open()
    {
        using HostileServer silence = HostileServer.Plain([], thenClose: true);
        using EngineBench bench = new(silence.Port);
        for (int i = 0; i < 10; i++)
        {
            bench.Open();
            Assert.IsFalse(bench.HasEngine);
        }
    }

    [TestMethod]
    public static void Without_wifi_nothing_moves_and_with_it_what_was_sent_arrives()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Open();
        bench.Exchange();
        bench.Board.Wifi(false);
        byte[] data = new byte[100];
        bench.Run(() =>
        {
            bench.Connection.Write(data, 0, data.Length);
            Assert.AreEqual(0, bench.Connection.Read(data, 0, data.Length));
        });
        bench.Board.Wifi(true);
        bench.AwaitWifi();
        bench.Run(() =>
        {
            int got = 0;
            Assert.IsTrue(SpinWait.SpinUntil(() => (got += Math.Max(0, bench.Connection.Read(data, 0, data.Length))) == data.Length, 4000), $"{got} bytes");
        });
    }

    [TestMethod]
    public static void Power_cut_ends_the_link_and_frees_the_engine()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Open();
        Assert.IsTrue(bench.HasEngine);
        bench.Board.Cut();
        Assert.IsFalse(bench.HasEngine);
        Assert.AreEqual(TransportResult.Failed, bench.Connection.Read(new byte[1], 0, 1));
    }

    /// <summary>With the virtual board's TCP, the engine and the connection above it; records of telemetry's size.</summary>
    [TestMethod]
    public static void Ten_thousand_records_each_way_allocate_nothing()
    {
        using EchoPeer server = new();
        using EngineBench bench = new(server.Port);
        bench.Open();
        bench.Run(() =>
        {
            for (int i = 0; i < WarmUp; i++)
            {
                bench.Echo(90);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            int echoed = 0;
            for (int i = 0; i < Records; i++)
            {
                echoed += bench.Echo(90);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.AreEqual(90 * Records, echoed);
            Assert.AreEqual(0L, allocated, "bytes for 10,000 records each way");
        });
    }
}

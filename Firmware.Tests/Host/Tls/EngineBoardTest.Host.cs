// Boards that run the whole firmware on the TLS engine, against the stand-in's door that plays 443: reconnects and power cuts, with and without the session.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Firmware.Connectivity;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Aws;
using Firmware.Tests.Host.Aws;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
public static class EngineBoardTest
{
    private const string Full = ", ALPN x-amzn-mqtt-ca, full handshake, ";
    private const string Resumed = ", ALPN x-amzn-mqtt-ca, resumed, ";

    [Setup]
    public static void NeedsEngine() => TlsEngineNeeded.Require();

    [TestMethod]
    [DataRow("none", Full)]
    [DataRow("memory", Resumed)]
    [DataRow("storage", Resumed)]
    public static void Reconnect_resumes_if_a_session_is_kept(string session, string second)
    {
        using StandInBench bench = StandInBench.Start(resumesTls: true);
        using NetworkBoard board = Make(bench, session).Start();
        board.Console.Await("online: ");
        bench.StandIn.StopAsync().Wait();
        board.Console.Await("! the broker closed the connection");
        int before = board.Console.All.Length;
        bench.StandIn.StartAsync().Wait();
        board.Console.Await("online: ", before);
        RequireHandshakes(board, Full, second);
    }

    [TestMethod]
    [DataRow("memory", Full)]
    [DataRow("storage", Resumed)]
    public static void Power_cut_leaves_the_session_only_if_it_is_stored(string session, string second)
    {
        using StandInBench bench = StandInBench.Start(resumesTls: true);
        using NetworkBoard board = Make(bench, session).Start();
        board.Console.Await("online: ");
        board.Board.CutPower();
        int before = board.Console.All.Length;
        board.Board.RestorePower();
        board.Console.Await("online: ", before);
        RequireHandshakes(board, Full, second);
        Assert.AreEqual(session == "storage", File.Exists(Path.Combine(board.Board.StorageFolder, TlsSessions.FileName)));
    }

    [TestMethod]
    public static void Stand_in_that_does_not_resume_gets_full_handshakes()
    {
        using StandInBench bench = StandInBench.Start();
        using NetworkBoard board = Make(bench, "storage").Start();
        board.Console.Await("online: ");
        board.Board.CutPower();
        int before = board.Console.All.Length;
        board.Board.RestorePower();
        board.Console.Await("online: ", before);
        RequireHandshakes(board, Full, Full);
    }

    /// <summary>The stand-in judges the certificate after the handshake, and closes without an alert.</summary>
    [TestMethod]
    public static void Certificate_that_the_stand_in_does_not_know_is_said_as_such()
    {
        using StandInBench bench = StandInBench.Start();
        using NetworkBoard board = Make(bench, "memory");
        using TestAuthority stranger = new("nobody");
        using X509Certificate2 device = stranger.IssueDevice(NetworkBoard.Thing);
        using ECDsa key = device.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(board.Board.StorageFolder, "device.pem"), device.ExportCertificatePem());
        File.WriteAllText(Path.Combine(board.Board.StorageFolder, "device.key"), key.ExportPkcs8PrivateKeyPem());
        board.Start();
        Assert.Contains("the device's certificate is unknown, expired or inactive there", board.Console.Await("! "));
    }

    private static NetworkBoard Make(StandInBench bench, string session)
    {
        CertificateFiles device = StandInBench.Certificates.EnsureDevice(NetworkBoard.Thing);
        NetworkBoard board = new(bench.StandIn.AlpnPort, device.CertificatePath, device.KeyPath, StandInBench.Certificates.CaPath, Mosquitto.Alpn);
        BoardProvisioner.SetTls(board.Board.StorageFolder, TlsKind.Engine, session switch { "storage" => TlsSessionPolicy.Storage, "memory" => TlsSessionPolicy.Memory, _ => TlsSessionPolicy.None });
        return board;
    }

    private static void RequireHandshakes(NetworkBoard board, params string[] expected)
    {
        string[] lines = [.. board.Console.All.Where(l => l.StartsWith("TLS 1.", StringComparison.Ordinal))];
        Assert.AreEqual(expected.Length, lines.Length, board.Console.ToString());
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.IsTrue(lines[i].Contains(expected[i], StringComparison.Ordinal), board.Console.ToString());
        }
    }
}

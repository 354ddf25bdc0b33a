// Failures that only time reveals: silence after TCP connect (15 s), no Wi-Fi and no date (a minute each). The three boards run at the same time.
// These limits are on the PC's clock (SslStream's and CancellationTokenSource's), which no test can move, so the short run leaves them out:
// set FIRMWARE_SLOW_TESTS=1, or CI=true.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
public static class SlowFailuresTest
{
    private static readonly List<IDisposable> Open = [];
    private static NetworkBoard? s_silent;
    private static NetworkBoard? s_withoutWifi;
    private static NetworkBoard? s_withoutDate;
    private static string s_folder = "";

    [Setup]
    public static void StartAllBoards()
    {
        if (Environment.GetEnvironmentVariable("FIRMWARE_SLOW_TESTS") != "1" && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.SkipTest("takes a minute: set FIRMWARE_SLOW_TESTS=1");
        }

        s_folder = Directory.CreateTempSubdirectory("slow-failures-").FullName;
        using TestAuthority authority = new("slow");
        using X509Certificate2 device = authority.IssueDevice(NetworkBoard.Thing);
        using ECDsa key = device.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(s_folder, "ca.pem"), authority.Pem);
        File.WriteAllText(Path.Combine(s_folder, "device.pem"), device.ExportCertificatePem());
        File.WriteAllText(Path.Combine(s_folder, "device.key"), key.ExportPkcs8PrivateKeyPem());
        HostileServer silence = HostileServer.Plain([], thenClose: false);
        Open.Add(silence);
        s_silent = Make(silence.Port).Start();
        s_withoutWifi = Make(silence.Port);
        s_withoutWifi.Board.Wifi.AccessPointOn = false;
        s_withoutWifi.Start();
        s_withoutDate = Make(silence.Port);
        s_withoutDate.Board.Sntp.Reachable = false;
        s_withoutDate.Start();
    }

    [Cleanup]
    public static void StopAllBoards()
    {
        Open.ForEach(o => o.Dispose());
        Directory.Delete(s_folder, recursive: true);
    }

    [TestMethod]
    public static void Silence_after_tcp_connect_is_left_within_the_handshake_limit()
    {
        BoardConsole.Install();
        string line = s_silent!.Console.Await("! ");
        Assert.Contains("TLS with localhost failed", line);
        RequireQuiet(s_silent);
    }

    [TestMethod]
    public static void Missing_wifi_is_said_with_the_name_of_the_network()
    {
        BoardConsole.Install();
        AwaitWarning(s_withoutWifi!, "no Wi-Fi network \"virtual\": check that the access point is on, near, and that its password is right");
    }

    [TestMethod]
    public static void Missing_date_is_said_as_such()
    {
        BoardConsole.Install();
        AwaitWarning(s_withoutDate!, "Wi-Fi is there, but the date did not come: the device needs an SNTP server (UDP port 123) on its network");
    }

    private static NetworkBoard Make(int port)
    {
        NetworkBoard board = new(port, Path.Combine(s_folder, "device.pem"), Path.Combine(s_folder, "device.key"), Path.Combine(s_folder, "ca.pem"));
        Open.Insert(0, board);
        return board;
    }

    // the limit is a minute, so three times the usual patience
    private static void AwaitWarning(NetworkBoard board, string part)
    {
        Assert.IsTrue(SpinWait.SpinUntil(() => board.Console.All.Any(line => line.StartsWith("! ", StringComparison.Ordinal)), 3 * ChildProcess.PatienceMs - 2_000), "no warning");
        Assert.Contains(part, board.Console.Await("! "));
        RequireQuiet(board);
    }

    private static void RequireQuiet(NetworkBoard board)
    {
        Assert.AreEqual(1, board.Console.All.Count(line => line.StartsWith("! ", StringComparison.Ordinal)), board.Console.ToString());
        Assert.Contains("; next attempt in ", board.Console.Await("! "));
        Assert.AreEqual(0, board.SwitchedOn.Length);
    }
}

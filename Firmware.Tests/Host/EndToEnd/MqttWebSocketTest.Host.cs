// A board that reaches its broker over MQTT over WebSocket with a signature: accepted, refused with a reason, and a clock that is off put right by the
// server's Date. That the whole board toasts through this door is SimulatorTest's.

using Firmware.Simulator;
using Firmware.Simulator.Aws;
using Firmware.Tests.Host.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
public static class MqttWebSocketTest
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(7200)]
    [DataRow(-1800)]
    public static void Board_connects_and_a_clock_that_is_off_costs_one_attempt(int secondsOff)
    {
        using var bench = StandInBench.Start();
        bench.Time.Advance(DateTimeOffset.UtcNow.AddSeconds(secondsOff) - bench.Time.GetUtcNow());
        using NetworkBoard board = MakeBoard(bench, bench.StandIn.Credentials.Session).Start();
        ClientConnected connected = bench.Wait<ClientConnected>();
        Assert.AreEqual("wss", connected.Door);
        board.Console.Await("online: commands on");
        Assert.AreEqual(secondsOff != 0, board.Console.All.Any(l => l.Contains("so the signature was refused (403)", StringComparison.Ordinal)), board.Console.ToString());
    }

    [TestMethod]
    public static void Wrong_secret_is_refused_and_neither_it_nor_the_token_is_ever_said()
    {
        using var bench = StandInBench.Start();
        bench.Time.Advance(DateTimeOffset.UtcNow - bench.Time.GetUtcNow());
        DevelopmentAccessKey wrong = bench.StandIn.Credentials.Session with { Secret = "wrongwrongwrongwrongwrongwrongwrongwrong" };
        using NetworkBoard board = MakeBoard(bench, wrong).Start();
        board.Console.Await("localhost refuses the signature: check the access key, its policy, and \"region\" in \"websocket\"");
        Assert.AreEqual(0, bench.Count<ClientConnected>());
        string said = board.Console.ToString();
        Assert.IsFalse(said.Contains(wrong.Secret, StringComparison.Ordinal) || said.Contains(wrong.SessionToken!, StringComparison.Ordinal) || said.Contains(wrong.AccessKeyId, StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("none", "is missing: put there {\"accessKeyId\"")]
    [DataRow("", "is not what it must be")]
    [DataRow("[]", "is not what it must be")]
    [DataRow("{\"accessKeyId\":\"AKIA\"}", "is not what it must be")]
    [DataRow("{\"accessKeyId\":\"AKIA\",\"secretAccessKey\":\"geheim\",\"other\":\"x\"}", "is not what it must be")]
    [DataRow("{\"accessKeyId\":\"AKIA\",\"secretAccessKey\":\"geheim\"", "is not what it must be")]
    public static void Access_key_that_cannot_be_read_is_named_and_not_shown(string content, string message)
    {
        using var bench = StandInBench.Start();
        using NetworkBoard board = MakeBoard(bench, bench.StandIn.Credentials.Session);
        string file = Path.Combine(board.Board.StorageFolder, "aws.json");
        File.Delete(file);
        if (content != "none")
        {
            File.WriteAllText(file, content);
        }

        board.Start();
        board.Console.Await(message);
        Assert.IsFalse(board.Console.ToString().Contains("geheim", StringComparison.Ordinal));
    }

    private static NetworkBoard MakeBoard(StandInBench bench, DevelopmentAccessKey key)
    {
        CertificateFiles device = StandInBench.Certificates.EnsureDevice(NetworkBoard.Thing);
        NetworkBoard board = new(bench.StandIn.AlpnPort, device.CertificatePath, device.KeyPath, StandInBench.Certificates.CaPath);
        BoardProvisioner.SetWebSocket(board.Board.StorageFolder, key);
        return board;
    }
}

// The firmware against a broker that nobody here wrote: Debian's mosquitto, over mutual TLS.

using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
public static class RealMosquittoTest
{
    private static string s_folder = "";
    private static DevelopmentCertificates? s_certificates;

    [Setup]
    public static void MakeCertificates()
    {
        Mosquitto.Require("mosquitto", "mosquitto_sub", "mosquitto_pub");
        s_folder = Directory.CreateTempSubdirectory("real-mosquitto-").FullName;
        s_certificates = DevelopmentCertificates.Open(s_folder);
    }

    [Cleanup]
    public static void RemoveFolder()
    {
        s_certificates?.Dispose();
        Directory.Delete(s_folder, recursive: true);
    }

    [TestMethod]
    public static void Command_is_obeyed_and_answered_and_the_end_is_clean()
    {
        using MosquittoBroker broker = new(s_folder, s_certificates!.Folder);
        using ChildProcess subscriber = Mosquitto.Subscribe(s_certificates.Folder, broker.Port, null, "toaster-01/#");
        using NetworkBoard board = MakeBoard(broker).Start();
        subscriber.Lines.Await("toaster-01/status online");
        Mosquitto.Publish(s_certificates.Folder, broker.Port, null, "toaster-01/commands", "{\"toaster\":\"on\",\"seconds\":1,\"id\":\"x\"}");
        subscriber.Lines.Await("toaster-01/commands/accepted {\"toaster\":\"on\",\"seconds\":1,\"id\":\"x\"}");
        subscriber.Lines.Await(line => line.StartsWith("toaster-01/events {\"toaster\":\"off\"", StringComparison.Ordinal), "the end of the toast");
        Assert.IsFalse(board.Board.Pins[NetworkBoard.ToasterPin].Level);
        Mosquitto.Publish(s_certificates.Folder, broker.Port, null, "toaster-01/commands", "{\"oven\":\"on\"}");
        subscriber.Lines.Await("toaster-01/commands/rejected {\"reason\":\"unknown member");
        subscriber.Lines.Await(line => line.StartsWith("toaster-01/telemetry {", StringComparison.Ordinal) && line.Contains("\"temperature\":21.5", StringComparison.Ordinal), "telemetry");
        Assert.IsTrue(board.Board.Stop(ChildProcess.PatienceMs));
        broker.Lines.Await("Received DISCONNECT from toaster-01");
        subscriber.Lines.Await("toaster-01/status offline");
        Assert.AreEqual(1, subscriber.Lines.All.Count(line => line == "toaster-01/status offline"), "said once, and not by the will");
    }

    [TestMethod]
    public static void Power_cut_makes_the_last_will_appear()
    {
        using MosquittoBroker broker = new(s_folder, s_certificates!.Folder);
        using ChildProcess subscriber = Mosquitto.Subscribe(s_certificates.Folder, broker.Port, null, "toaster-01/status");
        using NetworkBoard board = MakeBoard(broker).Start();
        subscriber.Lines.Await("toaster-01/status online");
        Mosquitto.Publish(s_certificates.Folder, broker.Port, null, "toaster-01/commands/toaster", "on");
        board.AwaitPin(NetworkBoard.ToasterPin, true);
        board.Board.CutPower();
        Assert.IsFalse(board.Board.Pins[NetworkBoard.ToasterPin].Level);
        subscriber.Lines.Await("toaster-01/status offline");
        Assert.IsFalse(broker.Lines.ToString().Contains("Received DISCONNECT from toaster-01", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Broker_that_is_killed_and_started_again_gets_its_board_back()
    {
        using MosquittoBroker broker = new(s_folder, s_certificates!.Folder);
        using NetworkBoard board = MakeBoard(broker).Start();
        board.Console.Await("online: commands on toaster-01/commands");
        Mosquitto.Publish(s_certificates.Folder, broker.Port, null, "toaster-01/commands/toaster", "on");
        board.AwaitPin(NetworkBoard.ToasterPin, true);
        int before = board.Console.All.Length;
        broker.Kill();
        board.Console.Await("the broker closed the connection", before);
        board.AwaitPin(NetworkBoard.ToasterPin, false);
        board.Console.Await("cannot reach localhost on port", before);
        broker.Start();
        board.Console.Await("online: commands on toaster-01/commands", before);
        Mosquitto.Publish(s_certificates.Folder, broker.Port, null, "toaster-01/commands/led", "on");
        board.AwaitPin(NetworkBoard.LedPin, true);
    }

    [TestMethod]
    public static void Device_certificate_of_an_unknown_ca_is_refused_by_the_broker_with_one_line()
    {
        using DevelopmentCertificates strangers = DevelopmentCertificates.Open(Path.Combine(s_folder, "strangers"));
        using MosquittoBroker broker = new(s_folder, s_certificates!.Folder);
        CertificateFiles device = strangers.EnsureDevice(NetworkBoard.Thing);
        using NetworkBoard board = new NetworkBoard(broker.Port, device.CertificatePath, device.KeyPath, s_certificates.CaPath).Start();
        string line = board.Console.Await("next attempt in");
        Assert.StartsWith("! ", line);
        Assert.Contains("certificate", line);
        board.Console.Await(l => l.Contains("next attempt in", StringComparison.Ordinal), "a second attempt", board.Console.All.Length);
        Assert.AreEqual(0, board.SwitchedOn.Length);
        Assert.IsFalse(broker.Lines.ToString().Contains("toaster-01", StringComparison.Ordinal), "the broker never saw a CONNECT");
    }

    private static NetworkBoard MakeBoard(MosquittoBroker broker)
    {
        CertificateFiles device = s_certificates!.EnsureDevice(NetworkBoard.Thing);
        return new NetworkBoard(broker.Port, device.CertificatePath, device.KeyPath, s_certificates.CaPath);
    }
}

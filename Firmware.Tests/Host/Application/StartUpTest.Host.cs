// Program.Run with storage that is not as it must be: one line that says what to do, and nothing has been opened.

using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class StartUpTest
{
    private const string Right = "{\"thing\":\"toaster-01\",\"endpoint\":\"localhost\"}";

    [TestMethod]
    [DataRow("{\"thing\":\"toaster-01\",\"endpoint\":\"localhost\",\"keepalive\":5}", "device.json: keepalive must be a whole number from 30 to 1200")]
    [DataRow("{\"thing\":\"toaster-01\",\"endpoint\":\"localhost\",\"keepAlive\":60}", "device.json: keepAlive is not known here")]
    [DataRow("{\"thing\":\"toaster-01\",", "device.json is not JSON at line 1, column ")]
    [DataRow("{\"endpoint\":\"localhost\"}", "device.json: thing is missing")]
    [DataRow("", "device.json is not JSON at line 1, column 1")]
    public static void Wrong_configuration_is_one_line_and_nothing_is_opened(string text, string part)
    {
        Assert.Contains(part, RunToItsEnd(folder => File.WriteAllText(Path.Combine(folder, DeviceConfiguration.FileName), text)));
    }

    [TestMethod]
    public static void Missing_configuration_is_one_line_that_shows_a_minimal_one()
    {
        Assert.Contains("device.json is missing: put a file there with at least {\"thing\": \"NAME\", \"endpoint\": \"HOST\"}", RunToItsEnd(_ => { }));
    }

    [TestMethod]
    public static void Oversized_configuration_is_refused_by_its_size()
    {
        string line = RunToItsEnd(folder => File.WriteAllText(Path.Combine(folder, DeviceConfiguration.FileName), Right + new string(' ', Limits.Configuration)));
        Assert.Contains($"{Limits.Configuration} are allowed", line);
    }

    [TestMethod]
    [DataRow("ca.pem", "tls.ca")]
    [DataRow("device.pem", "tls.certificate")]
    [DataRow("device.key", "tls.key")]
    public static void Missing_certificate_file_is_one_line_that_names_it(string file, string field)
    {
        string line = RunToItsEnd(folder =>
        {
            File.WriteAllText(Path.Combine(folder, DeviceConfiguration.FileName), Right);
            foreach (string name in (string[])["ca.pem", "device.pem", "device.key"])
            {
                File.WriteAllText(Path.Combine(folder, name), "x");
            }

            File.Delete(Path.Combine(folder, file));
        });
        Assert.Contains($"{file} ({field}) is missing: put there ", line);
    }

    /// <summary>Runs the firmware until it ends and gives its only line.</summary>
    private static string RunToItsEnd(Action<string> provision)
    {
        string folder = Directory.CreateTempSubdirectory("start-up-").FullName;
        try
        {
            provision(folder);
            ManualBoardTime time = new();
            VirtualBoard board = new("start-up", folder, time);
            List<string> lines = [];
            BoardConsole.Install();
            board.ConsoleLine += line =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            };
            bool isPinTouched = false;
            board.PinChanged += (_, _) => isPinTouched = true;
            board.Start(() => Program.Run(new SimulatorClock(time), new Storage(folder + Path.DirectorySeparatorChar), new Random(1), null!));
            Assert.IsTrue(SpinWait.SpinUntil(() => board.State == BoardState.Halted, 5_000), "the firmware does not end");
            Assert.IsFalse(isPinTouched, "a pin was opened");
            Assert.IsNull(board.Wifi.StoredSsid);
            Assert.IsFalse(board.Wifi.Connected, "Wi-Fi was opened");
            board.CutPower();
            lock (lines)
            {
                string[] warnings = [.. lines.Where(line => line.StartsWith("! ", StringComparison.Ordinal))];
                Assert.AreEqual(1, warnings.Length, string.Join("\n", lines));
                Assert.IsTrue(lines.All(line => !line.StartsWith("unhandled", StringComparison.Ordinal)), string.Join("\n", lines));
                Assert.StartsWith("! cannot start: ", warnings[0]);
                return warnings[0];
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

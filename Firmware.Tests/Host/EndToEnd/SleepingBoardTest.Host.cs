// The main command with a board that sleeps, time running fast in its sleep, and mosquitto's client watching: as a user tries it.

using System.Text.Json;
using System.Text.RegularExpressions;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static partial class SleepingBoardTest
{
    private static string s_state = "";

    [Setup]
    public static void MakeStateFolder()
    {
        Mosquitto.Require("mosquitto_sub", "mosquitto_pub");
        s_state = Directory.CreateTempSubdirectory("sleeping-").FullName;
        string board = Path.Combine(s_state, "boards", "toaster-01");
        Directory.CreateDirectory(board);
        File.WriteAllText(Path.Combine(board, "device.json"), """{"wifi":{"ssid":"virtual"},"sleep":{"senseSeconds":60,"connectSeconds":240,"listenSeconds":1}}""");
    }

    [Cleanup]
    public static void RemoveStateFolder() => Directory.Delete(s_state, recursive: true);

    [TestMethod]
    [DataRow("deep")]
    [DataRow("light")]
    public static void Subscriber_sees_the_batch_and_sleeping_and_the_doorbell_and_no_last_will(string policy)
    {
        using ChildProcess simulator = new("dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--json", "--state", s_state,
            "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--coap-port", "0", "--http-port", "0", "--sleep", policy, "--time-scale", "120");
        JsonElement ready = JsonSerializer.Deserialize<JsonElement>(simulator.Lines.Await("\"event\":\"ready\""));
        using ChildProcess subscriber = Mosquitto.Subscribe(ready.GetProperty("certificates").GetString()!, ready.GetProperty("mqttPort").GetInt32(), null, "toaster-01/#");
        subscriber.Lines.Await("toaster-01/status sleeping ");
        int first = subscriber.Lines.All.Length;
        subscriber.Lines.Await("toaster-01/status sleeping ", first);
        string seen = subscriber.Lines.ToString();

        // four readings of the time asleep, each with the time at which it was taken
        MatchCollection readings = Reading().Matches(string.Join('\n', subscriber.Lines.All.Skip(first)));
        Assert.IsTrue(readings.Count >= 4, seen);
        for (int i = 1; i < readings.Count; i++)
        {
            Assert.AreEqual(1, Value(readings[i], "n") - Value(readings[i - 1], "n"), seen);
            long apart = Value(readings[i], "time") - Value(readings[i - 1], "time");

            // a tenth of a second of this machine is 12 s of the board's
            Assert.IsTrue(apart is >= 48 and <= 72, $"{apart} s apart\n{seen}");
        }

        int before = subscriber.Lines.All.Length;
        simulator.Type("button");
        subscriber.Lines.Await("\"doorbell\":\"pressed\"", before);
        Assert.IsFalse(subscriber.Lines.ToString().Contains("offline", StringComparison.Ordinal), subscriber.Lines.ToString());
        simulator.Type("quit");
        Assert.AreEqual(0, simulator.AwaitExit());
    }

    private static long Value(Match match, string group) => long.Parse(match.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("""telemetry \{"time":(?<time>\d+),"n":(?<n>\d+),""")]
    private static partial Regex Reading();
}

// The main command with a board in deep sleep on the TLS engine: what its session in storage is for.

using System.Text.Json;
using Firmware.Simulator.TestFramework;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
[RunsBeside]
public static class EngineSleepTest
{
    private const string Full = ", ALPN x-amzn-mqtt-ca, full handshake, ";
    private const string Resumed = ", ALPN x-amzn-mqtt-ca, resumed, ";

    [Setup]
    public static void NeedsEngine() => TlsEngineNeeded.Require();

    /// <summary>The handshake that pays: each connection of a board that sleeps deeply is one after a boot.</summary>
    [TestMethod]
    public static void Board_in_deep_sleep_resumes_at_its_second_wake_up_to_connect()
    {
        string state = Directory.CreateTempSubdirectory("engine-sleep-").FullName;
        try
        {
            string board = Path.Combine(state, "boards", "toaster-01");
            Directory.CreateDirectory(board);
            File.WriteAllText(Path.Combine(board, "device.json"), """{"wifi":{"ssid":"virtual"},"sleep":{"senseSeconds":100,"connectSeconds":200,"listenSeconds":0}}""");
            using ChildProcess simulator = new("dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--json", "--state", state, "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0",
                "--coap-port", "0", "--http-port", "0", "--door", "443", "--tls", "engine", "--tls-session", "storage", "--sleep", "deep", "--time-scale", "400");
            simulator.Lines.Await(Full);
            simulator.Lines.Await(Resumed);
            string second = simulator.Lines.Await(Resumed, simulator.Lines.All.ToList().FindIndex(l => l.Contains(Resumed, StringComparison.Ordinal)) + 1);
            Assert.AreEqual("console", JsonSerializer.Deserialize<JsonElement>(second).GetProperty("event").GetString());
            Assert.AreEqual(1, simulator.Lines.All.Count(l => l.Contains(Full, StringComparison.Ordinal)));
            simulator.Type("quit");
            Assert.AreEqual(0, simulator.AwaitExit());
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }
}

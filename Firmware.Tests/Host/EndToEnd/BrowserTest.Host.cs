// A real browser on the page of the main command's board: headless Chromium, driven by playwright-core (Peers/node/browser.js), as a person with a phone would
// use it. The sensor and the doorbell are moved at the simulator's prompt, the toaster is looked at on its pin.

using System.Text.Json;
using Firmware.Simulator;
using Firmware.Simulator.TestFramework;
using Firmware.Tests.Host.Coap.Peers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static class BrowserTest
{
    [Setup]
    public static void NeedsChromium()
    {
        CoapPeers.RequireProgram("chromium", "apt-get install chromium");
        CoapPeers.RequireNodePackage("playwright-core");
    }

    [TestMethod]
    public static void Page_in_chromium_shows_the_sensors_switches_with_the_token_only_and_rings()
    {
        string state = Directory.CreateTempSubdirectory("browser-").FullName;
        string storage = BoardProvisioner.StorageOf(state, "toaster-01");
        Directory.CreateDirectory(storage);
        File.WriteAllText(Path.Combine(storage, "device.json"), "{\"telemetrySeconds\":1,\"wifi\":{\"ssid\":\"virtual\"}}");
        try
        {
            using ChildProcess simulator = new("dotnet",
                Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--coap-port", "0", "--http-port", "0", "--json", "--state", state);
            int port = JsonDocument.Parse(simulator.Lines.Await("\"httpPort\"")).RootElement.GetProperty("httpPort").GetInt32();
            simulator.Lines.Await($"HTTP: serves http://127.0.0.1:{port}");
            using JsonDocument device = JsonDocument.Parse(File.ReadAllText(Path.Combine(storage, "device.json")));
            string token = device.RootElement.GetProperty("http").GetProperty("token").GetString()!;

            using ChildProcess browser = new("env", $"NODE_PATH={CoapPeers.NodeModules}", "node", CoapPeers.NodeScript("browser.js"), CoapPeers.PathOf("chromium")!, $"http://127.0.0.1:{port}/", token);
            JsonElement shown = Step(browser, "shown");
            Assert.AreEqual("toaster-01", shown.GetProperty("name").GetString());
            Assert.StartsWith("21.5", shown.GetProperty("temperature").GetString()!);
            Step(browser, "refused");
            Assert.AreEqual("on 60 s", Step(browser, "toaster").GetProperty("text").GetString());
            int high = Toaster(simulator, true, 0);
            Step(browser, "light");
            simulator.Type("button");
            Assert.Contains("the doorbell rings", Step(browser, "doorbell").GetProperty("text").GetString()!);
            simulator.Type("temperature 31");
            Step(browser, "temperature");
            Step(browser, "end");
            Assert.AreEqual(0, browser.AwaitExit(), browser.Lines.ToString());
            Toaster(simulator, false, high);

            // The page is all there is: the browser asked nobody else, and has nothing to complain about.
            Assert.AreEqual($"{{\"event\":\"request\",\"origin\":\"http://127.0.0.1:{port}\"}}\n{{\"event\":\"request\",\"origin\":\"ws://127.0.0.1:{port}\"}}",
                string.Join('\n', browser.Lines.All.Where(l => IsEvent(l, "request")).Order(StringComparer.Ordinal)));
            Assert.AreEqual("", string.Join('\n', browser.Lines.All.Where(l => IsEvent(l, "console") || IsStandardError(l))));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    /// <summary>Waits for a step of the script; its failure ends the wait at once.</summary>
    private static JsonElement Step(ChildProcess browser, string name)
    {
        string line = browser.Lines.Await(l => IsEvent(l, name) || IsEvent(l, "error") || IsStandardError(l), $"the step '{name}'");
        Assert.IsTrue(IsEvent(line, name), $"before the step '{name}':\n{browser.Lines}");
        return JsonDocument.Parse(line).RootElement;
    }

    private static bool IsEvent(string line, string name) => line.StartsWith($"{{\"event\":\"{name}\"", StringComparison.Ordinal);

    private static bool IsStandardError(string line) => line.StartsWith("stderr: ", StringComparison.Ordinal);

    /// <summary>Waits until the simulator reports a level of the toaster's pin.</summary>
    /// <returns>The index after that line.</returns>
    private static int Toaster(ChildProcess simulator, bool level, int from)
    {
        string part = $"\"gpio\":5,\"name\":\"toaster\",\"level\":{(level ? "true" : "false")}";
        string line = simulator.Lines.Await(part, from);
        return Array.IndexOf(simulator.Lines.All, line, from) + 1;
    }
}

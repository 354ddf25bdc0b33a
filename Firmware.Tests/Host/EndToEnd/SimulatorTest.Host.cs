// The main command as a process, as a user starts it, with mosquitto's clients on both doors.

using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Firmware.Simulator;
using Firmware.Simulator.TestFramework;
using Firmware.Tests.Host.Tls;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static class SimulatorTest
{
    private static readonly string[] Ports = ["--mqtt-port", "--alpn-port", "--https-port", "--coap-port"];
    private static readonly string[] Sources = ["aws", "board", "pin", "power", "sim"];
    private static string s_state = "";

    [Setup]
    public static void MakeStateFolder()
    {
        Mosquitto.Require("mosquitto_sub", "mosquitto_pub");
        s_state = Directory.CreateTempSubdirectory("simulator-").FullName;
    }

    [Cleanup]
    public static void RemoveStateFolder() => Directory.Delete(s_state, recursive: true);

    [TestMethod]
    [DataRow("8883", "mqtt", "sslstream")]
    [DataRow("443", "alpn", "sslstream")]
    [DataRow("443", "alpn", "engine")]
    [DataRow("wss", "wss", "sslstream")]
    [DataRow("wss", "wss", "engine")]
    public static void Toaster_is_on_for_two_seconds_through_each_door(string door, string name, string tls)
    {
        if (tls == "engine")
        {
            TlsEngineNeeded.Require();
        }

        using ChildProcess simulator = Start("--door", door, "--tls", tls);
        JsonElement ready = AwaitReady(simulator);
        (string certs, int port, string? alpn) = DoorOf(ready, door == "wss" ? "8883" : door);
        using ChildProcess subscriber = Mosquitto.Subscribe(certs, port, alpn, "toaster-01/#");
        simulator.Lines.Await("online: commands on toaster-01/commands");
        Assert.AreEqual(tls == "engine", simulator.Lines.All.Any(line => line.Contains(door == "443" ? ", ALPN x-amzn-mqtt-ca, full handshake, " : "TLS 1.2, full handshake, ", StringComparison.Ordinal)));
        Assert.AreEqual(name, Event(simulator, "connected", e => e.GetProperty("clientId").GetString() == "toaster-01").GetProperty("door").GetString());
        Mosquitto.Publish(certs, port, alpn, "toaster-01/commands", "{\"toaster\":\"on\",\"seconds\":2}");
        subscriber.Lines.Await("toaster-01/commands/accepted {\"toaster\":\"on\",\"seconds\":2}");
        DateTime on = AwaitPin(simulator, 5, true);
        DateTime off = AwaitPin(simulator, 5, false, on);
        double seconds = (off - on).TotalSeconds;
        Assert.IsTrue(seconds is >= 1.9 and < 4, $"GPIO 5 was high for {seconds} s");
        Mosquitto.Publish(certs, port, alpn, "toaster-01/commands/led", "toggle");
        subscriber.Lines.Await("toaster-01/commands/accepted {\"led\":\"on\"}");
        AwaitPin(simulator, 2, true);
        RequireJsonLines(simulator);
    }

    [TestMethod]
    public static void Power_cut_makes_offline_appear_and_restored_power_online()
    {
        using ChildProcess simulator = Start();
        JsonElement ready = AwaitReady(simulator);
        (string certs, int port, string? alpn) = DoorOf(ready, "8883");
        using ChildProcess subscriber = Mosquitto.Subscribe(certs, port, alpn, "toaster-01/status");
        simulator.Lines.Await("online: commands on toaster-01/commands");
        simulator.Type("cut power");
        subscriber.Lines.Await("toaster-01/status offline");
        int before = subscriber.Lines.All.Length;
        simulator.Type("restore power");
        subscriber.Lines.Await("toaster-01/status online", before);
        simulator.Type("quit");
        Assert.AreEqual(0, simulator.AwaitExit());
        RequireJsonLines(simulator);
    }

    [TestMethod]
    public static void Broker_off_and_on_brings_the_board_back()
    {
        using ChildProcess simulator = Start();
        AwaitReady(simulator);
        simulator.Lines.Await("online: commands on toaster-01/commands");
        int before = simulator.Lines.All.Length;
        simulator.Type("broker off");
        simulator.Lines.Await("the broker closed the connection", before);
        simulator.Type("broker on");
        simulator.Lines.Await("online: commands on toaster-01/commands", before);
    }

    [TestMethod]
    public static void Signals_end_it_cleanly_with_disconnect()
    {
        // side by side, to save the time of a start
        using ChildProcess interrupted = Start("--thing", "toaster-02");
        AwaitReady(interrupted);
        using ChildProcess terminated = Start();
        RequireCleanEnd(interrupted, "toaster-02", ChildProcess.Interrupt);
        RequireCleanEnd(terminated, "toaster-01", ChildProcess.Terminate);
    }

    [TestMethod]
    public static void Text_has_a_line_that_starts_with_ready_and_a_command_to_copy_and_the_time_ends_it()
    {
        using ChildProcess simulator = new("dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--coap-port", "0", "--http-port", "0", "--state", s_state, "--for", "1");
        Assert.AreEqual(0, simulator.AwaitExit());
        simulator.Lines.Await(line => line.StartsWith("ready", StringComparison.Ordinal), "ready at its start");
        string copy = simulator.Lines.Await("mosquitto_pub --cafile ");
        foreach (string part in (string[])["client.pem", "client.key", "-h localhost -p ", "-t toaster-01/commands -m '{\"toaster\":\"on\",\"seconds\":5}' -q 1"])
        {
            Assert.Contains(part, copy);
        }

        simulator.Lines.Await("coap://127.0.0.1:");
        simulator.Lines.Await(", coap on UDP port ");
    }

    [TestMethod]
    [DataRow("--mqtt-port")]
    [DataRow("--alpn-port")]
    [DataRow("--https-port")]
    public static void Port_that_is_taken_is_one_line_and_exit_code_1(string option)
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using ChildProcess simulator = Start(option, port.ToString(CultureInfo.InvariantCulture));
        Assert.AreEqual(1, simulator.AwaitExit());
        string error = simulator.Lines.All.Single(line => line.StartsWith("stderr: ", StringComparison.Ordinal));
        Assert.Contains($"port {port} is taken", error);
        Assert.Contains(option, error);
        Assert.IsFalse(simulator.Lines.ToString().Contains("\"ready\"", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("--door", "80", "80")]
    [DataRow("--aws-rules", "2019", "2019")]
    [DataRow("--mqtt-port", "65536", "--mqtt-port takes 0 to 65535")]
    [DataRow("--alpn-port", "-1", "--alpn-port takes 0 to 65535")]
    [DataRow("--https-port", "65536", "--https-port takes 0 to 65535")]
    [DataRow("--mqtt-port", "x", "--mqtt-port")]
    [DataRow("--thing", "a b", "--thing takes")]
    [DataRow("--thing", "", "--thing takes")]
    [DataRow("--for", "0", "--for takes")]
    [DataRow("--for", "-1", "--for takes")]
    [DataRow("--for", "soon", "--for")]
    [DataRow("--endpoint", "host", "go together")]
    [DataRow("--sleep", "nap", "nap")]
    [DataRow("--tls", "openssl", "openssl")]
    [DataRow("--tls-session", "disk", "disk")]
    [DataRow("--time-scale", "0", "--time-scale takes 1 to 100000")]
    [DataRow("--time-scale", "x", "--time-scale")]
    [DataRow("--no-such-option", "1", "--no-such-option")]
    public static void Wrong_option_gets_a_message_and_nothing_runs(string option, string value, string part)
    {
        bool ran = false;
        ParseResult parsed = CommandLine.Build(_ =>
        {
            ran = true;
            return Task.FromResult(0);
        }).Parse([option, value]);
        using StringWriter errors = new();
        using StringWriter output = new();
        int code = parsed.Invoke(new InvocationConfiguration { Error = errors, Output = output });
        Assert.AreNotEqual(0, code);
        Assert.IsFalse(ran);
        Assert.Contains(part, errors.ToString());
    }

    [TestMethod]
    public static void Wrong_option_of_the_process_is_told_on_standard_error()
    {
        using ChildProcess simulator = new("dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--aws-rules", "2019", "--state", s_state);
        Assert.AreEqual(1, simulator.AwaitExit());
        simulator.Lines.Await(line => line.StartsWith("stderr: ", StringComparison.Ordinal) && line.Contains("2019", StringComparison.Ordinal), "the wrong value");
    }

    [TestMethod]
    public static void Every_json_line_says_where_it_comes_from()
    {
        using ChildProcess simulator = Start();
        simulator.Lines.Await("\"event\":\"published\"");
        simulator.Type("quit");
        simulator.AwaitExit();
        foreach (string line in simulator.Lines.All)
        {
            Assert.IsTrue(TryParse(line, out JsonElement e) && Sources.Contains(Text(e, "source")), "source is none of " + string.Join(", ", Sources) + ": " + line);
        }
    }

    [TestMethod]
    public static void State_folder_that_cannot_be_made_is_one_line_and_exit_code_1()
    {
        string file = Path.Combine(s_state, "a-file");
        File.WriteAllText(file, "");
        using ChildProcess simulator = new("dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--coap-port", "0", "--http-port", "0", "--state", Path.Combine(file, "state"));
        Assert.AreEqual(1, simulator.AwaitExit());
        string[] errors = [.. simulator.Lines.All.Where(line => line.StartsWith("stderr: ", StringComparison.Ordinal))];
        Assert.AreEqual(1, errors.Length, string.Join("\n", errors));
        Assert.Contains("state", errors[0]);
    }

    private static void RequireCleanEnd(ChildProcess simulator, string thing, int signal)
    {
        simulator.Lines.Await($"online: commands on {thing}/commands");
        simulator.Signal(signal);
        Assert.AreEqual(0, simulator.AwaitExit(), simulator.Lines.ToString());
        JsonElement end = Event(simulator, "disconnected", e => e.GetProperty("clientId").GetString() == thing);
        Assert.AreEqual("clean", end.GetProperty("kind").GetString());
        Assert.IsFalse(end.GetProperty("willPublished").GetBoolean());
        RequireJsonLines(simulator);
    }

    private static ChildProcess Start(params string[] more)
    {
        string[] ports = [.. Ports.Where(option => !more.Contains(option)).SelectMany(option => (string[])[option, "0"])];
        return new ChildProcess("dotnet", [Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--json", "--state", s_state, .. ports, .. more]);
    }

    private static JsonElement AwaitReady(ChildProcess simulator) => JsonSerializer.Deserialize<JsonElement>(simulator.Lines.Await("\"event\":\"ready\""));

    private static (string Certs, int Port, string? Alpn) DoorOf(JsonElement ready, string door) =>
        (ready.GetProperty("certificates").GetString()!, ready.GetProperty(door == "443" ? "alpnPort" : "mqttPort").GetInt32(), door == "443" ? Mosquitto.Alpn : null);

    private static JsonElement Event(ChildProcess simulator, string name, Func<JsonElement, bool> fits) => JsonSerializer.Deserialize<JsonElement>(
        simulator.Lines.Await(line => TryParse(line, out JsonElement e) && Text(e, "event") == name && fits(e), "event " + name));

    private static DateTime AwaitPin(ChildProcess simulator, int gpio, bool level, DateTime after = default)
    {
        string line = simulator.Lines.Await(
            l => TryParse(l, out JsonElement e) && Text(e, "event") == "pin" && e.GetProperty("gpio").GetInt32() == gpio && e.GetProperty("level").GetBoolean() == level && TimeOf(e) > after,
            $"GPIO {gpio} {level}");
        return TimeOf(JsonSerializer.Deserialize<JsonElement>(line));
    }

    private static DateTime TimeOf(JsonElement e) => e.GetProperty("time").GetDateTime().ToUniversalTime();

    private static string? Text(JsonElement e, string name) => e.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static bool TryParse(string line, out JsonElement e)
    {
        try
        {
            e = JsonSerializer.Deserialize<JsonElement>(line);
            return e.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            e = default;
            return false;
        }
    }

    private static void RequireJsonLines(ChildProcess simulator)
    {
        foreach (string line in simulator.Lines.All)
        {
            Assert.IsTrue(TryParse(line, out JsonElement e), "not JSON: " + line);
            Assert.IsNotNull(Text(e, "event"), "no event: " + line);
        }
    }
}

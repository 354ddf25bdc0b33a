// What the command line, the provisioning and the start of the Simulator say about CoAP.

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Aws;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static class CoapOptionsTest
{
    private static string s_folder = "";

    [Setup]
    public static void MakeFolder() => s_folder = Directory.CreateTempSubdirectory("coap-options-").FullName;

    [Cleanup]
    public static void RemoveFolder() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    [DataRow("", 5683, 0)]
    [DataRow("--coap-port 0 --coap-profile none", 0, 0)]
    [DataRow("--coap-port 65535 --coap-profile plugtest", 65535, 1)]
    public static void Coap_options_arrive(string line, int port, int profile)
    {
        SimulatorOptions? found = null;
        int code = CommandLine.Build(options =>
        {
            found = options;
            return Task.FromResult(0);
        }).Parse(line).Invoke();
        Assert.AreEqual(0, code);
        Assert.AreEqual(port, found!.CoapPort);
        Assert.AreEqual(profile, (int)found.CoapProfile);
    }

    [TestMethod]
    [DataRow("--coap-port 65536", "--coap-port takes 0 to 65535")]
    [DataRow("--coap-port -1", "--coap-port takes 0 to 65535")]
    [DataRow("--coap-port x", "--coap-port")]
    [DataRow("--coap-profile etsi", "etsi")]
    [DataRow("--coap-profile Plugtest", "Plugtest")]
    public static void Wrong_coap_option_gets_a_message_and_nothing_runs(string line, string part)
    {
        bool ran = false;
        using StringWriter errors = new();
        using StringWriter output = new();
        int code = CommandLine.Build(_ =>
        {
            ran = true;
            return Task.FromResult(0);
        }).Parse(line).Invoke(new InvocationConfiguration { Error = errors, Output = output });
        Assert.AreNotEqual(0, code);
        Assert.IsFalse(ran);
        Assert.Contains(part, errors.ToString());
    }

    [TestMethod]
    public static void Coap_port_that_is_taken_is_one_line_and_exit_code_1_before_any_door_opens()
    {
        using ReservedPort taken = ReservedPort.Udp(0, "none");
        using ChildProcess simulator = Simulator("--coap-port", taken.Port.ToString(CultureInfo.InvariantCulture));
        Assert.AreEqual(1, simulator.AwaitExit());
        Assert.AreEqual(
            $"stderr: error: the board cannot serve CoAP: UDP port {taken.Port} is taken by another program; stop that program, or choose another port with --coap-port (0 = any free port)",
            simulator.Lines.All.Single());
    }

    [TestMethod]
    public static void Ready_names_the_coap_port_that_the_board_is_configured_for()
    {
        using ChildProcess simulator = Simulator("--coap-port", "0", "--http-port", "0", "--json", "--coap-profile", "plugtest");
        int port = JsonSerializer.Deserialize<JsonElement>(simulator.Lines.Await("\"event\":\"ready\"")).GetProperty("coapPort").GetInt32();
        Assert.IsTrue(port is > 0 and <= 65535);
        Assert.AreEqual(0, simulator.AwaitExit());
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(BoardProvisioner.StorageOf(s_folder, "toaster-01"), DeviceConfiguration.FileName)))!;
        Assert.AreEqual($"{{\"port\":{port},\"write\":\"local\"}}", configuration["coap"]!.ToJsonString());
    }

    [TestMethod]
    public static void Text_names_the_coap_port_in_the_introduction_and_in_the_ready_line()
    {
        using ChildProcess simulator = Simulator("--coap-port", "0", "--http-port", "0");
        Assert.AreEqual(0, simulator.AwaitExit());
        string address = simulator.Lines.Await("coap://127.0.0.1:");
        string port = address[(address.LastIndexOf(':') + 1)..];
        simulator.Lines.Await(line => line.StartsWith("ready: ", StringComparison.Ordinal) && line.Contains($", coap on UDP port {port}, ", StringComparison.Ordinal), "ready with the port");
    }

    [TestMethod]
    [DataRow("no file", "{'port':7,'write':'local'}")]
    [DataRow("{}", "{'port':7,'write':'local'}")]
    [DataRow("{'coap':{}}", "{'port':7,'write':'local'}")]
    [DataRow("{'coap':{'write':'off','port':9}}", "{'write':'off','port':7}")]
    [DataRow("{'coap':{'enabled':false,'directory':'10.0.0.1'}}", "{'enabled':false,'directory':'10.0.0.1','port':7,'write':'local'}")]
    [DataRow("{'coap':{'write':5}}", "{'write':5,'port':7}")]
    [DataRow("{'coap':'on'}", "'on'")]
    [DataRow("{'coap':null}", "null")]
    public static void Provisioning_sets_the_coap_port_and_leaves_what_the_user_wrote(string before, string coap)
    {
        JsonNode after = Provision(before.Replace('\'', '"'));
        Assert.AreEqual(coap.Replace('\'', '"'), after["coap"]?.ToJsonString() ?? "null");
    }

    [TestMethod]
    public static void Provisioned_board_may_be_written_from_its_own_machine()
    {
        JsonNode after = Provision("{}");
        DeviceConfiguration configuration = ConfigurationReader.Parse("device.json", JsonSerializer.SerializeToUtf8Bytes(after));
        Assert.AreEqual(7, configuration.CoapPort);
        Assert.IsTrue(configuration.CoapWriteLocal);
    }

    [TestMethod]
    public static void New_virtual_board_has_a_bmp280_and_an_old_one_what_its_file_says()
    {
        Assert.IsTrue(ConfigurationReader.Parse("device.json", JsonSerializer.SerializeToUtf8Bytes(Provision(""))).HasBmp280);
        Assert.IsFalse(ConfigurationReader.Parse("device.json", JsonSerializer.SerializeToUtf8Bytes(Provision("{}"))).HasBmp280);
    }

    [TestMethod]
    public static void Reserved_port_is_free_again_afterwards_and_taken_meanwhile()
    {
        int port;
        using (ReservedPort first = ReservedPort.Udp(0, "--coap-port"))
        {
            port = first.Port;
            Assert.ThrowsException(typeof(StandInException), () => ReservedPort.Udp(port, "--coap-port").Dispose());
        }

        using ReservedPort second = ReservedPort.Udp(port, "--coap-port");
        Assert.AreEqual(port, second.Port);
    }

    private static ChildProcess Simulator(params string[] more) => new(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--state", s_folder, "--for", "1", .. more]);

    private static JsonNode Provision(string before)
    {
        string storage = Directory.CreateDirectory(Path.Combine(s_folder, Path.GetRandomFileName())).FullName;
        string pem = Path.Combine(storage, "any.pem");
        File.WriteAllText(pem, "any");
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        if (before.StartsWith('{'))
        {
            File.WriteAllText(file, before);
        }

        BoardProvisioner.Provision(storage, "toaster-01", new RealEndpoint("localhost", pem, pem, pem), 8883, "", 7);
        return JsonNode.Parse(File.ReadAllText(file))!;
    }
}

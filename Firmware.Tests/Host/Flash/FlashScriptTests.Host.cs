// flash.ps1 does its steps in order, stops at the first that fails, gives the board what nanoFramework wants, and leaves no secret behind.

using System.Text;
using System.Text.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Flash;

[TestClass]
public static class FlashScriptTests
{
    [TestMethod]
    public static void Script_has_no_syntax_errors() => CollectionAssert.Empty(FlashRun.SyntaxErrors());

    [TestMethod]
    public static void Builds_and_deploys_to_the_only_port()
    {
        using FlashRun run = new FlashRun().Run();

        Assert.IsNull(run.Error);
        string[] expected =
        [
            "nanoff --listports",
            $"nuget restore {run.PathOf("Firmware/packages.config")} -PackagesDirectory {run.PathOf("packages")} -NonInteractive",
            $"nuget restore {run.PathOf("Firmware.Drivers/packages.config")} -PackagesDirectory {run.PathOf("packages")} -NonInteractive",
            $"msbuild {run.PathOf("Firmware.sln")} -p:Platform=Any CPU -p:Configuration=Release -nologo -v:minimal",
            $"nanoff --nanodevice --serialport /dev/ttyUSB0 --deploy --image {run.PathOf("Firmware/bin/Release/Firmware.bin")}",
        ];
        CollectionAssert.AreEqual(expected, run.Calls.Select(call => call.Line).ToArray());
    }

    [TestMethod]
    public static void Updates_then_provisions_then_deploys()
    {
        using FlashRun run = new FlashRun().Provision(("UpdateFirmware", true), ("Target", "ESP32_REV3"), ("FwVersion", "1.2.3.4"), ("MassErase", true));

        Assert.IsNull(run.Error);
        Assert.AreEqual(3, run.Calls.Count);
        Assert.AreEqual("nanoff --update --target ESP32_REV3 --serialport COM7 --fwversion 1.2.3.4 --masserase", run.Calls[0].Line);
        Assert.StartsWith("nanoff --serialport COM7 --filedeployment ", run.Calls[1].Line);
        Assert.Contains(" --networkdeployment ", run.Calls[1].Line);
        Assert.DoesNotContains("--nanodevice", run.Calls[1].Line);
        Assert.StartsWith("nanoff --nanodevice --serialport COM7 --deploy --image ", run.Calls[2].Line);
    }

    [TestMethod]
    public static void Puts_configuration_and_certificates_on_the_board_as_pem_with_nul()
    {
        using FlashRun run = new FlashRun().Provision();

        ToolCall call = run.Calls[0];
        JsonElement json = call.Json("--filedeployment");
        Assert.AreEqual("COM7", json.GetProperty("serialport").GetString());
        Dictionary<string, string> files = json.GetProperty("files").EnumerateArray()
            .ToDictionary(file => file.GetProperty("DestinationFilePath").GetString()!, file => file.GetProperty("SourceFilePath").GetString()!);
        CollectionAssert.AreEqual(new[] { @"I:\device.json", @"I:\ca.pem", @"I:\device.pem", @"I:\device.key" }, files.Keys.ToArray());
        Assert.AreEqual(run.PathOf("device.json"), files[@"I:\device.json"]);
        AssertPemWithNul(call.Files[files[@"I:\ca.pem"]], run.PathOf("certs/amazon-root-ca-1.pem"));
        AssertPemWithNul(call.Files[files[@"I:\device.pem"]], run.PathOf("device.pem"));
        AssertPemWithNul(call.Files[files[@"I:\device.key"]], run.PathOf("device.key"));
    }

    [TestMethod]
    public static void Puts_certificate_and_key_into_the_device_store_if_device_json_says_so()
    {
        using var run = new FlashRun();
        run.Write("device.json", """{ "thing": "toaster-01", "tls": { "stored": true, "ca": "roots.pem" } }""");
        run.Provision();

        ToolCall call = run.Calls[0];
        string[] destinations = [.. call.Json("--filedeployment").GetProperty("files").EnumerateArray().Select(file => file.GetProperty("DestinationFilePath").GetString()!)];
        CollectionAssert.AreEqual(new[] { @"I:\device.json", @"I:\roots.pem" }, destinations);
        string stored = call.Json("--networkdeployment").GetProperty("DeviceCertificatesPath").GetString()!;
        AssertPemWithNul(call.Files[stored], run.PathOf("device.pem"), run.PathOf("device.key"));
    }

    [TestMethod]
    public static void Does_not_add_a_second_nul()
    {
        using var run = new FlashRun();
        string pem = File.ReadAllText(run.PathOf("device.pem"));
        run.Write("device.pem", pem.TrimEnd() + "\0");
        run.Provision();

        ToolCall call = run.Calls[0];
        byte[] sent = call.Files.Single(file => file.Key.EndsWith("-device.pem", StringComparison.Ordinal)).Value;
        CollectionAssert.AreEqual(Encoding.ASCII.GetBytes(pem + "\0"), sent);
    }

    [TestMethod]
    public static void Stores_the_wifi_network_with_the_password_that_was_asked_for_hidden()
    {
        using FlashRun run = new FlashRun().Provision();

        CollectionAssert.AreEqual(new[] { "Password of the Wi-Fi network Home (hidden)" }, run.Questions);
        JsonElement wifi = run.Calls[0].Json("--networkdeployment").GetProperty("WirelessClient");
        Assert.AreEqual("Home", wifi.GetProperty("Ssid").GetString());
        Assert.AreEqual(FlashRun.Password, wifi.GetProperty("Password").GetString());
        Assert.AreEqual("WPA2", wifi.GetProperty("Authentication").GetString());
        Assert.AreEqual("AutoConnect", wifi.GetProperty("ConfigurationOption").GetString());
    }

    [TestMethod]
    public static void Shows_no_secret_and_puts_none_on_a_command_line()
    {
        using FlashRun run = new FlashRun().Provision();

        string seen = string.Join('\n', run.Screen.Concat(run.Calls.Select(call => call.Line)));
        Assert.Contains("Done", seen);
        Assert.DoesNotContains(FlashRun.Password, seen);
        Assert.DoesNotContains(FlashRun.KeyText, seen);
    }

    [TestMethod]
    public static void Deletes_its_files_after_success()
    {
        using FlashRun run = new FlashRun().Provision();

        Assert.IsNull(run.Error);
        Assert.IsTrue(run.Calls[0].Files.Count >= 4, "there were files during the call");
        CollectionAssert.Empty(run.Remains);
    }

    [TestMethod]
    public static void Deletes_its_files_after_failure()
    {
        using var run = new FlashRun { Answer = _ => new Reply(9) };
        run.Provision();

        Assert.Contains("exit code 9", run.Error);
        Assert.IsTrue(run.Calls[0].Files.Count >= 4, "there were files during the call");
        CollectionAssert.Empty(run.Remains);
    }

    [TestMethod]
    public static void Makes_its_files_readable_by_the_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.SkipTest("Windows has no modes; the user's temporary folder is private there.");
        }

        UnixFileMode mode = default;
        using var run = new FlashRun();
        run.Answer = call =>
        {
            if (call.Arguments.Contains("--filedeployment") && !OperatingSystem.IsWindows())
            {
                mode = File.GetUnixFileMode(Path.GetDirectoryName(call.After("--filedeployment"))!);
            }

            return new Reply(0);
        };
        run.Provision();

        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
    }

    [TestMethod]
    [DataRow("nuget", 1)]
    [DataRow("msbuild", 3)]
    [DataRow("nanoff", 4)]
    public static void Stops_at_the_tool_that_fails(string tool, int calls)
    {
        using var run = new FlashRun();
        run.Answer = call => call.Tool == tool ? new Reply(7, "something broke") : FlashRun.Succeed(call);
        run.Run(("Port", "COM7"), ("UpdateFirmware", true), ("Target", "ESP32_REV3"));

        Assert.Contains($"{tool} ended with exit code 7", run.Error);
        Assert.AreEqual(calls, run.Calls.Count);
        Assert.AreEqual(tool, run.Calls[^1].Tool);
        Assert.Contains("something broke", string.Join('\n', run.Screen));
    }

    [TestMethod]
    [DataRow(@"Error deploying content file device.key to I:\device.key")]
    [DataRow(@"Exception deploying content file device.key to I:\device.key")]
    public static void Fails_if_nanoff_could_not_write_a_file_although_its_exit_code_is_0(string line)
    {
        using var run = new FlashRun { Answer = _ => new Reply(0, "Deploying file device.key...", line) };
        run.Provision();

        Assert.Contains(line, run.Error);
        Assert.AreEqual(1, run.Calls.Count);
        CollectionAssert.Empty(run.Remains);
    }

    [TestMethod]
    public static void Fails_if_nanoff_did_nothing_although_its_exit_code_is_0()
    {
        using var run = new FlashRun { Answer = _ => new Reply(0, "No operation was performed with the options supplied.") };
        run.Run(("Port", "COM7"), ("SkipBuild", true));

        Assert.Contains("No operation was performed", run.Error);
    }

    [TestMethod]
    [DataRow("", "plug the board in")]
    [DataRow("  COM3|  COM4", "COM3, COM4")]
    public static void Asks_for_a_port_unless_there_is_exactly_one(string ports, string message)
    {
        using var run = new FlashRun { Answer = _ => new Reply(0, ["Available COM ports:", .. ports.Split('|')]) };
        run.Run(("SkipBuild", true));

        Assert.Contains(message, run.Error);
        Assert.AreEqual(1, run.Calls.Count);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public static void Wants_exactly_one_image(int images)
    {
        using var run = new FlashRun();
        File.Delete(run.PathOf("Firmware/bin/Release/Firmware.bin"));
        for (int i = 0; i < images; i++)
        {
            run.Write($"Firmware/bin/Release/{i}.bin", "image");
        }

        run.Run(("SkipBuild", true), ("Port", "COM7"));
        Assert.Contains($"{images} .bin files", run.Error);
        Assert.AreEqual(0, run.Calls.Count);
    }

    [TestMethod]
    [DataRow("UpdateFirmware", "-Target")]
    [DataRow("MassErase", "-UpdateFirmware")]
    public static void Refuses_switches_that_would_break_the_board(string name, string message)
    {
        using FlashRun run = new FlashRun().Run((name, true), ("Port", "COM7"));

        Assert.Contains(message, run.Error);
        Assert.AreEqual(0, run.Calls.Count);
    }

    [TestMethod]
    [DataRow("device.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----", "is encrypted")]
    [DataRow("device.key", "-----BEGIN CERTIFICATE-----", "holds no 'PRIVATE KEY'")]
    [DataRow("device.pem", "not PEM", "holds no 'CERTIFICATE'")]
    [DataRow("device.json", "{ \"thing\": ", "is not JSON")]
    public static void Refuses_a_wrong_file_before_anything_is_done(string file, string content, string message)
    {
        using var run = new FlashRun();
        run.Write(file, content);
        run.Provision();

        Assert.Contains(message, run.Error);
        Assert.AreEqual(0, run.Calls.Count);
    }

    [TestMethod]
    public static void Refuses_a_missing_key_before_anything_is_done()
    {
        using var run = new FlashRun();
        run.Run(("Port", "COM7"), ("DeviceJson", run.PathOf("device.json")), ("Certificate", run.PathOf("device.pem")));

        Assert.Contains("-Key is missing", run.Error);
        Assert.AreEqual(0, run.Calls.Count);
    }

    private static void AssertPemWithNul(byte[] sent, params string[] sources)
    {
        byte[] expected = [.. sources.SelectMany(File.ReadAllBytes), 0];
        CollectionAssert.AreEqual(expected, sent);
    }
}

// Debian's mosquitto-clients through both doors: proof that the stand-in serves a client that nobody here wrote.

using System.Diagnostics;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class MosquittoTest
{
    private const string Alpn = "x-amzn-mqtt-ca";

    [Setup]
    public static void NeedsMosquittoClients()
    {
        bool there = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "mosquitto_pub")));
        if (there)
        {
            return;
        }

        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI needs mosquitto-clients: apt-get install mosquitto-clients");
        Assert.SkipTest("needs mosquitto-clients");
    }

    [TestMethod]
    public static void Message_goes_from_one_door_to_the_other()
    {
        using var bench = StandInBench.Start();
        using Process subscriber = Run("mosquitto_sub", bench, alpn: true, "-i", "sub", "-t", "toaster-01/#", "-q", "1", "-C", "1", "-W", "5", "-v");
        bench.Wait<ClientSubscribed>();
        using Process publisher = Run("mosquitto_pub", bench, alpn: false, "-t", "toaster-01/commands", "-m", "{\"toaster\":\"on\"}", "-q", "1");
        Assert.AreEqual("0", Finish(publisher));
        Assert.AreEqual("0 toaster-01/commands {\"toaster\":\"on\"}", Finish(subscriber));
        Assert.AreEqual("alpn", bench.Wait<ClientConnected>(c => c.ClientId == "sub").Door);
        Assert.AreEqual("mqtt", bench.Wait<ClientConnected>(c => c.ClientId != "sub").Door);
    }

    [TestMethod]
    public static void Alpn_door_without_alpn_is_an_error_for_mosquitto()
    {
        using var bench = StandInBench.Start();
        using Process publisher = Start("mosquitto_pub", bench.StandIn.AlpnPort, null, "-t", "a", "-m", "x");
        Assert.AreNotEqual("0", Finish(publisher));
        bench.Wait<ConnectionRefused>(r => r.Reason.Contains("no ALPN", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Ca_file_that_mosquitto_does_not_trust_is_reported()
    {
        using var bench = StandInBench.Start();
        using DevelopmentCertificates strangers = DevelopmentCertificates.Open(StandInBench.TemporaryFolder());
        using Process publisher = Start("mosquitto_pub", bench.StandIn.MqttPort, null, "-t", "a", "-m", "x", "--cafile", strangers.CaPath);
        Assert.AreNotEqual("0", Finish(publisher));
        Assert.Contains("TLS handshake failed", bench.Wait<ConnectionRefused>().Reason);
    }

    [TestMethod]
    [DataRow(AwsRules.Rules2018, false)]
    [DataRow(AwsRules.Now, true)]
    public static void Retained_message_works_as_the_rules_say(AwsRules rules, bool works)
    {
        using var bench = StandInBench.Start(rules);
        using Process publisher = Run("mosquitto_pub", bench, alpn: false, "-t", "a", "-m", "x", "-r", "-q", "1");
        string code = Finish(publisher);
        Assert.IsTrue(works == (code == "0"), "exit code " + code);
        Assert.AreEqual(works ? 0 : 1, bench.Count<RuleViolated>());
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(5)]
    public static void Connack_override_is_seen_by_mosquitto(int code)
    {
        using var bench = StandInBench.Start();
        bench.Options.ConnackOverride = _ => (byte)code;
        using Process publisher = Run("mosquitto_pub", bench, alpn: false, "-t", "a", "-m", "x");
        Assert.StartsWith(code.ToString(System.Globalization.CultureInfo.InvariantCulture), Finish(publisher));
    }

    private static Process Run(string program, StandInBench bench, bool alpn, params string[] arguments) =>
        Start(program, alpn ? bench.StandIn.AlpnPort : bench.StandIn.MqttPort, alpn ? Alpn : null, arguments);

    private static Process Start(string program, int port, string? alpn, params string[] arguments)
    {
        DevelopmentCertificates certificates = StandInBench.Certificates;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all =
        [
            "--cafile", certificates.CaPath, "--cert", certificates.Client.CertificatePath, "--key", certificates.Client.KeyPath,
            "-h", "localhost", "-p", $"{port}", .. alpn is null ? Array.Empty<string>() : ["--tls-alpn", alpn], .. arguments,
        ];
        foreach (string argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for the end and gives exit code and output.</summary>
    private static string Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(10_000))
        {
            process.Kill();
            throw new TestFrameworkShared.AssertFailedException($"{process.StartInfo.FileName} did not end within 10 s");
        }

        return $"{process.ExitCode} {output.Result}".Trim();
    }
}

// curl through the doors of HTTPS: the lecture's command line lights the virtual board's LED, and curl's own SigV4 is a second judge of the verifier.

using System.Text.Json;
using Firmware.Simulator.Aws;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class CurlTest
{
    [Setup]
    public static void NeedsCurl()
    {
        bool there = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "curl")));
        if (there)
        {
            return;
        }

        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI needs curl: apt-get install curl");
        Assert.SkipTest("needs curl");
    }

    [TestMethod]
    public static void Command_line_of_the_lecture_lights_the_led_of_the_virtual_board()
    {
        string state = StandInBench.TemporaryFolder();
        using ChildProcess simulator = new(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--json", "--state", state, "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--coap-port", "0",
            "--http-port", "0");
        JsonElement ready = JsonSerializer.Deserialize<JsonElement>(simulator.Lines.Await("\"event\":\"ready\""));
        simulator.Lines.Await("online: commands on toaster-01/commands");
        string certs = ready.GetProperty("certificates").GetString()!;
        string answer = Curl(
            "--tlsv1.2", "--cacert", Path.Combine(certs, "ca.pem"), "--cert", Path.Combine(certs, "client.pem"), "--key", Path.Combine(certs, "client.key"),
            "-X", "POST", "-d", "{\"led\":\"on\"}", $"https://localhost:{ready.GetProperty("httpsPort").GetInt32()}/topics/toaster-01%2Fcommands?qos=1");
        Assert.Contains("{\"message\":\"OK\",\"traceId\":\"", answer);
        simulator.Lines.Await(line => line.Contains("\"event\":\"pin\",\"gpio\":2", StringComparison.Ordinal) && line.Contains("\"level\":true", StringComparison.Ordinal), "the LED on");
        Assert.AreEqual(Path.Combine(state, "aws-credentials"), ready.GetProperty("credentials").GetString());
        string secret = DevelopmentCredentials.Open(state).Default.Secret;
        Assert.IsFalse(simulator.Lines.ToString().Contains(secret, StringComparison.Ordinal), "a secret is never shown");
    }

    [TestMethod]
    public static void Alpn_of_curl_at_the_door_of_443_means_a_signature()
    {
        using var bench = StandInBench.Start();
        Assert.Contains("Missing Authentication Token", Curl(
            "--cacert", StandInBench.Certificates.CaPath, "--cert", StandInBench.Certificates.Client.CertificatePath, "--key", StandInBench.Certificates.Client.KeyPath,
            "-d", "x", $"https://localhost:{bench.StandIn.AlpnPort}/topics/a"));
    }

    [TestMethod]
    public static void Signature_of_curl_is_good()
    {
        using var bench = StandInBench.Start();
        bench.Time.Advance(DateTimeOffset.UtcNow - bench.Time.GetUtcNow()); // curl signs with the PC's clock
        DevelopmentAccessKey key = bench.StandIn.Credentials.Default;
        string config = Path.Combine(StandInBench.TemporaryFolder(), "curl.txt"); // as a user does it: no secret on a command line
        File.WriteAllText(config, $"user = \"{key.AccessKeyId}:{key.Secret}\"\n");
        string[] common = ["--cacert", StandInBench.Certificates.CaPath, "-d", "x", $"https://localhost:{bench.StandIn.AlpnPort}/topics/toaster-01?qos=1", "--config", config];
        Assert.Contains("\"OK\"", Curl(["--aws-sigv4", "aws:amz:eu-central-1:iotdata", .. common]));
        Assert.AreEqual("SigV4 default", bench.Wait<MessagePublished>().ClientId);
        Assert.Contains("scoped to correct service", Curl(["--aws-sigv4", "aws:amz:eu-central-1:s3", .. common]));
    }

    private static string Curl(params string[] arguments)
    {
        using ChildProcess curl = new("curl", ["--silent", "--show-error", "--max-time", "10", .. arguments]);
        Assert.AreEqual(0, curl.AwaitExit(), curl.Lines.ToString());
        return curl.Lines.ToString();
    }
}

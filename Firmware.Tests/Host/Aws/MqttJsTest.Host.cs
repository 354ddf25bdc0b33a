// MQTT.js over WebSocket: a client that nobody here wrote, with a URL signed by the AWS SDK and with one signed by the firmware.

using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Io;
using Firmware.Simulator.Aws;
using Firmware.Tests.Host.Coap.Peers;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class MqttJsTest
{
    [Setup]
    public static void NeedsMqttJs() => CoapPeers.RequireNodePackage("mqtt");

    [TestMethod]
    [DataRow("sdk", "default")]
    [DataRow("sdk", "session")]
    [DataRow("firmware", "default")]
    [DataRow("firmware", "session")]
    public static void Message_comes_back_over_a_signed_url(string signer, string profile)
    {
        using var bench = StandInBench.Start();
        DevelopmentAccessKey key = profile == "default" ? bench.StandIn.Credentials.Default : bench.StandIn.Credentials.Session;
        string host = WebSocketDevice.Host(bench);
        string target = signer == "sdk" ? SdkSigner.Target(key, host, bench.Time.GetUtcNow(), expires: 300) : TargetOfFirmware(key, host, bench.Time.GetUtcNow());
        using ChildProcess node = Run($"wss://{host}{target}", $"{signer}-{profile}");
        Assert.AreEqual(0, node.AwaitExit(), node.Lines.ToString());
        node.Lines.Await("{\"event\":\"message\",\"topic\":\"toaster-01/commands\",\"text\":\"hello\"}");
        ClientConnected connected = bench.Wait<ClientConnected>();
        Assert.AreEqual($"{signer}-{profile} wss SigV4 {profile}", $"{connected.ClientId} {connected.Door} {connected.CertificateSubject}");
        Assert.IsTrue(bench.Wait<ClientDisconnected>().Kind == DisconnectKind.Clean);
    }

    [TestMethod]
    public static void Wrong_signature_is_an_error_with_403()
    {
        using var bench = StandInBench.Start();
        string host = WebSocketDevice.Host(bench);
        DevelopmentAccessKey key = bench.StandIn.Credentials.Default with { Secret = "wrong" };
        using ChildProcess node = Run($"wss://{host}{SdkSigner.Target(key, host, bench.Time.GetUtcNow())}", "one");
        Assert.AreEqual(1, node.AwaitExit());
        Assert.Contains("403", node.Lines.ToString());
    }

    private static ChildProcess Run(string url, string clientId)
    {
        string script = CoapPeers.NodeScript("mqtt.js");
        return new ChildProcess("env", $"NODE_PATH={CoapPeers.NodeModules}", "node", script, url, StandInBench.Certificates.CaPath, clientId, "toaster-01/commands", "hello");
    }

    private static string TargetOfFirmware(DevelopmentAccessKey key, string host, DateTimeOffset time)
    {
        SigV4Signer signer = new(Encoding.ASCII.GetBytes(SdkSigner.Region), SigV4Signer.IotDeviceGateway);
        ByteWriter writer = new();
        writer.Reset(new byte[3000], 0, 3000);
        AwsCredentials credentials = new(Encoding.ASCII.GetBytes(key.AccessKeyId), Encoding.ASCII.GetBytes(key.Secret), Encoding.ASCII.GetBytes(key.SessionToken ?? ""));
        signer.WriteMqttTarget(writer, credentials, Encoding.ASCII.GetBytes(host), time.ToUnixTimeSeconds(), 300);
        Assert.IsFalse(writer.Overflowed);
        return Encoding.ASCII.GetString(writer.Buffer, 0, writer.Length);
    }
}

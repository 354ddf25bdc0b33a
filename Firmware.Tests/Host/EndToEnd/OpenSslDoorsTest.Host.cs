// openssl s_client at the doors of the stand-in: a hand-written HTTPS publish with a client certificate and ALPN, which curl cannot offer.

using Firmware.Simulator.Aws;
using Firmware.Simulator.TestFramework;
using Firmware.Tests.Host.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static class OpenSslDoorsTest
{
    [Setup]
    public static void NeedsOpenSsl()
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "openssl"))))
        {
            Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI needs openssl: apt-get install openssl");
            Assert.SkipTest("needs openssl");
        }
    }

    [TestMethod]
    [DataRow("x-amzn-http-ca", true)]
    [DataRow("", false)]
    public static void S_client_publishes_over_https(string alpn, bool atThe443)
    {
        using var bench = StandInBench.Start();
        CertificateFiles client = StandInBench.Certificates.Client;
        int port = atThe443 ? bench.StandIn.AlpnPort : bench.StandIn.HttpsPort;
        string[] arguments =
        [
            "s_client", "-quiet", "-ign_eof", "-verify_return_error", "-connect", $"localhost:{port}", "-servername", "localhost", "-CAfile", StandInBench.Certificates.CaPath,
            "-cert", client.CertificatePath, "-key", client.KeyPath, .. alpn.Length > 0 ? (string[])["-alpn", alpn] : [],
        ];
        using ChildProcess process = new("openssl", arguments);
        process.Type($"POST /topics/lamp?qos=1 HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Length: 2\r\n\r\non\r");
        Assert.AreEqual("on", bench.Wait<MessagePublished>(m => m.Topic == "lamp").Preview);
        process.Lines.Await("\"message\":\"OK\"");
    }
}

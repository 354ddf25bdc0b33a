// The doors: who gets in, who does not and is told why, and what happens when a door closes.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class DoorsTest
{
    [TestMethod]
    [DataRow(SslProtocols.Tls12)]
    [DataRow(SslProtocols.Tls13)]
    public static void Mqtt_door_takes_tls_1_2_and_1_3(SslProtocols version)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = RawDevice.Open(bench.StandIn.MqttPort, StandInBench.Certificates.Client, versions: version);
        device.Send(Packets.Connect("one"));
        device.Expect("CONNACK");
        Assert.IsTrue(device.TlsVersion == version);
        Assert.AreEqual("CN=mqtt-test-client", bench.Wait<ClientConnected>().CertificateSubject);
    }

    [TestMethod]
    public static void Alpn_door_takes_x_amzn_mqtt_ca()
    {
        using var bench = StandInBench.Start();
        CertificateFiles files = StandInBench.Certificates.EnsureDevice("toaster-01");
        using RawDevice device = RawDevice.Open(bench.StandIn.AlpnPort, files, alpn: "x-amzn-mqtt-ca");
        device.Send(Packets.Connect("one"));
        device.Expect("CONNACK");
        Assert.AreEqual("x-amzn-mqtt-ca", device.Alpn);
        ClientConnected connected = bench.Wait<ClientConnected>();
        Assert.AreEqual("alpn", connected.Door);
        Assert.AreEqual("CN=toaster-01", connected.CertificateSubject);
    }

    [TestMethod]
    [DataRow("mqtt")]
    [DataRow("h2")]
    [DataRow("x-amzn-mqtt")]
    public static void Alpn_door_refuses_an_unknown_alpn(string alpn)
    {
        using var bench = StandInBench.Start();
        Assert.ThrowsException(typeof(AuthenticationException), () => RawDevice.Open(bench.StandIn.AlpnPort, StandInBench.Certificates.Client, alpn).Dispose());
        ConnectionRefused refused = bench.Wait<ConnectionRefused>();
        Assert.AreEqual("alpn", refused.Door);
        Assert.Contains(alpn, refused.Reason);
        Assert.Contains("--tls-alpn", refused.Advice);
    }

    [TestMethod]
    public static void Mqtt_door_answers_aws_alpn_too()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = RawDevice.Open(bench.StandIn.MqttPort, StandInBench.Certificates.Client, alpn: "x-amzn-mqtt-ca");
        Assert.AreEqual("x-amzn-mqtt-ca", device.Alpn);
    }

    [TestMethod]
    [DataRow(SslProtocols.Tls12)]
    [DataRow(SslProtocols.Tls13)]
    public static void Client_without_certificate_is_refused(SslProtocols version)
    {
        using var bench = StandInBench.Start();
        ExpectNoConnack(() => RawDevice.Open(bench.StandIn.MqttPort, null, versions: version));
        Assert.Contains("no client certificate", bench.Wait<ConnectionRefused>().Reason);
        Assert.AreEqual(1, bench.Count<ConnectionRefused>());
    }

    [TestMethod]
    public static void Client_with_a_certificate_of_another_ca_is_refused()
    {
        using var bench = StandInBench.Start();
        using DevelopmentCertificates strangers = DevelopmentCertificates.Open(StandInBench.TemporaryFolder());
        ExpectNoConnack(() => RawDevice.Open(bench.StandIn.MqttPort, strangers.Client));
        Assert.Contains("was not issued by the development CA", bench.Wait<ConnectionRefused>().Reason);
    }

    [TestMethod]
    public static void Server_certificate_as_client_certificate_is_refused()
    {
        using var bench = StandInBench.Start();
        string folder = StandInBench.Certificates.Folder;
        var files = new CertificateFiles(Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        ExpectNoConnack(() => RawDevice.Open(bench.StandIn.MqttPort, files));
        bench.Wait<ConnectionRefused>();
    }

    [TestMethod]
    public static void Expired_client_certificate_is_refused_and_called_expired()
    {
        string state = StandInBench.TemporaryFolder();
        var past = new ManualTime();
        past.Advance(DateTimeOffset.UtcNow.AddDays(-900) - DateTimeOffset.UnixEpoch);
        CertificateFiles expired;
        using (DevelopmentCertificates then = DevelopmentCertificates.Open(state, time: past))
        {
            expired = then.EnsureDevice("toaster-01");
        }

        using DevelopmentCertificates now = DevelopmentCertificates.Open(state);
        var options = new IotCoreOptions { StateFolder = state, MqttPort = 0, AlpnPort = 0, HttpsPort = 0 };
        var standIn = new IotCoreStandIn(options, now);
        var refused = new TaskCompletionSource<ConnectionRefused>();
        standIn.Happened += e => _ = e is ConnectionRefused r && refused.TrySetResult(r);
        standIn.StartAsync().Wait();
        ExpectNoConnack(() => RawDevice.Open(standIn.MqttPort, expired, authority: now.Authority));
        Assert.IsTrue(refused.Task.Wait(5000));
        Assert.Contains("CN=toaster-01 is not valid now", refused.Task.Result.Reason);
        standIn.DisposeAsync().AsTask().Wait();
    }

    [TestMethod]
    [DataRow("localhost", true)]
    [DataRow("127.0.0.1", true)]
    [DataRow("example.com", false)]
    public static void Server_certificate_is_good_for_this_machine_only(string host, bool good)
    {
        using var bench = StandInBench.Start();
        Action open = () => RawDevice.Open(bench.StandIn.MqttPort, StandInBench.Certificates.Client, host: host).Dispose();
        if (good)
        {
            open();
        }
        else
        {
            Assert.ThrowsException(typeof(AuthenticationException), open);
        }
    }

    [TestMethod]
    public static void Client_that_does_not_trust_the_ca_is_reported()
    {
        using var bench = StandInBench.Start();
        using DevelopmentCertificates strangers = DevelopmentCertificates.Open(StandInBench.TemporaryFolder());
        Action open = () => RawDevice.Open(bench.StandIn.MqttPort, StandInBench.Certificates.Client, authority: strangers.Authority).Dispose();
        Assert.ThrowsException(typeof(AuthenticationException), open);
        ConnectionRefused refused = bench.Wait<ConnectionRefused>();
        Assert.Contains("TLS handshake", refused.Reason); // with TLS 1.3 SslStream finishes it before it judges
        Assert.Contains("ca.pem", refused.Advice);
    }

    [TestMethod]
    public static void Missing_sni_is_a_warning_now()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using RawDevice device = RawDevice.Open(bench.StandIn.MqttPort, StandInBench.Certificates.Client, host: "127.0.0.1");
        Assert.IsTrue(bench.Wait<RuleViolated>() is { Consequence: RuleConsequence.Allowed } warning && warning.Rule.Contains("SNI", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Plain_tcp_is_refused_with_a_hint()
    {
        using var bench = StandInBench.Start();
        using var plain = new TcpClient();
        plain.Connect(IPAddress.Loopback, bench.StandIn.MqttPort);
        plain.GetStream().Write(Packets.Connect("one"));
        Assert.Contains("no TLS handshake", bench.Wait<ConnectionRefused>().Reason);
    }

    [TestMethod]
    public static void Port_probe_leaves_the_doors_open()
    {
        using var bench = StandInBench.Start();
        using (var probe = new TcpClient())
        {
            probe.Connect(IPAddress.Loopback, bench.StandIn.MqttPort);
        }

        bench.Connect("one").Dispose();
    }

    [TestMethod]
    public static void Doors_answer_on_ipv6_loopback()
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.SkipTest("no IPv6 here");
            return;
        }

        using var bench = StandInBench.Start();
        RawDevice.Open(bench.StandIn.MqttPort, StandInBench.Certificates.Client, address: IPAddress.IPv6Loopback).Dispose();
    }

    [TestMethod]
    [DataRow("--mqtt-port")]
    [DataRow("--alpn-port")]
    [DataRow("--https-port")]
    public static void Taken_port_gives_one_clear_line(string option)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var bench = new StandInBench(mqttPort: option == "--mqtt-port" ? port : 0, alpnPort: option == "--alpn-port" ? port : 0, httpsPort: option == "--https-port" ? port : 0);
        var error = (StandInException)Error(() => bench.StandIn.StartAsync().Wait());
        Assert.Contains($"port {port} is taken", error.Message);
        Assert.Contains(option, error.Message);

        other.Stop();
        bench.StandIn.StartAsync().Wait();
        bench.Connect("one").Dispose();
    }

    [TestMethod]
    public static void Other_than_loopback_is_refused()
    {
        var options = new IotCoreOptions { StateFolder = ".", BindAddress = "0.0.0.0" };
        Assert.Contains("no loopback address", Error(() => _ = new IotCoreStandIn(options, StandInBench.Certificates)).Message);
    }

    [TestMethod]
    public static void Broker_off_drops_clients_quickly_and_broker_on_keeps_the_ports()
    {
        using var bench = StandInBench.Start();
        (int mqtt, int alpn, int https) = (bench.StandIn.MqttPort, bench.StandIn.AlpnPort, bench.StandIn.HttpsPort);
        for (int i = 0; i < 3; i++)
        {
            using RawDevice device = bench.Connect("one");
            long start = Stopwatch.GetTimestamp();
            bench.StandIn.StopAsync().Wait();
            Assert.IsTrue(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1), "stops within a second");
            device.ExpectClosed();
            Assert.ThrowsException(typeof(SocketException), () => bench.Open().Dispose());
            bench.StandIn.StartAsync().Wait();
            Assert.AreEqual(mqtt, bench.StandIn.MqttPort);
            Assert.AreEqual(alpn, bench.StandIn.AlpnPort);
            Assert.AreEqual(https, bench.StandIn.HttpsPort);
        }

        Assert.AreEqual(3, bench.Count<ClientDisconnected>());
    }

    [TestMethod]
    public static void Events_are_one_line_of_text_and_of_json()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("two\nlines");
        ClientConnected connected = bench.Wait<ClientConnected>();
        Assert.IsFalse(connected.Text.Contains('\n'));
        string json = connected.ToJson();
        Assert.IsFalse(json.Contains('\n'));
        Assert.StartsWith("{\"event\":\"connected\"", json);
        Assert.Contains("\"keepAliveSeconds\":60", json);
    }

    // With TLS 1.3 the client's handshake ends before the server has judged the certificate: the refusal shows at the first read.
    private static void ExpectNoConnack(Func<RawDevice> open)
    {
        try
        {
            using RawDevice device = open();
            device.Send(Packets.Connect("one"));
            device.ExpectClosed();
        }
        catch (AuthenticationException)
        {
        }
    }

    private static Exception Error(Action action)
    {
        try
        {
            action();
        }
        catch (AggregateException e)
        {
            return e.InnerException!;
        }
        catch (StandInException e)
        {
            return e;
        }

        throw new TestFrameworkShared.AssertFailedException("an exception was expected");
    }
}

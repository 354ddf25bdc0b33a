// MQTT over WebSocket with SigV4, signed by the AWS SDK: .NET's ClientWebSocket and MQTTnet's client get in, messages go from every door to every other,
// and WebSocket's own rules hold. Refused signatures are in SignaturesTest.

using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Firmware.Simulator.Aws;
using MQTTnet;
using MQTTnet.Formatter;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class WebSocketDoorTest
{
    private static readonly string[] Publishers = ["mqtt", "alpn", "wss", "https", "https on alpn", "https with SigV4"];

    [TestMethod]
    public static void Message_through_each_door_arrives_at_every_other()
    {
        using var bench = StandInBench.Start();
        using RawDevice mqtt = bench.Connect("mqtt");
        using RawDevice alpn = RawDevice.Open(bench.StandIn.AlpnPort, StandInBench.Certificates.Client, alpn: AwsLimits.AlpnMqtt);
        alpn.Send(Packets.Connect("alpn"));
        alpn.Expect("CONNACK");
        using WebSocketDevice wss = WebSocketDevice.Connect(bench, "wss", bench.StandIn.Credentials.Session);
        mqtt.Send(Packets.Subscribe(1, ("a/+", 0)));
        mqtt.Expect("SUBACK");
        alpn.Send(Packets.Subscribe(1, ("a/#", 0)));
        alpn.Expect("SUBACK");
        wss.Send(Packets.Subscribe(1, ("a/b", 0)));
        wss.Expect("SUBACK");
        using HttpClient https = Doors.Client(StandInBench.Certificates.Client);
        using HttpClient httpsOnAlpn = Doors.Client(StandInBench.Certificates.Client, AwsLimits.AlpnHttp);
        using HttpClient signed = Doors.Client(null);
        foreach (string door in Publishers)
        {
            switch (door)
            {
                case "mqtt":
                    mqtt.Send(Packets.Publish("a/b", door));
                    break;
                case "alpn":
                    alpn.Send(Packets.Publish("a/b", door));
                    break;
                case "wss":
                    wss.Send(Packets.Publish("a/b", door));
                    break;
                case "https":
                    Assert.AreEqual(200, (int)Doors.Post(https, bench.StandIn.HttpsPort, "a%2Fb", door).StatusCode);
                    break;
                case "https on alpn":
                    Assert.AreEqual(200, (int)Doors.Post(httpsOnAlpn, bench.StandIn.AlpnPort, "a%2Fb", door).StatusCode);
                    break;
                default:
                    Assert.AreEqual(200, SignaturesTest.PostSigned(signed, bench, bench.StandIn.Credentials.Default, "a/b", door).Status);
                    break;
            }

            Assert.AreEqual(door, Packets.Published(mqtt.Expect("PUBLISH")).Payload);
            Assert.AreEqual(door, Packets.Published(alpn.Expect("PUBLISH")).Payload);
            Assert.AreEqual(door, Packets.Published(wss.Expect("PUBLISH")).Payload);
        }

        ClientConnected connected = bench.Wait<ClientConnected>(c => c.ClientId == "wss");
        Assert.AreEqual("wss SigV4 session", $"{connected.Door} {connected.CertificateSubject}");
        Assert.AreEqual("SigV4 default", bench.Wait<MessagePublished>(p => p.Source == "https" && p.Preview == "https with SigV4").ClientId);
    }

    [TestMethod]
    public static void Mqttnet_client_works_over_a_signed_url_with_and_without_a_session_token()
    {
        using var bench = StandInBench.Start();
        foreach (DevelopmentAccessKey key in (DevelopmentAccessKey[])[bench.StandIn.Credentials.Default, bench.StandIn.Credentials.Session])
        {
            using IMqttClient client = new MqttClientFactory().CreateMqttClient();
            var received = new TaskCompletionSource<string>();
            client.ApplicationMessageReceivedAsync += e =>
            {
                received.TrySetResult(e.ApplicationMessage.ConvertPayloadToString());
                return Task.CompletedTask;
            };
            MqttClientOptions options = new MqttClientOptionsBuilder()
                .WithProtocolVersion(MqttProtocolVersion.V311)
                .WithClientId("net-" + key.Profile)
                .WithWebSocketServer(o => o.WithUri(WebSocketDevice.Url(bench, key)))
                .WithTlsOptions(o => o.WithCertificateValidationHandler(v => Trusted((X509Certificate2)v.Certificate)))
                .Build();
            Assert.IsTrue(client.ConnectAsync(options).Result.ResultCode == MqttClientConnectResultCode.Success);
            client.SubscribeAsync("a", MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce).Wait();
            client.PublishStringAsync("a", key.Profile, MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce).Wait();
            Assert.IsTrue(received.Task.Wait(3000));
            Assert.AreEqual(key.Profile, received.Task.Result);
            client.DisconnectAsync().Wait();
            Assert.IsTrue(bench.Wait<ClientDisconnected>(d => d.ClientId == "net-" + key.Profile).Kind == DisconnectKind.Clean);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    [DataRow(1000)]
    public static void Packets_come_in_any_pieces_of_frames_and_messages(int size)
    {
        using var bench = StandInBench.Start();
        using WebSocketDevice device = WebSocketDevice.Open(bench, bench.StandIn.Credentials.Default);
        device.SendInPieces(Packets.Connect("one"), size);
        device.Expect("CONNACK");
        device.SendInPieces([.. Packets.Subscribe(1, ("a", 1)), .. Packets.Publish("a", "x", qos: 1, id: 2), .. Packets.PingReq], size);
        string[] answers = [.. Enumerable.Range(0, 4).Select(_ => Packets.Name(device.Read())).Order(StringComparer.Ordinal)];
        Assert.AreEqual("PINGRESP PUBACK PUBLISH SUBACK", string.Join(' ', answers));
    }

    [TestMethod]
    public static void Largest_message_goes_both_ways_and_a_larger_one_ends_the_connection()
    {
        using var bench = StandInBench.Start();
        using WebSocketDevice device = WebSocketDevice.Connect(bench, "one", bench.StandIn.Credentials.Default);
        device.Send(Packets.Subscribe(1, ("a", 0)));
        device.Expect("SUBACK");
        byte[] payload = new byte[AwsLimits.PayloadBytes];
        new Random(1).NextBytes(payload);
        device.Send(Packets.Publish("a", payload));
        Assert.IsTrue(device.Expect("PUBLISH").AsSpan()[^payload.Length..].SequenceEqual(payload));
        device.Send(Packets.Publish("a", new byte[AwsLimits.PayloadBytes + 1]));
        Assert.AreEqual("closed", Packets.Name(device.Read()));
        Assert.IsTrue(bench.Wait<RuleViolated>().Consequence == RuleConsequence.Disconnected);
    }

    [TestMethod]
    public static void Text_frame_ends_the_connection_and_the_will_is_sent()
    {
        using var bench = StandInBench.Start();
        using WebSocketDevice device = WebSocketDevice.Open(bench, bench.StandIn.Credentials.Default);
        device.Send(Packets.Connect("one", willTopic: "gone"));
        device.Expect("CONNACK");
        device.SendText("hello");
        Assert.AreEqual("closed", Packets.Name(device.Read()));
        Assert.IsTrue(device.CloseStatus == WebSocketCloseStatus.InvalidMessageType);
        RuleViolated violated = bench.Wait<RuleViolated>();
        Assert.Contains("MQTT-6.0.0-1", violated.Rule);
        Assert.AreEqual("wss", violated.Door);
        Assert.IsTrue(bench.Wait<ClientDisconnected>().WillPublished);
        Assert.AreEqual("gone", bench.Wait<MessagePublished>().Topic);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public static void Close_counts_as_disconnect_and_a_lost_connection_sends_the_will(bool closes)
    {
        using var bench = StandInBench.Start();
        using WebSocketDevice device = WebSocketDevice.Open(bench, bench.StandIn.Credentials.Default);
        device.Send(Packets.Connect("one", willTopic: "gone"));
        device.Expect("CONNACK");
        if (closes)
        {
            device.Close();
        }
        else
        {
            device.Abort();
        }

        ClientDisconnected end = bench.Wait<ClientDisconnected>();
        Assert.IsTrue(end.Kind == (closes ? DisconnectKind.Clean : DisconnectKind.Abrupt), end.Text);
        Assert.AreEqual(!closes, end.WillPublished);
    }

    [TestMethod]
    public static void Connection_lasts_24_hours_and_no_longer()
    {
        using var bench = StandInBench.Start();
        using WebSocketDevice device = WebSocketDevice.Connect(bench, "one", bench.StandIn.Credentials.Default, keepAlive: 1200);
        for (int minutes = 20; minutes < 24 * 60; minutes += 20)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(20));
            device.Send(Packets.PingReq);
            device.Expect("PINGRESP");
        }

        bench.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.AreEqual("closed", Packets.Name(device.Read()));
        Assert.Contains("at most 24 h", bench.Wait<ClientDisconnected>().Reason);
    }

    [TestMethod]
    public static void Rules_of_mqtt_hold_here_too()
    {
        using var bench = StandInBench.Start();
        using RawDevice first = bench.Connect("one");
        using WebSocketDevice second = WebSocketDevice.Connect(bench, "one", bench.StandIn.Credentials.Default);
        first.ExpectClosed();
        Assert.IsTrue(bench.Wait<ClientDisconnected>().Kind == DisconnectKind.TakenOver);
        second.Send(Packets.Publish("a", "x", retain: true));
        Assert.AreEqual("closed", Packets.Name(second.Read()));
        Assert.Contains("retained", bench.Wait<RuleViolated>(v => v.Consequence == RuleConsequence.Disconnected).Rule);
        using WebSocketDevice third = WebSocketDevice.Connect(bench, "three", bench.StandIn.Credentials.Default);
        bench.Time.Advance(TimeSpan.FromSeconds(90));
        Assert.AreEqual("closed", Packets.Name(third.Read()));
        bench.Options.ConnackOverride = request => request.Door == "wss" ? (byte)5 : null;
        using WebSocketDevice fourth = WebSocketDevice.Open(bench, bench.StandIn.Credentials.Default);
        fourth.Send(Packets.Connect("four"));
        Assert.AreEqual(5, (int)fourth.Expect("CONNACK")[3]);
    }

    [TestMethod]
    public static void Broker_off_drops_a_web_socket_quickly()
    {
        using var bench = StandInBench.Start();
        using WebSocketDevice device = WebSocketDevice.Connect(bench, "one", bench.StandIn.Credentials.Default);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        bench.StandIn.StopAsync().Wait();
        Assert.IsTrue(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1), "stops within a second");
        Assert.AreEqual("closed", Packets.Name(device.Read()));
    }

    [TestMethod]
    public static void Frame_without_mask_ends_the_connection()
    {
        using var bench = StandInBench.Start();
        using Stream tls = Doors.Connect(bench.StandIn.AlpnPort);
        string host = WebSocketDevice.Host(bench);
        string target = SdkSigner.Target(bench.StandIn.Credentials.Default, host, bench.Time.GetUtcNow());
        tls.Write(Encoding.ASCII.GetBytes(
            $"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"));
        var head = new List<byte>();
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            head.Add((byte)tls.ReadByte());
        }

        string answer = Encoding.ASCII.GetString([.. head]);
        Assert.StartsWith("HTTP/1.1 101 ", answer);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer); // RFC 6455 1.3
        Assert.Contains("Sec-WebSocket-Protocol: mqtt", answer);
        byte[] connect = Packets.Connect("one");
        tls.Write([0x82, (byte)connect.Length, .. connect]);
        Assert.AreEqual(0x88, tls.ReadByte(), "a Close frame");
        Assert.Contains("RFC 6455", bench.Wait<RuleViolated>().Rule);
    }

    internal static bool Trusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(StandInBench.Certificates.Authority);
        return chain.Build(certificate);
    }
}

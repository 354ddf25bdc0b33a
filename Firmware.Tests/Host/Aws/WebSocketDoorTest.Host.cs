// MQTT over WebSocket and HTTPS, both with SigV4 signed by the AWS SDK: .NET's ClientWebSocket and MQTTnet's client get in, messages go from every door to
// every other, and whoever is refused is told why.

using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
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
                    Assert.AreEqual(200, PostSigned(signed, bench, bench.StandIn.Credentials.Default, "a/b", door).Status);
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

    [TestMethod]
    [DataRow("unsigned", "Missing Authentication Token")]
    [DataRow("signature", "The request signature we calculated does not match")]
    [DataRow("no signature", "must include 'X-Amz-Signature'")]
    [DataRow("no date", "must include 'X-Amz-Date'")]
    [DataRow("algorithm", "X-Amz-Algorithm only supports")]
    [DataRow("scope", "exactly 5 slash-delimited elements")]
    [DataRow("service", "scoped to correct service")]
    [DataRow("unknown key", "The security token included in the request is invalid")]
    [DataRow("no token", "The security token included in the request is invalid")]
    [DataRow("token of nobody", "The security token included in the request is invalid")]
    [DataRow("other host", "The request signature we calculated does not match")]
    [DataRow("old", "Signature expired: 19700101T010000Z is now earlier than 19700101T010001Z (19700101T010501Z - 5 min.)")]
    [DataRow("very old", "Signature expired")]
    [DataRow("future", "Signature not yet current")]
    public static void Wrong_signature_is_403_with_the_reason_and_the_right_time(string fault, string message)
    {
        using var bench = StandInBench.Start();
        DateTimeOffset now = bench.Time.GetUtcNow();
        DevelopmentAccessKey key = bench.StandIn.Credentials.Default;
        DevelopmentAccessKey session = bench.StandIn.Credentials.Session;
        string host = WebSocketDevice.Host(bench);
        string good = SdkSigner.Target(key, host, now);
        string target = fault switch
        {
            "unsigned" => "/mqtt",
            "signature" => good[..^1] + (good[^1] == '0' ? '1' : '0'),
            "no signature" => good[..good.IndexOf("&X-Amz-Signature", StringComparison.Ordinal)],
            "no date" => good.Replace("X-Amz-Date", "X-Date", StringComparison.Ordinal),
            "algorithm" => good.Replace("HMAC-SHA256", "HMAC-SHA1", StringComparison.Ordinal),
            "scope" => good.Replace("%2Faws4_request", "", StringComparison.Ordinal),
            "service" => SdkSigner.Target(key, host, now, service: "s3"),
            "unknown key" => SdkSigner.Target(key with { AccessKeyId = "AKIAUNKNOWN" }, host, now),
            "no token" => SdkSigner.Target(session with { SessionToken = null }, host, now),
            "token of nobody" => SdkSigner.Target(key with { SessionToken = "x" }, host, now),
            "other host" => SdkSigner.Target(key, "localhost", now),
            "old" => good,
            "very old" => SdkSigner.Target(key, host, now, expires: 300),
            _ => SdkSigner.Target(key, host, now.AddSeconds(301)),
        };
        if (fault.EndsWith("old", StringComparison.Ordinal))
        {
            bench.Time.Advance(TimeSpan.FromSeconds(301));
        }

        using HttpClient client = Doors.Client(null);
        using HttpResponseMessage answer = Doors.Send(client, bench.StandIn.AlpnPort, HttpMethod.Get, target, []);
        Assert.AreEqual(403, (int)answer.StatusCode);
        Assert.Contains(message, Doors.Body(answer).GetProperty("message").GetString()!);
        Assert.AreEqual("ForbiddenException:", answer.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.IsTrue(answer.Headers.Date == bench.Time.GetUtcNow(), "Date is the stand-in's clock");
        RequestRefused refused = bench.Wait<RequestRefused>();
        foreach (string secret in (string[])[key.Secret, session.Secret, session.SessionToken!])
        {
            Assert.IsFalse(refused.ToJson().Contains(secret, StringComparison.Ordinal), "a secret is never shown");
        }
    }

    [TestMethod]
    public static void Good_signature_without_a_web_socket_is_426_and_without_its_sub_protocol_400()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(null);
        string target = SdkSigner.Target(bench.StandIn.Credentials.Default, WebSocketDevice.Host(bench), bench.Time.GetUtcNow());
        Assert.AreEqual(426, (int)Doors.Send(client, bench.StandIn.AlpnPort, HttpMethod.Get, target, []).StatusCode);
        foreach (string protocol in (string[])["", "mqttv3.1"])
        {
            Exception e = WebSocketDevice.OpenFails(bench, protocol);
            Assert.Contains("400", e.Message);
        }
    }

    [TestMethod]
    [DataRow("unsigned", "Missing Authentication Token")]
    [DataRow("basic", "Unsupported AWS 'algorithm': 'Basic'.")]
    [DataRow("no credential", "Authorization header requires 'Credential' parameter.")]
    [DataRow("no date", "Authorization header requires existence of either")]
    [DataRow("body", "The request signature we calculated does not match")]
    [DataRow("hash", "x-amz-content-sha256")]
    [DataRow("topic", "The request signature we calculated does not match")]
    [DataRow("token", "The security token included in the request is invalid")]
    [DataRow("old", "Signature expired")]
    [DataRow("service", "scoped to correct service")]
    public static void Publish_with_a_wrong_signature_is_403(string fault, string message)
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(null, "http/1.1");
        DevelopmentAccessKey key = bench.StandIn.Credentials.Session;
        (int status, string said, DateTimeOffset? date) = PostSigned(
            client, bench, key, "a", fault == "body" ? "other" : "x", signedTopic: fault == "topic" ? "b" : "a", signedBody: "x", service: fault == "service" ? "s3" : "iotdata",
            change: headers =>
            {
                switch (fault)
                {
                    case "unsigned":
                        headers.Remove("Authorization");
                        break;
                    case "basic":
                        headers["Authorization"] = "Basic YTpi";
                        break;
                    case "no credential":
                        headers["Authorization"] = headers["Authorization"].Replace("Credential", "Cred", StringComparison.Ordinal);
                        break;
                    case "no date":
                        headers.Remove("x-amz-date");
                        break;
                    case "hash":
                        headers["x-amz-content-sha256"] = new string('0', 64);
                        break;
                    case "token":
                        headers["x-amz-security-token"] += "x";
                        break;
                    case "old":
                        bench.Time.Advance(TimeSpan.FromMinutes(6));
                        break;
                }
            });
        Assert.AreEqual(403, status);
        Assert.Contains(message, said);
        Assert.IsTrue(date == bench.Time.GetUtcNow());
        Assert.AreEqual(0, bench.Count<MessagePublished>());
    }

    [TestMethod]
    public static void Signed_publish_is_judged_as_one_with_a_certificate()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(null, "http/1.1");
        Assert.AreEqual(200, PostSigned(client, bench, bench.StandIn.Credentials.Session, "\u00e4/b c", "x").Status);
        Assert.AreEqual("\u00e4/b c", bench.Wait<MessagePublished>().Topic);
        Assert.AreEqual(400, PostSigned(client, bench, bench.StandIn.Credentials.Session, "a/#", "x").Status);
        Assert.AreEqual(413, PostSigned(client, bench, bench.StandIn.Credentials.Session, "a", new string('x', AwsLimits.PayloadBytes + 1)).Status);
    }

    private static (int Status, string Message, DateTimeOffset? Date) PostSigned(
        HttpClient client, StandInBench bench, DevelopmentAccessKey key, string topic, string body, string? signedTopic = null, string? signedBody = null, string service = "iotdata",
        Action<Dictionary<string, string>>? change = null)
    {
        Dictionary<string, string> headers = SdkSigner.Headers(
            key, WebSocketDevice.Host(bench), bench.Time.GetUtcNow(), signedTopic ?? topic, [new("qos", "1")], Encoding.UTF8.GetBytes(signedBody ?? body), service);
        headers.Remove("host");
        change?.Invoke(headers);
        using HttpResponseMessage answer = Doors.Send(
            client, bench.StandIn.AlpnPort, HttpMethod.Post, Uri.EscapeDataString(topic) + "?qos=1", Encoding.UTF8.GetBytes(body), headers: h =>
            {
                foreach ((string name, string value) in headers)
                {
                    h.TryAddWithoutValidation(name, value);
                }
            });
        return ((int)answer.StatusCode, Doors.Body(answer).GetProperty("message").GetString()!, answer.Headers.Date);
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

/// <summary>A ClientWebSocket with hand-made MQTT packets. Reads give up after 3 s.</summary>
internal sealed class WebSocketDevice : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ClientWebSocket _socket = new();
    private readonly Queue<byte> _bytes = new();

    internal WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    internal static string Host(StandInBench bench) => string.Create(CultureInfo.InvariantCulture, $"localhost:{bench.StandIn.AlpnPort}");

    internal static string Url(StandInBench bench, DevelopmentAccessKey key) => $"wss://{Host(bench)}{SdkSigner.Target(key, Host(bench), bench.Time.GetUtcNow(), expires: 60)}";

    internal static WebSocketDevice Open(StandInBench bench, DevelopmentAccessKey key, string protocol = "mqtt")
    {
        var device = new WebSocketDevice();
        if (protocol.Length > 0)
        {
            device._socket.Options.AddSubProtocol(protocol);
        }

        device._socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => WebSocketDoorTest.Trusted((X509Certificate2)certificate!);
        using var timeout = new CancellationTokenSource(Patience);
        device._socket.ConnectAsync(new Uri(Url(bench, key)), timeout.Token).GetAwaiter().GetResult();
        return device;
    }

    /// <summary>What is thrown when the handshake is refused.</summary>
    internal static Exception OpenFails(StandInBench bench, string protocol)
    {
        try
        {
            Open(bench, bench.StandIn.Credentials.Default, protocol).Dispose();
        }
        catch (WebSocketException e)
        {
            return e;
        }

        throw new TestFrameworkShared.AssertFailedException("the handshake should have been refused");
    }

    internal static WebSocketDevice Connect(StandInBench bench, string clientId, DevelopmentAccessKey key, int keepAlive = 60)
    {
        WebSocketDevice device = Open(bench, key);
        device.Send(Packets.Connect(clientId, keepAlive: keepAlive));
        Assert.AreEqual(0, (int)device.Expect("CONNACK")[3], "return code");
        return device;
    }

    internal void Send(byte[] packet) => Frame(packet, WebSocketMessageType.Binary, true);

    internal void SendText(string text) => Frame(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true);

    /// <summary>Frames of the given size, of which now and then one ends its message.</summary>
    internal void SendInPieces(byte[] bytes, int size)
    {
        for (int at = 0, i = 0; at < bytes.Length; at += size, i++)
        {
            int count = Math.Min(size, bytes.Length - at);
            Frame(bytes.AsSpan(at, count).ToArray(), WebSocketMessageType.Binary, at + count == bytes.Length || i % 3 == 2);
        }
    }

    internal byte[] Expect(string name)
    {
        byte[]? packet = Read();
        Assert.AreEqual(name, Packets.Name(packet));
        return packet!;
    }

    /// <summary>One whole packet; null if the connection was closed.</summary>
    internal byte[]? Read()
    {
        int header = Next();
        if (header < 0)
        {
            return null;
        }

        var packet = new List<byte> { (byte)header };
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            int part = Next();
            packet.Add((byte)part);
            length |= (part & 0x7F) << shift;
            if (part < 128)
            {
                break;
            }
        }

        for (int i = 0; i < length; i++)
        {
            packet.Add((byte)Next());
        }

        return [.. packet];
    }

    internal void Close() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Wait(Patience);

    internal void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();

    private void Frame(byte[] bytes, WebSocketMessageType type, bool last)
    {
        try
        {
            _socket.SendAsync(bytes, type, last, CancellationToken.None).Wait(Patience);
        }
        catch (AggregateException e) when (e.InnerException is WebSocketException)
        {
            // the stand-in has closed already; what a test expects shows in what it reads
        }
    }

    private int Next()
    {
        if (_bytes.Count > 0)
        {
            return _bytes.Dequeue();
        }

        byte[] buffer = new byte[8192];
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            WebSocketReceiveResult result = _socket.ReceiveAsync(buffer, timeout.Token).GetAwaiter().GetResult();
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return -1;
            }

            foreach (byte b in buffer.AsSpan(0, result.Count))
            {
                _bytes.Enqueue(b);
            }

            return Next();
        }
        catch (WebSocketException)
        {
            return -1;
        }
        catch (OperationCanceledException)
        {
            throw new TestFrameworkShared.AssertFailedException("the stand-in neither answered nor closed within 3 s");
        }
    }
}

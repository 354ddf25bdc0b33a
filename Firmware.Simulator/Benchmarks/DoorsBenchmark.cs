// What each door costs in bytes: one reading to the cloud over MQTT, MQTT over WebSocket and HTTPS, and one reading to the room over CoAP, HTTP and a
// WebSocket, counted on loopback between this program and the stand-in, or the virtual board. Clients are .NET's; TLS is 1.2 with a certificate on both
// sides where the door wants one. Counted is what TCP and UDP carry; their own headers are 40 and 28 bytes a packet with IPv4. Not counted: TCP's own packets,
// which are three for a new connection and an acknowledgement now and then.

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Simulator.Aws;
using Firmware.Simulator.Energy;

namespace Firmware.Simulator.Benchmarks;

/// <summary>The command <c>bench doors</c>.</summary>
internal static class DoorsBenchmark
{
    private const string Topic = "toaster-01/telemetry";
    private const string Reading = "{\"temperature\":21.5,\"humidity\":45,\"battery\":3.899}";
    private const int PublishToken = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Measures and prints.</summary>
    /// <param name="output">Where to.</param>
    internal static async Task RunAsync(TextWriter output)
    {
        string state = Directory.CreateTempSubdirectory("firmware-bench-").FullName;
        try
        {
            SimulatorOptions options = new() { StateFolder = state, MqttPort = 0, AlpnPort = 0, HttpsPort = 0, CoapPort = 0, HttpPort = 0, Rules = AwsRules.Now };
            Simulation simulation = new(options, new Display(TextWriter.Null, json: true));
            await using (simulation.ConfigureAwait(false))
            {
                await simulation.StartAsync().ConfigureAwait(false);
                output.WriteLine("                                                  up    down  packets   with headers");
                output.WriteLine($"one reading to the cloud: {Reading.Length} bytes on {Topic}, QoS 1");
                IotCoreStandIn cloud = simulation.StandIn!;
                using X509Certificate2 own = X509Certificate2.CreateFromPemFile(cloud.Certificates.Client.CertificatePath, cloud.Certificates.Client.KeyPath);
                await MqttAsync(output, cloud, own).ConfigureAwait(false);
                await WebSocketAsync(output, cloud).ConfigureAwait(false);
                await HttpsAsync(output, cloud, own).ConfigureAwait(false);

                output.WriteLine("one reading to the room: {\"temperature\":21.5}");
                int coap = Coap(output, simulation.CoapPort);
                int http = await HttpAsync(output, simulation, state).ConfigureAwait(false);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio: HTTP on a kept connection to CoAP, with headers: {(double)http / coap:F1}"));
            }
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task MqttAsync(TextWriter output, IotCoreStandIn cloud, X509Certificate2 own)
    {
        using CountingRelay relay = new(cloud.MqttPort);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, relay.Port).ConfigureAwait(false);
        using SslStream tls = new(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(Tls(cloud, own)).ConfigureAwait(false);
        await tls.WriteAsync(Connect()).ConfigureAwait(false);
        await ReadAsync(tls, 4).ConfigureAwait(false);
        Print(output, relay, "MQTT: TLS handshake and CONNECT");
        await tls.WriteAsync(Publish()).ConfigureAwait(false);
        await ReadAsync(tls, 4).ConfigureAwait(false);
        Print(output, relay, "MQTT: publish, on the kept connection");
    }

    private static async Task WebSocketAsync(TextWriter output, IotCoreStandIn cloud)
    {
        using CountingRelay relay = new(cloud.AlpnPort);
        using SocketsHttpHandler handler = new() { SslOptions = Tls(cloud, null) };
        using HttpMessageInvoker invoker = new(handler);
        using ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        DevelopmentAccessKey key = cloud.Credentials.Session;
        AwsCredentials credentials = new(Ascii(key.AccessKeyId), Ascii(key.Secret), Ascii(key.SessionToken!));
        ByteWriter url = new();
        url.Reset(new byte[4096], 0, 4096);
        new SigV4Signer(Ascii("eu-central-1"), SigV4Signer.IotDeviceGateway).WriteMqttUrl(url, credentials, Ascii($"localhost:{relay.Port}"), DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 0);
        using CancellationTokenSource limit = new(Patience);
        await socket.ConnectAsync(new Uri(Encoding.ASCII.GetString(url.Buffer, url.Offset, url.Length)), invoker, limit.Token).ConfigureAwait(false);
        await socket.SendAsync(Connect(), WebSocketMessageType.Binary, true, limit.Token).ConfigureAwait(false);
        await socket.ReceiveAsync(new byte[16], limit.Token).ConfigureAwait(false);
        Print(output, relay, "MQTT over WebSocket: TLS, upgrade, CONNECT");
        await socket.SendAsync(Publish(), WebSocketMessageType.Binary, true, limit.Token).ConfigureAwait(false);
        await socket.ReceiveAsync(new byte[16], limit.Token).ConfigureAwait(false);
        Print(output, relay, "MQTT over WebSocket: publish, kept");
    }

    private static async Task HttpsAsync(TextWriter output, IotCoreStandIn cloud, X509Certificate2 own)
    {
        using CountingRelay relay = new(cloud.HttpsPort);
        using SocketsHttpHandler handler = new() { SslOptions = Tls(cloud, own) };
        using HttpClient client = new(handler) { Timeout = Patience };
        Uri uri = new($"https://localhost:{relay.Port}/topics/{Uri.EscapeDataString(Topic)}?qos=1");
        foreach (string name in (string[])["HTTPS: TLS handshake and POST", "HTTPS: POST, on the kept connection"])
        {
            using ByteArrayContent content = new(Ascii(Reading));
            using HttpResponseMessage response = await client.PostAsync(uri, content).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            Print(output, relay, name);
        }
    }

    private static int Coap(TextWriter output, int port)
    {
        using CoapLoad client = new(port, "sensors", "temperature");
        long start = Environment.TickCount64;
        while (!client.AskOnce())
        {
            // the board measures first
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds)
            {
                throw new StandInException("the board's CoAP server does not answer");
            }

            Thread.Sleep(100);
        }

        return Print(output, new Exchange("CoAP: GET", client.RequestBytes, client.ReplyBytes, 1, 1, 1, 0, Exchange.UdpHeader));
    }

    private static async Task<int> HttpAsync(TextWriter output, Simulation simulation, string state)
    {
        using CountingRelay relay = new(simulation.HttpPort);
        using HttpClient client = new() { Timeout = Patience };
        client.DefaultRequestHeaders.Accept.Clear();
        Uri uri = new($"http://127.0.0.1:{relay.Port}/sensors/temperature");
        int kept = 0;
        foreach (string name in (string[])["HTTP: GET, on a new connection", "HTTP: GET, on the kept connection"])
        {
            await client.GetStringAsync(uri).ConfigureAwait(false);
            kept = Print(output, relay, name);
        }

        JsonNode device = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(BoardProvisioner.StorageOf(state, "toaster-01"), DeviceConfiguration.FileName)).ConfigureAwait(false))!;
        using CountingRelay second = new(simulation.HttpPort);
        using ClientWebSocket socket = new();
        using CancellationTokenSource limit = new(Patience);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{second.Port}/events"), limit.Token).ConfigureAwait(false);
        await UntilAsync(socket, "altitude", limit.Token).ConfigureAwait(false);
        Print(output, second, "WebSocket: upgrade and all states");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)device["http"]!["token"]!);
        using StringContent on = new("on");
        using HttpResponseMessage put = await client.PutAsync(new Uri($"http://127.0.0.1:{simulation.HttpPort}/actuators/led"), on).ConfigureAwait(false);
        put.EnsureSuccessStatusCode();
        await UntilAsync(socket, "led", limit.Token).ConfigureAwait(false);
        Print(output, second, "WebSocket: a push, {\"led\":\"on\",\"time\":...}");
        return kept;
    }

    private static async Task UntilAsync(ClientWebSocket socket, string name, CancellationToken limit)
    {
        byte[] buffer = new byte[1024];
        WebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(buffer, limit).ConfigureAwait(false);
        }
        while (!Encoding.UTF8.GetString(buffer, 0, got.Count).Contains(name, StringComparison.Ordinal));
    }

    private static SslClientAuthenticationOptions Tls(IotCoreStandIn cloud, X509Certificate2? own)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(cloud.Certificates.Authority);
        return new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
            ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12,
            AllowTlsResume = false,
        };
    }

    // MQTT 3.1.1 section 3.1: clean session, keepalive 60 s, client identifier "b"
    private static byte[] Connect() => [0x10, 13, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 1, (byte)'b'];

    // section 3.3: QoS 1
    private static byte[] Publish()
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)Topic.Length);
        byte[] rest = [.. length, .. Ascii(Topic), 0, PublishToken, .. Ascii(Reading)];
        return [0x32, (byte)rest.Length, .. rest];
    }

    private static async Task ReadAsync(Stream stream, int count)
    {
        using CancellationTokenSource limit = new(Patience);
        await stream.ReadExactlyAsync(new byte[count], limit.Token).ConfigureAwait(false);
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static int Print(TextWriter output, CountingRelay relay, string name) => Print(output, relay.Take(name, 0));

    private static int Print(TextWriter output, Exchange counted)
    {
        output.WriteLine($"  {counted.Name,-44}{counted.BytesUp,6}{counted.BytesDown,8}{counted.PacketsUp + counted.PacketsDown,9}{counted.OnTheWire,15}");
        return counted.OnTheWire;
    }
}

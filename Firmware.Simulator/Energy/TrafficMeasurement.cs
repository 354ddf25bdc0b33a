// Counts the bytes of each exchange, in this process, each time: the firmware's TlsTransport and MQTT engine against the stand-in, with a counting
// relay between them; a CoAP message and an HTTP request as the firmware sends or will send them, written and counted.
// The virtual board is there because TlsTransport belongs to one: its Wi-Fi and its date decide whether a connection comes about.

using System.Globalization;
using System.Net;
using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Settings;
using Firmware.Simulator.Aws;
using Firmware.Simulator.Board;
using Firmware.Things;

namespace Firmware.Simulator.Energy;

/// <summary>Measures the traffic of one connection.</summary>
internal static class TrafficMeasurement
{
    private const int PatienceMs = 15_000;
    private const int ReceiveBytes = 1024;
    private const int KeepAliveSeconds = 1;

    // as long as AWS's endpoints are (Developer Guide, "HTTPS publish")
    private const string AwsHost = "a1b2c3d4e5f6g7-ats.iot.us-west-2.amazonaws.com";

    /// <summary>Measures.</summary>
    /// <param name="run">A run of the application, whose topics, filters and payloads are used.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="StandInException">The stand-in cannot start or the connection does not come about.</exception>
    internal static async Task<EnergyTraffic> MeasureAsync(BoardRun run)
    {
        string folder = Directory.CreateTempSubdirectory("firmware-energy-").FullName;
        try
        {
            IotCoreStandIn standIn = new(new IotCoreOptions { StateFolder = folder, MqttPort = 0, AlpnPort = 0, HttpsPort = 0, Tls12Only = true, Rules = AwsRules.Now });
            await using (standIn.ConfigureAwait(false))
            {
                await standIn.StartAsync().ConfigureAwait(false);
                using CountingRelay relay = new(standIn.MqttPort);
                VirtualBoard board = new(BoardRun.Thing, Path.Combine(folder, "board"));
                BoardProvisioner.ForStandIn(board.StorageFolder, BoardRun.Thing, standIn.Certificates, relay.Port, "", DeviceConfiguration.CoapDefaultPort);
                TaskCompletionSource<EnergyTraffic> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
                board.Start(() => Complete(result, () => Connect(board, relay, run)));
                try
                {
                    return await result.Task.WaitAsync(TimeSpan.FromMilliseconds(3 * PatienceMs)).ConfigureAwait(false);
                }
                finally
                {
                    board.CutPower();
                }
            }
        }
        catch (Exception e) when (e is ConnectException or ConfigurationException or TimeoutException or OperationCanceledException)
        {
            throw new StandInException("the traffic could not be measured: " + e.Message, e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One reading as a NON POST: what the board would send to a CoAP server in the LAN.</summary>
    /// <param name="payload">The reading.</param>
    /// <returns>The counts.</returns>
    internal static Exchange Coap(byte[] payload)
    {
        CoapWriter writer = new();
        byte[] buffer = new byte[ReceiveBytes];
        writer.Begin(buffer, 0, buffer.Length, CoapType.Non, CoapCode.Post, 1, [1, 2], 0, 2);
        writer.Option(CoapOption.UriPath, "telemetry"u8.ToArray());
        writer.OptionUInt(CoapOption.ContentFormat, CoapFormat.Json);
        writer.Payload(payload, 0, payload.Length);
        return new Exchange("CoAP NON POST", writer.Length, 0, 1, 0, 0, writer.Length, Exchange.UdpHeader);
    }

    /// <summary>One reading as AWS IoT Core takes it over HTTPS, and an answer like AWS's.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="payload">The reading.</param>
    /// <param name="record">What TLS adds to one record.</param>
    /// <returns>The counts; those of the answer are of a text written here, since the stand-in has no HTTPS yet.</returns>
    internal static Exchange Https(string topic, byte[] payload, int record)
    {
        string request = $"POST /topics/{Uri.EscapeDataString(topic)}?qos=1 HTTP/1.1\r\nHost: {AwsHost}:8443\r\nContent-Type: application/json\r\n"
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {payload.Length}\r\nConnection: close\r\n\r\n");
        const string Body = """{"message":"OK","traceId":"00000000-0000-0000-0000-000000000000"}""";
        string answer = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {Body.Length}\r\n") + "date: Sat, 28 Nov 2026 10:00:00 GMT\r\n"
            + "x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\nconnection: close\r\n\r\n" + Body;
        int up = request.Length + payload.Length;
        return new Exchange("HTTPS POST", up + record, answer.Length + record, 1, 1, 1, up + answer.Length);
    }

    private static void Complete(TaskCompletionSource<EnergyTraffic> result, Func<EnergyTraffic> measure)
    {
        try
        {
            result.SetResult(measure());
        }
        catch (BoardPoweredOffException)
        {
            result.TrySetCanceled();
            throw;
        }
        catch (Exception e)
        {
            // to whoever waits, whatever it is
            result.SetException(e);
        }
    }

    private static EnergyTraffic Connect(VirtualBoard board, CountingRelay relay, BoardRun run)
    {
        SimulatorClock clock = new(board.Time);
        Storage storage = new(board.StorageFolder + Path.DirectorySeparatorChar);
        DeviceConfiguration configuration = ConfigurationReader.Read(storage);
        CountingTransport link = new(new Dialer(configuration, CredentialsReader.Read(configuration, storage), clock, storage, new Random(1)).Dial());
        Exchange handshake = relay.Take("TLS 1.2 handshake, client certificate", 0);
        MqttClient mqtt = new(new byte[ReceiveBytes], new byte[ReceiveBytes], new byte[4 * ReceiveBytes], 8, 8, new MqttTimeouts());
        byte[] status = Encoding.UTF8.GetBytes(run.Configuration.StatusTopic);
        MqttConnectOptions options = new()
        {
            ClientId = Encoding.UTF8.GetBytes(BoardRun.Thing), WillTopic = status, WillPayload = Words.Offline, WillQos = 1, KeepAliveSeconds = KeepAliveSeconds,
        };
        Exchange Step(string name, MqttEvent until)
        {
            Await(mqtt, clock, until, name);
            return relay.Take(name, link.Take());
        }

        // the ping comes by itself when nothing else is said
        Require(mqtt.Connect(link, options, clock.NowMs), "CONNECT");
        Exchange connect = Step("MQTT CONNECT, CONNACK", MqttEvent.Connected);
        Require(mqtt.Subscribe([.. run.Filters.Select(Encoding.UTF8.GetBytes)], [.. run.Filters.Select(_ => (byte)1)], run.Filters.Length), "SUBSCRIBE");
        Exchange subscribe = Step("MQTT SUBSCRIBE, SUBACK", MqttEvent.Subscribed);
        Require(mqtt.Publish(status, Words.Online, 0, Words.Online.Length, 1, false), "PUBLISH");
        Exchange online = Step("MQTT PUBLISH \"online\", PUBACK", MqttEvent.PublishAcknowledged);
        byte[] reading = Encoding.UTF8.GetBytes(run.Reading);
        Require(mqtt.Publish(Encoding.UTF8.GetBytes(run.Configuration.TelemetryTopic), reading, 0, reading.Length, 1, false), "PUBLISH");
        int writes = link.Writes;
        Await(mqtt, clock, MqttEvent.PublishAcknowledged, "PUBLISH");
        writes = link.Writes - writes;
        Exchange publish = relay.Take("MQTT PUBLISH of a reading, PUBACK", link.Take());
        int record = (publish.BytesUp + publish.BytesDown - publish.ApplicationBytes) / (writes + 1);
        byte[] goodbye = Encoding.UTF8.GetBytes(run.Goodbye);
        Exchange ping = AwaitPing(mqtt, clock, relay, link);
        Require(mqtt.Publish(status, goodbye, 0, goodbye.Length, 0, false), "PUBLISH");
        mqtt.Disconnect();
        Await(mqtt, clock, MqttEvent.Closed, "DISCONNECT");
        Until(() => relay.HasEnded, "the end of the connection");
        Exchange leave = relay.Take("MQTT PUBLISH \"sleeping\", DISCONNECT", link.Take());
        return new EnergyTraffic(handshake, connect, subscribe, online, publish, ping, leave, Coap(reading), Https(run.Configuration.TelemetryTopic, reading, record));
    }

    private static Exchange AwaitPing(MqttClient mqtt, Clock clock, CountingRelay relay, CountingTransport link)
    {
        Until(() => mqtt.Poll(clock.NowMs) == MqttEvent.None && link.BytesRead >= 2, "PINGRESP");
        return relay.Take("MQTT PINGREQ, PINGRESP", link.Take());
    }

    private static void Require(MqttError error, string what)
    {
        if (error != MqttError.None)
        {
            throw new InvalidOperationException($"the MQTT engine does not take {what}: {error}");
        }
    }

    private static void Await(MqttClient mqtt, Clock clock, MqttEvent until, string what) => Until(() =>
    {
        MqttEvent happened = mqtt.Poll(clock.NowMs);
        return happened == MqttEvent.Closed && until != MqttEvent.Closed ? throw new InvalidOperationException($"{what}: closed, {mqtt.Error}") : happened == until;
    }, what);

    private static void Until(Func<bool> isDone, string what)
    {
        long limit = Environment.TickCount64 + PatienceMs;
        while (!isDone())
        {
            if (Environment.TickCount64 > limit)
            {
                throw new TimeoutException(what + " did not come");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Counts what the application says, before TLS.</summary>
    private sealed class CountingTransport(ITransport inner) : ITransport
    {
        private int _written;

        internal int BytesRead { get; private set; }

        internal int Writes { get; private set; }

        internal int Take()
        {
            int bytes = BytesRead + _written;
            BytesRead = 0;
            _written = 0;
            return bytes;
        }

        public int Read(byte[] buffer, int offset, int count)
        {
            int got = inner.Read(buffer, offset, count);
            BytesRead += Math.Max(0, got);
            return got;
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            int put = inner.Write(buffer, offset, count);
            _written += Math.Max(0, put);
            Writes += put > 0 ? 1 : 0;
            return put;
        }

        public void Close() => inner.Close();
    }
}

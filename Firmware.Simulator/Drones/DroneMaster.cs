// The master: any MQTT client with a certificate, here MQTTnet's. It asks on the fleet's topic, hears all that is said there, and follows the drones'
// telemetry, from which the sample knows when one is online and has measured.

using System.Collections.Concurrent;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Channels;
using Firmware.Simulator.Aws;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Firmware.Simulator.Drones;

/// <summary>Who asks the drones.</summary>
internal sealed class DroneMaster : IDisposable
{
    /// <summary>Its name in the transcript.</summary>
    internal const string Name = "*Master Drone*";

    private const string Thing = "drone-master";
    private const string TelemetryLevel = "/telemetry";

    private readonly string _topic;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, double> _altitudes = new();
    private X509Certificate2? _certificate;

    /// <summary>Makes a master that is not connected.</summary>
    /// <param name="topic">The fleet's topic.</param>
    internal DroneMaster(string topic)
    {
        _topic = topic;
        _client.ApplicationMessageReceivedAsync += received =>
        {
            Take(received.ApplicationMessage);
            return Task.CompletedTask;
        };
    }

    /// <summary>What was said on the fleet's topic, in order, own commands included.</summary>
    internal ChannelReader<string> Heard => _heard.Reader;

    /// <summary>The altitude in a drone's last telemetry, metres; null before the first.</summary>
    /// <param name="thing">The drone.</param>
    /// <returns>Metres above sea level.</returns>
    internal double? AltitudeOf(string thing) => _altitudes.TryGetValue(thing, out double metres) ? metres : null;

    /// <summary>Connects and subscribes.</summary>
    /// <param name="standIn">The broker, running.</param>
    /// <param name="end">Gives up.</param>
    /// <returns>A task that is done when the subscriptions are in force.</returns>
    internal async Task ConnectAsync(IotCoreStandIn standIn, CancellationToken end)
    {
        CertificateFiles files = standIn.Certificates.EnsureDevice(Thing);
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(files.CertificatePath, files.KeyPath);

        // Windows' TLS takes no key that was only read from PEM
        _certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        MqttClientOptions options = new MqttClientOptionsBuilder()
            .WithTcpServer("localhost", standIn.MqttPort)
            .WithProtocolVersion(MqttProtocolVersion.V311)
            .WithClientId(Thing)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(60))
            .WithTlsOptions(tls => tls
                .UseTls()
                .WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13)
                .WithRevocationMode(X509RevocationMode.NoCheck)
                .WithTrustChain([standIn.Certificates.Authority])
                .WithClientCertificates((X509Certificate2[])[_certificate]))
            .Build();
        await _client.ConnectAsync(options, end).ConfigureAwait(false);
        MqttClientSubscribeOptions filters = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(_topic, MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter("+" + TelemetryLevel, MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        await _client.SubscribeAsync(filters, end).ConfigureAwait(false);
    }

    /// <summary>Says something on the fleet's topic.</summary>
    /// <param name="text">What.</param>
    /// <param name="end">Gives up.</param>
    /// <returns>A task that is done when the broker has acknowledged it.</returns>
    internal Task SayAsync(string text, CancellationToken end) =>
        _client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(_topic).WithPayload(text).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), end);

    /// <summary>Says goodbye, if there is still somebody to say it to.</summary>
    /// <returns>A task that is done when the connection is closed.</returns>
    internal Task DisconnectAsync() => _client.IsConnected ? _client.DisconnectAsync() : Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose()
    {
        _client.Dispose();
        _certificate?.Dispose();
    }

    private void Take(MqttApplicationMessage message)
    {
        string text = message.ConvertPayloadToString() ?? "";
        if (message.Topic == _topic)
        {
            _heard.Writer.TryWrite(text);
        }
        else if (message.Topic.EndsWith(TelemetryLevel, StringComparison.Ordinal))
        {
            using JsonDocument reading = JsonDocument.Parse(text);
            if (reading.RootElement.TryGetProperty("altitude", out JsonElement altitude))
            {
                _altitudes[message.Topic[..^TelemetryLevel.Length]] = altitude.GetDouble();
            }
        }
    }
}

// A local stand-in for AWS IoT Core's data endpoint: the same doors, the same ways to say who one is, and the same punishments, on loopback.
//
// Doors: "mqtt" plays AWS's 8883, "alpn" plays AWS's 443 with all of its services, "https" plays AWS's 8443; docs/doors.md. Rules: AwsLimits and its two editions.
// What is behind the doors: Broker for MQTT, on a TLS connection or a WebSocket; HttpService, which publishes into the same broker.
// Leaves out: policies, the rules engine, shadows, jobs, MQTT 5, shared subscriptions, custom authorizers.
// Owns the listening sockets, the certificates and access keys in memory, and the broker.

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Firmware.Simulator.Aws;

/// <summary>The stand-in for AWS IoT Core. Start and stop may be repeated; the ports stay the same.</summary>
public sealed class IotCoreStandIn : IAsyncDisposable
{
    /// <summary>The name of the door that plays AWS's 8883.</summary>
    public const string MqttDoor = "mqtt";

    /// <summary>The name of the door that plays AWS's 443.</summary>
    public const string AlpnDoor = "alpn";

    /// <summary>The name of the door that plays AWS's 8443.</summary>
    public const string HttpsDoor = "https";

    /// <summary>The name under which clients of MQTT over WebSocket appear; its port is that of <see cref="AlpnDoor"/>.</summary>
    public const string WebSocketDoor = "wss";

    private const int FreePortAttempts = 10;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(200);

    private readonly IotCoreOptions _options;
    private readonly IReadOnlyList<IPAddress> _addresses;
    private readonly Broker _broker;
    private readonly bool _ownsCertificates;
    private WebApplication? _app;

    /// <summary>Prepares a stand-in: reads or makes its certificates, opens nothing yet.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="certificates">Certificates that were opened before and stay the caller's; null = open those in the state folder.</param>
    /// <exception cref="StandInException">The certificates or the address are not usable; the message says what to do.</exception>
    public IotCoreStandIn(IotCoreOptions options, DevelopmentCertificates? certificates = null)
    {
        _options = options;
        _addresses = Addresses(options.BindAddress);
        _ownsCertificates = certificates is null;
        Certificates = certificates ?? DevelopmentCertificates.Open(options.StateFolder);
        Credentials = DevelopmentCredentials.Open(options.StateFolder);
        _broker = new Broker(options, happened => Happened?.Invoke(happened));
        MqttPort = options.MqttPort;
        AlpnPort = options.AlpnPort;
        HttpsPort = options.HttpsPort;
    }

    /// <summary>Raised for everything that happens, one event at a time; a handler must be quick.</summary>
    public event Action<StandInEvent>? Happened;

    /// <summary>The certificates that the stand-in uses and issues.</summary>
    public DevelopmentCertificates Certificates { get; }

    /// <summary>The access keys that the stand-in accepts in signatures.</summary>
    public DevelopmentCredentials Credentials { get; }

    /// <summary>The port of the door <see cref="MqttDoor"/>: the actual one after the first start.</summary>
    public int MqttPort { get; private set; }

    /// <summary>The port of the door <see cref="AlpnDoor"/>: the actual one after the first start.</summary>
    public int AlpnPort { get; private set; }

    /// <summary>The port of the door <see cref="HttpsDoor"/>: the actual one after the first start.</summary>
    public int HttpsPort { get; private set; }

    /// <summary>Whether the doors are open.</summary>
    public bool IsRunning => _app is not null;

    /// <summary>Opens all doors. Does nothing if they are open.</summary>
    /// <returns>A task that is done when all doors accept connections.</returns>
    /// <exception cref="StandInException">A port cannot be used; the message names the door, the option and the port.</exception>
    public async Task StartAsync()
    {
        if (_app is not null)
        {
            return;
        }

        var sockets = new Dictionary<IPEndPoint, Socket>();
        WebApplication? app = null;
        try
        {
            int mqttPort = Bind(sockets, MqttPort, MqttDoor, "--mqtt-port");
            int alpnPort = Bind(sockets, AlpnPort, AlpnDoor, "--alpn-port");
            int httpsPort = Bind(sockets, HttpsPort, HttpsDoor, "--https-port");
            app = BuildHost(sockets, mqttPort, alpnPort);
            await _broker.StartAsync().ConfigureAwait(false);
            await app.StartAsync().ConfigureAwait(false);
            (MqttPort, AlpnPort, HttpsPort) = (mqttPort, alpnPort, httpsPort);
            _app = app;
        }
        finally
        {
            if (_app is null)
            {
                if (app is not null)
                {
                    await app.DisposeAsync().ConfigureAwait(false);
                }

                foreach (Socket socket in sockets.Values)
                {
                    socket.Dispose();
                }
            }
        }

        _broker.Emit(new DoorOpened(MqttDoor, MqttPort));
        _broker.Emit(new DoorOpened(AlpnDoor, AlpnPort));
        _broker.Emit(new DoorOpened(HttpsDoor, HttpsPort));
    }

    /// <summary>Closes all doors and drops every client without a word, as a broker does that is lost. Does nothing if they are closed.</summary>
    /// <returns>A task that is done, in less than a second, when the ports are free.</returns>
    public async Task StopAsync()
    {
        WebApplication? app = _app;
        if (app is null)
        {
            return;
        }

        _app = null;
        await _broker.StopAsync().ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(StopTimeout);
        await app.StopAsync(timeout.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
        _broker.Emit(new DoorClosed(MqttDoor, MqttPort));
        _broker.Emit(new DoorClosed(AlpnDoor, AlpnPort));
        _broker.Emit(new DoorClosed(HttpsDoor, HttpsPort));
    }

    /// <summary>Cuts one client's connection, as a lost network does; its will is published.</summary>
    /// <param name="clientId">The client id.</param>
    /// <returns>False if no such client is connected.</returns>
    public bool DropClient(string clientId) => _broker.Drop(clientId);

    /// <summary>Publishes a message to the subscribers, as the AWS console's test client does.</summary>
    /// <param name="topic">The topic, within AWS's rules.</param>
    /// <param name="payload">The payload, at most <see cref="AwsLimits.PayloadBytes"/> bytes.</param>
    /// <param name="qos">The QoS, 0 or 1.</param>
    /// <returns>A task that is done when the message is queued for every subscriber.</returns>
    /// <exception cref="ArgumentException">Topic, payload or QoS break AWS's rules.</exception>
    /// <exception cref="InvalidOperationException">The stand-in is not running.</exception>
    public Task PublishAsync(string topic, byte[] payload, int qos)
    {
        Violation? violation = TopicRules.JudgeTopic(topic) ?? ConnectRules.JudgePayload(payload.Length, "payload");
        if (violation is not null || qos is < 0 or > 1)
        {
            throw new ArgumentException(violation is null ? "QoS is 0 or 1" : $"{violation.Rule}; found {violation.Found}");
        }

        return IsRunning ? _broker.PublishAsync(topic, payload, qos) : throw new InvalidOperationException("the stand-in is not running");
    }

    /// <summary>Stops and frees everything.</summary>
    /// <returns>A task that is done in less than a second.</returns>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _broker.Dispose();
        if (_ownsCertificates)
        {
            Certificates.Dispose();
        }
    }

    private static IReadOnlyList<IPAddress> Addresses(string bindAddress)
    {
        if (bindAddress == "localhost")
        {
            return Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        }

        if (IPAddress.TryParse(bindAddress, out IPAddress? address) && IPAddress.IsLoopback(address))
        {
            return [address];
        }

        throw new StandInException($"'{bindAddress}' is no loopback address; the stand-in serves this machine only: use localhost, 127.0.0.1 or ::1");
    }

    /// <summary>Binds one port on every address. Kestrel would bind them one by one, and any free port would be another one each time.</summary>
    private int Bind(Dictionary<IPEndPoint, Socket> sockets, int port, string door, string option)
    {
        for (int attempt = 1; ; attempt++)
        {
            var bound = new List<Socket>();
            try
            {
                int actual = port;
                foreach (IPAddress address in _addresses)
                {
                    var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    bound.Add(socket);
                    if (TryBind(socket, new IPEndPoint(address, actual), isFirst: bound.Count == 1))
                    {
                        actual = ((IPEndPoint)socket.LocalEndPoint!).Port;
                        sockets.Add((IPEndPoint)socket.LocalEndPoint!, socket);
                    }
                }

                return actual;
            }
            catch (SocketException e)
            {
                foreach (Socket socket in bound)
                {
                    if (socket.LocalEndPoint is IPEndPoint endPoint)
                    {
                        sockets.Remove(endPoint);
                    }

                    socket.Dispose();
                }

                if (port != 0 || attempt == FreePortAttempts)
                {
                    throw new StandInException(Explain(e, port, door, option), e);
                }
            }
        }
    }

    private static bool TryBind(Socket socket, IPEndPoint endPoint, bool isFirst)
    {
        try
        {
            socket.Bind(endPoint);
            socket.Listen(128); // here, since only listening tells that another program listens already
            return true;
        }
        catch (SocketException e) when (!isFirst && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            socket.Dispose(); // IPv6 that is switched off: 127.0.0.1 alone will do
            return false;
        }
    }

    private static string Explain(SocketException e, int port, string door, string option) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            $"the door {door} cannot open: port {port} is taken by another program; stop that program, or choose another port with {option} (0 = any free port)",
        SocketError.AccessDenied =>
            $"the door {door} cannot open: port {port} needs more rights; choose a port above 1023 with {option} (0 = any free port)",
        _ => $"the door {door} cannot open: port {port}: {e.Message}; choose another port with {option} (0 = any free port)",
    };

    private WebApplication BuildHost(Dictionary<IPEndPoint, Socket> sockets, int mqttPort, int alpnPort)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(new Door.TlsErrors());
        builder.Logging.AddFilter((category, level) => level >= LogLevel.Debug && category?.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = endPoint => sockets[(IPEndPoint)endPoint]);
        var mqtt = Door.Mqtt(_broker, Certificates);
        var alpn = Door.Alpn(_broker, Certificates);
        var https = Door.Https(_broker, Certificates);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // HttpService answers 413 in AWS's words
            foreach (IPEndPoint endPoint in sockets.Keys)
            {
                kestrel.Listen(endPoint, endPoint.Port == mqttPort ? mqtt.Configure : endPoint.Port == alpnPort ? alpn.Configure : https.Configure);
            }
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        WebApplication app = builder.Build();
        app.UseWebSockets();
        app.Run(new HttpService(_broker, Credentials).ServeAsync);
        return app;
    }
}

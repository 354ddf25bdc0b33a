// A door: what happens to a TCP connection before MQTT or HTTP. Look at the ClientHello, choose by ALPN, do TLS, hand over to what is behind.
//
// AWS IoT Core, "Protocols, port mappings, and authentication": 8883 is MQTT with a client certificate, with or without ALPN;
// 443 holds several services and tells them apart by ALPN; 8443 is HTTPS with a client certificate. A door is its table of ALPN names and services.
// TLS 1.2 and 1.3; a client certificate is verified against the development CA and nothing else, and asked only of those whom no signature identifies.

using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Firmware.Simulator.Aws;

/// <summary>What is behind a door.</summary>
internal enum DoorService
{
    /// <summary>MQTT with a client certificate.</summary>
    Mqtt,

    /// <summary>HTTPS with a client certificate.</summary>
    Https,

    /// <summary>HTTPS and MQTT over WebSocket, both with SigV4.</summary>
    Signed,
}

/// <summary>Who is at a door: known from the ClientHello on.</summary>
internal sealed class DoorVisitor(string door, string remote, ClientHello hello)
{
    internal string Door { get; } = door;

    internal string Remote { get; } = remote;

    internal ClientHello Hello { get; } = hello;

    /// <summary>Set once the visitor was served or refused, so that one failure gives one line.</summary>
    internal bool Reported { get; set; }

    /// <summary>What TLS said when it failed.</summary>
    internal string? TlsError { get; set; }

    /// <summary>Why Kestrel refused a request before HttpService saw it, or broke it off.</summary>
    internal BadHttpRequestException? BadRequest { get; set; }

    /// <summary>The service that was chosen.</summary>
    internal DoorService Service { get; set; }

    /// <summary>The rate of HTTPS publishes on this connection; made by the first.</summary>
    internal PublishRate? Rate { get; set; }

    /// <summary>The same visitor under the name of an inner door.</summary>
    internal DoorVisitor At(string innerDoor) => new(innerDoor, Remote, Hello) { Reported = true, Service = Service };
}

/// <summary>One listening port of the stand-in.</summary>
internal sealed class Door
{
    /// <summary>In the table of services: a client that offers no ALPN at all.</summary>
    private const string NoAlpn = "";

    private const byte ConnectHeader = 0x10;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly AsyncLocal<DoorVisitor?> Current = new();

    private readonly string _name;
    private readonly Broker _broker;
    private readonly AwsRules _rules;
    private readonly X509Certificate2 _authority;
    private readonly SslStreamCertificateContext _serverCertificate;
    private readonly Dictionary<string, DoorService> _services;
    private readonly bool _takesUnknownAlpn;

    private Door(string name, Dictionary<string, DoorService> services, bool takesUnknownAlpn, Broker broker, DevelopmentCertificates certificates)
    {
        _name = name;
        _services = services;
        _takesUnknownAlpn = takesUnknownAlpn;
        _broker = broker;
        _rules = broker.Options.Rules;
        _authority = certificates.Authority;
        _serverCertificate = SslStreamCertificateContext.Create(certificates.Server, [certificates.Authority], offline: true);
    }

    /// <summary>Plays AWS's 8883: MQTT, whatever ALPN says.</summary>
    internal static Door Mqtt(Broker broker, DevelopmentCertificates certificates) => new(
        IotCoreStandIn.MqttDoor, new(StringComparer.Ordinal) { [NoAlpn] = DoorService.Mqtt, [AwsLimits.AlpnMqtt] = DoorService.Mqtt }, takesUnknownAlpn: true, broker, certificates);

    /// <summary>Plays AWS's 443.</summary>
    internal static Door Alpn(Broker broker, DevelopmentCertificates certificates) => new(
        IotCoreStandIn.AlpnDoor,
        new(StringComparer.Ordinal)
        {
            [AwsLimits.AlpnMqtt] = DoorService.Mqtt,
            [AwsLimits.AlpnHttp] = DoorService.Https,
            [AwsLimits.AlpnWeb] = DoorService.Signed,
            [NoAlpn] = DoorService.Signed,
        },
        takesUnknownAlpn: false,
        broker,
        certificates);

    /// <summary>Plays AWS's 8443: HTTPS, whatever ALPN says.</summary>
    internal static Door Https(Broker broker, DevelopmentCertificates certificates) => new(
        IotCoreStandIn.HttpsDoor,
        new(StringComparer.Ordinal) { [NoAlpn] = DoorService.Https, [AwsLimits.AlpnHttp] = DoorService.Https, [AwsLimits.AlpnWeb] = DoorService.Https },
        takesUnknownAlpn: true,
        broker,
        certificates);

    /// <summary>Puts the door's steps on a port of Kestrel, in the order in which they happen.</summary>
    internal void Configure(ListenOptions listen)
    {
        listen.Protocols = _services[NoAlpn] == DoorService.Mqtt ? HttpProtocols.None : HttpProtocols.Http1;
        listen.Use(next => connection => LookAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTimeout, OnConnection = NegotiateAsync });
        listen.Use(next => connection => ServeAsync(connection, next));
    }

    /// <summary>Before TLS: reads the ClientHello without consuming it, and refuses whom no service is meant for.</summary>
    private async Task LookAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        string remote = connection.RemoteEndPoint?.ToString() ?? "unknown";
        ClientHello? hello = await ReadHelloAsync(connection).ConfigureAwait(false);
        if (hello is null)
        {
            return; // connected and went away: a port probe
        }

        var visitor = new DoorVisitor(_name, remote, hello);
        if (!hello.IsTls)
        {
            Refuse(visitor, "the first bytes are no TLS handshake", "Connect with TLS: with mosquitto_pub give --cafile, --cert and --key.");
            return;
        }

        string? chosen = Choose(hello);
        if (chosen is null)
        {
            Refuse(
                visitor, $"ALPN {string.Join(", ", hello.Protocols)}, and this door knows {string.Join(", ", _services.Keys.Where(k => k != NoAlpn))}, or none",
                "Offer the one of the service (mosquitto_pub --tls-alpn x-amzn-mqtt-ca), or use the mqtt door.");
            await connection.Transport.Output.WriteAsync(ClientHello.NoApplicationProtocol).ConfigureAwait(false);
            return;
        }

        visitor.Service = _services[chosen];
        connection.Features.Set(visitor);
        Current.Value = visitor;
        await next(connection).ConfigureAwait(false);
        if (!visitor.Reported)
        {
            Refuse(
                visitor, "the TLS handshake failed: " + (visitor.TlsError ?? "the client closed the connection"),
                "Check that the client trusts ca.pem of the stand-in's certs folder, connects to localhost, and speaks TLS 1.2 or 1.3.");
        }
    }

    private ValueTask<SslServerAuthenticationOptions> NegotiateAsync(TlsHandshakeCallbackContext context)
    {
        DoorVisitor visitor = context.Connection.Features.Get<DoorVisitor>()!;
        string? chosen = Choose(visitor.Hello);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _serverCertificate,
            ClientCertificateRequired = visitor.Service != DoorService.Signed,
            EnabledSslProtocols = _broker.Options.Tls12Only ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = DevelopmentCertificates.TrustPolicy(_authority),
            AllowTlsResume = _broker.Options.ResumesTls,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Verify(visitor, certificate, chain, errors),
            ApplicationProtocols = string.IsNullOrEmpty(chosen) ? [] : [new SslApplicationProtocol(chosen)],
        };
        return ValueTask.FromResult(options);
    }

    /// <summary>The first name of the client's that this door knows; null if there is none and that is not good enough.</summary>
    private string? Choose(ClientHello hello) =>
        hello.Protocols.FirstOrDefault(p => p.Length > 0 && _services.ContainsKey(p)) ?? (hello.Protocols.Count == 0 || _takesUnknownAlpn ? NoAlpn : null);

    private bool Verify(DoorVisitor visitor, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || visitor.Service == DoorService.Signed)
        {
            return true;
        }

        if (certificate is null)
        {
            Refuse(visitor, "no client certificate", "Give one that the development CA issued (mosquitto_pub or curl --cert client.pem --key client.key).");
            return false;
        }

        string why = string.Join(", ", chain?.ChainStatus.Select(s => s.Status.ToString()).Distinct() ?? []);
        bool expired = chain?.ChainStatus.All(s => s.Status == X509ChainStatusFlags.NotTimeValid) ?? false;
        Refuse(
            visitor,
            expired ? $"the client certificate {certificate.Subject} is not valid now" : $"the client certificate {certificate.Subject} was not issued by the development CA ({why})",
            expired ? "Delete its .pem file and start the stand-in again to get a new one." : "Use a certificate from the stand-in's certs folder.");
        return false;
    }

    /// <summary>After TLS: to the service that was chosen.</summary>
    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        DoorVisitor visitor = connection.Features.Get<DoorVisitor>()!;
        visitor.Reported = true;
        ITlsHandshakeFeature? handshake = connection.Features.Get<ITlsHandshakeFeature>();
        string alpn = Encoding.ASCII.GetString((connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default).Span);
        if (handshake is null || _services[alpn] != visitor.Service)
        {
            throw new InvalidOperationException("a connection reached the services without TLS, or with another ALPN than it was let in for");
        }

        if (visitor.Hello.ServerName is null && _rules == AwsRules.Now)
        {
            _broker.Emit(new RuleViolated(
                visitor.Remote, _name, "a client sends SNI [AWS transport security]", "no server name in the ClientHello",
                "Connect by name (localhost), not by address: AWS refuses it, the stand-in does not.", RuleConsequence.Allowed));
        }

        if (visitor.Service == DoorService.Mqtt)
        {
            await ServeMqttAsync(connection, visitor).ConfigureAwait(false);
        }
        else if (await LooksLikeHttpAsync(connection, visitor).ConfigureAwait(false))
        {
            await http(connection).ConfigureAwait(false);
            if (visitor.BadRequest is { } bad)
            {
                _broker.Emit(new RequestRefused(_name, visitor.Remote, null, bad.StatusCode, bad.Message.TrimEnd('.'), "Send a whole HTTP/1.1 request, with Host."));
            }
        }
    }

    private async Task ServeMqttAsync(ConnectionContext connection, DoorVisitor visitor)
    {
        X509Certificate2 certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate
            ?? throw new InvalidOperationException("a connection reached MQTT without a client certificate");
        using var device = new DeviceConnection(new TlsWire(connection), visitor, certificate, certificate.Subject, _broker);
        await _broker.RunAsync(device).ConfigureAwait(false);
    }

    /// <summary>Looks at the first byte, since MQTT at the door of HTTP is the likeliest mistake, and Kestrel would answer it with a bare 400.</summary>
    private async Task<bool> LooksLikeHttpAsync(ConnectionContext connection, DoorVisitor visitor)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(AwsLimits.ConnectTimeoutSeconds));
        PipeReader input = connection.Transport.Input;
        try
        {
            ReadResult read = await input.ReadAsync(timeout.Token).ConfigureAwait(false);
            bool isEmpty = read.Buffer.IsEmpty;
            bool isMqtt = !isEmpty && read.Buffer.FirstSpan[0] == ConnectHeader;
            input.AdvanceTo(read.Buffer.Start);
            if (isMqtt)
            {
                string offered = visitor.Hello.Protocols.Count == 0 ? "no ALPN" : "ALPN " + string.Join(", ", visitor.Hello.Protocols);
                Refuse(visitor, $"MQTT with {offered}, which means HTTP at this door", "Offer x-amzn-mqtt-ca at the alpn door (mosquitto_pub --tls-alpn x-amzn-mqtt-ca), or use the mqtt door.");
                return false;
            }

            if (!isEmpty)
            {
                return true;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // lost, or silent for too long
        }

        Refuse(
            visitor, "the client closed the connection after the TLS handshake, without a request",
            "Send a request right after the handshake; a client that does not trust ca.pem, or connects by another name than localhost, closes too.");
        return false;
    }

    private void Refuse(DoorVisitor visitor, string reason, string advice)
    {
        visitor.Reported = true;
        _broker.Emit(new ConnectionRefused(_name, visitor.Remote, null, null, reason, advice));
    }

    private static async Task<ClientHello?> ReadHelloAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout);
        PipeReader input = connection.Transport.Input;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(timeout.Token).ConfigureAwait(false);
                bool complete = ClientHello.TryRead(read.Buffer.ToArray(), out ClientHello hello);
                input.AdvanceTo(read.Buffer.Start, complete ? read.Buffer.Start : read.Buffer.End);
                if (complete)
                {
                    return hello;
                }

                if (read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Kestrel tells why TLS or a request failed only in its log: this catches the reason for the visitor whose connection is at work.</summary>
    internal sealed class TlsErrors : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null && Current.Value is { } visitor)
            {
                visitor.BadRequest = exception as BadHttpRequestException ?? visitor.BadRequest;
                visitor.TlsError = (exception.InnerException ?? exception).Message;
            }
        }

        public void Dispose()
        {
        }
    }
}

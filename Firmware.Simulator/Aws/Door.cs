// A door: what happens to a TCP connection before MQTT. Look at the ClientHello, choose by ALPN, do mutual TLS, hand over to what is behind.
//
// AWS IoT Core, "Protocols, port mappings, and authentication": 8883 is MQTT with a client certificate, with or without ALPN;
// 443 holds several services and tells them apart by ALPN. Services are the table in Door: an HTTPS or WebSocket service is one more entry.
// TLS 1.2 and 1.3; a client certificate is verified against the development CA and nothing else.

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

namespace Firmware.Simulator.Aws;

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
}

/// <summary>One listening port of the stand-in.</summary>
internal sealed class Door
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly AsyncLocal<DoorVisitor?> Current = new();

    private readonly string _name;
    private readonly bool _needsAlpn;
    private readonly Broker _broker;
    private readonly AwsRules _rules;
    private readonly X509Certificate2 _authority;
    private readonly SslStreamCertificateContext _serverCertificate;
    private readonly Dictionary<string, ConnectionDelegate> _services;

    internal Door(string name, bool needsAlpn, Broker broker, DevelopmentCertificates certificates)
    {
        _name = name;
        _needsAlpn = needsAlpn;
        _broker = broker;
        _rules = broker.Options.Rules;
        _authority = certificates.Authority;
        _serverCertificate = SslStreamCertificateContext.Create(certificates.Server, [certificates.Authority], offline: true);
        _services = new Dictionary<string, ConnectionDelegate>(StringComparer.Ordinal)
        {
            [AwsLimits.AlpnMqtt] = ServeMqttAsync,
        };
    }

    /// <summary>Puts the door's steps on a port of Kestrel, in the order in which they happen.</summary>
    internal void Configure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.None;
        listen.Use(next => connection => LookAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTimeout, OnConnection = NegotiateAsync });
        listen.Use(_ => ServeAsync);
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

        if (_needsAlpn && !hello.Protocols.Any(_services.ContainsKey))
        {
            string offered = hello.Protocols.Count == 0 ? "no ALPN" : "ALPN " + string.Join(", ", hello.Protocols);
            Refuse(visitor, $"{offered}, and this door asks for {string.Join(" or ", _services.Keys)}", "Offer it (mosquitto_pub --tls-alpn x-amzn-mqtt-ca), or use the mqtt door.");
            await connection.Transport.Output.WriteAsync(ClientHello.NoApplicationProtocol).ConfigureAwait(false);
            return;
        }

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
        string? chosen = visitor.Hello.Protocols.FirstOrDefault(_services.ContainsKey);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _serverCertificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = _broker.Options.Tls12Only ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = DevelopmentCertificates.TrustPolicy(_authority),
            AllowTlsResume = _broker.Options.ResumesTls,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Verify(visitor, certificate, chain, errors),
            ApplicationProtocols = chosen is null ? [] : [new SslApplicationProtocol(chosen)],
        };
        return ValueTask.FromResult(options);
    }

    private bool Verify(DoorVisitor visitor, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is null)
        {
            Refuse(visitor, "no client certificate", "Give one that the development CA issued (mosquitto_pub --cert client.pem --key client.key).");
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

    /// <summary>After TLS: to the service that was chosen; without ALPN that is MQTT, at the door that allows it.</summary>
    private Task ServeAsync(ConnectionContext connection)
    {
        DoorVisitor visitor = connection.Features.Get<DoorVisitor>()!;
        visitor.Reported = true;
        ITlsHandshakeFeature? handshake = connection.Features.Get<ITlsHandshakeFeature>();
        byte[] negotiated = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.ToArray() ?? [];
        string alpn = Encoding.ASCII.GetString(negotiated);
        if (handshake is null || (_needsAlpn && alpn.Length == 0))
        {
            throw new InvalidOperationException("a connection reached the services without TLS or ALPN");
        }

        return _services[alpn.Length == 0 ? AwsLimits.AlpnMqtt : alpn](connection);
    }

    private async Task ServeMqttAsync(ConnectionContext connection)
    {
        DoorVisitor visitor = connection.Features.Get<DoorVisitor>()!;
        X509Certificate2 certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate
            ?? throw new InvalidOperationException("a connection reached MQTT without a client certificate");
        if (visitor.Hello.ServerName is null && _rules == AwsRules.Now)
        {
            _broker.Emit(new RuleViolated(
                visitor.Remote, _name, "a client sends SNI [AWS transport security]", "no server name in the ClientHello",
                "Connect by name (localhost), not by address: AWS refuses it, the stand-in does not.", RuleConsequence.Allowed));
        }

        using var device = new DeviceConnection(connection, visitor, certificate, _broker);
        await _broker.RunAsync(device).ConfigureAwait(false);
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

    /// <summary>Kestrel tells why TLS failed only in its log: this catches the reason for the visitor whose connection is at work.</summary>
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
                visitor.TlsError = (exception.InnerException ?? exception).Message;
            }
        }

        public void Dispose()
        {
        }
    }
}

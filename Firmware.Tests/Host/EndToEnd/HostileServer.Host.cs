// A TCP server on a free loopback port that does to each connection what the test says, and counts what came through.

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Firmware.Tests.Host.EndToEnd;

/// <summary>Accepts connections until it is disposed.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private int _connections;
    private int _applicationBytes;
    private int _plainBytes;

    private HostileServer(Func<HostileServer, NetworkStream, Task> serve)
    {
        _listener.Start();
        _ = AcceptAsync(serve);
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal int Connections => Volatile.Read(ref _connections);

    /// <summary>Bytes that came through TLS: MQTT that should not have been sent.</summary>
    internal int ApplicationBytes => Volatile.Read(ref _applicationBytes);

    /// <summary>Bytes that came and were no TLS record: a fallback without TLS.</summary>
    internal int PlainBytes => Volatile.Read(ref _plainBytes);

    /// <summary>A TLS server that asks for a client certificate and takes any.</summary>
    internal static HostileServer Tls(X509Certificate2 certificate, params string[] alpn) => Tls(() => certificate, alpn);

    /// <summary>The same, with a certificate that may be another one at the next connection.</summary>
    internal static HostileServer Tls(Func<X509Certificate2> certificate, params string[] alpn) => new(async (server, stream) =>
    {
        using SslStream tls = new(stream);
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificate = certificate(), ClientCertificateRequired = true, RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        if (alpn.Length > 0)
        {
            options.ApplicationProtocols = [.. alpn.Select(name => new SslApplicationProtocol(name))];
        }

        await tls.AuthenticateAsServerAsync(options, server._end.Token).ConfigureAwait(false);
        byte[] buffer = new byte[1024];
        for (int got; (got = await tls.ReadAsync(buffer, server._end.Token).ConfigureAwait(false)) > 0;)
        {
            Interlocked.Add(ref server._applicationBytes, got);
        }
    });

    /// <summary>Answers a connection with these bytes, or with silence, and listens on.</summary>
    internal static HostileServer Plain(byte[] greeting, bool thenClose) => new(async (server, stream) =>
    {
        await stream.WriteAsync(greeting, server._end.Token).ConfigureAwait(false);
        byte[] buffer = new byte[4096];
        int got = await stream.ReadAsync(buffer, server._end.Token).ConfigureAwait(false);

        // 22: a TLS handshake record, which is all that may come
        if (got > 0 && buffer[0] != 22)
        {
            Interlocked.Add(ref server._plainBytes, got);
        }

        while (!thenClose && await stream.ReadAsync(buffer, server._end.Token).ConfigureAwait(false) > 0)
        {
        }
    });

    /// <summary>A port at which nobody listens.</summary>
    internal static int ClosedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync(Func<HostileServer, NetworkStream, Task> serve)
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_end.Token).ConfigureAwait(false);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(socket, serve);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the end of the test
        }
    }

    private async Task ServeAsync(Socket socket, Func<HostileServer, NetworkStream, Task> serve)
    {
        using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            await serve(this, stream).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or SocketException or ObjectDisposedException)
        {
            // the board hung up, as it should
        }
    }
}

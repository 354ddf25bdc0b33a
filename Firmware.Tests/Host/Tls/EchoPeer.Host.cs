// A TLS server of .NET (OpenSSL below) that sends back what it gets, in pieces of the test's choice; it serves any number of clients.

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Firmware.Tests.Host.Tls;

/// <summary>An echo server over TLS 1.2, or whatever the client asks for at most.</summary>
internal sealed class EchoPeer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SslStreamCertificateContext _context = SslStreamCertificateContext.Create(TlsIdentities.Server.WithKey, null, offline: true);

    internal EchoPeer()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends a connection as a broken network does: without close_notify, when it has echoed this many bytes; -1 for never.</summary>
    internal int CutAfter { get; set; } = -1;

    /// <summary>Ends a connection in order when it has echoed this many bytes; -1 when its client does.</summary>
    internal int EndAfter { get; set; } = -1;

    /// <summary>The versions that it speaks.</summary>
    internal SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether it hands out sessions and resumes them.</summary>
    internal bool Resumes { get; set; } = true;

    /// <inheritdoc />
    public void Dispose() => _listener.Stop();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                _ = EchoAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task EchoAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using NetworkStream network = new(socket, ownsSocket: true);
            using SslStream stream = new(network);
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _context,
                ClientCertificateRequired = true,
                AllowTlsResume = Resumes,
                EnabledSslProtocols = Versions,
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            });
            byte[] buffer = new byte[32768];
            int echoed = 0;
            int got;
            while ((got = await stream.ReadAsync(buffer)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, got));
                echoed += got;
                if (CutAfter >= 0 && echoed >= CutAfter)
                {
                    socket.Shutdown(SocketShutdown.Both);
                    return;
                }

                if (EndAfter >= 0 && echoed >= EndAfter)
                {
                    break;
                }
            }

            await stream.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or SocketException)
        {
            // the client left, as some tests want
        }
    }
}

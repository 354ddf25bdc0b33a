// The device's own TLS engine as a link of these tests, over the plain socket.

using System.Diagnostics;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Peers;

/// <summary>TLS through the native engine.</summary>
internal sealed class EnginePeerTransport : PeerTransport
{
    private const int HandshakeMs = 10_000;
    private readonly SocketTransport _socket;
    private readonly TlsEngineTransport _tls = new(2048, 2048);

    private EnginePeerTransport(SocketTransport socket) => _socket = socket;

    /// <summary>Connects with a verified server and the given certificate.</summary>
    internal static EnginePeerTransport Open(int port, string caPath, CertificateFiles own)
    {
        var transport = new EnginePeerTransport(SocketTransport.Open(port));
        transport._tls.Begin(transport._socket, new TlsOptions
        {
            Host = Bytes.FromString("localhost"),
            Ca = File.ReadAllBytes(caPath),
            Certificate = File.ReadAllBytes(own.CertificatePath),
            Key = File.ReadAllBytes(own.KeyPath),
            UnixSeconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        });
        long start = Stopwatch.GetTimestamp();
        while (!transport._tls.IsReady)
        {
            Assert.AreEqual(0, transport._tls.Error, $"alert {transport._tls.Alert}, detail {transport._tls.Detail}");
            Assert.IsTrue(Stopwatch.GetElapsedTime(start).TotalMilliseconds < HandshakeMs, "the handshake ends");
            if (!transport._tls.Handshake())
            {
                transport._socket.WaitReadable(1);
            }
        }

        return transport;
    }

    public override int Read(byte[] buffer, int offset, int count) => _tls.Read(buffer, offset, count);

    public override int Write(byte[] buffer, int offset, int count) => _tls.Write(buffer, offset, count);

    public override void Close() => _tls.Close();

    internal override void WaitReadable(int milliseconds) => _socket.WaitReadable(milliseconds);

    internal override void Abort()
    {
        _socket.Abort();
        _tls.Close();
    }
}

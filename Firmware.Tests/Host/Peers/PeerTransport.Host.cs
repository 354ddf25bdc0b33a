// The links that the MQTT client is given in these tests: a plain socket, TLS, and a wrapper that breaks either at a chosen byte.
// The plain one never blocks. .NET's SslStream blocks and cannot be asked for data, so a thread pumps what it decrypts into a fixed ring;
// its writes may block, which on loopback and with small packets they do not. TLS is always verified, against the given CA alone.

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Firmware.Protocols.Io;
using Firmware.Simulator.Aws;

namespace Firmware.Tests.Host.Peers;

/// <summary>A link that a test can wait on and break.</summary>
internal abstract class PeerTransport : ITransport
{
    public abstract int Read(byte[] buffer, int offset, int count);

    public abstract int Write(byte[] buffer, int offset, int count);

    public abstract void Close();

    /// <summary>Returns when there is something to read, or after the given time.</summary>
    internal abstract void WaitReadable(int milliseconds);

    /// <summary>Breaks the link as a lost device does: TCP reset, without a word of MQTT or TLS.</summary>
    internal abstract void Abort();

    /// <summary>A connected loopback socket.</summary>
    private protected static Socket Dial(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private protected static void CloseInOrder(Socket socket)
    {
        try
        {
            // the last bytes must not be lost to a reset
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the peer was faster
        }

        socket.Dispose();
    }

    private protected static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // gone already
        }

        socket.Dispose();
    }
}

/// <summary>Plain TCP.</summary>
internal sealed class SocketTransport : PeerTransport
{
    private readonly Socket _socket;
    private bool _isAborted;

    private SocketTransport(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;
    }

    internal static SocketTransport Open(int port) => new(Dial(port));

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_isAborted)
        {
            return TransportResult.Failed;
        }

        int got = _socket.Receive(buffer, offset, count, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? got > 0 ? got : TransportResult.Closed
            : error == SocketError.WouldBlock ? 0 : TransportResult.Failed;
    }

    public override int Write(byte[] buffer, int offset, int count)
    {
        if (_isAborted)
        {
            return TransportResult.Failed;
        }

        int put = _socket.Send(buffer, offset, count, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? put : error == SocketError.WouldBlock ? 0 : TransportResult.Failed;
    }

    public override void Close() => CloseInOrder(_socket);

    internal override void WaitReadable(int milliseconds)
    {
        try
        {
            _socket.Poll(milliseconds * 1000, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the next read tells
        }
    }

    internal override void Abort()
    {
        _isAborted = true;
        Reset(_socket);
    }
}

/// <summary>TLS with the server verified, and with a certificate and ALPN of our own if wanted.</summary>
internal sealed class TlsPeerTransport : PeerTransport
{
    private readonly Socket _socket;
    private readonly SslStream _stream;
    private readonly byte[] _ring = new byte[8192];
    private readonly object _lock = new();
    private int _start;
    private int _count;
    private int _end;
    private bool _closed;

    private TlsPeerTransport(Socket socket, SslStream stream)
    {
        _socket = socket;
        _stream = stream;
        new Thread(Pump) { IsBackground = true, Name = "TLS pump" }.Start();
    }

    /// <summary>What ALPN agreed on; empty if the server takes no part in it.</summary>
    internal string Alpn => _stream.NegotiatedApplicationProtocol.ToString();

    internal static TlsPeerTransport Open(int port, X509Certificate2 authority, CertificateFiles? own = null, string? alpn = null)
    {
        Socket socket = Dial(port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
            ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
        };
        if (own is not null)
        {
            var certificate = X509Certificate2.CreateFromPemFile(own.CertificatePath, own.KeyPath);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        }

        try
        {
            stream.AuthenticateAsClient(options);
            return new TlsPeerTransport(socket, stream);
        }
        catch
        {
            stream.Dispose();
            socket.Dispose();
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                return _end;
            }

            int got = Math.Min(count, Math.Min(_count, _ring.Length - _start));
            Array.Copy(_ring, _start, buffer, offset, got);
            _start = (_start + got) % _ring.Length;
            _count -= got;
            Monitor.PulseAll(_lock);
            return got;
        }
    }

    public override int Write(byte[] buffer, int offset, int count)
    {
        try
        {
            _stream.Write(buffer, offset, count);
            return count;
        }
        catch (Exception e) when (IsLinkFailure(e))
        {
            return TransportResult.Failed;
        }
    }

    public override void Close()
    {
        CloseInOrder(_socket);
        EndPump();
    }

    internal override void WaitReadable(int milliseconds)
    {
        lock (_lock)
        {
            if (_count == 0 && _end == 0)
            {
                Monitor.Wait(_lock, milliseconds);
            }
        }
    }

    internal override void Abort()
    {
        Reset(_socket);
        EndPump();
    }

    private static bool IsLinkFailure(Exception e) => e is IOException or SocketException or ObjectDisposedException or InvalidOperationException;

    private void EndPump()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Pump()
    {
        byte[] piece = new byte[_ring.Length / 2];
        int end = TransportResult.Closed;
        try
        {
            for (int got = _stream.Read(piece); got > 0; got = _stream.Read(piece))
            {
                lock (_lock)
                {
                    while (_ring.Length - _count < got && !_closed)
                    {
                        Monitor.Wait(_lock);
                    }

                    if (_closed)
                    {
                        return;
                    }

                    for (int i = 0; i < got; i++)
                    {
                        _ring[(_start + _count++) % _ring.Length] = piece[i];
                    }

                    Monitor.PulseAll(_lock);
                }
            }
        }
        catch (Exception e) when (IsLinkFailure(e))
        {
            end = TransportResult.Failed;
        }

        lock (_lock)
        {
            _end = end;
            Monitor.PulseAll(_lock);
        }
    }
}

/// <summary>Breaks another link with a reset as soon as so many bytes were read or written.</summary>
internal sealed class BreakingTransport(PeerTransport inner, int readBudget, int writeBudget) : PeerTransport
{
    private int _readBudget = readBudget;
    private int _writeBudget = writeBudget;

    /// <summary>True once the link broke.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Allows so many more bytes to be written from now on.</summary>
    internal void BreakAfterWriting(int bytes) => _writeBudget = bytes;

    /// <summary>Allows so many more bytes to be read from now on.</summary>
    internal void BreakAfterReading(int bytes) => _readBudget = bytes;

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (IsBroken || _readBudget == 0)
        {
            Abort();
            return TransportResult.Failed;
        }

        int got = inner.Read(buffer, offset, Math.Min(count, _readBudget));
        _readBudget -= Math.Max(got, 0);
        return got;
    }

    public override int Write(byte[] buffer, int offset, int count)
    {
        if (IsBroken || _writeBudget == 0)
        {
            Abort();
            return TransportResult.Failed;
        }

        int put = inner.Write(buffer, offset, Math.Min(count, _writeBudget));
        _writeBudget -= Math.Max(put, 0);
        return put;
    }

    public override void Close()
    {
        if (!IsBroken)
        {
            inner.Close();
        }
    }

    internal override void WaitReadable(int milliseconds)
    {
        if (!IsBroken)
        {
            inner.WaitReadable(milliseconds);
        }
    }

    internal override void Abort()
    {
        if (!IsBroken)
        {
            IsBroken = true;
            inner.Abort();
        }
    }
}

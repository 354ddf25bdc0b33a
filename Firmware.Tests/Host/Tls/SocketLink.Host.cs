// A plain TCP link as an ITransport that hands over pieces of seeded random size, and now and then nothing, in both directions.

using System.Net;
using System.Net.Sockets;
using Firmware.Protocols.Io;

namespace Firmware.Tests.Host.Tls;

/// <summary>A non-blocking TCP link to a port on this machine.</summary>
internal sealed class SocketLink : ITransport
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Random? _random;
    private readonly int _largestPiece;

    /// <summary>Connects.</summary>
    /// <param name="port">The port.</param>
    /// <param name="random">Decides the pieces; null for as much as there is.</param>
    /// <param name="largestPiece">The longest piece, bytes.</param>
    internal SocketLink(int port, Random? random = null, int largestPiece = int.MaxValue)
    {
        _random = random;
        _largestPiece = largestPiece;
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Blocking = false;
    }

    /// <summary>Waits until there is something to read, at most some milliseconds.</summary>
    internal void Await(int ms) => _socket.Poll(ms * 1000, SelectMode.SelectRead);

    /// <inheritdoc />
    public int Read(byte[] buffer, int offset, int count)
    {
        count = Piece(count);
        if (count == 0)
        {
            return 0;
        }

        int got = _socket.Receive(buffer, offset, count, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => got > 0 ? got : TransportResult.Closed,
            SocketError.WouldBlock => 0,
            _ => TransportResult.Failed,
        };
    }

    /// <inheritdoc />
    public int Write(byte[] buffer, int offset, int count)
    {
        count = Piece(count);
        if (count == 0)
        {
            return 0;
        }

        int sent = _socket.Send(buffer, offset, count, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock => 0,
            _ => TransportResult.Failed,
        };
    }

    /// <inheritdoc />
    public void Close() => _socket.Close();

    private int Piece(int count) => _random is null ? count : Math.Min(count, _random.Next(8) == 0 ? 0 : _random.Next(1, Math.Min(count, _largestPiece) + 1));
}

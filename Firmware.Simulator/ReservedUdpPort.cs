// A UDP port that is held until the board, which opens it itself once it has Wi-Fi, is switched on: so a taken port is said at once and
// clearly, and "any free one" is known before the board's configuration is written.

using System.Net;
using System.Net.Sockets;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator;

/// <summary>Holds a UDP port of 127.0.0.1 until disposed.</summary>
public sealed class ReservedUdpPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Takes the port.</summary>
    /// <param name="port">0 takes any free one.</param>
    /// <param name="option">The command line's option, for the message.</param>
    /// <exception cref="StandInException">The port cannot be used; the message names option and port.</exception>
    public ReservedUdpPort(int port, string option)
    {
        try
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new StandInException($"the board cannot serve CoAP: {Explain(e, port)} with {option} (0 = any free port)", e);
        }
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    private static string Explain(SocketException e, int port) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"UDP port {port} is taken by another program; stop that program, or choose another port",
        SocketError.AccessDenied => $"UDP port {port} needs more rights; choose a port above 1023",
        _ => $"UDP port {port}: {e.Message}; choose another port",
    };
}

// A port that is held until the board, which opens it itself once it has Wi-Fi, is switched on: so a taken port is said at once and clearly, and
// "any free one" is known before the board's configuration is written.

using System.Net;
using System.Net.Sockets;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator;

/// <summary>Holds a port of 127.0.0.1 until disposed.</summary>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket;

    private ReservedPort(ProtocolType protocol, int port, string option, string service)
    {
        _socket = new Socket(AddressFamily.InterNetwork, protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        try
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new StandInException($"the board cannot serve {service}: {Explain(e, protocol, port)} with {option} (0 = any free port)", e);
        }
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>Takes a UDP port, for CoAP.</summary>
    /// <param name="port">0 takes any free one.</param>
    /// <param name="option">The command line's option, for the message.</param>
    /// <exception cref="StandInException">The port cannot be used; the message names option and port.</exception>
    public static ReservedPort Udp(int port, string option) => new(ProtocolType.Udp, port, option, "CoAP");

    /// <summary>Takes a TCP port, for HTTP.</summary>
    /// <param name="port">0 takes any free one.</param>
    /// <param name="option">The command line's option, for the message.</param>
    /// <exception cref="StandInException">The port cannot be used; the message names option and port.</exception>
    public static ReservedPort Tcp(int port, string option) => new(ProtocolType.Tcp, port, option, "HTTP");

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    private static string Explain(SocketException e, ProtocolType protocol, int port)
    {
        string name = protocol == ProtocolType.Udp ? "UDP" : "TCP";
        return e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => $"{name} port {port} is taken by another program; stop that program, or choose another port",
            SocketError.AccessDenied => $"{name} port {port} needs more rights; choose a port above 1023",
            _ => $"{name} port {port}: {e.Message}; choose another port",
        };
    }
}

// A UDP socket of 127.0.0.1 as the engines see it, and a thread that polls an engine for as long as a process outside talks to it.
//
// A group is a second socket, bound to the group's address and joined on the loopback interface: what it hears was sent to the group, and
// answers leave from the first one, as RFC 7252 section 8.2 asks. Binding to a group's address is a habit of Linux and macOS, not of Windows.

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Firmware.Protocols.Io;

namespace Firmware.Tests.Host.Coap;

/// <summary>A UDP socket that only this machine can reach.</summary>
internal sealed class UdpLoopback : IDatagramTransport, IDisposable
{
    private const int LongestDatagram = 65_536;

    // Windows reports an ICMP "port unreachable" as an error of the next receive unless told not to
    private const int SioUdpConnectionReset = -1744830452;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SocketAddress _peer = new(AddressFamily.InterNetwork);
    private readonly byte[] _datagram = new byte[LongestDatagram];
    private readonly Socket? _group;
    private volatile bool _isClosed;

    /// <summary>Binds to 127.0.0.1.</summary>
    /// <param name="port">The port; 0: any free one.</param>
    /// <param name="group">A multicast group to listen to as well, on the same port.</param>
    internal UdpLoopback(int port = 0, IPAddress? group = null)
    {
        if (OperatingSystem.IsWindows())
        {
            _socket.IOControl(SioUdpConnectionReset, [0, 0, 0, 0], null);
        }

        _socket.Blocking = false;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        if (group is not null)
        {
            _group = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            _group.Bind(new IPEndPoint(group, Port));
            _group.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, IPAddress.Loopback));
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        }
    }

    internal int Port { get; }

    /// <summary>Datagrams taken and sent so far.</summary>
    internal int Received { get; private set; }

    internal int Sent { get; private set; }

    /// <summary>An address of 127.0.0.1.</summary>
    internal static DatagramAddress AddressOf(int port)
    {
        var address = new DatagramAddress();
        address.SetIPv4(127, 0, 0, 1, port);
        return address;
    }

    public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
    {
        if (_isClosed)
        {
            return TransportResult.Closed;
        }

        int got = Take(_socket, buffer, offset, count, from);
        if (got == 0 && _group is not null)
        {
            got = Take(_group, buffer, offset, count, from);
            from.IsMulticast = got > 0;
        }

        return got;
    }

    public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
    {
        if (_isClosed)
        {
            return TransportResult.Closed;
        }

        Debug.Assert(to.Length == 4 && (to.Address[0] == 127 || to.Address[0] >> 4 == 0xE), "tests stay on this machine");
        BinaryPrimitives.WriteUInt16BigEndian(_peer.Buffer.Span[2..], (ushort)to.Port);
        to.Address.AsSpan(0, 4).CopyTo(_peer.Buffer.Span[4..]);
        try
        {
            int sent = _socket.SendTo(buffer.AsSpan(offset, count), SocketFlags.None, _peer);
            Sent++;
            return sent;
        }
        catch (SocketException)
        {
            // a full send buffer, a refused port: lost, as it may be on the way
            return 0;
        }
    }

    /// <summary>Waits until a datagram is there.</summary>
    internal void WaitReadable(int milliseconds)
    {
        try
        {
            List<Socket> readable = _group is null ? [_socket] : [_socket, _group];
            Socket.Select(readable, null, null, milliseconds * 1000);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // closed: the next receive tells
        }
    }

    public void Close()
    {
        _isClosed = true;
        _socket.Dispose();
        _group?.Dispose();
    }

    public void Dispose() => Close();

    private int Take(Socket socket, byte[] buffer, int offset, int count, DatagramAddress from)
    {
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                int length = socket.ReceiveFrom(_datagram, SocketFlags.None, _peer);
                if (length > 0)
                {
                    Span<byte> peer = _peer.Buffer.Span;
                    from.SetIPv4(peer[4], peer[5], peer[6], peer[7], BinaryPrimitives.ReadUInt16BigEndian(peer[2..]));
                    int got = Math.Min(length, count);
                    Array.Copy(_datagram, 0, buffer, offset, got);
                    Received++;
                    return got;
                }
            }

            return 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return _isClosed ? TransportResult.Closed : 0;
        }
    }
}

/// <summary>Polls an engine over a <see cref="UdpLoopback"/> in a thread of its own, until disposed.</summary>
internal sealed class CoapServing : IDisposable
{
    // the longest that a deadline of the engine can be late
    private const int TickMs = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly UdpLoopback _socket;
    private readonly Action<long> _poll;
    private readonly Thread _thread;
    private readonly object _lock = new();
    private volatile bool _isEnding;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts polling.</summary>
    /// <param name="socket">The engine's socket; disposed with this.</param>
    /// <param name="poll">Polls the engine at a time in milliseconds, <see cref="Environment.TickCount64"/>.</param>
    internal CoapServing(UdpLoopback socket, Action<long> poll)
    {
        _socket = socket;
        _poll = poll;
        _thread = new Thread(Run) { IsBackground = true, Name = "CoAP serving" };
        _thread.Start();
    }

    internal int Port => _socket.Port;

    /// <summary>Runs something between two polls: engines know no threads.</summary>
    internal void Do(Action action)
    {
        lock (_lock)
        {
            action();
        }
    }

    /// <summary>Asks something between two polls.</summary>
    internal T Ask<T>(Func<T> question)
    {
        lock (_lock)
        {
            return question();
        }
    }

    /// <summary>Ends the polling; what the engine threw is thrown here.</summary>
    public void Dispose()
    {
        _isEnding = true;
        if (!_thread.Join(Patience))
        {
            throw new TestFrameworkShared.AssertFailedException("the engine does not come back from a poll");
        }

        _socket.Dispose();
        _failure?.Throw();
    }

    private void Run()
    {
        try
        {
            while (!_isEnding)
            {
                lock (_lock)
                {
                    _poll(Environment.TickCount64);
                }

                _socket.WaitReadable(TickMs);
            }
        }
        catch (Exception e)
        {
            // a test that only sees silence would not know why
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }
}

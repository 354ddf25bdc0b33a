// A TCP relay on loopback for one connection at a time, which counts what passes: bytes, packets that a network would need, and turns.
// It sees what is sent in one go, so a packet is counted for each 1,460 bytes begun; bare acknowledgements of TCP are not seen.

using System.Net;
using System.Net.Sockets;

namespace Firmware.Simulator.Energy;

/// <summary>Stands between a client and a port of this machine.</summary>
internal sealed class CountingRelay : IDisposable
{
    private const int PacketBytes = 1460;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<(bool IsUp, int Bytes)> _turns = [];

    /// <summary>Opens the relay.</summary>
    /// <param name="target">The port behind it.</param>
    internal CountingRelay(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = ServeAsync();
    }

    /// <summary>Where the client connects to.</summary>
    internal int Port { get; }

    /// <summary>Whether the client has ended the last connection.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>What passed since the last call.</summary>
    /// <param name="name">What it was.</param>
    /// <param name="applicationBytes">Of which the application's, without TLS.</param>
    /// <returns>The counts.</returns>
    internal Exchange Take(string name, int applicationBytes)
    {
        lock (_gate)
        {
            Exchange exchange = new(name,
                _turns.Where(t => t.IsUp).Sum(t => t.Bytes), _turns.Where(t => !t.IsUp).Sum(t => t.Bytes),
                _turns.Where(t => t.IsUp).Sum(Packets), _turns.Where(t => !t.IsUp).Sum(Packets),
                _turns.Where((t, i) => !t.IsUp && i > 0).Count(), applicationBytes);
            _turns.Clear();
            return exchange;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private static int Packets((bool IsUp, int Bytes) turn) => (turn.Bytes + PacketBytes - 1) / PacketBytes;

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using Socket client = await _listener.AcceptSocketAsync(_end.Token).ConfigureAwait(false);
                using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                HasEnded = false;
                await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token).ConfigureAwait(false);
                await Task.WhenAll(PumpAsync(client, server, isUp: true), PumpAsync(server, client, isUp: false)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the end of the measurement; a client whose connection is refused says so itself
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isUp)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), _end.Token).ConfigureAwait(false) is var got and > 0)
            {
                Count(isUp, got);
                await to.SendAsync(buffer.AsMemory(0, got), _end.Token).ConfigureAwait(false);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // one side has gone: the other one learns it
            to.Close();
        }
        finally
        {
            HasEnded |= isUp;
        }
    }

    private void Count(bool isUp, int bytes)
    {
        lock (_gate)
        {
            if (_turns.Count > 0 && _turns[^1].IsUp == isUp)
            {
                _turns[^1] = (isUp, _turns[^1].Bytes + bytes);
            }
            else
            {
                _turns.Add((isUp, bytes));
            }
        }
    }
}

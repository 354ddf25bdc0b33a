// A gate on the way to a server: it can hold connections, and turn some away.

using System.Net;
using System.Net.Sockets;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

/// <summary>Lets nothing through until it is open; then everything, or it turns visitors away.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _visited = new(false);
    private readonly int _port;
    private volatile bool _ended;
    private int _turnedAway;

    internal Gate(int port, bool isOpen)
    {
        _port = port;
        if (isOpen)
        {
            Open();
        }

        _listener.Start();
        _ = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether a client that was let through has ended its connection.</summary>
    internal bool HasEnded => _ended;

    /// <summary>How many of the next visitors are turned away after their first bytes.</summary>
    internal int TurnsAway { get; set; }

    /// <summary>How many were.</summary>
    internal int TurnedAway => Volatile.Read(ref _turnedAway);

    internal void AwaitVisitor() => Assert.IsTrue(_visited.Wait(ChildProcess.PatienceMs), "nobody comes");

    internal void Open() => _open.SetResult();

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = RelayAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                _visited.Set();
                await _open.Task;
                if (TurnsAway > 0)
                {
                    TurnsAway--;
                    await client.GetStream().ReadAtLeastAsync(new byte[4096], 1);
                    Interlocked.Increment(ref _turnedAway);
                    return;
                }

                using TcpClient server = new();
                await server.ConnectAsync(IPAddress.Loopback, _port);
                await Task.WhenAny(PassAsync(client, server, () => _ended = true), PassAsync(server, client, () => { }));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // one of them hung up
            }
        }
    }

    private static async Task PassAsync(TcpClient from, TcpClient to, Action ended)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // ended
        }

        ended();
    }
}

// The connector with a transport that is one object for all connections: an attempt that was given up and comes late must not close the one that follows it.

using System.Net;
using System.Net.Sockets;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
public static class EngineConnectorTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(ChildProcess.PatienceMs);

    [Setup]
    public static void NeedsEngine() => TlsEngineNeeded.Require();

    [TestMethod]
    public static void Attempt_that_comes_late_is_closed_and_the_next_one_is_whole()
    {
        using EchoPeer server = new();
        using Gate gate = new(server.Port);
        OnBoard(gate.Port, connector =>
        {
            connector.Begin();
            gate.AwaitVisitor();
            connector.Cancel();

            // while the first handshake hangs: its end is the end of this one
            connector.Begin();
            Assert.IsFalse(connector.TryEnd());
            gate.Open();
            ITransport? transport = Await(connector);
            transport ??= Again(connector);
            RequireEcho(transport);
            transport.Close();
        });
    }

    [TestMethod]
    public static void Attempt_that_was_given_up_leaves_nothing_open()
    {
        using EchoPeer server = new();
        using Gate gate = new(server.Port);
        OnBoard(gate.Port, connector =>
        {
            connector.Begin();
            gate.AwaitVisitor();
            connector.Cancel();
            gate.Open();
            Assert.IsTrue(SpinWait.SpinUntil(() => gate.HasEnded, Patience), "the late connection is still open");
            Assert.IsFalse(connector.TryEnd());
            RequireEcho(Again(connector));
        });
    }

    private static ITransport Again(Connector connector)
    {
        connector.Begin();
        ITransport? transport = Await(connector);
        if (transport is null)
        {
            // the late one was in the way
            connector.Begin();
            transport = Await(connector);
        }

        Assert.IsNotNull(transport, connector.Failure);
        return transport!;
    }

    private static ITransport? Await(Connector connector)
    {
        Assert.IsTrue(SpinWait.SpinUntil(connector.TryEnd, Patience), "the attempt does not end");
        return connector.Transport;
    }

    private static void RequireEcho(ITransport transport)
    {
        byte[] data = [1, 2, 3];
        Assert.AreEqual(3, transport.Write(data, 0, 3));
        int got = 0;
        Assert.IsTrue(SpinWait.SpinUntil(() => (got += Math.Max(0, transport.Read(data, 0, 3))) == 3, Patience), "no echo");
    }

    // a board's program is the test; the board has Wi-Fi and the date
    private static void OnBoard(int port, Action<Connector> test)
    {
        VirtualBoard board = new("connector", Directory.CreateTempSubdirectory("connector-").FullName);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        board.Sntp.Clock = () => TlsIdentities.Now.UtcDateTime;
        board.Start(() =>
        {
            try
            {
                DeviceConfiguration configuration = new() { ThingName = "connector", Endpoint = "localhost", Port = port, WifiSsid = "virtual", TlsKind = TlsKind.Engine };
                Credentials credentials = new(TlsIdentities.Ca.Certificate, TlsIdentities.Client.Certificate, TlsIdentities.Client.Key);
                test(new Connector(new Dialer(configuration, credentials, new SimulatorClock(board.Time), null!)));
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        try
        {
            done.Task.WaitAsync(2 * Patience).GetAwaiter().GetResult();
        }
        finally
        {
            board.CutPower();
            Directory.Delete(board.StorageFolder, recursive: true);
        }
    }

    /// <summary>Lets nothing through to a server until it is opened; then everything.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _visited = new(false);
        private readonly int _port;
        private volatile bool _ended;

        internal Gate(int port)
        {
            _port = port;
            _listener.Start();
            _ = AcceptAsync();
        }

        internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>Whether a client that was let through has ended its connection.</summary>
        internal bool HasEnded => _ended;

        internal void AwaitVisitor() => Assert.IsTrue(_visited.Wait(Patience), "nobody comes");

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
}

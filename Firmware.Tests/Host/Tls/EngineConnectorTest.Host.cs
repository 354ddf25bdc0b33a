// The connector with a transport that is one object for all connections: an attempt that was given up and comes late must not close the one that follows it.

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
        using Gate gate = new(server.Port, isOpen: false);
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
        using Gate gate = new(server.Port, isOpen: false);
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
                test(new Connector(new Dialer(configuration, credentials, new SimulatorClock(board.Time), null!, new Random(1))));
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
}

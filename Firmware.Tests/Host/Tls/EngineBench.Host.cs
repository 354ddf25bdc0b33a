// A board on the test's clock whose connection goes through the TLS engine to a server of the test's choice: what the connector's thread and the loop do with it, step by step.

using Firmware.Connectivity;
using Firmware.Protocols.Tls;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Tests.Host.BoardTests;
using nanoFramework.Networking;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

/// <summary>A board with Wi-Fi, a storage in memory and a connection.</summary>
internal sealed class EngineBench : IDisposable
{
    private readonly Bench _bench = new();
    private readonly DeviceConfiguration _configuration;
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>Switches it on.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="alpn">The ALPN protocol to demand.</param>
    internal EngineBench(int port, string? alpn = null)
    {
        _configuration = new DeviceConfiguration { ThingName = "bench", Endpoint = "localhost", Port = port, Alpn = alpn!, TlsKind = TlsKind.Engine };
        _bench.Run(() => WifiNetworkHelper.SetupNetworkHelper("virtual", "secret"));
        AwaitWifi();
        Boot(TlsSessionPolicy.Memory);
    }

    internal TestClock Clock { get; } = new();

    internal MemoryStorage Storage { get; } = new(() => { });

    internal TlsEngineConnection Connection { get; private set; } = null!;

    internal VirtualBoardPower Board => new(_bench);

    /// <summary>Whether the board holds an engine.</summary>
    internal bool HasEngine => TlsEngine.CountOf(_bench.Board) > 0;

    /// <summary>Makes a new connection, which knows only what is in storage: as after a boot.</summary>
    internal void Boot(TlsSessionPolicy policy)
    {
        TlsSessions? sessions = policy == TlsSessionPolicy.None ? null : new TlsSessions(policy == TlsSessionPolicy.Storage ? Storage : null!);
        Credentials credentials = new(TlsIdentities.Ca.Certificate, TlsIdentities.Client.Certificate, TlsIdentities.Client.Key);
        Connection = new TlsEngineConnection(_configuration, credentials, Clock, sessions!);
    }

    internal void AwaitWifi() => Assert.IsTrue(Bench.Until(() =>
    {
        _bench.Time.Advance(50);
        return _bench.Board.Wifi.Connected;
    }));

    internal void Run(Action firmware) => _bench.Run(firmware);

    /// <summary>The next connections go to another port.</summary>
    internal void Turn(int port, TlsSessionPolicy policy)
    {
        _configuration.Port = port;
        Boot(policy);
    }

    /// <summary>Opens it.</summary>
    /// <returns>"full handshake", "resumed", or why it failed.</returns>
    internal string Open()
    {
        string result = "";
        _bench.Run(() =>
        {
            try
            {
                Connection.Open();
                result = Connection.IsResumed ? "resumed" : "full handshake";
            }
            catch (ConnectException e)
            {
                result = e.Message;
            }
        });
        return result;
    }

    /// <summary>Sends some bytes to an echoing server and awaits them.</summary>
    internal void Exchange(int count = 5) => _bench.Run(() => Assert.AreEqual(count, Echo(count)));

    /// <summary>The same, on the board's own thread.</summary>
    /// <returns>How many bytes came back before the end.</returns>
    internal int Echo(int count)
    {
        int written = 0;
        int read = 0;
        while (read < count)
        {
            if (written < count)
            {
                int taken = Connection.Write(_buffer, 0, count - written);
                if (taken < 0)
                {
                    return read;
                }

                written += taken;
            }

            int got = Connection.Read(_buffer, 0, count - read);
            if (got < 0)
            {
                return read;
            }

            if (got == 0)
            {
                Thread.Sleep(0);
            }

            read += got;
        }

        return read;
    }

    internal void Close() => _bench.Run(() => Connection.Close());

    public void Dispose()
    {
        if (_bench.Board.IsRunning)
        {
            Close();
        }

        _bench.Dispose();
    }

    /// <summary>The switches of the board.</summary>
    internal readonly struct VirtualBoardPower(Bench bench)
    {
        internal void Wifi(bool on) => bench.Board.Wifi.AccessPointOn = on;

        internal void Cut() => bench.Board.CutPower();
    }
}

/// <summary>A clock that the test sets, and that can run by itself each time it is asked.</summary>
internal sealed class TestClock : Clock
{
    private long _nowMs;

    /// <summary>How much later it is each time it is asked, milliseconds.</summary>
    internal long StepMs { get; set; }

    internal TimeSpan Later { get; set; }

    public override long NowMs => _nowMs += StepMs;

    public override DateTime UtcNow => TlsIdentities.Now.UtcDateTime + Later;
}

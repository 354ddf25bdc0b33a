// Debian's mosquitto as a peer: its own configuration, certificates and database in a temporary folder, five listeners on free loopback ports.
// It can be stopped, killed, paused and started again on the same ports; what is still running when the tests end is killed.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Peers;

/// <summary>A mosquitto process.</summary>
internal sealed class MosquittoBroker : IDisposable
{
    internal const string UserName = "toaster";
    internal const string Password = "p\u00e4ss word";

    private const string Program = "/usr/sbin/mosquitto";
    private const int SigUser1 = 10;
    private const int SigTerm = 15;
    private const int SigContinue = 18;
    private const int SigStop = 19;
    private const int Attempts = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly string[] Needed = [Program, "/usr/bin/mosquitto_sub", "/usr/bin/mosquitto_pub", "/usr/bin/mosquitto_passwd", "/usr/bin/stdbuf"];
    private static readonly Lazy<MosquittoBroker> LazyShared = new(MakeShared);

    private readonly string _folder = Directory.CreateTempSubdirectory("mosquitto-peer-").FullName;
    private Process? _process;

    private MosquittoBroker()
    {
        Certificates = DevelopmentCertificates.Open(_folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    /// <summary>The broker for all tests that leave it alone; ends with the process.</summary>
    internal static MosquittoBroker Shared => LazyShared.Value;

    internal DevelopmentCertificates Certificates { get; }

    internal int PlainPort { get; private set; }

    internal int TlsPort { get; private set; }

    /// <summary>Demands a client certificate.</summary>
    internal int MutualPort { get; private set; }

    /// <summary>Demands <see cref="UserName"/> and <see cref="Password"/>.</summary>
    internal int PasswordPort { get; private set; }

    /// <summary>Speaks MQTT over WebSocket, without TLS.</summary>
    internal int WebSocketPort { get; private set; }

    /// <summary>Skips the tests of a class where mosquitto is not installed; in CI that is a failure.</summary>
    internal static void Require()
    {
        string[] missing = [.. Needed.Where(p => !File.Exists(p))];
        if (missing.Length == 0)
        {
            return;
        }

        string text = "needs " + string.Join(", ", missing) + ": apt-get install mosquitto mosquitto-clients";
        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI " + text);
        Assert.SkipTest(text);
    }

    /// <summary>A broker of the test's own.</summary>
    internal static MosquittoBroker Start()
    {
        var broker = new MosquittoBroker();
        for (int attempt = 1; ; attempt++)
        {
            broker.ChoosePorts();
            broker.WriteConfiguration();
            if (broker.TryRun())
            {
                return broker;
            }

            if (attempt == Attempts)
            {
                broker.Dispose();
                throw new AssertFailedException("mosquitto did not start; is something else taking its ports?");
            }
        }
    }

    /// <summary>Starts it again on the same ports, with what its database holds.</summary>
    internal void Restart() => Assert.IsTrue(TryRun(), "mosquitto starts again");

    /// <summary>Ends it in order.</summary>
    internal void Stop()
    {
        Signal(SigTerm);
        WaitForEnd();
    }

    /// <summary>Ends it as a crash does.</summary>
    internal void Kill()
    {
        _process!.Kill();
        WaitForEnd();
    }

    /// <summary>Freezes it: its sockets stay open, and the kernel goes on acknowledging.</summary>
    internal void Pause() => Signal(SigStop);

    internal void Continue() => Signal(SigContinue);

    /// <summary>Writes the database and waits until it is on the disk.</summary>
    internal void Save()
    {
        string database = Path.Combine(_folder, "mosquitto.db");
        DateTime before = File.Exists(database) ? File.GetLastWriteTimeUtc(database) : DateTime.MinValue;
        Signal(SigUser1);
        Wait(() => File.Exists(database) && File.GetLastWriteTimeUtc(database) != before, "the database");
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            WaitForEnd();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Waits for something outside of the client; yields the processor in between.</summary>
    internal static void Wait(Func<bool> condition, string what)
    {
        if (!SpinWait.SpinUntil(condition, Patience))
        {
            throw new AssertFailedException($"within {Patience.TotalSeconds} s did not come: {what}");
        }
    }

    private static MosquittoBroker MakeShared() => Start();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int processId, int signal);

    private void Signal(int signal) => Assert.AreEqual(0, SendSignal(_process!.Id, signal), $"signal {signal}");

    private void WaitForEnd() => Assert.IsTrue(_process!.WaitForExit(Patience), "mosquitto ends");

    private void ChoosePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        int[] ports = new int[listeners.Length];
        for (int i = 0; i < ports.Length; i++)
        {
            listeners[i].Start();
            ports[i] = ((IPEndPoint)listeners[i].LocalEndpoint).Port;
        }

        foreach (TcpListener listener in listeners)
        {
            listener.Dispose();
        }

        (PlainPort, TlsPort, MutualPort, PasswordPort, WebSocketPort) = (ports[0], ports[1], ports[2], ports[3], ports[4]);
    }

    private void WriteConfiguration()
    {
        string passwords = Path.Combine(_folder, "passwords");
        var make = new ProcessStartInfo("/usr/bin/mosquitto_passwd", ["-c", "-b", passwords, UserName, Password]);
        using (Process made = Process.Start(make)!)
        {
            made.WaitForExit();
            Assert.AreEqual(0, made.ExitCode, "mosquitto_passwd");
        }

        string tls = $"certfile {Path.Combine(Certificates.Folder, "server.pem")}\nkeyfile {Path.Combine(Certificates.Folder, "server.key")}";
        File.WriteAllText(Path.Combine(_folder, "mosquitto.conf"), $"""
            per_listener_settings true
            persistence true
            persistence_location {_folder}/
            user {Environment.UserName}
            log_dest file {Path.Combine(_folder, "mosquitto.log")}
            log_type all
            max_inflight_messages 20
            max_queued_messages 2000

            listener {PlainPort} 127.0.0.1
            allow_anonymous true

            listener {TlsPort} 127.0.0.1
            allow_anonymous true
            {tls}

            listener {MutualPort} 127.0.0.1
            allow_anonymous false
            require_certificate true
            use_identity_as_username true
            cafile {Certificates.CaPath}
            {tls}

            listener {PasswordPort} 127.0.0.1
            allow_anonymous false
            password_file {passwords}

            listener {WebSocketPort} 127.0.0.1
            protocol websockets
            allow_anonymous true

            """);
    }

    /// <summary>Runs it and waits until all listeners accept; false if it ended, as with a port that was taken in between.</summary>
    private bool TryRun()
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(_folder, "mosquitto.conf")]) { RedirectStandardError = true })!;
        int[] ports = [PlainPort, TlsPort, MutualPort, PasswordPort, WebSocketPort];
        Process process = _process;
        Wait(() => process.HasExited || ports.All(Accepts), "mosquitto's listeners");
        return !process.HasExited;
    }

    private static bool Accepts(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

// Debian's mosquitto: its broker with a configuration of the test's own, and its clients, over mutual TLS.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

/// <summary>The clients.</summary>
internal static class Mosquitto
{
    internal const string Alpn = "x-amzn-mqtt-ca";

    /// <summary>Skips the test, or fails in CI, if a program is not installed.</summary>
    internal static void Require(params string[] programs)
    {
        string[] folders = [.. Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator), "/usr/sbin"];
        string[] missing = [.. programs.Where(p => !folders.Any(f => File.Exists(Path.Combine(f, p))))];
        if (missing.Length == 0)
        {
            return;
        }

        string what = "needs " + string.Join(", ", missing) + " (Debian: apt-get install mosquitto mosquitto-clients)";
        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", what);
        Assert.SkipTest(what);
    }

    /// <summary>Begins to listen, and returns when the broker has granted it. Line by line (stdbuf), or that would be told much later.</summary>
    internal static ChildProcess Subscribe(string certs, int port, string? alpn, string filter)
    {
        ChildProcess subscriber = new("stdbuf", ["-oL", "mosquitto_sub", .. Common(certs, port, alpn), "-d", "-t", filter, "-q", "1", "-F", "%t %p"]);
        subscriber.Lines.Await("Subscribed (mid");
        return subscriber;
    }

    /// <summary>Publishes one message and waits until it is acknowledged.</summary>
    internal static void Publish(string certs, int port, string? alpn, string topic, string payload)
    {
        using ChildProcess publisher = new("mosquitto_pub", [.. Common(certs, port, alpn), "-t", topic, "-m", payload, "-q", "1"]);
        Assert.AreEqual(0, publisher.AwaitExit(), publisher.Lines.ToString());
    }

    private static string[] Common(string certs, int port, string? alpn) =>
    [
        "--cafile", Path.Combine(certs, "ca.pem"), "--cert", Path.Combine(certs, "client.pem"), "--key", Path.Combine(certs, "client.key"),
        "-h", "localhost", "-p", port.ToString(CultureInfo.InvariantCulture), .. alpn is null ? Array.Empty<string>() : ["--tls-alpn", alpn],
    ];
}

/// <summary>A mosquitto broker on one TLS port that demands client certificates of one CA.</summary>
internal sealed class MosquittoBroker : IDisposable
{
    private readonly string _configuration;
    private ChildProcess? _process;

    /// <summary>Starts a broker.</summary>
    /// <param name="folder">Where its configuration goes.</param>
    /// <param name="certs">Folder with <c>ca.pem</c>, <c>server.pem</c> and <c>server.key</c>.</param>
    internal MosquittoBroker(string folder, string certs)
    {
        Port = FreePort();
        _configuration = Path.Combine(folder, "mosquitto.conf");
        File.WriteAllText(_configuration,
            $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            cafile {certs}/ca.pem
            certfile {certs}/server.pem
            keyfile {certs}/server.key
            require_certificate true
            use_identity_as_username true
            user {Environment.UserName}
            log_dest stderr
            log_type all

            """);
        Start();
    }

    internal int Port { get; }

    internal LineLog Lines => _process!.Lines;

    internal void Start()
    {
        _process = new ChildProcess("/usr/sbin/mosquitto", "-c", _configuration);
        _process.Lines.Await(" running");
    }

    /// <summary>Ends it without a word to anybody.</summary>
    internal void Kill() => _process!.Dispose();

    public void Dispose() => _process?.Dispose();

    // mosquitto has no "any free port": take one that was free just now
    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

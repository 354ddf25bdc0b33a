// What the third-party CoAP peers have in common: where they are, when a test is skipped for want of them, free ports, and being sure that a
// server answers. Not installed means skipped on a user's machine and failed in CI.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>Finding and starting the peers.</summary>
internal static class CoapPeers
{
    /// <summary>The longest that one run of a peer may take, milliseconds: a lost datagram costs it 2 to 3 s, two in a row 6 to 9 s.</summary>
    internal const int PatienceMs = 20_000;

    private const int Attempts = 5;
    private const int AnswerMs = 50;
    private static readonly byte[] Ping = [0x40, 0x00, 0x7E, 0x57];
    private static readonly byte[] Pong = [0x70, 0x00, 0x7E, 0x57];

    /// <summary>Skips the tests of a class where libcoap's programs are not installed; in CI that is a failure.</summary>
    internal static void RequireLibcoap() =>
        Require(new[] { "coap-client-notls", "coap-server-notls", "coap-rd-notls", "stdbuf" }.Where(p => !IsOnPath(p)), "apt-get install libcoap3-bin");

    /// <summary>Skips the tests of a class where node or node-coap is not installed; in CI that is a failure.</summary>
    internal static void RequireNodeCoap() => RequireNodePackage("coap");

    /// <summary>The same for any package of Firmware.Tests/Host/Peers/node/package.json.</summary>
    internal static void RequireNodePackage(string name)
    {
        IEnumerable<string> missing = IsOnPath("node") ? [] : ["node"];
        Require(Directory.Exists(Path.Combine(NodeModules, name)) ? missing : missing.Append("artifacts/peers/node_modules/" + name),
            ".ci/run, or npm install with Firmware.Tests/Host/Peers/node/package.json in artifacts/peers");
    }

    /// <summary>The same for any program.</summary>
    internal static void RequireProgram(string name, string remedy) => Require(IsOnPath(name) ? [] : [name], remedy);

    /// <summary>Where a program is, null if it is not installed.</summary>
    internal static string? PathOf(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Where .ci/run installs what package.json names.</summary>
    internal static string NodeModules => Path.Combine(Root, "artifacts", "peers", "node_modules");

    /// <summary>A script of Firmware.Tests/Host/Peers/node.</summary>
    internal static string NodeScript(string name) => Path.Combine(Root, "Firmware.Tests", "Host", "Peers", "node", name);

    /// <summary>Starts a server on a free port of 127.0.0.1 and waits until it answers a CoAP ping.</summary>
    /// <param name="program">The program and what it is called in messages.</param>
    /// <param name="arguments">Its arguments for a port.</param>
    internal static (ChildProcess Process, int Port) StartServer(string program, Func<int, string[]> arguments)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePort();
            var process = new ChildProcess(program, arguments(port));
            if (Answers(process, port))
            {
                return (process, port);
            }

            string said = process.Lines.ToString();
            process.Dispose();
            if (attempt == Attempts)
            {
                throw new AssertFailedException($"{program} does not answer; is something else taking its port? It said:\n{said}");
            }
        }
    }

    /// <summary>Sends a CoAP ping, an empty Confirmable message, until the Reset comes (RFC 7252 section 4.3).</summary>
    private static bool Answers(ChildProcess process, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] answer = new byte[64];
        long start = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(start).TotalMilliseconds < PatienceMs)
        {
            try
            {
                socket.SendTo(Ping, new IPEndPoint(IPAddress.Loopback, port));
                if (socket.Poll(AnswerMs * 1000, SelectMode.SelectRead) && answer.AsSpan(0, socket.Receive(answer)).SequenceEqual(Pong))
                {
                    return true;
                }
            }
            catch (SocketException)
            {
                // Windows: nobody there yet
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void Require(IEnumerable<string> missing, string remedy)
    {
        string text = "needs " + string.Join(", ", missing) + ": " + remedy;
        if (!missing.Any())
        {
            return;
        }

        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI " + text);
        Assert.SkipTest(text);
    }

    private static bool IsOnPath(string program) => PathOf(program) is not null;

    private static string Root => Path.GetDirectoryName(Repository.PathOf("Firmware.sln"))!;
}

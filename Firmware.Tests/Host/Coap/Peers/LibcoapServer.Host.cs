// libcoap's coap-server-notls: a server that nobody here wrote. It has / , /time (observable, once a second), /async?SECONDS (a separate
// response), /example_data (GET and PUT, observable), and makes up to 20 more resources when they are PUT.

using Firmware.Tests.Host.EndToEnd;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>A running coap-server-notls.</summary>
internal sealed class LibcoapServer : IDisposable
{
    private readonly ChildProcess _process;

    private LibcoapServer(ChildProcess process, int port) => (_process, Port) = (process, port);

    internal int Port { get; }

    /// <summary>What it logged: every message in words if started with -v 7.</summary>
    internal LineLog Lines => _process.Lines;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="options">More options, for example -N for Non-confirmable notifications, or -v 7.</param>
    internal static LibcoapServer Start(params string[] options)
    {
        (ChildProcess process, int port) = CoapPeers.StartServer("coap-server-notls", port => ["-A", "127.0.0.1", "-p", $"{port}", "-d", "20", .. options]);
        return new LibcoapServer(process, port);
    }

    /// <summary>Ends it as a crash would.</summary>
    internal void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();
}

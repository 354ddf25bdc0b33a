// libcoap's coap-rd-notls: a resource directory from before RFC 9176, and a poor one. POST /rd?ep=... makes /rd/ID, told in Location-Path; GET
// of it gives the links back; /.well-known/core lists it. Measured with 4.3.1: the same ep registered again gets a second entry, an update
// (POST to /rd/ID) is answered 4.05, PUT 5.01, and DELETE ends it with a double free. So it proves a registration, not what follows.

using Firmware.Tests.Host.EndToEnd;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>A running coap-rd-notls.</summary>
internal sealed class LibcoapDirectory : IDisposable
{
    private readonly ChildProcess _process;

    private LibcoapDirectory(ChildProcess process, int port) => (_process, Port) = (process, port);

    internal int Port { get; }

    /// <summary>What it logged: every message in words.</summary>
    internal LineLog Lines => _process.Lines;

    /// <summary>Starts one and waits until it answers.</summary>
    internal static LibcoapDirectory Start()
    {
        (ChildProcess process, int port) = CoapPeers.StartServer("coap-rd-notls", port => ["-A", "127.0.0.1", "-p", $"{port}", "-v", "7"]);
        return new LibcoapDirectory(process, port);
    }

    public void Dispose() => _process.Dispose();
}

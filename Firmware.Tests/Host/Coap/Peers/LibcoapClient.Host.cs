// libcoap's coap-client-notls: a client that nobody here wrote. Its exit code is 0 whatever happens, so tests judge its output: the payload of
// a 2.xx, "4.04 Not Found" on standard error for others, nothing at all when no answer came.

using Firmware.Tests.Host.EndToEnd;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>A run of coap-client-notls.</summary>
internal sealed class LibcoapClient : IDisposable
{
    private const string Program = "coap-client-notls";
    private const string ErrorMark = "stderr: ";
    private readonly ChildProcess _process;

    private LibcoapClient(string uri, string[] options) =>
        // stdbuf: into a pipe it would keep its lines for itself; -w: a line feed after each payload
        _process = new ChildProcess("stdbuf", ["-oL", Program, "-w", .. options, uri]);

    /// <summary>The lines as they come; those of standard error begin with <c>stderr: </c>.</summary>
    internal LineLog Lines => _process.Lines;

    internal static string Uri(int port, string path) => $"coap://127.0.0.1:{port}{path}";

    /// <summary>Begins a run, for example one that observes for some seconds; <see cref="Finish"/> ends it.</summary>
    internal static LibcoapClient Start(string uri, params string[] options) => new(uri, options);

    /// <summary>Runs it to its end and gives its lines, those of standard error first; empty ones are left out.</summary>
    internal static string[] Run(string uri, params string[] options)
    {
        using LibcoapClient client = Start(uri, options);
        return client.Finish();
    }

    /// <summary>Runs it to its end and gives the payload as bytes; empty if there was none.</summary>
    internal static byte[] Body(string uri, params string[] options)
    {
        string path = Path.GetTempFileName();
        try
        {
            // without -w, which would end up in the file
            using var process = new ChildProcess(Program, [.. options, "-o", path, uri]);
            process.AwaitExit(CoapPeers.PatienceMs);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Sends bytes as the payload, in blocks if they do not fit or if -b is given.</summary>
    internal static string[] Upload(string uri, byte[] payload, string method, params string[] options)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, payload);
            return Run(uri, ["-m", method, "-f", path, .. options]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Waits for its end and gives its lines, those of standard error first; empty ones are left out.</summary>
    internal string[] Finish()
    {
        _process.AwaitExit(CoapPeers.PatienceMs);
        string[] lines = [.. Lines.All.Where(l => l.Length > 0)];
        return
        [
            .. lines.Where(l => l.StartsWith(ErrorMark, StringComparison.Ordinal)).Select(l => l[ErrorMark.Length..]).Where(l => l.Length > 0),
            .. lines.Where(l => !l.StartsWith(ErrorMark, StringComparison.Ordinal)),
        ];
    }

    /// <summary>Ends it as a crash or a power cut would: without a word to the server.</summary>
    internal void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();
}

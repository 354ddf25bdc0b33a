// node-coap as client and server: the scripts of Firmware.Tests/Host/Peers/node, whose headers say what they can.

using System.Text.Json;
using Firmware.Tests.Host.EndToEnd;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>A line of client.js.</summary>
/// <param name="Event">"response", "notification", "end" or "error".</param>
/// <param name="Code">For example "2.05".</param>
/// <param name="Length">The payload's length in bytes.</param>
/// <param name="Text">The payload, or the error's message.</param>
/// <param name="Options">A response's options by name; opaque ones are hexadecimal.</param>
/// <param name="Observe">A notification's sequence number.</param>
internal sealed record NodeCoapLine(string Event, string Code, int Length, string Text, JsonElement Options, int Observe)
{
    internal static NodeCoapLine Parse(string line)
    {
        JsonElement json = JsonDocument.Parse(line).RootElement;
        string Text(string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
        int Number(string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : 0;
        string kind = Text("event");
        return new NodeCoapLine(kind, Text("code"), Number("length"), Text(kind == "error" ? "message" : "text"),
            json.TryGetProperty("options", out JsonElement options) ? options : default, Number("observe"));
    }

    /// <summary>An option as text; "" if there is none.</summary>
    internal string Option(string name) => Options.ValueKind == JsonValueKind.Object && Options.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";

    public override string ToString() => $"{Event} {Code} {Text}".Trim();
}

/// <summary>A run of client.js.</summary>
internal sealed class NodeCoapClient : IDisposable
{
    private readonly ChildProcess _process;

    private NodeCoapClient(int port, string operation, string json) =>
        _process = NodeProcess.Start("client.js", $"{port}", operation, json);

    /// <summary>The lines as they come.</summary>
    internal LineLog Lines => _process.Lines;

    /// <summary>Begins an operation; <see cref="Finish"/> ends it.</summary>
    internal static NodeCoapClient Start(int port, string operation, string json = "{}") => new(port, operation, json);

    /// <summary>Runs an operation to its end and gives its lines without the final "end"; an "error" fails the test.</summary>
    internal static NodeCoapLine[] Run(int port, string operation, string json = "{}")
    {
        using NodeCoapClient client = Start(port, operation, json);
        return client.Finish();
    }

    /// <summary>Waits for its end and gives its lines without the final "end"; an "error" fails the test.</summary>
    internal NodeCoapLine[] Finish()
    {
        int exitCode = _process.AwaitExit(CoapPeers.PatienceMs);
        string[] lines = Lines.All;
        if (exitCode != 0 || lines.Length == 0 || NodeProcess.IsError(lines[^1]))
        {
            throw new AssertFailedException($"client.js ends with exit code {exitCode}:\n{Lines}");
        }

        return [.. lines[..^1].Select(NodeCoapLine.Parse)];
    }

    /// <summary>Ends it as a crash or a power cut would: without a word to the server.</summary>
    internal void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();
}

/// <summary>A running server.js: /hello, /large, /large-update, /echo, /obs, /separate.</summary>
internal sealed class NodeCoapServer : IDisposable
{
    private readonly ChildProcess _process;

    private NodeCoapServer(ChildProcess process)
    {
        _process = process;
        string line = process.Lines.Await("\"listening\"");
        Port = JsonDocument.Parse(line).RootElement.GetProperty("port").GetInt32();
    }

    internal int Port { get; }

    /// <summary>A line for each request that reached a handler.</summary>
    internal LineLog Lines => _process.Lines;

    /// <summary>Starts one on a free port.</summary>
    internal static NodeCoapServer Start()
    {
        ChildProcess process = NodeProcess.Start("server.js", "0");
        try
        {
            return new NodeCoapServer(process);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>What server.js has at /large, and client.js sends for "size": lines of 16 bytes, each with its own offset.</summary>
    internal static byte[] Pattern(int size)
    {
        string text = string.Concat(Enumerable.Range(0, (size + 15) / 16).Select(i => $"at byte {i * 16:0000000}\n"));
        return System.Text.Encoding.ASCII.GetBytes(text[..size]);
    }

    /// <summary>Ends it as a crash would.</summary>
    internal void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();
}

file static class NodeProcess
{
    internal static ChildProcess Start(string script, params string[] arguments)
    {
        // node finds modules beside its script or here
        Environment.SetEnvironmentVariable("NODE_PATH", CoapPeers.NodeModules);
        return new ChildProcess("node", [CoapPeers.NodeScript(script), .. arguments]);
    }

    internal static bool IsError(string line) => !line.Contains("\"event\":\"end\"", StringComparison.Ordinal);
}

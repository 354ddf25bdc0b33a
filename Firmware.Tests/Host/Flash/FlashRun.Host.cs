// Runs the repository's flash.ps1 in PowerShell's engine, in a copy of what it needs, with stubs in the place of nuget, msbuild and nanoff.
// The engine comes without PowerShell's cmdlet modules, so the four cmdlets that the script uses of them are stubs, too. The JSON, the
// certificates and everything else that it writes are real files; what a stub of nanoff gets to see is copied at the moment of the call.
// Leaves out: the real tools, and Windows (vswhere).

using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Text.Json;

namespace Firmware.Tests.Host.Flash;

/// <summary>What a stub does when the script calls its tool.</summary>
internal sealed record Reply(int ExitCode, params string[] Output);

/// <summary>A call of a tool: its arguments, and the files as they were then.</summary>
internal sealed record ToolCall(string Tool, string[] Arguments, IReadOnlyDictionary<string, byte[]> Files)
{
    public string Line => $"{Tool} {string.Join(' ', Arguments)}";

    /// <summary>The argument after an option.</summary>
    public string After(string option) => Arguments[Array.IndexOf(Arguments, option) + 1];

    /// <summary>The JSON file that an option names.</summary>
    public JsonElement Json(string option) => JsonDocument.Parse(Files[After(option)]).RootElement;
}

/// <summary>One run of flash.ps1 in a folder of its own.</summary>
internal sealed class FlashRun : IDisposable
{
    public const string Password = "correct horse battery";
    public const string KeyText = "c2VjcmV0a2V5";

    private const string PasswordVariable = "FIRMWARE_WIFI_PASSWORD";

    private static readonly string[] Stubs = ["nuget", "msbuild", "nanoff"];

    public FlashRun()
    {
        Folder = Directory.CreateTempSubdirectory("flash-test-").FullName;
        File.Copy(ScriptPath, Path.Combine(Folder, "flash.ps1"));
        Write("Firmware/packages.config", "<packages/>");
        Write("Firmware.Drivers/packages.config", "<packages/>");
        Write("Firmware/bin/Release/Firmware.bin", "image");
        Write("certs/amazon-root-ca-1.pem", Pem("CERTIFICATE", "cm9vdA=="));
        Write("device.json", """{ "thing": "toaster-01", "endpoint": "localhost" }""");
        Write("device.pem", Pem("CERTIFICATE", "ZGV2aWNl"));
        Write("device.key", Pem("PRIVATE KEY", KeyText));
    }

    /// <summary>The script in the repository.</summary>
    public static string ScriptPath { get; } = Repository.PathOf("flash.ps1");

    /// <summary>The copy of the repository.</summary>
    public string Folder { get; }

    /// <summary>The calls of the stubs, in order.</summary>
    public List<ToolCall> Calls { get; } = [];

    /// <summary>What the user sees.</summary>
    public List<string> Screen { get; } = [];

    /// <summary>What the user was asked.</summary>
    public List<string> Questions { get; } = [];

    /// <summary>Decides what a tool does; by default all succeed and there is one serial port.</summary>
    public Func<ToolCall, Reply> Answer { get; set; } = Succeed;

    /// <summary>The error that ended the script, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>The files with secrets that are still there after the run.</summary>
    public string[] Remains { get; private set; } = [];

    public static Reply Succeed(ToolCall call) =>
        call.Arguments.Contains("--listports") ? new Reply(0, "Available COM ports:", "  /dev/ttyUSB0", "") : new Reply(0, $"{call.Tool} says OK");

    /// <summary>The error messages of PowerShell's parser for the script.</summary>
    public static string[] SyntaxErrors()
    {
        Parser.ParseFile(ScriptPath, out _, out ParseError[] errors);
        return [.. errors.Select(error => error.ToString())];
    }

    /// <summary>Where a file of the copy is.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a file of the copy.</summary>
    public void Write(string name, string text)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Runs the script. Switches are given with the value true.</summary>
    public FlashRun Run(params (string Name, object Value)[] parameters)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.Variables.Add(new SessionStateVariableEntry("FlashRun", this, null));
        foreach (string tool in Stubs)
        {
            state.Commands.Add(new SessionStateFunctionEntry(tool, $"$reply = $FlashRun.Call('{tool}', [string[]] $args); $reply.Output; $global:LASTEXITCODE = $reply.ExitCode"));
        }

        state.Commands.Add(new SessionStateFunctionEntry("Write-Host", "param($Object) $FlashRun.Screen.Add(\"$Object\")"));
        state.Commands.Add(new SessionStateFunctionEntry("Read-Host", "param([switch] $AsSecureString, [string] $Prompt) $FlashRun.Ask($AsSecureString, $Prompt)"));
        state.Commands.Add(new SessionStateFunctionEntry("Start-Sleep", "param([int] $Seconds)"));
        state.Commands.Add(new SessionStateFunctionEntry("ConvertTo-Json", "param([int] $Depth, $InputObject) $FlashRun.ToJson($InputObject)"));

        // TMPDIR is where Unix makes temporary files, TMP where Windows does
        string temporary = Directory.CreateDirectory(PathOf("tmp")).FullName;
        (string Name, string? Value)[] environment = [(PasswordVariable, null), ("TMPDIR", temporary), ("TMP", temporary)];
        string?[] before = [.. environment.Select(variable => Environment.GetEnvironmentVariable(variable.Name))];
        try
        {
            foreach ((string name, string? value) in environment)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            using PowerShell shell = PowerShell.Create(state);
            shell.AddCommand(PathOf("flash.ps1"));
            foreach ((string name, object value) in parameters)
            {
                shell.AddParameter(name, value);
            }

            shell.Invoke();
            Error = shell.Streams.Error.FirstOrDefault()?.ToString();
        }
        catch (RuntimeException thrown)
        {
            Error = thrown.Message;
        }
        finally
        {
            foreach (((string name, _), string? value) in environment.Zip(before))
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }

        Remains = SecretFiles();
        return this;
    }

    /// <summary>Runs the script for a board that gets configuration, certificates and Wi-Fi.</summary>
    public FlashRun Provision(params (string Name, object Value)[] more) => Run(
    [
        ("SkipBuild", true), ("Port", "COM7"), ("DeviceJson", PathOf("device.json")), ("Certificate", PathOf("device.pem")),
        ("Key", PathOf("device.key")), ("Ssid", "Home"), .. more,
    ]);

    /// <summary>Called by the stubs.</summary>
    public Reply Call(string tool, string[] arguments)
    {
        var call = new ToolCall(tool, arguments, SecretFiles().ToDictionary(file => file, File.ReadAllBytes));
        Calls.Add(call);
        return Answer(call);
    }

    /// <summary>Called by the stub of Read-Host.</summary>
    public object Ask(bool hidden, string question)
    {
        Questions.Add($"{question} ({(hidden ? "hidden" : "shown")})");
        var answer = new SecureString();
        foreach (char c in Password)
        {
            answer.AppendChar(c);
        }

        return answer;
    }

    /// <summary>Called by the stub of ConvertTo-Json.</summary>
    public string ToJson(object value) => JsonSerializer.Serialize(Plain(value));

    public void Dispose() => Directory.Delete(Folder, true);

    // PowerShell itself also puts a pipe into the temporary folder
    private string[] SecretFiles() =>
        [.. Directory.GetDirectories(PathOf("tmp"), "flash-*").SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))];

    private static object? Plain(object? value) => value switch
    {
        PSObject wrapped => Plain(wrapped.BaseObject),
        IDictionary map => map.Keys.Cast<object>().ToDictionary(key => key.ToString()!, key => Plain(map[key])),
        string or bool or int or null => value,
        IEnumerable list => list.Cast<object>().Select(Plain).ToArray(),
        _ => throw new NotSupportedException($"JSON of {value.GetType()}"),
    };

    private static string Pem(string label, string content) => $"-----BEGIN {label}-----\n{content}\n-----END {label}-----\n";
}

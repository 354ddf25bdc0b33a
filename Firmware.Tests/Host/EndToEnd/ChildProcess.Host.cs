// A real process with its lines as they come: the Simulator, mosquitto, mosquitto_sub, mosquitto_pub. Killed if a test leaves it running.

using System.Diagnostics;
using System.Runtime.InteropServices;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

/// <summary>A process whose output is collected.</summary>
internal sealed class ChildProcess : IDisposable
{
    internal const int Interrupt = 2;
    internal const int Terminate = 15;

    /// <summary>The longest that any single thing may take on a loaded machine, milliseconds.</summary>
    internal const int PatienceMs = 20_000;

    private readonly Process _process;
    private readonly LineLog _lines = new();

    internal ChildProcess(string program, params string[] arguments)
    {
        // a shell that runs the tests in the background ignores SIGINT, and what it starts inherits that: a terminal's child does not
        bool resetsSignals = OperatingSystem.IsLinux();
        ProcessStartInfo start = new(resetsSignals ? "env" : program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (resetsSignals)
        {
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add(program);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => _lines.Add(e.Data);
        _process.ErrorDataReceived += (_, e) => _lines.Add(e.Data is null ? null : "stderr: " + e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written; lines of standard error begin with <c>stderr: </c>.</summary>
    internal LineLog Lines => _lines;

    internal bool HasExited => _process.HasExited;

    /// <summary>Types a line.</summary>
    internal void Type(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Sends a signal.</summary>
    internal void Signal(int number) => _ = kill(_process.Id, number);

    /// <summary>Ends it at once, as a crash would.</summary>
    internal void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>Waits for its end and all of its output.</summary>
    /// <returns>The exit code.</returns>
    internal int AwaitExit(int patienceMs = PatienceMs)
    {
        if (!_process.WaitForExit(patienceMs))
        {
            Assert.IsTrue(false, $"{_process.StartInfo.FileName} does not end; it wrote:\n{_lines}");
        }

        _process.WaitForExit(); // the readers of its output too
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int kill(int pid, int signal);
}

/// <summary>Lines that come from other threads, and waiting for one of them.</summary>
internal sealed class LineLog
{
    private readonly List<string> _lines = [];

    internal string[] All
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    internal void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
            Monitor.PulseAll(_lines);
        }
    }

    /// <summary>Waits for the first line, from an index on, that fits.</summary>
    internal string Await(Func<string, bool> fits, string what, int from = 0)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_lines)
        {
            while (true)
            {
                if (_lines.Skip(from).FirstOrDefault(fits) is { } found)
                {
                    return found;
                }

                int leftMs = ChildProcess.PatienceMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (leftMs <= 0 || !Monitor.Wait(_lines, leftMs))
                {
                    Assert.IsTrue(false, $"no line with {what}; there are:\n{this}");
                }
            }
        }
    }

    /// <summary>Waits for a line with a text.</summary>
    internal string Await(string part, int from = 0) => Await(line => line.Contains(part, StringComparison.Ordinal), $"'{part}'", from);

    public override string ToString() => string.Join("\n", All);
}

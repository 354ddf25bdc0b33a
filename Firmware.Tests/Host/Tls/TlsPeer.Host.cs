// OpenSSL's own server as a peer of the TLS engine: s_server on a free port, with one line of options. In CI its absence is a failure.

using System.Diagnostics;
using System.Globalization;
using Firmware.Connectivity;
using Firmware.Protocols.Tls;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

/// <summary>A running openssl s_server.</summary>
internal sealed class TlsPeer : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="server">Who it is.</param>
    /// <param name="options">More options, separated by spaces.</param>
    internal TlsPeer(TlsIdentity server, string options)
    {
        ProcessStartInfo start = new("openssl") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        string all = $"s_server -accept 127.0.0.1:0 -cert {server.CertificatePath} -key {server.KeyPath} -CAfile {TlsIdentities.Ca.CertificatePath} -naccept 100000 {options}";
        foreach (string argument in all.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        string accept = Wait(line => line.StartsWith("ACCEPT ", StringComparison.Ordinal));
        Port = int.Parse(accept[(accept.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    internal int Port { get; }

    /// <summary>Skips the tests of the class, or fails in CI, where the engine or openssl is missing.</summary>
    internal static void Require()
    {
        TlsEngineNeeded.Require();
        const string Missing = "needs openssl: apt-get install openssl";
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "openssl"))))
        {
            Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI " + Missing);
            Assert.SkipTest(Missing);
        }
    }

    /// <summary>Types a line, which s_server sends to its client.</summary>
    internal void Say(string line)
    {
        _process.StandardInput.Write(line + "\n");
        _process.StandardInput.Flush();
    }

    /// <summary>The first line that s_server printed for which the condition holds.</summary>
    internal string Wait(Func<string, bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_said)
        {
            while (true)
            {
                if (_said.Find(l => condition(l)) is { } found)
                {
                    return found;
                }

                TimeSpan left = TimeSpan.FromSeconds(10) - Stopwatch.GetElapsedTime(start);
                Assert.IsTrue(left > TimeSpan.Zero && (!_process.HasExited || Monitor.Wait(_said, 100)), "s_server said only: " + string.Join("\n", _said));
                Monitor.Wait(_said, left);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            if (line is not null)
            {
                _said.Add(line);
            }

            Monitor.PulseAll(_said);
        }
    }
}

// mosquitto_sub and mosquitto_pub: listeners and speakers that nobody here wrote.

using System.Diagnostics;
using System.Text;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Peers;

/// <summary>A mosquitto_sub that collects what it hears; each message is "qos retain topic payload".</summary>
internal sealed class MosquittoSubscriber : IDisposable
{
    private const string Mark = "heard ";
    private readonly Process _process;
    private readonly List<string> _heard = [];
    private volatile bool _isSubscribed;

    private MosquittoSubscriber(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
    }

    /// <summary>Subscribes and waits for the broker's SUBACK.</summary>
    internal static MosquittoSubscriber Start(MosquittoBroker broker, string filter, int qos = 2)
    {
        // stdbuf: into a pipe it would keep its "Subscribed" for itself
        string[] arguments = ["-oL", "/usr/bin/mosquitto_sub", "-h", "127.0.0.1", "-p", $"{broker.PlainPort}", "-t", filter, "-q", $"{qos}", "-d", "-F", Mark + "%q %r %t %p"];
        var start = new ProcessStartInfo("/usr/bin/stdbuf", arguments) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 };
        var subscriber = new MosquittoSubscriber(Process.Start(start)!);
        try
        {
            MosquittoBroker.Wait(() => subscriber._isSubscribed, "SUBACK for mosquitto_sub");
            return subscriber;
        }
        catch
        {
            subscriber.Dispose();
            throw;
        }
    }

    internal string[] Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            lock (_heard)
            {
                _heard.Add(line[Mark.Length..]);
            }
        }
        else if (line.StartsWith("Subscribed", StringComparison.Ordinal))
        {
            _isSubscribed = true;
        }
    }
}

/// <summary>mosquitto_pub.</summary>
internal static class MosquittoPublisher
{
    /// <summary>Publishes one message and waits until the broker has it.</summary>
    internal static void Publish(MosquittoBroker broker, string topic, string payload, int qos, params string[] more)
    {
        using Process process = Run(broker, ["-t", topic, "-m", payload, "-q", $"{qos}", .. more]);
        End(process);
    }

    /// <summary>Publishes a file and waits until the broker has it.</summary>
    internal static void PublishFile(MosquittoBroker broker, string topic, string path, int qos)
    {
        using Process process = Run(broker, ["-t", topic, "-f", path, "-q", $"{qos}"]);
        End(process);
    }

    /// <summary>Publishes each line over one connection; the caller waits for its end with <see cref="End"/>.</summary>
    internal static Process BeginLines(MosquittoBroker broker, string topic, IEnumerable<string> lines, int qos)
    {
        Process process = Run(broker, ["-t", topic, "-l", "-q", $"{qos}"]);
        foreach (string line in lines)
        {
            process.StandardInput.WriteLine(line);
        }

        process.StandardInput.Close();
        return process;
    }

    /// <summary>Waits for the end and checks that it was a good one.</summary>
    internal static void End(Process process)
    {
        if (!process.WaitForExit(8000))
        {
            process.Kill();
        }

        Assert.AreEqual(0, process.ExitCode, "mosquitto_pub's exit code");
    }

    private static Process Run(MosquittoBroker broker, string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{broker.PlainPort}", .. arguments]) { RedirectStandardInput = true };
        return Process.Start(start)!;
    }
}

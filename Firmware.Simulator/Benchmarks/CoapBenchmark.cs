// Requests per second with one in flight: the whole virtual board (loop, MQTT connection and all) beside libcoap's coap-server, measured in turns
// in one run on this machine, and the bytes of one GET of a reading. These machines are noisy: the ratio is what counts, and no test asks for it.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Firmware.Simulator.Benchmarks;

/// <summary>The command <c>bench coap</c>.</summary>
internal static class CoapBenchmark
{
    private const string PeerProgram = "coap-server-notls";
    private const int IPv4AndUdpBytes = 28;
    private const int Rounds = 5;
    private const int PatienceMs = 20_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Measures and prints.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="round">How long each server is asked in one round.</param>
    /// <returns>True if both servers were measured.</returns>
    internal static async Task<bool> RunAsync(TextWriter output, TimeSpan round)
    {
        string state = Path.Combine(Path.GetTempPath(), "firmware-bench-" + Guid.NewGuid().ToString("N"));
        SimulatorOptions options = new() { StateFolder = state, MqttPort = 0, AlpnPort = 0, HttpsPort = 0, CoapPort = 0, HttpPort = 0 };
        Simulation simulation = new(options, new Display(TextWriter.Null, json: true));

        // a reading of 17 bytes
        simulation.Board.Environment.HumidityMilliPercent = 45_500;
        try
        {
            await using (simulation.ConfigureAwait(false))
            {
                await simulation.StartAsync().ConfigureAwait(false);
                using Process? peer = StartPeer(out int peerPort);
                if (peer is null)
                {
                    await output.WriteLineAsync($"error: {PeerProgram} is not installed: it is in Debian's libcoap3-bin (apt-get install libcoap3-bin)").ConfigureAwait(false);
                    return false;
                }

                try
                {
                    return Compare(output, simulation.CoapPort, peerPort, round);
                }
                finally
                {
                    peer.Kill();
                }
            }
        }
        finally
        {
            if (Directory.Exists(state))
            {
                Directory.Delete(state, recursive: true);
            }
        }
    }

    private static bool Compare(TextWriter output, int ourPort, int peerPort, TimeSpan round)
    {
        using CoapLoad ours = new(ourPort, "sensors", "humidity");
        using CoapLoad theirs = new(peerPort, "time");
        if (!IsServing(ours) || !IsServing(theirs))
        {
            output.WriteLine("error: a server did not answer 2.05 within 20 s");
            return false;
        }

        output.WriteLine($"GET /sensors/humidity -> {ours.ReplyText}: {ours.RequestBytes} + {ours.ReplyBytes} bytes of CoAP, "
            + $"{ours.RequestBytes + IPv4AndUdpBytes} + {ours.ReplyBytes + IPv4AndUdpBytes} = {ours.RequestBytes + ours.ReplyBytes + (2 * IPv4AndUdpBytes)} bytes with IPv4 and UDP headers");
        ours.Measure(WarmUp);
        theirs.Measure(WarmUp);
        double[] our = new double[Rounds];
        double[] their = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            our[i] = ours.Measure(round);
            their[i] = theirs.Measure(round);
            output.WriteLine($"round {i + 1}: virtual board {our[i],8:N0} requests/s   {PeerProgram} {their[i],8:N0} requests/s   ratio {our[i] / their[i]:F2}");
        }

        Array.Sort(our);
        Array.Sort(their);
        output.WriteLine($"median:  virtual board {our[Rounds / 2],8:N0} requests/s   {PeerProgram} {their[Rounds / 2],8:N0} requests/s   ratio {our[Rounds / 2] / their[Rounds / 2]:F2}"
            + (ours.Lost + theirs.Lost > 0 ? $"   lost: {ours.Lost} and {theirs.Lost}" : string.Empty));
        return true;
    }

    private static bool IsServing(CoapLoad load)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < PatienceMs)
        {
            if (load.AskOnce())
            {
                return true;
            }

            Thread.Sleep(100);
        }

        return false;
    }

    // null: not installed
    private static Process? StartPeer(out int port)
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        probe.Close();
        ProcessStartInfo start = new(PeerProgram, ["-A", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            Process peer = Process.Start(start)!;
            peer.OutputDataReceived += (_, _) => { };
            peer.ErrorDataReceived += (_, _) => { };
            peer.BeginOutputReadLine();
            peer.BeginErrorReadLine();
            return peer;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

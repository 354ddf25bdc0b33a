// The benchmarks' part of the command line.

using System.CommandLine;

namespace Firmware.Simulator.Benchmarks;

/// <summary>Builds the command <c>bench</c>.</summary>
public static class BenchCommand
{
    private const int Measured = 0;
    private const int Failed = 1;

    /// <summary>Builds the command with one subcommand for each benchmark.</summary>
    /// <returns>A new command, to be added to a root command.</returns>
    public static Command Build()
    {
        Option<int> seconds = new("--seconds") { Description = "How long each server is asked in each of five rounds", HelpName = "N", DefaultValueFactory = _ => 2 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 600)
            {
                result.AddError("--seconds takes 1 to 600");
            }
        });
        Command coap = new("coap", "Requests per second of the virtual board beside libcoap's coap-server, one in flight, and the bytes of a GET") { seconds };
        coap.SetAction(async parsed => await CoapBenchmark.RunAsync(parsed.InvocationConfiguration.Output, TimeSpan.FromSeconds(parsed.GetValue(seconds))).ConfigureAwait(false) ? Measured : Failed);
        Option<int> rounds = new("--rounds") { Description = "Handshakes of each kind", HelpName = "N", DefaultValueFactory = _ => 100 };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100_000)
            {
                result.AddError("--rounds takes 1 to 100000");
            }
        });
        Command tls = new("tls", "Bytes, calls, processor time and heap of a handshake of the TLS engine, full and resumed, beside .NET's SslStream") { rounds };
        tls.SetAction(parsed => TlsBenchmark.Run(parsed.InvocationConfiguration.Output, parsed.GetValue(rounds)) ? Measured : Failed);
        Command doors = new("doors", "Bytes of one reading through each door: MQTT, MQTT over WebSocket, HTTPS to the cloud; CoAP, HTTP, WebSocket to the room");
        doors.SetAction(async parsed =>
        {
            await DoorsBenchmark.RunAsync(parsed.InvocationConfiguration.Output).ConfigureAwait(false);
            return Measured;
        });
        return new Command("bench", "Measure against a peer in the same run") { coap, tls, doors };
    }
}

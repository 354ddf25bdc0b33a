// The main command: a virtual ESP32 with the real firmware and a stand-in for AWS IoT Core, in one terminal.

using System.CommandLine;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator;

/// <summary>Reads the command line and runs the simulation until it is told to end.</summary>
public static class Program
{
    private const int Failed = 1;

    /// <summary>Entry point.</summary>
    /// <param name="args">See <c>--help</c>.</param>
    /// <returns>0 after a clean end; 1 if it could not run; the message is on standard error.</returns>
    public static Task<int> Main(string[] args) => CommandLine.Build(RunAsync).Parse(args).InvokeAsync();

    private static async Task<int> RunAsync(SimulatorOptions options)
    {
        using CancellationTokenSource end = new();
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, end);
        using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, end);
        Display display = new(Console.Out, options.Json);
        try
        {
            Simulation simulation = new(options, display);
            await using (simulation.ConfigureAwait(false))
            {
                await simulation.StartAsync().ConfigureAwait(false);
                if (options.For is { } time)
                {
                    end.CancelAfter(time);
                }

                await RunConsoleAsync(new ConsoleCommands(simulation, display), end.Token).ConfigureAwait(false);
            }

            return 0;
        }
        catch (StandInException e)
        {
            await Console.Error.WriteLineAsync("error: " + e.Message).ConfigureAwait(false);
            return Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: the state folder {options.StateFolder} cannot be used: {e.Message} Choose another one with --state.").ConfigureAwait(false);
            return Failed;
        }
    }

    private static PosixSignalRegistration EndOn(PosixSignal signal, CancellationTokenSource end) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        end.Cancel();
    });

    private static async Task RunConsoleAsync(ConsoleCommands commands, CancellationToken end)
    {
        // reading a terminal cannot be cancelled: it stays in a thread of its own, which the end of the program takes with it
        Channel<string> lines = Channel.CreateUnbounded<string>();
        Thread reader = new(() =>
        {
            while (Console.In.ReadLine() is { } line)
            {
                lines.Writer.TryWrite(line);
            }
        }) { IsBackground = true };
        reader.Start();
        try
        {
            await foreach (string line in lines.Reader.ReadAllAsync(end).ConfigureAwait(false))
            {
                if (!await commands.RunAsync(line).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C, SIGTERM, or the time is over
        }
    }
}

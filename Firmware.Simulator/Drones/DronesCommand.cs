// The command line of the drone sample. Exit code 0: every command was answered once, by the right drone, with the right altitude; 1: it was not, or
// something could not start; the line on standard error says what.

using System.CommandLine;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator.Drones;

/// <summary>Builds the command <c>drones</c>.</summary>
public static class DronesCommand
{
    private const int Done = 0;
    private const int Failed = 1;

    /// <summary>Builds the command.</summary>
    /// <returns>A new command, to be added to a root command.</returns>
    public static Command Build()
    {
        Option<int> seconds = new("--seconds") { Description = "How long the master goes on asking; the start and the end come on top", HelpName = "N", DefaultValueFactory = _ => 10 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 3600)
            {
                result.AddError("--seconds takes 1 to 3600");
            }
        });
        Command command = new("drones", "A master and two drones on one topic: two virtual boards with altimeters answer COMMAND:GET_ALTITUDE:[Drone #1] to their names") { seconds };
        command.SetAction(async (parsed, end) =>
        {
            string folder = Directory.CreateTempSubdirectory("drones-").FullName;
            try
            {
                DroneSample sample = new(folder, parsed.InvocationConfiguration.Output);
                await using (sample.ConfigureAwait(false))
                {
                    await sample.StartAsync(end).ConfigureAwait(false);
                    await sample.TalkAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), end).ConfigureAwait(false);
                }

                return Done;
            }
            catch (Exception e) when (e is StandInException or DroneSampleException or OperationCanceledException)
            {
                string what = e is OperationCanceledException ? "ended before its time" : e.Message;
                await parsed.InvocationConfiguration.Error.WriteLineAsync("error: " + what).ConfigureAwait(false);
                return Failed;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }
}

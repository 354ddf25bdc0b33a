// The command line of energy: checks options, runs the virtual board, measures, prints, draws. Exit code 0; 1: an option is wrong, the
// schedule is one that the firmware refuses, or something could not be measured.

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Firmware.Settings;
using Firmware.Simulator.Aws;
using Firmware.Simulator.Board;

namespace Firmware.Simulator.Energy;

/// <summary>Builds the command <c>energy</c>.</summary>
public static class EnergyCommand
{
    private const int Done = 0;
    private const int Failed = 1;
    private const string NoPlot = "none";

    /// <summary>Builds the command.</summary>
    /// <returns>A new command, to be added to a root command.</returns>
    public static Command Build()
    {
        Option<int> sense = Whole("--sense", "Seconds between two readings", 300, 10, 86_400);
        Option<int> connect = Whole("--connect", "Seconds between two connections of the batched design, a multiple of --sense", 3600, 10, 604_800);
        Option<int> listen = Whole("--listen", "Seconds in which commands are awaited after each MQTT connection", 5, 0, 60);
        Option<double> battery = Number("--battery", "mAh on the battery's label", 2000, 1, 1e6);
        Option<double> usable = Number("--usable", "Percent of it that can be had before the voltage is too low", 85, 1, 100);
        Option<double> selfDischarge = Number("--self-discharge", "Percent of the label that is lost by itself in a month", 2, 0, 50);
        Option<int> days = Whole("--days", "Virtual days that the application runs on the virtual board, on each of two schedules", 2, 1, 60);
        Option<string> plot = new("--plot") { Description = "The PNG to draw, or none", HelpName = "FILE", DefaultValueFactory = _ => Path.Combine("state", "energy.png") };
        Option<int> width = Whole("--width", "Pixels of the PNG", 1400, 300, 8000);
        Option<int> height = Whole("--height", "Pixels of the PNG", 600, 200, 8000);
        Option<string[]> set = new("--set") { Description = "Replace a constant of the model, which the output lists; may be repeated", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        set.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                try
                {
                    EnergyConstants.Default.With(token.Value);
                }
                catch (FormatException e)
                {
                    result.AddError(e.Message);
                }
            }
        });
        Command command = new("energy", "Charge by phase, average current and days of life of five designs, and a plot; says what is measured and what is modelled")
        {
            sense, connect, listen, battery, usable, selfDischarge, days, plot, width, height, set,
        };
        command.SetAction(async parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            if (parsed.GetValue(connect) % parsed.GetValue(sense) != 0)
            {
                await error.WriteLineAsync("error: --connect takes a multiple of --sense").ConfigureAwait(false);
                return Failed;
            }

            try
            {
                EnergyReport report = await MeasureAsync(
                    new EnergySchedule(parsed.GetValue(sense), parsed.GetValue(connect), parsed.GetValue(listen)),
                    new EnergyBattery(parsed.GetValue(battery), parsed.GetValue(usable), parsed.GetValue(selfDischarge)),
                    parsed.GetValue(set)!.Aggregate(EnergyConstants.Default, (constants, setting) => constants.With(setting)), parsed.GetValue(days)).ConfigureAwait(false);
                report.Write(parsed.InvocationConfiguration.Output);
                string file = parsed.GetValue(plot)!;
                if (file != NoPlot)
                {
                    report.Draw(file, parsed.GetValue(width), parsed.GetValue(height));
                    await parsed.InvocationConfiguration.Output.WriteLineAsync("\nThe plot is " + file).ConfigureAwait(false);
                }

                return Done;
            }
            catch (ConfigurationException e)
            {
                await error.WriteLineAsync("error: the firmware refuses this schedule: " + e.Message).ConfigureAwait(false);
            }
            catch (Exception e) when (e is StandInException or InvalidOperationException)
            {
                await error.WriteLineAsync("error: " + e.Message).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                await error.WriteLineAsync($"error: the plot cannot be written ({e.Message}): choose another file with --plot, or none").ConfigureAwait(false);
            }

            return Failed;
        });
        return command;
    }

    /// <summary>Runs the virtual board on both schedules and measures the traffic.</summary>
    /// <param name="schedule">The schedule of the batched design.</param>
    /// <param name="battery">The battery.</param>
    /// <param name="constants">Currents and times.</param>
    /// <param name="days">Virtual days.</param>
    /// <returns>What was found.</returns>
    internal static async Task<EnergyReport> MeasureAsync(EnergySchedule schedule, EnergyBattery battery, EnergyConstants constants, int days)
    {
        // what the firmware says on its console is no part of the output
        BoardConsole.Install();

        // Wi-Fi, DHCP, DNS, TCP and the handshake with its two round trips
        int joinMs = (int)(constants["associationMs"] + constants["dhcpMs"] + (4 * constants["roundTripMs"]) + constants["tlsCpuMs"]);
        BoardRun batched = new(schedule, joinMs, (int)constants["roundTripMs"]);
        BoardRun perWake = new(schedule with { ConnectSeconds = schedule.SenseSeconds }, joinMs, (int)constants["roundTripMs"]);
        BoardCounts batchedCounts = batched.Run(days);
        BoardCounts perWakeCounts = perWake.Run(days);
        EnergyTraffic traffic = await TrafficMeasurement.MeasureAsync(batched).ConfigureAwait(false);
        return new EnergyReport(schedule, battery, constants, traffic, (batched, batchedCounts), (perWake, perWakeCounts), days);
    }

    private static Option<int> Whole(string name, string description, int normal, int least, int most)
    {
        Option<int> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => normal };
        option.Validators.Add(result =>
        {
            if (Given(result) is { } text && (!int.TryParse(text, CultureInfo.InvariantCulture, out int value) || value < least || value > most))
            {
                result.AddError($"{name} takes {least} to {most}");
            }
        });
        return option;
    }

    private static Option<double> Number(string name, string description, double normal, double least, double most)
    {
        Option<double> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => normal };
        option.Validators.Add(result =>
        {
            if (Given(result) is { } text && !(double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes {least} to {most}"));
            }
        });
        return option;
    }

    // the text, since a value that cannot be converted makes the converted one throw
    private static string? Given(OptionResult result) => result.Tokens.Count == 0 ? null : result.Tokens[^1].Value;
}

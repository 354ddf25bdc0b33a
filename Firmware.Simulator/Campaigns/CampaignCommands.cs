// The commands simulate and soak; CampaignCommands.Fuzz.cs has fuzz. Exit code 0: every rule was kept; 1: not.

using System.CommandLine;
using System.Globalization;

namespace Firmware.Simulator.Campaigns;

/// <summary>The protocol that is simulated.</summary>
public enum CampaignProtocol
{
    /// <summary>The MQTT client.</summary>
    Mqtt = 0,

    /// <summary>The CoAP server.</summary>
    Coap,

    /// <summary>No protocol but a way to live: the whole application with its sleep cycle, a month a seed.</summary>
    Sleep,
}

/// <summary>The campaigns' part of the command line.</summary>
public static partial class CampaignCommands
{
    private const int Kept = 0;
    private const int Broken = 1;

    /// <summary>Builds the commands <c>simulate</c>, <c>fuzz</c> and <c>soak</c>.</summary>
    /// <returns>New commands, to be added to a root command.</returns>
    public static IEnumerable<Command> Build() => [Simulate(), Fuzz(), Soak()];

    private static Command Simulate()
    {
        Option<int> seeds = Number("--seeds", "How many seeds", 10_000);
        Option<long> first = First();
        Option<bool> trace = new("--trace") { Description = "Write every event of every world" };
        Option<Sabotage> sabotage = new("--sabotage") { Description = "A fault outside the model, which the oracle must report", DefaultValueFactory = _ => Sabotage.None };
        Option<CampaignProtocol> protocol = Protocol();
        Command command = new("simulate", "Simulate link, peers and device in virtual time and check what the protocol promises") { protocol, seeds, first, trace, sabotage };
        command.Validators.Add(result =>
        {
            Sabotage fault = result.GetValue(sabotage);
            if (fault != Sabotage.None && OwnerOf(fault) != result.GetValue(protocol))
            {
                result.AddError($"--sabotage {fault} is a fault of the other protocol");
            }
        });
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            Func<SimulationOptions, SimulationResult> run = parsed.GetValue(protocol) switch
            {
                CampaignProtocol.Coap => CoapSimulationCampaign.Run,
                CampaignProtocol.Sleep => SleepSimulationCampaign.Run,
                _ => SimulationCampaign.Run,
            };
            SimulationResult result = run(new SimulationOptions
            {
                First = parsed.GetValue(first),
                Seeds = parsed.GetValue(seeds),
                Sabotage = parsed.GetValue(sabotage),
                Trace = parsed.GetValue(trace) ? output : null,
            });
            foreach (SimulationFailure failure in result.Failures)
            {
                string how = parsed.GetValue(sabotage) == Sabotage.None ? "" : $" --sabotage {parsed.GetValue(sabotage)}";
                Write(output, failure, $"simulate{NameOf(parsed.GetValue(protocol))} --first {failure.Seed} --seeds 1 --trace{how}");
            }

            Write(output, result.Counts);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(seeds)} seeds from {parsed.GetValue(first)}: {result.Failures.Count} failed, {result.Elapsed.TotalSeconds:F1} s"));
            return result.Failures.Count == 0 ? Kept : Broken;
        });
        return command;
    }

    private static Command Soak()
    {
        Option<int> hours = Number("--hours", "Virtual hours", 24);
        Option<long> first = First();
        Option<CampaignProtocol> protocol = Protocol();
        Command command = new("soak", "Let one simulated device work for hours of virtual time, with peers that come and go, and compare the heap at both ends") { protocol, hours, first };
        command.Validators.Add(result =>
        {
            if (result.GetValue(protocol) == CampaignProtocol.Sleep)
            {
                result.AddError("--protocol sleep has no soak: each seed of its simulation is a month");
            }
        });
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            bool isCoap = parsed.GetValue(protocol) == CampaignProtocol.Coap;
            SoakResult result = isCoap ? CoapSimulationCampaign.Soak(parsed.GetValue(hours), parsed.GetValue(first)) : SoakCampaign.Run(parsed.GetValue(hours), parsed.GetValue(first));
            if (result.Failure is { } failure)
            {
                Write(output, failure, $"soak{NameOf(parsed.GetValue(protocol))} --first {failure.Seed} --hours {parsed.GetValue(hours)}");
            }

            Write(output, result.Counts);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heap after a full collection: {result.HeapBefore} bytes at the start, {result.HeapAfter} at the end, {result.HeapAfter - result.HeapBefore:+0;-0;0} (bound: {SoakCampaign.HeapBound})"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(hours)} virtual hours in {result.Elapsed.TotalSeconds:F1} s: {(result.Failure is null ? "every rule was kept" : "FAILED")}"));
            return result.Failure is null ? Kept : Broken;
        });
        return command;
    }

    private static void Write(TextWriter output, SimulationFailure failure, string reproduce)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAILED: seed {failure.Seed} at {failure.VirtualMs / 1000.0:F3} s of virtual time: {failure.Rule}"));
        foreach (string line in failure.LastEvents)
        {
            output.WriteLine("  " + line);
        }

        output.WriteLine("  again: " + reproduce);
    }

    private static void Write(TextWriter output, IReadOnlyDictionary<string, long> counts)
    {
        foreach ((string name, long count) in counts)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,15:N0}  {name}"));
        }
    }

    private static Option<int> Number(string name, string description, int normal)
    {
        Option<int> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => normal };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} takes 1 or more");
            }
        });
        return option;
    }

    private static Option<CampaignProtocol> Protocol() => new("--protocol") { Description = "The protocol", HelpName = "mqtt|coap|sleep", DefaultValueFactory = _ => CampaignProtocol.Mqtt };

    private static CampaignProtocol OwnerOf(Sabotage fault) => SleepSimulationCampaign.Knows(fault) ? CampaignProtocol.Sleep
        : CoapSimulationCampaign.Knows(fault) ? CampaignProtocol.Coap
        : CampaignProtocol.Mqtt;

    private static string NameOf(CampaignProtocol protocol) => protocol switch
    {
        CampaignProtocol.Coap => " --protocol coap",
        CampaignProtocol.Sleep => " --protocol sleep",
        _ => "",
    };

    private static Option<long> First() => new("--first") { Description = "The first seed", HelpName = "S", DefaultValueFactory = _ => 1 };
}

// The command fuzz.

using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Firmware.Simulator.Campaigns;

public static partial class CampaignCommands
{
    private static Command Fuzz()
    {
        Option<int> inputs = Number("--inputs", "How many inputs", 10_000_000);
        Option<long> first = new("--first") { Description = "The first input", HelpName = "S", DefaultValueFactory = _ => 0 };
        first.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < 0)
            {
                result.AddError("--first takes 0 or more");
            }
        });
        Dictionary<string, FuzzTarget> targets = Enum.GetValues<FuzzTarget>().ToDictionary(NameOf);
        Option<FuzzTarget> target = new("--target")
        {
            Description = "What is fuzzed",
            HelpName = string.Join('|', targets.Keys),
            DefaultValueFactory = _ => FuzzTarget.Mqtt,
            CustomParser = result =>
            {
                if (!targets.TryGetValue(result.Tokens[0].Value, out FuzzTarget found))
                {
                    result.AddError("--target takes " + string.Join(", ", targets.Keys));
                }

                return found;
            },
        };
        Command command = new("fuzz", "Feed mutated bytes to a reader, and to the engine behind it") { inputs, first, target };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            FuzzTarget what = parsed.GetValue(target);
            FuzzResult result = FuzzCampaign.Run(what, parsed.GetValue(inputs), parsed.GetValue(first));
            foreach (FuzzFailure failure in result.Failures)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAILED: input {failure.Input}: {failure.Rule}"));
                output.WriteLine("  bytes: " + Convert.ToHexString([.. failure.Bytes]));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  again: fuzz --target {NameOf(what)} --first {failure.Input} --inputs 1"));
            }

            Write(output, result.Counts);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(inputs)} inputs from {parsed.GetValue(first)}: {result.Failures.Count} failed, {result.Elapsed.TotalSeconds:F1} s"));
            return result.Failures.Count == 0 ? Kept : Broken;
        });
        return command;
    }

    // CoapCodec is coap-codec
    private static string NameOf(FuzzTarget target) => JsonNamingPolicy.KebabCaseLower.ConvertName(target.ToString());
}

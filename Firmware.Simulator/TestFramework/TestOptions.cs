// The command-line options that TestSession adds to those of Microsoft.Testing.Platform.
using System.Globalization;
using Microsoft.Testing.Platform.CommandLine;
using Microsoft.Testing.Platform.Extensions;
using Microsoft.Testing.Platform.Extensions.CommandLine;

namespace Firmware.Simulator.TestFramework;

/// <summary>Describes, checks and reads <c>--filter</c> and <c>--test-timeout</c>.</summary>
internal sealed class TestOptions(ICommandLineOptions? commandLine = null) : ICommandLineOptionsProvider
{
    private const string FilterOption = "filter";
    private const string TimeoutOption = "test-timeout";
    private const int DefaultTimeoutSeconds = 60;

    public string Uid => "Firmware.TestOptions";

    public string Version => "1.0.0";

    public string DisplayName => "nanoFramework tests on the host";

    public string Description => "Runs tests written for nanoFramework.TestFramework.";

    /// <summary>The text that a test's name must contain, or null for all tests.</summary>
    public string? Filter => Argument(FilterOption);

    /// <summary>How long one test may take; infinite for <c>--test-timeout 0</c>.</summary>
    public TimeSpan Timeout
    {
        get
        {
            int seconds = Argument(TimeoutOption) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultTimeoutSeconds;
            return seconds == 0 ? System.Threading.Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
        }
    }

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public IReadOnlyCollection<CommandLineOption> GetCommandLineOptions() =>
    [
        new(FilterOption, "Only the tests whose Namespace.Class.Method or display name contains this text (any case).", ArgumentArity.ExactlyOne, false),
        new(TimeoutOption, $"Seconds that one test may take before it fails and the run is aborted; 0: no limit. Default: {DefaultTimeoutSeconds}.", ArgumentArity.ExactlyOne, false),
    ];

    public Task<ValidationResult> ValidateOptionArgumentsAsync(CommandLineOption commandOption, string[] arguments)
    {
        bool wrong = commandOption.Name == TimeoutOption
            && !(int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds <= 86_400);
        return wrong
            ? ValidationResult.InvalidTask($"--{TimeoutOption} wants seconds from 0 to 86400, not '{arguments[0]}'.")
            : ValidationResult.ValidTask;
    }

    public Task<ValidationResult> ValidateCommandLineOptionsAsync(ICommandLineOptions commandLineOptions) => ValidationResult.ValidTask;

    private string? Argument(string option) =>
        commandLine is not null && commandLine.TryGetOptionArgumentList(option, out string[]? values) ? values[0] : null;
}

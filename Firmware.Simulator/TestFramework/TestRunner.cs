// The entry point of a host test project: Program.Host.cs calls RunAsync and returns its exit code.
// Builds a Microsoft.Testing.Platform 1.9 application around TestSession; `dotnet test`, `dotnet run --project` and the executable all end up here.
using System.Reflection;
using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Capabilities.TestFramework;
using Microsoft.Testing.Platform.MSBuild;
using Microsoft.Testing.Platform.Services;

namespace Firmware.Simulator.TestFramework;

/// <summary>Runs the nanoFramework tests of an assembly on the PC.</summary>
public static class TestRunner
{
    /// <summary>Runs, or with <c>--list-tests</c> lists, the tests of an assembly and ends the process.</summary>
    /// <param name="args">The command line; <c>--help</c> lists the options, among them <c>--filter</c> and <c>--test-timeout</c>.</param>
    /// <param name="tests">The assembly with the test classes.</param>
    /// <returns>The exit code: 0 if all tests passed or were skipped and at least one was found; see aka.ms/testingplatform/exitcodes.</returns>
    public static async Task<int> RunAsync(string[] args, Assembly tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        int exitCode;
        ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(args).ConfigureAwait(false);

        // Without it the application refuses the option with which `dotnet test` starts it (--internal-msbuild-node).
        builder.AddMSBuild();
        builder.CommandLine.AddProvider(() => new TestOptions());
        builder.RegisterTestFramework(
            _ => new TestFrameworkCapabilities(),
            (_, services) => new TestSession(tests, new TestOptions(services.GetCommandLineOptions())));
        using (ITestApplication application = await builder.BuildAsync().ConfigureAwait(false))
        {
            exitCode = await application.RunAsync().ConfigureAwait(false);
        }

        // A hung test, or a loop that a test left running on a foreground thread (nanoFramework has no other), must not keep the process alive.
        Environment.Exit(exitCode);
        return exitCode;
    }
}

// What a failed test shows. `dotnet test` prints only an exception's message and stack trace, so everything that helps goes into these two:
// the assertion, the causes, the test's full name, what it wrote; and of the stack only the frames of the test and the code under test.
using System.Text;

namespace Firmware.Simulator.TestFramework;

/// <summary>An exception with a message and stack trace made to be read in a test report.</summary>
internal sealed class TestFailure(string message, string stackTrace) : Exception(message)
{
    private const int LongestShownOutput = 4_000;

    /// <inheritdoc/>
    public override string StackTrace { get; } = stackTrace;

    /// <summary>A test threw.</summary>
    public static TestFailure Of(Exception thrown, TestCase test, string written)
    {
        var message = new StringBuilder(Describe(thrown));
        string stack = Frames(thrown);
        for (Exception? cause = thrown.InnerException; cause is not null; cause = cause.InnerException)
        {
            message.Append(" <- ").Append(Describe(cause));
            string inner = Frames(cause);
            stack = inner.Length == 0 ? stack : $"{inner}{Environment.NewLine}   caught and thrown again:{Environment.NewLine}{stack}";
        }

        return new TestFailure(WithOutput($"{message} [{test.Uid}]", written), stack);
    }

    /// <summary>A test has not ended in time.</summary>
    public static TestFailure Hung(TestCase test, TimeSpan limit, string written) => new(
        WithOutput($"{test.FullName} has not ended after {limit.TotalSeconds} s. The run was aborted; the tests after it were not run.", written), "");

    private static string Describe(Exception thrown) =>
        thrown is TestFrameworkShared.AssertFailedException ? thrown.Message : $"{thrown.GetType()}: {thrown.Message}";

    private static string Frames(Exception thrown)
    {
        var frames = new StringBuilder();
        foreach (string line in (thrown.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string frame = line.TrimEnd();
            if (frame.Contains("at System.Reflection.Method", StringComparison.Ordinal)
                || frame.Contains($"at {typeof(TestCase).FullName}.", StringComparison.Ordinal))
            {
                break;
            }

            frames.AppendLine(frame);
        }

        return frames.ToString().TrimEnd();
    }

    private static string WithOutput(string message, string written)
    {
        string text = written.TrimEnd();
        if (text.Length == 0)
        {
            return message;
        }

        string tail = text.Length <= LongestShownOutput ? text : string.Concat("...", text.AsSpan(text.Length - LongestShownOutput));
        return $"{message}{Environment.NewLine}The test wrote:{Environment.NewLine}{tail}";
    }
}

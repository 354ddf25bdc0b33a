// The drone sample as a process, as a user starts it: its transcript and its end.

using System.Globalization;
using System.Text.RegularExpressions;
using Firmware.Simulator;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static partial class DronesTest
{
    private const string Received = "*Master Drone* received drones/altitude: ";

    [TestMethod]
    public static void Each_drone_answers_to_its_name_on_the_one_topic_before_and_after_the_first_one_climbs()
    {
        using ChildProcess sample = new("dotnet", Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "drones", "--seconds", "1");
        Assert.AreEqual(0, sample.AwaitExit(60_000), sample.Lines.ToString());
        string[] lines = sample.Lines.All;
        Assert.IsTrue(Connected().IsMatch(lines[0]), lines[0]);
        Assert.AreEqual("[Drone #1] is the Thing drone-1, at 120 m", lines[1]);
        Assert.AreEqual("[Drone #2] is the Thing drone-2, at 45 m", lines[2]);
        int climb = Array.IndexOf(lines, "[Drone #1] climbs to 300 m");
        Assert.IsTrue(climb > 3, sample.Lines.ToString());
        int commands = RequireRounds(lines[3..climb], 120) + RequireRounds(lines[(climb + 1)..^1], 300);
        Assert.AreEqual($"{commands} commands, {commands} answers", lines[^1]);
    }

    [TestMethod]
    [DataRow("0")]
    [DataRow("3601")]
    public static void Wrong_length_gets_a_message_and_nothing_runs(string seconds)
    {
        using StringWriter errors = new();
        using StringWriter output = new();
        int code = CommandLine.Build(_ => Task.FromResult(0)).Parse(["drones", "--seconds", seconds]).Invoke(new() { Error = errors, Output = output });
        Assert.AreEqual(1, code);
        Assert.Contains("--seconds takes 1 to 3600", errors.ToString());
        Assert.IsFalse(output.ToString().Contains(Received, StringComparison.Ordinal));
    }

    // both drones in turn, one answer after each command; the number of commands
    private static int RequireRounds(string[] lines, int firstMetres)
    {
        Assert.IsTrue(lines.Length >= 4 && lines.Length % 4 == 0, string.Join("\n", lines));
        for (int i = 0; i < lines.Length; i += 2)
        {
            string name = i % 4 == 0 ? "[Drone #1]" : "[Drone #2]";
            Assert.AreEqual(Received + "COMMAND:GET_ALTITUDE:" + name, lines[i]);
            string start = Received + name + " altitude: ";
            Assert.IsTrue(lines[i + 1].StartsWith(start, StringComparison.Ordinal) && lines[i + 1].EndsWith(" m", StringComparison.Ordinal), lines[i + 1]);
            double metres = double.Parse(lines[i + 1][start.Length..^2], CultureInfo.InvariantCulture);
            Assert.IsTrue(Math.Abs(metres - (i % 4 == 0 ? firstMetres : 45)) <= 0.6, lines[i + 1]);
        }

        return lines.Length / 2;
    }

    [GeneratedRegex(@"^\*Master Drone\* is connected to localhost:\d+ and subscribed to drones/altitude$")]
    private static partial Regex Connected();
}

// A drone of the lecture: a Thing that answers to its name on a shared topic, and to nothing else there.

using System.Text;
using System.Text.Json;
using Firmware.Connectivity;
using Firmware.Features;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using Firmware.Simulator.Campaigns;
using Firmware.Things;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class FleetTest
{
    private const string Topic = "drones/altitude";
    private const string Name = "[Drone #1]";
    private const string Command = "COMMAND:GET_ALTITUDE:" + Name;
    private const int PeriodMs = 10_000;
    private const int Messages = 10_000;
    private const int WarmUp = 500;

    [TestMethod]
    public static void Command_to_its_name_is_answered_once_with_the_altitude_of_its_telemetry()
    {
        using Appliance appliance = Drone();
        appliance.Broker.Send(Topic, Command);
        appliance.Time.Advance(1_000);
        Heard answer = appliance.Broker.All.Single(heard => heard.Topic == Topic);
        double metres = Altitude(appliance);
        Assert.IsTrue(Math.Abs(metres - 988.6) < 0.5, $"900 hPa is 988.6 m in the standard atmosphere, not {metres}");
        Assert.AreEqual(FormattableString.Invariant($"{Name} altitude: {metres} m"), answer.Payload);
        Assert.AreEqual(1, answer.Qos);
        Assert.IsFalse(answer.Retain);
        Assert.AreEqual(1, appliance.Broker.Acknowledged.Count);
        Assert.AreEqual(1, appliance.Broker.Filters.Count(filter => filter == Topic));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #2]")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #10]")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #1")]
    [DataRow("COMMAND:GET_ALTITUDE:[drone #1]")]
    [DataRow("COMMAND:GET_ALTITUDE:toaster-01")]
    [DataRow("COMMAND:GET_ALTITUDE:*")]
    [DataRow("COMMAND:GET_ALTITUDE:")]
    [DataRow("COMMAND:GET_ALTITUDE")]
    [DataRow("COMMAND")]
    [DataRow(":::")]
    [DataRow("COMMAND:LAND:[Drone #1]")]
    [DataRow("COMMAND:GET_ALTITUDES:[Drone #1]")]
    [DataRow("COMMAND::[Drone #1]")]
    [DataRow("command:get_altitude:[Drone #1]")]
    [DataRow("ANSWER:GET_ALTITUDE:[Drone #1]")]
    [DataRow(" COMMAND:GET_ALTITUDE:[Drone #1]")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #1] ")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #1]\n")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #1]\0")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #1]:5")]
    [DataRow("COMMAND:GET_ALTITUDE:[Drone #1]COMMAND:GET_ALTITUDE:[Drone #1]")]
    [DataRow("[Drone #1] altitude: 120 m")]
    [DataRow("[Drone #1] altitude: unknown")]
    [DataRow("[Drone #2] altitude: 45 m")]
    [DataRow("{\"led\":\"on\"}")]
    [DataRow("\u00ff\u00fe\u0000")]
    public static void Anything_else_is_acknowledged_and_ignored_and_the_next_command_is_answered(string payload)
    {
        using Appliance appliance = Drone();
        appliance.Broker.Send(Topic, Encoding.Latin1.GetBytes(payload));
        appliance.Time.Advance(1_000);
        RequireIgnored(appliance);
        Assert.IsFalse(appliance.IsHigh(LedPin));
    }

    [TestMethod]
    [DataRow(900)]
    [DataRow(Limits.MqttReceive * 3)]
    public static void Text_that_is_too_long_is_ignored(int length)
    {
        using Appliance appliance = Drone();
        appliance.Broker.Send(Topic, Command.PadRight(length, 'x'));
        appliance.Time.Advance(1_000);
        RequireIgnored(appliance);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public static void Retained_command_is_ignored(int qos)
    {
        using Appliance appliance = Drone();
        appliance.Broker.Send(Topic, Command, qos, retain: true);
        appliance.Time.Advance(1_000);
        RequireIgnored(appliance, acknowledged: qos);
    }

    [TestMethod]
    public static void Command_on_another_topic_is_ignored()
    {
        using Appliance appliance = Drone();
        appliance.Broker.Send(Topic + "/x", Command);
        appliance.Time.Advance(1_000);
        RequireIgnored(appliance);
    }

    [TestMethod]
    public static void Own_answer_that_the_broker_brings_back_is_not_answered()
    {
        using Appliance appliance = Drone();
        appliance.Broker.Arrived = heard =>
        {
            if (heard.Topic == Topic)
            {
                appliance.Broker.Send(heard.Topic, heard.Payload);
            }
        };
        for (int i = 0; i < 3; i++)
        {
            appliance.Broker.Send(Topic, Command);
            appliance.Time.Advance(1_000);
        }

        Assert.AreEqual(3, appliance.Broker.On(Topic).Length);
        Assert.AreEqual(6, appliance.Broker.Acknowledged.Count, "three commands and three answers");
    }

    [TestMethod]
    public static void Burst_of_commands_is_answered_one_by_one()
    {
        using Appliance appliance = Drone();
        appliance.Broker.RoundTripMs = 150;
        for (int i = 0; i < 30; i++)
        {
            appliance.Broker.Send(Topic, Command);
        }

        appliance.Time.Advance(10_000);
        Assert.AreEqual(30, appliance.Broker.On(Topic).Length);
    }

    [TestMethod]
    public static void Answer_follows_the_height_at_the_next_measurement()
    {
        using Appliance appliance = Drone();
        double low = Ask(appliance);
        appliance.Board.Environment.PressurePa = 80_000;
        appliance.Time.Advance(PeriodMs);
        double high = Ask(appliance);
        Assert.IsTrue(Math.Abs(high - 1949.0) < 0.5, $"{high} after {low}");
        Assert.AreEqual(Altitude(appliance), high);
    }

    [TestMethod]
    public static void Broken_altimeter_is_told_as_unknown_until_it_works_again()
    {
        using Appliance appliance = Drone();
        appliance.Board.I2c.SetFault(Firmware.Drivers.Bmp280.DefaultAddress, I2cFault.Missing);
        appliance.Time.Advance(2 * PeriodMs);
        appliance.Broker.Send(Topic, Command);
        appliance.Time.Advance(1_000);
        Assert.AreEqual(Name + " altitude: unknown", appliance.Broker.On(Topic).Single());
        appliance.Board.I2c.SetFault(Firmware.Drivers.Bmp280.DefaultAddress, I2cFault.None);
        appliance.Time.Advance(2 * PeriodMs);
        Assert.AreEqual(Altitude(appliance), Ask(appliance));
    }

    [TestMethod]
    public static void Thing_without_a_fleet_does_not_listen_to_one()
    {
        using Appliance appliance = Online(c => c.HasBmp280 = true);
        Assert.IsFalse(appliance.Broker.Filters.Contains(Topic));
        appliance.Broker.Send(Topic, Command);
        appliance.Time.Advance(1_000);
        Assert.AreEqual(0, appliance.Broker.On(Topic).Length);
    }

    [TestMethod]
    public static void Random_mutants_of_the_command_are_ignored()
    {
        const int Seed = 120;
        Random random = new(Seed);
        using Appliance appliance = Drone();
        byte[] clean = Encoding.UTF8.GetBytes(Command);
        for (int i = 0; i < 300; i++)
        {
            byte[] mutant = [.. clean];
            mutant[random.Next(mutant.Length)] ^= (byte)random.Next(1, 256);
            appliance.Broker.Send(Topic, mutant[..random.Next(mutant.Length / 2, mutant.Length + 1)]);
            appliance.Time.Advance(40);
        }

        appliance.Time.Advance(1_000);
        RequireIgnored(appliance, acknowledged: 300);
    }

    /// <summary>With an outbox that is full of answers, so that each new one pushes out an old one.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public static void Messages_of_the_fleet_allocate_nothing(bool hasAltitude)
    {
        ReadingResource altitude = new("altitude", 1, "m", "metres above sea level");
        if (hasAltitude)
        {
            altitude.Set(-12_345);
        }

        DeviceConfiguration configuration = new() { ThingName = "drone-1", StatusTopic = "drone-1/status", FleetTopic = Topic, FleetName = Name };
        CloudConnection cloud = new(configuration, null!, new ResourceTree([altitude]), new Random(1));
        StoredOutbox outbox = new(new MemoryStorage(() => { }), cloud, null!);
        FleetMember member = new(configuration, altitude, cloud.Router, outbox);
        MqttMessage[] messages =
        [
            Message(Command), Message("COMMAND:GET_ALTITUDE:[Drone #2]"), Message(""), Message("[Drone #1] altitude: 1 m"), Message(new string('x', 900)), Message(Command, retain: true),
        ];
        Dispatch(cloud.Router, messages, WarmUp);
        int dropped = outbox.Dropped;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Dispatch(cloud.Router, messages, Messages);
        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);

        // that it measured answers: the outbox was full, and of each round one message was answered
        Assert.AreEqual(Messages, outbox.Dropped - dropped);
        GC.KeepAlive(member);
    }

    private static void Dispatch(MqttRouter router, MqttMessage[] messages, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            foreach (MqttMessage message in messages)
            {
                router.Dispatch(message, i);
            }
        }
    }

    private static MqttMessage Message(string payload, bool retain = false)
    {
        byte[] topic = Bytes.FromString(Topic);
        byte[] text = Bytes.FromString(payload);
        return new MqttMessage
        {
            Buffer = [.. topic, .. text], TopicLength = topic.Length, PayloadOffset = topic.Length, PayloadLength = text.Length, PieceLength = text.Length, IsLastPiece = true, Qos = 1, Retain = retain,
        };
    }

    private static Appliance Drone()
    {
        Appliance appliance = new(
            c =>
            {
                c.TelemetrySeconds = PeriodMs / 1000;
                c.HasBmp280 = true;
                c.FleetTopic = Topic;
                c.FleetName = Name;
            },
            a => a.Board.Environment.PressurePa = 90_000);
        appliance.AwaitOnline();
        return appliance;
    }

    private static double Ask(Appliance appliance)
    {
        int before = appliance.Broker.On(Topic).Length;
        appliance.Broker.Send(Topic, Command);
        appliance.Time.Advance(1_000);
        string[] answers = appliance.Broker.On(Topic);
        Assert.AreEqual(before + 1, answers.Length, "answers");
        string start = Name + " altitude: ";
        Assert.IsTrue(answers[^1].StartsWith(start, StringComparison.Ordinal) && answers[^1].EndsWith(" m", StringComparison.Ordinal), answers[^1]);
        return double.Parse(answers[^1][start.Length..^2], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static double Altitude(Appliance appliance)
    {
        using JsonDocument json = JsonDocument.Parse(appliance.Broker.On(Appliance.Telemetry)[^1]);
        return json.RootElement.GetProperty("altitude").GetDouble();
    }

    private static void RequireIgnored(Appliance appliance, int acknowledged = 1)
    {
        Assert.AreEqual(0, appliance.Broker.On(Topic).Length, "answers");
        Assert.AreEqual(acknowledged, appliance.Broker.Acknowledged.Count, "PUBACK, or the broker would send it again");
        Assert.AreEqual(0, appliance.Broker.On(Accepted).Length + appliance.Broker.On(Rejected).Length + appliance.Broker.On(Appliance.Events).Length);
        Ask(appliance);
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
    }
}

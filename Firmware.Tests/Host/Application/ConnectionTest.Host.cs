// The life of the connection: online, lost, backed off, online again; and every way in which a broker can refuse or misbehave.

using System.Text;
using System.Text.RegularExpressions;
using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class ConnectionTest
{
    [TestMethod]
    public static void Connect_carries_name_keepalive_and_last_will()
    {
        using Appliance appliance = Online(c => c.KeepAliveSeconds = 45);
        byte[] connect = appliance.Broker.LastConnect;
        Assert.AreEqual("MQTT", Encoding.ASCII.GetString(connect, 2, 4));
        Assert.AreEqual(4, (int)connect[6], "MQTT 3.1.1");

        // will with QoS 1 and without retain, clean session, no user name [MQTT 3.1.1, 3.1.2.3]; AWS ends connections that retain in 2018
        Assert.AreEqual(0b0000_1110, (int)connect[7]);
        Assert.AreEqual(45, (connect[8] << 8) | connect[9]);
        string rest = Encoding.UTF8.GetString(connect, 10, connect.Length - 10);
        Assert.AreEqual($"\0\u000a{Thing}\0\u0011{Status}\0\u0007offline", rest);
    }

    [TestMethod]
    public static void Online_is_said_after_subscribing_and_commands_are_subscribed_one_by_one()
    {
        using Appliance appliance = Online();
        Assert.AreEqual("CONNECT SUBSCRIBE PUBLISH", string.Join(' ', appliance.Broker.Packets.Take(3)));
        Assert.AreEqual($"{Commands} {Commands}/led {Commands}/light {Commands}/toaster", string.Join(' ', appliance.Broker.Filters.Order()));
        Heard online = appliance.Broker.All[0];
        Assert.AreEqual($"{Status} online 1 False", $"{online.Topic} {online.Payload} {online.Qos} {online.Retain}");
        appliance.AwaitLine("online: commands on " + Commands);
    }

    [TestMethod]
    public static void Nothing_is_sent_before_connack()
    {
        using Appliance appliance = new(prepare: a => a.Broker.ConnackCode = null);
        appliance.Time.Advance(5_000);
        appliance.Board.PressButton(ButtonPin, 100);
        appliance.Pass(5_000);
        Assert.AreEqual("CONNECT", string.Join(' ', appliance.Broker.Packets));
    }

    [TestMethod]
    public static void Missing_connack_ends_the_attempt_with_one_line()
    {
        using Appliance appliance = new(prepare: a => a.Broker.ConnackCode = null);
        appliance.Time.Advance(15_500);
        Assert.IsFalse(appliance.Broker.IsLinked);
        RequireOneWarning(appliance, "the broker did not answer CONNECT");
    }

    [TestMethod]
    [DataRow(1, "does not speak MQTT 3.1.1")]
    [DataRow(2, "check \"thing\"")]
    [DataRow(3, "unavailable")]
    [DataRow(4, "user name and password")]
    [DataRow(5, "attach a policy")]
    [DataRow(6, "unknown code 6")]
    [DataRow(7, "attach a policy")]
    public static void Each_connack_refusal_is_one_line_and_the_board_backs_off(int code, string part)
    {
        using Appliance appliance = new(prepare: a => a.Broker.ConnackCode = (byte)code);
        appliance.Time.Advance(500);
        Assert.AreEqual("CONNECT", string.Join(' ', appliance.Broker.Packets));
        Assert.IsFalse(appliance.Broker.IsLinked);
        appliance.Broker.ConnackCode = 0;
        appliance.AwaitOnline(3_000);
        RequireOneWarning(appliance, part);
    }

    [TestMethod]
    [DataRow(new byte[] { 0x00, 0x00 }, "malformed packet (first byte 0x00)")] // reserved type
    [DataRow(new byte[] { 0xF0, 0x00 }, "malformed packet (first byte 0xF0)")] // reserved type
    [DataRow(new byte[] { 0x10, 0x00 }, "malformed packet (first byte 0x10)")] // only clients send CONNECT
    [DataRow(new byte[] { 0x36, 0x04, 0, 1, 65, 0 }, "malformed packet")] // QoS 3
    [DataRow(new byte[] { 0x30, 0x03, 0, 9, 65 }, "malformed packet (first byte 0x30)")] // a topic longer than its packet
    [DataRow(new byte[] { 0xD0, 0x01, 0 }, "malformed packet (first byte 0xD0)")] // PINGRESP with a body
    [DataRow(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0xFF }, "malformed packet")] // a length of five bytes
    [DataRow(new byte[] { 0x40, 0x02, 0, 0 }, "malformed packet (first byte 0x40)")] // packet identifier 0
    [DataRow(new byte[] { 0x20, 0x02, 0, 0 }, "where none may come (first byte 0x20)")] // CONNACK twice
    [DataRow(new byte[] { 0x90, 0x03, 0, 99, 0 }, "first byte 0x90")] // SUBACK that nobody waits for
    public static void Packet_against_the_rules_is_one_line_and_the_board_comes_back(byte[] packet, string part)
    {
        using Appliance appliance = Online();
        appliance.Command("{\"toaster\":\"on\",\"seconds\":100}");
        appliance.Broker.Raw(packet);
        appliance.Time.Advance(500);
        Assert.IsFalse(appliance.IsHigh(ToasterPin), "the toaster is off");
        appliance.AwaitOnline(10_000);
        Assert.AreEqual(1, appliance.FinalLines(part).Length, "lines:\n" + string.Join("\n", appliance.Lines));
        Assert.AreEqual(0, appliance.FinalLines("unhandled").Length);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public static void Lost_connection_comes_back_with_all_subscriptions_and_online(bool inOrder)
    {
        using Appliance appliance = Online();
        appliance.Broker.Drop(inOrder);
        appliance.AwaitOnline(5_000);
        Assert.AreEqual(2, appliance.Broker.Connects.Count);
        Assert.AreEqual(4, appliance.Broker.Filters.Count);
        appliance.Command("{\"led\":\"on\"}");
        Assert.IsTrue(appliance.IsHigh(LedPin));
        Assert.AreEqual(1, appliance.FinalLines("the broker closed the connection").Length);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    public static void Attempts_back_off_exponentially_and_keep_the_floor(int seed)
    {
        using Appliance appliance = new(prepare: a => a.Connector.FailsWith = "the door is shut", seed: seed);
        appliance.Time.Advance(20 * 60 * 1000);
        long[] attempts = [.. appliance.Connector.Attempts];
        long ceiling = Limits.BackoffBaseMs;
        for (int i = 1; i < attempts.Length; i++)
        {
            long wait = attempts[i] - attempts[i - 1];
            Assert.IsTrue(wait >= Limits.BackoffFloorMs && wait <= Limits.BackoffFloorMs + ceiling + Limits.LoopIdleMs, $"wait {i} is {wait} ms, ceiling {ceiling}, seed {seed}");
            ceiling = Math.Min(2 * ceiling, Limits.BackoffCapMs);
        }

        Assert.IsTrue(attempts.Length is > 12 and < 60, $"{attempts.Length} attempts in 20 minutes");
        string[] lines = appliance.FinalLines("the door is shut; next attempt in ");
        Assert.AreEqual(attempts.Length, lines.Length, "one line for each attempt");
        Assert.IsTrue(lines.All(line => Regex.IsMatch(line, @"^! the door is shut; next attempt in \d+\.\d s$")), lines[0]);
    }

    [TestMethod]
    public static void Board_that_was_long_offline_comes_back_within_the_longest_wait()
    {
        using Appliance appliance = new(prepare: a => a.Connector.FailsWith = "the door is shut");
        appliance.Time.Advance(15 * 60 * 1000);
        appliance.Connector.FailsWith = null;
        appliance.AwaitOnline(Limits.BackoffFloorMs + Limits.BackoffCapMs + 1_000);
        appliance.Time.Advance(Math.Max(Limits.ProvenMs, 2 * (Limits.BackoffFloorMs + Limits.BackoffCapMs)) + 1_000);
        appliance.Broker.Drop();
        appliance.AwaitOnline(Limits.BackoffFloorMs + Limits.BackoffBaseMs + 1_000);
    }

    [TestMethod]
    public static void Attempt_that_hangs_is_given_up_with_one_line()
    {
        using Appliance appliance = new(prepare: a => a.Connector.Hangs = true);
        appliance.Time.Advance(Limits.OpenMs + 300);
        Assert.AreEqual(1, appliance.Connector.Cancelled);
        appliance.Connector.Hangs = false;
        appliance.AwaitOnline(5_000);
        RequireOneWarning(appliance, "no connection within 120 s");
    }

    [TestMethod]
    public static void Refused_subscription_is_said_and_readings_still_go_out()
    {
        using Appliance appliance = new(c => c.TelemetrySeconds = 10, a => a.Broker.SubackCode = 0x80);
        appliance.AwaitOnline();
        appliance.Time.Advance(10_000);
        Assert.IsTrue(appliance.Broker.On(Telemetry).Length > 0);
        Assert.AreEqual(4, appliance.FinalLines("the broker refused the subscription to " + Commands).Length);
    }

    [TestMethod]
    public static void Ping_keeps_an_idle_connection_alive()
    {
        using Appliance appliance = Online(c => c.KeepAliveSeconds = 30);
        appliance.Time.Advance(10 * 60 * 1000);
        int pings = appliance.Broker.Packets.Count(p => p == "PINGREQ");
        Assert.IsTrue(pings is >= 20 and <= 30, $"{pings} pings in 10 minutes with a keepalive of 30 s");
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
    }

    [TestMethod]
    public static void Unacknowledged_answer_is_sent_again_after_the_reconnect()
    {
        using Appliance appliance = Online();
        appliance.Broker.Acknowledges = false;
        appliance.Command("{\"led\":\"on\",\"id\":1}");
        appliance.Broker.Acknowledges = true;
        appliance.Broker.Drop();
        appliance.AwaitOnline();
        appliance.Time.Advance(1_000);
        Assert.AreEqual("{\"led\":\"on\",\"id\":1} {\"led\":\"on\",\"id\":1}", string.Join(' ', appliance.Broker.On(Accepted)), "at least once");
    }

    [TestMethod]
    public static void Online_is_said_although_the_queue_was_full_when_the_link_died()
    {
        using Appliance appliance = Online();
        appliance.Broker.Acknowledges = false;
        for (int i = 0; i < Limits.MqttPublishes; i++)
        {
            appliance.Command("{\"led\":\"toggle\"}");
        }

        appliance.Broker.Acknowledges = true;
        appliance.Broker.Drop();
        appliance.Time.Advance(10_000);
        Assert.AreEqual(2, appliance.Broker.Connects.Count);
        Assert.AreEqual("online online", string.Join(' ', appliance.Broker.On(Status)), "else the last will stays the last word");
    }

    [TestMethod]
    public static void Broker_that_never_acknowledges_is_left_with_one_line()
    {
        using Appliance appliance = Online();
        appliance.Broker.Acknowledges = false;
        appliance.Command("{\"toaster\":\"on\",\"seconds\":100}");
        appliance.Time.Advance(31_000);
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        RequireOneWarning(appliance, "did not acknowledge packet");
    }

    [TestMethod]
    public static void Link_that_takes_no_bytes_is_left_with_one_line()
    {
        using Appliance appliance = Online();
        appliance.Broker.TakesBytes = false;
        appliance.Command("{\"toaster\":\"on\",\"seconds\":100}");
        appliance.Time.Advance(31_000);
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        appliance.Broker.TakesBytes = true;
        RequireOneWarning(appliance, "the link takes no more data");
    }

    private static void RequireOneWarning(Appliance appliance, string part)
    {
        string[] lines = [.. appliance.FinalLines("! ").Where(line => !line.StartsWith("! the toaster went off", StringComparison.Ordinal))];
        Assert.IsTrue(lines.Length >= 1, "there is no warning");
        Assert.AreEqual(1, lines.Count(line => line.Contains(part, StringComparison.Ordinal)), $"lines with '{part}':\n" + string.Join("\n", lines));
        Assert.IsTrue(lines.All(line => line.Contains("; next attempt in ", StringComparison.Ordinal)), string.Join("\n", lines));
    }
}

// The sleep cycle in virtual time: the whole application sleeps, wakes up for each of its reasons, and loses nothing.

using Firmware.Cycle;
using Firmware.Settings;
using Firmware.Simulator.Board;
using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class SleepTest
{
    private const int Minute = 60_000;
    private const int SenseMs = 5 * Minute;

    [TestMethod]
    [DataRow(SleepPolicy.Deep)]
    [DataRow(SleepPolicy.Light)]
    public static void Senses_every_five_minutes_connects_every_hour_and_loses_no_reading(SleepPolicy policy)
    {
        using Appliance appliance = Sleepy(policy);
        appliance.PassAsleep(4 * 60 * Minute);
        Heard[] readings = appliance.Broker.All.Where(h => h.Topic == Appliance.Telemetry).ToArray();
        int[] numbers = [.. readings.Select(r => Number(r.Payload))];
        string all = string.Join('\n', appliance.Broker.All.Select(h => $"{h.AtMs / 1000} {h.Topic} {h.Payload}"));
        Assert.AreEqual(string.Join(' ', Enumerable.Range(1, numbers.Length)), string.Join(' ', numbers), all);

        // the first connection, then one at every twelfth reading
        long[] connects = [.. appliance.Broker.Connects];
        Assert.IsTrue(connects.Length is 4 or 5, $"{connects.Length} connections");
        for (int i = 2; i < connects.Length; i++)
        {
            Assert.IsTrue(Math.Abs(connects[i] - connects[i - 1] - (12 * SenseMs)) <= 2000, $"{connects[i] - connects[i - 1]} ms between two connections");
        }

        // the times of the readings: a period apart, without drift
        long[] times = [.. readings.Select(r => Time(r.Payload)).Where(t => t > 0)];
        for (int i = 2; i < times.Length; i++)
        {
            Assert.IsTrue(Math.Abs(times[i] - times[1] - ((i - 1) * 300L)) <= 1, $"reading {i} at {times[i] - times[1]} s\n{all}");
        }
    }

    [TestMethod]
    [DataRow(SleepPolicy.Deep)]
    [DataRow(SleepPolicy.Light)]
    public static void Says_when_it_will_be_back_and_no_last_will_is_heard(SleepPolicy policy)
    {
        using Appliance appliance = Sleepy(policy);
        appliance.PassAsleep(70 * Minute);
        Heard[] status = appliance.Broker.All.Where(h => h.Topic == Appliance.Status).ToArray();
        Assert.IsFalse(status.Any(s => s.Payload == "offline"), string.Join('\n', status.Select(s => s.Payload)));
        Heard[] goodbyes = [.. status.Where(s => s.Payload.StartsWith("sleeping ", StringComparison.Ordinal))];
        Assert.AreEqual(appliance.Broker.Connects.Count, goodbyes.Length);
        Assert.IsTrue(appliance.Broker.Packets.Contains("DISCONNECT"), string.Join(' ', appliance.Broker.Packets));

        // the promise is kept: the second that was named is that of the next connection
        long promisedMs = (long.Parse(goodbyes[0].Payload.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * 1000) - appliance.UtcAtZeroMs;
        Assert.IsTrue(Math.Abs(appliance.Broker.Connects[1] - promisedMs) < 3000, $"promised {promisedMs}, came {appliance.Broker.Connects[1]}");
    }

    [TestMethod]
    [DataRow(SleepPolicy.Deep)]
    [DataRow(SleepPolicy.Light)]
    public static void Doorbell_wakes_the_board_and_is_told_at_once_and_once(SleepPolicy policy)
    {
        using Appliance appliance = Sleepy(policy);
        appliance.PassAsleep(2 * Minute);
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
        appliance.Board.PressButton(Appliance.ButtonPin, 300);
        long rungMs = appliance.Time.TotalMs;
        appliance.PassAsleep(Minute);
        Heard[] rings = [.. appliance.Broker.All.Where(h => h.Topic == Appliance.Events)];
        Assert.AreEqual(1, rings.Length, string.Join('\n', rings.Select(r => r.Payload)) + "\n" + string.Join('\n', appliance.Lines));
        Assert.Contains("\"doorbell\":\"pressed\"", rings[0].Payload);
        Assert.IsTrue(rings[0].AtMs - rungMs < 5000, $"told after {rings[0].AtMs - rungMs} ms");

        // that was out of turn: the schedule stands
        appliance.PassAsleep(62 * Minute);
        Assert.IsTrue(appliance.Broker.Connects.Count >= 3, $"{appliance.Broker.Connects.Count} connections");
    }

    [TestMethod]
    public static void Doorbell_that_is_held_down_for_minutes_rings_once_and_does_not_keep_the_board_awake()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep);
        appliance.PassAsleep(2 * Minute);
        int boots = appliance.Board.BootCount;
        appliance.Board.PressButton(Appliance.ButtonPin, 2 * Minute);
        appliance.PassAsleep(4 * Minute);
        Assert.AreEqual(1, appliance.Broker.On(Appliance.Events).Length);
        int looks = appliance.Board.BootCount - boots;
        Assert.IsTrue(looks is > 8 and < 20, $"{looks} boots");
        appliance.Board.PressButton(Appliance.ButtonPin, 300);
        appliance.PassAsleep(Minute);
        Assert.AreEqual(2, appliance.Broker.On(Appliance.Events).Length);
    }

    [TestMethod]
    public static void Command_in_the_window_runs_and_a_toast_keeps_the_board_awake_until_it_is_done()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep);
        appliance.PassAsleep(61 * Minute, until: () => appliance.Broker.On(Appliance.Status).Count(s => s == "online") == 2);
        appliance.Command("{\"toaster\":\"on\",\"seconds\":30}");
        Assert.IsTrue(appliance.IsHigh(Appliance.ToasterPin));
        long onMs = appliance.TimesOf(Appliance.ToasterPin, true)[^1];
        appliance.PassAsleep(2 * Minute);
        long offMs = appliance.TimesOf(Appliance.ToasterPin, false).First(t => t > onMs);
        Assert.AreEqual(30_000, offMs - onMs, "the toast");
        Assert.AreEqual(BoardState.DeepSleep, appliance.Board.State);
        Assert.AreEqual(1, appliance.Broker.On(Appliance.Accepted).Length);
    }

    [TestMethod]
    [DataRow(SleepPolicy.Deep)]
    [DataRow(SleepPolicy.Light)]
    public static void Dead_network_costs_its_budget_comes_ever_less_often_and_loses_nothing(SleepPolicy policy)
    {
        using Appliance appliance = Sleepy(policy, c => c.SleepConnectSeconds = 300);
        appliance.PassAsleep(7 * Minute);
        int before = appliance.Broker.On(Appliance.Telemetry).Length;
        Assert.IsTrue(before >= 1);
        appliance.Connector.Hangs = true;
        int attempts = appliance.Connector.Attempts.Count;
        appliance.PassAsleep(75 * Minute);
        int failed = appliance.Connector.Attempts.Count - attempts;

        // 15 readings: attempts at the 1st, 2nd, 4th, 8th
        Assert.AreEqual(4, failed);
        appliance.Connector.Hangs = false;
        appliance.PassAsleep(45 * Minute);
        int[] numbers = [.. appliance.Broker.On(Appliance.Telemetry).Select(Number)];
        Assert.AreEqual(string.Join(' ', Enumerable.Range(1, numbers.Length)), string.Join(' ', numbers));
        Assert.IsTrue(numbers.Length > before + 15, $"{numbers.Length}");
    }

    [TestMethod]
    public static void Temperature_beyond_its_threshold_is_told_at_once_and_so_is_its_return()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep, c => c.SleepAlarmAbove = 30);
        appliance.PassAsleep(11 * Minute);
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
        appliance.Board.Environment.TemperatureMilliC = 31_000;
        appliance.PassAsleep(SenseMs);
        Assert.AreEqual(2, appliance.Broker.Connects.Count);
        appliance.PassAsleep(SenseMs);
        Assert.AreEqual(2, appliance.Broker.Connects.Count, "once, not at each reading");
        appliance.Board.Environment.TemperatureMilliC = 29_800;
        appliance.PassAsleep(SenseMs);
        Assert.AreEqual(2, appliance.Broker.Connects.Count, "not while it lingers at the threshold");
        appliance.Board.Environment.TemperatureMilliC = 21_000;
        appliance.PassAsleep(SenseMs);
        Assert.AreEqual(3, appliance.Broker.Connects.Count);
    }

    [TestMethod]
    public static void Low_battery_stretches_the_schedule_and_a_good_one_brings_it_back()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep);
        appliance.PassAsleep(11 * Minute);
        appliance.Board.Environment.BatteryMilliVolts = 3_300;
        appliance.PassAsleep(2 * 60 * Minute);
        int boots = appliance.Board.BootCount;
        appliance.PassAsleep(2 * 60 * Minute);
        Assert.AreEqual(6, appliance.Board.BootCount - boots, "every 20 minutes");
        appliance.Board.Environment.BatteryMilliVolts = 3_900;
        appliance.PassAsleep(25 * Minute);
        boots = appliance.Board.BootCount;
        appliance.PassAsleep(60 * Minute);
        Assert.AreEqual(12, appliance.Board.BootCount - boots, "every 5 minutes");
        Assert.AreEqual(1, appliance.FinalLines("connects: first boot").Length, "the schedule went on");
    }

    [TestMethod]
    public static void Power_cut_between_two_connections_loses_no_reading()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep);
        appliance.PassAsleep(30 * Minute);
        appliance.Board.CutPower();
        appliance.Time.Advance(10 * Minute);
        appliance.Board.RestorePower();
        appliance.PassAsleep(2 * Minute);
        int[] numbers = [.. appliance.Broker.On(Appliance.Telemetry).Select(Number)];
        Assert.AreEqual(string.Join(' ', Enumerable.Range(1, numbers.Length)), string.Join(' ', numbers));
        Assert.IsTrue(numbers.Length >= 6, $"{numbers.Length}");
    }

    [TestMethod]
    public static void Clock_that_sntp_sets_after_a_cold_boot_does_not_move_the_intervals()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep, prepare: a => a.IsDateUnknown = true);
        appliance.PassAsleep(Minute);
        Assert.AreEqual(1970, appliance.Time.UtcNow.Year);
        appliance.PassAsleep(9 * Minute);
        int boots = appliance.Board.BootCount;
        appliance.Time.SetUtc(new DateTime(2026, 11, 28, 10, 0, 0, DateTimeKind.Utc));
        appliance.PassAsleep(60 * Minute);
        int woken = appliance.Board.BootCount - boots;
        Assert.IsTrue(woken is 12 or 13, $"{woken} boots in an hour");
    }

    [TestMethod]
    public static void Clock_that_is_set_back_a_little_does_not_make_the_next_wake_up_a_first_boot()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep);
        appliance.PassAsleep(65 * Minute, until: () => appliance.Broker.Connects.Count == 2);
        appliance.Time.SetUtc(appliance.Time.UtcNow.AddMinutes(-4));
        appliance.PassAsleep(Minute);
        appliance.Board.PressButton(Appliance.ButtonPin, 300);
        appliance.PassAsleep(2 * Minute);
        Assert.AreEqual(3, appliance.Broker.Connects.Count);
        Assert.AreEqual(1, appliance.FinalLines("connects: first boot").Length);
    }

    [TestMethod]
    public static void Power_cut_after_a_reading_in_the_window_does_not_give_its_number_to_another_one()
    {
        using Appliance appliance = Sleepy(SleepPolicy.Deep, c => (c.SleepSenseSeconds, c.SleepConnectSeconds, c.SleepListenSeconds) = (20, 20, 60));
        appliance.PassAsleep(Minute, until: () => appliance.Broker.On(Appliance.Telemetry).Length == 2);
        appliance.Board.CutPower();
        appliance.Board.Environment.TemperatureMilliC += 3000;
        appliance.Time.Advance(5000);
        appliance.Board.RestorePower();
        appliance.PassAsleep(Minute);
        string[] readings = appliance.Broker.On(Appliance.Telemetry);
        Assert.IsTrue(readings.Length > 3, string.Join('\n', readings));
        Assert.AreEqual(readings.Distinct().Count(), readings.Select(Number).Distinct().Count(), string.Join('\n', readings));
    }

    private static Appliance Sleepy(SleepPolicy policy, Action<DeviceConfiguration>? configure = null, Action<Appliance>? prepare = null) => new(
        configuration =>
        {
            configuration.SleepPolicy = policy;
            configuration.CoapEnabled = false;
            configure?.Invoke(configuration);
        },
        prepare);

    private static int Number(string payload) => (int)Field(payload, "n");

    private static long Time(string payload) => Field(payload, "time");

    private static long Field(string payload, string name)
    {
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(payload);
        return json.RootElement.TryGetProperty(name, out System.Text.Json.JsonElement value) ? value.GetInt64() : 0;
    }
}

// What the Thing tells by itself: events when something changes, readings on a schedule.

using System.Text.Json;
using Firmware.Protocols.Outbox;
using Firmware.Simulator.Board;
using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class ReportingTest
{
    private const int PeriodMs = 10_000;

    // 3.9 V through the divider and a 12-bit ADC
    private const string BatteryAlone = "{\"battery\":3.899}";
    private const string Normal = "{\"temperature\":21.5,\"humidity\":45,\"battery\":3.899}";

    [TestMethod]
    public static void Event_is_told_for_a_change_and_for_nothing_else()
    {
        using Appliance appliance = Online();
        appliance.Command("{\"led\":\"on\"}");
        appliance.Command("{\"led\":\"on\"}");
        appliance.Command("{\"light\":0}");
        appliance.Command("{\"light\":20}");
        appliance.Command("{\"led\":\"off\"}");
        Assert.AreEqual("{\"led\":\"on\"} {\"light\":20} {\"led\":\"off\"}", string.Join(' ', appliance.Broker.On(Events)));
        Assert.IsTrue(appliance.Broker.All.Where(m => m.Topic == Events).All(m => m.Qos == 1 && !m.Retain), "QoS 1, not retained");
    }

    [TestMethod]
    public static void Change_while_offline_is_told_after_the_next_connect()
    {
        using Appliance appliance = Online(c => c.ToasterOffWhenOffline = false);
        appliance.Command("{\"toaster\":\"on\",\"seconds\":5}");
        appliance.Connector.FailsWith = "no way";
        appliance.Broker.Drop();
        appliance.Time.Advance(8_000);
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        appliance.Connector.FailsWith = null;
        appliance.AwaitOnline();
        Assert.AreEqual("{\"toaster\":\"on\",\"seconds\":5} {\"toaster\":\"off\"}", string.Join(' ', appliance.Broker.On(Events)));
    }

    [TestMethod]
    public static void Doorbell_is_told_once_for_each_press_and_at_once()
    {
        using Appliance appliance = Online();
        for (int i = 0; i < 3; i++)
        {
            long pressed = appliance.Time.TotalMs;
            appliance.Board.PressButton(ButtonPin, 200);
            appliance.Pass(1_000);
            Heard[] rings = [.. appliance.Broker.All.Where(m => m.Topic == Events)];
            Assert.AreEqual(i + 1, rings.Length);
            Assert.AreEqual("{\"doorbell\":\"pressed\"}", rings[i].Payload);
            Assert.IsTrue(rings[i].AtMs - pressed <= 100, $"told after {rings[i].AtMs - pressed} ms");
        }

        Assert.AreEqual(3, appliance.FinalLines("doorbell pressed").Length);
    }

    [TestMethod]
    public static void Bouncing_contact_rings_once()
    {
        using Appliance appliance = Online();
        VirtualPin pin = appliance.Board.Pins[ButtonPin];
        for (int i = 0; i < 10; i++)
        {
            pin.Drive(false);
            appliance.Time.Advance(2);
            pin.Release();
            appliance.Time.Advance(1);
        }

        appliance.Board.PressButton(ButtonPin, 300);
        appliance.Pass(1_000);
        Assert.AreEqual(1, appliance.Broker.On(Events).Length);
    }

    [TestMethod]
    public static void Readings_come_on_schedule_and_do_not_drift()
    {
        using Appliance appliance = Online(c => c.TelemetrySeconds = PeriodMs / 1000);
        appliance.Time.Advance(30 * PeriodMs);
        Heard[] readings = [.. appliance.Broker.All.Where(m => m.Topic == Telemetry)];
        Assert.IsTrue(readings.Length is 30 or 31, $"{readings.Length} readings in 30 periods");
        for (int i = 1; i < readings.Length; i++)
        {
            // the schedule counts from boot, the sensor takes its time, the loop turns every 20 ms at the latest
            long late = readings[i].AtMs - (i * PeriodMs);
            Assert.IsTrue(late is >= 0 and <= 60, $"reading {i} is {late} ms late");
            Assert.AreEqual(Normal, readings[i].Payload);
        }
    }

    [TestMethod]
    public static void Readings_follow_the_room()
    {
        using Appliance appliance = Online(c => c.TelemetrySeconds = PeriodMs / 1000);
        appliance.Board.Environment.TemperatureMilliC = -5_250;
        appliance.Board.Environment.HumidityMilliPercent = 99_900;
        appliance.Board.Environment.BatteryMilliVolts = 3_000;
        appliance.Time.Advance(PeriodMs);
        string last = appliance.Broker.On(Telemetry)[^1];
        Assert.Contains("\"humidity\":99.9,\"battery\":", last);
        using JsonDocument reading = JsonDocument.Parse(last);
        Assert.IsTrue(Math.Abs(reading.RootElement.GetProperty("temperature").GetDouble() + 5.25) <= 0.06, last);
        Assert.IsTrue(Math.Abs(reading.RootElement.GetProperty("battery").GetDouble() - 3.0) <= 0.002, last);
    }

    [TestMethod]
    public static void Missing_sensor_is_one_warning_and_the_rest_goes_on()
    {
        using Appliance appliance = Online(c => c.TelemetrySeconds = PeriodMs / 1000);
        appliance.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.Missing);
        appliance.Time.Advance(5 * PeriodMs);
        string[] readings = appliance.Broker.On(Telemetry);
        Assert.IsTrue(readings.Length >= 5, $"{readings.Length} readings");
        Assert.AreEqual(BatteryAlone, readings[^1], "an old temperature is not told as a new one");
        appliance.Command("{\"led\":\"on\"}");
        Assert.IsTrue(appliance.IsHigh(LedPin));
        appliance.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.None);
        appliance.Time.Advance(PeriodMs);
        Assert.AreEqual(Normal, appliance.Broker.On(Telemetry)[^1]);
        Assert.AreEqual(1, appliance.FinalLines("! no temperature: the SHT3x").Length);
        Assert.AreEqual(1, appliance.FinalLines("the SHT3x answers again").Length);
    }

    [TestMethod]
    public static void Sensor_that_is_missing_from_boot_on_does_not_keep_the_board_offline()
    {
        using Appliance appliance = new(
            c => c.TelemetrySeconds = PeriodMs / 1000,
            a => a.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.Missing));
        appliance.AwaitOnline();
        appliance.Time.Advance(PeriodMs);
        Assert.AreEqual(BatteryAlone, appliance.Broker.On(Telemetry)[^1]);
    }

    [TestMethod]
    [DataRow(OutboxPolicy.NewestOnly)]
    [DataRow(OutboxPolicy.DropOldest)]
    public static void Readings_of_a_time_offline_are_told_as_the_policy_says_and_the_schedule_goes_on(OutboxPolicy policy)
    {
        using Appliance appliance = Online(c =>
        {
            c.TelemetrySeconds = PeriodMs / 1000;
            c.TelemetryPolicy = policy;
        });
        appliance.Connector.FailsWith = "no way";
        appliance.Broker.Drop();
        int before = appliance.Broker.On(Telemetry).Length;
        for (int i = 0; i < 200; i++)
        {
            appliance.Board.Environment.BatteryMilliVolts = 3_000 + (4 * i);
            appliance.Time.Advance(PeriodMs);
        }

        appliance.Connector.FailsWith = null;
        appliance.AwaitOnline();
        appliance.Time.Advance(4_000);
        string[] late = appliance.Broker.On(Telemetry)[before..];
        int[] millivolts = [.. late.Select(text => (int)Math.Round(JsonDocument.Parse(text).RootElement.GetProperty("battery").GetDouble() * 1000))];
        CollectionAssert.AreEqual(millivolts.Order().ToArray(), millivolts, "in the order in which they were taken");
        Assert.IsTrue(millivolts[^1] >= 3_000 + (4 * 199) - 5, "the newest is there");
        Assert.IsTrue(policy == OutboxPolicy.NewestOnly ? late.Length <= 2 : late.Length > 20, $"{late.Length} of 200 readings");
        int told = appliance.Broker.On(Telemetry).Length;
        appliance.Time.Advance(2 * PeriodMs);
        Assert.AreEqual(2, appliance.Broker.On(Telemetry).Length - told, "the schedule goes on");
    }
}

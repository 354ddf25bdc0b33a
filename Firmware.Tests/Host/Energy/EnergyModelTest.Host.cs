// The energy model's arithmetic, against cases that were computed by hand, and what must hold whatever the constants are.

using System.Globalization;
using Firmware.Simulator.Energy;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EnergyTests;

/// <summary>Tests of EnergyModel, EnergyDesigns and EnergyConstants.</summary>
[TestClass]
public static class EnergyModelTest
{
    private static readonly Exchange One = new("one", 100, 50, 1, 1, 1, 120);
    private static readonly EnergyTraffic Traffic = new(new Exchange("tls", 900, 800, 2, 2, 2, 0), One, One, One, One, One, One, new Exchange("coap", 90, 0, 1, 0, 0, 90, Exchange.UdpHeader), One);

    [TestMethod]
    public static void Phase_is_current_times_time_and_transmitting_has_a_current_of_its_own()
    {
        // 90 ms at 100 mA and 10 ms at 240 mA: 9 + 2.4 mC
        Near(11.4, new WakePhase("x", 100, 100, 10, 240).Millicoulombs);
        Near(34.2, new WakePhase("x", 100, 100, 10, 240).Times(3).Millicoulombs);
    }

    [TestMethod]
    public static void Cycle_and_battery_as_by_hand()
    {
        // 2 s at 50 mA = 100 mC, 98 s at 0.5 mA = 49 mC: 149 mC in 100 s = 1.49 mA; 1,490 mAh last 1,000 h
        EnergyCycle cycle = new("x", 100, [new WakePhase("a", 1500, 50), new WakePhase("b", 500, 50)], 0.5, "sleep");
        Near(100, cycle.AwakeMillicoulombs);
        Near(49, cycle.RestMillicoulombs);
        Near(75, cycle.Of("a"));
        Near(1.49, cycle.AverageMilliamperes);
        Near(1000 / 24.0, new EnergyBattery(1490).Days(cycle.AverageMilliamperes));

        // 80 % of it, and 10 % of 1,490 mAh lost in 730.5 h: 0.204 mA more
        Near(1490 * 0.8 / (1.49 + (149 / 730.5)) / 24, new EnergyBattery(1490, 80, 10).Days(1.49));
    }

    [TestMethod]
    public static void Lectures_wakes_give_the_lectures_days()
    {
        EnergyBattery battery = new(2000);
        Assert.AreEqual("224", battery.Days((108.6 / 300) + 0.010).ToString("F0", CultureInfo.InvariantCulture));
        Assert.AreEqual("73", battery.Days((341.0 / 300) + 0.010).ToString("F0", CultureInfo.InvariantCulture));

        // the model's own wakes: the first is the calibration, the second a check of it
        EnergyDesigns designs = new(EnergyConstants.Default, Traffic);
        Near(774, designs.LectureMqtt().AwakeMs);
        Assert.IsTrue(Math.Abs(designs.LectureMqtt().AwakeMillicoulombs - 108.6) < 0.02 * 108.6, $"{designs.LectureMqtt().AwakeMillicoulombs}");
        Assert.IsTrue(Math.Abs(designs.LectureHttp().AwakeMillicoulombs - 341) < 0.1 * 341, $"{designs.LectureHttp().AwakeMillicoulombs}");
    }

    [TestMethod]
    public static void Exchange_counts_headers_and_time_on_the_air()
    {
        Assert.AreEqual(230, One.OnTheWire);
        Assert.AreEqual(118, Traffic.Coap.OnTheWire);

        // 0.5 ms and 140 bytes at 1 Mbit/s
        Near(0.5 + 1.12, One.TransmitMs(EnergyConstants.Default));
    }

    [TestMethod]
    [DataRow("MQTT")]
    [DataRow("batched")]
    [DataRow("kept connected")]
    [DataRow("CoAP")]
    [DataRow("HTTPS")]
    [DataRow("lecture")]
    public static void Longer_period_never_costs_more(string design)
    {
        EnergyDesigns designs = new(EnergyConstants.Default, Traffic);
        double before = double.MaxValue;
        foreach (int seconds in new[] { 10, 20, 60, 120, 300, 600, 1800, 3600, 7200, 86_400 })
        {
            EnergyCycle cycle = design switch
            {
                "MQTT" => designs.Mqtt(design, seconds, Counts(1)),
                "batched" => designs.Mqtt(design, seconds * 12, Counts(12)),
                "kept connected" => designs.KeptConnected(seconds),
                "CoAP" => designs.Coap(seconds, Counts(1)),
                "HTTPS" => designs.Https(seconds, Counts(1)),
                _ => designs.LectureBatched(new EnergySchedule(seconds, seconds * 12, 0), 16),
            };
            Assert.IsTrue(cycle.AverageMilliamperes <= before + 1e-9, $"{seconds} s: {cycle.AverageMilliamperes} mA after {before}");
            before = cycle.AverageMilliamperes;
        }
    }

    [TestMethod]
    public static void More_readings_for_each_connection_never_cost_more()
    {
        EnergyDesigns designs = new(EnergyConstants.Default, Traffic);
        double before = double.MaxValue;
        for (int readings = 1; readings <= 48; readings++)
        {
            double average = designs.Mqtt("x", 300 * readings, Counts(readings)).AverageMilliamperes;
            Assert.IsTrue(average <= before, $"{readings}: {average} mA after {before}");
            before = average;
        }
    }

    [TestMethod]
    public static void Board_that_is_awake_longer_than_its_period_is_awake_always()
    {
        EnergyCycle cycle = new("x", 1, [new WakePhase("a", 4000, 50)], 0.01, "sleep");
        Near(50, cycle.AverageMilliamperes);
        Near(0, cycle.RestMillicoulombs);
    }

    [TestMethod]
    public static void Constant_is_replaced_and_says_so()
    {
        EnergyConstants constants = EnergyConstants.Default.With("dhcpMs=0").With("sleepUa=7.5");
        Near(0, constants["dhcpMs"]);
        Near(7.5, constants["sleepUa"]);
        Near(1700, EnergyConstants.Default["dhcpMs"]);
        Assert.IsTrue(constants.All.Single(c => c.Name == "dhcpMs").Source.StartsWith("--set", StringComparison.Ordinal));
        foreach (string wrong in new[] { "", "dhcpMs", "dhcpMs=", "dhcpMs=-1", "dhcpMs=NaN", "dhcpMs=1=2", "nothing=1", "airKbitPerSecond=0" })
        {
            Assert.ThrowsException(typeof(FormatException), () => EnergyConstants.Default.With(wrong));
        }
    }

    private static BoardCounts Counts(int readings) => new(readings, readings, 24, 16, 120, 60, 5000, 40, 5);

    private static void Near(double expected, double found) =>
        Assert.IsTrue(Math.Abs(expected - found) <= 1e-9 * Math.Max(1, Math.Abs(expected)), string.Create(CultureInfo.InvariantCulture, $"{expected} expected, {found} found"));
}

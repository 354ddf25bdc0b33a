// The status LED: what its pin does while the application connects, is online, fails, sleeps and stops.

using Firmware.Drivers;
using Firmware.Settings;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class StatusLightTest
{
    private const int Gpio = 16;

    // the loop wakes up at the deadline; the clock of the test moves in steps of this
    private const int GrainMs = 10;

    [TestMethod]
    public static void Two_blinks_a_second_while_connecting()
    {
        using Appliance appliance = new(With, a => a.Connector.Hangs = true);
        Assert.IsTrue(appliance.IsHigh(Gpio), "lit from the start on");
        long[] rises = Watch(appliance, 3_000);
        Assert.AreEqual("500 500 500 500 500", Gaps(rises));
    }

    [TestMethod]
    public static void Short_flash_every_three_seconds_while_online()
    {
        using Appliance appliance = Online(With);
        long from = appliance.Time.TotalMs;
        long[] rises = Watch(appliance, 12_000);
        Assert.AreEqual("3000 3000 3000", Gaps(rises));
        foreach (long fall in appliance.TimesOf(Gpio, false).Where(t => t > rises[0] && t >= from))
        {
            Assert.AreEqual(50L, fall - rises.Last(r => r < fall));
        }
    }

    [TestMethod]
    public static void One_blink_every_two_seconds_while_it_waits_for_the_next_attempt()
    {
        using Appliance appliance = new(With, a => a.Connector.FailsWith = "no way");

        // until the backoff is long enough to count in
        for (int passed = 0; passed < 900_000; passed += 1_000)
        {
            Pass(appliance, 1_000);
            int attempts = appliance.Connector.Attempts.Count;
            if (attempts < 5 || appliance.Time.TotalMs - appliance.Connector.Attempts[^1] < 1_000)
            {
                continue;
            }

            long[] rises = Watch(appliance, 9_000);
            if (appliance.Connector.Attempts.Count == attempts)
            {
                Assert.AreEqual("2000 2000 2000", Gaps(rises[..4]));
                return;
            }
        }

        Assert.IsTrue(false, "no wait was long enough");
    }

    [TestMethod]
    [DataRow(Sht3x.DefaultAddress, "500 2000 500 2000 500")]
    [DataRow(Bmp280.DefaultAddress, "500 500 2000 500 500")]
    public static void Sensor_that_fails_has_a_number(int address, string gaps)
    {
        using Appliance appliance = Online(c =>
        {
            With(c);
            c.HasBmp280 = true;
            c.TelemetrySeconds = 20;
        });
        appliance.Board.I2c.SetFault(address, I2cFault.Missing);
        Pass(appliance, 20_000);
        long[] rises = Watch(appliance, 12_000);

        // counted from the first blink after a pause
        int first = 1;
        while (rises[first] - rises[first - 1] < 1_500)
        {
            first++;
        }

        Assert.AreEqual(gaps, Gaps(rises[first..(first + gaps.Split(' ').Length + 1)]));

        appliance.Board.I2c.SetFault(address, I2cFault.None);
        Pass(appliance, 30_000);
        Assert.AreEqual("3000 3000", Gaps(Watch(appliance, 9_000)));
    }

    [TestMethod]
    [DataRow(SleepPolicy.Deep)]
    [DataRow(SleepPolicy.Light)]
    public static void Sleeping_board_is_dark(SleepPolicy policy)
    {
        using Appliance appliance = new(c =>
        {
            With(c);
            c.SleepPolicy = policy;
        });
        appliance.PassAsleep(600_000, () => appliance.Board.State == BoardState.DeepSleep || appliance.Board.IsInLightSleep);
        Assert.IsTrue(appliance.Board.State == BoardState.DeepSleep || appliance.Board.IsInLightSleep, "it sleeps");
        Assert.IsTrue(appliance.TimesOf(Gpio, true).Length > 0, "it was lit before");
        Assert.IsFalse(appliance.IsHigh(Gpio));
    }

    [TestMethod]
    public static void Board_without_one_leaves_the_pins_alone()
    {
        using Appliance appliance = Online();
        appliance.Time.Advance(10_000);
        Assert.AreEqual(0, appliance.TimesOf(Gpio, true).Length);
    }

    private static void With(DeviceConfiguration c) => c.StatusLedPin = Gpio;

    // the times at which it is lit from now on
    private static long[] Watch(Appliance appliance, int ms)
    {
        long from = appliance.Time.TotalMs;
        Pass(appliance, ms);
        return [.. appliance.TimesOf(Gpio, true).Where(t => t > from)];
    }

    private static void Pass(Appliance appliance, int ms)
    {
        for (int passed = 0; passed < ms; passed += GrainMs)
        {
            appliance.Time.Advance(GrainMs);
        }
    }

    private static string Gaps(long[] times) => string.Join(' ', times.Zip(times.Skip(1), (a, b) => b - a));
}

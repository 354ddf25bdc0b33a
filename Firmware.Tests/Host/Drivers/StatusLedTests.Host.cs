// StatusLed on a virtual pin, driven as the loop drives it, in virtual time. The codes themselves are tested in Firmware.Tests/Drivers.

using Firmware.Drivers;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class StatusLedTests
{
    private const int Gpio = 2;

    [DataRow(false)]
    [DataRow(true)]
    public static void Is_dark_at_construction_and_needs_no_poll(bool activeLow) => OnBoard.Run((board, _) =>
    {
        StatusLed led = new(OnBoard.Open(Gpio), activeLow);
        Assert.IsFalse(led.IsLit);
        Assert.AreEqual((int)StatusLedState.Off, (int)led.State);
        Assert.AreEqual(activeLow, board.Pins[Gpio].Level);
        Assert.AreEqual(long.MaxValue, led.NextDeadlineMs);
    });

    [DataRow(false)]
    [DataRow(true)]
    public static void The_pin_follows_a_start_an_error_and_sleep(bool activeLow) => OnBoard.Run((board, time) =>
    {
        StatusLed led = new(OnBoard.Open(Gpio), activeLow);
        List<string> changes = [];
        long began = time.TotalMs;
        board.Pins[Gpio].Changed += (_, change) => changes.Add($"{(change.Level != activeLow ? '+' : '-')}{time.TotalMs - began}");
        Assert.IsTrue(led.Show(StatusLedState.Booting, time.TotalMs));
        RunUntil(led, time, began + 1000);
        Assert.IsTrue(led.Show(StatusLedState.Connecting, time.TotalMs));
        RunUntil(led, time, began + 2100);
        Assert.IsTrue(led.ShowError(2, time.TotalMs));
        Assert.AreEqual(2, led.ErrorNumber);
        RunUntil(led, time, began + 5000);
        Assert.IsTrue(led.Show(StatusLedState.Online, time.TotalMs));
        Assert.AreEqual(0, led.ErrorNumber);
        RunUntil(led, time, began + 8100);
        Assert.IsTrue(led.Show(StatusLedState.Sleeping, time.TotalMs));
        RunUntil(led, time, began + 18_110);
        Assert.IsTrue(led.Show(StatusLedState.Off, time.TotalMs));
        RunUntil(led, time, began + 60_000);
        Assert.AreEqual(
            "+0 -1250 +1500 -1750 +2000 -2100 +3600 -3800 +4100 -4300 +5000 -5050 +8000 -8050 +8100 -8120 +18100 -18110",
            string.Join(' ', changes));
    });

    [TestMethod]
    public static void A_day_of_a_loop_that_comes_late_does_not_drift() => OnBoard.Run((board, time) =>
    {
        StatusLed led = new(OnBoard.Open(Gpio));
        long began = time.TotalMs;
        long lastFlash = 0;
        int flashes = 0;
        board.Pins[Gpio].Changed += (_, change) =>
        {
            if (change.Level)
            {
                flashes++;
                lastFlash = time.TotalMs - began;
            }
        };
        Random random = new(5);
        led.Show(StatusLedState.Online, began);
        while (time.TotalMs - began < 86_400_000)
        {
            // late by less than a flash, so none is skipped
            time.Advance(led.NextDeadlineMs - time.TotalMs + random.Next(50));
            led.Poll(time.TotalMs);
        }

        Assert.AreEqual(86_400 / 3, flashes - 1);
        Assert.IsTrue(lastFlash is >= 86_400_000 and < 86_400_050, $"{lastFlash}");
    });

    [TestMethod]
    public static void Nothing_is_written_or_allocated_between_deadlines() => OnBoard.Run((board, time) =>
    {
        StatusLed led = new(OnBoard.Open(Gpio));
        led.ShowError(3, time.TotalMs);
        int changes = 0;
        board.Pins[Gpio].Changed += (_, _) => changes++;
        led.Poll(time.TotalMs);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            led.Poll(time.TotalMs + (i % 1500));
            led.ShowError(3, time.TotalMs + (i % 1500));
        }

        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(0, changes);
        Assert.AreEqual(0, board.Pins[Gpio].ReadCount);
    });

    // As the loop does: polls, then waits for the deadline, 250 ms at most.
    private static void RunUntil(StatusLed led, ManualBoardTime time, long untilMs)
    {
        while (time.TotalMs < untilMs)
        {
            led.Poll(time.TotalMs);
            time.Advance(Math.Min(Math.Min(led.NextDeadlineMs, time.TotalMs + 250), untilMs) - time.TotalMs);
        }

        led.Poll(time.TotalMs);
    }
}

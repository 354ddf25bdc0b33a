// Sleep, wake-up and the two clocks.

using System.Device.Gpio;
using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;
using nanoFramework.Runtime.Native;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Sleep tests.</summary>
[TestClass]
public static class SleepTests
{
    private const int Led = 2;
    private const int Button = 4;

    [TestMethod]
    public static void Deep_sleep_ends_the_boot_and_the_timer_starts_it_again()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            Assert.AreEqual((int)Sleep.WakeupCause.Undefined, (int)Sleep.GetWakeupCause());
            Rtc.SetSystemTime(new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            new GpioController().OpenPin(Led, PinMode.Output).Write(PinValue.High);
            Assert.AreEqual((int)EspNativeError.OK, (int)Sleep.EnableWakeupByTimer(TimeSpan.FromMinutes(10)));
        });
        FallAsleep(bench);
        Assert.AreEqual((int)BoardState.DeepSleep, (int)bench.Board.State);
        Assert.IsFalse(bench.Board.Pins[Led].Level);
        bench.Time.Advance(599_999);
        Assert.AreEqual((int)BoardState.DeepSleep, (int)bench.Board.State);
        bench.Time.Advance(1);
        bench.Run(() =>
        {
            Assert.AreEqual((int)Sleep.WakeupCause.Timer, (int)Sleep.GetWakeupCause());
            Assert.AreEqual(0L, bench.Board.Time.UptimeMs);
            Assert.AreEqual(new DateTime(2030, 1, 1, 0, 10, 0), bench.Board.Time.UtcNow);
        });
    }

    [TestMethod]
    public static void A_button_wakes_by_ext0()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            new GpioController().OpenPin(Button, PinMode.InputPullUp);
            Assert.AreEqual((int)EspNativeError.OK, (int)Sleep.EnableWakeupByPin(Sleep.WakeupGpioPin.Pin4, 0));
            Assert.AreEqual((int)EspNativeError.INVALID_ARG, (int)Sleep.EnableWakeupByPin(Sleep.WakeupGpioPin.Pin5, 0));
        });
        FallAsleep(bench);
        bench.Time.Advance(1000);
        Assert.AreEqual((int)BoardState.DeepSleep, (int)bench.Board.State);
        bench.Board.PressButton(Button, 100);
        bench.Run(() =>
        {
            Assert.AreEqual((int)Sleep.WakeupCause.Ext0, (int)Sleep.GetWakeupCause());
            Assert.AreEqual(0UL, (ulong)Sleep.GetWakeupGpioPin());
        });
    }

    [TestMethod]
    public static void Any_of_several_pins_wakes_by_ext1_and_is_named()
    {
        using Bench bench = new();
        bench.Run(() => Sleep.EnableWakeupByMultiPins(Sleep.WakeupGpioPin.Pin32 | Sleep.WakeupGpioPin.Pin33, Sleep.WakeupMode.AnyHigh));
        FallAsleep(bench);
        bench.Board.Pins[33].Drive(true);
        bench.Run(() =>
        {
            Assert.AreEqual((int)Sleep.WakeupCause.Ext1, (int)Sleep.GetWakeupCause());
            Assert.AreEqual((ulong)Sleep.WakeupGpioPin.Pin33, (ulong)Sleep.GetWakeupGpioPin());
        });
    }

    [TestMethod]
    public static void A_sleeping_board_can_be_reset_and_switched_off()
    {
        using Bench bench = new();
        bench.Run(() => Sleep.EnableWakeupByTimer(TimeSpan.FromSeconds(1)));
        FallAsleep(bench);
        bench.Board.Reset();
        bench.Run(() =>
        {
            Assert.AreEqual((int)Sleep.WakeupCause.Undefined, (int)Sleep.GetWakeupCause());
            Sleep.EnableWakeupByTimer(TimeSpan.FromSeconds(1));
        });
        FallAsleep(bench);
        bench.Board.CutPower();
        bench.Time.Advance(5000);
        Assert.AreEqual((int)BoardState.Off, (int)bench.Board.State);
    }

    [TestMethod]
    public static void Light_sleep_blocks_until_the_timer_and_keeps_the_pins()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            new GpioController().OpenPin(Led, PinMode.Output).Write(PinValue.High);
            Sleep.EnableWakeupByTimer(TimeSpan.FromSeconds(30));
        });
        Task sleeping = bench.Begin(() =>
        {
            Assert.AreEqual((int)EspNativeError.OK, (int)Sleep.StartLightSleep());
            Assert.AreEqual((int)Sleep.WakeupCause.Timer, (int)Sleep.GetWakeupCause());
            Assert.AreEqual(30_000L, bench.Board.Time.UptimeMs);
        });
        Assert.IsTrue(bench.Time.AwaitWaiters(1));
        bench.Time.Advance(30_000);
        Bench.Await(sleeping);
        Assert.IsTrue(bench.Board.Pins[Led].Level);
        Assert.AreEqual(1, bench.Board.BootCount);
    }

    private static void FallAsleep(Bench bench)
    {
        Task task = bench.Begin(Sleep.StartDeepSleep);
        Assert.ThrowsException(typeof(BoardPoweredOffException), () => Bench.Await(task));
    }
}

/// <summary>Clock tests.</summary>
[TestClass]
public static class BoardTimeTests
{
    [TestMethod]
    public static void A_loop_on_the_manual_clock_gets_all_its_rounds()
    {
        using Bench bench = new();
        List<long> rounds = [];
        Task loop = bench.Begin(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                bench.Time.Sleep(20);
                rounds.Add(bench.Board.Time.UptimeMs);
            }
        });
        Assert.IsTrue(bench.Time.AwaitWaiters(1));
        bench.Time.Advance(1000);
        Bench.Await(loop);
        Assert.AreEqual(50, rounds.Count);
        Assert.AreEqual(20L, rounds[0]);
        Assert.AreEqual(1000L, rounds[49]);
    }

    [TestMethod]
    public static void Waiting_ends_with_the_signal_or_the_time()
    {
        using Bench bench = new();
        using ManualResetEvent signal = new(true);
        bench.Run(() => Assert.IsTrue(bench.Time.Wait(signal, 1000)));
        signal.Reset();
        bench.Run(() => Assert.IsFalse(bench.Time.Wait(signal, 0)));
        bool? signalled = null;
        Thread waiter = new(() => signalled = bench.Time.Wait(signal, 1000));
        waiter.Start();
        Assert.IsTrue(bench.Time.AwaitWaiters(2));
        bench.Time.Advance(999);
        Assert.IsNull(signalled);
        bench.Time.Advance(1);
        Assert.IsTrue(waiter.Join(5000));
        Assert.IsFalse(signalled!.Value);
    }

    [TestMethod]
    public static void The_real_clock_runs_at_its_scale_and_never_wakes_early()
    {
        RealBoardTime time = new(scale: 1000);
        long before = time.TotalMs;
        time.Sleep(20_000);
        Assert.IsTrue(time.TotalMs - before >= 20_000);
        using ManualResetEvent rang = new(false);
        before = time.TotalMs;
        using IDisposable alarm = time.After(10_000, () => rang.Set());
        Assert.IsTrue(time.Wait(rang, 10_000_000));
        Assert.IsTrue(time.TotalMs - before >= 10_000);
    }

    [TestMethod]
    public static void The_real_clock_lets_go_of_sleepers_when_the_power_goes()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"board-{Guid.NewGuid():N}");
        VirtualBoard board = new("real", folder, new RealBoardTime());
        Exception? ended = null;
        using ManualResetEvent running = new(false);
        board.Start(() =>
        {
            try
            {
                running.Set();
                board.Time.Sleep(Timeout.Infinite);
            }
            catch (BoardPoweredOffException e)
            {
                ended = e;
                throw;
            }
        });
        running.WaitOne();
        board.CutPower();
        Assert.IsTrue(Bench.Until(() => ended is not null));
        Directory.Delete(folder, recursive: true);
    }
}

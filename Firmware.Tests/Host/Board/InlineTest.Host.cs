// The board without threads: its clock, its boots, and what a deep-sleep boot costs.

using System.Device.Gpio;
using System.Diagnostics;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;
using nanoFramework.Runtime.Native;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Tests of InlineBoardTime and RunHere.</summary>
[TestClass]
public static class InlineTests
{
    private const int Led = 2;
    private const int Button = 0;
    private const int MinuteMs = 60_000;

    [TestMethod]
    public static void A_wait_runs_what_is_scheduled_in_order_and_ends_at_its_signal()
    {
        InlineBoardTime time = new();
        using AutoResetEvent signal = new(false);
        string order = "";
        time.After(30, () => order += $"c{time.TotalMs} ");
        time.After(10, () => order += $"a{time.TotalMs} ");
        time.After(10, () => time.After(5, () => order += $"b{time.TotalMs} "));
        time.After(20, () => order += "never ").Dispose();
        time.After(30, () => signal.Set());
        time.After(30, () => order += "late ");

        Assert.IsTrue(time.Wait(signal, 1000));
        Assert.AreEqual("a10 b15 c30 ", order);
        Assert.AreEqual(30L, time.TotalMs);
        Assert.IsFalse(time.Wait(signal, 70));
        Assert.AreEqual("a10 b15 c30 late ", order);
        Assert.AreEqual(100L, time.TotalMs);
    }

    [TestMethod]
    public static void A_wait_of_0_runs_what_is_due_and_moves_nothing()
    {
        InlineBoardTime time = new();
        using AutoResetEvent signal = new(true);
        Assert.IsTrue(time.Wait(signal, 0));
        Assert.IsFalse(time.Wait(signal, 0));
        time.After(0, () => signal.Set());
        Assert.IsTrue(time.Wait(signal, 0));
        Assert.AreEqual(0L, time.TotalMs);
    }

    [TestMethod]
    public static void A_wait_that_cannot_end_and_an_action_that_waits_are_told_so()
    {
        InlineBoardTime time = new();
        using AutoResetEvent signal = new(false);
        Assert.ThrowsException(typeof(InvalidOperationException), () => time.Wait(signal, Timeout.Infinite));
        time.After(1, () => time.Sleep(1));
        Assert.ThrowsException(typeof(InvalidOperationException), () => time.Sleep(10));
        time.Sleep(10);
    }

    [TestMethod]
    public static void The_clock_goes_from_action_to_action_while_no_board_runs()
    {
        InlineBoardTime time = new();
        time.After(1000, () => { });
        Assert.IsTrue(time.RunNext(5000));
        Assert.AreEqual(1000L, time.TotalMs);
        Assert.IsFalse(time.RunNext(5000));
        Assert.AreEqual(5000L, time.TotalMs);
        Assert.IsFalse(time.RunNext(long.MaxValue));
        Assert.AreEqual(5000L, time.TotalMs);
    }

    [TestMethod]
    public static void Deep_sleep_boots_again_on_the_callers_thread_until_the_end()
    {
        (VirtualBoard board, InlineBoardTime time) = Make();
        List<(long AtMs, long UptimeMs, Sleep.WakeupCause Cause)> boots = [];
        int caller = System.Environment.CurrentManagedThreadId;
        board.Start(() =>
        {
            Assert.AreEqual(caller, System.Environment.CurrentManagedThreadId);
            boots.Add((time.TotalMs, time.UptimeMs, Sleep.GetWakeupCause()));
            time.Sleep(100);
            Sleep.EnableWakeupByTimer(TimeSpan.FromMinutes(5));
            Sleep.StartDeepSleep();
        });
        board.RunHere(16 * MinuteMs);

        Assert.AreEqual(16L * MinuteMs, time.TotalMs);
        Assert.AreEqual(BoardState.DeepSleep, board.State);
        CollectionAssert.AreEqual(new long[] { 0, 300_100, 600_200, 900_300 }, boots.Select(b => b.AtMs).ToArray());
        Assert.IsTrue(boots.All(b => b.UptimeMs == 0));
        CollectionAssert.AreEqual(
            new[] { Sleep.WakeupCause.Undefined, Sleep.WakeupCause.Timer, Sleep.WakeupCause.Timer, Sleep.WakeupCause.Timer }, boots.Select(b => b.Cause).ToArray());
        board.RunHere(21 * MinuteMs);
        Assert.AreEqual(5, boots.Count);
        Assert.IsNull(VirtualBoard.OfThisThread);
    }

    [TestMethod]
    public static void A_power_cut_unwinds_main_and_the_board_stays_off_until_the_power_is_back()
    {
        (VirtualBoard board, InlineBoardTime time) = Make();
        List<long> boots = [];
        bool unwound = false;
        bool wentOn = false;
        board.Start(() =>
        {
            boots.Add(time.TotalMs);
            GpioPin led = new GpioController().OpenPin(Led, PinMode.Output);
            led.Write(PinValue.High);
            try
            {
                time.Sleep(MinuteMs);
                wentOn = boots.Count == 1;
            }
            catch (BoardPoweredOffException e) when (e.Reason == PowerOffReason.PowerCut)
            {
                unwound = true;
                throw;
            }

            time.Sleep(Timeout.Infinite);
        });
        time.After(10_000, board.CutPower);
        time.After(11_000, () => Assert.IsFalse(board.Pins[Led].Level));
        time.After(30_000, board.RestorePower);
        board.RunHere(20_000);
        Assert.IsTrue(unwound);
        Assert.AreEqual(BoardState.Off, board.State);
        board.RunHere(2 * MinuteMs);
        Assert.IsFalse(wentOn);
        CollectionAssert.AreEqual(new long[] { 0, 30_000 }, boots.ToArray());
        Assert.AreEqual(BoardState.Off, board.State, "what still runs at the end is stopped");
        Assert.AreEqual(2L * MinuteMs, time.TotalMs);
    }

    [TestMethod]
    public static void A_power_cut_at_a_hardware_access_and_a_reset_unwind_main_as_well()
    {
        (VirtualBoard board, InlineBoardTime time) = Make();
        int boots = 0;
        int after = 0;
        board.PinChanged += (_, change) =>
        {
            if (change.Level && boots == 1)
            {
                board.Reset();
            }
            else if (change.Level)
            {
                board.CutPower();
            }
        };
        board.Start(() =>
        {
            boots++;
            GpioPin led = new GpioController().OpenPin(Led, PinMode.Output);
            led.Write(PinValue.High);
            led.Write(PinValue.Low);
            after++;
        });
        board.RunHere(1000);
        Assert.AreEqual(2, boots);
        Assert.AreEqual(0, after);
        Assert.AreEqual(BoardState.Off, board.State);
        Assert.AreEqual(1000L, time.TotalMs);
    }

    [TestMethod]
    public static void Pin_events_are_delivered_in_the_next_wait_and_a_pin_wakes_from_both_sleeps()
    {
        (VirtualBoard board, InlineBoardTime time) = Make();
        string log = "";
        board.Start(() =>
        {
            GpioPin button = new GpioController().OpenPin(Button, PinMode.InputPullUp);
            button.ValueChanged += (_, e) => log += $"{e.ChangeType}@{time.TotalMs} {VirtualBoard.Current.Name} ";
            Sleep.EnableWakeupByPin(Sleep.WakeupGpioPin.Pin0, 0);
            if (Sleep.GetWakeupCause() == Sleep.WakeupCause.Undefined)
            {
                time.Sleep(1000);
                Sleep.StartLightSleep();
                log += $"light {Sleep.GetWakeupCause()}@{time.TotalMs} ";
                time.Sleep(1000);
                Sleep.StartDeepSleep();
            }

            log += $"deep {Sleep.GetWakeupCause()}@{time.TotalMs}";
            Power.RebootDevice();
        });
        time.After(500, () => board.PressButton(Button, 100));
        time.After(5000, () => board.PressButton(Button, 100));
        time.After(9000, () => board.PressButton(Button, 100));
        time.After(9050, board.CutPower);
        board.RunHere(10_000);
        Assert.AreEqual("Falling@500 bench Rising@600 bench Falling@5000 bench light Ext0@5000 Rising@5100 bench deep Ext0@9000", log);
        Assert.AreEqual(3, board.BootCount, "the reboot, too");
    }

    [TestMethod]
    public static void What_ends_main_and_what_it_prints_is_told_at_once()
    {
        (VirtualBoard board, InlineBoardTime _) = Make();
        BoardConsole.Install();
        List<string> lines = [];
        Exception? died = null;
        board.ConsoleLine += lines.Add;
        board.UnhandledException += e => died = e;
        board.Start(() =>
        {
            Console.WriteLine("hello");
            throw new InvalidOperationException("no");
        });
        board.RunHere(1000);
        Assert.AreEqual("no", died?.Message);
        Assert.AreEqual("hello", lines[0]);
        Assert.AreEqual(BoardState.Halted, board.State);
        Assert.ThrowsException(typeof(InvalidOperationException), () => new VirtualBoard("threads", Path.GetTempPath()).RunHere(1));
    }

    [TestMethod]
    public static void A_deep_sleep_boot_of_the_whole_board_costs_microseconds()
    {
        (VirtualBoard board, InlineBoardTime time) = Make();
        board.I2c.Attach(VirtualSht3x.DefaultAddress, new VirtualSht3x(board));
        DeviceConfiguration configuration = ConfigurationReader.Parse("device.json", """{"thing":"t","endpoint":"e"}"""u8.ToArray());
        board.Start(() =>
        {
            _ = new Firmware.Board(configuration);
            time.Sleep(100);
            Sleep.EnableWakeupByTimer(TimeSpan.FromMinutes(5));
            Sleep.StartDeepSleep();
        });
        const int Day = 24 * 60 * MinuteMs;
        board.RunHere(7L * Day);
        int warm = board.BootCount;
        long bytes = System.GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        board.RunHere(37L * Day);
        double microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds / (board.BootCount - warm);
        bytes = (System.GC.GetAllocatedBytesForCurrentThread() - bytes) / (board.BootCount - warm);
        OutputHelper.WriteLine($"{board.BootCount - warm} deep-sleep boots, {microseconds:F1} us and {bytes} bytes each");
        Assert.IsTrue(board.BootCount - warm is > 8600 and < 8641);
        Assert.IsTrue(bytes < 50_000, $"{bytes} bytes: does something keep what belongs to boots that are over?");
        Assert.IsTrue(microseconds < 1000, $"{microseconds} us");
    }

    private static (VirtualBoard Board, InlineBoardTime Time) Make()
    {
        InlineBoardTime time = new();
        return (new VirtualBoard("bench", Path.GetTempPath(), time), time);
    }
}

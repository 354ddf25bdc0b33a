// Power: who a thread belongs to, how a boot ends, and what is left of it.

using System.Device.Gpio;
using Firmware.Simulator.Board;
using nanoFramework.Runtime.Native;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Power tests.</summary>
[TestClass]
public static class PowerTests
{
    private const int Led = 2;

    [TestMethod]
    public static void A_thread_without_a_board_is_told_so()
    {
        Assert.ThrowsException(typeof(InvalidOperationException), () => _ = VirtualBoard.Current);
        Assert.ThrowsException(typeof(InvalidOperationException), () => _ = new GpioController());
    }

    [TestMethod]
    public static void Threads_and_timers_of_the_firmware_belong_to_its_board()
    {
        using Bench one = new("one");
        using Bench two = new("two");
        string names = "";
        foreach (Bench bench in new[] { one, two })
        {
            bench.Run(() =>
            {
                using ManualResetEvent done = new(false);
                Thread thread = new(() => names += VirtualBoard.Current.Name);
                thread.Start();
                thread.Join();
                using Timer timer = new(_ =>
                {
                    names += VirtualBoard.Current.Name;
                    done.Set();
                }, null, 0, Timeout.Infinite);
                done.WaitOne();
            });
        }

        Assert.AreEqual("oneonetwotwo", names);
    }

    [TestMethod]
    public static void Two_boards_have_pins_of_their_own()
    {
        using Bench one = new();
        using Bench two = new();
        GpioPin? pin = null;
        one.Run(() => pin = new GpioController().OpenPin(Led, PinMode.Output));
        two.Run(() => new GpioController().OpenPin(Led, PinMode.Output));
        pin!.Write(PinValue.High);
        Assert.IsTrue(one.Board.Pins[Led].Level);
        Assert.IsFalse(two.Board.Pins[Led].Level);
    }

    [TestMethod]
    public static void Cutting_the_power_drops_outputs_kills_links_and_unwinds_sleepers()
    {
        using Bench bench = new();
        bool ledWhenLinkDied = true;
        GpioPin? pin = null;
        bench.Run(() =>
        {
            pin = new GpioController().OpenPin(Led, PinMode.Output);
            pin.Write(PinValue.High);
            VirtualBoard.Current.OnPowerLost(() => ledWhenLinkDied = bench.Board.Pins[Led].Level);
        });
        Task sleeper = bench.Begin(() => bench.Time.Sleep(Timeout.Infinite));
        Assert.IsTrue(bench.Time.AwaitWaiters(1));
        bench.Board.CutPower();
        Assert.IsFalse(bench.Board.Pins[Led].Level);
        Assert.IsFalse(ledWhenLinkDied);
        Assert.IsFalse(bench.Board.IsRunning);
        Assert.ThrowsException(typeof(BoardPoweredOffException), () => Bench.Await(sleeper));
        Assert.ThrowsException(typeof(BoardPoweredOffException), () => pin!.Write(PinValue.High));
        Assert.IsFalse(bench.Board.Pins[Led].Level);
    }

    [TestMethod]
    public static void A_registration_for_power_loss_can_be_taken_back()
    {
        using Bench bench = new();
        bool ran = false;
        bench.Run(() => VirtualBoard.Current.OnPowerLost(() => ran = true).Dispose());
        bench.Board.CutPower();
        Assert.IsFalse(ran);
    }

    [TestMethod]
    public static void The_reset_button_boots_afresh_with_the_clock_at_1970()
    {
        using Bench bench = new();
        bench.Run(() => Rtc.SetSystemTime(new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc)));
        GpioPin? old = null;
        bench.Run(() => old = new GpioController().OpenPin(Led, PinMode.Output));
        bench.Time.Advance(1000);
        bench.Board.Reset();
        bench.Run(() =>
        {
            Assert.AreEqual(0L, bench.Board.Time.UptimeMs);
            Assert.AreEqual(1970, bench.Board.Time.UtcNow.Year);
            new GpioController().OpenPin(Led, PinMode.Output).Write(PinValue.High);
        });
        Assert.ThrowsException(typeof(BoardPoweredOffException), () => old!.Write(PinValue.Low));
        Assert.IsTrue(bench.Board.Pins[Led].Level);
        Assert.AreEqual(2, bench.Board.BootCount);
    }

    [TestMethod]
    public static void A_reboot_runs_the_handlers_and_keeps_the_clock()
    {
        using Bench bench = new();
        bool told = false;
        Task rebooting = bench.Begin(() =>
        {
            Rtc.SetSystemTime(new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc));
            Power.OnRebootEvent += () => told = VirtualBoard.Current == bench.Board;
            Power.RebootDevice();
        });
        Assert.ThrowsException(typeof(BoardPoweredOffException), () => Bench.Await(rebooting));
        bench.Run(() => Assert.AreEqual(2030, bench.Board.Time.UtcNow.Year));
        Assert.IsTrue(told);
        Assert.AreEqual(2, bench.Board.BootCount);
    }

    [TestMethod]
    public static void Stopping_lets_the_firmware_end_by_itself()
    {
        using ManualResetEvent stop = new(false);
        using Bench bench = new();
        bench.Board.CutPower();
        string steps = "";
        bench.Board.Start(() =>
        {
            Power.OnRebootEvent += () =>
            {
                steps += "told ";
                stop.Set();
            };
            bench.Time.Wait(stop, Timeout.Infinite);
            VirtualBoard.Current.Pins[Led].Drive(false);
            steps += "ended";
        });
        Assert.IsTrue(bench.Time.AwaitWaiters(1));
        Assert.IsTrue(bench.Board.Stop(5000));
        Assert.AreEqual("told ended", steps);
        Assert.AreEqual((int)BoardState.Off, (int)bench.Board.State);
    }

    [TestMethod]
    public static void Stopping_a_firmware_that_does_not_end_cuts_it_off()
    {
        using Bench bench = new();
        Task deaf = bench.Begin(() => bench.Time.Sleep(Timeout.Infinite));
        Assert.IsFalse(bench.Board.Stop(50));
        Assert.ThrowsException(typeof(BoardPoweredOffException), () => Bench.Await(deaf));
    }

    [TestMethod]
    public static void Starting_twice_is_refused_and_power_can_be_restored()
    {
        using Bench bench = new();
        Assert.ThrowsException(typeof(InvalidOperationException), () => bench.Board.Start(() => { }));
        Assert.ThrowsException(typeof(InvalidOperationException), bench.Board.RestorePower);
        bench.Board.CutPower();
        bench.Board.RestorePower();
        bench.Run(() => Assert.IsTrue(VirtualBoard.Current.IsRunning));
    }

    [TestMethod]
    public static void An_unhandled_exception_in_main_halts_the_board_and_leaves_the_pins()
    {
        using Bench bench = new();
        bench.Board.CutPower();
        List<string> lines = [];
        Exception? reported = null;
        bench.Board.UnhandledException += e => reported = e;
        bench.Board.ConsoleLine += line =>
        {
            lock (lines)
            {
                lines.Add(line);
            }
        };
        bench.Board.Start(() =>
        {
            new GpioController().OpenPin(Led, PinMode.Output).Write(PinValue.High);
            throw new FormatException("no such toast");
        });
        Assert.IsTrue(Bench.Until(() => bench.Board.State == BoardState.Halted));
        Assert.IsInstanceOfType(reported, typeof(FormatException));
        Assert.IsTrue(bench.Board.Pins[Led].Level);
        bench.Board.CutPower();
        lock (lines)
        {
            Assert.AreEqual("unhandled exception in main: System.FormatException: no such toast", lines[0]);
        }
    }

    [TestMethod]
    public static void An_unhandled_exception_in_a_thread_ends_only_that_thread()
    {
        using Bench bench = new();
        Exception? reported = null;
        bench.Board.UnhandledException += e => reported = e;
        bench.Run(() =>
        {
            Thread thread = new(() => throw new FormatException());
            thread.Start();
            thread.Join();
        });
        Assert.IsTrue(Bench.Until(() => reported is FormatException));
        bench.Run(() => Assert.IsTrue(bench.Board.IsRunning));
    }

    [TestMethod]
    public static void A_thread_of_a_dead_boot_unwinds_without_a_word()
    {
        using Bench bench = new();
        Exception? reported = null;
        bench.Board.UnhandledException += e => reported = e;
        Thread? thread = null;
        bench.Run(() =>
        {
            thread = new Thread(() => bench.Time.Sleep(Timeout.Infinite));
            thread.Start();
        });
        Assert.IsTrue(bench.Time.AwaitWaiters(2));
        bench.Board.CutPower();
        Assert.IsTrue(thread!.Join(5000));
        Assert.IsNull(reported);
    }

    [TestMethod]
    public static void Event_handlers_outside_belong_to_no_board()
    {
        using Bench bench = new();
        VirtualBoard? seen = bench.Board;
        bench.Board.PinChanged += (_, _) => seen = VirtualBoard.OfThisThread;
        bench.Run(() => new GpioController().OpenPin(Led, PinMode.Output).Write(PinValue.High));
        Assert.IsNull(seen);
    }
}

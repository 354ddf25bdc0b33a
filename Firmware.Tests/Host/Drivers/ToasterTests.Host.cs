// Toaster on a virtual relay: the pin follows the rules (those are tested in Firmware.Tests/Drivers), and the cut-off needs no loop.

using Firmware.Drivers;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class ToasterTests
{
    private const int Gpio = 26;
    private const int MaxSeconds = 60;
    private const int RestMs = 10_000;

    [TestMethod]
    public static void Is_off_at_construction() => OnBoard.Run((board, _) =>
    {
        List<bool> levels = [];
        board.Pins[Gpio].Changed += (_, change) => levels.Add(change.Level);
        using Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, RestMs);
        Assert.IsFalse(toaster.IsOn);
        Assert.IsTrue(levels.Count > 0, "the pin must have become an output");
        Assert.IsFalse(levels.Contains(true), "the relay must not click");
    });

    [TestMethod]
    public static void Relay_follows_turn_on_poll_and_turn_off() => OnBoard.Run((board, _) =>
    {
        using Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, RestMs);
        Require(ToasterError.None, toaster.TurnOn(30, 1000));
        Assert.IsTrue(board.Pins[Gpio].Level);
        Assert.AreEqual(31_000L, toaster.NextDeadlineMs);
        toaster.Poll(30_999);
        Assert.IsTrue(board.Pins[Gpio].Level);
        toaster.Poll(31_000);
        Assert.IsFalse(board.Pins[Gpio].Level);
        Assert.IsFalse(toaster.IsOn);

        Require(ToasterError.Resting, toaster.TurnOn(30, 31_001));
        Assert.IsFalse(board.Pins[Gpio].Level);
        Assert.AreEqual(9_999, toaster.RemainingRestMs(31_001));
        Require(ToasterError.OutOfRange, toaster.TurnOn(MaxSeconds + 1, 50_000));
        Assert.IsFalse(board.Pins[Gpio].Level);

        Require(ToasterError.None, toaster.TurnOn(MaxSeconds, 50_000));
        Assert.IsTrue(board.Pins[Gpio].Level);
        Assert.AreEqual(60_000, toaster.RemainingMs(50_000));
        toaster.TurnOff(50_001);
        Assert.IsFalse(board.Pins[Gpio].Level);
    });

    [TestMethod]
    public static void An_overdue_toast_ends_at_a_refused_turn_on_too() => OnBoard.Run((board, _) =>
    {
        using Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, RestMs);
        toaster.TurnOn(30, 0);
        Require(ToasterError.Resting, toaster.TurnOn(30, 40_000));
        Assert.IsFalse(board.Pins[Gpio].Level);
    });

    [TestMethod]
    public static void A_fault_drops_the_relay_until_it_is_cleared() => OnBoard.Run((board, _) =>
    {
        using Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, 0);
        toaster.TurnOn(30, 0);
        toaster.Fault();
        Assert.IsFalse(board.Pins[Gpio].Level);
        Assert.IsTrue(toaster.IsFaulty);
        Require(ToasterError.Faulty, toaster.TurnOn(30, 40_000));
        Assert.IsFalse(board.Pins[Gpio].Level);
        toaster.ClearFault();
        Assert.IsFalse(board.Pins[Gpio].Level);
        Require(ToasterError.None, toaster.TurnOn(30, 40_000));
        Assert.IsTrue(board.Pins[Gpio].Level);
    });

    [TestMethod]
    public static void Relay_drops_at_its_deadline_in_a_hanging_loop() => OnBoard.Run((board, _) =>
    {
        using Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, RestMs);
        long started = Environment.TickCount64;
        toaster.TurnOn(1, 0);
        Thread.Sleep(500);
        Assert.IsTrue(board.Pins[Gpio].Level);

        // nobody calls Poll
        Assert.IsTrue(OnBoard.Await(() => !board.Pins[Gpio].Level, 5000));
        long lasted = Environment.TickCount64 - started;
        Assert.IsTrue(lasted is > 900 and < 3000, $"it lasted {lasted} ms");
        Assert.IsTrue(OnBoard.Await(() => !toaster.IsOn, 1000));
        Require(ToasterError.Resting, toaster.TurnOn(1, 10_999));
        Require(ToasterError.None, toaster.TurnOn(1, 11_000));
        Assert.IsTrue(board.Pins[Gpio].Level);
    });

    [TestMethod]
    public static void A_longer_second_turn_on_moves_the_cut_off() => OnBoard.Run((board, _) =>
    {
        using Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, RestMs);
        toaster.TurnOn(1, 0);
        toaster.TurnOn(30, 500);
        Thread.Sleep(1500);
        Assert.IsTrue(board.Pins[Gpio].Level);
        toaster.TurnOn(1, 2000);
        Assert.IsTrue(OnBoard.Await(() => !board.Pins[Gpio].Level, 3000));
    });

    [TestMethod]
    public static void The_cut_off_of_a_dead_board_harms_nobody() => OnBoard.Run((board, _) =>
    {
        Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, RestMs);
        toaster.TurnOn(1, 0);
        board.CutPower();
        Assert.IsFalse(board.Pins[Gpio].Level);
        Thread.Sleep(1300);
        Assert.IsFalse(board.Pins[Gpio].Level);
        GC.KeepAlive(toaster);
    });

    [TestMethod]
    public static void Dispose_drops_the_relay_for_good() => OnBoard.Run((board, _) =>
    {
        Toaster toaster = new(OnBoard.Open(Gpio), MaxSeconds, 0);
        toaster.TurnOn(30, 0);
        toaster.Dispose();
        toaster.Dispose();
        Assert.IsFalse(board.Pins[Gpio].Level);
        Require(ToasterError.Faulty, toaster.TurnOn(30, 100_000));
        Assert.IsFalse(board.Pins[Gpio].Level);
    });

    [TestMethod]
    public static void Wrong_limits_leave_the_relay_off() => OnBoard.Run((board, _) =>
    {
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Toaster(OnBoard.Open(Gpio), 301, 0));
        Assert.IsFalse(board.Pins[Gpio].Level);
        Assert.IsTrue(board.Pins[Gpio].Mode == System.Device.Gpio.PinMode.Output);
    });

    private static void Require(ToasterError expected, ToasterError actual) => Assert.AreEqual((int)expected, (int)actual);
}

// Button on a virtual pin, with bounces.

using Firmware.Drivers;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class ButtonTests
{
    private const int Gpio = 0;

    [TestMethod]
    public static void A_held_press_is_one_press() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio));
        Assert.AreEqual(long.MaxValue, button.NextDeadlineMs);
        board.Pins[Gpio].Drive(false);
        button.Poll(1000);
        Settle(button, 1000);
        Assert.IsTrue(button.IsDown);
        Assert.IsTrue(button.TryTakePress());
        Assert.IsFalse(button.TryTakePress());
        for (long now = 1100; now < 5000; now += 100)
        {
            button.Poll(now);
            Assert.IsFalse(button.TryTakePress());
        }

        board.Pins[Gpio].Release();
        button.Poll(5000);
        Settle(button, 5000);
        Assert.IsFalse(button.IsDown);
        Assert.IsFalse(button.TryTakePress(), "letting go is no press");
        Assert.AreEqual(long.MaxValue, button.NextDeadlineMs);
    });

    [TestMethod]
    public static void Bounces_are_one_press() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio), 30);
        long now = 1000;
        for (int i = 0; i < 9; i++)
        {
            Flip(board, i % 2 != 0);
            button.Poll(now);
            Assert.IsFalse(button.TryTakePress());
            now += 5;
        }

        Settle(button, now);
        Assert.IsTrue(button.TryTakePress());
        Assert.IsFalse(button.TryTakePress());
    });

    [TestMethod]
    public static void A_spike_is_no_press() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio), 30);
        Flip(board, false);
        button.Poll(1000);
        Flip(board, true);
        button.Poll(1010);
        Settle(button, 1010);
        Assert.IsFalse(button.TryTakePress());

        // over before the loop came by
        Flip(board, false);
        Flip(board, true);
        button.Poll(2000);
        Settle(button, 2000);
        Assert.IsFalse(button.TryTakePress());
    });

    [TestMethod]
    public static void A_bounce_between_two_polls_restarts_the_debounce_time() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio), 30);
        int edges = 0;
        button.Edge += () => Interlocked.Increment(ref edges);
        Flip(board, false);
        Assert.IsTrue(OnBoard.Await(() => Volatile.Read(ref edges) == 1, 5000));
        button.Poll(1000);
        Assert.AreEqual(1030L, button.NextDeadlineMs);
        Flip(board, true);
        Flip(board, false);
        Assert.IsTrue(OnBoard.Await(() => Volatile.Read(ref edges) == 3, 5000));
        button.Poll(1020);
        Assert.AreEqual(1050L, button.NextDeadlineMs);
        button.Poll(1049);
        Assert.IsFalse(button.TryTakePress());
        button.Poll(1050);
        Assert.IsTrue(button.TryTakePress());

        // held down, the contact opens for a moment that no poll sees: still the same press
        Flip(board, true);
        Flip(board, false);
        Assert.IsTrue(OnBoard.Await(() => Volatile.Read(ref edges) == 5, 5000));
        button.Poll(2000);
        button.Poll(2030);
        Assert.IsTrue(button.IsDown);
        Assert.IsFalse(button.TryTakePress());
    });

    [TestMethod]
    public static void A_button_held_at_boot_is_no_press() => OnBoard.Run((board, _) =>
    {
        board.Pins[Gpio].Drive(false);
        Button button = new(OnBoard.Open(Gpio));
        for (long now = 0; now < 200; now += 10)
        {
            button.Poll(now);
        }

        Assert.IsTrue(button.IsDown);
        Assert.IsFalse(button.TryTakePress());
        board.Pins[Gpio].Release();
        button.Poll(200);
        Settle(button, 200);
        board.Pins[Gpio].Drive(false);
        button.Poll(400);
        Settle(button, 400);
        Assert.IsTrue(button.TryTakePress());
    });

    [TestMethod]
    public static void An_edge_is_told_at_once_so_that_a_loop_can_wake() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio));
        using AutoResetEvent wake = new(false);
        button.Edge += () => wake.Set();
        board.Pins[Gpio].Drive(false);
        Assert.IsTrue(wake.WaitOne(5000));
        Assert.IsFalse(button.TryTakePress(), "an interrupt must not decide");
    });

    [TestMethod]
    public static void Refuses_to_work_without_a_debounce_time() => OnBoard.Run((_, _) =>
    {
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Button(OnBoard.Open(Gpio), 0));
    });

    // Polls until the level has been steady for long enough; interrupts may come late, so it polls on.
    private static void Settle(Button button, long nowMs)
    {
        for (int i = 0; i < 200 && button.NextDeadlineMs != long.MaxValue; i++)
        {
            button.Poll(nowMs += 10);
            Thread.Sleep(1);
        }
    }

    private static void Flip(VirtualBoard board, bool level)
    {
        if (level)
        {
            board.Pins[Gpio].Release();
        }
        else
        {
            board.Pins[Gpio].Drive(false);
        }
    }
}

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
        Flip(board, button, false);
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

        Flip(board, button, true);
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
            Flip(board, button, i % 2 != 0);
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
        Flip(board, button, false);
        button.Poll(1000);
        Flip(board, button, true);
        button.Poll(1010);
        Settle(button, 1010);
        Assert.IsFalse(button.TryTakePress());

        // over before the loop came by
        Flip(board, button, false);
        Flip(board, button, true);
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
        Flip(board, button, false);
        Assert.IsTrue(OnBoard.Await(() => Volatile.Read(ref edges) == 1, 5000));
        button.Poll(1000);
        Assert.AreEqual(1030L, button.NextDeadlineMs);
        Flip(board, button, true);
        Flip(board, button, false);
        Assert.IsTrue(OnBoard.Await(() => Volatile.Read(ref edges) == 3, 5000));
        button.Poll(1020);
        Assert.AreEqual(1050L, button.NextDeadlineMs);
        button.Poll(1049);
        Assert.IsFalse(button.TryTakePress());
        button.Poll(1050);
        Assert.IsTrue(button.TryTakePress());

        // held down, the contact opens for a moment that no poll sees: still the same press
        Flip(board, button, true);
        Flip(board, button, false);
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
        Flip(board, button, true);
        button.Poll(200);
        Settle(button, 200);
        Flip(board, button, false);
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
    public static void Reads_no_pin_and_allocates_nothing_at_rest() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio));
        Rest(1000);

        // the same while it is held down
        Flip(board, button, false);
        button.Poll(9000);
        Settle(button, 9000);
        Assert.IsTrue(button.TryTakePress());
        Rest(12_000);

        void Rest(long nowMs)
        {
            // the look that is due once a second
            button.Poll(nowMs);
            int reads = board.Pins[Gpio].ReadCount;
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 1; i < 1000; i++)
            {
                button.Poll(nowMs + i);
            }

            Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.AreEqual(reads, board.Pins[Gpio].ReadCount);
            Assert.AreEqual(long.MaxValue, button.NextDeadlineMs, "a look must not wake the loop");
            button.Poll(nowMs + 1000);
            Assert.AreEqual(reads + 1, board.Pins[Gpio].ReadCount);
        }
    });

    [TestMethod]
    public static void A_lost_interrupt_is_noticed_within_a_second_and_a_turn_of_the_loop() => OnBoard.Run((board, _) =>
    {
        const int TurnMs = 250;
        Button button = new(OnBoard.Open(Gpio), 30);
        button.Poll(0);
        board.Pins[Gpio].LosesEdges = true;
        long now = TurnMs;
        foreach (bool isDown in new[] { true, false, true })
        {
            Move(board, !isDown);
            long lost = now;
            while (button.NextDeadlineMs == long.MaxValue)
            {
                button.Poll(now += TurnMs);
                Assert.IsTrue(now - lost <= 1000 + TurnMs, "the edge stays lost");
            }

            Assert.IsFalse(button.TryTakePress(), "it is debounced all the same");
            button.Poll(now += 30);
            Assert.AreEqual(isDown, button.IsDown);
            Assert.AreEqual(isDown, button.TryTakePress());
            Assert.AreEqual(long.MaxValue, button.NextDeadlineMs);
        }
    });

    [TestMethod]
    public static void A_press_between_construction_and_the_first_poll_counts_without_its_interrupt() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio), 30);
        board.Pins[Gpio].LosesEdges = true;
        Move(board, false);
        button.Poll(7_000_000);
        button.Poll(7_000_030);
        Assert.IsTrue(button.TryTakePress());
    });

    [TestMethod]
    public static void A_bounce_whose_interrupt_is_lost_still_restarts_the_debounce_time() => OnBoard.Run((board, _) =>
    {
        Button button = new(OnBoard.Open(Gpio), 30);
        Flip(board, button, false);
        button.Poll(1000);
        board.Pins[Gpio].LosesEdges = true;
        Move(board, true);
        button.Poll(1020);
        Assert.AreEqual(1050L, button.NextDeadlineMs);
        button.Poll(1050);
        Assert.IsFalse(button.IsDown);
        Assert.IsFalse(button.TryTakePress());
    });

    [TestMethod]
    public static void Refuses_to_work_without_a_debounce_time() => OnBoard.Run((_, _) =>
    {
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Button(OnBoard.Open(Gpio), 0));
    });

    // Polls until the level has been steady for long enough.
    private static void Settle(Button button, long nowMs)
    {
        for (int i = 0; i < 200 && button.NextDeadlineMs != long.MaxValue; i++)
        {
            button.Poll(nowMs += 10);
        }
    }

    // Moves the pin and waits until the button has had its interrupt: at rest it reads no pin without one.
    private static void Flip(VirtualBoard board, Button button, bool level)
    {
        using ManualResetEventSlim edge = new();
        Button.EdgeHandler note = edge.Set;
        button.Edge += note;
        Move(board, level);
        Assert.IsTrue(edge.Wait(5000), "no interrupt");
        button.Edge -= note;
    }

    private static void Move(VirtualBoard board, bool level)
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

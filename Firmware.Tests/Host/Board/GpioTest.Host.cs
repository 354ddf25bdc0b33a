// GPIO of the virtual board as nanoFramework's ESP32 port does it.

using System.Device.Gpio;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>GPIO tests.</summary>
[TestClass]
public static class GpioTests
{
    private const int Led = 2;
    private const int Button = 4;

    [TestMethod]
    public static void Opening_a_pin_twice_throws_until_it_is_closed()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioController controller = new();
            controller.OpenPin(Led);
            Assert.ThrowsException(typeof(InvalidOperationException), () => controller.OpenPin(Led));
            Assert.ThrowsException(typeof(InvalidOperationException), () => new GpioController().OpenPin(Led, PinMode.Output));
            controller.ClosePin(Led);
            Assert.IsFalse(controller.IsPinOpen(Led));
            controller.OpenPin(Led).Dispose();
            controller.OpenPin(Led);
            Assert.IsTrue(controller.IsPinOpen(Led));
        });
    }

    [TestMethod]
    public static void A_gpio_that_the_chip_lacks_cannot_be_opened()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            foreach (int gpio in new[] { -1, 20, 24, 28, 31, 40 })
            {
                Assert.ThrowsException(typeof(InvalidOperationException), () => new GpioController().OpenPin(gpio));
            }
        });
    }

    [TestMethod]
    public static void Writing_an_input_throws_and_toggling_it_does_nothing()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioPin pin = new GpioController().OpenPin(Led, PinMode.Input);
            Assert.ThrowsException(typeof(ArgumentException), () => pin.Write(PinValue.High));
            pin.Toggle();
        });
        Assert.IsFalse(bench.Board.Pins[Led].Level);
    }

    [TestMethod]
    public static void An_output_begins_low_and_shows_outside_what_is_written()
    {
        using Bench bench = new();
        List<bool> levels = [];
        bench.Board.Pins[Led].Changed += (_, change) => levels.Add(change.Level);
        bench.Run(() =>
        {
            GpioPin pin = new GpioController().OpenPin(Led, PinMode.Output);
            pin.Write(PinValue.High);
            pin.Write(PinValue.High);
            pin.Toggle();
            pin.Toggle();
        });
        Assert.AreEqual("False True False True", string.Join(' ', levels));
        Assert.AreEqual((int)PinMode.Output, (int)bench.Board.Pins[Led].Mode);
        Assert.IsTrue(bench.Board.Pins[Led].Level);
    }

    [TestMethod]
    public static void An_output_reads_low_because_its_input_buffer_is_off()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioPin pin = new GpioController().OpenPin(Led, PinMode.Output);
            pin.Write(PinValue.High);
            Assert.IsTrue(pin.Read() == PinValue.Low);
        });
    }

    [TestMethod]
    public static void Gpio34_to_39_cannot_be_outputs()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioController controller = new();
            Assert.IsFalse(controller.IsPinModeSupported(34, PinMode.Output));
            Assert.ThrowsException(typeof(ArgumentException), () => controller.OpenPin(34, PinMode.Output));
            controller.OpenPin(34, PinMode.Input);
        });
    }

    [TestMethod]
    public static void Pulls_give_the_level_of_a_pin_that_nobody_drives()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioController controller = new();
            GpioPin up = controller.OpenPin(Button, PinMode.InputPullUp);
            GpioPin down = controller.OpenPin(5, PinMode.InputPullDown);
            Assert.IsTrue(up.Read() == PinValue.High);
            Assert.IsTrue(down.Read() == PinValue.Low);
            bench.Board.Pins[Button].Drive(false);
            Assert.IsTrue(up.Read() == PinValue.Low);
            bench.Board.Pins[Button].Release();
            Assert.IsTrue(up.Read() == PinValue.High);
        });
    }

    [TestMethod]
    public static void An_open_drain_output_only_pulls_low()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioPin pin = new GpioController().OpenPin(Led, PinMode.OutputOpenDrain);
            VirtualPin pad = bench.Board.Pins[Led];
            pin.Write(PinValue.High);
            Assert.IsFalse(pad.Level);
            pad.Drive(true);
            Assert.IsTrue(pad.Level);
            pin.Write(PinValue.Low);
            Assert.IsFalse(pad.Level);
        });
    }

    [TestMethod]
    public static void A_button_press_raises_both_edges_on_the_boards_event_thread()
    {
        using Bench bench = new();
        ConcurrentEvents events = new();
        int mainThread = 0;
        bench.Run(() =>
        {
            mainThread = System.Environment.CurrentManagedThreadId;
            new GpioController().OpenPin(Button, PinMode.InputPullUp).ValueChanged += events.Add;
        });
        bench.Board.PressButton(Button, 100);
        Assert.IsTrue(Bench.Until(() => events.Text == "Falling"));
        bench.Time.Advance(99);
        Assert.IsFalse(bench.Board.Pins[Button].Level);
        bench.Time.Advance(1);
        Assert.IsTrue(Bench.Until(() => events.Text == "Falling Rising"));
        Assert.AreNotEqual(mainThread, events.Thread);
        Assert.AreSame(bench.Board, events.Board);
    }

    [TestMethod]
    public static void Debouncing_reports_a_level_once_it_held_and_swallows_bounces()
    {
        using Bench bench = new();
        ConcurrentEvents events = new();
        bench.Run(() =>
        {
            GpioPin pin = new GpioController().OpenPin(Button, PinMode.InputPullUp);
            pin.DebounceTimeout = TimeSpan.FromMilliseconds(50);
            pin.ValueChanged += events.Add;
        });
        VirtualPin pad = bench.Board.Pins[Button];
        pad.Drive(false);
        pad.Drive(true);
        bench.Time.Advance(50);
        pad.Drive(false);
        pad.Drive(true);
        pad.Drive(false);
        bench.Time.Advance(49);
        Assert.AreEqual("", events.Text);
        bench.Time.Advance(1);
        Assert.IsTrue(Bench.Until(() => events.Text == "Falling"));
    }

    [TestMethod]
    public static void A_controller_callback_hears_only_the_edges_it_asked_for()
    {
        using Bench bench = new();
        ConcurrentEvents events = new();
        bench.Run(() =>
        {
            GpioController controller = new();
            controller.OpenPin(Button, PinMode.InputPullUp);
            controller.RegisterCallbackForPinValueChangedEvent(Button, PinEventTypes.Rising, events.Add);
        });
        bench.Board.Pins[Button].Drive(false);
        bench.Board.Pins[Button].Drive(true);
        Assert.IsTrue(Bench.Until(() => events.Text == "Rising"));
    }

    [TestMethod]
    public static void A_closed_pin_refuses_everything_and_becomes_an_input()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            GpioPin pin = new GpioController().OpenPin(Led, PinMode.Output);
            pin.Write(PinValue.High);
            pin.Dispose();
            Assert.ThrowsException(typeof(ObjectDisposedException), () => pin.Write(PinValue.High));
            Assert.ThrowsException(typeof(ObjectDisposedException), () => pin.Read());
        });
        Assert.IsFalse(bench.Board.Pins[Led].Level);
        Assert.AreEqual((int)PinMode.Input, (int)bench.Board.Pins[Led].Mode);
    }

    /// <summary>Pin events in the order in which they came, and where they came.</summary>
    private sealed class ConcurrentEvents
    {
        private readonly List<string> _edges = [];

        internal int Thread { get; private set; }

        internal VirtualBoard? Board { get; private set; }

        internal string Text
        {
            get
            {
                lock (_edges)
                {
                    return string.Join(' ', _edges);
                }
            }
        }

        internal void Add(object sender, PinValueChangedEventArgs e)
        {
            lock (_edges)
            {
                _edges.Add(e.ChangeType.ToString());
                Thread = System.Environment.CurrentManagedThreadId;
                Board = VirtualBoard.Current;
            }
        }
    }
}

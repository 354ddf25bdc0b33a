// Part: an LED with its series resistor at a GPIO pin, that tells by blink codes what the firmware does. No datasheet.
// The codes are the table in BlinkTimer.cs. Whoever watches needs no console: count the blinks after the pause.
// Leaves out: brightness, colours, and a queue of states: the last one wins. The light stands still where the loop does: in a TLS handshake,
// and in light sleep; in deep sleep the pin floats and the LED is dark, whatever was shown.

using System.Device.Gpio;

namespace Firmware.Drivers
{
    /// <summary>A status LED. Dark from construction on; <see cref="Poll"/> makes it blink. Allocates nothing after construction.</summary>
    /// <remarks>The pin belongs to this driver as long as it lives. Not thread-safe.</remarks>
    public sealed class StatusLed
    {
        private readonly Led _led;
        private readonly BlinkTimer _timer = new BlinkTimer();

        /// <summary>Takes the pin, makes it an output and switches the LED off.</summary>
        /// <param name="pin">An open pin that can be an output. High lights the LED.</param>
        public StatusLed(GpioPin pin)
            : this(pin, false)
        {
        }

        /// <summary>Takes the pin, makes it an output and switches the LED off.</summary>
        /// <param name="pin">An open pin that can be an output.</param>
        /// <param name="activeLow">True if low lights the LED; see <see cref="Led"/>.</param>
        public StatusLed(GpioPin pin, bool activeLow)
        {
            _led = new Led(pin, activeLow);
        }

        /// <summary>What is shown.</summary>
        public StatusLedState State
        {
            get { return _timer.State; }
        }

        /// <summary>The number of the error that is shown, 1 to <see cref="BlinkTimer.MaxErrorNumber"/>; 0 if none is.</summary>
        public int ErrorNumber
        {
            get { return _timer.ErrorNumber; }
        }

        /// <summary>Whether the LED is lit at this moment.</summary>
        public bool IsLit
        {
            get { return _led.IsOn; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called, milliseconds; long.MaxValue while the light is steady.</summary>
        public long NextDeadlineMs
        {
            get { return _timer.NextDeadlineMs; }
        }

        /// <summary>Shows a state from now on. If it is shown already, its code goes on undisturbed.</summary>
        /// <param name="state">Any state but Error: see <see cref="ShowError"/>.</param>
        /// <param name="nowMs">The time now, milliseconds, on a clock that never goes back.</param>
        /// <returns>False if that is no such state; nothing has changed.</returns>
        public bool Show(StatusLedState state, long nowMs)
        {
            bool isShown = _timer.Show(state, nowMs);
            Apply();
            return isShown;
        }

        /// <summary>Shows an error from now on. If it is shown already, its code goes on undisturbed.</summary>
        /// <param name="number">How many blinks, 1 to <see cref="BlinkTimer.MaxErrorNumber"/>.</param>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>False if the number is out of range; nothing has changed.</returns>
        public bool ShowError(int number, long nowMs)
        {
            bool isShown = _timer.ShowError(number, nowMs);
            Apply();
            return isShown;
        }

        /// <summary>Goes on with the code: at most one write to the pin.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        public void Poll(long nowMs)
        {
            if (nowMs >= _timer.NextDeadlineMs)
            {
                _timer.Poll(nowMs);
                Apply();
            }
        }

        private void Apply()
        {
            if (_timer.IsLit)
            {
                _led.On();
            }
            else
            {
                _led.Off();
            }
        }
    }
}

// Part: a push-button between a GPIO pin and ground; the pin's own pull-up holds it high. No datasheet.
// ESP32: GPIO34 to 39 have no pull-ups; a button there needs a resistor and fails at construction, because InputPullUp is refused.
// The pin is read after an edge, while it settles, and once in LookMs: nanoCLR puts every PinValue on the heap, and Poll runs in every turn of the loop.
// Leaves out: long and double presses. A press that is over before the loop has seen it for the debounce time is lost: noise must not ring.
// So is one whose two interrupts were both lost, unless a look falls into it.

using System;
using System.Device.Gpio;
using System.Threading;

namespace Firmware.Drivers
{
    /// <summary>A push-button to ground, debounced by <see cref="Poll"/>. The interrupt only sets a flag.</summary>
    /// <remarks>The pin belongs to this driver as long as it lives. Not thread-safe, apart from its interrupt.</remarks>
    public sealed class Button
    {
        /// <summary>How long the level must be steady if nothing is given, milliseconds: contacts bounce for 1 to 20 ms.</summary>
        public const int DefaultDebounceMs = 30;

        // an interrupt that got lost must not leave the button dead: this long, and the loop's longest wait, is the worst delay
        private const int LookMs = 1000;

        private readonly GpioPin _pin;
        private readonly int _debounceMs;

        // written by the interrupt's thread, taken by Poll
        private int _hasEdge;
        private bool _lastIsDown;
        private bool _isDown;
        private bool _hasPress;
        private long _settledAtMs = long.MaxValue;

        // the first Poll looks, too: construction knows no time
        private long _lookAtMs = long.MinValue;

        /// <summary>Takes the pin. A button that is held down now counts as down: only the next press is a press.</summary>
        /// <param name="pin">An open pin with a pull-up.</param>
        public Button(GpioPin pin)
            : this(pin, DefaultDebounceMs)
        {
        }

        /// <summary>Takes the pin. A button that is held down now counts as down: only the next press is a press.</summary>
        /// <param name="pin">An open pin with a pull-up.</param>
        /// <param name="debounceMs">How long the level must be steady, milliseconds, 1 or more.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="debounceMs"/> is less than 1.</exception>
        public Button(GpioPin pin, int debounceMs)
        {
            if (debounceMs < 1)
            {
                throw new ArgumentOutOfRangeException(nameof(debounceMs));
            }

            _pin = pin;
            _debounceMs = debounceMs;
            _pin.SetPinMode(PinMode.InputPullUp);
            _pin.ValueChanged += NoteEdge;
            _isDown = ReadIsDown();
            _lastIsDown = _isDown;
        }

        /// <summary>Raised on the interrupt's thread at each edge, so that a sleeping loop can wake up and poll. Do no more than setting an event.</summary>
        public event EdgeHandler Edge;

        /// <summary>Handles <see cref="Edge"/>.</summary>
        public delegate void EdgeHandler();

        /// <summary>Whether the button is down, debounced.</summary>
        public bool IsDown
        {
            get { return _isDown; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called, milliseconds; long.MaxValue while nothing moves. An edge makes it earlier: see <see cref="Edge"/>.</summary>
        /// <remarks>The look for a lost interrupt waits for a Poll that comes anyway: it wakes nobody.</remarks>
        public long NextDeadlineMs
        {
            get { return _settledAtMs; }
        }

        /// <summary>Takes the edges since the last call and, when the level has been steady for the debounce time, the new state.</summary>
        /// <param name="nowMs">The time now, milliseconds, on a clock that never goes back.</param>
        public void Poll(long nowMs)
        {
            if (_hasEdge == 0 && _settledAtMs == long.MaxValue && nowMs < _lookAtMs)
            {
                return;
            }

            bool hasEdge = Interlocked.Exchange(ref _hasEdge, 0) != 0;
            bool isDown = ReadIsDown();
            _lookAtMs = nowMs + LookMs;
            if (hasEdge || isDown != _lastIsDown)
            {
                _lastIsDown = isDown;
                _settledAtMs = nowMs + _debounceMs;
                return;
            }

            if (nowMs >= _settledAtMs)
            {
                _settledAtMs = long.MaxValue;
                if (isDown && !_isDown)
                {
                    _hasPress = true;
                }

                _isDown = isDown;
            }
        }

        /// <summary>Takes a press: true once after the button went down. Presses that nobody took count as one.</summary>
        /// <returns>True if there was one since the last call.</returns>
        public bool TryTakePress()
        {
            bool hasPress = _hasPress;
            _hasPress = false;
            return hasPress;
        }

        /// <summary>The board was woken up by this button: that counts as a press, and what is still held of it is no second one.</summary>
        public void NoteWake()
        {
            _hasPress = true;
            _isDown = true;
            _lastIsDown = ReadIsDown();
            _hasEdge = 1;
        }

        private bool ReadIsDown()
        {
            // measured on nanoCLR: 48 B of heap, against 96 with == PinValue.Low
            return (byte)_pin.Read() == 0;
        }

        private void NoteEdge(object sender, PinValueChangedEventArgs e)
        {
            Interlocked.Exchange(ref _hasEdge, 1);
            Edge?.Invoke();
        }
    }
}

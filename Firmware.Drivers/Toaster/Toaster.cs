// Part: a toaster's heating element behind a relay or solid-state relay at a GPIO pin; high is on. No datasheet.
// Wiring: a pull-down at the relay's input keeps it off while the pin floats (boot, reset, deep sleep).
// Leaves out: temperature, a welded relay, and a device that stands still altogether: in a TLS handshake neither the loop nor the timer runs, so
// the toaster needs its own thermal cut-off in hardware, too.

using System;
using System.Device.Gpio;
using System.Threading;

namespace Firmware.Drivers
{
    /// <summary>A toaster behind a relay. Off from construction on; off at its deadline by <see cref="Poll"/>, and by a timer of its own if the loop hangs.</summary>
    /// <remarks>Thread-safe, because the timer has its own thread. The pin belongs to this driver until <see cref="Dispose"/>.</remarks>
    public sealed class Toaster : IDisposable
    {
        private readonly object _lock = new object();
        private readonly GpioPin _relay;
        private readonly ToasterTimer _rules;
        private readonly Timer _cutOff;
        private bool _isDisposed;

        /// <summary>Takes the pin, makes it an output and switches the relay off.</summary>
        /// <param name="relay">An open pin that can be an output; high is on.</param>
        /// <param name="maxSeconds">The longest toast, 1 to <see cref="ToasterTimer.HardCapSeconds"/> seconds; no command can exceed it.</param>
        /// <param name="minRestMs">The shortest rest between two toasts, milliseconds, 0 or more.</param>
        /// <exception cref="ArgumentOutOfRangeException">A limit is out of range; the relay is off all the same.</exception>
        public Toaster(GpioPin relay, int maxSeconds, int minRestMs)
        {
            _relay = relay;
            _relay.SetPinMode(PinMode.Output);
            _relay.Write(PinValue.Low);
            _rules = new ToasterTimer(maxSeconds, minRestMs);
            _cutOff = new Timer(CutOff, null, Timeout.Infinite, Timeout.Infinite);
        }

        /// <summary>Whether the relay is on.</summary>
        public bool IsOn
        {
            get
            {
                lock (_lock)
                {
                    return _rules.IsOn;
                }
            }
        }

        /// <summary>Whether a fault keeps it off.</summary>
        public bool IsFaulty
        {
            get
            {
                lock (_lock)
                {
                    return _rules.IsFaulty;
                }
            }
        }

        /// <summary>When <see cref="Poll"/> must switch it off, milliseconds; long.MaxValue if it is off.</summary>
        public long NextDeadlineMs
        {
            get
            {
                lock (_lock)
                {
                    return _rules.NextDeadlineMs;
                }
            }
        }

        /// <summary>Turns it on for some time. While it is on, the time starts anew, but never ends later than the longest toast after the first call.</summary>
        /// <param name="seconds">How long, 1 to the longest toast, seconds.</param>
        /// <param name="nowMs">The time now, milliseconds, on a clock that never goes back.</param>
        /// <returns>None, or why nothing has changed.</returns>
        public ToasterError TurnOn(int seconds, long nowMs)
        {
            lock (_lock)
            {
                if (_isDisposed)
                {
                    return ToasterError.Faulty;
                }

                ToasterError error = _rules.TurnOn(seconds, nowMs);
                Apply(nowMs);
                return error;
            }
        }

        /// <summary>Turns it off; the rest begins. Does nothing if it is off.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        public void TurnOff(long nowMs)
        {
            lock (_lock)
            {
                _rules.TurnOff(nowMs);
                Apply(nowMs);
            }
        }

        /// <summary>Turns it off at once and keeps it off until <see cref="ClearFault"/>.</summary>
        public void Fault()
        {
            lock (_lock)
            {
                _rules.Fault();
                Apply(0);
            }
        }

        /// <summary>Allows toasts again after a fault; a rest that has begun goes on.</summary>
        public void ClearFault()
        {
            lock (_lock)
            {
                _rules.ClearFault();
            }
        }

        /// <summary>Switches it off when its time is over.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        public void Poll(long nowMs)
        {
            lock (_lock)
            {
                if (_rules.IsOn)
                {
                    _rules.Poll(nowMs);
                    if (!_rules.IsOn)
                    {
                        Apply(nowMs);
                    }
                }
            }
        }

        /// <summary>How long it stays on, milliseconds; 0 if it is off.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>0 to 300,000.</returns>
        public int RemainingMs(long nowMs)
        {
            lock (_lock)
            {
                return _rules.RemainingMs(nowMs);
            }
        }

        /// <summary>How long it still must rest, milliseconds; 0 if it may be turned on or is on.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>0 or more.</returns>
        public int RemainingRestMs(long nowMs)
        {
            lock (_lock)
            {
                return _rules.RemainingRestMs(nowMs);
            }
        }

        /// <summary>Turns it off for good and frees the timer; the pin stays open and low.</summary>
        public void Dispose()
        {
            lock (_lock)
            {
                if (!_isDisposed)
                {
                    _rules.CutOff();
                    Apply(0);
                    _isDisposed = true;
                    _cutOff.Dispose();
                }
            }
        }

        // Does what the rules say; the caller holds the lock. nowMs matters only while on.
        private void Apply(long nowMs)
        {
            if (_isDisposed)
            {
                return;
            }

            if (_rules.IsOn)
            {
                // first the way off, then on; never beyond the deadline, which is never beyond the longest toast
                _cutOff.Change(_rules.RemainingMs(nowMs), Timeout.Infinite);
                _relay.Write(PinValue.High);
            }
            else
            {
                _relay.Write(PinValue.Low);
                _cutOff.Change(Timeout.Infinite, Timeout.Infinite);
            }
        }

        // The timer's thread, at the deadline: usually Poll is there at the same moment, and whoever comes second finds it off.
        // A call that TurnOn overtook (it waited for the lock) cuts the new toast short: too early is the safe side.
        private void CutOff(object state)
        {
            try
            {
                lock (_lock)
                {
                    if (_rules.IsOn && !_isDisposed)
                    {
                        _rules.CutOff();
                        _relay.Write(PinValue.Low);
                    }
                }
            }
            catch (Exception)
            {
                // the pin is closed, so it is an input and the pull-down has the relay off; a timer's thread has nobody to tell
            }
        }
    }
}

// The toaster's rules without its relay: how long, how often, off after a fault. Pure: time is a parameter, milliseconds that never go back.
// Leaves out: the rest is not remembered over a reset of the board; the pin and the cut-off that needs no loop (Toaster.cs).

using System;

namespace Firmware.Drivers
{
    /// <summary>Decides when a toaster may be on. Whoever holds it does what <see cref="IsOn"/> says after each call. Not thread-safe.</summary>
    public sealed class ToasterTimer
    {
        /// <summary>The longest toast that any configuration can allow, seconds: a toaster's own mechanical timer ends at about five minutes.</summary>
        public const int HardCapSeconds = 300;

        private const int MsPerSecond = 1000;

        private readonly int _maxSeconds;
        private readonly int _minRestMs;
        private bool _isOn;
        private bool _isFaulty;
        private long _firstOnMs;
        private long _offAtMs;
        private long _restUntilMs = long.MinValue;

        /// <summary>Makes the rules; the toaster is off.</summary>
        /// <param name="maxSeconds">The longest toast, 1 to <see cref="HardCapSeconds"/> seconds.</param>
        /// <param name="minRestMs">The shortest rest between the end of a toast and the next, milliseconds, 0 or more.</param>
        /// <exception cref="ArgumentOutOfRangeException">A limit is out of range.</exception>
        public ToasterTimer(int maxSeconds, int minRestMs)
        {
            if (maxSeconds < 1 || maxSeconds > HardCapSeconds)
            {
                throw new ArgumentOutOfRangeException(nameof(maxSeconds));
            }

            if (minRestMs < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(minRestMs));
            }

            _maxSeconds = maxSeconds;
            _minRestMs = minRestMs;
        }

        /// <summary>Whether the toaster is to be on.</summary>
        public bool IsOn
        {
            get { return _isOn; }
        }

        /// <summary>Whether a fault keeps it off.</summary>
        public bool IsFaulty
        {
            get { return _isFaulty; }
        }

        /// <summary>When it goes off, milliseconds; long.MaxValue if it is off.</summary>
        public long NextDeadlineMs
        {
            get { return _isOn ? _offAtMs : long.MaxValue; }
        }

        /// <summary>Turns it on for some time. While it is on, the time starts anew, but never ends later than the longest toast after the first call.</summary>
        /// <param name="seconds">How long, 1 to the longest toast, seconds.</param>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>None, or why it did not change: a refused call while it is on leaves it on until its time.</returns>
        public ToasterError TurnOn(int seconds, long nowMs)
        {
            // a toast whose end nobody has polled yet is over: it must not be prolonged
            Poll(nowMs);
            if (_isFaulty)
            {
                return ToasterError.Faulty;
            }

            if (seconds < 1 || seconds > _maxSeconds)
            {
                return ToasterError.OutOfRange;
            }

            if (!_isOn)
            {
                if (nowMs < _restUntilMs)
                {
                    return ToasterError.Resting;
                }

                _isOn = true;
                _firstOnMs = nowMs;
            }

            long longest = _firstOnMs + (_maxSeconds * MsPerSecond);
            _offAtMs = nowMs + (seconds * MsPerSecond);
            if (_offAtMs > longest)
            {
                _offAtMs = longest;
            }

            return ToasterError.None;
        }

        /// <summary>Turns it off; the rest begins. Does nothing if it is off.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        public void TurnOff(long nowMs)
        {
            if (_isOn)
            {
                _isOn = false;
                _restUntilMs = nowMs + _minRestMs;
            }
        }

        /// <summary>Turns it off where the time is not known. The rest is counted from the end that the toast would have had, so it is never too short.</summary>
        public void CutOff()
        {
            TurnOff(_offAtMs);
        }

        /// <summary>Turns it off at once and keeps it off until <see cref="ClearFault"/>.</summary>
        public void Fault()
        {
            CutOff();
            _isFaulty = true;
        }

        /// <summary>Allows toasts again; a rest that has begun goes on.</summary>
        public void ClearFault()
        {
            _isFaulty = false;
        }

        /// <summary>Turns it off when its time is over.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        public void Poll(long nowMs)
        {
            if (_isOn && nowMs >= _offAtMs)
            {
                TurnOff(nowMs);
            }
        }

        /// <summary>How long it stays on, milliseconds; 0 if it is off.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>0 to 300,000.</returns>
        public int RemainingMs(long nowMs)
        {
            return _isOn && nowMs < _offAtMs ? (int)(_offAtMs - nowMs) : 0;
        }

        /// <summary>How long it still must rest, milliseconds; 0 if it may be turned on or is on.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>0 or more.</returns>
        public int RemainingRestMs(long nowMs)
        {
            if (_isOn || nowMs >= _restUntilMs)
            {
                return 0;
            }

            // after a cut-off the rest can begin in the future: up to a whole toast more than the rest itself
            long rest = _restUntilMs - nowMs;
            return rest > int.MaxValue ? int.MaxValue : (int)rest;
        }
    }
}

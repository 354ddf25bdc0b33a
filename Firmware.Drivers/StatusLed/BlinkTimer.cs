// The status LED's blink codes without their pin: a period is a pause, then blinks, each first lit, then dark. Pure: time is a parameter,
// milliseconds that never go back. Light and deadline are computed from the time at which the code began, so late polls do not make it drift:
// they skip what is over. Leaves out: the pin (StatusLed.cs).

namespace Firmware.Drivers
{
    /// <summary>Decides when the status LED is lit. Whoever holds it does what <see cref="IsLit"/> says after each call. Allocates nothing. Not thread-safe.</summary>
    public sealed class BlinkTimer
    {
        /// <summary>The largest number of an error: nobody counts more blinks than this.</summary>
        public const int MaxErrorNumber = 9;

        // the columns of the table
        private const int PauseMs = 0;
        private const int LitMs = 1;
        private const int DarkMs = 2;
        private const int Columns = 3;

        // one row for each state, in the order of StatusLedState. Never lit or never dark: steady, without a deadline.
        // An error begins with its pause, so that its first blinks can be counted, too, whatever was shown before.
        private static readonly int[] Codes =
        {
            0, 0, 1,
            0, 1, 0,
            0, 250, 250,
            0, 50, 2950,
            1500, 200, 300,
            0, 20, 9980,
        };

        private StatusLedState _state = StatusLedState.Off;
        private int _errorNumber;
        private long _beganMs;
        private bool _isLit;
        private long _deadlineMs = long.MaxValue;

        /// <summary>What is shown.</summary>
        public StatusLedState State
        {
            get { return _state; }
        }

        /// <summary>The number of the error that is shown, 1 to <see cref="MaxErrorNumber"/>; 0 if none is.</summary>
        public int ErrorNumber
        {
            get { return _errorNumber; }
        }

        /// <summary>Whether the LED is to be lit.</summary>
        public bool IsLit
        {
            get { return _isLit; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called, milliseconds; long.MaxValue while the light is steady.</summary>
        public long NextDeadlineMs
        {
            get { return _deadlineMs; }
        }

        /// <summary>Shows a state from now on. If it is shown already, its code goes on undisturbed.</summary>
        /// <param name="state">Any state but Error: see <see cref="ShowError"/>.</param>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>False if that is no such state; nothing has changed.</returns>
        public bool Show(StatusLedState state, long nowMs)
        {
            if (state > StatusLedState.Sleeping || state == StatusLedState.Error)
            {
                return false;
            }

            Begin(state, 0, nowMs);
            return true;
        }

        /// <summary>Shows an error from now on. If it is shown already, its code goes on undisturbed.</summary>
        /// <param name="number">How many blinks, 1 to <see cref="MaxErrorNumber"/>.</param>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>False if the number is out of range; nothing has changed.</returns>
        public bool ShowError(int number, long nowMs)
        {
            if (number < 1 || number > MaxErrorNumber)
            {
                return false;
            }

            Begin(StatusLedState.Error, number, nowMs);
            return true;
        }

        /// <summary>Goes on with the code.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        public void Poll(long nowMs)
        {
            if (nowMs >= _deadlineMs)
            {
                Place(nowMs);
            }
        }

        private void Begin(StatusLedState state, int errorNumber, long nowMs)
        {
            if (state != _state || errorNumber != _errorNumber)
            {
                _state = state;
                _errorNumber = errorNumber;
                _beganMs = nowMs;
                Place(nowMs);
            }
        }

        // Finds the place in the period, and with it the light and the time of its next change.
        private void Place(long nowMs)
        {
            int row = (int)_state * Columns;
            int lit = Codes[row + LitMs];
            int dark = Codes[row + DarkMs];
            if (lit == 0 || dark == 0)
            {
                _isLit = lit != 0;
                _deadlineMs = long.MaxValue;
                return;
            }

            int pause = Codes[row + PauseMs];
            int blink = lit + dark;
            int period = pause + (blink * (_errorNumber > 0 ? _errorNumber : 1));
            int place = (int)((nowMs - _beganMs) % period);
            int next = pause;
            _isLit = false;
            if (place >= pause)
            {
                int inBlink = (place - pause) % blink;
                _isLit = inBlink < lit;
                next = place - inBlink + (_isLit ? lit : blink);

                // the last blink's dark runs into the next period's pause
                if (next == period)
                {
                    next += pause;
                }
            }

            _deadlineMs = nowMs - place + next;
        }
    }
}

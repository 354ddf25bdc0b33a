// When to sense and when to connect, on the wall clock of the board, which goes on through deep sleep. Pure arithmetic: no clock, no hardware.
//
//   sense   |   |   |   |   |   |   |   |   |      every m: NextSenseMs, then one period further each time, so that nothing drifts
//   connect |           |           |              every n-th sense: SensesLeft counts down
//
// Leaves out: time zones, and times of day: a period and a phase are all there is.

namespace Firmware.Cycle
{
    /// <summary>The schedule of a Thing that sleeps.</summary>
    public sealed class SleepSchedule
    {
        private const int MostFailuresCounted = 3;

        private readonly int _senseMs;
        private readonly int _sensesPerConnect;

        /// <summary>Creates a schedule that is due at once.</summary>
        /// <param name="senseMs">Between two readings, milliseconds.</param>
        /// <param name="sensesPerConnect">How many readings there are to a connection, 1 or more.</param>
        public SleepSchedule(int senseMs, int sensesPerConnect)
        {
            _senseMs = senseMs;
            _sensesPerConnect = sensesPerConnect;
        }

        /// <summary>When the next reading is due, milliseconds since 1970 on the board's clock, whether or not that has been set.</summary>
        public long NextSenseMs { get; set; }

        /// <summary>How many readings are left until the next connection; 0 = it is due.</summary>
        public int SensesLeft { get; set; }

        /// <summary>How many connections in a row have failed, 0 to 3: each doubles the time to the next one, so that a dead access point does not drain the battery.</summary>
        public int Failures { get; set; }

        /// <summary>The period is this many times as long: 1, or <see cref="Limits.SleepStretch"/> while the battery is low.</summary>
        public int Stretch { get; set; } = 1;

        /// <summary>Between two readings now, milliseconds.</summary>
        public long StepMs
        {
            get { return (long)_senseMs * Stretch; }
        }

        /// <summary>When the next connection is due, milliseconds since 1970 on the board's clock.</summary>
        public long NextConnectMs
        {
            get { return NextSenseMs + ((SensesLeft > 1 ? SensesLeft - 1 : 0) * StepMs); }
        }

        /// <summary>Whether a schedule that was saved fits to this time: the board's clock has gone on since.</summary>
        /// <param name="utcMs">The time on the board's clock.</param>
        /// <returns>False if the clock began anew or jumped while the board was off.</returns>
        public bool IsPlausible(long utcMs)
        {
            // a correction may have set the clock back by as much as a period: see ClockSet
            return NextSenseMs - utcMs <= 2 * StepMs && utcMs - NextSenseMs <= Limits.SleepLateMs;
        }

        /// <summary>Begins anew: a reading and a connection now, the next reading after a part of a period, by which this board differs from the others of its fleet.</summary>
        /// <param name="utcMs">The time on the board's clock.</param>
        /// <param name="phaseMs">1 to <see cref="StepMs"/>.</param>
        public void Restart(long utcMs, long phaseMs)
        {
            NextSenseMs = utcMs + phaseMs;
            SensesLeft = 0;
        }

        /// <summary>Whether a reading is due.</summary>
        /// <param name="utcMs">The time on the board's clock.</param>
        /// <returns>True also a little early: not worth another sleep.</returns>
        public bool IsDue(long utcMs)
        {
            return utcMs >= NextSenseMs - Limits.SleepEarlyMs;
        }

        /// <summary>A reading is taken: the next one is a whole number of periods after this one was due, so that lateness does not add up. Missed ones are not made up for.</summary>
        /// <param name="utcMs">The time on the board's clock.</param>
        public void Sensed(long utcMs)
        {
            long step = StepMs;
            long late = utcMs - NextSenseMs;
            long steps = late < 0 ? 1 : (late / step) + 1;
            NextSenseMs += steps * step;
            SensesLeft = steps >= SensesLeft ? 0 : SensesLeft - (int)steps;
        }

        /// <summary>A connection has done its work.</summary>
        public void Connected()
        {
            Failures = 0;
            SensesLeft = _sensesPerConnect;
        }

        /// <summary>A connection was given up: the next one comes later each time.</summary>
        public void ConnectFailed()
        {
            SensesLeft = _sensesPerConnect << Failures;
            Failures = Failures < MostFailuresCounted ? Failures + 1 : MostFailuresCounted;
        }

        /// <summary>The board's clock was set: a jump that is no correction moves the schedule, so that the intervals hold; a correction leaves it, so that the times do.</summary>
        /// <param name="jumpMs">New time less old time.</param>
        /// <param name="wasRight">Whether the clock was set before.</param>
        public void ClockSet(long jumpMs, bool wasRight)
        {
            long size = jumpMs < 0 ? -jumpMs : jumpMs;
            if (!wasRight || size > StepMs)
            {
                NextSenseMs += jumpMs;
            }
        }
    }
}

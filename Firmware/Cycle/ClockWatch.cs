// Notices that somebody has set the board's clock: SNTP after a boot in 1970, a correction, a wrong server.

namespace Firmware.Cycle
{
    /// <summary>Compares the clock that can be set with the one that cannot.</summary>
    public sealed class ClockWatch
    {
        // the two drift apart by less than this between two looks
        private const int LeastJumpMs = 2000;

        private bool _hasOffset;
        private long _offsetMs;
        private bool _isDateSet;

        /// <summary>Whether the date was set before the last jump.</summary>
        public bool WasDateSet { get; private set; }

        /// <summary>Forgets what it has seen: during a sleep the time since boot may have stood still.</summary>
        public void Restart()
        {
            _hasOffset = false;
        }

        /// <summary>Looks at both clocks.</summary>
        /// <param name="utcMs">The clock that can be set, milliseconds since 1970.</param>
        /// <param name="nowMs">The time since boot.</param>
        /// <param name="isDateSet">Whether the date can be believed now.</param>
        /// <returns>By how much the clock was moved since the last look, milliseconds; 0 if it was not.</returns>
        public long Look(long utcMs, long nowMs, bool isDateSet)
        {
            long offset = utcMs - nowMs;
            long jump = _hasOffset ? offset - _offsetMs : 0;
            WasDateSet = _isDateSet;
            _hasOffset = true;
            _offsetMs = offset;
            _isDateSet = isDateSet;
            return jump > LeastJumpMs || jump < -LeastJumpMs ? jump : 0;
        }
    }
}

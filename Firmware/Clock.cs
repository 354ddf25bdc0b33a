// The device's time and its only ways to wait. The Simulator derives from it to run the board faster than the wall clock, or by hand.

using System;
using System.Threading;

namespace Firmware
{
    /// <summary>Time since boot, date, and waiting. On a device this class as it is; a test or the Simulator overrides it.</summary>
    public class Clock
    {
        private const int FirstYear = 2025;

        /// <summary>Milliseconds since boot. Never jumps, so that every deadline is kept on it; SNTP does not move it.</summary>
        public virtual long NowMs
        {
            get { return Environment.TickCount64; }
        }

        /// <summary>The date in UTC; 1970 after a cold boot until SNTP has set it.</summary>
        public virtual DateTime UtcNow
        {
            get { return DateTime.UtcNow; }
        }

        /// <summary>The date in milliseconds since 1970, UTC.</summary>
        public long UtcMs
        {
            get { return (UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond; }
        }

        /// <summary>The date in seconds since 1970, UTC.</summary>
        public long UnixSeconds
        {
            get { return (UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond; }
        }

        /// <summary>True if the date can be believed: certificates issued today were not valid before this.</summary>
        public bool IsDateSet
        {
            get { return UtcNow.Year >= FirstYear; }
        }

        /// <summary>Waits for a signal or a time, whichever comes first.</summary>
        /// <param name="signal">The signal; an AutoResetEvent is reset by this.</param>
        /// <param name="milliseconds">The longest wait, 0 or more.</param>
        /// <returns>True if the signal came.</returns>
        public virtual bool Wait(WaitHandle signal, int milliseconds)
        {
            return signal.WaitOne(milliseconds, false);
        }
    }
}

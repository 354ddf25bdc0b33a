// The difference between this device's clock and AWS's, learned from the header Date of an answer. AWS refuses a signature whose time is more than five minutes off,
// with a 403 that says nothing else; so the Date of any answer is worth keeping.

namespace Firmware.Protocols.Aws
{
    /// <summary>The time to sign with.</summary>
    public sealed class AwsClock
    {
        /// <summary>How far off AWS lets the time of a signature be, seconds.</summary>
        public const int ToleranceSeconds = 300;

        // a Date has whole seconds and was on its way for a while: smaller differences are noise
        private const int NoiseSeconds = 60;

        /// <summary>What is added to the local time, seconds.</summary>
        public long OffsetSeconds { get; private set; }

        /// <summary>The time to sign with.</summary>
        /// <param name="localUnixSeconds">The time of this device.</param>
        /// <returns>AWS's time as far as it is known, seconds since 1970.</returns>
        public long Now(long localUnixSeconds)
        {
            return localUnixSeconds + OffsetSeconds;
        }

        /// <summary>Learns from an answer.</summary>
        /// <param name="serverUnixSeconds">Its Date as HttpDate reads it; negative: it had none, and nothing is learned.</param>
        /// <param name="localUnixSeconds">The time of this device when it came.</param>
        /// <returns>True if the time used so far was out of AWS's tolerance: a 403 was due to the clock, and the request is worth signing again at once.</returns>
        public bool Learn(long serverUnixSeconds, long localUnixSeconds)
        {
            if (serverUnixSeconds < 0)
            {
                return false;
            }

            long off = serverUnixSeconds - Now(localUnixSeconds);
            long size = off < 0 ? -off : off;
            if (size > NoiseSeconds)
            {
                OffsetSeconds = serverUnixSeconds - localUnixSeconds;
            }

            return size >= ToleranceSeconds;
        }
    }
}

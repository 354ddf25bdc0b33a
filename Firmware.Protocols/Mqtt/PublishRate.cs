// A token bucket that keeps a client below its broker's publish rate. No clock: the time is a parameter.
//
// A bucket of B tokens that gains R a second lets B + R pass in the second after a pause. AWS counts what passes, so the two together must not
// exceed its limit: the bucket gains (limit - burst) a second. The price is a steady rate below the limit by the burst.

using System;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>
    /// Limits messages so that in any 1,000 ms no more than the limit pass. It counts where messages are handed over: a link that stalls can still
    /// bunch them on their way. One per client; it may outlive its connections.
    /// </summary>
    public sealed class PublishRate
    {
        private const int CreditOfOne = 1000; // credit is counted in thousandths of a message: per second times milliseconds

        private readonly int _gainPerSecond;
        private readonly long _fullCredit;
        private long _credit;
        private long _lastMs;

        /// <summary>Creates a full bucket.</summary>
        /// <param name="limitPerSecond">The most messages in any second, 2 or more, from <see cref="BrokerRules.PublishesPerSecond"/>; 0 = no limit at all.</param>
        /// <param name="burst">How many of them may go at once after a pause, 1 to limit - 1; limit - burst a second is what goes on for ever.</param>
        /// <exception cref="ArgumentOutOfRangeException">The limit is negative or 1, or the burst is out of its range although there is a limit.</exception>
        public PublishRate(int limitPerSecond, int burst)
        {
            if (limitPerSecond < 0 || (limitPerSecond > 0 && (burst < 1 || burst >= limitPerSecond)))
            {
                throw new ArgumentOutOfRangeException();
            }

            _gainPerSecond = limitPerSecond == 0 ? 0 : limitPerSecond - burst;
            _fullCredit = (long)burst * CreditOfOne;
            _credit = _fullCredit;
        }

        /// <summary>When TryTake will succeed next, in milliseconds on its clock; not after its last time if it would at once. 0 before the first call.</summary>
        public long NextAllowedMs
        {
            get
            {
                if (_gainPerSecond == 0 || _credit >= CreditOfOne)
                {
                    return _lastMs;
                }

                return _lastMs + ((CreditOfOne - _credit + _gainPerSecond - 1) / _gainPerSecond);
            }
        }

        /// <summary>Takes leave to send one message.</summary>
        /// <param name="nowMs">The time in milliseconds. If it runs backwards, nothing is gained and counting goes on from there.</param>
        /// <returns>True if it may be sent now; false changes nothing: ask again at <see cref="NextAllowedMs"/>.</returns>
        public bool TryTake(long nowMs)
        {
            long elapsed = nowMs - _lastMs;
            _lastMs = nowMs;
            if (_gainPerSecond == 0)
            {
                return true;
            }

            if (elapsed > 0)
            {
                // compared before multiplying, so that no pause is too long
                long untilFull = (_fullCredit - _credit + _gainPerSecond - 1) / _gainPerSecond;
                _credit = elapsed >= untilFull ? _fullCredit : _credit + (elapsed * _gainPerSecond);
            }

            if (_credit < CreditOfOne)
            {
                return false;
            }

            _credit -= CreditOfOne;
            return true;
        }
    }
}

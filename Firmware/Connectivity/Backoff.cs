// Exponential backoff with full jitter: after n failures wait a random time in 0 .. min(cap, base x 2^n). The jitter keeps a fleet
// whose broker comes back from knocking all at once; the floor keeps AWS IoT Core's limit of one CONNECT a second.

using System;

namespace Firmware.Connectivity
{
    /// <summary>How long to wait before the next attempt to connect.</summary>
    public sealed class Backoff
    {
        private readonly Random _random;
        private readonly int _baseMs;
        private readonly int _capMs;
        private readonly int _floorMs;
        private int _ceilingMs;

        /// <summary>Creates a backoff that has seen no failure.</summary>
        /// <param name="random">The source of jitter.</param>
        /// <param name="baseMs">The first ceiling in milliseconds, 1 or more.</param>
        /// <param name="capMs">The last ceiling in milliseconds.</param>
        /// <param name="floorMs">Added to every wait, milliseconds.</param>
        public Backoff(Random random, int baseMs, int capMs, int floorMs)
        {
            _random = random;
            _baseMs = baseMs;
            _capMs = capMs;
            _floorMs = floorMs;
            Reset();
        }

        /// <summary>Failures since the last <see cref="Reset"/>.</summary>
        public int Failures { get; private set; }

        /// <summary>The last wait, milliseconds; 0 if there was none since the last <see cref="Reset"/>.</summary>
        public int LastMs { get; private set; }

        /// <summary>Counts a failure.</summary>
        /// <returns>How long to wait now, milliseconds.</returns>
        public int NextMs()
        {
            int wait = _floorMs + _random.Next(_ceilingMs + 1);
            Failures++;
            LastMs = wait;

            // compared before doubling: arithmetic on the device wraps silently
            _ceilingMs = _ceilingMs > _capMs / 2 ? _capMs : _ceilingMs * 2;
            return wait;
        }

        /// <summary>A connection has proved itself: the next failure is the first again.</summary>
        public void Reset()
        {
            Failures = 0;
            LastMs = 0;
            _ceilingMs = _baseMs < _capMs ? _baseMs : _capMs;
        }
    }
}

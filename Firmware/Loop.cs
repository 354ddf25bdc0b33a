// The one loop that owns all state: it polls each feature in order and waits for the nearest deadline. No feature sleeps or locks.

using System.Threading;

namespace Firmware
{
    /// <summary>A part of the application that the loop drives.</summary>
    public interface IFeature
    {
        /// <summary>When <see cref="Poll"/> wants to be called next; <see cref="long.MaxValue"/> for no time of its own.</summary>
        long NextDeadlineMs { get; }

        /// <summary>Does what can be done now without waiting.</summary>
        /// <param name="nowMs">The time since boot.</param>
        void Poll(long nowMs);

        /// <summary>The device is about to stop or restart: make safe, end what is open.</summary>
        /// <param name="nowMs">The time since boot.</param>
        void Stop(long nowMs);

        /// <summary>True once nothing is left to do after <see cref="Stop"/>.</summary>
        bool IsStopped { get; }

        /// <summary>True while bytes may arrive that no deadline announces.</summary>
        bool IsListening { get; }
    }

    /// <summary>Runs features in one thread until it is told to stop.</summary>
    public sealed class Loop
    {
        private readonly Clock _clock;
        private readonly IFeature[] _features;
        private readonly AutoResetEvent _wake = new AutoResetEvent(false);
        private readonly ManualResetEvent _ended = new ManualResetEvent(false);
        private bool _stopRequested;

        /// <summary>Creates a loop.</summary>
        /// <param name="clock">Time and waiting.</param>
        /// <param name="features">Polled in this order, each time.</param>
        public Loop(Clock clock, IFeature[] features)
        {
            _clock = clock;
            _features = features;
        }

        /// <summary>Ends the current wait. For interrupts and other threads.</summary>
        public void Wake()
        {
            _wake.Set();
        }

        /// <summary>Asks the loop to make everything safe and end, and waits until it has. For other threads: a reboot is near.</summary>
        /// <param name="limitMs">The longest wait in milliseconds.</param>
        public void StopAndWait(int limitMs)
        {
            _stopRequested = true;
            _wake.Set();
            _clock.Wait(_ended, limitMs);
        }

        /// <summary>Runs until <see cref="StopAndWait"/>.</summary>
        public void Run()
        {
            try
            {
                while (!_stopRequested)
                {
                    Turn(_clock.NowMs);
                }

                long now = _clock.NowMs;
                long limit = now + Limits.StopMs;
                for (int i = 0; i < _features.Length; i++)
                {
                    _features[i].Stop(now);
                }

                while (!AreStopped() && now < limit)
                {
                    Turn(now);
                    now = _clock.NowMs;
                }
            }
            finally
            {
                _ended.Set();
            }
        }

        private void Turn(long now)
        {
            long next = long.MaxValue;
            int longest = Limits.LoopIdleMs;
            for (int i = 0; i < _features.Length; i++)
            {
                _features[i].Poll(now);
            }

            // a feature may have given work to one before it: ask all only now
            for (int i = 0; i < _features.Length; i++)
            {
                IFeature feature = _features[i];
                long deadline = feature.NextDeadlineMs;
                next = deadline < next ? deadline : next;
                if (feature.IsListening)
                {
                    longest = Limits.LoopWhileConnectedMs;
                }
            }

            if (next > now)
            {
                _clock.Wait(_wake, next - now < longest ? (int)(next - now) : longest);
            }
        }

        private bool AreStopped()
        {
            for (int i = 0; i < _features.Length; i++)
            {
                if (!_features[i].IsStopped)
                {
                    return false;
                }
            }

            return true;
        }
    }
}

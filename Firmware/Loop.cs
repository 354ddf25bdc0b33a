// The one loop that owns all state: it polls each feature in order and waits for the nearest deadline. No feature sleeps or locks.

using System.Threading;

namespace Firmware
{
    /// <summary>A part of the application that the loop drives.</summary>
    public interface IFeature
    {
        /// <summary>When <see cref="Poll"/> wants to be called next; <see cref="long.MaxValue"/> for no time of its own.</summary>
        long NextDeadlineMs { get; }

        /// <summary>The loop begins: at boot, and again after each light sleep.</summary>
        /// <param name="nowMs">The time since boot.</param>
        void Start(long nowMs);

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

    /// <summary>Runs features in one thread until it is told to stop. Can run again after <see cref="End"/>.</summary>
    public sealed class Loop
    {
        private readonly Clock _clock;
        private readonly IFeature[] _features;
        private readonly AutoResetEvent _wake = new AutoResetEvent(false);
        private readonly ManualResetEvent _ended = new ManualResetEvent(false);
        private bool _stopRequested;
        private bool _endRequested;
        private bool _isLeaving;

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

        /// <summary>True once the device is about to stop or restart.</summary>
        public bool IsStopRequested
        {
            get { return _stopRequested; }
        }

        /// <summary>Asks the loop, from within, to make everything safe and end.</summary>
        public void End()
        {
            _endRequested = true;
        }

        /// <summary>Waits while the loop does not run: the chip refused to sleep.</summary>
        /// <param name="milliseconds">The longest wait; <see cref="Wake"/> ends it.</param>
        public void Rest(int milliseconds)
        {
            _clock.Wait(_wake, milliseconds);
        }

        /// <summary>Asks the loop to make everything safe and end, and waits until it has. For other threads: a reboot is near.</summary>
        /// <param name="limitMs">The longest wait in milliseconds.</param>
        public void StopAndWait(int limitMs)
        {
            _stopRequested = true;
            _wake.Set();
            _clock.Wait(_ended, limitMs);
        }

        /// <summary>Runs until <see cref="End"/> or <see cref="StopAndWait"/>.</summary>
        public void Run()
        {
            try
            {
                _ended.Reset();
                _endRequested = false;
                _isLeaving = false;
                long now = _clock.NowMs;
                for (int i = 0; i < _features.Length; i++)
                {
                    _features[i].Start(now);
                }

                while (!_stopRequested && !_endRequested)
                {
                    Turn(_clock.NowMs);
                }

                // from here on the turns are those of the goodbye
                _endRequested = false;
                _isLeaving = true;
                now = _clock.NowMs;
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

            // a feature that has ended the loop is not waited for, nor is anything once all have stopped: a quarter of a second awake at each wake-up
            if (next > now && !_endRequested && !(_isLeaving && AreStopped()))
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

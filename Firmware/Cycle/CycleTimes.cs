// How long the board was awake for what: what a user reads on the console, and what the energy model counts.

namespace Firmware.Cycle
{
    /// <summary>The time that each phase has taken since the board woke up.</summary>
    public sealed class CycleTimes
    {
        private const int MsPerSecond = 1000;

        // in the order of CyclePhase
        private static readonly string[] Names = { "sense", "connect", "publish", "listen", "leave" };

        private readonly int[] _ms = new int[Names.Length];
        private int _phase;
        private long _sinceMs;

        /// <summary>The board woke up and senses.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public void Restart(long nowMs)
        {
            for (int i = 0; i < _ms.Length; i++)
            {
                _ms[i] = 0;
            }

            _phase = (int)CyclePhase.Sensing;
            _sinceMs = nowMs;
        }

        /// <summary>A phase begins; the one before ends.</summary>
        /// <param name="phase">The new phase; the old one again only to count its time until now.</param>
        /// <param name="nowMs">The time since boot.</param>
        public void Enter(CyclePhase phase, long nowMs)
        {
            _ms[_phase] += (int)(nowMs - _sinceMs);
            _sinceMs = nowMs;
            _phase = (int)phase;
        }

        /// <summary>How long a phase has taken, all its turns together.</summary>
        /// <param name="phase">The phase.</param>
        /// <returns>Milliseconds since the board woke up; 0 if it was not reached.</returns>
        public int PhaseMs(CyclePhase phase)
        {
            return _ms[(int)phase];
        }

        /// <summary>All of them, for people.</summary>
        /// <returns>For example <c>sense 0.1 s connect 2.3 s</c>.</returns>
        public string Text()
        {
            string text = "";
            for (int i = 0; i < _ms.Length; i++)
            {
                text += _ms[i] > 0 || i == 0 ? " " + Names[i] + " " + Seconds(_ms[i]) : "";
            }

            return text;
        }

        /// <summary>A time for people.</summary>
        /// <param name="milliseconds">The time, 0 or more.</param>
        /// <returns>For example <c>2.3 s</c>.</returns>
        public static string Seconds(long milliseconds)
        {
            return (milliseconds / MsPerSecond) + "." + (milliseconds % MsPerSecond / 100) + " s";
        }
    }
}

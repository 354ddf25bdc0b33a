// A board clock that runs with the PC's, optionally faster: a scale of 60 makes a minute of the board last a second. The scale can be changed while
// it runs, for example for the sleeps only; an action that is scheduled already keeps the time of the PC at which it will run.

using System.Diagnostics;

namespace Firmware.Simulator.Board;

/// <summary>A board clock driven by the PC's monotonic clock.</summary>
public sealed class RealBoardTime : BoardTime
{
    // what System.Threading.Timer can do: 49 days
    private const long LongestTimerMs = 0xFFFFFFFE;

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _scaling = new();
    private double _scale;
    private double _sinceUs;
    private double _totalUs;

    /// <summary>Makes the clock; it runs from here on.</summary>
    /// <param name="scale">Board milliseconds in a real millisecond, above 0.</param>
    public RealBoardTime(double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        _scale = scale;
    }

    /// <summary>Board milliseconds in a real millisecond, above 0. From now on.</summary>
    public double Scale
    {
        get
        {
            lock (_scaling)
            {
                return _scale;
            }
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            lock (_scaling)
            {
                double nowUs = _watch.Elapsed.TotalMicroseconds;
                _totalUs += (nowUs - _sinceUs) * _scale;
                _sinceUs = nowUs;
                _scale = value;
            }
        }
    }

    /// <inheritdoc/>
    public override long TotalMs => TotalUs / 1000;

    /// <inheritdoc/>
    public override long TotalUs
    {
        get
        {
            lock (_scaling)
            {
                return (long)(_totalUs + ((_watch.Elapsed.TotalMicroseconds - _sinceUs) * _scale));
            }
        }
    }

    /// <inheritdoc/>
    public override IDisposable After(long ms, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new OneShot(_watch, _watch.Elapsed.TotalMilliseconds + ToReal(ms), action);
    }

    /// <inheritdoc/>
    protected override bool WaitCore(WaitHandle? signal, WaitHandle? powerLost, int ms)
    {
        long startMs = TotalMs;
        while (true)
        {
            int realMs = Timeout.Infinite;
            if (ms >= 0)
            {
                long leftMs = startMs + ms - TotalMs;
                realMs = leftMs <= 0 ? 0 : (int)Math.Min(int.MaxValue, ToReal(leftMs));
            }

            if (signal is null && powerLost is null)
            {
                Thread.Sleep(realMs);
                return false;
            }

            int index = signal is null || powerLost is null
                ? ((signal ?? powerLost)!.WaitOne(realMs) ? 0 : WaitHandle.WaitTimeout)
                : WaitHandle.WaitAny([signal, powerLost], realMs);
            if (index != WaitHandle.WaitTimeout)
            {
                return index == 0 && signal is not null;
            }

            if (TotalMs - startMs >= ms)
            {
                return false;
            }

            // the operating system woke us a little early: a board's timer never does
        }
    }

    private long ToReal(long ms) => (long)Math.Ceiling(Math.Max(0, ms) / Scale);

    /// <summary>A timer that fires once, and never before its time. Whoever set it, its action belongs to the world outside.</summary>
    private sealed class OneShot : IDisposable
    {
        private readonly Timer _timer;
        private readonly Stopwatch _watch;
        private readonly double _dueMs;
        private Action? _action;

        internal OneShot(Stopwatch watch, double dueMs, Action action)
        {
            _watch = watch;
            _dueMs = dueMs;
            _action = action;
            _timer = new Timer(static s => ((OneShot)s!).Fire(), this, Timeout.Infinite, Timeout.Infinite);
            Arm();
        }

        public void Dispose()
        {
            Interlocked.Exchange(ref _action, null);
            _timer.Dispose();
        }

        private double LeftMs => _dueMs - _watch.Elapsed.TotalMilliseconds;

        private void Arm()
        {
            try
            {
                _timer.Change((long)Math.Clamp(Math.Ceiling(LeftMs), 0, LongestTimerMs), Timeout.Infinite);
            }
            catch (ObjectDisposedException)
            {
                // disposed of by its owner while it was firing
            }
        }

        private void Fire()
        {
            if (LeftMs > 0)
            {
                // the PC's timer counts in coarser steps than the watch and can be early
                Arm();
                return;
            }

            Action? action = Interlocked.Exchange(ref _action, null);
            _timer.Dispose();
            if (action is not null)
            {
                OutsideWorld.Run(action);
            }
        }
    }
}

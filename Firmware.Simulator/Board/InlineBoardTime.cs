// A board clock for one thread: nothing blocks. Whoever waits runs what is scheduled, inline, and so moves the clock from action to action up
// to its own deadline: weeks pass as fast as the firmware's code runs, and every run of a seed is the same.
// VirtualBoard.Inline.cs runs the boots. Left out: other threads. A thread that the firmware makes must not wait on this clock.

namespace Firmware.Simulator.Board;

/// <summary>A board clock that its only thread moves by waiting. Not thread-safe.</summary>
public sealed class InlineBoardTime : BoardTime
{
    private readonly PriorityQueue<Scheduled, (long DueMs, long Order)> _scheduled = new();
    private long _nowMs;
    private long _order;
    private bool _inAction;

    /// <inheritdoc/>
    public override long TotalMs => _nowMs;

    /// <inheritdoc/>
    public override IDisposable After(long ms, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Scheduled scheduled = new(action);
        _scheduled.Enqueue(scheduled, (_nowMs + Math.Max(0, ms), _order++));
        return scheduled;
    }

    /// <summary>Goes to the next scheduled action and runs it; if there is none until then, goes to the limit. For a board that sleeps or is off.</summary>
    /// <param name="limitMs">The latest time to go to, on the clock of <see cref="TotalMs"/>; <see cref="long.MaxValue"/> for no limit.</param>
    /// <returns>False if no action was due until the limit. Without a limit the clock then stays.</returns>
    public bool RunNext(long limitMs)
    {
        if (_inAction)
        {
            throw new InvalidOperationException("A scheduled action must not wait: it runs inside the wait of another.");
        }

        while (_scheduled.TryPeek(out Scheduled? next, out (long DueMs, long Order) at))
        {
            Action? action = next.Action;
            if (action is not null && at.DueMs > limitMs)
            {
                break;
            }

            _scheduled.Dequeue();
            if (action is not null)
            {
                next.Dispose();
                _nowMs = Math.Max(_nowMs, at.DueMs);
                Run(action);
                return true;
            }
        }

        _nowMs = limitMs == long.MaxValue ? _nowMs : Math.Max(_nowMs, limitMs);
        return false;
    }

    /// <inheritdoc/>
    protected override bool WaitCore(WaitHandle? signal, WaitHandle? powerLost, int ms)
    {
        Boot? boot = Boot.Ambient;
        long limitMs = ms < 0 ? long.MaxValue : _nowMs + ms;
        do
        {
            boot?.DeliverEvents();
            if (boot is { IsAlive: false })
            {
                return false;
            }

            if (signal is not null && signal.WaitOne(0))
            {
                return true;
            }
        }
        while (RunNext(limitMs));

        return ms >= 0
            ? false
            : throw new InvalidOperationException($"A wait without end at {_nowMs} ms: nothing is scheduled that could set its signal or cut the power.");
    }

    private void Run(Action action)
    {
        _inAction = true;
        try
        {
            OutsideWorld.Run(action);
        }
        finally
        {
            _inAction = false;
        }
    }

    private sealed class Scheduled(Action action) : IDisposable
    {
        /// <summary>Null once it ran or was called off.</summary>
        internal Action? Action { get; private set; } = action;

        public void Dispose() => Action = null;
    }
}

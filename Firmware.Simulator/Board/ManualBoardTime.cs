// A board clock that stands still until a test moves it. Advance goes from deadline to deadline, and at each one lets the threads
// that it woke come back to the clock before it goes on: so a loop that sleeps 20 ms really gets its 50 rounds in Advance(1000).

namespace Firmware.Simulator.Board;

/// <summary>A board clock moved by hand.</summary>
public sealed class ManualBoardTime : BoardTime
{
    private readonly object _gate = new();
    private readonly Lock _advancing = new();
    private readonly List<Waiter> _waiters = [];
    private readonly List<Scheduled> _scheduled = [];
    private long _nowMs;

    /// <inheritdoc/>
    public override long TotalMs => Interlocked.Read(ref _nowMs);

    /// <summary>Real milliseconds that <see cref="Advance"/> gives the threads woken at one instant to come back to this clock or end.
    /// A thread that blocks elsewhere (a socket, a lock) costs this long at each of its deadlines.</summary>
    public int SettleMs { get; set; } = 200;

    /// <summary>Threads that wait on this clock now, in Sleep or Wait.</summary>
    public int WaiterCount
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Moves the clock, waking sleepers and running scheduled actions in the order of their deadlines.</summary>
    /// <param name="ms">Milliseconds to move, at least 0.</param>
    public void Advance(long ms)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ms);
        lock (_advancing)
        {
            long targetMs = TotalMs + ms;
            while (Step(targetMs))
            {
            }

            Interlocked.Exchange(ref _nowMs, targetMs);
        }
    }

    /// <summary>Moves the clock to the next deadline and serves it: not a millisecond further, so that what begins there, such as a boot, begins on time.</summary>
    /// <param name="maxMs">Milliseconds to move at the most, at least 0.</param>
    public void AdvanceToNext(long maxMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxMs);
        lock (_advancing)
        {
            long targetMs = TotalMs + maxMs;
            if (!Step(targetMs))
            {
                Interlocked.Exchange(ref _nowMs, targetMs);
            }
        }
    }

    /// <summary>Blocks, in real time, until at least so many threads wait on this clock.</summary>
    /// <param name="count">The number of threads.</param>
    /// <param name="realTimeoutMs">Longest real time to wait, in milliseconds.</param>
    /// <returns>True if they do.</returns>
    public bool AwaitWaiters(int count, int realTimeoutMs = 5000)
    {
        long untilMs = System.Environment.TickCount64 + realTimeoutMs;
        lock (_gate)
        {
            while (_waiters.Count < count)
            {
                long leftMs = untilMs - System.Environment.TickCount64;
                if (leftMs <= 0 || !Monitor.Wait(_gate, (int)leftMs))
                {
                    return _waiters.Count >= count;
                }
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override IDisposable After(long ms, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Scheduled scheduled = new(this, TotalMs + Math.Max(0, ms), action);
        lock (_gate)
        {
            _scheduled.Add(scheduled);
        }

        return scheduled;
    }

    /// <inheritdoc/>
    protected override bool WaitCore(WaitHandle? signal, WaitHandle? powerLost, int ms)
    {
        if (ms == 0)
        {
            return signal is not null && signal.WaitOne(0);
        }

        Waiter waiter = new(ms < 0 ? long.MaxValue : TotalMs + ms);
        List<WaitHandle> handles = [waiter.Tick];
        if (signal is not null)
        {
            handles.Insert(0, signal);
        }

        if (powerLost is not null)
        {
            handles.Add(powerLost);
        }

        lock (_gate)
        {
            _waiters.Add(waiter);
            Monitor.PulseAll(_gate);
        }

        int index = WaitHandle.WaitAny([.. handles]);
        lock (_gate)
        {
            _waiters.Remove(waiter);
        }

        return index == 0 && signal is not null;
    }

    /// <summary>Goes to the next deadline up to the target and serves it.</summary>
    /// <returns>False if there is none.</returns>
    private bool Step(long targetMs)
    {
        List<Thread> woken = [];
        List<Scheduled> due = [];
        lock (_gate)
        {
            long nextMs = long.MaxValue;
            foreach (Waiter waiter in _waiters)
            {
                nextMs = Math.Min(nextMs, waiter.DueMs);
            }

            foreach (Scheduled scheduled in _scheduled)
            {
                nextMs = Math.Min(nextMs, scheduled.DueMs);
            }

            if (nextMs > targetMs)
            {
                return false;
            }

            Interlocked.Exchange(ref _nowMs, Math.Max(TotalMs, nextMs));
            for (int i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].DueMs <= TotalMs)
                {
                    woken.Add(_waiters[i].Thread);
                    _waiters[i].Tick.Set();
                    _waiters.RemoveAt(i);
                }
            }

            due.AddRange(_scheduled.FindAll(s => s.DueMs <= TotalMs));
            _scheduled.RemoveAll(due.Contains);
        }

        foreach (Scheduled scheduled in due)
        {
            scheduled.Run();
        }

        Settle(woken);
        return true;
    }

    private void Settle(List<Thread> woken)
    {
        long untilMs = System.Environment.TickCount64 + SettleMs;
        lock (_gate)
        {
            while (woken.RemoveAll(t => !t.IsAlive || _waiters.Exists(w => w.Thread == t)) >= 0
                && woken.Count > 0
                && System.Environment.TickCount64 < untilMs)
            {
                // a thread that ends pulses nobody, so look again now and then
                Monitor.Wait(_gate, 2);
            }
        }
    }

    private sealed class Waiter(long dueMs)
    {
        internal long DueMs { get; } = dueMs;

        internal Thread Thread { get; } = Thread.CurrentThread;

        internal ManualResetEvent Tick { get; } = new(false);
    }

    private sealed class Scheduled(ManualBoardTime owner, long dueMs, Action action) : IDisposable
    {
        private Action? _action = action;

        internal long DueMs { get; } = dueMs;

        public void Dispose()
        {
            Interlocked.Exchange(ref _action, null);
            lock (owner._gate)
            {
                owner._scheduled.Remove(this);
            }
        }

        /// <summary>Runs the action as a thread without a board would, whoever moves the clock.</summary>
        internal void Run()
        {
            Action? run = Interlocked.Exchange(ref _action, null);
            if (run is not null)
            {
                OutsideWorld.Run(run);
            }
        }
    }
}

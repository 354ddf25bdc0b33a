// The board's clock: uptime of the boot, the wall clock that starts at 1970 until something sets it, and waiting.
// Three machines: RealBoardTime runs with the PC's clock, ManualBoardTime is moved by a test, InlineBoardTime by the board's own waits.

namespace Firmware.Simulator.Board;

/// <summary>The clock of one virtual board. Thread-safe. A BoardTime belongs to one board.</summary>
public abstract class BoardTime
{
    private readonly Lock _gate = new();
    private long _bootAtMs;
    private long _utcAtMs;
    private DateTime _utc = DateTime.UnixEpoch;

    /// <summary>Milliseconds since this clock was made. Never goes back and knows no boots: the time of the world outside.</summary>
    public abstract long TotalMs { get; }

    /// <summary>Microseconds since this clock was made.</summary>
    public virtual long TotalUs => TotalMs * 1000;

    /// <summary>Milliseconds since the running boot began.</summary>
    public long UptimeMs => TotalMs - Interlocked.Read(ref _bootAtMs);

    /// <summary>Microseconds since the running boot began.</summary>
    public long UptimeUs => TotalUs - (Interlocked.Read(ref _bootAtMs) * 1000);

    /// <summary>The board's wall clock, UTC: 1970-01-01 plus uptime after a cold boot, until <see cref="SetUtc"/>.</summary>
    public DateTime UtcNow
    {
        get
        {
            lock (_gate)
            {
                return _utc.AddMilliseconds(TotalMs - _utcAtMs);
            }
        }
    }

    /// <summary>Sets the wall clock, as SNTP and Rtc.SetSystemTime do.</summary>
    /// <param name="utc">The new time, UTC.</param>
    public void SetUtc(DateTime utc)
    {
        lock (_gate)
        {
            _utc = DateTime.SpecifyKind(utc, DateTimeKind.Utc);
            _utcAtMs = TotalMs;
        }
    }

    /// <summary>Blocks the calling thread for a time of this clock.</summary>
    /// <param name="ms">Milliseconds; -1 waits for ever.</param>
    /// <exception cref="BoardPoweredOffException">The thread's boot lost power, before or meanwhile.</exception>
    public void Sleep(int ms)
    {
        WaitOrPowerOff(null, ms);
    }

    /// <summary>Blocks the calling thread until the signal is set or a time of this clock has passed.</summary>
    /// <param name="signal">What to wait for.</param>
    /// <param name="ms">Milliseconds; -1 waits for ever, 0 only looks.</param>
    /// <returns>True if the signal was set.</returns>
    /// <exception cref="BoardPoweredOffException">The thread's boot lost power, before or meanwhile.</exception>
    public bool Wait(WaitHandle signal, int ms)
    {
        ArgumentNullException.ThrowIfNull(signal);
        return WaitOrPowerOff(signal, ms);
    }

    /// <summary>Runs an action once, a time of this clock from now, on a thread without a board.</summary>
    /// <param name="ms">Milliseconds from now, at least 0.</param>
    /// <param name="action">What to run. It must not block.</param>
    /// <returns>Dispose it to call the action off.</returns>
    public abstract IDisposable After(long ms, Action action);

    /// <summary>Waits on this clock until a handle is set or the time is over.</summary>
    /// <param name="signal">The caller's signal, or null.</param>
    /// <param name="powerLost">Set when the caller's boot ends, or null for a thread without a board.</param>
    /// <param name="ms">Milliseconds; -1 waits for ever.</param>
    /// <returns>True if <paramref name="signal"/> was set; false for anything else.</returns>
    protected abstract bool WaitCore(WaitHandle? signal, WaitHandle? powerLost, int ms);

    /// <summary>Begins a boot: uptime 0; the wall clock goes on only if its oscillator kept running (deep sleep, reboot).</summary>
    internal void BeginBoot(bool keepUtc)
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _bootAtMs, TotalMs);
            if (!keepUtc)
            {
                _utc = DateTime.UnixEpoch;
                _utcAtMs = TotalMs;
            }
        }
    }

    private bool WaitOrPowerOff(WaitHandle? signal, int ms)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ms, Timeout.Infinite);
        Boot? boot = Boot.Ambient;
        boot?.ThrowIfDead();
        bool signalled = WaitCore(signal, boot?.Off, ms);
        boot?.ThrowIfDead();
        return signalled;
    }
}

// Boots without threads: on an InlineBoardTime the board's program runs on the thread that calls RunHere, one boot after the other. Cutting and
// restoring the power, resets, sleep and wake-up go the same way as with threads (VirtualBoard.Power.cs); only who calls main differs.

namespace Firmware.Simulator.Board;

public sealed partial class VirtualBoard
{
    private Boot? _lastBootHere;
    private bool _runsHere;

    /// <summary>True if the board makes no threads: boots wait for <see cref="RunHere"/>, pin events are delivered in the firmware's waits,
    /// console lines at once.</summary>
    public bool IsInline => Time is InlineBoardTime;

    /// <summary>Runs a board without threads: each boot on this thread, and the scheduled actions of its clock while it sleeps or is off. The board must be
    /// started before, or by an action. A program that still runs at the end is <see cref="PowerOffReason.Stopped"/>; one in deep sleep stays
    /// there for the next call. A program that neither waits nor ends never comes back.</summary>
    /// <param name="untilMs">The end, on the clock of <see cref="BoardTime.TotalMs"/>.</param>
    /// <exception cref="InvalidOperationException">The board has threads, or the caller is its firmware.</exception>
    public void RunHere(long untilMs)
    {
        InlineBoardTime time = Time as InlineBoardTime ?? throw new InvalidOperationException($"Board {Name} runs in threads: RunHere needs an InlineBoardTime.");
        if (_runsHere || Boot.Ambient is not null)
        {
            throw new InvalidOperationException("RunHere was called from inside a board.");
        }

        using IDisposable end = time.After(untilMs - time.TotalMs, () =>
        {
            if (_runsHere)
            {
                SwitchOff(PowerOffReason.Stopped);
            }
        });
        while (time.TotalMs < untilMs)
        {
            if (TakeBoot() is { } boot)
            {
                RunMainHere(boot);
            }
            else
            {
                time.RunNext(untilMs);
            }
        }
    }

    private void RunMainHere(Boot boot)
    {
        _runsHere = true;
        try
        {
            RunMain(boot, _program!, previous: null);
        }
        finally
        {
            _runsHere = false;
            Boot.Ambient = null;
        }
    }

    /// <summary>The boot that has begun but whose main has not run, or null.</summary>
    private Boot? TakeBoot()
    {
        lock (_power)
        {
            return _boot == _lastBootHere ? null : _lastBootHere = _boot;
        }
    }
}

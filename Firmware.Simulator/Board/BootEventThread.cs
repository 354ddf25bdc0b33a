// The thread on which a boot's firmware gets its events: nanoFramework delivers them on one thread of its own, in order.

using System.Collections.Concurrent;

namespace Firmware.Simulator.Board;

/// <summary>A queue and the thread that empties it, in the boot's context.</summary>
internal sealed class BootEventThread
{
    private readonly BlockingCollection<Action> _queue = [];
    private readonly Boot _boot;
    private int _pending;

    internal BootEventThread(Boot boot)
    {
        _boot = boot;
        Thread thread = new(Run) { IsBackground = true, Name = $"{boot.Board.Name} events" };
        thread.Start();
    }

    /// <summary>Whether every event has been delivered and its handlers have returned.</summary>
    internal bool IsIdle => Volatile.Read(ref _pending) == 0;

    internal void Post(Action work)
    {
        Interlocked.Increment(ref _pending);
        try
        {
            _queue.Add(work);
        }
        catch (InvalidOperationException)
        {
            // the boot ended in between: events of a board without power are lost
        }
    }

    internal void End()
    {
        _queue.CompleteAdding();
    }

    private void Run()
    {
        Boot.Ambient = _boot;
        foreach (Action work in _queue.GetConsumingEnumerable())
        {
            if (!_boot.IsAlive)
            {
                return;
            }

            try
            {
                work();
            }
            catch (Exception e)
            {
                _boot.Board.ReportUnhandled(_boot, e, "an event handler");
            }
            finally
            {
                Interlocked.Decrement(ref _pending);
            }
        }
    }
}

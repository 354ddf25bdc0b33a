// The thread on which a boot's firmware gets its events: nanoFramework delivers them on one thread of its own, in order.

using System.Collections.Concurrent;

namespace Firmware.Simulator.Board;

/// <summary>A queue and the thread that empties it, in the boot's context.</summary>
internal sealed class BootEventThread : IBootEvents
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

    public bool IsIdle => Volatile.Read(ref _pending) == 0;

    public void Post(Action work)
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

    public void End()
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

            _boot.RunEvent(work);
            Interlocked.Decrement(ref _pending);
        }
    }
}

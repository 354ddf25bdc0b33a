// The events of a boot's firmware: nanoFramework delivers them one after the other, on a thread of its own. Here that is a thread too, or on a
// board without threads a queue that is emptied whenever the firmware waits.

namespace Firmware.Simulator.Board;

/// <summary>Delivers events to the firmware of one boot, in order.</summary>
internal interface IBootEvents
{
    /// <summary>Whether every event has been delivered and its handlers have returned.</summary>
    bool IsIdle { get; }

    /// <summary>Takes an event; events of a board without power are lost.</summary>
    void Post(Action work);

    /// <summary>The boot has ended.</summary>
    void End();
}

/// <summary>Events that the waiting firmware delivers to itself.</summary>
internal sealed class BootEventQueue(Boot boot) : IBootEvents
{
    private readonly Queue<Action> _queue = new();
    private bool _delivering;

    public bool IsIdle => _queue.Count == 0 && !_delivering;

    public void Post(Action work) => _queue.Enqueue(work);

    public void End() => _queue.Clear();

    /// <summary>Calls the handlers, unless one of them is who waits: like a thread, it comes back to the queue only when that handler has returned.</summary>
    internal void Deliver()
    {
        if (_delivering)
        {
            return;
        }

        _delivering = true;
        try
        {
            while (boot.IsAlive && _queue.TryDequeue(out Action? work))
            {
                boot.RunEvent(work);
            }
        }
        finally
        {
            _delivering = false;
        }
    }
}

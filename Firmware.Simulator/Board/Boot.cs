// One run of the firmware on a board, from power-on to power-off: the ambient object that says to which board a thread belongs,
// and the home of everything that nanoFramework keeps in static fields (they are per device, so here they are per boot).

using System.Collections.Concurrent;

namespace Firmware.Simulator.Board;

/// <summary>A boot. It flows with the ExecutionContext, so threads and timers that the firmware makes belong to it as well.</summary>
internal sealed class Boot
{
    // A firmware that catches every exception and retries would spin on a dead board: slow it down after this many refusals.
    private const int RefusalsBeforeBackoff = 16;
    private const int BackoffMs = 20;

    private static readonly AsyncLocal<Boot?> AmbientBoot = new();

    private readonly ConcurrentDictionary<Type, object> _state = new();
    private readonly List<Registration> _powerLost = [];
    private readonly ManualResetEvent _off = new(false);
    private IBootEvents? _events;
    private volatile PowerOffReason _endReason;
    private int _refusals;

    internal Boot(VirtualBoard board, int wakeupCause)
    {
        Board = board;
        WakeupCause = wakeupCause;
    }

    /// <summary>The boot to which the calling thread belongs, dead or alive, or null.</summary>
    internal static Boot? Ambient
    {
        get => AmbientBoot.Value;
        set => AmbientBoot.Value = value;
    }

    /// <summary>The living boot to which the calling thread belongs.</summary>
    /// <exception cref="InvalidOperationException">The thread belongs to no board.</exception>
    /// <exception cref="BoardPoweredOffException">Its boot has lost power.</exception>
    internal static Boot Current
    {
        get
        {
            Boot boot = Ambient ?? throw new InvalidOperationException(
                "This thread belongs to no virtual board. Firmware must run inside VirtualBoard.Start(...), or in a thread or timer that was made there.");
            boot.ThrowIfDead();
            return boot;
        }
    }

    internal VirtualBoard Board { get; }

    internal Thread? Main { get; set; }

    internal bool IsAlive => _endReason == PowerOffReason.None;

    internal PowerOffReason EndReason => _endReason;

    /// <summary>Set when the boot ends: what every wait of the firmware also waits for.</summary>
    internal WaitHandle Off => _off;

    /// <summary>Value of Sleep.WakeupCause for this boot, or for the last light sleep in it.</summary>
    internal int WakeupCause { get; set; }

    /// <summary>Bits of the pins that ended the last sleep by EXT1.</summary>
    internal ulong WakeupPins { get; set; }

    /// <summary>The boot's one object of type <typeparamref name="T"/>: what the device keeps in static fields.</summary>
    internal T State<T>()
        where T : class, new()
    {
        return (T)_state.GetOrAdd(typeof(T), static _ => new T());
    }

    internal void ThrowIfDead()
    {
        if (IsAlive)
        {
            return;
        }

        if (Interlocked.Increment(ref _refusals) > RefusalsBeforeBackoff)
        {
            Thread.Sleep(BackoffMs);
        }

        throw new BoardPoweredOffException(Board.Name, _endReason);
    }

    /// <summary>Whether the event thread has nothing left to deliver; a dead boot has not.</summary>
    internal bool IsEventThreadIdle => !IsAlive || _events is null || _events.IsIdle;

    /// <summary>Queues work for the boot's event thread (on a board without threads: for its next wait), on which nanoFramework delivers pin events.</summary>
    internal void Post(Action work)
    {
        lock (_powerLost)
        {
            if (!IsAlive)
            {
                return;
            }

            _events ??= Board.IsInline ? new BootEventQueue(this) : new BootEventThread(this);
        }

        _events.Post(work);
    }

    /// <summary>On a board without threads: delivers what was posted, on the thread of the boot, which waits.</summary>
    internal void DeliverEvents() => (_events as BootEventQueue)?.Deliver();

    /// <summary>Calls an event's handlers. An exception ends only the event.</summary>
    internal void RunEvent(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            Board.ReportUnhandled(this, e, "an event handler");
        }
    }

    internal IDisposable OnPowerLost(Action action)
    {
        Registration registration = new(this, action);
        lock (_powerLost)
        {
            if (IsAlive)
            {
                _powerLost.Add(registration);
                return registration;
            }
        }

        OutsideWorld.Run(action);
        return registration;
    }

    /// <summary>Marks the boot dead. From here on every hardware access of its threads throws.</summary>
    /// <returns>False if it was dead before.</returns>
    internal bool End(PowerOffReason reason)
    {
        lock (_powerLost)
        {
            if (!IsAlive)
            {
                return false;
            }

            _endReason = reason;
        }

        _off.Set();
        _events?.End();
        return true;
    }

    /// <summary>Runs what was registered for the loss of power. Called once, after the pins are off.</summary>
    internal void RunPowerLostActions()
    {
        Registration[] registrations;
        lock (_powerLost)
        {
            registrations = [.. _powerLost];
            _powerLost.Clear();
        }

        foreach (Registration registration in registrations)
        {
            try
            {
                OutsideWorld.Run(registration.Action);
            }
            catch (Exception e)
            {
                Board.ReportWarning($"an action at the loss of power failed: {e.GetType().Name}: {e.Message}");
            }
        }
    }

    private sealed class Registration(Boot boot, Action action) : IDisposable
    {
        internal Action Action { get; } = action;

        public void Dispose()
        {
            lock (boot._powerLost)
            {
                boot._powerLost.Remove(this);
            }
        }
    }
}

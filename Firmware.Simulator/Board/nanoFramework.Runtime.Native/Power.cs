// nanoFramework.Runtime.Native.Power: restarting from inside, and the event that announces it. The simulator's Stop raises the same event.

using Firmware.Simulator.Board;

namespace nanoFramework.Runtime.Native;

/// <summary>Handler of <see cref="Power.OnRebootEvent"/>.</summary>
public delegate void RebootEventHandler();

/// <summary>Kinds of restart.</summary>
public enum RebootOption
{
    /// <summary>The whole chip.</summary>
    NormalReboot = 0,

    /// <summary>Into nanoBooter (a normal reboot here).</summary>
    EnterNanoBooter = 1,

    /// <summary>The CLR only (a normal reboot here).</summary>
    ClrOnly = 2,

    /// <summary>Into the maker's boot loader (a normal reboot here).</summary>
    EnterProprietaryBooter = 8,
}

/// <summary>Power of the device.</summary>
public class Power
{
    /// <summary>Raised before the device restarts, and by the simulator before it switches the board off in an orderly way.</summary>
    public static event RebootEventHandler OnRebootEvent
    {
        add => Boot.Current.State<RebootHandlers>().Add(value);
        remove => Boot.Current.State<RebootHandlers>().Remove(value);
    }

    /// <summary>Restarts the device. Never returns. The clock keeps its time.</summary>
    /// <param name="rebootOption">Kind of restart.</param>
    /// <exception cref="BoardPoweredOffException">Always: the way in which the calling thread ends.</exception>
    public static void RebootDevice(RebootOption rebootOption = RebootOption.NormalReboot)
    {
        RebootDevice(System.Threading.Timeout.Infinite, rebootOption);
    }

    /// <summary>Restarts the device. Never returns.</summary>
    /// <param name="exeConstraintTimeout">Longest time for the handlers in milliseconds; -1 for no limit.</param>
    /// <param name="rebootOption">Kind of restart.</param>
    /// <exception cref="BoardPoweredOffException">Always: the way in which the calling thread ends.</exception>
    public static void RebootDevice(int exeConstraintTimeout, RebootOption rebootOption = RebootOption.NormalReboot)
    {
        _ = rebootOption;
        Boot boot = Boot.Current;
        if (boot.Board.IsInline)
        {
            RunHandlers(boot);
        }
        else
        {
            Thread handlers = new(() => RunHandlers(boot)) { IsBackground = true };
            handlers.Start();
            handlers.Join(exeConstraintTimeout < 0 ? System.Threading.Timeout.Infinite : exeConstraintTimeout);
        }

        boot.Board.Restart(boot, PowerOffReason.Reboot, keepUtc: true);
        throw new BoardPoweredOffException(boot.Board.Name, boot.EndReason);
    }

    private static void RunHandlers(Boot boot)
    {
        try
        {
            boot.State<RebootHandlers>().Raise();
        }
        catch (Exception)
        {
            // as on the device: nothing that a handler does can stop the reboot
        }
    }
}

/// <summary>The handlers of one boot.</summary>
internal sealed class RebootHandlers
{
    private readonly Lock _gate = new();
    private RebootEventHandler? _handlers;

    internal void Add(RebootEventHandler handler)
    {
        lock (_gate)
        {
            _handlers += handler;
        }
    }

    internal void Remove(RebootEventHandler handler)
    {
        lock (_gate)
        {
            _handlers -= handler;
        }
    }

    internal void Raise()
    {
        RebootEventHandler? handlers;
        lock (_gate)
        {
            handlers = _handlers;
        }

        handlers?.Invoke();
    }
}

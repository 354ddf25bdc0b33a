// The power switch: starting, stopping, resetting, sleeping. Every way to end a boot goes through EndBoot, so that pins go low at once,
// links die and threads unwind in the same order whatever the reason.

using nanoFramework.Hardware.Esp32;

namespace Firmware.Simulator.Board;

public sealed partial class VirtualBoard
{
    // how long a new boot waits for the old one's main thread, so that the two do not share the firmware's static fields
    private const int UnwindTimeoutMs = 2000;

    private readonly Lock _power = new();
    private ThreadStart? _program;
    private Boot? _boot;
    private DeepSleep? _sleep;
    private volatile WakeupWatch? _lightSleep;
    private Thread? _lastMain;
    private BoardState _state;

    /// <summary>Raised after <see cref="State"/> changed, on the thread that changed it.</summary>
    public event Action<BoardState>? StateChanged;

    /// <summary>Raised when a light sleep begins (true) and ends (false), on the firmware's thread. <see cref="State"/> stays Running: memory and pins stay.</summary>
    public event Action<bool>? LightSleepChanged;

    /// <summary>True while the firmware is in light sleep, until its thread runs again.</summary>
    public bool IsInLightSleep => _lightSleep is not null;

    /// <summary>True while the board is in deep or light sleep and its wake-up sources are watched: from then on the clock may be moved.</summary>
    public bool IsAsleep
    {
        get
        {
            lock (_power)
            {
                return (_lightSleep ?? _sleep?.Watch) is { IsWatching: true };
            }
        }
    }

    /// <summary>What the board is doing.</summary>
    public BoardState State
    {
        get
        {
            lock (_power)
            {
                return _state;
            }
        }
    }

    /// <summary>True while the board has power and its program runs.</summary>
    public bool IsRunning => State == BoardState.Running;

    /// <summary>Number of boots so far, counting resets, reboots and wake-ups from deep sleep.</summary>
    public int BootCount { get; private set; }

    /// <summary>Switches the board on: a cold boot that runs the program in a new thread, or in the next <see cref="RunHere"/>.</summary>
    /// <param name="main">The firmware's entry point. It runs again after each reset, reboot and wake-up.</param>
    /// <exception cref="InvalidOperationException">The board is on already.</exception>
    public void Start(ThreadStart main)
    {
        ArgumentNullException.ThrowIfNull(main);
        if (!Begin(main, (int)Sleep.WakeupCause.Undefined, 0, keepUtc: false, onlyIf: () => _state == BoardState.Off))
        {
            throw new InvalidOperationException($"Board {Name} is on already.");
        }
    }

    /// <summary>Gives the power back after <see cref="CutPower"/> or <see cref="Stop"/>: a cold boot of the same program.</summary>
    /// <exception cref="InvalidOperationException">The board is on, or was never started.</exception>
    public void RestorePower()
    {
        Start(_program ?? throw new InvalidOperationException($"Board {Name} was never started."));
    }

    /// <summary>Switches the board off in an orderly way: the firmware's Power.OnRebootEvent handlers run, main is awaited, then the power goes.</summary>
    /// <param name="timeoutMs">Longest wait for both, in real milliseconds.</param>
    /// <returns>True if main ended in time (or the board was not running); false if it had to be cut off. A board without threads is always cut off.</returns>
    public bool Stop(int timeoutMs)
    {
        Boot? boot;
        lock (_power)
        {
            boot = _boot;
        }

        bool ended = boot is null || !IsInline;
        if (boot?.Main is { } main)
        {
            long untilMs = System.Environment.TickCount64 + timeoutMs;
            Thread handlers = new(() => RunInBoot(boot, boot.State<nanoFramework.Runtime.Native.RebootHandlers>().Raise, "an OnRebootEvent handler"))
            {
                IsBackground = true,
                Name = $"{Name} shutdown",
            };
            handlers.Start();
            ended = handlers.Join(LeftMs(untilMs)) && main.Join(LeftMs(untilMs));
        }

        SwitchOff(PowerOffReason.Stopped);
        return ended;
    }

    /// <summary>Pulls the plug: outputs go low at once, links die without a word, threads unwind at their next hardware access.</summary>
    public void CutPower()
    {
        SwitchOff(PowerOffReason.PowerCut);
    }

    /// <summary>The reset button: like pulling the plug and putting it back. Does nothing on a board without power.</summary>
    public void Reset()
    {
        Boot? boot;
        DeepSleep? sleep;
        lock (_power)
        {
            boot = _boot;
            sleep = _sleep;
        }

        if (boot is not null)
        {
            Restart(boot, PowerOffReason.Reset, keepUtc: false);
        }
        else if (sleep is not null)
        {
            Wake(sleep, (int)Sleep.WakeupCause.Undefined, 0, keepUtc: false);
        }
    }

    /// <summary>Registers what must happen at the moment the running boot loses power, for example closing a socket so that its peer sees a dead link.</summary>
    /// <param name="action">Runs once, on the thread that cuts the power; at once if the boot is dead already. Must not block.</param>
    /// <returns>Dispose it to take the registration back.</returns>
    /// <exception cref="InvalidOperationException">The board is off, and the caller is no thread of it.</exception>
    public IDisposable OnPowerLost(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Boot? boot = Boot.Ambient;
        if (boot?.Board != this)
        {
            lock (_power)
            {
                boot = _boot ?? throw new InvalidOperationException($"Board {Name} is off.");
            }
        }

        return boot.OnPowerLost(action);
    }

    /// <summary>Ends the boot and starts the program again, as esp_restart (keeps the clock) or the reset button does.</summary>
    internal void Restart(Boot boot, PowerOffReason reason, bool keepUtc)
    {
        if (EndBoot(boot, reason, BoardState.Off, sleep: null))
        {
            Begin(_program!, (int)Sleep.WakeupCause.Undefined, 0, keepUtc, onlyIf: () => _state == BoardState.Off);
        }
    }

    /// <summary>Ends the boot and keeps only the wake-up sources alive.</summary>
    internal void EnterDeepSleep(Boot boot, WakeupSources sources)
    {
        DeepSleep sleep = new(sources.Watch(this));
        if (EndBoot(boot, PowerOffReason.DeepSleep, BoardState.DeepSleep, sleep))
        {
            sleep.Watch.Begin((cause, pins) => Wake(sleep, (int)cause, pins, keepUtc: true));
        }
    }

    /// <summary>A light sleep begins, with what will end it, or has ended.</summary>
    internal void NoteLightSleep(WakeupWatch? watch)
    {
        _lightSleep = watch;
        OutsideWorld.Run(() => LightSleepChanged?.Invoke(watch is not null));
    }

    private void RaiseStateChanged(BoardState state) => OutsideWorld.Run(() => StateChanged?.Invoke(state));

    private static int LeftMs(long untilMs) => (int)Math.Max(0, untilMs - System.Environment.TickCount64);

    private void Wake(DeepSleep sleep, int cause, ulong pins, bool keepUtc)
    {
        sleep.Watch.Dispose();
        Begin(_program!, cause, pins, keepUtc, onlyIf: () => _sleep == sleep);
    }

    /// <summary>Boots, if the condition holds under the power lock.</summary>
    /// <returns>False if it does not: somebody else was faster.</returns>
    private bool Begin(ThreadStart main, int cause, ulong wakeupPins, bool keepUtc, Func<bool> onlyIf)
    {
        Boot boot = new(this, cause) { WakeupPins = wakeupPins };
        lock (_power)
        {
            if (!onlyIf())
            {
                return false;
            }

            if (!IsInline)
            {
                Thread? previous = _lastMain;
                boot.Main = new Thread(() => RunMain(boot, main, previous)) { IsBackground = true, Name = $"{Name} main" };
                _lastMain = boot.Main;
            }

            _program = main;
            _sleep = null;
            _boot = boot;
            _state = BoardState.Running;
            BootCount++;
            Time.BeginBoot(keepUtc);
            Wifi.PowerOn();
        }

        RaiseStateChanged(BoardState.Running);
        boot.Main?.UnsafeStart();
        return true;
    }

    private void RunMain(Boot boot, ThreadStart main, Thread? previous)
    {
        if (previous is not null && !previous.Join(UnwindTimeoutMs))
        {
            ReportWarning("the last boot's main thread does not end: it blocks where no power loss reaches it, or it swallows BoardPoweredOffException");
        }

        RunInBoot(boot, main.Invoke, "main");
        lock (_power)
        {
            if (_boot != boot)
            {
                return;
            }

            _state = BoardState.Halted;
        }

        RaiseStateChanged(BoardState.Halted);
    }

    private void RunInBoot(Boot boot, Action action, string where)
    {
        Boot.Ambient = boot;
        try
        {
            boot.ThrowIfDead();
            action();
        }
        catch (BoardPoweredOffException) when (!boot.IsAlive)
        {
            // a board without power says nothing
        }
        catch (Exception e)
        {
            ReportUnhandled(boot, e, where);
        }
    }

    private bool HasDeliveredEvents()
    {
        lock (_power)
        {
            return _boot is null || _boot.IsEventThreadIdle;
        }
    }

    private void SwitchOff(PowerOffReason reason)
    {
        Boot? boot;
        DeepSleep? sleep;
        lock (_power)
        {
            boot = _boot;
            sleep = _sleep;
            if (boot is null && sleep is not null)
            {
                _sleep = null;
                _state = BoardState.Off;
            }
        }

        if (boot is not null)
        {
            EndBoot(boot, reason, BoardState.Off, sleep: null);
        }
        else if (sleep is not null)
        {
            sleep.Watch.Dispose();
            foreach (VirtualPin pin in Pins)
            {
                pin.PowerOff(keepPull: false);
            }

            RaiseStateChanged(BoardState.Off);
        }

        _console.Flush(1000);
    }

    /// <summary>The one way out of a boot.</summary>
    /// <returns>False if somebody else ended it first.</returns>
    private bool EndBoot(Boot boot, PowerOffReason reason, BoardState next, DeepSleep? sleep)
    {
        lock (_power)
        {
            if (_boot != boot || !boot.End(reason))
            {
                return false;
            }

            // until the pins are off the state stays what it was, so that nobody can boot meanwhile
            _boot = null;
        }

        // pins first: an actuator must be off before anything else can go wrong
        foreach (VirtualPin pin in Pins)
        {
            pin.PowerOff(sleep?.Watch.Uses(pin.Number) ?? false);
        }

        Wifi.PowerOff();
        boot.RunPowerLostActions();
        lock (_power)
        {
            _sleep = sleep;
            _state = next;
        }

        RaiseStateChanged(next);
        return true;
    }

    private sealed record DeepSleep(WakeupWatch Watch);
}

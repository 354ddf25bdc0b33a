// One pad of the virtual ESP32 and what the world does to it: direction, pull, the output latch, PWM, and an outside driver.
// The level is computed from these in one place, so that power loss, pulls and open drains come out right.

using System.Device.Gpio;

namespace Firmware.Simulator.Board;

/// <summary>What a pin looked like right after a change.</summary>
/// <param name="Pin">The pin.</param>
/// <param name="Mode">Its mode.</param>
/// <param name="Level">Its level.</param>
/// <param name="PwmDutyPercent">Its PWM duty in percent, or -1 when it carries no PWM.</param>
public sealed record VirtualPinChange(VirtualPin Pin, PinMode Mode, bool Level, int PwmDutyPercent);

/// <summary>A GPIO pad. Thread-safe; events are raised outside all locks on the thread that made the change.</summary>
public sealed class VirtualPin
{
    private readonly Lock _gate = new();
    private readonly VirtualBoard _board;
    private bool _powered;
    private bool _latch;
    private bool? _driven;
    private bool _pullUp;
    private bool _pullDown;
    private bool _level;
    private int _readCount;

    internal VirtualPin(VirtualBoard board, int number)
    {
        _board = board;
        Number = number;
    }

    /// <summary>Raised after mode, level or PWM duty changed. The argument tells the state right after the change.</summary>
    public event EventHandler<VirtualPinChange>? Changed;

    /// <summary>Raised inside the board when an input's level changed: the interrupt line.</summary>
    internal event Action<bool>? Edge;

    /// <summary>GPIO number, 0 to 39.</summary>
    public int Number { get; }

    /// <summary>Mode the firmware gave it; Input when the board is off.</summary>
    public PinMode Mode { get; private set; } = PinMode.Input;

    /// <summary>Level at the pad: true is high. With PWM: whether any of the period is high.</summary>
    public bool Level
    {
        get
        {
            lock (_gate)
            {
                return _level;
            }
        }
    }

    /// <summary>How often the firmware has read the pin, outputs included. On nanoCLR every read costs heap.</summary>
    public int ReadCount => Volatile.Read(ref _readCount);

    /// <summary>PWM duty in percent, rounded; -1 when the pin carries no PWM.</summary>
    public int PwmDutyPercent { get; private set; } = -1;

    /// <summary>PWM frequency in hertz; 0 when the pin carries no PWM.</summary>
    public int PwmFrequency { get; private set; }

    /// <summary>True for GPIO34 to 39, which have no output driver (ESP32 datasheet 2.2).</summary>
    public bool IsInputOnly => Number >= 34;

    /// <summary>A fault to inject: while true, the firmware gets no interrupts from this pin, as when its event queue is full.</summary>
    public bool LosesEdges { get; set; }

    /// <summary>The world outside drives the pin to a level, until <see cref="Release"/>. A push-pull output wins against it.</summary>
    /// <param name="level">True is high.</param>
    public void Drive(bool level)
    {
        Change(null, () => _driven = level);
    }

    /// <summary>The world outside lets go: the pull decides, or low without one.</summary>
    public void Release()
    {
        Change(null, () => _driven = null);
    }

    /// <summary>Counts a read by the firmware.</summary>
    internal void NoteRead()
    {
        Interlocked.Increment(ref _readCount);
    }

    /// <summary>Sets the mode as gpio_config does; outputs begin low.</summary>
    internal void SetMode(Boot boot, PinMode mode)
    {
        Change(boot, () =>
        {
            Mode = mode;
            _powered = true;
            _latch = false;
            _pullUp = mode is PinMode.InputPullUp or PinMode.OutputOpenDrainPullUp;
            _pullDown = mode is PinMode.InputPullDown or PinMode.OutputOpenSourcePullDown;
            PwmDutyPercent = -1;
            PwmFrequency = 0;
        });
    }

    /// <summary>Sets the output latch.</summary>
    internal void Write(Boot boot, bool level)
    {
        Change(boot, () => _latch = level);
    }

    /// <summary>Turns the output latch over and returns the new value.</summary>
    internal bool Toggle(Boot boot)
    {
        bool now = false;
        Change(boot, () => now = _latch = !_latch);
        return now;
    }

    /// <summary>Puts PWM on the pin (it becomes an output).</summary>
    internal void SetPwm(Boot boot, int dutyPercent, int frequency)
    {
        Change(boot, () =>
        {
            Mode = PinMode.Output;
            _powered = true;
            _latch = false;
            PwmDutyPercent = dutyPercent;
            PwmFrequency = frequency;
        });
    }

    /// <summary>The reset state: a floating input. A wake-up pin keeps its pull while the rest sleeps.</summary>
    internal void PowerOff(bool keepPull)
    {
        // the pins of the boot that ends hear nothing more; thousands of boots would add up
        Edge = null;
        Change(null, () =>
        {
            Mode = PinMode.Input;
            _latch = false;
            PwmDutyPercent = -1;
            PwmFrequency = 0;
            if (!keepPull)
            {
                _powered = false;
                _pullUp = false;
                _pullDown = false;
            }
        });
    }

    /// <summary>Changes the pin. A boot that died meanwhile is asked under the lock, so nothing can come after its power-off.</summary>
    private void Change(Boot? by, Action mutate)
    {
        VirtualPinChange? change = null;
        bool edge = false;
        lock (_gate)
        {
            by?.ThrowIfDead();
            (PinMode Mode, int Duty, bool Level) before = (Mode, PwmDutyPercent, _level);
            mutate();
            _level = ComputeLevel();
            if (before != (Mode, PwmDutyPercent, _level))
            {
                change = new VirtualPinChange(this, Mode, _level, PwmDutyPercent);
                edge = before.Level != _level && Mode < PinMode.Output;
            }
        }

        if (change is null)
        {
            return;
        }

        if (edge && !LosesEdges)
        {
            Edge?.Invoke(change.Level);
        }

        OutsideWorld.Run(() =>
        {
            Changed?.Invoke(this, change);
            _board.RaisePinChanged(change);
        });
    }

    private bool ComputeLevel()
    {
        if (PwmDutyPercent >= 0)
        {
            return PwmDutyPercent > 0;
        }

        // an unpowered pad has no pulls; what drives it from outside still shows on the wire
        bool floating = _driven ?? (_powered && _pullUp && !_pullDown);
        return Mode switch
        {
            PinMode.Output => _latch,
            PinMode.OutputOpenDrain or PinMode.OutputOpenDrainPullUp => _latch && floating,
            PinMode.OutputOpenSource or PinMode.OutputOpenSourcePullDown => _latch || floating,
            _ => floating,
        };
    }
}

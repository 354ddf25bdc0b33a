// What can end a sleep, shared by deep and light sleep: the timer, EXT0 (one pin at a level) and EXT1 (several pins at once).

using nanoFramework.Hardware.Esp32;

namespace Firmware.Simulator.Board;

/// <summary>The wake-up sources that the firmware of a boot has enabled (nanoFramework keeps them in the chip).</summary>
internal sealed class WakeupSources
{
    internal long TimerMs { get; set; } = -1;

    internal int Ext0Pin { get; set; } = -1;

    internal bool Ext0Level { get; set; }

    internal ulong Ext1Pins { get; set; }

    internal Sleep.WakeupMode Ext1Mode { get; set; }

    internal WakeupWatch Watch(VirtualBoard board) => new(board, this);
}

/// <summary>Watches timer and pins for one sleep, and reports the first reason to wake, once.</summary>
internal sealed class WakeupWatch(VirtualBoard board, WakeupSources sources) : IDisposable
{
    private readonly long _timerMs = sources.TimerMs;
    private readonly int _ext0Pin = sources.Ext0Pin;
    private readonly bool _ext0Level = sources.Ext0Level;
    private readonly ulong _ext1Pins = sources.Ext1Pins;
    private readonly Sleep.WakeupMode _ext1Mode = sources.Ext1Mode;
    private Action<Sleep.WakeupCause, ulong>? _wake;
    private IDisposable? _timer;
    private volatile bool _hasBegun;

    /// <summary>True while timer and pins are watched: from the end of <see cref="Begin"/> until the first of them wakes the board.</summary>
    internal bool IsWatching => _hasBegun && Volatile.Read(ref _wake) is not null;

    /// <summary>Whether a pin is watched.</summary>
    internal bool Uses(int gpio) => gpio == _ext0Pin || (_ext1Pins & (1UL << gpio)) != 0;

    /// <summary>Starts watching. A condition that holds already wakes at once, as on the chip.</summary>
    internal void Begin(Action<Sleep.WakeupCause, ulong> wake)
    {
        _wake = wake;
        board.PinChanged += OnPinChanged;
        CheckPins();
        if (_timerMs >= 0 && Volatile.Read(ref _wake) is not null)
        {
            _timer = board.Time.After(_timerMs, () => Fire(Sleep.WakeupCause.Timer, 0));
        }

        _hasBegun = true;
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _wake, null);
        board.PinChanged -= OnPinChanged;
        _timer?.Dispose();
    }

    private void OnPinChanged(object? sender, VirtualPinChange change)
    {
        if (Uses(change.Pin.Number))
        {
            CheckPins();
        }
    }

    private void CheckPins()
    {
        if (_ext0Pin >= 0 && board.Pins[_ext0Pin].Level == _ext0Level)
        {
            Fire(Sleep.WakeupCause.Ext0, 0);
            return;
        }

        if (_ext1Pins == 0)
        {
            return;
        }

        ulong high = 0;
        foreach (VirtualPin pin in board.Pins)
        {
            if ((_ext1Pins & (1UL << pin.Number)) != 0 && pin.Level)
            {
                high |= 1UL << pin.Number;
            }
        }

        if (_ext1Mode == Sleep.WakeupMode.AnyHigh ? high != 0 : high == 0)
        {
            Fire(Sleep.WakeupCause.Ext1, _ext1Mode == Sleep.WakeupMode.AnyHigh ? high : _ext1Pins);
        }
    }

    private void Fire(Sleep.WakeupCause cause, ulong pins)
    {
        Action<Sleep.WakeupCause, ulong>? wake = Interlocked.Exchange(ref _wake, null);
        if (wake is null)
        {
            return;
        }

        Dispose();
        wake(cause, pins);
    }
}

// System.Device.Gpio.GpioPin over a VirtualPin, with what nanoFramework's ESP32 port does (src/System.Device.Gpio and cpu_gpio.cpp):
// writing an input throws ArgumentException, toggling one does nothing, a mode is set with the output low, adding or removing a handler
// sets the mode again, and a write to an output with handlers raises the event, changed or not.

using Firmware.Simulator.Board;

namespace System.Device.Gpio;

/// <summary>An open GPIO pin.</summary>
public sealed class GpioPin : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Boot _boot;
    private readonly VirtualPin _pin;
    private PinMode _mode = PinMode.Input;
    private PinValueChangedEventHandler? _callbacks;
    private bool _waitingDebounce;
    private bool _disposed;

    internal GpioPin(Boot boot, int pinNumber)
    {
        _boot = boot;
        PinNumber = pinNumber;
        _pin = boot.Board.Pins[pinNumber];
        _pin.Edge += OnEdge;
    }

    /// <summary>Raised on the event thread after an edge of an input, or a write to an output.</summary>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public event PinValueChangedEventHandler ValueChanged
    {
        add
        {
            lock (_gate)
            {
                CheckOpen();
                _callbacks += value;
                SetNativeMode(_mode);
            }
        }

        remove
        {
            lock (_gate)
            {
                CheckOpen();
                _callbacks -= value;
                SetNativeMode(_mode);
            }
        }
    }

    /// <summary>GPIO number.</summary>
    public int PinNumber { get; }

    /// <summary>Time for which an input must hold its new level before <see cref="ValueChanged"/> is raised; zero raises at every edge.</summary>
    public TimeSpan DebounceTimeout { get; set; }

    /// <summary>The pin's mode.</summary>
    /// <returns>The mode.</returns>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public PinMode GetPinMode()
    {
        lock (_gate)
        {
            CheckOpen();
            return _mode;
        }
    }

    /// <summary>Whether the pin can have a mode.</summary>
    /// <param name="pinMode">The mode.</param>
    /// <returns>False for outputs on GPIO34 to 39.</returns>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public bool IsPinModeSupported(PinMode pinMode)
    {
        lock (_gate)
        {
            CheckOpen();
            return OpenPins.Supports(_pin, pinMode);
        }
    }

    /// <summary>Sets the mode; an output begins low.</summary>
    /// <param name="value">The mode.</param>
    /// <exception cref="ArgumentException">The pin cannot have it.</exception>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public void SetPinMode(PinMode value)
    {
        lock (_gate)
        {
            CheckOpen();
            SetNativeMode(value);
        }
    }

    /// <summary>Reads the pin. As on the ESP32, whose output modes leave the input buffer off, every output reads low.</summary>
    /// <returns>The level of an input; low for an output.</returns>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public PinValue Read()
    {
        lock (_gate)
        {
            CheckOpen();
            _pin.NoteRead();
            return _mode < PinMode.Output && _pin.Level;
        }
    }

    /// <summary>Writes an output.</summary>
    /// <param name="value">The level.</param>
    /// <exception cref="ArgumentException">The pin is an input.</exception>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public void Write(PinValue value)
    {
        lock (_gate)
        {
            CheckOpen();
            if (_mode < PinMode.Output)
            {
                throw new ArgumentException($"GPIO{PinNumber} is an input", nameof(value));
            }
        }

        // outside the lock: listeners of the virtual pin may do what they like
        _pin.Write(_boot, (bool)value);
        PostIfHandled((bool)value);
    }

    /// <summary>Turns an output over; does nothing on an input.</summary>
    /// <exception cref="ObjectDisposedException">The pin is closed.</exception>
    public void Toggle()
    {
        lock (_gate)
        {
            CheckOpen();
            if (_mode < PinMode.Output)
            {
                return;
            }
        }

        PostIfHandled(_pin.Toggle(_boot));
    }

    /// <summary>Closes the pin; it becomes an input.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _callbacks = null;
        }

        _pin.Edge -= OnEdge;
        _boot.State<OpenPins>().Release(this);
        if (_boot.IsAlive)
        {
            _pin.SetMode(_boot, PinMode.Input);
        }
    }

    private void CheckOpen()
    {
        _boot.ThrowIfDead();
        ObjectDisposedException.ThrowIf(_disposed, this);
    }

    private void SetNativeMode(PinMode mode)
    {
        if (!OpenPins.Supports(_pin, mode))
        {
            throw new ArgumentException($"GPIO{PinNumber} cannot be {mode}", nameof(mode));
        }

        _mode = mode;
        _pin.SetMode(_boot, mode);
    }

    /// <summary>The interrupt: raises the event, or starts the debounce time, during which further edges are ignored.</summary>
    private void OnEdge(bool level)
    {
        lock (_gate)
        {
            if (_callbacks is null || _mode >= PinMode.Output || !_boot.IsAlive || _waitingDebounce)
            {
                return;
            }

            if (DebounceTimeout > TimeSpan.Zero)
            {
                _waitingDebounce = true;
                _boot.Board.Time.After((long)DebounceTimeout.TotalMilliseconds, () => EndDebounce(level));
                return;
            }
        }

        PostIfHandled(level);
    }

    private void EndDebounce(bool expected)
    {
        lock (_gate)
        {
            _waitingDebounce = false;
            if (_pin.Level != expected)
            {
                return;
            }
        }

        PostIfHandled(expected);
    }

    private void PostIfHandled(bool level)
    {
        lock (_gate)
        {
            if (_callbacks is null)
            {
                return;
            }
        }

        PinEventTypes edge = level ? PinEventTypes.Rising : PinEventTypes.Falling;
        _boot.Post(() =>
        {
            PinValueChangedEventHandler? callbacks;
            lock (_gate)
            {
                callbacks = _callbacks;
            }

            callbacks?.Invoke(this, new PinValueChangedEventArgs(edge, PinNumber));
        });
    }
}

// System.Device.Gpio.GpioController: opening and closing pins. The list of open pins is the device's, not the controller's.

using Firmware.Simulator.Board;

namespace System.Device.Gpio;

/// <summary>The GPIO controller.</summary>
public sealed class GpioController : IDisposable
{
    private readonly Boot _boot;
    private readonly OpenPins _open;
    private bool _disposed;

    /// <summary>Makes a controller with logical numbering.</summary>
    public GpioController()
        : this(PinNumberingScheme.Logical)
    {
    }

    /// <summary>Makes a controller.</summary>
    /// <param name="numberingScheme">Kept; the ESP32 has its GPIO numbers only.</param>
    public GpioController(PinNumberingScheme numberingScheme)
    {
        _boot = Boot.Current;
        _open = _boot.State<OpenPins>();
        NumberingScheme = numberingScheme;
    }

    /// <summary>How pins are numbered.</summary>
    public PinNumberingScheme NumberingScheme { get; }

    /// <summary>Number of GPIOs.</summary>
    public int PinCount => PinBank.Count;

    /// <summary>Opens a pin as input.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <returns>The pin.</returns>
    /// <exception cref="InvalidOperationException">The pin is open already, or the chip has no such pin.</exception>
    public GpioPin OpenPin(int pinNumber)
    {
        _boot.ThrowIfDead();
        return _open.Open(_boot, pinNumber);
    }

    /// <summary>Opens a pin in a mode.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <param name="mode">The mode.</param>
    /// <returns>The pin.</returns>
    /// <exception cref="InvalidOperationException">The pin is open already, or the chip has no such pin.</exception>
    /// <exception cref="ArgumentException">The pin cannot have the mode.</exception>
    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        GpioPin pin = OpenPin(pinNumber);
        try
        {
            pin.SetPinMode(mode);
        }
        catch (ArgumentException)
        {
            pin.Dispose();
            throw;
        }

        return pin;
    }

    /// <summary>Closes a pin.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <exception cref="InvalidOperationException">The pin is not open.</exception>
    public void ClosePin(int pinNumber) => Find(pinNumber).Dispose();

    /// <summary>Mode of an open pin.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <returns>The mode.</returns>
    /// <exception cref="InvalidOperationException">The pin is not open.</exception>
    public PinMode GetPinMode(int pinNumber) => Find(pinNumber).GetPinMode();

    /// <summary>Whether a pin can have a mode.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <param name="mode">The mode.</param>
    /// <returns>True if it can.</returns>
    public bool IsPinModeSupported(int pinNumber, PinMode mode)
    {
        _boot.ThrowIfDead();
        return PinBank.Exists(pinNumber) && OpenPins.Supports(_boot.Board.Pins[pinNumber], mode);
    }

    /// <summary>Whether a pin is open.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <returns>True if it is.</returns>
    public bool IsPinOpen(int pinNumber)
    {
        _boot.ThrowIfDead();
        return _open.IsReserved(pinNumber);
    }

    /// <summary>Reads an open pin.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <returns>Its value.</returns>
    /// <exception cref="InvalidOperationException">The pin is not open.</exception>
    public PinValue Read(int pinNumber) => Find(pinNumber).Read();

    /// <summary>Sets the mode of an open pin.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <param name="mode">The mode.</param>
    /// <exception cref="InvalidOperationException">The pin is not open.</exception>
    /// <exception cref="ArgumentException">The pin cannot have the mode.</exception>
    public void SetPinMode(int pinNumber, PinMode mode) => Find(pinNumber).SetPinMode(mode);

    /// <summary>Writes an open output.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <param name="value">The level.</param>
    /// <exception cref="InvalidOperationException">The pin is not open.</exception>
    /// <exception cref="ArgumentException">The pin is an input.</exception>
    public void Write(int pinNumber, PinValue value) => Find(pinNumber).Write(value);

    /// <summary>Calls back at edges of an open pin. A pin has one callback; a second one takes its place.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <param name="eventTypes">The edges.</param>
    /// <param name="callback">Whom to call, on the event thread.</param>
    /// <exception cref="InvalidOperationException">The pin is not open.</exception>
    public void RegisterCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback)
    {
        UnregisterCallbackForPinValueChangedEvent(pinNumber, callback);
        GpioPin pin = Find(pinNumber);
        void Forward(object sender, PinValueChangedEventArgs e)
        {
            if ((eventTypes & e.ChangeType) != PinEventTypes.None)
            {
                callback(this, new PinValueChangedEventArgs(e.ChangeType, pinNumber));
            }
        }

        _open.SetForwarder(pinNumber, Forward);
        pin.ValueChanged += Forward;
    }

    /// <summary>Ends the callbacks of a pin.</summary>
    /// <param name="pinNumber">GPIO number.</param>
    /// <param name="callback">Not looked at: a pin has one callback.</param>
    public void UnregisterCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback)
    {
        _boot.ThrowIfDead();
        PinValueChangedEventHandler? forwarder = _open.TakeForwarder(pinNumber);
        if (forwarder is not null && _open.Find(pinNumber) is { } pin)
        {
            pin.ValueChanged -= forwarder;
        }
    }

    /// <summary>Closes the controller and all open pins of the device.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _open.CloseAll();
    }

    private GpioPin Find(int pinNumber)
    {
        _boot.ThrowIfDead();
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _open.Find(pinNumber) ?? throw new InvalidOperationException($"GPIO{pinNumber} is not open");
    }
}

/// <summary>The pins that are open in a boot: static in nanoFramework.</summary>
internal sealed class OpenPins
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, GpioPin> _pins = [];
    private readonly Dictionary<int, PinValueChangedEventHandler> _forwarders = [];

    internal static bool Supports(VirtualPin pin, PinMode mode)
    {
        return mode >= PinMode.Input && mode <= (pin.IsInputOnly ? PinMode.InputPullUp : PinMode.OutputOpenSourcePullDown);
    }

    internal GpioPin Open(Boot boot, int pinNumber)
    {
        lock (_gate)
        {
            if (!PinBank.Exists(pinNumber) || _pins.ContainsKey(pinNumber))
            {
                throw new InvalidOperationException(PinBank.Exists(pinNumber) ? $"GPIO{pinNumber} is open already" : $"the chip has no GPIO{pinNumber}");
            }

            GpioPin pin = new(boot, pinNumber);
            _pins.Add(pinNumber, pin);
            return pin;
        }
    }

    internal bool IsReserved(int pinNumber) => Find(pinNumber) is not null;

    internal GpioPin? Find(int pinNumber)
    {
        lock (_gate)
        {
            return _pins.GetValueOrDefault(pinNumber);
        }
    }

    internal void Release(GpioPin pin)
    {
        lock (_gate)
        {
            if (_pins.GetValueOrDefault(pin.PinNumber) == pin)
            {
                _pins.Remove(pin.PinNumber);
                _forwarders.Remove(pin.PinNumber);
            }
        }
    }

    internal void SetForwarder(int pinNumber, PinValueChangedEventHandler forwarder)
    {
        lock (_gate)
        {
            _forwarders[pinNumber] = forwarder;
        }
    }

    internal PinValueChangedEventHandler? TakeForwarder(int pinNumber)
    {
        lock (_gate)
        {
            return _forwarders.Remove(pinNumber, out PinValueChangedEventHandler? forwarder) ? forwarder : null;
        }
    }

    internal void CloseAll()
    {
        GpioPin[] pins;
        lock (_gate)
        {
            pins = [.. _pins.Values];
        }

        foreach (GpioPin pin in pins)
        {
            pin.Dispose();
        }
    }
}

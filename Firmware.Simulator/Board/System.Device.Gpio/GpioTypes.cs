// System.Device.Gpio: enumerations, delegates, event arguments and PinValue. Values differ from .NET IoT's System.Device.Gpio.

using nanoFramework.Runtime.Events;

namespace System.Device.Gpio;

/// <summary>Modes of a pin.</summary>
public enum PinMode
{
    /// <summary>Input.</summary>
    Input = 0,

    /// <summary>Input with pull-down.</summary>
    InputPullDown = 1,

    /// <summary>Input with pull-up.</summary>
    InputPullUp = 2,

    /// <summary>Push-pull output.</summary>
    Output = 3,

    /// <summary>Output that only pulls low.</summary>
    OutputOpenDrain = 4,

    /// <summary>Output that only pulls low, with pull-up.</summary>
    OutputOpenDrainPullUp = 5,

    /// <summary>Output that only pulls high.</summary>
    OutputOpenSource = 6,

    /// <summary>Output that only pulls high, with pull-down.</summary>
    OutputOpenSourcePullDown = 7,
}

/// <summary>Edges.</summary>
[Flags]
public enum PinEventTypes
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Low to high.</summary>
    Rising = 1,

    /// <summary>High to low.</summary>
    Falling = 2,
}

/// <summary>How pins are numbered.</summary>
public enum PinNumberingScheme
{
    /// <summary>By the chip's GPIO numbers.</summary>
    Logical = 0,

    /// <summary>By the board's header.</summary>
    Board = 1,
}

/// <summary>Handler of <see cref="GpioPin.ValueChanged"/>.</summary>
/// <param name="sender">The pin.</param>
/// <param name="e">What happened.</param>
public delegate void PinValueChangedEventHandler(object sender, PinValueChangedEventArgs e);

/// <summary>Callback registered at the controller.</summary>
/// <param name="sender">The controller.</param>
/// <param name="pinValueChangedEventArgs">What happened.</param>
public delegate void PinChangeEventHandler(object sender, PinValueChangedEventArgs pinValueChangedEventArgs);

/// <summary>An edge on a pin.</summary>
public class PinValueChangedEventArgs : BaseEvent
{
    /// <summary>Makes the arguments.</summary>
    /// <param name="changeType">The edge.</param>
    /// <param name="pinNumber">GPIO number.</param>
    public PinValueChangedEventArgs(PinEventTypes changeType, int pinNumber)
    {
        ChangeType = changeType;
        PinNumber = pinNumber;
    }

    /// <summary>The edge.</summary>
    public PinEventTypes ChangeType { get; }

    /// <summary>GPIO number.</summary>
    public int PinNumber { get; }
}

/// <summary>Value of a pin.</summary>
public readonly struct PinValue : IEquatable<PinValue>
{
    private readonly byte _value;

    private PinValue(byte value)
    {
        _value = value;
    }

    /// <summary>High.</summary>
    public static PinValue High => new(1);

    /// <summary>Low.</summary>
    public static PinValue Low => new(0);

    /// <summary>0 is low, anything else high.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator PinValue(int value) => value == 0 ? Low : High;

    /// <summary>False is low, true is high.</summary>
    /// <param name="value">The truth value.</param>
    public static implicit operator PinValue(bool value) => value ? High : Low;

    /// <summary>Low is 0, high is 1.</summary>
    /// <param name="value">The pin value.</param>
    public static explicit operator byte(PinValue value) => value._value;

    /// <summary>Low is 0, high is 1.</summary>
    /// <param name="value">The pin value.</param>
    public static explicit operator int(PinValue value) => value._value;

    /// <summary>Low is false, high is true.</summary>
    /// <param name="value">The pin value.</param>
    public static explicit operator bool(PinValue value) => value._value != 0;

    /// <summary>Whether two values are the same.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static bool operator ==(PinValue a, PinValue b) => a.Equals(b);

    /// <summary>Whether two values differ.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static bool operator !=(PinValue a, PinValue b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(PinValue other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PinValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>The value as text.</summary>
    /// <returns>"Low" or "High".</returns>
    public override string ToString() => _value == 0 ? "Low" : "High";
}

// System.Device.Pwm.PwmChannel over the virtual pins, with the ESP32's ways: a pin needs Configuration.SetPinFunction(pin, PWMn) first,
// two functions share a timer ("chip"), and Dispose frees the channel but does not stop the signal.
// Left out: the resolution that a frequency leaves, and that channels of one timer share their frequency.

using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;

namespace System.Device.Pwm;

/// <summary>Polarity of the pulses.</summary>
public enum PwmPulsePolarity
{
    /// <summary>The active part is high.</summary>
    ActiveHigh = 0,

    /// <summary>The active part is low.</summary>
    ActiveLow = 1,
}

/// <summary>A PWM signal on a pin.</summary>
public sealed class PwmChannel : IDisposable
{
    private const int Timers = 8;
    private const int FunctionStep = DeviceFunction.PWM2 - DeviceFunction.PWM1;

    private readonly Boot _boot;
    private readonly VirtualPin _pin;
    private int _frequency;
    private double _dutyCycle;
    private bool _running;

    /// <summary>Makes a channel that does not run yet.</summary>
    /// <param name="chip">Timer, 0 to 7.</param>
    /// <param name="channel">On the ESP32 the GPIO number.</param>
    /// <param name="frequency">Frequency in hertz.</param>
    /// <param name="dutyCyclePercentage">Duty, 0 to 1.</param>
    /// <exception cref="ArgumentException">The pin cannot be an output.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Frequency or duty is out of range.</exception>
    public PwmChannel(int chip, int channel, int frequency = 400, double dutyCyclePercentage = 0.5)
    {
        _ = chip;
        _boot = Boot.Current;
        Frequency = frequency;
        if (!PinBank.Exists(channel) || _boot.Board.Pins[channel].IsInputOnly)
        {
            throw new ArgumentException($"GPIO{channel} cannot be an output", nameof(channel));
        }

        _pin = _boot.Board.Pins[channel];
        DutyCycle = dutyCyclePercentage;
    }

    /// <summary>Frequency in hertz.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int Frequency
    {
        get => _frequency;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _frequency = value;
            Apply();
        }
    }

    /// <summary>Duty, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double DutyCycle
    {
        get => _dutyCycle;
        set
        {
            if (value is not (>= 0.0 and <= 1.0))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "0.0 to 1.0");
            }

            _dutyCycle = value;
            Apply();
        }
    }

    /// <summary>Makes a channel.</summary>
    /// <param name="chip">Timer, 0 to 7.</param>
    /// <param name="channel">On the ESP32 the GPIO number.</param>
    /// <param name="frequency">Frequency in hertz.</param>
    /// <param name="dutyCyclePercentage">Duty, 0 to 1.</param>
    /// <returns>The channel.</returns>
    public static PwmChannel Create(int chip, int channel, int frequency = 400, double dutyCyclePercentage = 0.5)
    {
        return new PwmChannel(chip, channel, frequency, dutyCyclePercentage);
    }

    /// <summary>Makes a channel on a pin that Configuration.SetPinFunction has given to PWM.</summary>
    /// <param name="pin">GPIO number.</param>
    /// <param name="frequency">Frequency in hertz.</param>
    /// <param name="dutyCyclePercentage">Duty, 0 to 1.</param>
    /// <returns>The channel, or null if the pin has no PWM function: as on the device there is no exception.</returns>
    public static PwmChannel? CreateFromPin(int pin, int frequency = 400, double dutyCyclePercentage = 0.5)
    {
        PinFunctions functions = Boot.Current.State<PinFunctions>();
        for (int function = 0; function < 2 * Timers; function++)
        {
            if (functions.Get(DeviceFunction.PWM1 + (function * FunctionStep)) == pin)
            {
                return new PwmChannel(function / 2, pin, frequency, dutyCyclePercentage);
            }
        }

        return null;
    }

    /// <summary>Starts the signal.</summary>
    public void Start()
    {
        _boot.ThrowIfDead();
        _running = true;
        Apply();
    }

    /// <summary>Stops the signal; the pin goes low.</summary>
    public void Stop()
    {
        _running = false;
        _pin.SetPwm(_boot, 0, _frequency);
    }

    /// <summary>Frees the channel. As on the device a running signal goes on: call <see cref="Stop"/> first.</summary>
    public void Dispose()
    {
        _running = false;
        GC.SuppressFinalize(this);
    }

    private void Apply()
    {
        _boot.ThrowIfDead();
        if (_running)
        {
            _pin.SetPwm(_boot, (int)Math.Round(_dutyCycle * 100), _frequency);
        }
    }
}

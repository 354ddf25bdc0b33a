// nanoFramework.Hardware.Esp32.Configuration: which pin carries which peripheral function, per boot.

using System.Collections.Concurrent;
using Firmware.Simulator.Board;

namespace nanoFramework.Hardware.Esp32;

/// <summary>Pin configuration of the ESP32's peripherals.</summary>
public class Configuration
{
    /// <summary>Switches a pin to a function. Do it before opening the device.</summary>
    /// <param name="pin">GPIO number.</param>
    /// <param name="value">The function.</param>
    /// <exception cref="ArgumentException">The chip has no such pin.</exception>
    public static void SetPinFunction(int pin, DeviceFunction value)
    {
        Boot boot = Boot.Current;
        if (!PinBank.Exists(pin))
        {
            throw new ArgumentException($"no such GPIO: {pin}", nameof(pin));
        }

        boot.State<PinFunctions>().Set(value, pin);
    }

    /// <summary>The pin that carries a function.</summary>
    /// <param name="function">The function.</param>
    /// <returns>GPIO number, or -1.</returns>
    public static int GetFunctionPin(DeviceFunction function) => Boot.Current.State<PinFunctions>().Get(function);
}

/// <summary>The mapping of one boot, beginning with the chip's defaults.</summary>
internal sealed class PinFunctions
{
    // GPIO of ADC1 channels 0 to 7 and of ADC2's ten, in nanoFramework's logical order (8 and 9 are inside the chip)
    private static readonly int[] AdcPins = [36, 37, 38, 39, 32, 33, 34, 35, -1, -1, 4, 0, 2, 15, 13, 12, 14, 27, 25, 26];

    private readonly ConcurrentDictionary<DeviceFunction, int> _pins = new();

    public PinFunctions()
    {
        // nanoFramework's defaults for the ESP32; PWM has none
        _pins[DeviceFunction.I2C1_DATA] = 18;
        _pins[DeviceFunction.I2C1_CLOCK] = 19;
        _pins[DeviceFunction.I2C2_DATA] = 25;
        _pins[DeviceFunction.I2C2_CLOCK] = 26;
        for (int i = 0; i < AdcPins.Length; i++)
        {
            _pins[DeviceFunction.ADC1_CH0 + i] = AdcPins[i];
        }
    }

    internal int Get(DeviceFunction function) => _pins.GetValueOrDefault(function, -1);

    internal void Set(DeviceFunction function, int pin) => _pins[function] = pin;
}

// The room around a board: what its sensors measure. Fixed-point with the unit in the name.

namespace Firmware.Simulator.Board;

/// <summary>The physical world around a virtual board. Thread-safe; a change is seen by the next measurement.</summary>
public sealed class RoomEnvironment
{
    private int _temperatureMilliC = 21_500;
    private int _humidityMilliPercent = 45_000;
    private int _pressurePa = 101_325;
    private int _batteryMilliVolts = 3_900;

    /// <summary>Raised after a value changed, on the thread that changed it.</summary>
    public event EventHandler? Changed;

    /// <summary>Air temperature in thousandths of a degree Celsius.</summary>
    public int TemperatureMilliC
    {
        get => Volatile.Read(ref _temperatureMilliC);
        set => Set(ref _temperatureMilliC, value);
    }

    /// <summary>Relative humidity in thousandths of a percent, 0 to 100,000.</summary>
    public int HumidityMilliPercent
    {
        get => Volatile.Read(ref _humidityMilliPercent);
        set => Set(ref _humidityMilliPercent, value);
    }

    /// <summary>Air pressure in pascals.</summary>
    public int PressurePa
    {
        get => Volatile.Read(ref _pressurePa);
        set => Set(ref _pressurePa, value);
    }

    /// <summary>Voltage at the battery's terminals in millivolts.</summary>
    public int BatteryMilliVolts
    {
        get => Volatile.Read(ref _batteryMilliVolts);
        set => Set(ref _batteryMilliVolts, value);
    }

    private void Set(ref int field, int value)
    {
        if (Interlocked.Exchange(ref field, value) != value)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }
}

// What is wired to the analogue inputs. nanoFramework on the ESP32 counts ADC1's channels 0..9 and ADC2's as 10..19, 12 bit each.

namespace Firmware.Simulator.Board;

/// <summary>The analogue inputs of a virtual board: logical channel to raw value. Thread-safe.</summary>
public sealed class VirtualAdc
{
    /// <summary>Largest raw value, 12 bit.</summary>
    public const int FullScale = 4095;

    /// <summary>Logical channels, 0 to 19, as nanoFramework numbers them.</summary>
    public const int ChannelCount = 20;

    /// <summary>Channel of the battery divider: ADC1 channel 6, which is GPIO34.</summary>
    public const int BatteryChannel = 6;

    /// <summary>Input voltage that reads full scale, in millivolts.</summary>
    public const int FullScaleMilliVolts = 3300;

    private readonly Func<int>?[] _sources = new Func<int>?[ChannelCount];

    internal VirtualAdc(RoomEnvironment environment)
    {
        // battery - 100 k - GPIO34 - 100 k - ground: half the battery's voltage is at the pin
        _sources[BatteryChannel] = () => (int)((long)environment.BatteryMilliVolts * FullScale / (2 * FullScaleMilliVolts));
    }

    /// <summary>Wires a source to a channel, or nothing (an open input reads 0).</summary>
    /// <param name="channel">Logical channel, 0 to 19.</param>
    /// <param name="source">Gives the raw value; what is out of 0..4095 is clipped as the converter does.</param>
    public void Wire(int channel, Func<int>? source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(channel, ChannelCount);
        Volatile.Write(ref _sources[channel], source);
    }

    /// <summary>Converts a channel.</summary>
    /// <param name="channel">Logical channel, 0 to 19.</param>
    /// <returns>Raw value, 0 to 4095.</returns>
    public int Read(int channel)
    {
        return Math.Clamp(Volatile.Read(ref _sources[channel])?.Invoke() ?? 0, 0, FullScale);
    }
}

// nanoFramework.Hardware.Esp32.HighResTimer: the microsecond counter only. One-shot and periodic timers are left out.

using Firmware.Simulator.Board;

namespace nanoFramework.Hardware.Esp32;

/// <summary>High resolution timer of the ESP32.</summary>
public class HighResTimer
{
    private HighResTimer()
    {
    }

    /// <summary>Microseconds since boot.</summary>
    /// <returns>The count.</returns>
    public static ulong GetCurrent() => (ulong)VirtualBoard.Current.Time.UptimeUs;
}

// nanoFramework.Runtime.Native.Rtc: the wall clock.

using Firmware.Simulator.Board;

namespace nanoFramework.Runtime.Native;

/// <summary>Real-time clock of the device.</summary>
public static class Rtc
{
    /// <summary>Sets the device's clock. On the host it is the board's clock; DateTime.UtcNow stays the PC's.</summary>
    /// <param name="time">The time, UTC.</param>
    /// <returns>True.</returns>
    public static bool SetSystemTime(DateTime time)
    {
        VirtualBoard.Current.Time.SetUtc(time);
        return true;
    }
}

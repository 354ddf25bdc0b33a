// Handlers of the virtual board's events belong to the world outside, although a firmware thread may run them: while they run the thread
// belongs to no board, so that what they print is not taken for the board's UART and threads they start are not the board's.

namespace Firmware.Simulator.Board;

/// <summary>Leaves the ambient boot for the time of a call.</summary>
internal static class OutsideWorld
{
    internal static void Run(Action action)
    {
        Boot? boot = Boot.Ambient;
        if (boot is null)
        {
            action();
            return;
        }

        Boot.Ambient = null;
        try
        {
            action();
        }
        finally
        {
            Boot.Ambient = boot;
        }
    }
}

// nanoFramework: an unhandled exception ends only its thread. .NET: it ends the process. For threads of a board the device's rule holds.

using System.Runtime.ExceptionServices;

namespace Firmware.Simulator.Board;

/// <summary>Keeps an exception in a thread that the firmware made from ending the process.</summary>
internal static class FirmwareThreads
{
    private static int s_installed;

    internal static void EndOnUnhandledException()
    {
        if (Interlocked.Exchange(ref s_installed, 1) != 0)
        {
            return;
        }

        try
        {
            ExceptionHandling.SetUnhandledExceptionHandler(Handle);
        }
        catch (InvalidOperationException)
        {
            // the process has a handler of its own already, which then decides
        }
    }

    private static bool Handle(Exception exception)
    {
        Boot? boot = Boot.Ambient;
        if (boot is null)
        {
            return false;
        }

        boot.Board.ReportUnhandled(boot, exception, "a thread");
        return true;
    }
}

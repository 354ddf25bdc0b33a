// What work allocates on its thread. The runtime itself allocates a little when it compiles a method anew in the middle of a measurement: that happens once,
// so the least of three runs is what the work does.

namespace Firmware.Tests.Host;

/// <summary>Measures allocations.</summary>
internal static class Allocation
{
    private const int Runs = 3;

    /// <summary>The bytes that a run of the work allocates on this thread's account.</summary>
    /// <param name="work">The work; has run before, so that everything is made and compiled.</param>
    internal static long Of(Action work)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Runs && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

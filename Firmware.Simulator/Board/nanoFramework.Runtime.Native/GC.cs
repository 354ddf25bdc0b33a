// nanoFramework.Runtime.Native.GC: on the PC there is one heap for all boards, so nothing is collected.

using Firmware.Simulator.Board;

namespace nanoFramework.Runtime.Native;

/// <summary>Garbage collector of the device.</summary>
public static class GC
{
    /// <summary>On the device: collects, and compacts if asked. Here: nothing.</summary>
    /// <param name="compactHeap">Whether to compact.</param>
    /// <returns>Free bytes of the managed heap; a constant here.</returns>
    public static uint Run(bool compactHeap)
    {
        _ = compactHeap;
        _ = Boot.Current;
        return Hardware.Esp32.NativeMemory.InternalFree;
    }
}

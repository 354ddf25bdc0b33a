// nanoFramework.Hardware.Esp32.NativeMemory: a PC has nothing to measure here, so these are the figures of a typical ESP32 without PSRAM
// after boot with Wi-Fi. They let code that prints or checks them run; they say nothing about the firmware's real use.

using Firmware.Simulator.Board;

namespace nanoFramework.Hardware.Esp32;

/// <summary>Native memory of the ESP32.</summary>
public class NativeMemory
{
    internal const uint InternalTotal = 290_000;
    internal const uint InternalFree = 120_000;
    internal const uint InternalLargest = 65_536;

    /// <summary>Kinds of memory.</summary>
    public enum MemoryType
    {
        /// <summary>All of it.</summary>
        All = 0,

        /// <summary>On the chip.</summary>
        Internal = 1,

        /// <summary>External PSRAM; the virtual board has none.</summary>
        SpiRam = 2,
    }

    /// <summary>Sizes of a kind of memory, in bytes. Constants on the virtual board.</summary>
    /// <param name="memType">Kind of memory.</param>
    /// <param name="totalSize">All of it.</param>
    /// <param name="totalFreeSize">What is free.</param>
    /// <param name="largestFreeBlock">The largest free block.</param>
    public static void GetMemoryInfo(MemoryType memType, out uint totalSize, out uint totalFreeSize, out uint largestFreeBlock)
    {
        _ = Boot.Current;
        bool here = memType != MemoryType.SpiRam;
        totalSize = here ? InternalTotal : 0;
        totalFreeSize = here ? InternalFree : 0;
        largestFreeBlock = here ? InternalLargest : 0;
    }
}

// nanoFramework.Runtime.Native.SystemInfo: what the firmware prints about the device at boot.

namespace nanoFramework.Runtime.Native;

/// <summary>About the device.</summary>
public static class SystemInfo
{
    /// <summary>How floating point is computed.</summary>
    public enum FloatingPoint
    {
        /// <summary>Not at all.</summary>
        None = 0,

        /// <summary>Single precision, in software.</summary>
        SinglePrecisionSoftware = 1,

        /// <summary>Single precision, in hardware.</summary>
        SinglePrecisionHardware = 2,

        /// <summary>Double precision, in software.</summary>
        DoublePrecisionSoftware = 3,

        /// <summary>Double precision, in hardware.</summary>
        DoublePrecisionHardware = 4,
    }

    /// <summary>Version of the firmware that runs the CLR.</summary>
    public static Version Version { get; } = new(1, 17, 11, 0);

    /// <summary>Its maker.</summary>
    public static string OEMString => "nanoCLR on a virtual board";

    /// <summary>Maker number.</summary>
    public static byte OEM => 0;

    /// <summary>Model number.</summary>
    public static byte Model => 0;

    /// <summary>Stock keeping unit.</summary>
    public static ushort SKU => 0;

    /// <summary>The platform.</summary>
    public static string Platform => "ESP32";

    /// <summary>Name of the firmware image.</summary>
    public static string TargetName => "VIRTUAL_ESP32";

    /// <summary>How floating point is computed.</summary>
    public static FloatingPoint FloatingPointSupport => FloatingPoint.DoublePrecisionSoftware;
}

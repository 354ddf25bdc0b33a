// The nested enumerations of nanoFramework.Hardware.Esp32.Sleep.

namespace nanoFramework.Hardware.Esp32;

public partial class Sleep
{
    /// <summary>How several pins together wake the chip.</summary>
    public enum WakeupMode
    {
        /// <summary>When all of them are low.</summary>
        AllLow = 0,

        /// <summary>When any of them is high.</summary>
        AnyHigh = 1,
    }

    /// <summary>What woke the chip.</summary>
    public enum WakeupCause
    {
        /// <summary>Not a wake-up: power-on or reset.</summary>
        Undefined = 0,

        /// <summary>A level on the one EXT0 pin.</summary>
        Ext0 = 2,

        /// <summary>Levels on the EXT1 pins.</summary>
        Ext1 = 3,

        /// <summary>The timer.</summary>
        Timer = 4,

        /// <summary>A touch pad.</summary>
        TouchPad = 5,

        /// <summary>The ULP program.</summary>
        Ulp = 6,

        /// <summary>A GPIO, in light sleep.</summary>
        Gpio = 7,

        /// <summary>The UART, in light sleep.</summary>
        Uart = 8,

        /// <summary>Wi-Fi.</summary>
        Wifi = 9,

        /// <summary>The co-processor.</summary>
        CoCpu = 10,

        /// <summary>A crash of the co-processor.</summary>
        CoCpuTrapTrig = 11,

        /// <summary>Bluetooth.</summary>
        Bt = 12,
    }

    /// <summary>Pins as bits, for wake-up.</summary>
    [Flags]
    public enum WakeupGpioPin : ulong
    {
        /// <summary>No pin.</summary>
        None = 0,

        /// <summary>GPIO0.</summary>
        Pin0 = 1,

        /// <summary>GPIO1.</summary>
        Pin1 = 2,

        /// <summary>GPIO2.</summary>
        Pin2 = 4,

        /// <summary>GPIO3.</summary>
        Pin3 = 8,

        /// <summary>GPIO4.</summary>
        Pin4 = 16,

        /// <summary>GPIO5.</summary>
        Pin5 = 32,

        /// <summary>GPIO6.</summary>
        Pin6 = 64,

        /// <summary>GPIO7.</summary>
        Pin7 = 128,

        /// <summary>GPIO8.</summary>
        Pin8 = 256,

        /// <summary>GPIO9.</summary>
        Pin9 = 512,

        /// <summary>GPIO10.</summary>
        Pin10 = 1024,

        /// <summary>GPIO11.</summary>
        Pin11 = 2048,

        /// <summary>GPIO12.</summary>
        Pin12 = 4096,

        /// <summary>GPIO13.</summary>
        Pin13 = 8192,

        /// <summary>GPIO14.</summary>
        Pin14 = 16384,

        /// <summary>GPIO15.</summary>
        Pin15 = 32768,

        /// <summary>GPIO16.</summary>
        Pin16 = 65536,

        /// <summary>GPIO17.</summary>
        Pin17 = 131072,

        /// <summary>GPIO18.</summary>
        Pin18 = 262144,

        /// <summary>GPIO19.</summary>
        Pin19 = 524288,

        /// <summary>GPIO20.</summary>
        Pin20 = 1048576,

        /// <summary>GPIO21.</summary>
        Pin21 = 2097152,

        /// <summary>GPIO25.</summary>
        Pin25 = 33554432,

        /// <summary>GPIO26.</summary>
        Pin26 = 67108864,

        /// <summary>GPIO27.</summary>
        Pin27 = 134217728,

        /// <summary>GPIO32.</summary>
        Pin32 = 4294967296,

        /// <summary>GPIO33.</summary>
        Pin33 = 8589934592,

        /// <summary>GPIO34.</summary>
        Pin34 = 17179869184,

        /// <summary>GPIO35.</summary>
        Pin35 = 34359738368,

        /// <summary>GPIO36.</summary>
        Pin36 = 68719476736,

        /// <summary>GPIO37.</summary>
        Pin37 = 137438953472,

        /// <summary>GPIO38.</summary>
        Pin38 = 274877906944,

        /// <summary>GPIO39.</summary>
        Pin39 = 549755813888,
    }
}

// nanoFramework.Hardware.Esp32.Gpio: names for the GPIO numbers.

namespace nanoFramework.Hardware.Esp32;

/// <summary>GPIO numbers of the ESP32 by name.</summary>
public static class Gpio
{
    /// <summary>GPIO0.</summary>
    public const int IO00 = 0;

    /// <summary>GPIO1.</summary>
    public const int IO01 = 1;

    /// <summary>GPIO2.</summary>
    public const int IO02 = 2;

    /// <summary>GPIO3.</summary>
    public const int IO03 = 3;

    /// <summary>GPIO4.</summary>
    public const int IO04 = 4;

    /// <summary>GPIO5.</summary>
    public const int IO05 = 5;

    /// <summary>GPIO6.</summary>
    public const int IO06 = 6;

    /// <summary>GPIO7.</summary>
    public const int IO07 = 7;

    /// <summary>GPIO8.</summary>
    public const int IO08 = 8;

    /// <summary>GPIO9.</summary>
    public const int IO09 = 9;

    /// <summary>GPIO10.</summary>
    public const int IO10 = 10;

    /// <summary>GPIO11.</summary>
    public const int IO11 = 11;

    /// <summary>GPIO12.</summary>
    public const int IO12 = 12;

    /// <summary>GPIO13.</summary>
    public const int IO13 = 13;

    /// <summary>GPIO14.</summary>
    public const int IO14 = 14;

    /// <summary>GPIO15.</summary>
    public const int IO15 = 15;

    /// <summary>GPIO16.</summary>
    public const int IO16 = 16;

    /// <summary>GPIO17.</summary>
    public const int IO17 = 17;

    /// <summary>GPIO18.</summary>
    public const int IO18 = 18;

    /// <summary>GPIO19.</summary>
    public const int IO19 = 19;

    /// <summary>GPIO20.</summary>
    public const int IO20 = 20;

    /// <summary>GPIO21.</summary>
    public const int IO21 = 21;

    /// <summary>GPIO22.</summary>
    public const int IO22 = 22;

    /// <summary>GPIO23.</summary>
    public const int IO23 = 23;

    /// <summary>GPIO24.</summary>
    public const int IO24 = 24;

    /// <summary>GPIO25.</summary>
    public const int IO25 = 25;

    /// <summary>GPIO26.</summary>
    public const int IO26 = 26;

    /// <summary>GPIO27.</summary>
    public const int IO27 = 27;

    /// <summary>GPIO28.</summary>
    public const int IO28 = 28;

    /// <summary>GPIO29.</summary>
    public const int IO29 = 29;

    /// <summary>GPIO30.</summary>
    public const int IO30 = 30;

    /// <summary>GPIO31.</summary>
    public const int IO31 = 31;

    /// <summary>GPIO32.</summary>
    public const int IO32 = 32;

    /// <summary>GPIO33.</summary>
    public const int IO33 = 33;

    /// <summary>GPIO34.</summary>
    public const int IO34 = 34;

    /// <summary>GPIO35.</summary>
    public const int IO35 = 35;

    /// <summary>GPIO36.</summary>
    public const int IO36 = 36;

    /// <summary>GPIO37.</summary>
    public const int IO37 = 37;

    /// <summary>GPIO38.</summary>
    public const int IO38 = 38;

    /// <summary>GPIO39.</summary>
    public const int IO39 = 39;
}

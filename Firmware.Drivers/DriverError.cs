// Why a part on the board gave no reading.

namespace Firmware.Drivers
{
    /// <summary>Errors of the drivers. All mean: this reading is missing; what to do about it (wait, tell, give up) is the caller's choice.</summary>
    public enum DriverError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        /// <summary>The part does not answer to its address: not there, not powered, wired wrongly, or another address.</summary>
        NoAcknowledge = 1,

        /// <summary>The part answered, but with a wrong checksum: a disturbed line.</summary>
        BadChecksum = 2,

        /// <summary>The part did not get ready in time, or holds the bus.</summary>
        Timeout = 3,

        /// <summary>The bus failed in another way: a broken transfer, or the bus is not set up.</summary>
        BusFault = 4,

        /// <summary>Another part answers at the address: its identification is not the expected one.</summary>
        WrongPart = 5,

        /// <summary>The part answered with what it cannot have measured: a disturbed line, or it lost its power in the middle.</summary>
        Implausible = 6,
    }
}

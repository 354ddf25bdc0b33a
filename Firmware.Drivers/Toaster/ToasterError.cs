// Why the toaster was not turned on.

namespace Firmware.Drivers
{
    /// <summary>Results of <see cref="Toaster.TurnOn"/>.</summary>
    public enum ToasterError : byte
    {
        /// <summary>It is on.</summary>
        None = 0,

        /// <summary>The time is not 1 to the longest toast. Nothing has changed.</summary>
        OutOfRange = 1,

        /// <summary>It must cool first: see <see cref="Toaster.RemainingRestMs"/>.</summary>
        Resting = 2,

        /// <summary>A fault keeps it off until <see cref="Toaster.ClearFault"/>.</summary>
        Faulty = 3,
    }
}

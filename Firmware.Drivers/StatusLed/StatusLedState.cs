// What the status LED can say.

namespace Firmware.Drivers
{
    /// <summary>States of <see cref="StatusLed"/>, each with its blink code: see <see cref="BlinkTimer"/>.</summary>
    public enum StatusLedState : byte
    {
        /// <summary>Dark.</summary>
        Off = 0,

        /// <summary>Steady light: needs no poll, so it stays right where start-up blocks.</summary>
        Booting = 1,

        /// <summary>Two blinks a second.</summary>
        Connecting = 2,

        /// <summary>A short flash every three seconds.</summary>
        Online = 3,

        /// <summary>A pause, then as many blinks as the error's number.</summary>
        Error = 4,

        /// <summary>A very short flash every ten seconds, where the sleep keeps the loop running.</summary>
        Sleeping = 5,
    }
}

namespace Firmware.Settings
{
    /// <summary>What the Thing does between two readings. docs/power.md says what each costs.</summary>
    public enum SleepPolicy : byte
    {
        /// <summary>It stays awake and connected: commands arrive at any time.</summary>
        AlwaysOn = 0,

        /// <summary>Light sleep: memory and pins stay, the radio is off.</summary>
        Light,

        /// <summary>Deep sleep: everything but clock and wake-up pin is off; waking up is a boot.</summary>
        Deep,
    }
}

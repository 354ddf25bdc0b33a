namespace Firmware.Cycle
{
    /// <summary>Why the Thing is awake.</summary>
    public enum WakeCause : byte
    {
        /// <summary>Power came, or a reset: nothing is known but what was saved.</summary>
        FirstBoot = 0,

        /// <summary>The time to sense has come.</summary>
        Timer,

        /// <summary>The doorbell was pressed.</summary>
        Pin,
    }
}

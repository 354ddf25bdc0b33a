namespace Firmware.Cycle
{
    /// <summary>What a waking Thing is doing.</summary>
    public enum CyclePhase : byte
    {
        /// <summary>The sensors measure; then it is decided whether to connect.</summary>
        Sensing = 0,

        /// <summary>Wi-Fi, the date, DNS, TCP, TLS, CONNECT, SUBSCRIBE.</summary>
        Connecting,

        /// <summary>What waits in the outbox is sent and acknowledged.</summary>
        Publishing,

        /// <summary>Commands are awaited.</summary>
        Listening,

        /// <summary>The goodbye: <c>sleeping</c>, DISCONNECT, the state saved.</summary>
        Leaving,
    }
}

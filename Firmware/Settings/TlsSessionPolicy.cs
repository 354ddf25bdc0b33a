namespace Firmware.Settings
{
    /// <summary>Where the TLS engine's session is kept for the next connection, which then needs no certificates and no public-key arithmetic.</summary>
    public enum TlsSessionPolicy : byte
    {
        /// <summary>Nowhere: each handshake is a full one.</summary>
        None = 0,

        /// <summary>In RAM: for reconnects and through light sleep.</summary>
        Memory,

        /// <summary>In RAM and in flash, for deep sleep: whoever reads the flash can pass for the device until the session expires.</summary>
        Storage,
    }
}

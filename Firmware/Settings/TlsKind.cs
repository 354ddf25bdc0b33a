namespace Firmware.Settings
{
    /// <summary>Which TLS carries the connection to the broker.</summary>
    public enum TlsKind : byte
    {
        /// <summary>The platform's SslStream: in every image, without ALPN, without resumption; the handshake stops the device.</summary>
        SslStream = 0,

        /// <summary>The native TLS engine: in custom images only (docs/custom-image.md).</summary>
        Engine,
    }
}

// What a TLS connection is to be: whom it goes to, what it trusts, who the device is. Held by the caller, read when a connection begins.

namespace Firmware.Connectivity
{
    /// <summary>The options of a TLS connection through the engine. Arrays are the caller's and are only read.</summary>
    public sealed class TlsOptions
    {
        /// <summary>The server's name: SNI, and compared with its certificate. ASCII, 1 to 253 bytes. Needed.</summary>
        public byte[] Host { get; set; }

        /// <summary>ALPN protocols in order of preference, separated by commas (RFC 7301); null for none. A server that takes none of them is refused.</summary>
        public byte[] Alpn { get; set; }

        /// <summary>Trusted CA certificates, PEM or DER. Needed.</summary>
        public byte[] Ca { get; set; }

        /// <summary>The device's certificate, PEM or DER; null for none.</summary>
        public byte[] Certificate { get; set; }

        /// <summary>The private key of <see cref="Certificate"/>, PEM or DER; null for none.</summary>
        public byte[] Key { get; set; }

        /// <summary>The time that certificates are judged at: seconds since 1970-01-01T00:00:00Z. Needed.</summary>
        public long UnixSeconds { get; set; }

        /// <summary>A session to resume, from <see cref="TlsEngineTransport.TakeSession"/>; null for a full handshake.</summary>
        public byte[] Session { get; set; }

        /// <summary>Bytes of <see cref="Session"/> that count.</summary>
        public int SessionLength { get; set; }

        /// <summary>The least version: 0x0303 for TLS 1.2, 0x0304 for TLS 1.3; 0 for the engine's own (TLS 1.2).</summary>
        public int MinimumVersion { get; set; }

        /// <summary>The highest version; 0 for the best there is.</summary>
        public int MaximumVersion { get; set; }

        /// <summary>Longest record to ask the server for: 512, 1024, 2048 or 4096 bytes (RFC 6066 4); 0 to ask for nothing.</summary>
        public int MaximumFragment { get; set; }
    }
}

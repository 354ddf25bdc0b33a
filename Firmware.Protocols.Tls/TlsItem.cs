// The items of the native engine, as in native/core/tls_engine.h (a test holds the two together).

namespace Firmware.Protocols.Tls
{
    /// <summary>What can be set, asked and got of an engine.</summary>
    public static class TlsItem
    {
        /// <summary>The server's name: SNI, and compared with its certificate; 1 to 253 bytes.</summary>
        public const int SetHost = 1;

        /// <summary>Protocols in order of preference, separated by commas; up to 4.</summary>
        public const int SetAlpn = 2;

        /// <summary>Trusted CA certificates, PEM (any number) or DER (one); can be set more than once, and adds.</summary>
        public const int SetCa = 3;

        /// <summary>The client's certificate, with its chain if PEM.</summary>
        public const int SetCert = 4;

        /// <summary>The private key of the client's certificate, PEM or DER, without password.</summary>
        public const int SetKey = 5;

        /// <summary>What GetSession gave; after HOST, ALPN, CA, CERT and NOW, since it is held against them.</summary>
        public const int SetSession = 6;

        /// <summary>0x0303 TLS 1.2 (the default), 0x0304 TLS 1.3.</summary>
        public const int NumberMinVersion = 1;

        /// <summary>As above; the default is the best that mbedTLS has.</summary>
        public const int NumberMaxVersion = 2;

        /// <summary>Seconds since 1970-01-01T00:00:00Z, against which certificates are judged; may be set again at any time.</summary>
        public const int NumberNow = 3;

        /// <summary>512, 1024, 2048 or 4096: asks the server for records no longer than this (RFC 6066 4).</summary>
        public const int NumberMaxFragment = 4;

        /// <summary>1: a server that picks none of SetAlpn is refused.</summary>
        public const int NumberAlpnRequired = 5;

        /// <summary>Basic operations of elliptic curves in one pump, 0 for no limit; for all engines; needs MBEDTLS_ECP_RESTARTABLE.</summary>
        public const int NumberEcpOps = 6;

        /// <summary>1: DTLS 1.2; a window then holds exactly one datagram.</summary>
        public const int NumberDatagram = 7;

        /// <summary>DTLS: milliseconds of a clock that only goes forward, for retransmissions; set before each pump.</summary>
        public const int NumberNowMs = 8;

        /// <summary>DTLS: the longest datagram to send, bytes.</summary>
        public const int NumberMtu = 9;

        /// <summary>mbedTLS's version, 0x021C0300 for 2.28.3; the engine does not matter.</summary>
        public const int InfoLibrary = 1;

        /// <summary>Why it failed: an error, 0 if it has not.</summary>
        public const int InfoReason = 2;

        /// <summary>mbedTLS's own error number of it, 0 if none.</summary>
        public const int InfoDetail = 3;

        /// <summary>The alert of the server that ended it (RFC 8446 6), -1 if none came.</summary>
        public const int InfoAlert = 4;

        /// <summary>0x0303, 0x0304, 0xFEFD for DTLS 1.2; 0 before it is known.</summary>
        public const int InfoVersion = 5;

        /// <summary>1: a session was resumed, the certificate was not shown again.</summary>
        public const int InfoResumed = 6;

        /// <summary>CA certificates that can be used.</summary>
        public const int InfoCaCount = 7;

        /// <summary>CA certificates that mbedTLS could not read.</summary>
        public const int InfoCaSkipped = 8;

        /// <summary>DTLS: when to pump next at the latest, on the clock of NumberNowMs; -1 never.</summary>
        public const int InfoTimerMs = 9;

        /// <summary>Engines that are open; the engine does not matter.</summary>
        public const int InfoEngines = 10;

        /// <summary>The protocol that was agreed on, 0 bytes if none.</summary>
        public const int GetAlpn = 1;

        /// <summary>mbedTLS's name of the cipher suite.</summary>
        public const int GetCipher = 2;

        /// <summary>The session to offer next time, a secret; each can be got once, 0 bytes if there is none.</summary>
        public const int GetSession = 3;
    }
}

// The errors of the native engine, as in native/core/tls_engine.h (a test holds the two together). Below 0, so that a count and an error
// share one result; constants instead of an enum, since they cross the border to native code as numbers.

namespace Firmware.Protocols.Tls
{
    /// <summary>Why a call or a connection of the TLS engine failed.</summary>
    public static class TlsError
    {
        /// <summary>No such engine, or it was closed.</summary>
        public const int Handle = -1;

        /// <summary>No such item, or a value that it cannot have.</summary>
        public const int Argument = -2;

        /// <summary>Not at this point: set after start, start without CA, host or time, read before ready.</summary>
        public const int State = -3;

        /// <summary>All engines are open.</summary>
        public const int TableFull = -4;

        /// <summary>The heap has no room; what was there before is as it was.</summary>
        public const int Memory = -5;

        /// <summary>This mbedTLS was built without it.</summary>
        public const int Unsupported = -6;

        /// <summary>The result does not fit into the buffer.</summary>
        public const int Buffer = -7;

        /// <summary>No usable CA certificate in it.</summary>
        public const int CaFormat = -10;

        /// <summary>Not a certificate.</summary>
        public const int CertFormat = -11;

        /// <summary>Not a private key, or one with a password.</summary>
        public const int KeyFormat = -12;

        /// <summary>The key is not that of the certificate.</summary>
        public const int KeyMismatch = -13;

        /// <summary>Not a session, damaged, or of another build of mbedTLS.</summary>
        public const int SessionCorrupt = -14;

        /// <summary>A session with another host, ALPN, CA or client certificate.</summary>
        public const int SessionOther = -15;

        /// <summary>A certificate that the session was verified with is not valid now.</summary>
        public const int SessionExpired = -16;

        /// <summary>No chain to a trusted CA.</summary>
        public const int Untrusted = -20;

        /// <summary>It is for another host.</summary>
        public const int Host = -21;

        /// <summary>A certificate of the chain is expired at NumberNow.</summary>
        public const int Expired = -22;

        /// <summary>A certificate of the chain is not yet valid at NumberNow: often a wrong clock.</summary>
        public const int NotYetValid = -23;

        /// <summary>Weak algorithm or key, wrong key usage, or unreadable.</summary>
        public const int CertUnfit = -24;

        /// <summary>The server does not know the protocol, or ignores ALPN.</summary>
        public const int Alpn = -30;

        /// <summary>No common version of TLS.</summary>
        public const int Version = -31;

        /// <summary>No common cipher suite or group, or whatever else the server calls handshake_failure.</summary>
        public const int NoCommonCipher = -32;

        /// <summary>The server wants a client certificate and none was set.</summary>
        public const int ClientCertRequired = -33;

        /// <summary>The server refuses the client certificate; in TLS 1.3 this comes after Ready.</summary>
        public const int ClientCertRefused = -34;

        /// <summary>The first bytes of the server are not TLS.</summary>
        public const int NotTls = -40;

        /// <summary>Damaged, forged or against the protocol.</summary>
        public const int BadRecord = -41;

        /// <summary>A record longer than the buffers of this build.</summary>
        public const int RecordTooLarge = -42;

        /// <summary>The stream ended without close_notify.</summary>
        public const int Truncated = -43;

        /// <summary>The stream ended within the handshake.</summary>
        public const int ClosedInHandshake = -44;

        /// <summary>Another alert of the server, see InfoAlert.</summary>
        public const int Alert = -45;

        /// <summary>Another error of mbedTLS, see InfoDetail.</summary>
        public const int Internal = -46;

        /// <summary>DTLS: the server did not answer.</summary>
        public const int Timeout = -47;
    }
}

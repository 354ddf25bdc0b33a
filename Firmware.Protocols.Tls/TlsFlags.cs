// The flags of a pump, as in native/core/tls_engine.h (a test holds the two together).

namespace Firmware.Protocols.Tls
{
    /// <summary>The state of an engine after a pump: the upper half of its result.</summary>
    public static class TlsFlags
    {
        /// <summary>Nothing goes on without more input.</summary>
        public const int WantIn = 1;

        /// <summary>The output window was too small for what has to go out: empty it and pump again.</summary>
        public const int WantOut = 2;

        /// <summary>The handshake is done and the server verified.</summary>
        public const int Ready = 4;

        /// <summary>Read has something.</summary>
        public const int Readable = 8;

        /// <summary>Write takes something.</summary>
        public const int Writable = 16;

        /// <summary>The server said the end in order (close_notify).</summary>
        public const int Closed = 32;

        /// <summary>The connection has failed, see InfoReason.</summary>
        public const int Failed = 64;

        /// <summary>There is a session to get that was not got yet.</summary>
        public const int Session = 128;

        /// <summary>Pump again at once, there is work that needs no I/O.</summary>
        public const int More = 256;
    }
}

// What a device tells a resource directory, and how patient it is.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Settings of a <see cref="CoapDirectoryClient"/>, given once at construction.</summary>
    public sealed class CoapDirectoryOptions
    {
        /// <summary>The resource directory.</summary>
        public DatagramAddress Directory { get; } = new DatagramAddress();

        /// <summary>The endpoint's name (ep), 1 to 63 bytes of UTF-8; unique within its sector.</summary>
        public string EndpointName;

        /// <summary>The sector (d) the endpoint belongs to; null without.</summary>
        public string Sector;

        /// <summary>How long a registration lasts without an update, seconds, 60 to 86,400 (lt; RFC 9176 section 5).</summary>
        public int LifetimeSeconds = 3600;

        /// <summary>The first wait after a failure, milliseconds; it doubles.</summary>
        public int RetryMs = 5000;

        /// <summary>The longest wait after a failure, milliseconds.</summary>
        public int LongestRetryMs = 600000;

        /// <summary>How much of the directory's /.well-known/core is looked at, bytes.</summary>
        public int DiscoveryBytes = 256;

        /// <summary>The longest path of a registration that is remembered, bytes.</summary>
        public int LocationBytes = 64;
    }
}

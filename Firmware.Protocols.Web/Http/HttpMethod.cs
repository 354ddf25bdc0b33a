// The methods of RFC 9110 and RFC 5789 that a small server knows. CONNECT and TRACE are for others.

namespace Firmware.Protocols.Http
{
    /// <summary>A request's method.</summary>
    public enum HttpMethod : byte
    {
        /// <summary>None of these.</summary>
        Unknown = 0,

        /// <summary>Read.</summary>
        Get,

        /// <summary>Read, but send the head only.</summary>
        Head,

        /// <summary>Do what the resource does with the body.</summary>
        Post,

        /// <summary>Replace, or create.</summary>
        Put,

        /// <summary>Remove.</summary>
        Delete,

        /// <summary>Change a part.</summary>
        Patch,

        /// <summary>Tell what can be done; browsers ask before they write (CORS).</summary>
        Options,
    }
}

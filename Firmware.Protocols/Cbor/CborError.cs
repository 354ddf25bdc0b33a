// Why a CBOR item was refused.

namespace Firmware.Protocols.Cbor
{
    /// <summary>Errors of <see cref="CborReader"/>: all mean that the peer's item is to be rejected.</summary>
    public enum CborError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        /// <summary>The bytes end before the item does, or a length or a count tells of more than there is.</summary>
        UnexpectedEnd = 1,

        /// <summary>Not well-formed: a reserved initial byte, a break outside of an indefinite length, a simple value below 32 in two bytes (RFC 8949, 3 and 3.3).</summary>
        Malformed = 2,

        /// <summary>A map, array or string of indefinite length (RFC 8949, 3.2): well-formed, but not taken here.</summary>
        IndefiniteLength = 3,

        /// <summary>More maps and arrays inside each other than the reader was made for.</summary>
        DepthExceeded = 4,

        /// <summary>A text string that is not well-formed UTF-8 (RFC 8949, 3.1).</summary>
        BadUtf8 = 5,

        /// <summary>A tag (RFC 8949, 3.4): it may change what the value means, so it is not skipped.</summary>
        UnsupportedTag = 6,

        /// <summary>The value undefined, or a simple value without a meaning (RFC 8949, 3.3).</summary>
        UnsupportedSimpleValue = 7,

        /// <summary>A key of a map that is neither a text string nor an integer.</summary>
        UnsupportedKey = 8,

        /// <summary>Something follows the one item.</summary>
        TrailingData = 9,
    }
}

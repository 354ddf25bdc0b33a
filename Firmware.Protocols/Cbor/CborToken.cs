// The tokens that CborReader delivers (RFC 8949, 3.1 and 3.3).

namespace Firmware.Protocols.Cbor
{
    /// <summary>A token of a CBOR item, RFC 8949 section 3, as <see cref="CborReader.Read"/> delivers it.</summary>
    public enum CborToken : byte
    {
        /// <summary>Nothing has been read since <see cref="CborReader.Reset"/>.</summary>
        None = 0,

        /// <summary>A map begins; keys and values follow in turn.</summary>
        BeginMap = 1,

        /// <summary>A map has ended.</summary>
        EndMap = 2,

        /// <summary>An array begins.</summary>
        BeginArray = 3,

        /// <summary>An array has ended.</summary>
        EndArray = 4,

        /// <summary>A text string; whether it is a key says <see cref="CborReader.IsKey"/>.</summary>
        Text = 5,

        /// <summary>A byte string.</summary>
        ByteString = 6,

        /// <summary>An integer of major type 0 or 1; whether it is a key says <see cref="CborReader.IsKey"/>.</summary>
        Integer = 7,

        /// <summary>A floating-point number.</summary>
        Float = 8,

        /// <summary>The simple value true.</summary>
        True = 9,

        /// <summary>The simple value false.</summary>
        False = 10,

        /// <summary>The simple value null.</summary>
        Null = 11,

        /// <summary>The bytes have ended, and they were one whole item.</summary>
        End = 12,

        /// <summary>The bytes are not CBOR, or none that is taken here: see <see cref="CborReader.Error"/>.</summary>
        Error = 13,
    }
}

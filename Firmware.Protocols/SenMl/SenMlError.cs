// Why a SenML pack was refused.

namespace Firmware.Protocols.SenMl
{
    /// <summary>Errors of <see cref="SenMlReader"/>: all mean that the whole pack is to be rejected.</summary>
    public enum SenMlError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        /// <summary>The text is not JSON, or too deep: see the JsonReader's error.</summary>
        NotJson = 1,

        /// <summary>Not an array of one or more objects (RFC 8428, 5).</summary>
        NotAPack = 2,

        /// <summary>A member of RFC 8428 has a value of the wrong type (table 4).</summary>
        WrongType = 3,

        /// <summary>A member is there twice, or a record has more than one value (RFC 8428, 4.2).</summary>
        Duplicate = 4,

        /// <summary>An unknown member whose name ends in '_' must be understood (RFC 8428, 4.4).</summary>
        MustUnderstand = 5,

        /// <summary>The pack is of a version above 10, or of none (RFC 8428, 4.4).</summary>
        UnknownVersion = 6,

        /// <summary>Base name and name together are empty, begin with or contain a character that is not allowed (RFC 8428, 4.5.1).</summary>
        BadName = 7,

        /// <summary>Base name and name together, or one of them, are longer than the reader was made for.</summary>
        NameTooLong = 8,

        /// <summary>A text value is longer than the reader was made for.</summary>
        TextTooLong = 9,
    }
}

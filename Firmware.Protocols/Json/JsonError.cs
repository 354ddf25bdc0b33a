// Why a JSON text was refused.

namespace Firmware.Protocols.Json
{
    /// <summary>Errors of <see cref="JsonReader"/>: all mean that the peer's or the user's text is to be rejected.</summary>
    public enum JsonError : byte
    {
        /// <summary>No error.</summary>
        None = 0,

        /// <summary>The text ends before its value does.</summary>
        UnexpectedEnd = 1,

        /// <summary>A byte that must not be here: a wrong or missing separator, a wrong literal, a trailing comma, a byte order mark, a control character in a string.</summary>
        UnexpectedCharacter = 2,

        /// <summary>More objects and arrays inside each other than the reader was made for.</summary>
        DepthExceeded = 3,

        /// <summary>An unknown escape, a wrong hexadecimal digit, or a surrogate without its partner (RFC 8259, 7 and 8.2).</summary>
        BadEscape = 4,

        /// <summary>A number with a leading zero, or with no digit where one must be (RFC 8259, 6).</summary>
        BadNumber = 5,

        /// <summary>Bytes in a string that are not well-formed UTF-8 (RFC 8259, 8.1; RFC 3629, 4).</summary>
        BadUtf8 = 6,

        /// <summary>Something follows the one value that a text consists of.</summary>
        TrailingData = 7,
    }
}

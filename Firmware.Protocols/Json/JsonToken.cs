// The tokens that JsonReader delivers (RFC 8259, 2).

namespace Firmware.Protocols.Json
{
    /// <summary>A token of a JSON text, RFC 8259 section 2, as <see cref="JsonReader.Read"/> delivers it.</summary>
    public enum JsonToken : byte
    {
        /// <summary>Nothing has been read since <see cref="JsonReader.Reset"/>.</summary>
        None = 0,

        /// <summary>An object begins: <c>{</c>.</summary>
        BeginObject = 1,

        /// <summary>An object ends: <c>}</c>.</summary>
        EndObject = 2,

        /// <summary>An array begins: <c>[</c>.</summary>
        BeginArray = 3,

        /// <summary>An array ends: <c>]</c>.</summary>
        EndArray = 4,

        /// <summary>The name of a member of an object; its value comes next.</summary>
        Name = 5,

        /// <summary>A string.</summary>
        String = 6,

        /// <summary>A number.</summary>
        Number = 7,

        /// <summary>The literal <c>true</c>.</summary>
        True = 8,

        /// <summary>The literal <c>false</c>.</summary>
        False = 9,

        /// <summary>The literal <c>null</c>.</summary>
        Null = 10,

        /// <summary>The text has ended, and it was one whole value.</summary>
        End = 11,

        /// <summary>The text is not JSON, or too deep: see <see cref="JsonReader.Error"/>.</summary>
        Error = 12,
    }
}

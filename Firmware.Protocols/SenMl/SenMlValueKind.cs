// What kind of value a SenML record has (RFC 8428, 4.2; RFC 8790, 3).

namespace Firmware.Protocols.SenMl
{
    /// <summary>The kind of value of the record that <see cref="SenMlReader.Next"/> has read.</summary>
    public enum SenMlValueKind : byte
    {
        /// <summary>No value: a record of a Fetch Pack (RFC 8790, 3.1), or one with a sum only.</summary>
        None = 0,

        /// <summary>A whole number in the range of int: <see cref="SenMlReader.Number"/>.</summary>
        Number = 1,

        /// <summary>A number that is not whole, has an exponent or is beyond int.</summary>
        OtherNumber = 2,

        /// <summary>A text: <see cref="SenMlReader.Text"/> and <see cref="SenMlReader.TextLength"/>.</summary>
        Text = 3,

        /// <summary>True.</summary>
        True = 4,

        /// <summary>False.</summary>
        False = 5,

        /// <summary>Data (vd), which are not decoded.</summary>
        Data = 6,

        /// <summary>A value that is null: in a Patch Pack the record is to be removed (RFC 8790, 3.2).</summary>
        Null = 7,
    }
}

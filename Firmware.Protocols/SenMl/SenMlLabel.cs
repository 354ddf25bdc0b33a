// The labels of SenML fields in JSON (RFC 8428, table 4).

using Firmware.Protocols.Io;

namespace Firmware.Protocols.SenMl
{
    /// <summary>Names of the members of a SenML record, RFC 8428 section 5.</summary>
    internal static class SenMlLabel
    {
        internal static readonly byte[] BaseName = Bytes.FromString("bn");
        internal static readonly byte[] BaseTime = Bytes.FromString("bt");
        internal static readonly byte[] BaseUnit = Bytes.FromString("bu");
        internal static readonly byte[] BaseValue = Bytes.FromString("bv");
        internal static readonly byte[] BaseSum = Bytes.FromString("bs");
        internal static readonly byte[] BaseVersion = Bytes.FromString("bver");
        internal static readonly byte[] Name = Bytes.FromString("n");
        internal static readonly byte[] Unit = Bytes.FromString("u");
        internal static readonly byte[] Value = Bytes.FromString("v");
        internal static readonly byte[] StringValue = Bytes.FromString("vs");
        internal static readonly byte[] BooleanValue = Bytes.FromString("vb");
        internal static readonly byte[] DataValue = Bytes.FromString("vd");
        internal static readonly byte[] Sum = Bytes.FromString("s");
        internal static readonly byte[] Time = Bytes.FromString("t");
        internal static readonly byte[] UpdateTime = Bytes.FromString("ut");
    }
}

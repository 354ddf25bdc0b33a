// The members of a SenML record, table 4 of RFC 8428: each at most once, of the right type; unknown ones by RFC 8428, 4.4.

using Firmware.Protocols.Io;
using Firmware.Protocols.Json;

namespace Firmware.Protocols.SenMl
{
    public sealed partial class SenMlReader
    {
        private const int Version = 10;

        // longer than every label that is known
        private const int MaxLabel = 16;

        // which members a record has had
        private const int SeenBaseName = 1;
        private const int SeenBaseValue = 2;
        private const int SeenBaseVersion = 4;
        private const int SeenName = 8;
        private const int SeenValue = 16;
        private const int SeenTime = 32;
        private const int SeenBaseTime = 64;
        private const int SeenSum = 128;
        private const int SeenBaseSum = 256;
        private const int SeenUpdateTime = 512;
        private const int SeenUnit = 1024;
        private const int SeenBaseUnit = 2048;

        private readonly byte[] _label = new byte[MaxLabel];

        private bool ReadMember()
        {
            int length = _json.CopyString(_label, 0, MaxLabel);
            if (Is(SenMlLabel.BaseName, length))
            {
                return ReadName(SeenBaseName, _baseName, out _baseNameLength);
            }

            if (Is(SenMlLabel.Name, length))
            {
                return ReadName(SeenName, _ownName, out _ownNameLength);
            }

            if (Is(SenMlLabel.Value, length))
            {
                return ReadValue(JsonToken.Number);
            }

            if (Is(SenMlLabel.StringValue, length))
            {
                return ReadValue(JsonToken.String) && CopyText();
            }

            if (Is(SenMlLabel.BooleanValue, length))
            {
                return ReadValue(JsonToken.True);
            }

            if (Is(SenMlLabel.DataValue, length))
            {
                bool isRead = ReadValue(JsonToken.String);
                _kind = _kind == SenMlValueKind.Text ? SenMlValueKind.Data : _kind;
                return isRead;
            }

            if (Is(SenMlLabel.Unit, length))
            {
                return Read(SeenUnit, JsonToken.String);
            }

            if (Is(SenMlLabel.BaseUnit, length))
            {
                _hasBaseUnit = true;
                return Read(SeenBaseUnit, JsonToken.String);
            }

            if (Is(SenMlLabel.Time, length))
            {
                return Read(SeenTime, JsonToken.Number);
            }

            if (Is(SenMlLabel.BaseTime, length))
            {
                _hasBaseTime = true;
                return Read(SeenBaseTime, JsonToken.Number);
            }

            if (Is(SenMlLabel.BaseVersion, length))
            {
                if (!Read(SeenBaseVersion, JsonToken.Number))
                {
                    return false;
                }

                // "MUST NOT use this object" if it is larger (RFC 8428, 4.4); the field is a positive integer
                return (_json.TryGetFixed(0, out int version) && version > 0 && version <= Version) || Fail(SenMlError.UnknownVersion);
            }

            if (Is(SenMlLabel.BaseValue, length))
            {
                if (!Read(SeenBaseValue, JsonToken.Number))
                {
                    return false;
                }

                _hasBaseValue = true;
                _isBaseValueWhole = _json.TryGetFixed(0, out _baseValue);
                return true;
            }

            if (Is(SenMlLabel.Sum, length))
            {
                return Read(SeenSum, JsonToken.Number);
            }

            if (Is(SenMlLabel.BaseSum, length))
            {
                return Read(SeenBaseSum, JsonToken.Number);
            }

            return Is(SenMlLabel.UpdateTime, length) ? Read(SeenUpdateTime, JsonToken.Number) : SkipUnknown(length);
        }

        // RFC 8428, 4.4: what is not known is ignored, unless its name ends in '_'.
        private bool SkipUnknown(int length)
        {
            bool mustUnderstand;
            if (length >= 0)
            {
                mustUnderstand = length > 0 && _label[length - 1] == '_';
            }
            else
            {
                // too long for the copy: its last byte counts, and if it has escapes, it is taken for the worst
                byte[] source = _json.Source;
                int offset = _json.TokenOffset;
                mustUnderstand = source[offset + _json.TokenLength - 1] == '_' || Bytes.IndexOf(source, offset, _json.TokenLength, (byte)'\\') >= 0;
            }

            if (mustUnderstand)
            {
                return Fail(SenMlError.MustUnderstand);
            }

            return _json.SkipValue() || Fail(SenMlError.NotJson);
        }

        // Reads the value of a member that may be there once.
        private bool Read(int seen, JsonToken expected)
        {
            if ((_seen & seen) != 0)
            {
                return Fail(SenMlError.Duplicate);
            }

            _seen |= seen;
            return _json.Read() == expected || Fail(SenMlError.WrongType);
        }

        private bool ReadName(int seen, byte[] target, out int length)
        {
            length = 0;
            if (!Read(seen, JsonToken.String))
            {
                return false;
            }

            int copied = _json.CopyString(target, 0, target.Length);
            if (copied < 0)
            {
                return Fail(SenMlError.NameTooLong);
            }

            length = copied;
            return true;
        }

        // v, vs, vb, vd: one of them, and in a Patch Pack it may be null.
        private bool ReadValue(JsonToken expected)
        {
            if ((_seen & SeenValue) != 0)
            {
                return Fail(SenMlError.Duplicate);
            }

            _seen |= SeenValue;
            JsonToken token = _json.Read();
            if (token == JsonToken.Null)
            {
                _kind = SenMlValueKind.Null;
                return true;
            }

            if (token != expected && !(token == JsonToken.False && expected == JsonToken.True))
            {
                return Fail(SenMlError.WrongType);
            }

            switch (token)
            {
                case JsonToken.Number:
                    // 1.0 is 1 (RFC 8428, 5: the number of significant digits is not relevant)
                    _kind = _json.TryGetFixed(0, out _number) ? SenMlValueKind.Number : SenMlValueKind.OtherNumber;
                    return true;

                case JsonToken.String:
                    _kind = SenMlValueKind.Text;
                    return true;

                default:
                    _kind = token == JsonToken.True ? SenMlValueKind.True : SenMlValueKind.False;
                    return true;
            }
        }

        private bool CopyText()
        {
            if (_kind != SenMlValueKind.Text)
            {
                return true;
            }

            int copied = _json.CopyString(_text, 0, _text.Length);
            if (copied < 0)
            {
                return Fail(SenMlError.TextTooLong);
            }

            _textLength = copied;
            return true;
        }

        private bool Is(byte[] label, int length)
        {
            return Bytes.AreEqual(_label, 0, length, label);
        }
    }
}

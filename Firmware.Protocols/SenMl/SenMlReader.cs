// Reads a SenML pack in JSON (RFC 8428, 5) record by record, and the Fetch and Patch Packs of RFC 8790, which may lack values or have null ones.
// Names are resolved (base name and name), base values are added. Left out: units, sums, data values and times are checked for their type only;
// that a time was given is told, so that nobody runs a command now that was meant for later.
// Records are delivered as they are read: what is wrong further on shows only then, so a caller that acts reads the pack twice.
// This file reads and resolves records; SenMlReader.Members.cs reads their members.
// The text's buffer is the caller's; names and texts are copied, without JSON's escapes. Nothing is allocated after construction.

using System;
using Firmware.Protocols.Json;

namespace Firmware.Protocols.SenMl
{
    /// <summary>Reads the records of a SenML pack (RFC 8428, RFC 8790) out of JSON. Make one and keep it; it allocates nothing after construction and no content makes it throw.</summary>
    public sealed partial class SenMlReader
    {
        private readonly JsonReader _json;
        private readonly byte[] _name;
        private readonly byte[] _baseName;
        private readonly byte[] _ownName;
        private readonly byte[] _text;
        private int _nameLength;
        private int _baseNameLength;
        private int _ownNameLength;
        private int _textLength;
        private int _seen;
        private SenMlValueKind _kind;
        private int _number;
        private bool _hasBaseValue;
        private bool _isBaseValueWhole;
        private int _baseValue;
        private bool _hasBaseTime;
        private bool _hasBaseUnit;
        private bool _isEnded;
        private SenMlError _error;

        /// <summary>Makes a reader.</summary>
        /// <param name="json">Reads the text; the caller's. Its depth must be 2 or more; members that are skipped count, too.</param>
        /// <param name="maxName">The longest resolved name in bytes. Costs three times as much.</param>
        /// <param name="maxText">The longest text value in bytes.</param>
        /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length is negative.</exception>
        public SenMlReader(JsonReader json, int maxName, int maxText)
        {
            if (json == null)
            {
                throw new ArgumentNullException(nameof(json));
            }

            if (maxName < 0 || maxText < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(maxName));
            }

            _json = json;
            _name = new byte[maxName];
            _baseName = new byte[maxName];
            _ownName = new byte[maxName];
            _text = new byte[maxText];
            _isEnded = true;
        }

        /// <summary>What is wrong with the pack, sticky until <see cref="Reset"/>.</summary>
        public SenMlError Error
        {
            get { return _error; }
        }

        /// <summary>The buffer of the record's resolved name, from its beginning; valid until the next <see cref="Next"/>.</summary>
        public byte[] Name
        {
            get { return _name; }
        }

        /// <summary>The length of the resolved name in bytes, 1 or more.</summary>
        public int NameLength
        {
            get { return _nameLength; }
        }

        /// <summary>The kind of the record's value.</summary>
        public SenMlValueKind Kind
        {
            get { return _kind; }
        }

        /// <summary>The value of <see cref="SenMlValueKind.Number"/>; 0 otherwise.</summary>
        public int Number
        {
            get { return _number; }
        }

        /// <summary>The buffer of the value of <see cref="SenMlValueKind.Text"/>, from its beginning; valid until the next <see cref="Next"/>.</summary>
        public byte[] Text
        {
            get { return _text; }
        }

        /// <summary>The length of <see cref="Text"/> in bytes; 0 if the value is none.</summary>
        public int TextLength
        {
            get { return _textLength; }
        }

        /// <summary>The record has a time, its own or a base time. Without one a value is meant for now.</summary>
        public bool HasTime
        {
            get { return _hasBaseTime || (_seen & SeenTime) != 0; }
        }

        /// <summary>The record has a unit, its own or a base unit: the meaning of a number depends on it (RFC 8428, 4.5.2).</summary>
        public bool HasUnit
        {
            get { return _hasBaseUnit || (_seen & SeenUnit) != 0; }
        }

        /// <summary>Starts with a pack.</summary>
        /// <param name="buffer">Holds the text; stays the caller's and must not change while it is read.</param>
        /// <param name="offset">The index of the text's first byte.</param>
        /// <param name="length">The text's length in bytes.</param>
        /// <exception cref="ArgumentNullException"><paramref name="buffer"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The range is not within the buffer: a bug of the caller, not of the text.</exception>
        public void Reset(byte[] buffer, int offset, int length)
        {
            _json.Reset(buffer, offset, length);
            _baseNameLength = 0;
            _hasBaseValue = false;
            _isBaseValueWhole = true;
            _baseValue = 0;
            _hasBaseTime = false;
            _hasBaseUnit = false;
            _isEnded = false;
            _error = SenMlError.None;
            ClearRecord();
        }

        /// <summary>Reads the next record.</summary>
        /// <returns>False after the last one, or if there is an <see cref="Error"/>: then the pack as a whole is invalid.</returns>
        public bool Next()
        {
            ClearRecord();
            if (_isEnded || _error != SenMlError.None)
            {
                return false;
            }

            bool isFirst = _json.Token == JsonToken.None;
            if (isFirst && _json.Read() != JsonToken.BeginArray)
            {
                return Fail(SenMlError.NotAPack);
            }

            JsonToken token = _json.Read();
            if (token == JsonToken.EndArray && !isFirst)
            {
                _isEnded = true;
                if (_json.Read() != JsonToken.End)
                {
                    Fail(SenMlError.NotJson);
                }

                return false;
            }

            if (token != JsonToken.BeginObject)
            {
                return Fail(SenMlError.NotAPack);
            }

            while (_json.Read() == JsonToken.Name)
            {
                if (!ReadMember())
                {
                    return false;
                }
            }

            if (_json.Token != JsonToken.EndObject)
            {
                return Fail(SenMlError.NotJson);
            }

            return ResolveName() && ResolveValue();
        }

        // RFC 8428, 4.5.1: A-Z a-z 0-9 - : . / _, the first one a letter or a digit.
        private bool ResolveName()
        {
            int length = _baseNameLength + _ownNameLength;
            if (length > _name.Length)
            {
                return Fail(SenMlError.NameTooLong);
            }

            Array.Copy(_baseName, 0, _name, 0, _baseNameLength);
            Array.Copy(_ownName, 0, _name, _baseNameLength, _ownNameLength);
            _nameLength = length;
            bool isGood = length > 0 && IsLetterOrDigit(_name[0]);
            for (int i = 1; i < length && isGood; i++)
            {
                int next = _name[i];
                isGood = IsLetterOrDigit(next) || (next >= '-' && next <= '/') || next == ':' || next == '_';
            }

            return isGood || Fail(SenMlError.BadName);
        }

        // RFC 8428, 4.5.4: base value and value are added; a missing one is zero.
        private bool ResolveValue()
        {
            if (!_hasBaseValue || _kind > SenMlValueKind.OtherNumber || (_kind == SenMlValueKind.None && (_seen & SeenSum) != 0))
            {
                return true;
            }

            bool isWhole = _kind != SenMlValueKind.OtherNumber && _isBaseValueWhole;
            long sum = (long)_number + _baseValue;
            isWhole = isWhole && sum >= int.MinValue && sum <= int.MaxValue;
            _kind = isWhole ? SenMlValueKind.Number : SenMlValueKind.OtherNumber;
            _number = isWhole ? (int)sum : 0;
            return true;
        }

        private void ClearRecord()
        {
            _seen = 0;
            _kind = SenMlValueKind.None;
            _number = 0;
            _nameLength = 0;
            _ownNameLength = 0;
            _textLength = 0;
        }

        // False always. What JSON refused is named so, whatever was expected.
        private bool Fail(SenMlError error)
        {
            _error = _json.Token == JsonToken.Error ? SenMlError.NotJson : error;
            ClearRecord();
            return false;
        }

        private static bool IsLetterOrDigit(int value)
        {
            int letter = value | 0x20;
            return (letter >= 'a' && letter <= 'z') || (value >= '0' && value <= '9');
        }
    }
}

// Writes a SenML pack in JSON (RFC 8428, 5) with a caller's JsonWriter.
// Left out: base time, unit, value and sum, sums, data values, update times. It does not check that a record has one value and that its name is
// allowed (RFC 8428, 4.5.1): a test of the caller's shows that.
// The buffer and whether all fitted are the JsonWriter's. Nothing is allocated after construction.

using System;
using Firmware.Protocols.Json;

namespace Firmware.Protocols.SenMl
{
    /// <summary>Writes a SenML pack (RFC 8428) as JSON. Between BeginRecord and EndRecord write each member at most once, in any order; at the end ask the JsonWriter whether it has overflowed.</summary>
    public sealed class SenMlWriter
    {
        private readonly JsonWriter _json;

        /// <summary>Makes a writer.</summary>
        /// <param name="json">Writes the text; the caller's, reset before each pack.</param>
        /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
        public SenMlWriter(JsonWriter json)
        {
            if (json == null)
            {
                throw new ArgumentNullException(nameof(json));
            }

            _json = json;
        }

        /// <summary>Begins a pack.</summary>
        public void BeginPack()
        {
            _json.BeginArray();
        }

        /// <summary>Begins a record.</summary>
        public void BeginRecord()
        {
            _json.BeginObject();
        }

        /// <summary>Writes bn: what stands before the names of this and all later records.</summary>
        /// <param name="name">The base name.</param>
        public void BaseName(byte[] name)
        {
            _json.Name(SenMlLabel.BaseName);
            _json.String(name);
        }

        /// <summary>Writes n.</summary>
        /// <param name="name">The name, which is appended to the base name.</param>
        public void Name(byte[] name)
        {
            _json.Name(SenMlLabel.Name);
            _json.String(name);
        }

        /// <summary>Writes u.</summary>
        /// <param name="unit">A unit of the SenML registry such as Cel (RFC 8428, 12.1).</param>
        public void Unit(byte[] unit)
        {
            _json.Name(SenMlLabel.Unit);
            _json.String(unit);
        }

        /// <summary>Writes v in units of 10^-<paramref name="decimals"/>: 21500 with 3 decimals is 21.5.</summary>
        /// <param name="value">The value times 10^<paramref name="decimals"/>.</param>
        /// <param name="decimals">The decimal places, 0 to 9.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="decimals"/> is out of range: a bug of the caller.</exception>
        public void Value(int value, int decimals)
        {
            _json.Name(SenMlLabel.Value);
            _json.Fixed(value, decimals);
        }

        /// <summary>Writes vs.</summary>
        /// <param name="value">The text in UTF-8.</param>
        public void StringValue(byte[] value)
        {
            StringValue(value, 0, value.Length);
        }

        /// <summary>Writes vs.</summary>
        /// <param name="buffer">The buffer of the text in UTF-8.</param>
        /// <param name="offset">The text's first byte.</param>
        /// <param name="length">The text's length in bytes.</param>
        public void StringValue(byte[] buffer, int offset, int length)
        {
            _json.Name(SenMlLabel.StringValue);
            _json.String(buffer, offset, length);
        }

        /// <summary>Writes vb.</summary>
        /// <param name="value">The value.</param>
        public void BooleanValue(bool value)
        {
            _json.Name(SenMlLabel.BooleanValue);
            _json.Bool(value);
        }

        /// <summary>Writes t.</summary>
        /// <param name="seconds">2^28 or more: seconds since 1970; less: seconds from now, negative in the past (RFC 8428, 4.5.3).</param>
        public void Time(long seconds)
        {
            _json.Name(SenMlLabel.Time);
            _json.Long(seconds);
        }

        /// <summary>Ends a record.</summary>
        public void EndRecord()
        {
            _json.EndObject();
        }

        /// <summary>Ends the pack.</summary>
        public void EndPack()
        {
            _json.EndArray();
        }
    }
}

// The state of a resource as a value: a switch or a number, with its unit, and one detail beside it. A resource says it once; the forms in which
// doors tell it (JSON members, a bare word, CBOR, SenML) are written here and nowhere else.

using Firmware.Protocols.Cbor;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;

namespace Firmware.Things
{
    /// <summary>What a resource is at this moment. Long-lived: filled anew each time it is asked for.</summary>
    public sealed class ResourceState
    {
        private bool _isSwitch;
        private bool _isOn;
        private int _number;
        private int _decimals;
        private byte[] _unit;
        private byte[] _detailName;
        private long _detail;

        /// <summary>Becomes a switch: "on" or "off".</summary>
        /// <param name="isOn">Which.</param>
        public void SetSwitch(bool isOn)
        {
            _isSwitch = true;
            _isOn = isOn;
            _unit = null;
            _detailName = null;
        }

        /// <summary>Becomes a number in units of 10^-<paramref name="decimals"/>: 21500 with 3 is 21.5.</summary>
        /// <param name="number">The number times 10^<paramref name="decimals"/>.</param>
        /// <param name="decimals">The decimal places, 0 to 9.</param>
        /// <param name="unit">A unit of SenML's registry (RFC 8428 section 12.1), such as Cel; null for a number without.</param>
        public void SetNumber(int number, int decimals, byte[] unit)
        {
            _isSwitch = false;
            _number = number;
            _decimals = decimals;
            _unit = unit;
            _detailName = null;
        }

        /// <summary>Adds a second member, which only JSON and CBOR objects of this one resource tell. After SetSwitch or SetNumber.</summary>
        /// <param name="name">Its name, UTF-8.</param>
        /// <param name="value">Its value.</param>
        public void SetDetail(byte[] name, long value)
        {
            _detailName = name;
            _detail = value;
        }

        /// <summary>Writes a member with the resource's name, and the detail: <c>"toaster":"on","seconds":5</c>.</summary>
        /// <param name="json">An open object.</param>
        /// <param name="name">The resource's name.</param>
        public void WriteMembers(JsonWriter json, byte[] name)
        {
            WriteMember(json, name);
            if (_detailName != null)
            {
                json.Name(_detailName);
                json.Long(_detail);
            }
        }

        /// <summary>Writes a member with the resource's name alone: <c>"toaster":"on"</c>.</summary>
        /// <param name="json">An open object.</param>
        /// <param name="name">The resource's name.</param>
        public void WriteMember(JsonWriter json, byte[] name)
        {
            json.Name(name);
            if (_isSwitch)
            {
                json.String(Word);
            }
            else
            {
                json.Fixed(_number, _decimals);
            }
        }

        /// <summary>Writes the value alone, for people: <c>on</c>, <c>21.5</c>.</summary>
        /// <param name="text">At its start.</param>
        public void WriteText(JsonWriter text)
        {
            if (_isSwitch)
            {
                text.Raw(Word);
            }
            else
            {
                text.Fixed(_number, _decimals);
            }
        }

        /// <summary>Writes what <see cref="WriteMembers"/> writes, as a CBOR map.</summary>
        /// <param name="cbor">At its start.</param>
        /// <param name="name">The resource's name.</param>
        public void WriteMap(CborWriter cbor, byte[] name)
        {
            cbor.BeginMap(_detailName == null ? 1 : 2);
            cbor.Text(name);
            if (_isSwitch)
            {
                cbor.Text(Word);
            }
            else
            {
                cbor.Fixed(_number, _decimals);
            }

            if (_detailName != null)
            {
                cbor.Text(_detailName);
                cbor.Long(_detail);
            }
        }

        /// <summary>Writes unit and value: <c>"u":"Cel","v":21.5</c> or <c>"vb":true</c>.</summary>
        /// <param name="senMl">An open record that has its name.</param>
        public void WriteFields(SenMlWriter senMl)
        {
            if (_unit != null)
            {
                senMl.Unit(_unit);
            }

            if (_isSwitch)
            {
                senMl.BooleanValue(_isOn);
            }
            else
            {
                senMl.Value(_number, _decimals);
            }
        }

        private byte[] Word
        {
            get { return _isOn ? Words.On : Words.Off; }
        }
    }
}

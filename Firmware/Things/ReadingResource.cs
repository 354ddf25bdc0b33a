// A number that a sensor measures: temperature, humidity, battery. Fixed point, so that nothing is rounded twice.

using Firmware.Protocols.Json;

namespace Firmware.Things
{
    /// <summary>A measured value as a resource: <c>"temperature":21.5</c>.</summary>
    public sealed class ReadingResource : Resource
    {
        private readonly int _decimals;
        private bool _hasState;
        private int _value;

        /// <summary>Creates the resource without a value.</summary>
        /// <param name="name">Its name.</param>
        /// <param name="decimals">How many decimals the integer value has: 21500 with 3 is 21.5.</param>
        public ReadingResource(string name, int decimals)
            : base(name)
        {
            _decimals = decimals;
        }

        /// <inheritdoc />
        public override bool HasState
        {
            get { return _hasState; }
        }

        /// <summary>Takes a new reading.</summary>
        /// <param name="value">The value times 10 to the power of the decimals.</param>
        public void Set(int value)
        {
            if (!_hasState || _value != value)
            {
                _value = value;
                _hasState = true;
                NoteChange();
            }
        }

        /// <summary>The sensor failed: an old value is not told as a new one.</summary>
        public void Clear()
        {
            _hasState = false;
        }

        /// <inheritdoc />
        public override void WriteState(JsonWriter json, long nowMs)
        {
            json.Name(Name);
            json.Fixed(_value, _decimals);
        }
    }
}

// A number that a sensor measures: temperature, humidity, battery. Fixed point, so that nothing is rounded twice.

using Firmware.Protocols.Io;

namespace Firmware.Things
{
    /// <summary>A measured value as a resource: <c>"temperature":21.5</c>.</summary>
    public sealed class ReadingResource : Resource
    {
        private readonly int _decimals;
        private readonly byte[] _unit;
        private bool _hasState;
        private int _value;
        private long _nextMs;

        /// <summary>Creates the resource without a value.</summary>
        /// <param name="name">Its name.</param>
        /// <param name="decimals">How many decimals the integer value has: 21500 with 3 is 21.5.</param>
        /// <param name="unit">Its unit in SenML's registry: Cel, %RH, V (RFC 8428 section 12.1).</param>
        /// <param name="title">Its unit for people.</param>
        public ReadingResource(string name, int decimals, string unit, string title)
            : base(name, title)
        {
            _decimals = decimals;
            _unit = Bytes.FromString(unit);
        }

        /// <inheritdoc />
        public override bool HasState
        {
            get { return _hasState; }
        }

        /// <inheritdoc />
        public override long NextStateMs
        {
            get { return _nextMs; }
        }

        /// <summary>The value times 10 to the power of the decimals; means something only if <see cref="HasState"/>.</summary>
        public int Value
        {
            get { return _value; }
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
        /// <param name="nextMs">When it is tried again.</param>
        public void Clear(long nextMs)
        {
            _nextMs = nextMs;
            if (_hasState)
            {
                _hasState = false;
                NoteChange();
            }
        }

        /// <inheritdoc />
        protected override void Describe(ResourceState state, long nowMs)
        {
            state.SetNumber(_value, _decimals, _unit);
        }
    }
}

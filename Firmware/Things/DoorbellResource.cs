// The doorbell: a button whose presses are told at once. A press is an event; what remains of it is how many there were, and when the last one was.

using Firmware.Drivers;
using Firmware.Protocols.Json;

namespace Firmware.Things
{
    /// <summary>The doorbell as a resource: each press is a change, told as <c>"doorbell":"pressed"</c>. Its state is the number of presses since the start and,
    /// if the date was known, the time of the last one: <c>"doorbell":3,"time":1795471015</c>.</summary>
    public sealed class DoorbellResource : Resource
    {
        private readonly Button _button;
        private readonly Clock _clock;
        private int _presses;
        private long _pressedAt;
        private bool _hasRung;

        /// <summary>Creates the resource.</summary>
        /// <param name="button">The driver.</param>
        /// <param name="clock">The date.</param>
        public DoorbellResource(Button button, Clock clock)
            : base("doorbell", "presses")
        {
            _button = button;
            _clock = clock;
        }

        /// <summary>True from a press until <see cref="TakeRing"/>.</summary>
        public bool HasRung
        {
            get { return _hasRung; }
        }

        /// <summary>The ring has been seen to.</summary>
        public void TakeRing()
        {
            _hasRung = false;
        }

        /// <summary>The doorbell has woken the board up: the press is counted at the next Poll.</summary>
        public void WokeUp()
        {
            _button.NoteWake();
        }

        /// <inheritdoc />
        public override bool TellsChanges
        {
            get { return true; }
        }

        /// <inheritdoc />
        public override long NextDeadlineMs
        {
            get { return _button.NextDeadlineMs; }
        }

        /// <inheritdoc />
        public override void Poll(long nowMs)
        {
            _button.Poll(nowMs);
            if (_button.TryTakePress())
            {
                _presses++;
                _hasRung = true;
                _pressedAt = _clock.IsDateSet ? _clock.UnixSeconds : 0;
                NoteChange();
                Log.Info("doorbell pressed");
            }
        }

        /// <inheritdoc />
        public override void WriteChange(JsonWriter json, long nowMs)
        {
            json.Name(Name);
            json.String(Words.Pressed);
        }

        /// <inheritdoc />
        protected override void Describe(ResourceState state, long nowMs)
        {
            state.SetNumber(_presses, 0, null);
            if (_pressedAt > 0)
            {
                state.SetDetail(Words.Time, _pressedAt);
            }
        }
    }
}

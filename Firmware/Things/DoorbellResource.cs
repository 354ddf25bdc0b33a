// The doorbell: a button whose presses are told at once.

using Firmware.Drivers;
using Firmware.Protocols.Json;

namespace Firmware.Things
{
    /// <summary>The doorbell as a resource: each press is a change, told as <c>"doorbell":"pressed"</c>.</summary>
    public sealed class DoorbellResource : Resource
    {
        private readonly Button _button;

        /// <summary>Creates the resource.</summary>
        /// <param name="button">The driver.</param>
        public DoorbellResource(Button button)
            : base("doorbell")
        {
            _button = button;
        }

        /// <inheritdoc />
        public override bool TellsChanges
        {
            get { return true; }
        }

        /// <inheritdoc />
        public override bool HasState
        {
            // a press is an event, not a reading
            get { return false; }
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
                NoteChange();
                Log.Info("doorbell pressed");
            }
        }

        /// <inheritdoc />
        public override void WriteState(JsonWriter json, long nowMs)
        {
            json.Name(Name);
            json.String(Words.Pressed);
        }
    }
}

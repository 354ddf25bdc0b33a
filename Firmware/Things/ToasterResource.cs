// The toaster: on for some seconds, off. The driver guards the limits; here they become words.

using Firmware.Drivers;
using Firmware.Protocols.Io;

namespace Firmware.Things
{
    /// <summary>The toaster as a resource: <c>"toaster":"on","seconds":5</c> (seconds that remain) or <c>"toaster":"off"</c>.</summary>
    public sealed class ToasterResource : Resource
    {
        /// <summary>How long a toast takes if the command does not say, seconds.</summary>
        public const int DefaultSeconds = 60;

        private const int MsPerSecond = 1000;

        private static readonly byte[] UnknownAction = Bytes.FromString("toaster knows on and off");
        private static readonly byte[] NoPercent = Bytes.FromString("toaster takes no percent");
        private static readonly byte[] SecondsWithOff = Bytes.FromString("seconds go with on only");
        private static readonly byte[] Resting = Bytes.FromString("the toaster rests between two toasts: try again in a few seconds");
        private static readonly byte[] Faulty = Bytes.FromString("the toaster is locked after a fault: restart the device");

        private readonly Toaster _toaster;
        private readonly byte[] _outOfRange;
        private readonly int _defaultSeconds;
        private readonly bool _offWhenOffline;
        private bool _wasOn;

        /// <summary>Creates the resource.</summary>
        /// <param name="toaster">The driver.</param>
        /// <param name="maxSeconds">The longest toast that the driver allows, for the message.</param>
        /// <param name="offWhenOffline">Whether the loss of the cloud ends a toast.</param>
        public ToasterResource(Toaster toaster, int maxSeconds, bool offWhenOffline)
            : base("toaster", "on for some seconds, off")
        {
            _toaster = toaster;
            _offWhenOffline = offWhenOffline;
            _defaultSeconds = maxSeconds < DefaultSeconds ? maxSeconds : DefaultSeconds;
            _outOfRange = Bytes.FromString("seconds must be 1 to " + maxSeconds);
        }

        /// <inheritdoc />
        public override bool IsActuator
        {
            get { return true; }
        }

        /// <inheritdoc />
        public override bool IsBusy
        {
            get { return _toaster.IsOn; }
        }

        /// <inheritdoc />
        public override long NextDeadlineMs
        {
            get { return _toaster.NextDeadlineMs; }
        }

        /// <inheritdoc />
        public override bool IsRepeatable
        {
            // a second "on" begins a second toast
            get { return false; }
        }

        /// <inheritdoc />
        public override byte[] Run(Command command, long nowMs)
        {
            WasRefusedForNow = false;
            if (command.Percent != Command.NotGiven)
            {
                return NoPercent;
            }

            byte[] reason = null;
            switch (command.Action)
            {
                case CommandAction.On:
                    reason = Explain(_toaster.TurnOn(command.Seconds == Command.NotGiven ? _defaultSeconds : command.Seconds, nowMs));
                    break;
                case CommandAction.Off:
                    if (command.Seconds != Command.NotGiven)
                    {
                        return SecondsWithOff;
                    }

                    _toaster.TurnOff(nowMs);
                    break;
                default:
                    return UnknownAction;
            }

            if (reason == null)
            {
                _wasOn = _toaster.IsOn;
                NoteChange();
            }

            return reason;
        }

        /// <inheritdoc />
        public override void Poll(long nowMs)
        {
            _toaster.Poll(nowMs);
            if (_wasOn != _toaster.IsOn)
            {
                _wasOn = _toaster.IsOn;
                NoteChange();
            }
        }

        /// <inheritdoc />
        public override void CloudLost(long nowMs)
        {
            if (_offWhenOffline && _toaster.IsOn)
            {
                _toaster.TurnOff(nowMs);
                Log.Warning("the toaster went off because the connection to the cloud is lost (toaster.offWhenOffline)");
            }
        }

        /// <inheritdoc />
        public override void MakeSafe(long nowMs)
        {
            _toaster.TurnOff(nowMs);
        }

        /// <inheritdoc />
        protected override void Describe(ResourceState state, long nowMs)
        {
            state.SetSwitch(_toaster.IsOn);
            if (_toaster.IsOn)
            {
                state.SetDetail(Words.Seconds, (_toaster.RemainingMs(nowMs) + MsPerSecond - 1) / MsPerSecond);
            }
        }

        private byte[] Explain(ToasterError error)
        {
            switch (error)
            {
                case ToasterError.None:
                    return null;
                case ToasterError.Resting:
                    WasRefusedForNow = true;
                    return Resting;
                case ToasterError.Faulty:
                    WasRefusedForNow = true;
                    return Faulty;
                default:
                    return _outOfRange;
            }
        }
    }
}

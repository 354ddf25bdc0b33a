// The dimmable light: on (100 %), off, toggle, dim (to its dim level, or to a percentage), or a percentage alone.

using Firmware.Drivers;
using Firmware.Protocols.Io;

namespace Firmware.Things
{
    /// <summary>The light as a resource: <c>"light":30</c>, percent of full brightness.</summary>
    public sealed class LightResource : Resource
    {
        private const int FullPercent = 100;

        private static readonly byte[] UnknownAction = Bytes.FromString("light knows on, off, toggle, dim and 0 to 100");
        private static readonly byte[] OutOfRange = Bytes.FromString("percent must be 0 to 100");
        private static readonly byte[] OnlyWithDim = Bytes.FromString("percent goes with dim only");
        private static readonly byte[] NoSeconds = Bytes.FromString("light takes no seconds");

        private readonly DimmableLight _light;

        /// <summary>Creates the resource.</summary>
        /// <param name="light">The driver.</param>
        public LightResource(DimmableLight light)
            : base("light", "0 to 100 percent")
        {
            _light = light;
        }

        /// <inheritdoc />
        public override bool IsActuator
        {
            get { return true; }
        }

        /// <inheritdoc />
        public override byte[] Run(Command command, long nowMs)
        {
            bool hasPercent = command.Percent != Command.NotGiven;
            if (command.Seconds != Command.NotGiven)
            {
                return NoSeconds;
            }

            if (hasPercent && command.Action != CommandAction.Dim && command.Action != CommandAction.Level)
            {
                return OnlyWithDim;
            }

            int was = _light.Percent;
            bool inRange = true;
            switch (command.Action)
            {
                case CommandAction.On:
                    inRange = _light.SetPercent(FullPercent);
                    break;
                case CommandAction.Off:
                    _light.Off();
                    break;
                case CommandAction.Toggle:
                    inRange = _light.SetPercent(was > 0 ? 0 : FullPercent);
                    break;
                case CommandAction.Dim:
                case CommandAction.Level:
                    if (hasPercent)
                    {
                        inRange = _light.SetPercent(command.Percent);
                    }
                    else
                    {
                        _light.Dim();
                    }

                    break;
                default:
                    return UnknownAction;
            }

            if (was != _light.Percent)
            {
                NoteChange();
            }

            return inRange ? null : OutOfRange;
        }

        /// <inheritdoc />
        protected override void Describe(ResourceState state, long nowMs)
        {
            // without SenML unit: its registry has the ratio "/", of which the whole is 1, and no percentage
            state.SetNumber(_light.Percent, 0, null);
        }
    }
}

// The LED: on, off, toggle.

using Firmware.Drivers;
using Firmware.Protocols.Io;

namespace Firmware.Things
{
    /// <summary>The LED as a resource: <c>"led":"on"</c> or <c>"led":"off"</c>.</summary>
    public sealed class LedResource : Resource
    {
        private static readonly byte[] UnknownAction = Bytes.FromString("led knows on, off and toggle");
        private static readonly byte[] NoArguments = Bytes.FromString("led takes neither seconds nor percent");

        private readonly Led _led;

        /// <summary>Creates the resource.</summary>
        /// <param name="led">The driver.</param>
        public LedResource(Led led)
            : base("led", "on, off")
        {
            _led = led;
        }

        /// <inheritdoc />
        public override bool IsActuator
        {
            get { return true; }
        }

        /// <inheritdoc />
        public override byte[] Run(Command command, long nowMs)
        {
            if (command.Seconds != Command.NotGiven || command.Percent != Command.NotGiven)
            {
                return NoArguments;
            }

            bool was = _led.IsOn;
            switch (command.Action)
            {
                case CommandAction.On:
                    _led.On();
                    break;
                case CommandAction.Off:
                    _led.Off();
                    break;
                case CommandAction.Toggle:
                    _led.Toggle();
                    break;
                default:
                    return UnknownAction;
            }

            if (was != _led.IsOn)
            {
                NoteChange();
            }

            return null;
        }

        /// <inheritdoc />
        protected override void Describe(ResourceState state, long nowMs)
        {
            state.SetSwitch(_led.IsOn);
        }
    }
}

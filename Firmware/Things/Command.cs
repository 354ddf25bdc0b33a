// One command to one actuator, whatever door it came through. One long-lived object per door.

namespace Firmware.Things
{
    /// <summary>What an actuator is asked to do.</summary>
    public enum CommandAction : byte
    {
        /// <summary>Nothing understood.</summary>
        None = 0,

        /// <summary>Switch on.</summary>
        On,

        /// <summary>Switch off.</summary>
        Off,

        /// <summary>Switch to the other state.</summary>
        Toggle,

        /// <summary>Go to the configured dim level, or to <see cref="Command.Percent"/>.</summary>
        Dim,

        /// <summary>Go to <see cref="Command.Percent"/>.</summary>
        Level,
    }

    /// <summary>An action with its optional arguments.</summary>
    public sealed class Command
    {
        /// <summary>Stands for an argument that was not given.</summary>
        public const int NotGiven = int.MinValue;

        /// <summary>The action.</summary>
        public CommandAction Action;

        /// <summary>How long, seconds; <see cref="NotGiven"/> without.</summary>
        public int Seconds = NotGiven;

        /// <summary>How bright, percent; <see cref="NotGiven"/> without.</summary>
        public int Percent = NotGiven;

        /// <summary>Makes the object ready for the next command.</summary>
        public void Reset()
        {
            Action = CommandAction.None;
            Seconds = NotGiven;
            Percent = NotGiven;
        }
    }
}

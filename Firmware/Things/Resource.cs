// A sensor or an actuator as all doors see it: a name, a state that can be written as JSON members, and commands.
// A resource is written once; MQTT (and later CoAP, HTTP and WebSocket) only carry it.

using Firmware.Protocols.Io;
using Firmware.Protocols.Json;

namespace Firmware.Things
{
    /// <summary>One sensor or actuator of the Thing.</summary>
    public abstract class Resource
    {
        private static readonly byte[] NotAnActuator = Bytes.FromString("this is a sensor: it takes no commands");

        /// <summary>Creates a resource.</summary>
        /// <param name="name">Its name: a member of JSON objects and the last level of topics.</param>
        protected Resource(string name)
        {
            Name = Bytes.FromString(name);
        }

        /// <summary>The name, UTF-8.</summary>
        public byte[] Name { get; }

        /// <summary>Counts the changes of state; whoever tells others about changes compares it with the count told last.</summary>
        public int Version { get; private set; }

        /// <summary>True if the resource takes commands.</summary>
        public virtual bool IsActuator
        {
            get { return false; }
        }

        /// <summary>True if each change is told at once; false for readings, which are told on their schedule.</summary>
        public virtual bool TellsChanges
        {
            get { return IsActuator; }
        }

        /// <summary>True if there is a state to tell: false for a sensor that has not measured, or failed.</summary>
        public virtual bool HasState
        {
            get { return true; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called; <see cref="long.MaxValue"/> for never.</summary>
        public virtual long NextDeadlineMs
        {
            get { return long.MaxValue; }
        }

        /// <summary>Writes the state as one or more members of a JSON object that is open.</summary>
        /// <param name="json">Where to.</param>
        /// <param name="nowMs">The time since boot.</param>
        public abstract void WriteState(JsonWriter json, long nowMs);

        /// <summary>Carries a command out.</summary>
        /// <param name="command">The command; not kept.</param>
        /// <param name="nowMs">The time since boot.</param>
        /// <returns>Null if it was done; else the reason why nothing was done, UTF-8, for the one who asked.</returns>
        public virtual byte[] Run(Command command, long nowMs)
        {
            return NotAnActuator;
        }

        /// <summary>Does what the time brings.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public virtual void Poll(long nowMs)
        {
        }

        /// <summary>The connection to the cloud is lost.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public virtual void CloudLost(long nowMs)
        {
        }

        /// <summary>The firmware stops: nothing may stay on that could do harm.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public virtual void MakeSafe(long nowMs)
        {
        }

        /// <summary>Counts a change of state.</summary>
        protected void NoteChange()
        {
            Version++;
        }
    }
}

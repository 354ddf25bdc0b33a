// A sensor or an actuator as all doors see it: a name, a state that can be written as JSON members, and commands.
// A resource is written once; MQTT and CoAP (and later HTTP and WebSocket) only carry it.

using System;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;

namespace Firmware.Things
{
    /// <summary>One sensor or actuator of the Thing.</summary>
    public abstract class Resource
    {
        private static readonly byte[] NotAnActuator = Bytes.FromString("this is a sensor: it takes no commands");

        private readonly ResourceState _state = new ResourceState();

        /// <summary>Creates a resource.</summary>
        /// <param name="name">Its name: a member of JSON objects and the last level of topics and paths.</param>
        /// <param name="title">What its value is, in a few words for people.</param>
        protected Resource(string name, string title)
        {
            if (name.Length > Limits.ResourceName)
            {
                throw new ArgumentException("longer than Limits.ResourceName");
            }

            Name = Bytes.FromString(name);
            Title = Bytes.FromString(title);
        }

        /// <summary>The name, UTF-8.</summary>
        public byte[] Name { get; }

        /// <summary>What its value is, in a few words for people, UTF-8.</summary>
        public byte[] Title { get; }

        /// <summary>Counts the changes of state, and of whether there is one; whoever tells others about changes compares it with the count told last.</summary>
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

        /// <summary>True if it makes no difference whether a state is set once or twice; false for what would begin anew.</summary>
        public virtual bool IsRepeatable
        {
            get { return true; }
        }

        /// <summary>True if the last <see cref="Run"/> did nothing because of the state that the actuator is in: the same command may be taken later.</summary>
        public bool WasRefusedForNow { get; protected set; }

        /// <summary>True while it does what the board must be awake for.</summary>
        public virtual bool IsBusy
        {
            get { return false; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called; <see cref="long.MaxValue"/> for never.</summary>
        public virtual long NextDeadlineMs
        {
            get { return long.MaxValue; }
        }

        /// <summary>When there may be a state again, for a resource that has none; the past for soon.</summary>
        public virtual long NextStateMs
        {
            get { return 0; }
        }

        /// <summary>The state. Ask only if <see cref="HasState"/>.</summary>
        /// <param name="nowMs">The time since boot.</param>
        /// <returns>An object of this resource, good until the next call.</returns>
        public ResourceState StateAt(long nowMs)
        {
            Describe(_state, nowMs);
            return _state;
        }

        /// <summary>Writes the state as one or more members of a JSON object that is open.</summary>
        /// <param name="json">Where to.</param>
        /// <param name="nowMs">The time since boot.</param>
        public void WriteState(JsonWriter json, long nowMs)
        {
            StateAt(nowMs).WriteMembers(json, Name);
        }

        /// <summary>Writes what has happened, for those who are told of changes: the new state, unless the change itself is the news.</summary>
        /// <param name="json">An open object.</param>
        /// <param name="nowMs">The time since boot.</param>
        public virtual void WriteChange(JsonWriter json, long nowMs)
        {
            WriteState(json, nowMs);
        }

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

        /// <summary>Says what the state is.</summary>
        /// <param name="state">To be set.</param>
        /// <param name="nowMs">The time since boot.</param>
        protected abstract void Describe(ResourceState state, long nowMs);

        /// <summary>Counts a change of state.</summary>
        protected void NoteChange()
        {
            Version++;
        }
    }
}

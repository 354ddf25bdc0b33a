// Tells changes as they happen: an actuator that switched, whoever switched it, and the doorbell. One message each on THING/events.

using Firmware.Settings;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>Publishes changes of state. What happens while offline waits in the outbox.</summary>
    public sealed class Events : IFeature
    {
        private readonly ResourceTree _resources;
        private readonly StoredOutbox _outbox;
        private readonly Clock _clock;
        private readonly int _topic;
        private readonly JsonWriter _payload = new JsonWriter(new byte[Limits.Payload]);
        private readonly int[] _told;

        /// <summary>Creates the feature.</summary>
        /// <param name="configuration">The topic of events.</param>
        /// <param name="resources">Whose changes are told.</param>
        /// <param name="outbox">Where they are told.</param>
        /// <param name="clock">The date.</param>
        public Events(DeviceConfiguration configuration, ResourceTree resources, StoredOutbox outbox, Clock clock)
        {
            _resources = resources;
            _outbox = outbox;
            _clock = clock;
            _topic = outbox.AddTopic(Bytes.FromString(configuration.EventsTopic), configuration.EventsPolicy);
            _told = new int[resources.Count];
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            // changes come from the other features, in the same turn of the loop
            get { return long.MaxValue; }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            get { return false; }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return true; }
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            for (int i = 0; i < _told.Length; i++)
            {
                Resource resource = _resources.At(i);
                if (resource.TellsChanges && resource.Version != _told[i] && Tell(resource, nowMs))
                {
                    _told[i] = resource.Version;
                }
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
        }

        private bool Tell(Resource resource, long nowMs)
        {
            _payload.Reset();
            _payload.BeginObject();
            resource.WriteChange(_payload, nowMs);
            TimeStamp.Write(_payload, _clock);
            _payload.EndObject();

            // full: the state is told when there is room again
            return _outbox.Put(_topic, _payload.Buffer, _payload.Length);
        }
    }
}

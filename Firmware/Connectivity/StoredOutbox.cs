// The outbox of the application: what is to be published waits here until the broker has acknowledged it, through lost connections and,
// saved in two slots, through an orderly restart and deep sleep. A cut of power loses what was not saved.
// The record: one byte with the length of the state of the sleep cycle (0 = none), the state, the outbox's image.

using Firmware.Cycle;
using Firmware.Protocols.Outbox;

namespace Firmware.Connectivity
{
    /// <summary>The messages that wait, and their place in storage.</summary>
    public sealed class StoredOutbox : IFeature
    {
        private const string Name = "outbox";

        private readonly Outbox _outbox = new Outbox(new byte[Limits.Outbox], Limits.OutboxTopics);
        private readonly StorageSlots _slots;
        private readonly CloudConnection _cloud;
        private readonly SleepState _state;
        private TwoSlotStore _store;
        private byte[] _image;
        private bool _stopping;
        private int _droppedTold;

        /// <summary>Creates an empty outbox.</summary>
        /// <param name="storage">Where it is saved.</param>
        /// <param name="cloud">Sends what is in it.</param>
        /// <param name="state">Saved with it; null for a Thing that does not sleep.</param>
        public StoredOutbox(Storage storage, CloudConnection cloud, SleepState state)
        {
            _cloud = cloud;
            _state = state;
            _slots = new StorageSlots(storage, Name);
            cloud.Attach(_outbox);
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get { return long.MaxValue; }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            get { return false; }
        }

        /// <inheritdoc />
        public bool IsStopped { get; private set; }

        /// <summary>True if nothing waits: all that was put in is acknowledged.</summary>
        public bool IsEmpty
        {
            get { return _outbox.Count == 0; }
        }

        /// <summary>True if little more fits: what comes next may push out what is older.</summary>
        public bool IsNearlyFull
        {
            get { return _outbox.Free < Limits.Outbox / 4; }
        }

        /// <summary>How many messages were pushed out because the outbox was full, since the boot.</summary>
        public int Dropped
        {
            get { return _outbox.Dropped; }
        }

        /// <summary>How often the record was written to flash, ever.</summary>
        public int Writes
        {
            get { return _store.Sequence; }
        }

        /// <summary>Adds a topic, at start-up and before <see cref="Restore"/>.</summary>
        /// <param name="topic">The topic name.</param>
        /// <param name="policy">What happens if its messages cannot be sent as fast as they come.</param>
        /// <returns>The index for <see cref="Put"/>.</returns>
        public int AddTopic(byte[] topic, OutboxPolicy policy)
        {
            int index = _outbox.AddTopic(topic, 1, false, policy);
            if (index < 0)
            {
                throw new System.ArgumentException("more topics than Limits.OutboxTopics");
            }

            return index;
        }

        /// <summary>Stores a message for sending with QoS 1.</summary>
        /// <param name="topic">The index of its topic.</param>
        /// <param name="payload">Where the payload stands, from index 0; copied.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>False if it was refused because the outbox is full.</returns>
        public bool Put(int topic, byte[] payload, int length)
        {
            return _outbox.Put(topic, payload, 0, length) < OutboxResult.Full;
        }

        /// <summary>Fetches what was saved before the restart; after all topics were added.</summary>
        public void Restore()
        {
            // an image names its topics, so their lengths must be known
            _image = new byte[1 + SleepState.Length + _outbox.MaxImageLength];
            _store = new TwoSlotStore(_slots, new byte[_image.Length + TwoSlotStore.Overhead]);
            if (!_store.Load() || _store.ContentLength == 0)
            {
                return;
            }

            int stateAt = _store.ContentOffset + 1;
            int stateLength = _store.Buffer[_store.ContentOffset];
            if (stateLength == SleepState.Length && _state != null)
            {
                _state.Load(_store.Buffer, stateAt);
            }

            int imageLength = _store.ContentLength - 1 - stateLength;
            if (imageLength > 0 && _outbox.Restore(_store.Buffer, stateAt + stateLength, imageLength) && _outbox.Count > 0)
            {
                Log.Info(_outbox.Count + " messages from before the restart wait to be sent");
            }
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
            _stopping = false;
            IsStopped = false;
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            if (_outbox.Dropped != _droppedTold)
            {
                _droppedTold = _outbox.Dropped;
                Log.Warning(_droppedTold + " old messages were dropped so far because the outbox is full (Limits.Outbox)");
            }

            if (_stopping && _cloud.IsStopped && !IsStopped)
            {
                Save();
                IsStopped = true;
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            // now, in case the time for the goodbye runs out; once more when the last acknowledgements have come
            Save();
            _stopping = true;
        }

        /// <summary>Saves what waits now: before a restart, and whenever losing it to a power cut would hurt. Writes nothing if nothing has changed.</summary>
        /// <returns>False if it could not be saved.</returns>
        public bool Save()
        {
            int at = 1;
            _image[0] = 0;
            if (_state != null)
            {
                _image[0] = SleepState.Length;
                _state.Save(_image, at);
                at += SleepState.Length;
            }

            int length = _outbox.Save(_image, at);
            if (length < 0 || !_store.Save(_image, 0, at + length))
            {
                Log.Warning(_outbox.Count + " messages could not be saved and are lost at the restart: is the storage full?");
                return false;
            }

            return true;
        }
    }
}

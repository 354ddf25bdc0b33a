// The outbox of the application: what is to be published waits here until the broker has acknowledged it, through lost connections and,
// saved in two slots, through an orderly restart. A cut of power loses what was not saved.

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
        private TwoSlotStore _store;
        private byte[] _image;
        private bool _stopping;
        private int _droppedTold;

        /// <summary>Creates an empty outbox.</summary>
        /// <param name="storage">Where it is saved.</param>
        /// <param name="cloud">Sends what is in it.</param>
        public StoredOutbox(Storage storage, CloudConnection cloud)
        {
            _cloud = cloud;
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
            _image = new byte[_outbox.MaxImageLength];
            _store = new TwoSlotStore(_slots, new byte[_image.Length + TwoSlotStore.Overhead]);
            if (_store.Load() && _outbox.Restore(_store.Buffer, _store.ContentOffset, _store.ContentLength) && _outbox.Count > 0)
            {
                Log.Info(_outbox.Count + " messages from before the restart wait to be sent");
            }
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
            int length = _outbox.Save(_image, 0);
            if (length < 0 || !_store.Save(_image, 0, length))
            {
                Log.Warning(_outbox.Count + " messages could not be saved and are lost at the restart: is the storage full?");
                return false;
            }

            return true;
        }
    }
}

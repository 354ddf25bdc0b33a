// A fixed table of topic filters: what to subscribe to, what the broker granted, and who takes the messages (MQTT 3.1.1, 3.8, 3.9 and 4.7).
// Filled at start-up; afterwards nothing is allocated. The table outlives connections; the caller sends SUBSCRIBE in batches of its broker's
// size and writes the SUBACK codes back. Left out: removing an entry.

using System;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Routes messages to handlers by topic filter. One thread at a time.</summary>
    public sealed class MqttRouter
    {
        /// <summary>In <see cref="GrantedAt"/>: no SUBACK has answered for this filter since the table was filled or <see cref="ResetGranted"/> called.</summary>
        public const int NotAnswered = 0xFF;

        /// <summary>In <see cref="GrantedAt"/>: the broker refused the filter (MQTT 3.1.1, 3.9.3).</summary>
        public const int Refused = 0x80;

        private readonly byte[][] _filters;
        private readonly IMqttMessageHandler[] _handlers;
        private readonly byte[] _qos;
        private readonly byte[] _granted;
        private int _count;

        /// <summary>Creates an empty table.</summary>
        /// <param name="capacity">How many filters it holds, 1 or more; each takes some 10 bytes besides its filter.</param>
        /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1.</exception>
        public MqttRouter(int capacity)
        {
            if (capacity < 1)
            {
                throw new ArgumentOutOfRangeException();
            }

            _filters = new byte[capacity][];
            _handlers = new IMqttMessageHandler[capacity];
            _qos = new byte[capacity];
            _granted = new byte[capacity];
        }

        /// <summary>How many filters were added.</summary>
        public int Count
        {
            get { return _count; }
        }

        /// <summary>How many filters fit.</summary>
        public int Capacity
        {
            get { return _filters.Length; }
        }

        /// <summary>Adds a filter, at start-up. The same filter may be added again for another handler: the broker keeps one subscription of it, with the last QoS [MQTT-3.8.4-3].</summary>
        /// <param name="filter">All bytes of the filter; referenced, not copied: it must not change.</param>
        /// <param name="qos">The QoS to ask for, 0 to 2.</param>
        /// <param name="handler">Who takes the messages.</param>
        /// <returns>The entry's index, or -1 if the table is full, the filter breaks MQTT 3.1.1, 4.7, the QoS is none, or the handler is missing.</returns>
        public int Add(byte[] filter, int qos, IMqttMessageHandler handler)
        {
            if (_count == _filters.Length || filter == null || handler == null || qos < 0 || qos > 2 || !MqttTopic.IsFilter(filter))
            {
                return -1;
            }

            int index = _count++;
            _filters[index] = filter;
            _handlers[index] = handler;
            _qos[index] = (byte)qos;
            _granted[index] = NotAnswered;
            return index;
        }

        /// <summary>The filter of an entry, all bytes; not to be changed.</summary>
        /// <param name="index">0 to <see cref="Count"/> - 1.</param>
        /// <returns>The array that was added.</returns>
        public byte[] FilterAt(int index)
        {
            return _filters[index];
        }

        /// <summary>The QoS to ask for.</summary>
        /// <param name="index">0 to <see cref="Count"/> - 1.</param>
        /// <returns>0 to 2.</returns>
        public int QosAt(int index)
        {
            return _qos[index];
        }

        /// <summary>What the broker answered.</summary>
        /// <param name="index">0 to <see cref="Count"/> - 1.</param>
        /// <returns>The QoS granted, 0 to 2, perhaps less than asked for; <see cref="Refused"/>; or <see cref="NotAnswered"/>.</returns>
        public int GrantedAt(int index)
        {
            return _granted[index];
        }

        /// <summary>Notes a code of SUBACK. Routing does not depend on it: what arrives is delivered.</summary>
        /// <param name="index">0 to <see cref="Count"/> - 1.</param>
        /// <param name="code">The code: 0, 1, 2 or 0x80.</param>
        public void SetGranted(int index, int code)
        {
            _granted[index] = (byte)code;
        }

        /// <summary>Forgets all answers: the broker has no session of ours, every filter must be subscribed to again.</summary>
        public void ResetGranted()
        {
            for (int i = 0; i < _count; i++)
            {
                _granted[i] = NotAnswered;
            }
        }

        /// <summary>Gives a message to the handler of every entry that matches its topic, once per entry, in the order of registration.</summary>
        /// <remarks>A broker may itself send one copy per overlapping subscription (MQTT 3.1.1, 3.3.5); each copy goes to all entries that match.</remarks>
        /// <param name="message">The message; its topic is not looked at if its length is 0.</param>
        /// <param name="nowMs">The time in milliseconds, handed on.</param>
        /// <returns>How many entries matched; 0 means that nobody took it.</returns>
        public int Dispatch(MqttMessage message, long nowMs)
        {
            int taken = 0;
            for (int i = 0; i < _count; i++)
            {
                if (MqttTopicFilter.Matches(_filters[i], message.Buffer, message.TopicOffset, message.TopicLength))
                {
                    taken++;
                    _handlers[i].Handle(message, nowMs);
                }
            }

            return taken;
        }
    }
}

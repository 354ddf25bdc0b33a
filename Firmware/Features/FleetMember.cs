// A member of a fleet: several Things and whoever commands them share one topic. COMMAND:GET_ALTITUDE:NAME asks the one with that name, which says
// NAME altitude: 120.4 m on the same topic, once for each command; "unknown" instead of a number if its barometer fails or has not measured yet.
// Everything else on the topic is ignored without a word: commands to others, answers, other commands, whatever is malformed, and what is retained,
// which would be answered again at every connect. No answer is ever a command, because what precedes its first colon is not COMMAND: a name has no colon.
// Left out: the identifiers of Commands. A question is asked and answered twice if the broker repeats it, which does no harm.

using System;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;
using Firmware.Settings;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>Answers to its name on a shared topic. Allocates nothing for a message.</summary>
    public sealed class FleetMember : IMqttMessageHandler
    {
        private static readonly byte[] Metres = Bytes.FromString(" m");
        private static readonly byte[] Unknown = Bytes.FromString("unknown");

        private readonly ReadingResource _altitude;
        private readonly StoredOutbox _outbox;
        private readonly byte[] _command;
        private readonly byte[] _answer;
        private readonly int _start;
        private readonly JsonWriter _value;
        private readonly int _topic;

        /// <summary>Joins the fleet, at start-up.</summary>
        /// <param name="configuration">The topic and the name.</param>
        /// <param name="altitude">What is asked for, as it was measured last.</param>
        /// <param name="router">Brings what is said on the topic.</param>
        /// <param name="outbox">Where answers go.</param>
        /// <exception cref="ArgumentException">More subscriptions than Limits.Subscriptions, or more topics than Limits.OutboxTopics.</exception>
        public FleetMember(DeviceConfiguration configuration, ReadingResource altitude, MqttRouter router, StoredOutbox outbox)
        {
            byte[] topic = Bytes.FromString(configuration.FleetTopic);
            byte[] start = Bytes.FromString(configuration.FleetName + " altitude: ");
            _altitude = altitude;
            _outbox = outbox;
            _command = Bytes.FromString("COMMAND:GET_ALTITUDE:" + configuration.FleetName);
            _start = start.Length;
            _answer = new byte[_start + Limits.LongDigits + Metres.Length];
            Array.Copy(start, _answer, _start);
            _value = new JsonWriter(_answer, _start, Limits.LongDigits);

            // as with commands: an answer is worth nothing once newer ones crowd it out
            _topic = outbox.AddTopic(topic, OutboxPolicy.DropOldest);
            if (router.Add(topic, 1, this) < 0)
            {
                throw new ArgumentException("more subscriptions than Limits.Subscriptions");
            }
        }

        /// <inheritdoc />
        public void Handle(MqttMessage message, long nowMs)
        {
            if (message.Retain || !Bytes.AreEqual(message.Buffer, message.PayloadOffset, message.PayloadLength, _command))
            {
                return;
            }

            int length = _start;
            if (_altitude.HasState)
            {
                _value.Reset();
                _altitude.StateAt(nowMs).WriteText(_value);
                length += _value.Length;
                length = Append(length, Metres);
            }
            else
            {
                length = Append(length, Unknown);
            }

            if (!_outbox.Put(_topic, _answer, length))
            {
                Log.Warning("the answer to the fleet is lost: the outbox is full");
            }
        }

        private int Append(int at, byte[] text)
        {
            Array.Copy(text, 0, _answer, at, text.Length);
            return at + text.Length;
        }
    }
}

// The command door over MQTT: THING/commands takes JSON, THING/commands/ACTUATOR a bare word. Every command is answered on
// .../accepted with the new state, or on .../rejected with the reason. A retained command is never run: it would run at every connect.

using System;
using Firmware.Settings;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>Runs commands that arrive as MQTT messages.</summary>
    public sealed class Commands : IMqttMessageHandler
    {
        private static readonly byte[] Retained = Bytes.FromString("a retained command is not run: publish it without retain");
        private static readonly byte[] UnknownActuator = Bytes.FromString("there is no such actuator");
        private static readonly byte[] ActuatorMember = Bytes.FromString("actuator");

        private readonly ResourceTree _resources;
        private readonly StoredOutbox _outbox;
        private readonly CommandReader _reader;
        private readonly CommandIds _past;
        private readonly JsonWriter _answer = new JsonWriter(new byte[Limits.Payload]);
        private readonly byte[] _topic;
        private readonly int _acceptedTopic;
        private readonly int _rejectedTopic;

        /// <summary>Creates the door.</summary>
        /// <param name="configuration">The topic of commands.</param>
        /// <param name="resources">The actuators.</param>
        /// <param name="router">Brings the commands.</param>
        /// <param name="outbox">Where answers go.</param>
        /// <param name="past">The identifiers of commands that were run, through any door.</param>
        public Commands(DeviceConfiguration configuration, ResourceTree resources, MqttRouter router, StoredOutbox outbox, CommandIds past)
        {
            _past = past;
            _resources = resources;
            _outbox = outbox;
            _reader = new CommandReader(resources);
            _topic = Bytes.FromString(configuration.CommandsTopic);

            // an answer is worth nothing once newer ones crowd it out
            _acceptedTopic = outbox.AddTopic(Bytes.FromString(configuration.CommandsTopic + "/accepted"), OutboxPolicy.DropOldest);
            _rejectedTopic = outbox.AddTopic(Bytes.FromString(configuration.CommandsTopic + "/rejected"), OutboxPolicy.DropOldest);

            // one filter for each actuator, not "+": that would bring our own answers back
            Register(router, _topic);
            for (int i = 0; i < resources.Count; i++)
            {
                if (resources.At(i).IsActuator)
                {
                    Register(router, Below(resources.At(i).Name));
                }
            }
        }

        /// <inheritdoc />
        public void Handle(MqttMessage message, long nowMs)
        {
            byte[] reason = Read(message);
            if (reason == null && message.Retain)
            {
                reason = Retained;
            }

            bool isDuplicate = reason == null && _reader.IdLength > 0 && _past.Contains(_reader.Id, _reader.IdLength);
            if (reason == null && !isDuplicate)
            {
                reason = _reader.Target.Run(_reader.Command, nowMs);
            }

            if (reason != null)
            {
                Reject(reason);
                return;
            }

            if (_reader.IdLength > 0 && !isDuplicate)
            {
                _past.Add(_reader.Id, _reader.IdLength);
            }

            Accept(isDuplicate, nowMs);
        }

        private byte[] Read(MqttMessage message)
        {
            byte[] buffer = message.Buffer;
            if (message.TopicLength == _topic.Length)
            {
                return _reader.ReadJson(buffer, message.PayloadOffset, message.PayloadLength);
            }

            int name = message.TopicOffset + _topic.Length + 1;
            int nameLength = message.TopicLength - _topic.Length - 1;
            Resource target = nameLength > 0 ? _resources.Find(buffer, name, nameLength) : null;
            byte[] reason = _reader.ReadBare(target, buffer, message.PayloadOffset, message.PayloadLength);
            return target == null || !target.IsActuator ? UnknownActuator : reason;
        }

        private void Accept(bool isDuplicate, long nowMs)
        {
            _answer.Reset();
            _answer.BeginObject();
            _reader.Target.WriteState(_answer, nowMs);
            WriteId();
            if (isDuplicate)
            {
                _answer.Name(Words.Duplicate);
                _answer.Bool(true);
            }

            _answer.EndObject();
            Send(_acceptedTopic, isDuplicate ? "command repeated, not run again: " : "command accepted: ");
        }

        private void Reject(byte[] reason)
        {
            _answer.Reset();
            _answer.BeginObject();
            _answer.Name(Words.Reason);
            _answer.String(reason);
            if (_reader.Target != null)
            {
                _answer.Name(ActuatorMember);
                _answer.String(_reader.Target.Name);
            }

            WriteId();
            _answer.EndObject();
            Send(_rejectedTopic, "command rejected: ");
        }

        private void WriteId()
        {
            if (_reader.IdLength == 0)
            {
                return;
            }

            _answer.Name(Words.Id);
            if (_reader.IdIsNumber)
            {
                _answer.Raw(_reader.Id, 0, _reader.IdLength);
            }
            else
            {
                _answer.String(_reader.Id, 0, _reader.IdLength);
            }
        }

        private void Send(int topic, string line)
        {
            // the answer is our own words, never the sender's payload
            Log.Info(line + System.Text.Encoding.UTF8.GetString(_answer.Buffer, 0, _answer.Length));
            if (!_outbox.Put(topic, _answer.Buffer, _answer.Length))
            {
                Log.Warning("the answer is lost: the outbox is full");
            }
        }

        private void Register(MqttRouter router, byte[] filter)
        {
            if (router.Add(filter, 1, this) < 0)
            {
                throw new ArgumentException("more subscriptions than Limits.Subscriptions");
            }
        }

        private byte[] Below(byte[] name)
        {
            byte[] topic = new byte[_topic.Length + 1 + name.Length];
            Array.Copy(_topic, topic, _topic.Length);
            topic[_topic.Length] = (byte)'/';
            Array.Copy(name, 0, topic, _topic.Length + 1, name.Length);
            return topic;
        }
    }
}

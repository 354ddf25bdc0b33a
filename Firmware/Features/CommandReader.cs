// Reads a command out of a message: JSON such as {"toaster":"on","seconds":90,"id":"42"}, or a bare word such as on.
// Strict: an unknown member is refused, so that {"second":5} is not taken for a toast of the default length.

using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>Parses commands. One long-lived object; its results last until the next call.</summary>
    public sealed class CommandReader
    {
        private static readonly byte[] NotJson = Bytes.FromString("the payload is not a JSON object, such as {\"led\":\"on\"}");
        private static readonly byte[] NoActuator = Bytes.FromString("no actuator is named; name one, such as {\"led\":\"on\"}");
        private static readonly byte[] TwoActuators = Bytes.FromString("one command is for one actuator: send two commands");
        private static readonly byte[] UnknownMember = Bytes.FromString("unknown member: known are the actuators, seconds, percent and id");
        private static readonly byte[] Twice = Bytes.FromString("a member is given twice");
        private static readonly byte[] UnknownAction = Bytes.FromString("unknown action: use on, off, toggle, dim or a whole number of percent");
        private static readonly byte[] BadSeconds = Bytes.FromString("seconds must be a whole number");
        private static readonly byte[] BadPercent = Bytes.FromString("percent must be a whole number");
        private static readonly byte[] BadId = Bytes.FromString("id must be a string of 1 to 40 bytes or a whole number");

        private readonly ResourceTree _resources;
        private readonly JsonReader _json = new JsonReader(Limits.JsonDepth);
        private readonly JsonWriter _idWriter;

        /// <summary>Creates a reader.</summary>
        /// <param name="resources">The actuators that commands may name.</param>
        public CommandReader(ResourceTree resources)
        {
            _resources = resources;
            Id = new byte[Limits.CommandId];
            _idWriter = new JsonWriter(Id);
        }

        /// <summary>What is to be done.</summary>
        public Command Command { get; } = new Command();

        /// <summary>Who is to do it; null if the message named nobody.</summary>
        public Resource Target { get; private set; }

        /// <summary>The identifier's bytes, unescaped.</summary>
        public byte[] Id { get; }

        /// <summary>The identifier's length in bytes; 0 without one.</summary>
        public int IdLength { get; private set; }

        /// <summary>True if the identifier was a number and is to be answered as one.</summary>
        public bool IdIsNumber { get; private set; }

        /// <summary>Reads a JSON command.</summary>
        /// <param name="buffer">Where the payload stands.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>Null if it was understood, else the reason, UTF-8.</returns>
        public byte[] ReadJson(byte[] buffer, int offset, int length)
        {
            Begin(null);
            _json.Reset(buffer, offset, length);
            if (_json.Read() != JsonToken.BeginObject)
            {
                return NotJson;
            }

            byte[] reason = null;
            while (_json.Read() == JsonToken.Name)
            {
                // the first reason stands, but the rest is still read: an id behind it belongs into the answer
                byte[] found = ReadMember(buffer);
                reason = reason ?? found;
            }

            if (_json.Error != JsonError.None || _json.Read() != JsonToken.End)
            {
                return NotJson;
            }

            return reason ?? (Target == null ? NoActuator : null);
        }

        /// <summary>Reads a bare command for an actuator that the topic names.</summary>
        /// <param name="target">The actuator.</param>
        /// <param name="buffer">Where the payload stands.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>Null if it was understood, else the reason, UTF-8.</returns>
        public byte[] ReadBare(Resource target, byte[] buffer, int offset, int length)
        {
            Begin(target);
            if (SetAction(buffer, offset, length))
            {
                return null;
            }

            // a whole number is read as JSON reads it
            _json.Reset(buffer, offset, length);
            return _json.Read() == JsonToken.Number && SetLevel() && _json.Read() == JsonToken.End ? null : UnknownAction;
        }

        private void Begin(Resource target)
        {
            Target = target;
            Command.Reset();
            IdLength = 0;
            IdIsNumber = false;
        }

        private byte[] ReadMember(byte[] buffer)
        {
            if (_json.TokenIs(Words.Seconds))
            {
                return ReadSeconds();
            }

            if (_json.TokenIs(Words.Percent))
            {
                return ReadPercent();
            }

            if (_json.TokenIs(Words.Id))
            {
                return ReadId();
            }

            Resource resource = FindActuator();
            if (resource == null)
            {
                _json.SkipValue();
                return UnknownMember;
            }

            if (Target != null)
            {
                _json.SkipValue();
                return Target == resource ? Twice : TwoActuators;
            }

            Target = resource;
            switch (_json.Read())
            {
                case JsonToken.String:
                    return SetAction(buffer, _json.TokenOffset, _json.TokenLength) ? null : UnknownAction;
                case JsonToken.Number:
                    return Command.Percent != Command.NotGiven ? Twice : SetLevel() ? null : UnknownAction;
                case JsonToken.BeginObject:
                case JsonToken.BeginArray:
                    SkipRest();
                    return UnknownAction;
                default:
                    return UnknownAction;
            }
        }

        private Resource FindActuator()
        {
            for (int i = 0; i < _resources.Count; i++)
            {
                if (_resources.At(i).IsActuator && _json.TokenIs(_resources.At(i).Name))
                {
                    return _resources.At(i);
                }
            }

            return null;
        }

        private byte[] ReadSeconds()
        {
            bool twice = Command.Seconds != Command.NotGiven;
            if (!ReadInteger(out int value))
            {
                return BadSeconds;
            }

            Command.Seconds = value;
            return twice ? Twice : null;
        }

        private byte[] ReadPercent()
        {
            bool twice = Command.Percent != Command.NotGiven;
            if (!ReadInteger(out int value))
            {
                return BadPercent;
            }

            Command.Percent = value;
            return twice ? Twice : null;
        }

        private bool ReadInteger(out int value)
        {
            value = 0;
            JsonToken token = _json.Read();
            if (token == JsonToken.BeginObject || token == JsonToken.BeginArray)
            {
                SkipRest();
                return false;
            }

            // the smallest integer stands for "not given"
            return token == JsonToken.Number && _json.TryGetInt32(out value) && value != Command.NotGiven;
        }

        private byte[] ReadId()
        {
            bool twice = IdLength > 0;
            JsonToken token = _json.Read();
            if (token == JsonToken.String)
            {
                int length = _json.CopyString(Id, 0, Id.Length);
                IdLength = length > 0 ? length : 0;
                IdIsNumber = false;
            }
            else if (token == JsonToken.Number && _json.TryGetInt32(out int number))
            {
                _idWriter.Reset();
                _idWriter.Int(number);
                IdLength = _idWriter.Length;
                IdIsNumber = true;
            }
            else if (token == JsonToken.BeginObject || token == JsonToken.BeginArray)
            {
                SkipRest();
            }

            if (twice)
            {
                return Twice;
            }

            return IdLength == 0 ? BadId : null;
        }

        private void SkipRest()
        {
            int outside = _json.Depth - 1;
            while (_json.Depth > outside && _json.Error == JsonError.None)
            {
                _json.Read();
            }
        }

        private bool SetAction(byte[] buffer, int offset, int length)
        {
            Command.Action = Bytes.AreEqual(buffer, offset, length, Words.On) ? CommandAction.On
                : Bytes.AreEqual(buffer, offset, length, Words.Off) ? CommandAction.Off
                : Bytes.AreEqual(buffer, offset, length, Words.Toggle) ? CommandAction.Toggle
                : Bytes.AreEqual(buffer, offset, length, Words.Dim) ? CommandAction.Dim
                : CommandAction.None;
            return Command.Action != CommandAction.None;
        }

        private bool SetLevel()
        {
            if (!_json.TryGetInt32(out int percent) || percent == Command.NotGiven)
            {
                return false;
            }

            Command.Action = CommandAction.Level;
            Command.Percent = percent;
            return true;
        }
    }
}

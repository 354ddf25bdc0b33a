// Reads a command out of a message: JSON such as {"toaster":"on","seconds":90,"id":"42"}, the same as CBOR, or a bare word such as on.
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
        private static readonly byte[] NotCbor = Bytes.FromString("the payload is not a CBOR map of definite length, such as of \"led\" to \"on\"");
        private static readonly byte[] OtherActuator = Bytes.FromString("the payload names another actuator than the path");
        private static readonly byte[] NoActuator = Bytes.FromString("no actuator is named; name one, such as {\"led\":\"on\"}");
        private static readonly byte[] TwoActuators = Bytes.FromString("one command is for one actuator: send two commands");
        private static readonly byte[] UnknownMember = Bytes.FromString("unknown member: known are the actuators, seconds, percent and id");
        private static readonly byte[] Twice = Bytes.FromString("a member is given twice");
        private static readonly byte[] UnknownAction = Bytes.FromString("unknown action: use on, off, toggle, dim or a whole number of percent");
        private static readonly byte[] BadSeconds = Bytes.FromString("seconds must be a whole number");
        private static readonly byte[] BadPercent = Bytes.FromString("percent must be a whole number");
        private static readonly byte[] BadId = Bytes.FromString("id must be a string of 1 to 40 bytes or a whole number");

        private readonly ResourceTree _resources;
        private readonly CommandTokens _tokens = new CommandTokens();
        private readonly JsonWriter _idWriter;
        private Resource _only;

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
            return ReadObject(null, false, buffer, offset, length);
        }

        /// <summary>Reads a command, for an actuator that the path names, as JSON or CBOR: an object that names it as well, or a word or a number alone.</summary>
        /// <param name="target">The actuator.</param>
        /// <param name="isCbor">CBOR, not JSON.</param>
        /// <param name="buffer">Where the payload stands.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>Null if it was understood, else the reason, UTF-8.</returns>
        public byte[] ReadFor(Resource target, bool isCbor, byte[] buffer, int offset, int length)
        {
            Begin(target);
            _tokens.Reset(isCbor, buffer, offset, length);
            bool isUnderstood;
            switch (_tokens.Read())
            {
                case CommandToken.Text:
                    isUnderstood = SetAction(buffer, _tokens.Offset, _tokens.Length);
                    break;
                case CommandToken.Number:
                    isUnderstood = SetLevel();
                    break;
                default:
                    return ReadObject(target, isCbor, buffer, offset, length);
            }

            return _tokens.Read() != CommandToken.End ? NotA(isCbor) : isUnderstood ? null : UnknownAction;
        }

        /// <summary>Takes a number as a command.</summary>
        /// <param name="target">The actuator.</param>
        /// <param name="percent">The level.</param>
        /// <returns>Null, or the reason why it is none, UTF-8.</returns>
        public byte[] TakeLevel(Resource target, int percent)
        {
            Begin(target);
            return SetLevel(percent) ? null : UnknownAction;
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
            _tokens.Reset(false, buffer, offset, length);
            return _tokens.Read() == CommandToken.Number && SetLevel() && _tokens.Read() == CommandToken.End ? null : UnknownAction;
        }

        private void Begin(Resource target)
        {
            Target = target;
            Command.Reset();
            IdLength = 0;
            IdIsNumber = false;
        }

        // only: the one actuator that may be named; null: any
        private byte[] ReadObject(Resource only, bool isCbor, byte[] buffer, int offset, int length)
        {
            Begin(null);
            _only = only;
            _tokens.Reset(isCbor, buffer, offset, length);
            if (_tokens.Read() != CommandToken.BeginObject)
            {
                return NotA(isCbor);
            }

            byte[] reason = null;
            while (_tokens.Read() == CommandToken.Name)
            {
                // the first reason stands, but the rest is still read: an id behind it belongs into the answer
                byte[] found = ReadMember(buffer);
                reason = reason ?? found;
            }

            if (_tokens.HasError || _tokens.Read() != CommandToken.End)
            {
                return NotA(isCbor);
            }

            return reason ?? (Target == null ? NoActuator : null);
        }

        private static byte[] NotA(bool isCbor)
        {
            return isCbor ? NotCbor : NotJson;
        }

        private byte[] ReadMember(byte[] buffer)
        {
            if (_tokens.Is(Words.Seconds))
            {
                return ReadSeconds();
            }

            if (_tokens.Is(Words.Percent))
            {
                return ReadPercent();
            }

            if (_tokens.Is(Words.Id))
            {
                return ReadId();
            }

            Resource resource = FindActuator();
            if (resource == null)
            {
                _tokens.SkipValue();
                return UnknownMember;
            }

            if (_only != null && _only != resource)
            {
                _tokens.SkipValue();
                return OtherActuator;
            }

            if (Target != null)
            {
                _tokens.SkipValue();
                return Target == resource ? Twice : TwoActuators;
            }

            Target = resource;
            switch (_tokens.Read())
            {
                case CommandToken.Text:
                    return SetAction(buffer, _tokens.Offset, _tokens.Length) ? null : UnknownAction;
                case CommandToken.Number:
                    return Command.Percent != Command.NotGiven ? Twice : SetLevel() ? null : UnknownAction;
                case CommandToken.BeginObject:
                case CommandToken.BeginArray:
                    _tokens.SkipRest();
                    return UnknownAction;
                default:
                    return UnknownAction;
            }
        }

        private Resource FindActuator()
        {
            for (int i = 0; i < _resources.Count; i++)
            {
                if (_resources.At(i).IsActuator && _tokens.Is(_resources.At(i).Name))
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
            CommandToken token = _tokens.Read();
            if (token == CommandToken.BeginObject || token == CommandToken.BeginArray)
            {
                _tokens.SkipRest();
                return false;
            }

            // the smallest integer stands for "not given"
            return token == CommandToken.Number && _tokens.TryGetInt32(out value) && value != Command.NotGiven;
        }

        private byte[] ReadId()
        {
            bool twice = IdLength > 0;
            CommandToken token = _tokens.Read();
            if (token == CommandToken.Text)
            {
                int length = _tokens.CopyTo(Id);
                IdLength = length > 0 ? length : 0;
                IdIsNumber = false;
            }
            else if (token == CommandToken.Number && _tokens.TryGetInt32(out int number))
            {
                _idWriter.Reset();
                _idWriter.Int(number);
                IdLength = _idWriter.Length;
                IdIsNumber = true;
            }
            else if (token == CommandToken.BeginObject || token == CommandToken.BeginArray)
            {
                _tokens.SkipRest();
            }

            if (twice)
            {
                return Twice;
            }

            return IdLength == 0 ? BadId : null;
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
            return _tokens.TryGetInt32(out int percent) && SetLevel(percent);
        }

        private bool SetLevel(int percent)
        {
            if (percent == Command.NotGiven)
            {
                // a level without percent would be a dim
                return false;
            }

            Command.Action = CommandAction.Level;
            Command.Percent = percent;
            return true;
        }
    }
}

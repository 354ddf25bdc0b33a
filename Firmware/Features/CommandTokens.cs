// One cursor over the two forms of a command, JSON and CBOR, so that what a command may hold is written once, in CommandReader.

using Firmware.Protocols.Cbor;
using Firmware.Protocols.Json;

namespace Firmware.Features
{
    /// <summary>What the cursor stands on.</summary>
    public enum CommandToken : byte
    {
        /// <summary>The name of a member; its value comes next.</summary>
        Name = 0,

        /// <summary>A text.</summary>
        Text,

        /// <summary>A number.</summary>
        Number,

        /// <summary>The begin of an object.</summary>
        BeginObject,

        /// <summary>The begin of an array.</summary>
        BeginArray,

        /// <summary>The end of an object or array.</summary>
        EndContainer,

        /// <summary>A value of another kind.</summary>
        Other,

        /// <summary>Behind the one value, and nothing follows it.</summary>
        End,

        /// <summary>What the payload says to be is not what it is.</summary>
        Error,
    }

    /// <summary>Reads JSON or CBOR token by token. Allocates nothing after construction.</summary>
    public sealed class CommandTokens
    {
        private readonly JsonReader _json = new JsonReader(Limits.JsonDepth);
        private readonly CborReader _cbor = new CborReader(Limits.JsonDepth);
        private bool _isCbor;

        /// <summary>How many objects and arrays are open.</summary>
        public int Depth
        {
            get { return _isCbor ? _cbor.Depth : _json.Depth; }
        }

        /// <summary>True after an error, which stays.</summary>
        public bool HasError
        {
            get { return _isCbor ? _cbor.Error != CborError.None : _json.Error != JsonError.None; }
        }

        /// <summary>Where the current text stands in the payload's buffer.</summary>
        public int Offset
        {
            get { return _isCbor ? _cbor.TokenOffset : _json.TokenOffset; }
        }

        /// <summary>The length of the current text in bytes, with its escapes.</summary>
        public int Length
        {
            get { return _isCbor ? _cbor.TokenLength : _json.TokenLength; }
        }

        /// <summary>Starts with a payload.</summary>
        /// <param name="isCbor">CBOR, not JSON.</param>
        /// <param name="buffer">Where it stands.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        public void Reset(bool isCbor, byte[] buffer, int offset, int length)
        {
            _isCbor = isCbor;
            if (isCbor)
            {
                _cbor.Reset(buffer, offset, length);
            }
            else
            {
                _json.Reset(buffer, offset, length);
            }
        }

        /// <summary>Reads the next token.</summary>
        /// <returns>The token.</returns>
        public CommandToken Read()
        {
            return _isCbor ? Map(_cbor.Read()) : Map(_json.Read());
        }

        /// <summary>Tells whether the current name or text is exactly this one.</summary>
        /// <param name="utf8">The text.</param>
        /// <returns>True if it is, without its escapes.</returns>
        public bool Is(byte[] utf8)
        {
            return _isCbor ? _cbor.TokenIs(utf8) : _json.TokenIs(utf8);
        }

        /// <summary>Gets the current number.</summary>
        /// <param name="value">The number.</param>
        /// <returns>False if it is not a whole number in the range of int.</returns>
        public bool TryGetInt32(out int value)
        {
            return _isCbor ? _cbor.TryGetInt32(out value) : _json.TryGetInt32(out value);
        }

        /// <summary>Copies the current text without its escapes.</summary>
        /// <param name="destination">Where to, from its beginning.</param>
        /// <returns>Its length, or -1 if it does not fit.</returns>
        public int CopyTo(byte[] destination)
        {
            return _isCbor ? _cbor.CopyString(destination, 0, destination.Length) : _json.CopyString(destination, 0, destination.Length);
        }

        /// <summary>Skips the value of the current name.</summary>
        public void SkipValue()
        {
            if (_isCbor)
            {
                _cbor.SkipValue();
            }
            else
            {
                _json.SkipValue();
            }
        }

        /// <summary>Skips the rest of the container that has just begun.</summary>
        public void SkipRest()
        {
            int outside = Depth - 1;
            while (Depth > outside && !HasError)
            {
                Read();
            }
        }

        private static CommandToken Map(JsonToken token)
        {
            switch (token)
            {
                case JsonToken.Name:
                    return CommandToken.Name;
                case JsonToken.String:
                    return CommandToken.Text;
                case JsonToken.Number:
                    return CommandToken.Number;
                case JsonToken.BeginObject:
                    return CommandToken.BeginObject;
                case JsonToken.BeginArray:
                    return CommandToken.BeginArray;
                case JsonToken.EndObject:
                case JsonToken.EndArray:
                    return CommandToken.EndContainer;
                case JsonToken.End:
                    return CommandToken.End;
                case JsonToken.Error:
                    return CommandToken.Error;
                default:
                    return CommandToken.Other;
            }
        }

        private CommandToken Map(CborToken token)
        {
            if (_cbor.IsKey)
            {
                // of any type: one that is no text is the name of nothing
                return CommandToken.Name;
            }

            switch (token)
            {
                case CborToken.Text:
                    return CommandToken.Text;
                case CborToken.Integer:
                case CborToken.Float:
                    return CommandToken.Number;
                case CborToken.BeginMap:
                    return CommandToken.BeginObject;
                case CborToken.BeginArray:
                    return CommandToken.BeginArray;
                case CborToken.EndMap:
                case CborToken.EndArray:
                    return CommandToken.EndContainer;
                case CborToken.End:
                    return CommandToken.End;
                case CborToken.Error:
                    return CommandToken.Error;
                default:
                    return CommandToken.Other;
            }
        }
    }
}

// One WebSocket at /events: every change of the Thing is pushed as JSON, the doorbell included; at the start all states. Commands are taken as over MQTT,
// {"led":"on"}, after the first message {"token":"..."} has shown who may; answers are {"accepted":{...}} or {"rejected":"why"}.
// A client that does not read gets the newest state when it reads again, not all in between. One that is silent is asked with a ping, and dropped.

using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Protocols.WebSocket;
using Firmware.Things;

namespace Firmware.Features.Web
{
    /// <summary>A WebSocket of the HTTP door. Long-lived: used again and again.</summary>
    public sealed class WebEvents
    {
        private static readonly byte[] Token = Bytes.FromString("token");
        private static readonly byte[] Accepted = Bytes.FromString("accepted");
        private static readonly byte[] Rejected = Bytes.FromString("rejected");
        private static readonly byte[] WrongToken = Bytes.FromString("this is not the token of device.json");
        private static readonly byte[] TokenFirst = Bytes.FromString("send {\"token\":\"...\"} first");
        private static readonly byte[] TextOnly = Bytes.FromString("send JSON as text");

        private readonly ResourceTree _things;
        private readonly WebAccess _access;
        private readonly CommandReader _reader;
        private readonly CommandIds _past;
        private readonly Clock _clock;
        private readonly WebSocketConnection _socket;
        private readonly JsonReader _json = new JsonReader(Limits.JsonDepth);
        private readonly JsonWriter _out = new JsonWriter(new byte[Limits.Payload]);
        private readonly byte[] _token = new byte[Limits.HttpToken];
        private readonly int[] _told;
        private bool _mayWrite;
        private bool _isAsked;
        private long _askMs;

        /// <summary>Creates a WebSocket with its buffers.</summary>
        /// <param name="things">What is told and switched.</param>
        /// <param name="access">Who may switch.</param>
        /// <param name="past">The identifiers of commands that were run, through any door.</param>
        /// <param name="clock">The date.</param>
        public WebEvents(ResourceTree things, WebAccess access, CommandIds past, Clock clock)
        {
            _things = things;
            _access = access;
            _reader = new CommandReader(things);
            _past = past;
            _clock = clock;
            _socket = new WebSocketConnection(new byte[Limits.HttpMessage], new byte[Limits.HttpPush], null);
            _told = new int[things.Count];
        }

        /// <summary>Whether a connection has it, or is about to.</summary>
        public bool IsTaken { get; set; }

        /// <summary>Whether somebody is connected.</summary>
        public bool IsOpen
        {
            get { return _socket.IsOpen; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called.</summary>
        public long NextDeadlineMs
        {
            get { return _socket.IsOpen ? _askMs : long.MaxValue; }
        }

        /// <summary>Takes over a connection after its handshake.</summary>
        /// <param name="transport">The connection.</param>
        /// <param name="rest">The buffer of what came behind the handshake.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <param name="nowMs">The time.</param>
        public void Open(ITransport transport, byte[] rest, int offset, int length, long nowMs)
        {
            _socket.Open(transport, rest, offset, length);
            _mayWrite = false;
            _isAsked = false;
            _askMs = nowMs + Limits.HttpIdleMs;
            for (int i = 0; i < _told.Length; i++)
            {
                // all states are told, whatever their versions are; what only happens is not told again
                Resource resource = _things.At(i);
                _told[i] = resource.TellsChanges && !resource.IsActuator ? resource.Version : resource.Version - 1;
            }
        }

        /// <summary>Receives, answers and tells what has changed.</summary>
        /// <param name="nowMs">The time.</param>
        public void Poll(long nowMs)
        {
            for (int i = 0; i < Limits.HttpMessagesPerTurn && _socket.IsOpen; i++)
            {
                WebSocketEvent happened = _socket.Poll();
                if (happened == WebSocketEvent.None || happened == WebSocketEvent.Closed)
                {
                    break;
                }

                _isAsked = false;
                _askMs = nowMs + Limits.HttpIdleMs;
                if (happened == WebSocketEvent.Text)
                {
                    Take(nowMs);
                }
                else if (happened == WebSocketEvent.Binary)
                {
                    Reject(TextOnly);
                }
            }

            if (_socket.IsOpen && nowMs >= _askMs)
            {
                Ask(nowMs);
            }

            Tell(nowMs);
        }

        /// <summary>Ends the connection in order; the bytes of the goodbye leave as far as the link takes them at once.</summary>
        public void Stop()
        {
            if (_socket.IsOpen)
            {
                _socket.Close(WebSocketClose.GoingAway);
                _socket.Poll();
                _socket.Abort();
            }
        }

        private void Ask(long nowMs)
        {
            if (_isAsked)
            {
                _socket.Abort();
                return;
            }

            _socket.Ping();
            _isAsked = true;
            _askMs = nowMs + Limits.HttpIdleMs;
        }

        private void Tell(long nowMs)
        {
            for (int i = 0; i < _told.Length && _socket.CanSend; i++)
            {
                Resource resource = _things.At(i);
                if (resource.Version == _told[i])
                {
                    continue;
                }

                if (resource.HasState)
                {
                    _out.Reset();
                    _out.BeginObject();
                    resource.WriteChange(_out, nowMs);
                    TimeStamp.Write(_out, _clock);
                    _out.EndObject();
                    if (!_socket.Send(true, _out.Buffer, 0, _out.Length))
                    {
                        // told when there is room again, with the state of then
                        return;
                    }
                }

                _told[i] = resource.Version;
            }
        }

        private void Take(long nowMs)
        {
            byte[] buffer = _socket.Buffer;
            int length = _socket.Length;
            if (ReadToken(buffer, length, out int tokenLength))
            {
                int refusal = _access.Judge();
                _mayWrite = refusal == 0 && _access.IsToken(_token, 0, tokenLength);
                if (_mayWrite)
                {
                    Begin(Accepted);
                    _out.BeginObject();
                    _out.EndObject();
                    End();
                }
                else
                {
                    Reject(refusal == 0 ? WrongToken : _access.Reason);
                }

                return;
            }

            byte[] reason = _access.Judge() != 0 ? _access.Reason : _mayWrite ? _reader.ReadJson(buffer, 0, length) : TokenFirst;
            bool hasId = reason == null && _reader.IdLength > 0;
            bool isDuplicate = hasId && _past.Contains(_reader.Id, _reader.IdLength);
            if (reason == null && !isDuplicate)
            {
                reason = _reader.Target.Run(_reader.Command, nowMs);
            }

            if (reason != null)
            {
                Reject(reason);
                return;
            }

            if (hasId && !isDuplicate)
            {
                _past.Add(_reader.Id, _reader.IdLength);
            }

            Begin(Accepted);
            _out.BeginObject();
            _reader.Target.WriteState(_out, nowMs);
            _out.EndObject();
            End();
        }

        // {"token":"..."} and nothing else
        private bool ReadToken(byte[] buffer, int length, out int tokenLength)
        {
            tokenLength = 0;
            _json.Reset(buffer, 0, length);
            if (_json.Read() != JsonToken.BeginObject || _json.Read() != JsonToken.Name || !_json.TokenIs(Token) || _json.Read() != JsonToken.String)
            {
                return false;
            }

            tokenLength = _json.CopyString(_token, 0, _token.Length);
            return _json.Read() == JsonToken.EndObject && _json.Read() == JsonToken.End;
        }

        private void Reject(byte[] reason)
        {
            Begin(Rejected);
            _out.String(reason);
            End();
        }

        private void Begin(byte[] name)
        {
            _out.Reset();
            _out.BeginObject();
            _out.Name(name);
        }

        // a client that sends and does not read misses answers
        private void End()
        {
            _out.EndObject();
            _socket.Send(true, _out.Buffer, 0, _out.Length);
        }
    }
}

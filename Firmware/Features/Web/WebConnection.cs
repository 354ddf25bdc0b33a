// One connection of the HTTP door: reads a request, sends the answer, and again, as long as both want to keep it. Its time limits are for a client that
// sends slowly (slowloris), one that says nothing, and one that does not read.

using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using Firmware.Protocols.WebSocket;

namespace Firmware.Features.Web
{
    /// <summary>A connection. Long-lived: used again and again; allocates nothing after construction.</summary>
    public sealed class WebConnection
    {
        private static readonly byte[] EventsPath = Bytes.FromString("/events");
        private static readonly byte[] TooSlow = Bytes.FromString("the request did not come within the time");
        private static readonly byte[] OtherOrigin = Bytes.FromString("a page of another server may not listen to this device");
        private static readonly byte[] NoHandshake = Bytes.FromString("this is a WebSocket (RFC 6455)");
        private static readonly byte[] AllTaken = Bytes.FromString("all WebSockets of this device are taken");

        private readonly WebDoor _door;
        private readonly WebResponder _responder;
        private readonly HttpRequestReader _request;
        private readonly HttpWriter _writer = new HttpWriter();
        private readonly WebSocketHandshake _handshake;
        private readonly byte[] _out = new byte[Limits.HttpAnswer];
        private ITransport _transport;
        private WebEvents _upgrade;
        private WebEvents _events;
        private byte[] _tail;
        private int _tailAt;
        private int _at;
        private int _end;
        private bool _isWriting;
        private bool _isLast;
        private long _deadlineMs = long.MaxValue;

        /// <summary>Creates a connection with its buffers.</summary>
        /// <param name="door">Has the WebSockets.</param>
        /// <param name="responder">Answers.</param>
        /// <param name="handshake">Of all connections.</param>
        public WebConnection(WebDoor door, WebResponder responder, WebSocketHandshake handshake)
        {
            _door = door;
            _responder = responder;
            _handshake = handshake;
            _request = new HttpRequestReader(new byte[Limits.HttpHead + Limits.HttpRequestBody + HttpReader.MaxChunkLine], Limits.HttpHead);
        }

        /// <summary>Whether somebody is connected.</summary>
        public bool IsOpen
        {
            get { return _transport != null; }
        }

        /// <summary>Whether it only waits for another request: it can be given up for somebody else.</summary>
        public bool IsIdle
        {
            get { return _transport != null && _events == null && !_isWriting && !_request.IsInsideMessage; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called.</summary>
        public long NextDeadlineMs
        {
            get { return _events != null ? _events.NextDeadlineMs : _deadlineMs; }
        }

        /// <summary>Whether it is a WebSocket.</summary>
        public bool IsEvents
        {
            get { return _events != null; }
        }

        /// <summary>Takes a connection over.</summary>
        /// <param name="transport">The connection.</param>
        /// <param name="nowMs">The time.</param>
        public void Open(ITransport transport, long nowMs)
        {
            _transport = transport;
            _request.Reset();
            _isWriting = false;

            // a new connection is there to ask at once
            _deadlineMs = nowMs + Limits.HttpRequestMs;
        }

        /// <summary>Gives the connection up; a WebSocket says goodbye.</summary>
        public void Close()
        {
            if (_events != null)
            {
                _events.Stop();
            }
            else if (_transport != null)
            {
                _transport.Close();
            }

            Leave();
        }

        /// <summary>Does what can be done without waiting.</summary>
        /// <param name="nowMs">The time.</param>
        public void Poll(long nowMs)
        {
            if (_events != null)
            {
                _events.Poll(nowMs);
                if (!_events.IsOpen)
                {
                    Leave();
                }

                return;
            }

            // an answer to each of several requests that came together, but other connections want their turn, too
            for (int i = 0; i < Limits.HttpMessagesPerTurn && _transport != null && _events == null; i++)
            {
                if (_isWriting ? !Send(nowMs) : !Receive(nowMs))
                {
                    break;
                }
            }

            if (_transport != null && _events == null && nowMs >= _deadlineMs)
            {
                Expire(nowMs);
            }
        }

        private bool Receive(long nowMs)
        {
            bool wasInside = _request.IsInsideMessage;
            switch (_request.Read(_transport))
            {
                case HttpRead.Message:
                    Answer(nowMs);
                    return true;
                case HttpRead.Error:
                    Begin();
                    _isLast = true;
                    _responder.Tell(_request, _writer, _request.Status, null);
                    Start(nowMs);
                    return true;
                case HttpRead.Incomplete:
                    if (_request.IsInsideMessage && !wasInside)
                    {
                        // from the first byte on: the time does not begin anew with each further one
                        _deadlineMs = nowMs + Limits.HttpRequestMs;
                    }

                    if (_request.TakeContinue())
                    {
                        Begin();
                        _writer.Response(100);
                        _writer.EndHead();
                        _transport.Write(_out, 0, _writer.Length);
                    }

                    return false;
                default:
                    Close();
                    return false;
            }
        }

        private void Answer(long nowMs)
        {
            Begin();
            _isLast = !_request.KeepsAlive;
            byte[] buffer = _request.Buffer;
            if (_request.PathLength <= 1 && (_request.Method == HttpMethod.Get || _request.Method == HttpMethod.Head))
            {
                byte[] page = WebPage.Bytes;
                _responder.BeginPage(_request, _writer, WebPage.Fields, page.Length);
                _tail = _request.Method == HttpMethod.Get ? page : null;
            }
            else if (Bytes.AreEqual(buffer, _request.PathOffset, _request.PathLength, EventsPath))
            {
                Upgrade();
            }
            else
            {
                _responder.Answer(_request, _writer, nowMs);
            }

            Start(nowMs);
        }

        private void Upgrade()
        {
            int status = _handshake.Check(_request);
            if (status != 101)
            {
                if (_request.SaysUpgrade && status == 426)
                {
                    _handshake.WriteOtherVersion(_writer);
                    return;
                }

                _responder.Tell(_request, _writer, 426, NoHandshake);
                return;
            }

            if (!WebSocketHandshake.IsSameOrigin(_request))
            {
                _responder.Tell(_request, _writer, 403, OtherOrigin);
                return;
            }

            _upgrade = _door.TakeEvents();
            if (_upgrade == null)
            {
                _responder.Tell(_request, _writer, 503, AllTaken);
                return;
            }

            _handshake.WriteResponse(_writer, _request, null);
        }

        private void Begin()
        {
            _writer.Reset(_out, 0, _out.Length);
            _tail = null;
            _tailAt = 0;
        }

        private void Start(long nowMs)
        {
            _at = 0;
            _end = _writer.Length;
            _isWriting = true;
            _deadlineMs = nowMs + Limits.HttpRequestMs;
            if (_writer.Overflowed)
            {
                // what cannot be answered whole is not answered at all
                Close();
            }
        }

        private bool Send(long nowMs)
        {
            int sent = _at < _end ? _transport.Write(_out, _at, _end - _at) : 0;
            if (sent > 0)
            {
                _at += sent;
            }

            if (sent >= 0 && _at == _end && _tail != null)
            {
                sent = _transport.Write(_tail, _tailAt, _tail.Length - _tailAt);
                _tailAt += sent > 0 ? sent : 0;
                if (_tailAt == _tail.Length)
                {
                    _tail = null;
                }
            }

            if (sent < 0)
            {
                Close();
                return false;
            }

            if (_at < _end || _tail != null)
            {
                if (sent > 0)
                {
                    _deadlineMs = nowMs + Limits.HttpRequestMs;
                }

                return false;
            }

            _isWriting = false;
            if (_upgrade != null)
            {
                // what came behind the handshake is still in the reader's buffer: this connection stays with its WebSocket
                _events = _upgrade;
                _upgrade = null;
                _events.Open(_transport, _request.Buffer, _request.RestOffset, _request.RestLength, nowMs);
                _deadlineMs = long.MaxValue;
                return false;
            }

            if (_isLast)
            {
                Close();
                return false;
            }

            _deadlineMs = nowMs + Limits.HttpIdleMs;
            return true;
        }

        private void Expire(long nowMs)
        {
            if (_isWriting || !_request.IsInsideMessage)
            {
                Close();
                return;
            }

            Begin();
            _isLast = true;
            _responder.Tell(_request, _writer, 408, TooSlow);
            Start(nowMs);
        }

        private void Leave()
        {
            if (_upgrade != null)
            {
                _upgrade.IsTaken = false;
            }

            if (_events != null)
            {
                _events.IsTaken = false;
            }

            _transport = null;
            _upgrade = null;
            _events = null;
            _tail = null;
            _deadlineMs = long.MaxValue;
        }
    }
}

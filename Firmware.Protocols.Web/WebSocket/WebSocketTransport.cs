// The stream of bytes of a client's WebSocket, so that MQTT runs over it unchanged (MQTT 3.1.1, 6; RFC 6455): binary frames only, their borders mean nothing; the handshake first,
// during which nothing can be read or written yet. Pings are answered here. Large frames pass through: nothing is kept but what waits to be sent.
// Left out: extensions, and a Close frame of our own unless it is asked for, since AWS takes it for an orderly end and then keeps the last will to itself: MQTT's
// DISCONNECT says goodbye where that is meant.

using Firmware.Protocols.Http;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>Where a <see cref="WebSocketTransport"/> stands.</summary>
    public enum WebSocketState : byte
    {
        /// <summary>No link.</summary>
        Closed = 0,

        /// <summary>The request is on its way, the answer has not come.</summary>
        Opening,

        /// <summary>Bytes pass.</summary>
        Open,

        /// <summary>The server refused: see HandshakeStatus.</summary>
        Refused,

        /// <summary>The link ended, or the server broke the protocol: see CloseCode.</summary>
        Ended,
    }

    /// <summary>A WebSocket client over a transport, seen as a transport. Long-lived; allocates nothing after construction. Not thread-safe.</summary>
    public sealed class WebSocketTransport : ITransport
    {
        // the least that a send buffer must hold beside a request
        private const int SmallestSend = 2 * (WebSocketFrameReader.MaxControl + WebSocketFrameWriter.MaxHeader);

        private const int SmallestReceive = 2 * HttpReader.MaxChunkLine;

        // how many frames a read goes through that bring no byte
        private const int MaxFrames = 8;

        private static readonly byte[] Get = Bytes.FromString("GET");

        private readonly HttpResponseReader _response;
        private readonly HttpWriter _request = new HttpWriter();
        private readonly WebSocketHandshake _handshake = new WebSocketHandshake();
        private readonly WebSocketFrameReader _frames = new WebSocketFrameReader(false);
        private readonly WebSocketFrameWriter _out;
        private readonly WebSocketNoise _noise;
        private readonly byte[] _protocol;
        private readonly byte[] _code = new byte[2];
        private ITransport _inner;
        private int _result;
        private bool _owesPong;
        private bool _isAhead;

        /// <summary>Creates a transport. Every buffer belongs to it from now on.</summary>
        /// <param name="receiveBuffer">Holds the head of the answer to the handshake and 64 bytes more: 1,024 are plenty; 128 or more.</param>
        /// <param name="sendBuffer">Holds the request, with a signed target some 700 bytes and the session token, and later a frame and a pong: 266 bytes or more.</param>
        /// <param name="protocol">The protocol above, such as mqtt; not copied.</param>
        /// <param name="noise">Makes masks and nonces.</param>
        /// <exception cref="System.ArgumentException">A buffer is too small.</exception>
        public WebSocketTransport(byte[] receiveBuffer, byte[] sendBuffer, byte[] protocol, WebSocketNoise noise)
        {
            if (sendBuffer.Length < SmallestSend || receiveBuffer.Length < SmallestReceive)
            {
                throw new System.ArgumentException();
            }

            // all for the head: the body of a refusal says nothing that its status does not, and may itself be refused
            _response = new HttpResponseReader(receiveBuffer, receiveBuffer.Length - HttpReader.MaxChunkLine);
            _out = new WebSocketFrameWriter(sendBuffer, noise);
            _protocol = protocol;
            _noise = noise;
        }

        /// <summary>Where it stands.</summary>
        public WebSocketState State { get; private set; }

        /// <summary>The status of the server's answer; 0: none came yet.</summary>
        public int HandshakeStatus { get; private set; }

        /// <summary>The time in the server's answer, seconds since 1970; -1: it had none. To correct the clock when a signature was refused.</summary>
        public long ServerDate { get; private set; }

        /// <summary>Why it ended: the code of the server's Close frame, or ours for what it did wrong; <see cref="WebSocketClose.Abnormal"/> if the link just ended; 0 before that.</summary>
        public int CloseCode { get; private set; }

        /// <summary>Whether <see cref="Close"/> sends a Close frame if it can. AWS then does not publish the last will.</summary>
        public bool SaysGoodbye { get; set; }

        /// <summary>Starts the request: the caller writes the target into the writer's Out, then calls <see cref="Open"/>.</summary>
        /// <returns>The writer, behind "GET ".</returns>
        public HttpWriter BeginRequest()
        {
            State = WebSocketState.Closed;
            _out.Reset();
            _request.Reset(_out.Buffer, 0, _out.Buffer.Length);
            _request.BeginRequest(Get);
            return _request;
        }

        /// <summary>Takes over a connected transport and sends the request, as it goes.</summary>
        /// <param name="inner">The link; closed by <see cref="Close"/>.</param>
        /// <param name="host">The value of Host; the one that was signed.</param>
        /// <returns>False if the request does not fit the send buffer, or could not be signed: the link is untouched then.</returns>
        public bool Open(ITransport inner, byte[] host)
        {
            _request.EndRequestLine();
            _handshake.WriteRequest(_request, host, _protocol, _noise);
            if (_request.Overflowed)
            {
                return false;
            }

            _out.Adopt(_request.Length);
            _response.Reset();
            _frames.Reset();
            _inner = inner;
            _result = 0;
            _owesPong = false;
            _isAhead = false;
            HandshakeStatus = 0;
            ServerDate = -1;
            CloseCode = 0;
            State = WebSocketState.Opening;
            return true;
        }

        /// <inheritdoc />
        public int Read(byte[] buffer, int offset, int count)
        {
            if (!IsPassing())
            {
                return _result;
            }

            for (int i = 0; i < MaxFrames; i++)
            {
                if (_owesPong && !PayPong())
                {
                    return _result;
                }

                WebSocketFrame frame = _frames.Next(_inner);
                switch (frame)
                {
                    case WebSocketFrame.Data:
                        if (_frames.MessageOpcode != WebSocketOpcode.Binary)
                        {
                            // [MQTT-6.0.0-1]
                            return Refuse(WebSocketClose.UnsupportedData);
                        }

                        if (_frames.Remaining > 0)
                        {
                            int got = _frames.ReadPayload(_inner, buffer, offset, count);
                            return got < 0 ? End(got, WebSocketClose.Abnormal) : got;
                        }

                        break;
                    case WebSocketFrame.Ping:
                        _owesPong = true;
                        break;
                    case WebSocketFrame.Pong:
                        break;
                    case WebSocketFrame.Close:
                        SendClose(_frames.PeerCode == WebSocketClose.NoStatus ? WebSocketClose.Normal : _frames.PeerCode);
                        return End(TransportResult.Closed, _frames.PeerCode);
                    case WebSocketFrame.Error:
                        return Refuse(_frames.ErrorCode);
                    case WebSocketFrame.Incomplete:
                        return 0;
                    default:
                        return End(frame == WebSocketFrame.Closed ? TransportResult.Closed : TransportResult.Failed, WebSocketClose.Abnormal);
                }
            }

            return 0;
        }

        /// <inheritdoc />
        public int Write(byte[] buffer, int offset, int count)
        {
            if (!IsPassing() || !_out.IsEmpty)
            {
                return _result;
            }

            // the first byte went with the last frame: see below
            int taken = 0;
            if (_isAhead)
            {
                _isAhead = false;
                taken = 1;
                if (count == 1)
                {
                    return 1;
                }
            }

            int room = _out.Room - WebSocketFrameReader.MaxControl - WebSocketFrameWriter.MaxHeader;
            room = room < WebSocketFrameWriter.MaxPayload ? room : WebSocketFrameWriter.MaxPayload;
            int length = count - taken < room ? count - taken : room;
            _out.Add(WebSocketOpcode.Binary, buffer, offset + taken, length);
            int put = _out.Flush(_inner);
            if (put < 0)
            {
                return End(put, WebSocketClose.Abnormal);
            }

            // While a part of a frame waits, its last byte is not confessed yet, so that the caller comes again, which moves the rest: nobody else would.
            // A caller that has said a byte of a packet says the next one, too; so the byte that is ahead is the one that comes first next time.
            _isAhead = put == 0;
            return taken + length - (put == 0 ? 1 : 0);
        }

        /// <inheritdoc />
        public void Close()
        {
            if (_inner == null)
            {
                return;
            }

            if (State == WebSocketState.Open && SaysGoodbye)
            {
                SendClose(WebSocketClose.Normal);
            }

            if (State == WebSocketState.Open || State == WebSocketState.Opening)
            {
                End(TransportResult.Closed, 0);
            }

            _inner.Close();
            _inner = null;
        }

        // true if the handshake is over and nothing went wrong; moves what waits
        private bool IsPassing()
        {
            if (State != WebSocketState.Open && State != WebSocketState.Opening)
            {
                if (_result == 0)
                {
                    // never opened
                    _result = TransportResult.Failed;
                }

                return false;
            }

            int put = _out.Flush(_inner);
            if (put < 0)
            {
                End(put, WebSocketClose.Abnormal);
                return false;
            }

            return State == WebSocketState.Open || TakeAnswer();
        }

        private bool TakeAnswer()
        {
            HttpRead read = _response.Read(_inner);
            if (read == HttpRead.Incomplete)
            {
                return false;
            }

            HandshakeStatus = _response.Status;
            ServerDate = read == HttpRead.Message || read == HttpRead.Error ? _response.ReadDate() : -1;
            if (read == HttpRead.Message && _handshake.IsAccepted(_response, _protocol))
            {
                _frames.Prepend(_response.Buffer, _response.RestOffset, _response.RestLength);
                State = WebSocketState.Open;
                return true;
            }

            End(read == HttpRead.Closed ? TransportResult.Closed : TransportResult.Failed, WebSocketClose.Abnormal);
            State = WebSocketState.Refused;
            return false;
        }

        // true: it is on its way; until there is room nothing more is read, so that the ping is not forgotten
        private bool PayPong()
        {
            if (_out.Room < _frames.ControlLength)
            {
                return false;
            }

            _out.Add(WebSocketOpcode.Pong, _frames.Control, 0, _frames.ControlLength);
            _owesPong = false;
            int put = _out.Flush(_inner);
            if (put < 0)
            {
                End(put, WebSocketClose.Abnormal);
                return false;
            }

            return true;
        }

        private int Refuse(int code)
        {
            SendClose(code);
            return End(TransportResult.Failed, code);
        }

        // as far as it goes: the link is given up next
        private void SendClose(int code)
        {
            if (_out.Room >= _code.Length)
            {
                _code[0] = (byte)(code >> 8);
                _code[1] = (byte)code;
                _out.Add(WebSocketOpcode.Close, _code, 0, _code.Length);
                _out.Flush(_inner);
            }
        }

        private int End(int result, int code)
        {
            _result = result;
            CloseCode = code;
            State = WebSocketState.Ended;
            return result;
        }
    }
}

// Whole messages over a WebSocket (RFC 6455), for either side, behind the handshake: joins fragments, checks text, answers pings, closes in order. A message larger than
// the buffer, or a frame that breaks the protocol, ends the connection with the code that says so. Left out: sending in fragments, extensions; time limits are the caller's.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>A WebSocket connection of messages. Long-lived: opened again and again; allocates nothing after construction. Not thread-safe.</summary>
    public sealed class WebSocketConnection
    {
        // a Close and a pong always fit beside what the caller sends
        private const int Reserve = 2 * (WebSocketFrameReader.MaxControl + WebSocketFrameWriter.MaxHeader);

        // how many frames a poll goes through at the most, so that a flood cannot hold the loop
        private const int MaxFrames = 16;

        private readonly WebSocketFrameReader _frames;
        private readonly WebSocketFrameWriter _out;
        private readonly byte[] _buffer;
        private readonly byte[] _code = new byte[2];
        private ITransport _transport;
        private int _have;
        private bool _isInFrame;
        private bool _owesPong;
        private bool _hasSentClose;
        private bool _isOver;

        /// <summary>Creates a connection. The buffers belong to it from now on.</summary>
        /// <param name="receiveBuffer">Holds one message: the largest that is taken.</param>
        /// <param name="sendBuffer">Holds what waits to be sent: 267 bytes or more, of which 266 are kept for control frames.</param>
        /// <param name="noise">Makes masks: a client. Null: a server.</param>
        /// <exception cref="ArgumentException">The send buffer is too small.</exception>
        public WebSocketConnection(byte[] receiveBuffer, byte[] sendBuffer, WebSocketNoise noise)
        {
            if (sendBuffer.Length <= Reserve)
            {
                throw new ArgumentException();
            }

            _buffer = receiveBuffer;
            _frames = new WebSocketFrameReader(noise == null);
            _out = new WebSocketFrameWriter(sendBuffer, noise);
        }

        /// <summary>The buffer that messages stand in, from index 0.</summary>
        public byte[] Buffer
        {
            get { return _buffer; }
        }

        /// <summary>The length of the message just told, in bytes.</summary>
        public int Length
        {
            get { return _have; }
        }

        /// <summary>True from <see cref="Open"/> until the event Closed.</summary>
        public bool IsOpen
        {
            get { return _transport != null; }
        }

        /// <summary>True while messages can be sent: no side has begun to close.</summary>
        public bool CanSend
        {
            get { return _transport != null && !_hasSentClose; }
        }

        /// <summary>True while something waits to be sent: a peer that does not read.</summary>
        public bool IsSending
        {
            get { return !_out.IsEmpty; }
        }

        /// <summary>Why it ended: the peer's code, or ours for what the peer did wrong; <see cref="WebSocketClose.Abnormal"/> if the link just ended; 0 before.</summary>
        public int CloseCode { get; private set; }

        /// <summary>Takes over a link whose handshake is done.</summary>
        /// <param name="transport">The link; closed at the end.</param>
        /// <param name="rest">The buffer of what came behind the handshake; must stay as it is until it was read.</param>
        /// <param name="restOffset">Its first byte.</param>
        /// <param name="restLength">Its length, 0 or more.</param>
        public void Open(ITransport transport, byte[] rest, int restOffset, int restLength)
        {
            _frames.Reset();
            _frames.Prepend(rest, restOffset, restLength);
            _out.Reset();
            _transport = transport;
            _have = 0;
            _isInFrame = false;
            _owesPong = false;
            _hasSentClose = false;
            _isOver = false;
            CloseCode = 0;
        }

        /// <summary>Queues a message.</summary>
        /// <param name="isText">Whether it is UTF-8; not checked.</param>
        /// <param name="buffer">The buffer of the message; copied.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length, 0 to 65,535.</param>
        /// <returns>False if nothing was queued: no room now, or the connection is not open.</returns>
        public bool Send(bool isText, byte[] buffer, int offset, int length)
        {
            if (!CanSend || length > WebSocketFrameWriter.MaxPayload || length > _out.Room - Reserve)
            {
                return false;
            }

            _out.Add(isText ? WebSocketOpcode.Text : WebSocketOpcode.Binary, buffer, offset, length);
            return true;
        }

        /// <summary>Queues a ping without payload; the answer is <see cref="WebSocketEvent.Pong"/>.</summary>
        /// <returns>False if nothing was queued.</returns>
        public bool Ping()
        {
            if (!CanSend || _out.Room < Reserve)
            {
                return false;
            }

            _out.Add(WebSocketOpcode.Ping, _code, 0, 0);
            return true;
        }

        /// <summary>Begins to close: a Close frame goes behind what is queued, and the event Closed comes once the peer has answered. Who does not want to wait calls <see cref="Abort"/>.</summary>
        /// <param name="code">Why; see <see cref="WebSocketClose"/>.</param>
        public void Close(int code)
        {
            if (CanSend)
            {
                SendClose(code);
            }
        }

        /// <summary>Gives the link up at once. No event follows.</summary>
        public void Abort()
        {
            if (_transport != null)
            {
                _transport.Close();
                _transport = null;
            }
        }

        /// <summary>Sends and receives what can be without waiting.</summary>
        /// <returns>At most one event.</returns>
        public WebSocketEvent Poll()
        {
            if (_transport == null)
            {
                return WebSocketEvent.None;
            }

            int put = _out.Flush(_transport);
            if (put < 0)
            {
                return End(CloseCode == 0 ? WebSocketClose.Abnormal : CloseCode);
            }

            for (int i = 0; i < MaxFrames && !_isOver; i++)
            {
                if (_owesPong && !PayPong())
                {
                    return WebSocketEvent.None;
                }

                WebSocketEvent told = Take(_frames.Next(_transport), out bool waits);
                if (told != WebSocketEvent.None)
                {
                    return told;
                }

                if (waits)
                {
                    break;
                }
            }

            if (_isOver)
            {
                // the last frame leaves if the link takes it now or later
                put = _out.Flush(_transport);
                return put != 0 ? End(CloseCode) : WebSocketEvent.None;
            }

            if (!_out.IsEmpty && _out.Flush(_transport) < 0)
            {
                return End(WebSocketClose.Abnormal);
            }

            return WebSocketEvent.None;
        }

        private WebSocketEvent Take(WebSocketFrame frame, out bool waits)
        {
            waits = false;
            switch (frame)
            {
                case WebSocketFrame.Data:
                    return TakeData(out waits);
                case WebSocketFrame.Ping:
                    _owesPong = true;
                    return WebSocketEvent.None;
                case WebSocketFrame.Pong:
                    return WebSocketEvent.Pong;
                case WebSocketFrame.Close:
                    Finish(_frames.PeerCode, _frames.PeerCode == WebSocketClose.NoStatus ? WebSocketClose.Normal : _frames.PeerCode);
                    return WebSocketEvent.None;
                case WebSocketFrame.Error:
                    Finish(_frames.ErrorCode, _frames.ErrorCode);
                    return WebSocketEvent.None;
                case WebSocketFrame.Incomplete:
                    waits = true;
                    return WebSocketEvent.None;
                default:
                    return End(WebSocketClose.Abnormal);
            }
        }

        // a frame's payload goes behind that of the frames before it; Data is told again and again until the frame is whole
        private WebSocketEvent TakeData(out bool waits)
        {
            waits = false;
            if (!_isInFrame)
            {
                _isInFrame = true;
                _have = _frames.IsFirst ? 0 : _have;
                if (_frames.Remaining > _buffer.Length - _have)
                {
                    Finish(WebSocketClose.TooLarge, WebSocketClose.TooLarge);
                    return WebSocketEvent.None;
                }
            }

            if (_frames.Remaining > 0)
            {
                int got = _frames.ReadPayload(_transport, _buffer, _have, _frames.Remaining);
                if (got < 0)
                {
                    return End(WebSocketClose.Abnormal);
                }

                _have += got;
                waits = got == 0;
            }

            if (_frames.Remaining > 0)
            {
                return WebSocketEvent.None;
            }

            _isInFrame = false;
            if (!_frames.IsFinal || _hasSentClose)
            {
                return WebSocketEvent.None;
            }

            bool isText = _frames.MessageOpcode == WebSocketOpcode.Text;
            if (isText && !Utf8.IsWellFormed(_buffer, 0, _have))
            {
                Finish(WebSocketClose.InvalidPayload, WebSocketClose.InvalidPayload);
                return WebSocketEvent.None;
            }

            return isText ? WebSocketEvent.Text : WebSocketEvent.Binary;
        }

        private bool PayPong()
        {
            if (_hasSentClose)
            {
                // nothing may follow a Close frame (5.5.1)
                _owesPong = false;
                return true;
            }

            if (_out.Room < _frames.ControlLength)
            {
                return false;
            }

            _out.Add(WebSocketOpcode.Pong, _frames.Control, 0, _frames.ControlLength);
            _owesPong = false;
            return true;
        }

        private void Finish(int code, int answer)
        {
            CloseCode = code;
            _isOver = true;
            if (!_hasSentClose)
            {
                SendClose(answer);
            }
        }

        private void SendClose(int code)
        {
            _hasSentClose = true;
            if (_out.Room >= _code.Length)
            {
                _code[0] = (byte)(code >> 8);
                _code[1] = (byte)code;
                _out.Add(WebSocketOpcode.Close, _code, 0, _code.Length);
            }
        }

        private WebSocketEvent End(int code)
        {
            CloseCode = code;
            Abort();
            return WebSocketEvent.Closed;
        }
    }
}

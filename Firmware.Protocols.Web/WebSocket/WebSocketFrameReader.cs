// Cuts the incoming bytes into frames (RFC 6455, 5). The header is read byte-exact, so that no byte of the payload is taken before someone says where to put it; control frames,
// which may stand between the pieces of a message, are kept whole. No extensions, so all reserved bits are errors.
//
//      0 1 2 3  4-7      8    9-15            then
//     |F|reserved|opcode|mask|length          2 bytes if 126, 8 if 127|4 bytes of masking key if mask|payload

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>Reads frames from a transport. Long-lived; allocates nothing after construction.</summary>
    public sealed class WebSocketFrameReader
    {
        /// <summary>The longest payload of a control frame (5.5).</summary>
        public const int MaxControl = 125;

        private const int ShortestHeader = 2;
        private const int LongestHeader = 14;
        private const int MaskLength = 4;

        // of the first byte and of the second
        private const int FinalBit = 0x80;
        private const int ReservedBits = 0x70;
        private const int OpcodeBits = 0x0F;
        private const int ControlBit = 0x08;
        private const int MaskBit = 0x80;
        private const int LengthBits = 0x7F;
        private const int TwoByteLength = 126;
        private const int EightByteLength = 127;

        // how many frames without payload, or pieces of headers, a call reads at the most
        private const int MaxReads = 16;

        private readonly bool _isServer;
        private readonly byte[] _header = new byte[LongestHeader];
        private readonly byte[] _control = new byte[MaxControl];
        private byte[] _first = Bytes.Empty;
        private int _firstOffset;
        private int _firstLength;
        private Stage _stage;
        private int _have;
        private int _need;
        private int _mask;
        private int _maskAt;
        private int _remaining;
        private bool _inMessage;

        /// <summary>Creates a reader.</summary>
        /// <param name="isServer">True: frames must be masked. False: they must not (5.1).</param>
        public WebSocketFrameReader(bool isServer)
        {
            _isServer = isServer;
            Reset();
        }

        private enum Stage : byte
        {
            Header = 0,
            Payload,
            Control,
            Ended,
            Broken,
        }

        /// <summary>The code to close with after <see cref="WebSocketFrame.Error"/>; 0: none.</summary>
        public int ErrorCode { get; private set; }

        /// <summary>The code of the peer's Close frame; <see cref="WebSocketClose.NoStatus"/> if it had none; 0 before one came.</summary>
        public int PeerCode { get; private set; }

        /// <summary>The kind of the message that the data frame belongs to: text or binary.</summary>
        public int MessageOpcode { get; private set; }

        /// <summary>True if the data frame begins a message.</summary>
        public bool IsFirst { get; private set; }

        /// <summary>True if the data frame ends its message.</summary>
        public bool IsFinal { get; private set; }

        /// <summary>How many bytes of the data frame's payload are still to be read.</summary>
        public int Remaining
        {
            get { return _stage == Stage.Payload ? _remaining : 0; }
        }

        /// <summary>The payload of the control frame just told, from index 0.</summary>
        public byte[] Control
        {
            get { return _control; }
        }

        /// <summary>Its length in bytes.</summary>
        public int ControlLength { get; private set; }

        /// <summary>Forgets everything: for a new connection.</summary>
        public void Reset()
        {
            _firstLength = 0;
            _inMessage = false;
            ErrorCode = 0;
            PeerCode = 0;
            MessageOpcode = 0;
            ControlLength = 0;
            BeginFrame();
        }

        /// <summary>Gives bytes that came behind the handshake; they are read before the transport's.</summary>
        /// <param name="buffer">Their buffer; must stay as it is until they were read.</param>
        /// <param name="offset">The first.</param>
        /// <param name="length">How many, 0 or more.</param>
        public void Prepend(byte[] buffer, int offset, int length)
        {
            _first = buffer;
            _firstOffset = offset;
            _firstLength = length;
        }

        /// <summary>Reads on, up to the next thing to tell. In the middle of a payload it tells Data again.</summary>
        /// <param name="transport">Where to read from.</param>
        /// <returns>What there is now.</returns>
        public WebSocketFrame Next(ITransport transport)
        {
            if (_stage == Stage.Payload)
            {
                if (_remaining > 0)
                {
                    return WebSocketFrame.Data;
                }

                BeginFrame();
            }

            for (int reads = 0; reads < MaxReads; reads++)
            {
                if (_stage == Stage.Broken)
                {
                    return WebSocketFrame.Error;
                }

                if (_stage == Stage.Ended)
                {
                    return WebSocketFrame.Closed;
                }

                bool isControl = _stage == Stage.Control;
                int got = isControl ? Take(transport, _control, ControlLength, _remaining) : Take(transport, _header, _have, _need - _have);
                if (got < 0)
                {
                    return got == TransportResult.Closed ? WebSocketFrame.Closed : WebSocketFrame.Failed;
                }

                if (got == 0)
                {
                    return WebSocketFrame.Incomplete;
                }

                WebSocketFrame frame = isControl ? TakeControl(got) : TakeHeader(got);
                if (frame != WebSocketFrame.Incomplete)
                {
                    return frame;
                }
            }

            return WebSocketFrame.Incomplete;
        }

        /// <summary>Reads payload of the data frame, unmasked.</summary>
        /// <param name="transport">Where to read from.</param>
        /// <param name="buffer">Where to put it.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="count">The most bytes wanted, 1 or more; no more than <see cref="Remaining"/> come.</param>
        /// <returns>As <see cref="ITransport.Read"/>.</returns>
        public int ReadPayload(ITransport transport, byte[] buffer, int offset, int count)
        {
            int want = count < _remaining ? count : _remaining;
            if (want == 0 || _stage != Stage.Payload)
            {
                return 0;
            }

            int got = Take(transport, buffer, offset, want);
            if (got > 0)
            {
                Unmask(buffer, offset, got);
                _remaining -= got;
            }

            return got;
        }

        private int Take(ITransport transport, byte[] buffer, int offset, int count)
        {
            int there = _firstLength;
            if (there == 0)
            {
                return transport.Read(buffer, offset, count);
            }

            int taken = count < there ? count : there;
            Array.Copy(_first, _firstOffset, buffer, offset, taken);
            _firstOffset += taken;
            _firstLength -= taken;
            return taken;
        }

        private void BeginFrame()
        {
            _stage = Stage.Header;
            _have = 0;
            _need = ShortestHeader;
            _remaining = 0;
        }

        private WebSocketFrame Refuse(int code)
        {
            ErrorCode = code;
            _stage = Stage.Broken;
            return WebSocketFrame.Error;
        }

        private WebSocketFrame TakeHeader(int got)
        {
            _have += got;
            if (_have < _need)
            {
                return WebSocketFrame.Incomplete;
            }

            int length = _header[1] & LengthBits;
            if (_need == ShortestHeader)
            {
                if (!IsHeaderRight())
                {
                    return Refuse(WebSocketClose.ProtocolError);
                }

                _need += (length == TwoByteLength ? 2 : length == EightByteLength ? 8 : 0) + (_isServer ? MaskLength : 0);
                if (_need > ShortestHeader)
                {
                    return WebSocketFrame.Incomplete;
                }
            }

            _mask = _need - MaskLength;
            _maskAt = 0;
            long whole = length < TwoByteLength ? length : LongLength(length == TwoByteLength ? 2 : 8);
            if (whole < 0)
            {
                return Refuse(WebSocketClose.ProtocolError);
            }

            if (whole > int.MaxValue)
            {
                return Refuse(WebSocketClose.TooLarge);
            }

            _remaining = (int)whole;
            return (_header[0] & ControlBit) != 0 ? BeginControl() : BeginData();
        }

        // the first two bytes
        private bool IsHeaderRight()
        {
            int opcode = _header[0] & OpcodeBits;
            bool isFinal = (_header[0] & FinalBit) != 0;
            if ((_header[0] & ReservedBits) != 0 || ((_header[1] & MaskBit) != 0) != _isServer)
            {
                return false;
            }

            if ((opcode & ControlBit) != 0)
            {
                return opcode <= WebSocketOpcode.Pong && isFinal && (_header[1] & LengthBits) <= MaxControl;
            }

            return opcode <= WebSocketOpcode.Binary && (opcode == WebSocketOpcode.Continuation) == _inMessage;
        }

        // -1 if it is not told in the fewest bytes, or its highest bit is set (5.2)
        private long LongLength(int bytes)
        {
            long length = 0;
            for (int i = 0; i < bytes; i++)
            {
                length = (length << 8) | _header[ShortestHeader + i];
            }

            return length < (bytes == 2 ? TwoByteLength : 0x10000) ? -1 : length;
        }

        private WebSocketFrame BeginData()
        {
            int opcode = _header[0] & OpcodeBits;
            IsFirst = opcode != WebSocketOpcode.Continuation;
            IsFinal = (_header[0] & FinalBit) != 0;
            if (IsFirst)
            {
                MessageOpcode = opcode;
            }

            _inMessage = !IsFinal;
            _stage = Stage.Payload;
            return WebSocketFrame.Data;
        }

        private WebSocketFrame BeginControl()
        {
            ControlLength = 0;
            _stage = Stage.Control;
            return _remaining == 0 ? EndControl() : WebSocketFrame.Incomplete;
        }

        private WebSocketFrame TakeControl(int got)
        {
            Unmask(_control, ControlLength, got);
            ControlLength += got;
            _remaining -= got;
            return _remaining == 0 ? EndControl() : WebSocketFrame.Incomplete;
        }

        private WebSocketFrame EndControl()
        {
            int opcode = _header[0] & OpcodeBits;
            BeginFrame();
            if (opcode == WebSocketOpcode.Close)
            {
                return EndClose();
            }

            return opcode == WebSocketOpcode.Ping ? WebSocketFrame.Ping : WebSocketFrame.Pong;
        }

        // 5.5.1
        private WebSocketFrame EndClose()
        {
            int code = ControlLength < 2 ? WebSocketClose.NoStatus : (_control[0] << 8) | _control[1];
            if (ControlLength == 1 || (ControlLength > 1 && !WebSocketClose.IsAllowed(code)))
            {
                return Refuse(WebSocketClose.ProtocolError);
            }

            if (ControlLength > 2 && !Utf8.IsWellFormed(_control, 2, ControlLength - 2))
            {
                return Refuse(WebSocketClose.InvalidPayload);
            }

            PeerCode = code;
            _stage = Stage.Ended;
            return WebSocketFrame.Close;
        }

        private void Unmask(byte[] buffer, int offset, int count)
        {
            if (!_isServer)
            {
                return;
            }

            int at = _maskAt;
            int end = offset + count;
            for (int i = offset; i < end; i++)
            {
                buffer[i] ^= _header[_mask + (at & 3)];
                at++;
            }

            _maskAt = at & 3;
        }
    }
}

// Cuts the incoming bytes into control packets (MQTT 3.1.1, 2.2). Holds exactly one packet and never reads a byte of the next,
// so nothing is ever moved. The caller owns the buffer. A packet that is larger than the buffer comes as its head, which stays in the
// buffer, and then in pieces that run through a window behind it.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>What <see cref="MqttFramer.Read"/> found.</summary>
    public enum MqttFrame : byte
    {
        /// <summary>No whole packet yet.</summary>
        Incomplete = 0,

        /// <summary>A whole packet is in the buffer.</summary>
        Packet,

        /// <summary>The packet is larger than the buffer, which now holds its beginning. Call <see cref="MqttFramer.OpenWindow"/>, then read on.</summary>
        Head,

        /// <summary>A piece of the large packet is in the window; <see cref="MqttFramer.IsLastPiece"/> tells the end.</summary>
        Piece,

        /// <summary>The remaining length has more than four bytes: where packets begin is lost, the link must be closed.</summary>
        Malformed,

        /// <summary>The peer closed the link.</summary>
        Closed,

        /// <summary>The link broke.</summary>
        Failed,
    }

    /// <summary>Reads one control packet at a time from a transport into a fixed buffer.</summary>
    public sealed class MqttFramer
    {
        /// <summary>The smallest window for the pieces of a large packet, bytes.</summary>
        public const int SmallestWindow = 64;

        // the least that a fixed header has: type and one byte of remaining length
        private const int ShortestHeader = 2;

        // type and four bytes of remaining length
        private const int LongestHeader = 5;

        // how often a call reads at the most, so that a flood cannot hold the loop
        private const int MaxReads = 16;

        private readonly byte[] _buffer;
        private int _have;
        private int _bodyOffset;
        private int _bodyLength;
        private int _keep;
        private int _rest;
        private int _window;
        private int _filled;
        private bool _complete;

        /// <summary>Creates a framer over a buffer that it owns from now on.</summary>
        /// <param name="buffer">At least 2 x <see cref="SmallestWindow"/> bytes: the largest packet that is delivered whole.</param>
        public MqttFramer(byte[] buffer)
        {
            if (buffer.Length < 2 * SmallestWindow)
            {
                throw new System.ArgumentException("the receive buffer needs at least 128 bytes");
            }

            _buffer = buffer;
            Reset();
        }

        /// <summary>The buffer that packets stand in, from index 0.</summary>
        public byte[] Buffer
        {
            get { return _buffer; }
        }

        /// <summary>The first byte of the packet: type and flags.</summary>
        public int FirstByte
        {
            get { return _buffer[0]; }
        }

        /// <summary>Where the variable header starts.</summary>
        public int BodyOffset
        {
            get { return _bodyOffset; }
        }

        /// <summary>The remaining length that the packet announced, also of a large one.</summary>
        public int BodyLength
        {
            get { return _bodyLength; }
        }

        /// <summary>How many bytes of the body are in the buffer: all but of a large packet.</summary>
        public int BodyKept
        {
            get { return _keep - _bodyOffset; }
        }

        /// <summary>True in the middle of a packet.</summary>
        public bool IsInsidePacket
        {
            get { return _have > 0 && !_complete; }
        }

        /// <summary>Where the piece starts in the buffer.</summary>
        public int PieceOffset
        {
            get { return _window; }
        }

        /// <summary>Length of the piece in bytes.</summary>
        public int PieceLength { get; private set; }

        /// <summary>Where the piece starts in the body.</summary>
        public int PiecePosition { get; private set; }

        /// <summary>True if the packet ends with this piece.</summary>
        public bool IsLastPiece
        {
            get { return _rest == 0; }
        }

        /// <summary>True if the last call of <see cref="Read"/> took any byte from the transport.</summary>
        public bool Progressed { get; private set; }

        /// <summary>Forgets everything: for a new connection.</summary>
        public void Reset()
        {
            _have = 0;
            _bodyOffset = 0;
            _bodyLength = 0;
            _keep = 0;
            _rest = 0;
            _window = 0;
            _filled = 0;
            _complete = false;
            PieceLength = 0;
            PiecePosition = 0;
        }

        /// <summary>After <see cref="MqttFrame.Head"/>: says how much of the head must stay. Pieces overwrite what is behind it.</summary>
        /// <param name="offset">The first byte of the buffer that may be overwritten; a window of <see cref="SmallestWindow"/> bytes is taken in any case.</param>
        public void OpenWindow(int offset)
        {
            int last = _buffer.Length - SmallestWindow;
            _window = offset < last ? offset : last;
            PiecePosition = _keep - _bodyOffset;
            PieceLength = 0;
        }

        /// <summary>Reads on. A packet or piece that was returned by the last call is given up.</summary>
        /// <param name="transport">Where to read from.</param>
        /// <returns>What there is now.</returns>
        public MqttFrame Read(ITransport transport)
        {
            Progressed = false;
            if (_complete)
            {
                Reset();
            }

            for (int reads = 0; reads < MaxReads; reads++)
            {
                bool inPieces = _window != 0;
                int offset = inPieces ? _window + _filled : _have;
                int got = transport.Read(_buffer, offset, Wanted(inPieces));
                if (got < 0)
                {
                    return got == TransportResult.Closed ? MqttFrame.Closed : MqttFrame.Failed;
                }

                if (got == 0)
                {
                    return MqttFrame.Incomplete;
                }

                Progressed = true;
                MqttFrame frame = inPieces ? TakePiece(got) : Take(got);
                if (frame != MqttFrame.Incomplete)
                {
                    return frame;
                }
            }

            return MqttFrame.Incomplete;
        }

        private int Wanted(bool inPieces)
        {
            if (inPieces)
            {
                int room = _buffer.Length - _window - _filled;
                return _rest < room ? _rest : room;
            }

            // one byte at a time behind the second, so that no byte of the next packet is ever taken
            return _bodyOffset != 0 ? _keep - _have : _have < ShortestHeader ? ShortestHeader - _have : 1;
        }

        private MqttFrame Take(int got)
        {
            _have += got;
            if (_bodyOffset == 0)
            {
                if (_have < ShortestHeader)
                {
                    return MqttFrame.Incomplete;
                }

                if ((_buffer[_have - 1] & 128) != 0)
                {
                    _complete = _have == LongestHeader;
                    return _complete ? MqttFrame.Malformed : MqttFrame.Incomplete;
                }

                EndHeader();
            }

            if (_have < _keep)
            {
                return MqttFrame.Incomplete;
            }

            if (_rest > 0)
            {
                return MqttFrame.Head;
            }

            _complete = true;
            return MqttFrame.Packet;
        }

        private MqttFrame TakePiece(int got)
        {
            _filled += got;
            _rest -= got;
            if (_rest > 0 && _filled < _buffer.Length - _window)
            {
                return MqttFrame.Incomplete;
            }

            PiecePosition += PieceLength;
            PieceLength = _filled;
            _filled = 0;
            _complete = _rest == 0;
            return MqttFrame.Piece;
        }

        private void EndHeader()
        {
            _bodyOffset = _have;
            int length = 0;
            for (int i = _have - 1; i > 0; i--)
            {
                length = (length << 7) | (_buffer[i] & 127);
            }

            _bodyLength = length;
            int room = _buffer.Length - _bodyOffset;
            _keep = _bodyOffset + (length < room ? length : room);
            _rest = length - (_keep - _bodyOffset);
        }
    }
}

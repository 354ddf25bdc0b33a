// Cuts the incoming bytes into control packets (MQTT 3.1.1, 2.2). Holds exactly one packet and never reads a byte of the next,
// so nothing is ever moved. The caller owns the buffer. A packet that is larger than the buffer is read to its end and dropped,
// but its beginning is kept, so that the engine can still say what it was and acknowledge it.

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

        /// <summary>A packet larger than the buffer has passed; its beginning is in the buffer.</summary>
        TooLarge,

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
        /// <summary>The end of the buffer that the rest of a packet which is too large runs through.</summary>
        public const int DrainSize = 64;

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
        private int _drain;
        private bool _complete;

        /// <summary>Creates a framer over a buffer that it owns from now on.</summary>
        /// <param name="buffer">At least 2 x <see cref="DrainSize"/> bytes: the largest packet that is delivered whole.</param>
        public MqttFramer(byte[] buffer)
        {
            if (buffer.Length < 2 * DrainSize)
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

        /// <summary>The remaining length that the packet announced, also if <see cref="MqttFrame.TooLarge"/>.</summary>
        public int BodyLength
        {
            get { return _bodyLength; }
        }

        /// <summary>How many bytes of the body are in the buffer: all but for <see cref="MqttFrame.TooLarge"/>.</summary>
        public int BodyKept
        {
            get { return _keep - _bodyOffset; }
        }

        /// <summary>True in the middle of a packet.</summary>
        public bool IsInsidePacket
        {
            get { return _have > 0 && !_complete; }
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
            _drain = 0;
            _complete = false;
        }

        /// <summary>Reads on. A packet that was returned by the last call is given up.</summary>
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
                int offset = _have;
                int want;
                if (_bodyOffset == 0)
                {
                    // one byte at a time behind the second, so that no byte of the next packet is ever taken
                    want = _have < ShortestHeader ? ShortestHeader - _have : 1;
                }
                else if (_have < _keep)
                {
                    want = _keep - _have;
                }
                else
                {
                    offset = _buffer.Length - DrainSize;
                    want = _drain < DrainSize ? _drain : DrainSize;
                }

                int got = transport.Read(_buffer, offset, want);
                if (got < 0)
                {
                    return got == TransportResult.Closed ? MqttFrame.Closed : MqttFrame.Failed;
                }

                if (got == 0)
                {
                    return MqttFrame.Incomplete;
                }

                Progressed = true;
                if (_bodyOffset != 0 && _have >= _keep)
                {
                    _drain -= got;
                }
                else
                {
                    _have += got;
                    if (_bodyOffset == 0)
                    {
                        if (_have < ShortestHeader)
                        {
                            continue;
                        }

                        if ((_buffer[_have - 1] & 128) != 0)
                        {
                            if (_have == LongestHeader)
                            {
                                _complete = true;
                                return MqttFrame.Malformed;
                            }

                            continue;
                        }

                        EndHeader();
                    }
                }

                if (_have == _keep && _drain == 0)
                {
                    _complete = true;
                    return _keep - _bodyOffset == _bodyLength ? MqttFrame.Packet : MqttFrame.TooLarge;
                }
            }

            return MqttFrame.Incomplete;
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
            if (length <= _buffer.Length - _bodyOffset)
            {
                _keep = _bodyOffset + length;
                _drain = 0;
            }
            else
            {
                _keep = _buffer.Length - DrainSize;
                _drain = length - (_keep - _bodyOffset);
            }
        }
    }
}

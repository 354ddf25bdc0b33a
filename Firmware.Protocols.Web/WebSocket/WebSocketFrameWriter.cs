// Makes frames (RFC 6455, 5) in a fixed buffer and lets them go as the transport takes them. A client masks what it sends; a server does not (5.3).

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>Frames that wait to be sent. Long-lived; allocates nothing after construction.</summary>
    internal sealed class WebSocketFrameWriter
    {
        // two bytes, two of length, and the mask: the buffers of a device are smaller than 64 KB
        internal const int MaxHeader = 8;

        // what two bytes of length can tell
        internal const int MaxPayload = 65535;

        private const int FinalBit = 0x80;
        private const int MaskBit = 0x80;
        private const int TwoByteLength = 126;

        private readonly byte[] _buffer;
        private readonly WebSocketNoise _noise;
        private int _start;
        private int _end;

        // no noise: a server
        internal WebSocketFrameWriter(byte[] buffer, WebSocketNoise noise)
        {
            _buffer = buffer;
            _noise = noise;
        }

        internal byte[] Buffer
        {
            get { return _buffer; }
        }

        internal bool IsEmpty
        {
            get { return _start == _end; }
        }

        // the largest payload that fits now, but for MaxPayload; less than 0 if not even an empty one does
        internal int Room
        {
            get { return _buffer.Length - (_end - _start) - MaxHeader; }
        }

        internal void Reset()
        {
            _start = 0;
            _end = 0;
        }

        // what the caller wrote into the empty buffer, from index 0: the request of the handshake
        internal void Adopt(int length)
        {
            _start = 0;
            _end = length;
        }

        // the payload must fit
        internal void Add(int opcode, byte[] payload, int offset, int length)
        {
            if (_buffer.Length - _end < MaxHeader + length)
            {
                Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }

            byte[] buffer = _buffer;
            int at = _end;
            int maskBit = _noise == null ? 0 : MaskBit;
            buffer[at++] = (byte)(FinalBit | opcode);
            if (length < TwoByteLength)
            {
                buffer[at++] = (byte)(maskBit | length);
            }
            else
            {
                buffer[at++] = (byte)(maskBit | TwoByteLength);
                buffer[at++] = (byte)(length >> 8);
                buffer[at++] = (byte)length;
            }

            if (_noise != null)
            {
                uint mask = (uint)_noise.Next();
                for (int i = 0; i < 4; i++)
                {
                    buffer[at++] = (byte)(mask >> (24 - (8 * i)));
                }

                for (int i = 0; i < length; i++)
                {
                    buffer[at + i] = (byte)(payload[offset + i] ^ buffer[at - 4 + (i & 3)]);
                }
            }
            else
            {
                Array.Copy(payload, offset, buffer, at, length);
            }

            _end = at + length;
        }

        // as ITransport.Write: more than 0 once nothing waits any more
        internal int Flush(ITransport transport)
        {
            while (_start < _end)
            {
                int put = transport.Write(_buffer, _start, _end - _start);
                if (put <= 0)
                {
                    return put;
                }

                _start += put;
            }

            _start = 0;
            _end = 0;
            return 1;
        }
    }
}

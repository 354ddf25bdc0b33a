// The writer of messages (RFC 7252 section 3): append in order, ask once at the end whether all fitted. Options must come in ascending
// order of their numbers, as they stand on the wire; anything else is a bug of the caller and shows as Overflowed.
// The buffer is the caller's.

using System;

namespace Firmware.Protocols.Coap
{
    /// <summary>Writes one message into a caller's buffer. Long-lived; begin the next one with the same object.</summary>
    public sealed class CoapWriter
    {
        private const int PayloadMarker = 0xFF;
        private const int MaxOptionNumber = 65535;
        private const int AfterPayload = MaxOptionNumber + 1;

        private byte[] _buffer;
        private int _start;
        private int _position;
        private int _limit;
        private int _lastNumber;
        private bool _overflowed;

        /// <summary>True once something did not fit or came out of order; what was written so far must not be sent.</summary>
        public bool Overflowed
        {
            get { return _overflowed; }
        }

        /// <summary>The buffer.</summary>
        public byte[] Buffer
        {
            get { return _buffer; }
        }

        /// <summary>The first byte of the message.</summary>
        public int Offset
        {
            get { return _start; }
        }

        /// <summary>Bytes written since <see cref="Begin"/>.</summary>
        public int Length
        {
            get { return _position - _start; }
        }

        /// <summary>How many bytes still fit.</summary>
        public int Room
        {
            get { return _limit - _position; }
        }

        /// <summary>Begins a message with its header and token.</summary>
        /// <param name="buffer">Where to write.</param>
        /// <param name="offset">The first byte to write.</param>
        /// <param name="limit">The index behind the last byte that may be written.</param>
        /// <param name="type">See <see cref="CoapType"/>.</param>
        /// <param name="code">See <see cref="CoapCode"/>.</param>
        /// <param name="messageId">0 to 65,535.</param>
        /// <param name="token">The buffer of the token; null will do for none.</param>
        /// <param name="tokenOffset">Its first byte.</param>
        /// <param name="tokenLength">0 to 8.</param>
        public void Begin(byte[] buffer, int offset, int limit, int type, int code, int messageId, byte[] token, int tokenOffset, int tokenLength)
        {
            _buffer = buffer;
            _start = offset;
            _position = offset;
            _limit = limit;
            _lastNumber = 0;
            _overflowed = tokenLength > CoapMessage.MaxTokenLength;
            Byte(0x40 | (type << 4) | tokenLength);
            Byte(code);
            Byte(messageId >> 8);
            Byte(messageId);
            Raw(token, tokenOffset, tokenLength);
        }

        /// <summary>Appends an option.</summary>
        /// <param name="number">Its number, not below the last one's.</param>
        /// <param name="value">The buffer of its value.</param>
        /// <param name="offset">The first byte of its value.</param>
        /// <param name="length">The length of its value in bytes.</param>
        public void Option(int number, byte[] value, int offset, int length)
        {
            OptionHead(number, length);
            Raw(value, offset, length);
        }

        /// <summary>Appends an option whose value is a whole array.</summary>
        /// <param name="number">Its number, not below the last one's.</param>
        /// <param name="value">The value.</param>
        public void Option(int number, byte[] value)
        {
            Option(number, value, 0, value.Length);
        }

        /// <summary>Appends an option whose value is an unsigned integer in as few bytes as it takes; 0 takes none (RFC 7252 section 3.2).</summary>
        /// <param name="number">Its number, not below the last one's.</param>
        /// <param name="value">The value; as an unsigned number.</param>
        public void OptionUInt(int number, uint value)
        {
            int length = value == 0 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 4;
            OptionHead(number, length);
            for (int shift = (length - 1) * 8; shift >= 0; shift -= 8)
            {
                Byte((int)(value >> shift));
            }
        }

        /// <summary>Appends the payload behind its marker; an empty one adds nothing. Nothing may follow.</summary>
        /// <param name="payload">The buffer of the payload; may be the writer's own, with the payload further behind.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        public void Payload(byte[] payload, int offset, int length)
        {
            if (length > 0)
            {
                // checked as one, so that no marker is left without a payload; and written last to first, since the ranges may overlap
                if (length >= Room || _lastNumber == AfterPayload)
                {
                    _overflowed = true;
                    return;
                }

                Array.Copy(payload, offset, _buffer, _position + 1, length);
                _buffer[_position] = PayloadMarker;
                _position += length + 1;
                _lastNumber = AfterPayload;
            }
        }

        // the caller found that the message cannot be sent
        internal void Overflow()
        {
            _overflowed = true;
        }

        private void OptionHead(int number, int length)
        {
            int delta = number - _lastNumber;
            if (delta < 0 || number > MaxOptionNumber || length > 65535 + 269)
            {
                _overflowed = true;
                return;
            }

            _lastNumber = number;
            Byte((Nibble(delta) << 4) | Nibble(length));
            Extension(delta);
            Extension(length);
        }

        private static int Nibble(int value)
        {
            return value < 13 ? value : value < 269 ? 13 : 14;
        }

        private void Extension(int value)
        {
            if (value >= 269)
            {
                Byte((value - 269) >> 8);
                Byte(value - 269);
            }
            else if (value >= 13)
            {
                Byte(value - 13);
            }
        }

        private void Byte(int value)
        {
            if (_position >= _limit)
            {
                _overflowed = true;
                return;
            }

            _buffer[_position++] = (byte)value;
        }

        private void Raw(byte[] source, int offset, int length)
        {
            if (length > _limit - _position)
            {
                _overflowed = true;
                return;
            }

            if (length > 0)
            {
                // no token needs no array: it may be null
                Array.Copy(source, offset, _buffer, _position, length);
                _position += length;
            }
        }
    }
}

// The reader: a view of one datagram (RFC 7252 section 3). Parse checks the whole format once, then nothing can fail; options are walked
// with a cursor, no value is copied. What options mean is CoapRequest's and CoapClient's affair.
//
//     0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |Ver| T |  TKL  |      Code     |          Message ID           |
//   |   Token (0 to 8 bytes) ...    |   Options ...   |1 1 1 1 1 1 1 1| Payload ...
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// The buffer is the caller's; the view is good until the buffer changes.

namespace Firmware.Protocols.Coap
{
    /// <summary>What <see cref="CoapMessage.Parse"/> found.</summary>
    public enum CoapParseResult : byte
    {
        /// <summary>A well-formed message.</summary>
        Ok = 0,

        /// <summary>No CoAP at all: too short for a header, or another version. To be ignored silently (RFC 7252 section 3).</summary>
        NotCoap,

        /// <summary>A header with a message format error behind it. A Confirmable message is rejected with Reset, others are ignored (RFC 7252 sections 4.2 and 4.3).</summary>
        Malformed,
    }

    /// <summary>A view of a received message. Long-lived: parse the next one into the same object.</summary>
    public sealed class CoapMessage
    {
        /// <summary>The fixed header in bytes.</summary>
        public const int HeaderLength = 4;

        /// <summary>The longest token in bytes.</summary>
        public const int MaxTokenLength = 8;

        private const int PayloadMarker = 0xFF;
        private const int MaxOptionNumber = 65535;

        private int _optionsEnd;
        private int _next;

        /// <summary>The buffer of the view.</summary>
        public byte[] Buffer { get; private set; }

        /// <summary>The first byte of the message in <see cref="Buffer"/>.</summary>
        public int Offset { get; private set; }

        /// <summary>The length of the message in bytes.</summary>
        public int Length { get; private set; }

        /// <summary>See <see cref="CoapType"/>. Known for <see cref="CoapParseResult.Ok"/> and Malformed, as are code and message ID.</summary>
        public int Type { get; private set; }

        /// <summary>See <see cref="CoapCode"/>.</summary>
        public int Code { get; private set; }

        /// <summary>0 to 65,535.</summary>
        public int MessageId { get; private set; }

        /// <summary>The token's first byte.</summary>
        public int TokenOffset { get; private set; }

        /// <summary>0 to 8.</summary>
        public int TokenLength { get; private set; }

        /// <summary>The first byte of the options.</summary>
        public int OptionsOffset { get; private set; }

        /// <summary>The length of all options in bytes, without the payload marker.</summary>
        public int OptionsLength
        {
            get { return _optionsEnd - OptionsOffset; }
        }

        /// <summary>The payload's first byte.</summary>
        public int PayloadOffset { get; private set; }

        /// <summary>The payload's length in bytes; 0 without one.</summary>
        public int PayloadLength { get; private set; }

        /// <summary>The number of the option at the cursor.</summary>
        public int OptionNumber { get; private set; }

        /// <summary>The first byte of its value.</summary>
        public int OptionOffset { get; private set; }

        /// <summary>The length of its value in bytes.</summary>
        public int OptionLength { get; private set; }

        /// <summary>Reads a datagram.</summary>
        /// <param name="buffer">Its buffer; not copied.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>What it is.</returns>
        public CoapParseResult Parse(byte[] buffer, int offset, int length)
        {
            Buffer = buffer;
            Offset = offset;
            Length = length;
            int end = offset + length;
            TokenOffset = offset + HeaderLength;
            TokenLength = 0;
            OptionsOffset = TokenOffset;
            _optionsEnd = TokenOffset;
            PayloadOffset = end;
            PayloadLength = 0;
            RewindOptions();
            if (length < HeaderLength || buffer[offset] >> 6 != 1)
            {
                return CoapParseResult.NotCoap;
            }

            Type = (buffer[offset] >> 4) & 3;
            Code = buffer[offset + 1];
            MessageId = (buffer[offset + 2] << 8) | buffer[offset + 3];
            int tokenLength = buffer[offset] & 15;
            if (tokenLength > MaxTokenLength || tokenLength > length - HeaderLength)
            {
                return CoapParseResult.Malformed;
            }

            if (Code == CoapCode.Empty && length > HeaderLength)
            {
                // 4.1: an empty message has nothing behind the message ID, and the token length is 0
                return CoapParseResult.Malformed;
            }

            TokenLength = tokenLength;
            OptionsOffset = TokenOffset + tokenLength;
            return FindPayload(end) ? CoapParseResult.Ok : CoapParseResult.Malformed;
        }

        /// <summary>Moves the cursor before the first option.</summary>
        public void RewindOptions()
        {
            _next = OptionsOffset;
            OptionNumber = 0;
            OptionOffset = OptionsOffset;
            OptionLength = 0;
        }

        /// <summary>Moves the cursor to the next option.</summary>
        /// <returns>False behind the last one.</returns>
        public bool NextOption()
        {
            if (_next >= _optionsEnd)
            {
                return false;
            }

            StepOption(_optionsEnd);
            return true;
        }

        /// <summary>Moves the cursor to the next option of a number.</summary>
        /// <param name="number">The option number.</param>
        /// <returns>False if there is none behind the cursor, which then stands before the next option of a higher number.</returns>
        public bool NextOption(int number)
        {
            while (_next < _optionsEnd)
            {
                int next = _next;
                int lastNumber = OptionNumber;
                int lastOffset = OptionOffset;
                int lastLength = OptionLength;
                StepOption(_optionsEnd);
                if (OptionNumber == number)
                {
                    return true;
                }

                if (OptionNumber > number)
                {
                    // not consumed: who asks for several numbers, one after the other, would miss it
                    _next = next;
                    OptionNumber = lastNumber;
                    OptionOffset = lastOffset;
                    OptionLength = lastLength;
                    return false;
                }
            }

            return false;
        }

        /// <summary>Reads the value at the cursor as an unsigned integer (RFC 7252 section 3.2).</summary>
        /// <returns>The value; what is above <see cref="int.MaxValue"/> counts as that.</returns>
        public int OptionUInt()
        {
            return UInt(Buffer, OptionOffset, OptionLength);
        }

        /// <summary>Reads an unsigned integer, leading zeros allowed (RFC 7252 section 3.2).</summary>
        /// <param name="buffer">The buffer.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes, 0 or more.</param>
        /// <returns>The value; what is above <see cref="int.MaxValue"/> counts as that.</returns>
        public static int UInt(byte[] buffer, int offset, int length)
        {
            int value = 0;
            for (int i = 0; i < length; i++)
            {
                if (value > int.MaxValue >> 8)
                {
                    return int.MaxValue;
                }

                value = (value << 8) | buffer[offset + i];
            }

            return value;
        }

        // walks all options once; the payload begins behind the marker, which nothing may end
        private bool FindPayload(int end)
        {
            RewindOptions();
            while (_next < end)
            {
                if (Buffer[_next] == PayloadMarker)
                {
                    _optionsEnd = _next;
                    PayloadOffset = _next + 1;
                    PayloadLength = end - PayloadOffset;
                    RewindOptions();
                    return PayloadLength > 0;
                }

                if (!StepOption(end))
                {
                    _optionsEnd = OptionsOffset;
                    RewindOptions();
                    return false;
                }
            }

            _optionsEnd = end;
            RewindOptions();
            return true;
        }

        // RFC 7252 section 3.1: delta and length in four bits each; 13 adds one byte, 14 two, 15 is reserved
        private bool StepOption(int end)
        {
            byte[] buffer = Buffer;
            int at = _next;
            int delta = buffer[at] >> 4;
            int length = buffer[at] & 15;
            at++;
            if (delta >= 13)
            {
                int more = delta - 12;
                if (more > 2 || more > end - at)
                {
                    return false;
                }

                delta = more == 1 ? 13 + buffer[at] : 269 + ((buffer[at] << 8) | buffer[at + 1]);
                at += more;
            }

            if (length >= 13)
            {
                int more = length - 12;
                if (more > 2 || more > end - at)
                {
                    return false;
                }

                length = more == 1 ? 13 + buffer[at] : 269 + ((buffer[at] << 8) | buffer[at + 1]);
                at += more;
            }

            int number = OptionNumber + delta;
            if (length > end - at || number > MaxOptionNumber)
            {
                return false;
            }

            OptionNumber = number;
            OptionOffset = at;
            OptionLength = length;
            _next = at + length;
            return true;
        }
    }
}

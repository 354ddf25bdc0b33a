// A response as the client and its callers see it: all options looked at in one pass, values not copied.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A received response, or one block of it, or a notification. Long-lived: the next one is read into the same object.</summary>
    public sealed class CoapClientResponse
    {
        private CoapMessage _message;

        /// <summary>What it answers.</summary>
        public CoapClientRequest Request { get; internal set; }

        /// <summary>See <see cref="CoapCode"/>.</summary>
        public int Code { get; private set; }

        /// <summary>The format of the payload; <see cref="CoapFormat.None"/> if it is not said.</summary>
        public int ContentFormat { get; private set; }

        /// <summary>How long it is fresh, seconds. With <see cref="CoapCode.ServiceUnavailable"/>: how long to wait before asking again (RFC 7252 section 5.9.3.4).</summary>
        public int MaxAgeSeconds { get; private set; }

        /// <summary>The buffer of payload and ETag.</summary>
        public byte[] Buffer { get; private set; }

        /// <summary>The payload's first byte.</summary>
        public int PayloadOffset { get; private set; }

        /// <summary>The payload's length in bytes; of a body in blocks the block's.</summary>
        public int PayloadLength { get; private set; }

        /// <summary>Where the payload stands in the body, bytes. 0 begins a body, also when the body before was not complete: it has changed on the server then.</summary>
        public int BodyOffset { get; internal set; }

        /// <summary>True if the payload ends the body; with an error always.</summary>
        public bool IsLast { get; internal set; }

        /// <summary>The size of the whole body as the server estimates it; <see cref="CoapRequest.NotGiven"/> if it does not.</summary>
        public int BodySize { get; private set; }

        /// <summary>The first byte of the ETag in <see cref="Buffer"/>.</summary>
        public int ETagOffset { get; private set; }

        /// <summary>The length of the ETag; 0 without.</summary>
        public int ETagLength { get; private set; }

        /// <summary>True while more will come: the server has registered the observation, and it has not ended.</summary>
        public bool IsObserving { get; internal set; }

        internal bool HasObserve { get; private set; }

        internal int Sequence { get; private set; }

        // number << 4 | more << 3 | szx as in the options; NotGiven without
        internal int Block1 { get; private set; }

        internal int Block2 { get; private set; }

        internal int Size1 { get; private set; }

        internal int EchoOffset { get; private set; }

        internal int EchoLength { get; private set; }

        // the critical option that Read did not take
        internal int BadOption { get; private set; }

        /// <summary>Moves the cursor before the first Location-Path.</summary>
        public void RewindLocation()
        {
            _message.RewindOptions();
        }

        /// <summary>Moves the cursor to the next segment of the Location-Path.</summary>
        /// <returns>False behind the last one.</returns>
        public bool NextLocation()
        {
            return _message.NextOption(CoapOption.LocationPath);
        }

        /// <summary>The first byte of the segment at the cursor.</summary>
        public int LocationOffset
        {
            get { return _message.OptionOffset; }
        }

        /// <summary>The length of that segment.</summary>
        public int LocationLength
        {
            get { return _message.OptionLength; }
        }

        // false if a critical option is unknown, malformed or stands twice: the response must be rejected (RFC 7252 section 5.4.1)
        internal bool Read(CoapMessage message)
        {
            _message = message;
            Buffer = message.Buffer;
            Code = message.Code;
            PayloadOffset = message.PayloadOffset;
            PayloadLength = message.PayloadLength;
            ContentFormat = CoapFormat.None;
            MaxAgeSeconds = CoapResource.DefaultMaxAgeSeconds;
            BodyOffset = 0;
            IsLast = true;
            IsObserving = false;
            BodySize = CoapRequest.NotGiven;
            ETagLength = 0;
            HasObserve = false;
            Block1 = CoapRequest.NotGiven;
            Block2 = CoapRequest.NotGiven;
            Size1 = CoapRequest.NotGiven;
            EchoLength = 0;
            BadOption = 0;
            int last = 0;
            message.RewindOptions();
            while (message.NextOption())
            {
                int number = message.OptionNumber;
                bool isNew = number != last && CoapOption.IsLengthAllowed(number, message.OptionLength);
                last = number;
                if ((!isNew || !Take(number)) && CoapOption.IsCritical(number))
                {
                    BadOption = number;
                    return false;
                }
            }

            return true;
        }

        // false for an option that is not known in responses
        private bool Take(int number)
        {
            CoapMessage message = _message;
            switch (number)
            {
                case CoapOption.ETag:
                    ETagOffset = message.OptionOffset;
                    ETagLength = message.OptionLength;
                    return true;
                case CoapOption.Observe:
                    HasObserve = true;
                    Sequence = message.OptionUInt();
                    return true;
                case CoapOption.ContentFormat:
                    ContentFormat = message.OptionUInt();
                    return true;
                case CoapOption.MaxAge:
                    MaxAgeSeconds = message.OptionUInt();
                    return true;
                case CoapOption.Block1:
                    Block1 = message.OptionUInt();
                    return (Block1 & 7) != 7;
                case CoapOption.Block2:
                    Block2 = message.OptionUInt();
                    return (Block2 & 7) != 7;
                case CoapOption.Size1:
                    Size1 = message.OptionUInt();
                    return true;
                case CoapOption.Size2:
                    BodySize = message.OptionUInt();
                    return true;
                case CoapOption.Echo:
                    EchoOffset = message.OptionOffset;
                    EchoLength = message.OptionLength;
                    return true;
                default:
                    // elective ones are ignored; Location options are walked when they are asked for
                    return false;
            }
        }
    }
}

// A request as the server and its resources see it: all options that are known are looked at in one pass over the message (RFC 7252 section 5.4),
// then asked by name. No value is copied; everything is good until the handler returns.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A received request. Long-lived: the next one is read into the same object.</summary>
    public sealed class CoapRequest
    {
        /// <summary>Stands for an option that was not given.</summary>
        public const int NotGiven = -1;

        private CoapMessage _message;

        /// <summary>The method: see <see cref="CoapCode"/>.</summary>
        public int Method { get; private set; }

        /// <summary>Who asks.</summary>
        public DatagramAddress From { get; private set; }

        /// <summary>The format of the payload; <see cref="CoapFormat.None"/> if it is not said.</summary>
        public int ContentFormat { get; private set; }

        /// <summary>The format that the answer must have; <see cref="CoapFormat.None"/> for any.</summary>
        public int Accept { get; internal set; }

        /// <summary>0 to register, 1 to cancel; <see cref="NotGiven"/> without, and with a value that is neither (RFC 7641 section 2).</summary>
        public int Observe { get; private set; }

        /// <summary>True if the request wants a resource that is not there yet.</summary>
        public bool HasIfNoneMatch { get; private set; }

        /// <summary>True if the request wants a certain state of the resource.</summary>
        public bool HasIfMatch { get; private set; }

        /// <summary>The buffer of the payload.</summary>
        public byte[] Buffer { get; private set; }

        /// <summary>The buffer of the query.</summary>
        public byte[] QueryBuffer
        {
            get { return _message.Buffer; }
        }

        /// <summary>The payload's first byte.</summary>
        public int PayloadOffset { get; private set; }

        /// <summary>The payload's length in bytes; of a body in blocks the block's, for a resource that takes blocks.</summary>
        public int PayloadLength { get; private set; }

        /// <summary>Where the payload stands in the body, bytes; 0 unless the body comes in blocks.</summary>
        public int BodyOffset { get; internal set; }

        /// <summary>True if the payload ends the body: only then may what was asked for be done.</summary>
        public bool IsLastBlock { get; internal set; }

        /// <summary>True if the request was answered already and only a further block of the same answer is asked for: nothing may be done again.</summary>
        public bool IsContinuation { get; internal set; }

        /// <summary>True if the request was put off by its handler and comes again (<see cref="CoapCode.Empty"/>).</summary>
        public bool WasDeferred { get; internal set; }

        /// <summary>The first byte of the value of the query at the cursor, see <see cref="NextQuery"/>.</summary>
        public int QueryOffset { get; private set; }

        /// <summary>The length of that value in bytes.</summary>
        public int QueryLength { get; private set; }

        internal CoapMessage Message
        {
            get { return _message; }
        }

        internal bool HasETag { get; private set; }

        // Block1 and Block2: number, more, size exponent; number is NotGiven without the option
        internal int Block1Number { get; private set; }

        internal bool Block1More { get; private set; }

        internal int Block1Szx { get; private set; }

        internal int Block2Number { get; private set; }

        internal int Block2Szx { get; private set; }

        internal int Size1 { get; private set; }

        internal int NoResponse { get; private set; }

        internal int EchoOffset { get; private set; }

        internal int EchoLength { get; private set; }

        // tells this body from others of the same peer: all cache-key options but the blocks', and the Request-Tag (RFC 9175 section 3.3)
        internal int Key { get; private set; }

        /// <summary>Makes a request that no CoAP message brought: another protocol's door asks (RFC 8075). It has no options but these, no query and no sender.</summary>
        /// <param name="method">The method.</param>
        /// <param name="accept">The format that the answer must have; <see cref="CoapFormat.None"/> for any.</param>
        /// <param name="contentFormat">The format of the payload; <see cref="CoapFormat.None"/> if it is not said.</param>
        /// <param name="buffer">The buffer of the payload; must stay as it is while the request is handled.</param>
        /// <param name="offset">The payload's first byte.</param>
        /// <param name="length">The payload's length in bytes.</param>
        public void Compose(int method, int accept, int contentFormat, byte[] buffer, int offset, int length)
        {
            _message = null;
            From = null;
            Forget();
            Method = method;
            Accept = accept;
            ContentFormat = contentFormat;
            Buffer = buffer;
            PayloadOffset = offset;
            PayloadLength = length;
        }

        /// <summary>Moves the query cursor before the first Uri-Query.</summary>
        public void RewindQuery()
        {
            if (_message != null)
            {
                _message.RewindOptions();
            }
        }

        /// <summary>Moves the query cursor to the next Uri-Query.</summary>
        /// <returns>False behind the last one.</returns>
        public bool NextQuery()
        {
            if (_message == null || !_message.NextOption(CoapOption.UriQuery))
            {
                return false;
            }

            QueryOffset = _message.OptionOffset;
            QueryLength = _message.OptionLength;
            return true;
        }

        // reads the options; 0, or the code of the error that the request must be answered with
        internal int Read(CoapMessage message, DatagramAddress from)
        {
            _message = message;
            From = from;
            Buffer = message.Buffer;
            Method = message.Code;
            PayloadOffset = message.PayloadOffset;
            PayloadLength = message.PayloadLength;
            Forget();
            Key = Fnv.Add(Fnv.Start, message.Code);

            int error = 0;
            int last = NotGiven;
            message.RewindOptions();
            while (message.NextOption())
            {
                int number = message.OptionNumber;
                bool isKnown = (number != last || CoapOption.IsRepeatable(number)) && CoapOption.IsLengthAllowed(number, message.OptionLength) && Take(number);
                last = number;
                if (!isKnown && CoapOption.IsCritical(number))
                {
                    // a proxy is asked for: said at once, whatever else is wrong (RFC 7252 section 5.10.2)
                    error = number == CoapOption.ProxyUri || number == CoapOption.ProxyScheme ? CoapCode.ProxyingNotSupported
                        : error == 0 ? CoapCode.BadOption : error;
                }
            }

            if (error == 0 && (Block1Szx == 7 && Block1Number != NotGiven || Block2Szx == 7 && Block2Number != NotGiven))
            {
                // RFC 7959 section 2.2: reserved
                error = CoapCode.BadRequest;
            }

            return error;
        }

        // what no option says
        private void Forget()
        {
            ContentFormat = CoapFormat.None;
            Accept = CoapFormat.None;
            Observe = NotGiven;
            HasIfNoneMatch = false;
            HasIfMatch = false;
            HasETag = false;
            Block1Number = NotGiven;
            Block1More = false;
            Block2Number = NotGiven;
            Size1 = NotGiven;
            NoResponse = NotGiven;
            EchoLength = 0;
            BodyOffset = 0;
            IsLastBlock = true;
            IsContinuation = false;
            WasDeferred = false;
        }

        // compares the Uri-Path options with the segments of a path
        internal bool PathIs(byte[][] segments)
        {
            CoapMessage message = _message;
            int count = 0;
            message.RewindOptions();
            while (message.NextOption(CoapOption.UriPath))
            {
                if (count == segments.Length || !Bytes.AreEqual(message.Buffer, message.OptionOffset, message.OptionLength, segments[count]))
                {
                    return false;
                }

                count++;
            }

            return count == segments.Length;
        }

        // tells whether an If-Match or ETag option has this value
        internal bool HasMatching(int option, byte[] tag)
        {
            _message.RewindOptions();
            while (_message.NextOption(option))
            {
                if (Bytes.AreEqual(_message.Buffer, _message.OptionOffset, _message.OptionLength, tag))
                {
                    return true;
                }
            }

            return false;
        }

        // an empty If-Match asks only that the resource is there (RFC 7252 section 5.10.8.1)
        internal bool HasEmptyIfMatch()
        {
            return HasMatching(CoapOption.IfMatch, Bytes.Empty);
        }

        // a body that was put together from blocks replaces the payload of its last one
        internal void SetBody(byte[] buffer, int length)
        {
            Buffer = buffer;
            PayloadOffset = 0;
            PayloadLength = length;
            BodyOffset = 0;
        }

        // the payload of an earlier request of the same exchange
        internal void SetPayload(CoapMessage message)
        {
            Buffer = message.Buffer;
            PayloadOffset = message.PayloadOffset;
            PayloadLength = message.PayloadLength;
        }

        // false for an option that is not known
        private bool Take(int number)
        {
            CoapMessage message = _message;
            switch (number)
            {
                case CoapOption.IfMatch:
                    HasIfMatch = true;
                    break;
                case CoapOption.ETag:
                    HasETag = true;
                    break;
                case CoapOption.IfNoneMatch:
                    HasIfNoneMatch = true;
                    break;
                case CoapOption.Observe:
                    int observe = message.OptionUInt();
                    Observe = observe <= 1 ? observe : NotGiven;
                    return true;
                case CoapOption.UriHost:
                case CoapOption.UriPort:
                    // whatever name the client has for this server: there is only one
                    return true;
                case CoapOption.UriPath:
                case CoapOption.UriQuery:
                    break;
                case CoapOption.ContentFormat:
                    ContentFormat = message.OptionUInt();
                    break;
                case CoapOption.Accept:
                    Accept = message.OptionUInt();
                    break;
                case CoapOption.Block1:
                    int block1 = message.OptionUInt();
                    Block1Number = block1 >> 4;
                    Block1More = (block1 & 8) != 0;
                    Block1Szx = block1 & 7;
                    return true;
                case CoapOption.Block2:
                    int block2 = message.OptionUInt();
                    Block2Number = block2 >> 4;
                    Block2Szx = block2 & 7;
                    return true;
                case CoapOption.Size1:
                    Size1 = message.OptionUInt();
                    return true;
                case CoapOption.NoResponse:
                    NoResponse = message.OptionUInt();
                    return true;
                case CoapOption.Echo:
                    EchoOffset = message.OptionOffset;
                    EchoLength = message.OptionLength;
                    return true;
                case CoapOption.RequestTag:
                    break;
                default:
                    // elective ones, such as Size2, are ignored
                    return false;
            }

            Key = Fnv.Add(Fnv.Add(Key, number), message.Buffer, message.OptionOffset, message.OptionLength);
            return true;
        }
    }
}

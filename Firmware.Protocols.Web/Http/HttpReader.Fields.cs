// The header fields: checked, and those that a door needs are kept as views.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    public abstract partial class HttpReader
    {
        // a length that is larger than any body
        private const long HugeLength = int.MaxValue;

        private static readonly byte[] Chunked = Bytes.FromString("chunked");
        private static readonly byte[] CloseWord = Bytes.FromString("close");
        private static readonly byte[] KeepAliveWord = Bytes.FromString("keep-alive");
        private static readonly byte[] UpgradeWord = Bytes.FromString("upgrade");

        private readonly int[] _valueOffsets = new int[HttpField.Count];
        private readonly int[] _valueLengths = new int[HttpField.Count];
        private bool _saysClose;
        private bool _saysKeepAlive;

        /// <summary>The minor version: 1 or 0.</summary>
        public int MinorVersion { get; internal set; }

        /// <summary>Whether the link may be used for another message (RFC 9112, 9.3).</summary>
        public bool KeepsAlive
        {
            get { return _error == HttpError.None && !_saysClose && (MinorVersion >= 1 || _saysKeepAlive); }
        }

        /// <summary>Whether Connection names upgrade.</summary>
        public bool SaysUpgrade { get; private set; }

        // what Content-Length tells; -1: not there
        internal long ContentLength { get; private set; }

        internal bool IsChunked { get; private set; }

        /// <summary>Tells whether a field is there.</summary>
        /// <param name="field">Its number in <see cref="HttpField"/>; Connection and Content-Length are told by properties instead.</param>
        /// <returns>True if it is, with an empty value too.</returns>
        public bool Has(int field)
        {
            return _valueLengths[field] >= 0;
        }

        /// <summary>Where the value of a field begins.</summary>
        /// <param name="field">A field that is there.</param>
        /// <returns>Its index in <see cref="Buffer"/>.</returns>
        public int ValueOffset(int field)
        {
            return _valueOffsets[field];
        }

        /// <summary>The length of a field's value, without spaces at its ends.</summary>
        /// <param name="field">The field.</param>
        /// <returns>0 or more; -1 if it is not there.</returns>
        public int ValueLength(int field)
        {
            return _valueLengths[field];
        }

        /// <summary>Compares a field's value without regard to case.</summary>
        /// <param name="field">The field.</param>
        /// <param name="word">The value in lower case.</param>
        /// <returns>True if the field is there and has this value.</returns>
        public bool ValueIs(int field, byte[] word)
        {
            return _valueLengths[field] >= 0 && HttpSyntax.EqualsIgnoreCase(_buffer, _valueOffsets[field], _valueLengths[field], word);
        }

        /// <summary>Looks for a member of a field's list, without regard to case.</summary>
        /// <param name="field">The field.</param>
        /// <param name="word">The member in lower case.</param>
        /// <returns>True if the field is there and has this member.</returns>
        public bool ValueHas(int field, byte[] word)
        {
            return _valueLengths[field] >= 0 && HttpSyntax.ListHas(_buffer, _valueOffsets[field], _valueLengths[field], word);
        }

        private void ForgetFields()
        {
            for (int i = 0; i < HttpField.Count; i++)
            {
                _valueLengths[i] = -1;
            }

            MinorVersion = 0;
            ContentLength = -1;
            IsChunked = false;
            SaysUpgrade = false;
            _saysClose = false;
            _saysKeepAlive = false;
        }

        // field-name ":" OWS field-value OWS (RFC 9112, 5); a folded line begins with a space, which no name does
        private bool IsField(int start, int end)
        {
            int colon = Bytes.IndexOf(_buffer, start, end - start, (byte)':');
            if (colon < 0 || !HttpSyntax.IsToken(_buffer, start, colon))
            {
                return false;
            }

            for (int i = colon + 1; i < end; i++)
            {
                if (!HttpSyntax.IsValue(_buffer[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private HttpError ReadField(int start, int end)
        {
            if (!IsField(start, end))
            {
                return HttpError.BadField;
            }

            int colon = Bytes.IndexOf(_buffer, start, end - start, (byte)':');
            int field = HttpField.Find(_buffer, start, colon - start);
            if (field < 0)
            {
                return HttpError.None;
            }

            start = colon + 1;
            while (start < end && HttpSyntax.IsSpace(_buffer[start]))
            {
                start++;
            }

            while (start < end && HttpSyntax.IsSpace(_buffer[end - 1]))
            {
                end--;
            }

            switch (field)
            {
                case HttpField.ContentLength:
                    return TakeContentLength(start, end);
                case HttpField.TransferEncoding:
                    return TakeTransferEncoding(start, end);
                case HttpField.Connection:
                    TakeConnection(start, end);
                    return HttpError.None;
                default:
                    return KeepValue(field, start, end);
            }
        }

        // a second line of a field is refused, although a list may be told in several (RFC 9110, 5.3): with one view, half of a condition would be lost
        private HttpError KeepValue(int field, int start, int end)
        {
            if (_valueLengths[field] >= 0)
            {
                return field == HttpField.SecWebSocketExtensions ? HttpError.None : HttpError.BadField;
            }

            _valueOffsets[field] = start;
            _valueLengths[field] = end - start;
            return TakeOwnField(field, start, end);
        }

        private HttpError TakeContentLength(int start, int end)
        {
            if (ContentLength >= 0 || start == end)
            {
                return HttpError.BadLength;
            }

            long length = 0;
            for (int i = start; i < end; i++)
            {
                int digit = _buffer[i] - '0';
                if (digit < 0 || digit > 9)
                {
                    return HttpError.BadLength;
                }

                length = length < HugeLength ? (length * 10) + digit : length;
            }

            ContentLength = length;
            return HttpError.None;
        }

        private HttpError TakeTransferEncoding(int start, int end)
        {
            if (IsChunked || start == end)
            {
                return HttpError.BadCoding;
            }

            IsChunked = true;
            if (HttpSyntax.EqualsIgnoreCase(_buffer, start, end - start, Chunked))
            {
                return HttpError.None;
            }

            for (int i = start; i < end; i++)
            {
                // a list of codings may have parameters; whatever else there is, is not one
                int value = _buffer[i];
                if (!HttpSyntax.IsToken(value) && !HttpSyntax.IsSpace(value) && value != ',' && value != ';' && value != '=' && value != '"')
                {
                    return HttpError.BadCoding;
                }
            }

            return HttpError.CodingNotImplemented;
        }

        private void TakeConnection(int start, int end)
        {
            int length = end - start;
            _saysClose |= HttpSyntax.ListHas(_buffer, start, length, CloseWord);
            _saysKeepAlive |= HttpSyntax.ListHas(_buffer, start, length, KeepAliveWord);
            SaysUpgrade |= HttpSyntax.ListHas(_buffer, start, length, UpgradeWord);
        }
    }
}

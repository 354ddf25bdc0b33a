// From what a handler left in the response to the datagram. The body stands in the transmit buffer already, behind the room for the options.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapServer
    {
        // bits of No-Response (RFC 7967 section 2.1)
        private const int NoSuccess = 2;
        private const int NoClientError = 8;
        private const int NoServerError = 16;

        // options of the answer beside those of the response; NotGiven without
        private bool _hasETag;
        private bool _wantsEcho;
        private int _observe;
        private int _block1;
        private int _block2;
        private int _size1;
        private int _size2;
        private int _bodyLength;

        private void BeginReply()
        {
            _response.Reset();
            _hasETag = false;
            _wantsEcho = false;
            _observe = CoapRequest.NotGiven;
            _block1 = CoapRequest.NotGiven;
            _block2 = CoapRequest.NotGiven;
            _size1 = CoapRequest.NotGiven;
            _size2 = CoapRequest.NotGiven;
            _bodyLength = 0;
        }

        private void SetBlock1(int number, bool hasMore, int szx)
        {
            _block1 = (number << 4) | (hasMore ? 8 : 0) | szx;
        }

        // RFC 9175 section 2.3: nothing was done, and nothing is told but how to prove the address
        private int ProveFirst()
        {
            _response.Reset();
            _response.Diagnostic = TextProveAddress;
            _wantsEcho = true;
            return CoapCode.Unauthorized;
        }

        // the answer in the acknowledgement, or in a message of its own if the request was Non-confirmable (RFC 7252 sections 5.2.1 and 5.2.3)
        private void Reply(int code)
        {
            if (_exchange != null && ((code == CoapCode.Unauthorized && !_wantsEcho) || code == CoapCode.MethodNotAllowed))
            {
                // nothing was done, nor will it be if a copy comes: the place is not kept from others. Not so where an Echo value was asked for:
                // a late copy of the request without it would run as soon as the address is proved by the one with it.
                _exchange.Protection = CoapProtection.None;
            }

            if (_message.Type == CoapType.Con)
            {
                if (IsUnwanted(code))
                {
                    // RFC 7967 section 2: the request is acknowledged all the same
                    _endpoint.SendEmpty(CoapType.Ack, _message.MessageId, _peer);
                }
                else
                {
                    ReplyWithId(CoapType.Ack, _message.MessageId, code);
                }

                KeepReply();
            }
            else if (!IsUnwanted(code))
            {
                ReplyWithId(CoapType.Non, _endpoint.NextMessageId(), code);
            }
        }

        private void ReplyLater(int type, int code)
        {
            if (_isGroup && (!CoapCode.IsSuccess(code) || _bodyLength == 0))
            {
                // RFC 7252 section 8.2 and RFC 6690 section 4.1: nothing useful to say, nothing said
                return;
            }

            if (IsUnwanted(code))
            {
                return;
            }

            int messageId = _endpoint.NextMessageId();
            Compose(type, messageId, code);
            if (type != CoapType.Con)
            {
                _endpoint.Send(_peer);
            }
            else
            {
                _endpoint.SendConfirmable(_peer, messageId, -1, _now);
            }
        }

        private void ReplyWithId(int type, int messageId, int code)
        {
            Compose(type, messageId, code);
            _endpoint.Send(_peer);
        }

        private void KeepReply()
        {
            if (_exchange != null && _endpoint.IsOpen)
            {
                _endpoint.Exchanges.Store(_exchange, _endpoint.Writer.Buffer, _endpoint.Writer.Offset, _endpoint.Writer.Length, _now);
            }
        }

        private bool IsUnwanted(int code)
        {
            int mask = _request.NoResponse;
            if (mask == CoapRequest.NotGiven)
            {
                return false;
            }

            switch (CoapCode.ClassOf(code))
            {
                case 2:
                    return (mask & NoSuccess) != 0;
                case 4:
                    return (mask & NoClientError) != 0;
                default:
                    return (mask & NoServerError) != 0;
            }
        }

        private bool IsLimited
        {
            get { return !_isProved && _parameters.AmplificationFactor > 0; }
        }

        // how much an endpoint that has not proved its address may be sent (RFC 9175 section 2.6)
        private int AllowedReply()
        {
            int allowed = _parameters.AmplificationFactor * _message.Length;
            return allowed > _parameters.FreeReplyBytes ? allowed : _parameters.FreeReplyBytes;
        }

        private void Compose(int type, int messageId, int code)
        {
            Write(type, messageId, code);
            CoapWriter writer = _endpoint.Writer;
            if (writer.Overflowed)
            {
                // a resource gave more options than there is room for
                BeginReply();
                code = CoapCode.InternalServerError;
                Write(type, messageId, code);
            }

            if (IsLimited && writer.Length > AllowedReply())
            {
                Shorten(type, messageId, code);
            }
        }

        // an answer too long for a peer whose address is not proved: without its text, or the request again with proof. What was done is not
        // done again, so a change is answered with its bare code.
        private void Shorten(int type, int messageId, int code)
        {
            if (_response.Diagnostic != null)
            {
                _response.Diagnostic = null;
                Write(type, messageId, code);
                if (_endpoint.Writer.Length <= AllowedReply())
                {
                    return;
                }
            }

            BeginReply();
            Write(type, messageId, IsSafe(_request.Method) ? ProveFirst() : code);
        }

        private void Write(int type, int messageId, int code)
        {
            CoapWriter writer = _endpoint.Writer;
            CoapResponse response = _response;
            _endpoint.Begin(type, code, messageId, _message.Buffer, _message.TokenOffset, _message.TokenLength);
            if (_hasETag && CoapCode.IsSuccess(code))
            {
                writer.Option(CoapOption.ETag, _etag);
            }

            if (_observe >= 0)
            {
                writer.OptionUInt(CoapOption.Observe, (uint)_observe);
            }

            for (int i = 0; i < response.PathCount; i++)
            {
                writer.Option(CoapOption.LocationPath, response.PathAt(i));
            }

            if (_bodyLength > 0 && response.ContentFormat >= 0)
            {
                writer.OptionUInt(CoapOption.ContentFormat, (uint)response.ContentFormat);
            }

            if (response.MaxAgeSeconds >= 0)
            {
                writer.OptionUInt(CoapOption.MaxAge, (uint)response.MaxAgeSeconds);
            }

            for (int i = 0; i < response.QueryCount; i++)
            {
                writer.Option(CoapOption.LocationQuery, response.QueryAt(i));
            }

            WriteBlocks(writer);
            if (_wantsEcho)
            {
                writer.Option(CoapOption.Echo, _echo.ValueFor(_peer, _now));
            }

            if (_bodyLength > 0 && (CoapCode.IsSuccess(code) || response.Diagnostic == null))
            {
                if (writer.Length >= CoapEndpoint.HeadRoom)
                {
                    // the options have run into the body
                    writer.Overflow();
                }

                writer.Payload(_endpoint.TransmitBuffer, CoapEndpoint.HeadRoom, _bodyLength);
            }
            else if (response.Diagnostic != null)
            {
                writer.Payload(response.Diagnostic, 0, response.Diagnostic.Length);
            }
        }

        private void WriteBlocks(CoapWriter writer)
        {
            if (_block2 >= 0)
            {
                writer.OptionUInt(CoapOption.Block2, (uint)_block2);
            }

            if (_block1 >= 0)
            {
                writer.OptionUInt(CoapOption.Block1, (uint)_block1);
            }

            if (_size2 >= 0)
            {
                writer.OptionUInt(CoapOption.Size2, (uint)_size2);
            }

            if (_size1 >= 0)
            {
                writer.OptionUInt(CoapOption.Size1, (uint)_size1);
            }
        }
    }
}

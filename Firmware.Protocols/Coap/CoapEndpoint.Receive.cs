// What becomes of a datagram: whose it is, whether it is a copy (RFC 7252 section 4.5), and the answer to what no role takes (sections 4.2 and 4.3).

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapEndpoint
    {
        private void Handle(int length, long nowMs)
        {
            Received++;
            bool isCut = length > _maxMessage;
            CoapParseResult result = _message.Parse(_receive, 0, isCut ? _maxMessage : length);
            if (result == CoapParseResult.NotCoap)
            {
                Malformed++;
                return;
            }

            int type = _message.Type;
            int code = _message.Code;
            if (_from.IsMulticast && type != CoapType.Non)
            {
                // RFC 7252 section 8.1: a group is addressed with Non-confirmable messages only, and a Reset is never sent to answer one
                return;
            }

            if (result == CoapParseResult.Malformed)
            {
                Malformed++;
                Reject();
            }
            else if (code == CoapCode.Empty)
            {
                HandleEmpty(nowMs);
            }
            else if (CoapCode.IsRequest(code) && type <= CoapType.Non && _server != null)
            {
                HandleRequest(isCut, nowMs);
            }
            else if (CoapCode.IsResponse(code) && type != CoapType.Rst && _client != null)
            {
                HandleResponse(isCut, nowMs);
            }
            else
            {
                // reserved classes, requests in an ACK, responses in a RST, and what no role is there for (RFC 7252 sections 4.2 and 4.3)
                Reject();
            }
        }

        private void HandleEmpty(long nowMs)
        {
            switch (_message.Type)
            {
                case CoapType.Con:
                    // "CoAP ping", RFC 7252 section 4.3
                    Reject();
                    break;
                case CoapType.Non:
                    break;
                default:
                    HandleControl(_message.Type == CoapType.Rst, nowMs);
                    break;
            }
        }

        private void HandleControl(bool isReset, long nowMs)
        {
            CoapTransmission sent = _transmissions.Find(_from, _message.MessageId);
            if (sent != null)
            {
                sent.IsUsed = false;
                if (_client != null && sent.Owner >= 0)
                {
                    _client.HandleControl(sent.Owner, isReset, nowMs);
                }
            }
            else if (isReset && _client != null && _client.HandleReset(_from, _message.MessageId, nowMs))
            {
                // a Non-confirmable request, of which no copy is kept
                return;
            }
            else if (_server != null)
            {
                _server.HandleControl(_from, _message.MessageId, isReset, nowMs);
            }
        }

        private void HandleRequest(bool isCut, long nowMs)
        {
            CoapExchange known = _exchanges.Find(_from, _message.MessageId, nowMs);
            if (known != null || _exchanges.IsSpent(_from, _message.MessageId, nowMs))
            {
                // RFC 7252 section 4.5: the same reply again; a copy of a Non-confirmable one is ignored, and so is one whose reply is gone
                Duplicates++;
                if (known != null && known.ReplyLength > 0 && known.RequestLength == _message.Length && _message.Type == CoapType.Con)
                {
                    SendBytes(_exchanges.Arena, known.ReplyOffset, known.ReplyLength, _from);
                }

                return;
            }

            _server.Handle(_message, _from, isCut, nowMs);
        }

        private void HandleResponse(bool isCut, long nowMs)
        {
            if (_message.Type == CoapType.Ack)
            {
                CoapTransmission sent = _transmissions.Find(_from, _message.MessageId);
                if (sent != null && sent.Owner >= 0 && _client.HandleResponse(_message, _from, isCut, sent.Owner, nowMs))
                {
                    sent.IsUsed = false;
                }
            }
            else if (!_client.HandleResponse(_message, _from, isCut, -1, nowMs))
            {
                // nobody waits for it: a Reset also tells an observed server that its client has forgotten it (RFC 7641 section 3.6)
                if (!_from.IsMulticast)
                {
                    SendEmpty(CoapType.Rst, _message.MessageId, _from);
                }
            }
        }

        // a Confirmable message that cannot be processed is reset, any other ignored (RFC 7252 sections 4.2 and 4.3)
        private void Reject()
        {
            if (_message.Type == CoapType.Con)
            {
                SendEmpty(CoapType.Rst, _message.MessageId, _from);
            }
        }
    }
}

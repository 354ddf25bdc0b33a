// Which request a response belongs to, whether it is a copy, and what it says (RFC 7252 sections 4.5, 5.3.2 and 5.4.1, RFC 9175 section 2).

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapClient
    {
        // owner: the place whose message is acknowledged by the response, or -1. False: nobody waits for it, or it must be rejected.
        internal bool HandleResponse(CoapMessage message, DatagramAddress from, bool isCut, int owner, long nowMs)
        {
            _now = nowMs;
            bool isAck = message.Type == CoapType.Ack;
            if (!isAck && _memory.IsKnown(from, message, nowMs))
            {
                // RFC 7252 section 4.5: acknowledged again, not delivered again
                Acknowledge(message, from);
                return true;
            }

            CoapClientSlot slot = isAck ? OwnerOf(message, owner) : Find(message, from);
            if (slot == null)
            {
                return false;
            }

            if (!_response.Read(message))
            {
                // RFC 7252 section 5.4.1: rejected, which for an acknowledgement is silence
                Fail(slot, CoapClientError.BadResponse, _response.BadOption);
                return isAck;
            }

            if (!isAck)
            {
                _memory.Remember(from, message, nowMs + (message.Type == CoapType.Con ? _parameters.ExchangeLifetimeMs : _parameters.NonLifetimeMs));
                Acknowledge(message, from);
                if (!_endpoint.IsOpen)
                {
                    return true;
                }
            }

            _response.Request = slot.Request;
            if (_response.EchoLength > 0)
            {
                _memory.KeepEcho(slot.Peer, message.Buffer, _response.EchoOffset, _response.EchoLength);
            }

            if (slot.IsAwaiting && CoapClientSlot.IsToken(slot.Token, message))
            {
                TakeAnswer(slot, isAck, isCut);
            }
            else
            {
                TakeNotification(slot, isCut);
            }

            return true;
        }

        private void Acknowledge(CoapMessage message, DatagramAddress from)
        {
            if (message.Type == CoapType.Con)
            {
                _endpoint.SendEmpty(CoapType.Ack, message.MessageId, from);
            }
        }

        // RFC 7252 section 5.3.2: message ID and token must match
        private CoapClientSlot OwnerOf(CoapMessage message, int owner)
        {
            CoapClientSlot slot = _slots[owner];
            return slot.State == CoapClientState.Sent && CoapClientSlot.IsToken(slot.Token, message) ? slot : null;
        }

        // RFC 7252 section 5.3.2: token and source must match
        private CoapClientSlot Find(CoapMessage message, DatagramAddress from)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapClientSlot slot = _slots[i];
                if (slot.State != CoapClientState.Free && slot.Peer.Matches(from)
                    && ((slot.IsAwaiting && CoapClientSlot.IsToken(slot.Token, message)) || (slot.IsRegistered && CoapClientSlot.IsToken(slot.ObserveToken, message))))
                {
                    return slot;
                }
            }

            return null;
        }

        // the answer to the message under way
        private void TakeAnswer(CoapClientSlot slot, bool isAck, bool isCut)
        {
            int code = _response.Code;
            bool isSuccess = CoapCode.IsSuccess(code);
            if (_response.HasObserve && isSuccess && slot.Request.Observe && !isAck)
            {
                // a notification that has crossed the request under way
                if (slot.Step == CoapClientStep.Leave || (slot.IsRegistered && !IsFresh(slot)))
                {
                    return;
                }
            }

            if (!isAck && IsOfEarlierBlock(slot))
            {
                return;
            }

            EndExchange(slot);
            if (slot.Step == CoapClientStep.Leave)
            {
                Free(slot);
                return;
            }

            if (code == CoapCode.Unauthorized && _response.EchoLength > 0 && !slot.HasEchoed)
            {
                // RFC 9175 section 2.3: the same once more, with the value; before others of this peer, since one value is kept
                slot.HasEchoed = true;
                Queue(slot, true);
                return;
            }

            slot.HasEchoed = slot.HasEchoed && !isSuccess;
            if (slot.Step == CoapClientStep.Ask)
            {
                if (slot.Request.HasBody && TakeUploadAnswer(slot))
                {
                    return;
                }

                if (isSuccess && slot.Request.Observe)
                {
                    TakeRegistration(slot);
                }
            }

            TakeBlock(slot, isCut);
        }

        // delivers what the response view holds; the place is free before the handler is called if nothing more will come
        private void Deliver(CoapClientSlot slot, int bodyOffset, bool isLast)
        {
            CoapClientRequest request = slot.Request;
            _response.BodyOffset = bodyOffset;
            _response.IsLast = isLast;
            _response.IsObserving = slot.IsRegistered;
            if (isLast && slot.IsRegistered)
            {
                BeginObserving(slot);
            }
            else if (isLast)
            {
                Free(slot);
            }

            request.Handler.Answered(_response, _now);
        }
    }
}

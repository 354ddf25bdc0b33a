// Bodies in blocks (RFC 7959). Nothing is held: a block of the request is read when it is sent, a block of the answer is delivered when it comes.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapClient
    {
        // the answer to a request with a body: true if the body goes on, or begins again, or the place has failed
        private bool TakeUploadAnswer(CoapClientSlot slot)
        {
            int code = _response.Code;
            int block1 = _response.Block1;
            if (code == CoapCode.RequestEntityIncomplete && slot.UsesBlock1 && !slot.HasRestarted)
            {
                // RFC 7959 section 2.9.2: the server has lost the blocks before
                slot.HasRestarted = true;
                RestartUpload(slot, slot.SentSzx);
                return true;
            }

            if (code == CoapCode.RequestEntityTooLarge)
            {
                int szx = SmallerSzx(slot);
                if (szx >= 0)
                {
                    RestartUpload(slot, szx);
                }

                return szx >= 0;
            }

            if (!slot.HasMore || !CoapCode.IsSuccess(code) || (code != CoapCode.Continue && block1 < 0))
            {
                return false;
            }

            int szxOfAnswer = block1 < 0 ? slot.SentSzx : block1 & 7;
            if (szxOfAnswer == slot.SentSzx && block1 >= 0 && block1 >> 4 != slot.SentOffset >> (slot.SentSzx + 4))
            {
                Fail(slot, CoapClientError.BadResponse, CoapOption.Block1);
                return true;
            }

            // RFC 7959 section 2.3: from here on in the size that the server prefers; it has taken all of the last one
            slot.SentOffset += slot.SentLength;
            slot.SentSzx = szxOfAnswer < slot.SentSzx ? szxOfAnswer : slot.SentSzx;
            Queue(slot, false);
            return true;
        }

        // blocks of a request share a token: a separate response may be that of one before
        private bool IsOfEarlierBlock(CoapClientSlot slot)
        {
            int block1 = _response.Block1;
            return slot.Step == CoapClientStep.Ask && slot.UsesBlock1 && block1 >= 0
                && (block1 & 7) == slot.SentSzx && block1 >> 4 < slot.SentOffset >> (slot.SentSzx + 4);
        }

        // RFC 7959 section 2.9.3: the size that the server hints at with 4.13, if it is smaller than what was sent; -1 if it is not
        private int SmallerSzx(CoapClientSlot slot)
        {
            int szx = _response.Block1 >= 0 ? _response.Block1 & 7 : -1;
            if (szx < 0 && !slot.UsesBlock1 && _response.Size1 >= SmallestBlock && _response.Size1 < slot.SentLength)
            {
                // it may be the message that is too large, and not the body
                szx = SzxOf(_response.Size1);
            }

            return szx < slot.SentSzx ? szx : -1;
        }

        private void RestartUpload(CoapClientSlot slot, int szx)
        {
            slot.SentSzx = szx;
            slot.SentOffset = 0;

            // a new tag is drawn with the first block
            slot.UsesBlock1 = false;
            Queue(slot, false);
        }

        // nothing is known of the answer's body yet; a size that had to be made smaller stays so
        private void BeginBody(CoapClientSlot slot)
        {
            slot.HasRestarted = false;
            slot.NextOffset = 0;
            slot.ETagLength = 0;
            slot.Szx = slot.HasShrunk ? slot.Szx : FirstSzx(slot.Request);
        }

        // a response, or a block of one: delivers it, and asks for the next
        private void TakeBlock(CoapClientSlot slot, bool isCut)
        {
            bool isSuccess = CoapCode.IsSuccess(_response.Code);
            if (!isSuccess)
            {
                bool isGone = _response.Code == CoapCode.BadRequest || _response.Code == CoapCode.RequestEntityIncomplete;
                if (isGone && slot.Step == CoapClientStep.Continue && slot.NextOffset > 0 && slot.Request.IsSafe && !slot.HasRestarted)
                {
                    // the body has become shorter, or the server has lost it
                    RestartDownload(slot);
                    return;
                }

                slot.IsRegistered = false;
                Deliver(slot, 0, true);
                return;
            }

            if (_response.Code == CoapCode.Continue)
            {
                // there is nothing to go on with
                Fail(slot, CoapClientError.BadResponse, CoapOption.Block1);
                return;
            }

            if (isCut)
            {
                Shrink(slot);
                return;
            }

            int block2 = _response.Block2;
            if (block2 < 0)
            {
                Deliver(slot, 0, true);
                return;
            }

            int szx = block2 & 7;
            int offset = (block2 >> 4) << (szx + 4);
            bool hasMore = (block2 & 8) != 0;
            int size = 1 << (szx + 4);
            if (offset != slot.NextOffset || (slot.Szx >= 0 && szx > slot.Szx) || (hasMore ? _response.PayloadLength != size : _response.PayloadLength > size))
            {
                Fail(slot, CoapClientError.BadResponse, CoapOption.Block2);
                return;
            }

            if (offset == 0)
            {
                slot.ETagLength = _response.ETagLength;
                Array.Copy(_response.Buffer, _response.ETagOffset, slot.ETag, 0, _response.ETagLength);
            }
            else if (_response.ETagLength != slot.ETagLength || !Bytes.AreEqual(_response.Buffer, _response.ETagOffset, slot.ETag, 0, slot.ETagLength))
            {
                HandleChangedBody(slot);
                return;
            }

            // RFC 7959 section 2.4: a smaller size than asked for is kept to
            slot.Szx = szx;
            slot.NextOffset = offset + size;
            slot.Step = CoapClientStep.Continue;
            int handle = slot.Handle;
            Deliver(slot, offset, !hasMore);
            if (hasMore && slot.State != CoapClientState.Free && slot.Handle == handle && slot.Step == CoapClientStep.Continue)
            {
                // not cancelled by its handler
                Queue(slot, false);
            }
        }

        // RFC 7959 section 2.4: blocks of different bodies must not be put together
        private void HandleChangedBody(CoapClientSlot slot)
        {
            if (!slot.HasRestarted && slot.Request.IsSafe)
            {
                RestartDownload(slot);
            }
            else if (slot.IsRegistered)
            {
                // it changes faster than it can be fetched: a notification of the newest state is on its way, or will be asked for
                BeginObserving(slot);
                slot.DeadlineMs = _now + ReaskAfterMs(0);
            }
            else
            {
                Fail(slot, CoapClientError.BodyChanged, 0);
            }
        }

        private void RestartDownload(CoapClientSlot slot)
        {
            slot.HasRestarted = true;
            slot.NextOffset = 0;
            slot.ETagLength = 0;
            slot.Step = CoapClientStep.Continue;
            Queue(slot, false);
        }

        // the response was longer than a message may be: the same again in blocks that fit (RFC 7959 section 2.4)
        private void Shrink(CoapClientSlot slot)
        {
            int fitting = SzxOf(_endpoint.MaxMessage - ResponseHead);
            if (!slot.Request.IsSafe || slot.HasShrunk || slot.Szx == 0)
            {
                Fail(slot, CoapClientError.ResponseTooLarge, 0);
                return;
            }

            slot.HasShrunk = true;
            slot.Szx = slot.Szx < 0 || fitting < slot.Szx ? fitting : slot.Szx - 1;
            BeginAsking(slot);
        }
    }
}

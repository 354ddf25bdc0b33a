// POST, PUT, DELETE, PATCH and iPATCH: who may, under which condition, and the body in blocks (RFC 7959 section 2.5).

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapServer
    {
        private int Change(CoapResource resource)
        {
            byte[] refusal = _access == null ? Io.Bytes.Empty : _access.Refuse(_request);
            if (refusal != null)
            {
                _response.Reset();
                _response.Diagnostic = refusal;
                return CoapCode.Unauthorized;
            }

            // what goes on with a transfer acts only behind a first block that was fresh: there it is enough that the address is proved
            bool goesOn = _request.Block1Number > 0 || (_request.Block1Number == CoapRequest.NotGiven && _request.Block2Number > 0);
            if (_parameters.ProvesChanges && !(goesOn ? _isProved : _isFresh))
            {
                // RFC 9175 section 2.3: neither a forged address nor a recorded datagram. While an Echo value is fresh its request is remembered.
                return ProveFirst();
            }

            if (_request.HasIfMatch || _request.HasIfNoneMatch)
            {
                int failed = CheckConditions(resource);
                if (failed != 0)
                {
                    return failed;
                }
            }

            if (_request.Block1Number != CoapRequest.NotGiven)
            {
                return ChangeByBlock(resource);
            }

            if (_request.Block2Number > 0)
            {
                return ContinueAnswer(resource);
            }

            if (_request.PayloadLength > resource.MaxBody || _request.Size1 > resource.MaxBody)
            {
                return BodyTooLarge(resource.MaxBody);
            }

            return ChangeAtOnce(resource);
        }

        // the body is here as a whole: one that comes to the same resource in blocks is not gone on with, and its client begins anew
        private int ChangeAtOnce(CoapResource resource)
        {
            if (resource.TakesBlocks)
            {
                _transfers.End(resource);
            }

            return RunChange(resource, null);
        }

        private int ChangeByBlock(CoapResource resource)
        {
            int number = _request.Block1Number;
            int size = 1 << (_request.Block1Szx + 4);
            int length = _request.PayloadLength;
            bool hasMore = _request.Block1More;
            SetBlock1(number, hasMore, _request.Block1Szx);
            if (hasMore ? length != size : length > size)
            {
                // RFC 7959 section 2.2: all blocks but the last have the size that they say
                return CoapCode.BadRequest;
            }

            int offset = number << (_request.Block1Szx + 4);
            CoapTransfer transfer = number == 0 ? null : _transfers.Find(_peer, _request.Key, _now);
            if (number > 0 && transfer == null)
            {
                // nobody began it: nothing can be said about its size
                return CoapCode.RequestEntityIncomplete;
            }

            int limit = resource.TakesBlocks || (number == 0 && !hasMore) ? resource.MaxBody : SmallerOf(resource.MaxBody, TransferBytes);
            if (_request.Size1 > limit || length > limit - offset)
            {
                return BodyTooLarge(limit);
            }

            if (number == 0 && !hasMore)
            {
                return ChangeAtOnce(resource);
            }

            if (number == 0)
            {
                transfer = _transfers.Find(_peer, _request.Key, _now);
                if (transfer != null)
                {
                    transfer.Free();
                }

                transfer = _transfers.Begin(_peer, _request.Key, resource, _now);
                if (transfer == null)
                {
                    return Unavailable(_parameters.TransferIdleMs);
                }
            }
            else if (offset > transfer.Received || (offset == transfer.Received && transfer.Code != CoapCode.Continue))
            {
                // a gap, or a body that has ended
                return CoapCode.RequestEntityIncomplete;
            }
            else if (offset < transfer.Received)
            {
                // a block that was taken already, under a new message ID: the same answer, and nothing is done twice
                transfer.TouchedMs = _now;
                return offset + length > transfer.Received ? CoapCode.RequestEntityIncomplete : hasMore ? CoapCode.Continue : transfer.Code;
            }

            return TakeBlock(resource, transfer, offset, length, hasMore);
        }

        private int TakeBlock(CoapResource resource, CoapTransfer transfer, int offset, int length, bool hasMore)
        {
            transfer.TouchedMs = _now;
            transfer.Received = offset + length;
            int code = CoapCode.Continue;
            if (resource.TakesBlocks)
            {
                _request.BodyOffset = offset;
                _request.IsLastBlock = !hasMore;
                code = RunChange(resource, transfer);
                if (hasMore && CoapCode.IsSuccess(code))
                {
                    code = CoapCode.Continue;
                }
            }
            else
            {
                System.Array.Copy(_request.Buffer, _request.PayloadOffset, transfer.Body, offset, length);
                if (!hasMore)
                {
                    _request.SetBody(transfer.Body, transfer.Received);
                    code = RunChange(resource, transfer);
                }
            }

            if (code == CoapCode.Empty)
            {
                // a body in blocks cannot be put off: its last block would have to be kept
                code = Unavailable(_parameters.AckTimeoutMs);
            }

            transfer.Code = code;
            if (!CoapCode.IsSuccess(code))
            {
                transfer.Free();
            }

            return code;
        }

        // further blocks of an answer that was too long for one (RFC 7959 section 3.3)
        private int ContinueAnswer(CoapResource resource)
        {
            CoapTransfer transfer = _transfers.Find(_peer, _request.Key, _now);
            if (transfer == null || transfer.Code == CoapCode.Continue)
            {
                return CoapCode.RequestEntityIncomplete;
            }

            transfer.TouchedMs = _now;
            _request.IsContinuation = true;
            return RunChange(resource, transfer);
        }

        private int RunChange(CoapResource resource, CoapTransfer transfer)
        {
            if (!BeginWindow())
            {
                return ProveFirst();
            }

            _response.Reset();
            OpenBody(CoapFormat.None);
            int code = resource.Change(_request, _response, _now);
            if (_response.Body.Length == 0 || code == CoapCode.Empty)
            {
                return code;
            }

            int cut = CutBlock();
            if (cut != 0)
            {
                return cut;
            }

            if (_block2 != CoapRequest.NotGiven)
            {
                SetETag(CoapFormat.None);
                _hasETag = true;
                if (transfer == null && !_request.IsContinuation)
                {
                    transfer = _transfers.Find(_peer, _request.Key, _now) ?? _transfers.Begin(_peer, _request.Key, resource, _now);
                    if (transfer != null)
                    {
                        transfer.Code = code;
                        transfer.TouchedMs = _now;
                    }
                }
            }

            return code;
        }

        private int BodyTooLarge(int limit)
        {
            _size1 = limit;
            return CoapCode.RequestEntityTooLarge;
        }

        private int TransferBytes
        {
            get { return _transfers.BodyBytes; }
        }

        private static int SmallerOf(int a, int b)
        {
            return a < b ? a : b;
        }
    }
}

// From the request to the datagram: options in ascending order, one block of the body, a token of its own.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapClient
    {
        private const int SmallestBlock = 16;
        private const int LargestSzx = 6;

        // what header, token and options of a response take at the most, Location options left aside
        private const int ResponseHead = 64;

        // the part of the body that goes into this message
        private byte[] _body;
        private int _bodyAt;
        private int _bodyLength;
        private bool _bodyHasMore;

        private static int SzxOf(int blockSize)
        {
            int szx = LargestSzx;
            while (szx > 0 && 1 << (szx + 4) > blockSize)
            {
                szx--;
            }

            return szx;
        }

        // asks for a block size only if the caller wants one, or if a response might not fit otherwise: RFC 7252 section 4.6 lets servers
        // assume 1152 bytes. What changes something is not asked for in blocks unless it must be.
        private int FirstSzx(CoapClientRequest request)
        {
            bool isShort = _endpoint.MaxMessage < (1 << (LargestSzx + 4)) + ResponseHead;
            if (!request.IsSafe && request.Method != CoapCode.Post)
            {
                return CoapRequest.NotGiven;
            }

            int fitting = SzxOf(_endpoint.MaxMessage - ResponseHead);
            int wanted = request.BlockSize > 0 ? SzxOf(request.BlockSize) : LargestSzx;
            return isShort || request.BlockSize > 0 ? (wanted < fitting ? wanted : fitting) : CoapRequest.NotGiven;
        }

        private void SetToken(byte[] token)
        {
            bool isUsed;
            do
            {
                _endpoint.Random.NextBytes(token);
                isUsed = false;
                for (int i = 0; i < _slots.Length; i++)
                {
                    CoapClientSlot slot = _slots[i];
                    isUsed = isUsed || (slot.State != CoapClientState.Free
                        && ((slot.Token != token && AreEqual(slot.Token, token)) || (slot.ObserveToken != token && AreEqual(slot.ObserveToken, token))));
                }
            }
            while (isUsed);
        }

        private static bool AreEqual(byte[] one, byte[] other)
        {
            return Bytes.AreEqual(one, 0, other, 0, CoapClientSlot.TokenLength);
        }

        private void Send(CoapClientSlot slot)
        {
            if (slot.Step == CoapClientStep.Leave || (slot.Step == CoapClientStep.Ask && slot.Request.Observe))
            {
                // RFC 7641 sections 3.1 and 3.6: all messages about one observation have its token
                System.Array.Copy(slot.ObserveToken, slot.Token, CoapClientSlot.TokenLength);
            }
            else if (slot.Step != CoapClientStep.Ask || !slot.UsesBlock1)
            {
                // a body in blocks keeps its token: some servers put it together by that
                SetToken(slot.Token);
            }

            slot.MessageId = _endpoint.NextMessageId();
            if (!Compose(slot))
            {
                return;
            }

            _memory.DropEcho(slot.Peer);
            slot.State = CoapClientState.Sent;
            if (slot.Request.IsConfirmable)
            {
                slot.DeadlineMs = long.MaxValue;
                _endpoint.SendConfirmable(slot.Peer, slot.MessageId, slot.Index, _now);
            }
            else
            {
                slot.DeadlineMs = _now + _parameters.MaxTransmitWaitMs;
                _endpoint.Send(slot.Peer);
            }
        }

        // false if it failed, which the handler was told
        private bool Compose(CoapClientSlot slot)
        {
            bool hasBody = slot.Request.HasBody && !(slot.Step == CoapClientStep.Continue && (slot.UsesBlock1 || slot.Request.Method != CoapCode.Fetch));
            if (!hasBody)
            {
                _bodyLength = 0;
                _bodyHasMore = false;
                slot.HasMore = false;
                Write(slot, false);
                if (_endpoint.Writer.Overflowed)
                {
                    Fail(slot, CoapClientError.TooLarge, 0);
                    return false;
                }

                return true;
            }

            // the largest block that leaves room for the options
            for (int szx = slot.SentSzx; szx >= 0; szx--)
            {
                int read = TakeBody(slot.Request, slot.SentOffset, 1 << (szx + 4));
                if (read < 0)
                {
                    Fail(slot, CoapClientError.SourceFailed, read);
                    return false;
                }

                bool usesBlock1 = slot.UsesBlock1 || _bodyHasMore;
                if (usesBlock1 && !slot.UsesBlock1)
                {
                    // RFC 9175 section 3: one body is not to be mixed up with another one for the same resource
                    slot.UsesBlock1 = true;
                    slot.RequestTag = _endpoint.Random.Next(0x10000);
                }

                slot.SentSzx = szx;
                Write(slot, true);
                if (!_endpoint.Writer.Overflowed)
                {
                    slot.SentLength = _bodyLength;
                    slot.HasMore = _bodyHasMore;
                    return true;
                }
            }

            Fail(slot, CoapClientError.TooLarge, 0);
            return false;
        }

        // 0, or the error of the source
        private int TakeBody(CoapClientRequest request, int offset, int size)
        {
            int available;
            if (request.Source == null)
            {
                _body = request.Payload;
                _bodyAt = request.PayloadOffset + offset;
                available = request.PayloadLength - offset;
            }
            else
            {
                // at the end of the transmit buffer, out of the way of the options; one byte more tells whether there is a next block
                _body = _endpoint.TransmitBuffer;
                int room = _body.Length - CoapEndpoint.HeadRoom;
                size = size > room - 1 ? room - 1 : size;
                _bodyAt = _body.Length - size - 1;
                available = request.Source.Read(offset, _body, _bodyAt, size + 1);
                if (available < 0)
                {
                    return available;
                }
            }

            _bodyHasMore = available > size;
            _bodyLength = _bodyHasMore ? size : available;
            return 0;
        }

        private void Write(CoapClientSlot slot, bool hasBody)
        {
            CoapClientRequest request = slot.Request;
            CoapWriter writer = _endpoint.Writer;
            bool isAsk = slot.Step == CoapClientStep.Ask;
            _endpoint.Begin(request.IsConfirmable ? CoapType.Con : CoapType.Non, request.Method, slot.MessageId, slot.Token, 0, CoapClientSlot.TokenLength);
            WriteHead(slot, request, writer);
            if ((hasBody || (slot.Step == CoapClientStep.Continue && request.HasBody)) && request.ContentFormat >= 0)
            {
                // RFC 7959 section 3.3: the requests for the answer's blocks are like those of the body, by which servers know what they belong to
                writer.OptionUInt(CoapOption.ContentFormat, (uint)request.ContentFormat);
            }

            for (int i = 0; i < request.Query.Length; i++)
            {
                writer.Option(CoapOption.UriQuery, request.Query[i]);
            }

            if (request.Accept >= 0)
            {
                writer.OptionUInt(CoapOption.Accept, (uint)request.Accept);
            }

            if (slot.Step == CoapClientStep.Continue)
            {
                writer.OptionUInt(CoapOption.Block2, (uint)(((slot.NextOffset >> (slot.Szx + 4)) << 4) | slot.Szx));
            }
            else if (isAsk && slot.Szx >= 0 && !_bodyHasMore)
            {
                writer.OptionUInt(CoapOption.Block2, (uint)slot.Szx);
            }

            WriteBody(slot, writer, hasBody);
        }

        private static void WriteHead(CoapClientSlot slot, CoapClientRequest request, CoapWriter writer)
        {
            bool isAsk = slot.Step == CoapClientStep.Ask;
            if (request.IfMatch != null)
            {
                writer.Option(CoapOption.IfMatch, request.IfMatch);
            }

            if (request.Host != null)
            {
                writer.Option(CoapOption.UriHost, request.Host);
            }

            if (request.ETag != null && isAsk)
            {
                // not with further blocks: their body is the one that has begun
                writer.Option(CoapOption.ETag, request.ETag);
            }

            if (request.IfNoneMatch)
            {
                writer.Option(CoapOption.IfNoneMatch, Bytes.Empty);
            }

            if (request.Observe && slot.Step != CoapClientStep.Continue)
            {
                writer.OptionUInt(CoapOption.Observe, isAsk ? 0u : 1u);
            }

            for (int i = 0; i < request.Path.Length; i++)
            {
                writer.Option(CoapOption.UriPath, request.Path[i]);
            }

            int at = 0;
            while (request.FlatPath != null && at < request.FlatPathLength)
            {
                writer.Option(CoapOption.UriPath, request.FlatPath, at + 1, request.FlatPath[at]);
                at += 1 + request.FlatPath[at];
            }
        }

        private void WriteBody(CoapClientSlot slot, CoapWriter writer, bool hasBody)
        {
            CoapClientRequest request = slot.Request;
            bool isInBlocks = hasBody && slot.UsesBlock1;
            if (isInBlocks)
            {
                writer.OptionUInt(CoapOption.Block1, (uint)(((slot.SentOffset >> (slot.SentSzx + 4)) << 4) | (_bodyHasMore ? 8 : 0) | slot.SentSzx));
                if (slot.SentOffset == 0 && request.Source == null)
                {
                    // RFC 7959 section 4: who cannot take it says so at once
                    writer.OptionUInt(CoapOption.Size1, (uint)request.PayloadLength);
                }
            }

            _memory.WriteEcho(slot.Peer, writer);
            if (slot.UsesBlock1)
            {
                // also with the requests for the answer's blocks: they belong to the same operation (RFC 9175 section 3.4)
                writer.OptionUInt(CoapOption.RequestTag, (uint)slot.RequestTag);
            }

            if (hasBody)
            {
                if (_body == writer.Buffer && writer.Offset + writer.Length > _bodyAt)
                {
                    // the options have run into the body
                    writer.Overflow();
                }

                writer.Payload(_body, _bodyAt, _bodyLength);
            }
        }
    }
}

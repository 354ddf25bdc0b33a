// GET and FETCH: which format, which block of it, whether the client has it already, and whether it will be told of changes.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapServer
    {
        // what header, token and options of an answer take at the most, Location options left aside
        private const int HeadOverhead = 64;

        private const int LargestBlockSzx = 6;
        private const int ETagLength = 4;

        private readonly byte[] _etag = new byte[ETagLength];
        private readonly CoapMessage _fetched = new CoapMessage();

        // number << szx + 4: where the wanted block begins, and how much of the body is wanted
        private int _windowStart;
        private int _windowLength;
        private int _windowSzx;

        private int Read(CoapResource resource)
        {
            if (!resource.Exists)
            {
                return CoapCode.NotFound;
            }

            int[] formats = resource.Formats;
            if (formats.Length == 0)
            {
                return CoapCode.MethodNotAllowed;
            }

            int format = Negotiate(formats);
            if (format == CoapFormat.None)
            {
                return CoapCode.NotAcceptable;
            }

            if (_request.HasIfMatch || _request.HasIfNoneMatch)
            {
                int failed = CheckConditions(resource);
                if (failed != 0)
                {
                    return failed;
                }
            }

            CoapTransfer transfer = null;
            if (_request.Method == CoapCode.Fetch)
            {
                int refused = BeginFetch(resource, out transfer);
                if (refused != 0)
                {
                    return refused;
                }
            }

            if (!BeginWindow())
            {
                return ProveFirst();
            }

            _response.Reset();
            OpenBody(format);
            int code = _request.Method == CoapCode.Get
                ? resource.Represent(_request, format, _response, _now)
                : resource.Fetch(_request, format, _response, _now);
            if (code != CoapCode.Content)
            {
                return code;
            }

            return Finish(resource, format, transfer);
        }

        // a representation is there: tag, block, age, observation
        private int Finish(CoapResource resource, int format, CoapTransfer transfer)
        {
            _response.ContentFormat = format;
            if (_response.MaxAgeSeconds == CoapRequest.NotGiven && resource.MaxAgeSeconds != CoapResource.DefaultMaxAgeSeconds)
            {
                _response.MaxAgeSeconds = resource.MaxAgeSeconds;
            }

            int cut = CutBlock();
            if (cut != 0)
            {
                return cut;
            }

            SetETag(format);
            _hasETag = resource.SendsETag || _block2 != CoapRequest.NotGiven || _request.HasETag;
            Observe(resource);
            if (_request.HasETag && _request.HasMatching(CoapOption.ETag, _etag))
            {
                // RFC 7252 section 5.9.1.3: the client has it
                _bodyLength = 0;
                _block2 = CoapRequest.NotGiven;
                _size2 = CoapRequest.NotGiven;
                _response.ContentFormat = CoapFormat.None;
                return CoapCode.Valid;
            }

            if (_request.Method == CoapCode.Fetch && _block2 != CoapRequest.NotGiven && transfer == null)
            {
                KeepFetch(resource);
            }

            return CoapCode.Content;
        }

        private int Negotiate(int[] formats)
        {
            int accept = _request.Accept;
            if (accept == CoapFormat.None)
            {
                return formats[0];
            }

            for (int i = 0; i < formats.Length; i++)
            {
                if (formats[i] == accept)
                {
                    return accept;
                }
            }

            return CoapFormat.None;
        }

        // which part of the body is wanted, and how much of it may be given; false if this peer may not be given even the smallest block
        private bool BeginWindow()
        {
            int room = RoomForBody();
            _windowSzx = LargestSzx(room);
            _windowStart = 0;
            _windowLength = room;
            if (_request.Block2Number != CoapRequest.NotGiven)
            {
                // RFC 7959 section 2.4: the size that is asked for, or a smaller one that begins at the same byte
                _windowStart = _request.Block2Number << (_request.Block2Szx + 4);
                _windowSzx = _request.Block2Szx < _windowSzx ? _request.Block2Szx : _windowSzx;
                _windowLength = 1 << (_windowSzx + 4);
            }

            return room >= 16;
        }

        private void OpenBody(int format)
        {
            _response.Body.Begin(_endpoint.TransmitBuffer, CoapEndpoint.HeadRoom, _windowStart, _windowLength, format);
        }

        // 0, or an error: the block that was asked for lies behind the end
        private int CutBlock()
        {
            CoapBody body = _response.Body;
            _bodyLength = body.Kept;
            bool isAsked = _request.Block2Number != CoapRequest.NotGiven;
            if (isAsked && _windowStart > 0 && _windowStart >= body.Length)
            {
                return CoapCode.BadRequest;
            }

            bool isWhole = _windowStart == 0 && body.Length <= _windowLength;
            if (isWhole && !isAsked)
            {
                return 0;
            }

            int size = 1 << (_windowSzx + 4);
            bool hasMore = body.Length - _windowStart > size;
            _bodyLength = _bodyLength > size ? size : _bodyLength;
            _block2 = ((_windowStart >> (_windowSzx + 4)) << 4) | (hasMore ? 8 : 0) | _windowSzx;
            if (_windowStart == 0 && hasMore)
            {
                // RFC 7959 section 4: how much there will be; and an Echo value, so that the next body may come in larger blocks (RFC 9175 section 2.3)
                _size2 = body.Length;
                // not in notifications: they are repeated byte for byte, and their acknowledgement proves as much
                _wantsEcho = IsLimited && !_isNotification;
            }

            return 0;
        }

        // formats of one state do not share a tag (RFC 7252 section 5.10.6); the hash of a body has the format in it
        private void SetETag(int format)
        {
            int tag = _response.HasOwnETag ? Fnv.Add(_response.OwnETag, format) : _response.Body.Hash;
            _etag[0] = (byte)(tag >> 24);
            _etag[1] = (byte)(tag >> 16);
            _etag[2] = (byte)(tag >> 8);
            _etag[3] = (byte)tag;
        }

        // RFC 7641 section 4.1: a registration is a GET that also wants to know what comes
        private void Observe(CoapResource resource)
        {
            if (_isNotification || _request.Observe == CoapRequest.NotGiven || _peer.IsMulticast)
            {
                return;
            }

            CoapObserver observer = _observers.Find(_peer, _message);
            if (_request.Observe == 1)
            {
                if (observer != null)
                {
                    observer.Remove();
                }

                return;
            }

            // who registers again under the same token has acknowledged what he has acknowledged
            bool isConfirmed = observer != null && observer.IsConfirmed;
            observer = observer ?? _observers.FindFree(_isProved);
            if (observer == null && resource.IsObservable && _windowStart == 0)
            {
                // with an address that is proved there may be a place: how to prove it
                _wantsEcho = !_isProved;
            }

            if (!resource.IsObservable || _windowStart != 0 || observer == null || !observer.Request.Fits(_message))
            {
                // not registered: the answer says so by having no Observe option
                return;
            }

            observer.Remove();
            observer.Request.Keep(_message, _peer);
            observer.Resource = resource;
            observer.Format = _response.ContentFormat;
            observer.Version = resource.Version;
            observer.Sequence = NextSequence();
            observer.MessageId = -1;
            observer.PreviousMessageId = -1;
            observer.IsConfirmed = isConfirmed;
            observer.ConfirmedMs = _now;
            observer.SinceConfirmed = 0;
            observer.NextMs = _now;
            observer.RefreshMs = _now + RefreshAfterMs(resource);
            _observe = observer.Sequence;
            _response.MaxAgeSeconds = CoapParameters.ToSeconds(RefreshAfterMs(resource));
        }

        // how much body an answer to this peer may have (RFC 9175 section 2.6)
        private int RoomForBody()
        {
            int room = _endpoint.MaxMessage - HeadOverhead - _message.TokenLength;
            if (IsLimited)
            {
                int allowed = AllowedReply() - HeadOverhead - _message.TokenLength;
                room = allowed < room ? allowed : room;
            }

            return room > 1 << (LargestBlockSzx + 4) ? 1 << (LargestBlockSzx + 4) : room;
        }

        private static int LargestSzx(int room)
        {
            int szx = LargestBlockSzx;
            while (szx > 0 && room < 1 << (szx + 4))
            {
                szx--;
            }

            return szx;
        }

        // the payload of a FETCH selects; for further blocks of the answer it comes again, or is the one that was kept
        private int BeginFetch(CoapResource resource, out CoapTransfer transfer)
        {
            transfer = null;
            if (_request.Block1Number > 0 || _request.Block1More)
            {
                // selections are short: they come in one piece
                SetBlock1(_request.Block1Number, _request.Block1More, _request.Block1Szx);
                return CoapCode.RequestEntityTooLarge;
            }

            if (_request.Block2Number > 0 && _request.PayloadLength == 0)
            {
                transfer = _transfers.Find(_peer, _request.Key, _now);
                if (transfer == null || !transfer.Request.IsUsed)
                {
                    return CoapCode.RequestEntityIncomplete;
                }

                transfer.TouchedMs = _now;
                transfer.Request.Parse(_fetched);
                _request.SetPayload(_fetched);
            }

            return 0;
        }

        private void KeepFetch(CoapResource resource)
        {
            if (_request.Block2Number > 0 || _message.Length > _transfers.RequestBytes)
            {
                return;
            }

            CoapTransfer transfer = _transfers.Find(_peer, _request.Key, _now) ?? _transfers.Begin(_peer, _request.Key, resource, _now);
            if (transfer != null)
            {
                transfer.Code = CoapCode.Content;
                transfer.TouchedMs = _now;
                transfer.Request.Keep(_message, _peer);
            }
        }

        // RFC 7252 sections 5.10.8.1 and 5.10.8.2; 0, or 4.12
        private int CheckConditions(CoapResource resource)
        {
            if (_request.HasIfNoneMatch && resource.Exists)
            {
                return CoapCode.PreconditionFailed;
            }

            if (!_request.HasIfMatch)
            {
                return 0;
            }

            if (!resource.Exists)
            {
                return CoapCode.PreconditionFailed;
            }

            if (_request.HasEmptyIfMatch())
            {
                return 0;
            }

            // the tag of any format will do: each names the present state
            int[] formats = resource.Formats;
            for (int i = 0; i < formats.Length; i++)
            {
                _response.Reset();
                _response.Body.Begin(Bytes.Empty, 0, 0, 0, formats[i]);
                if (resource.Represent(_request, formats[i], _response, _now) == CoapCode.Content)
                {
                    SetETag(formats[i]);
                    if (_request.HasMatching(CoapOption.IfMatch, _etag))
                    {
                        return 0;
                    }
                }
            }

            return CoapCode.PreconditionFailed;
        }
    }
}

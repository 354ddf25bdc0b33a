// Bodies that come in blocks, and answers to them that go in blocks (RFC 7959). A transfer belongs to an endpoint and a key: method, URI and the
// other options that tell one body from another, Request-Tag included (RFC 9175 section 3). Fixed slots.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>One block-wise transfer.</summary>
    internal sealed class CoapTransfer
    {
        internal readonly DatagramAddress Peer = new DatagramAddress();
        internal readonly byte[] Body;
        internal readonly CoapStoredRequest Request;
        internal int Key;
        internal CoapResource Resource;

        // how much of the body has come
        internal int Received;

        // the code that answered the last block, Continue before that
        internal int Code;

        internal long TouchedMs;
        internal bool IsUsed;

        internal CoapTransfer(int bodyBytes, int requestBytes)
        {
            Body = new byte[bodyBytes];
            Request = new CoapStoredRequest(requestBytes);
        }

        internal void Free()
        {
            IsUsed = false;
            Resource = null;
            Request.Free();
        }
    }

    /// <summary>The table of block-wise transfers.</summary>
    internal sealed class CoapTransfers
    {
        private readonly CoapTransfer[] _slots;
        private readonly CoapParameters _parameters;
        private readonly int _requestBytes;

        internal CoapTransfers(int slots, int bodyBytes, int requestBytes, CoapParameters parameters)
        {
            _parameters = parameters;
            _requestBytes = slots == 0 ? 0 : requestBytes;
            _slots = new CoapTransfer[slots];
            for (int i = 0; i < slots; i++)
            {
                _slots[i] = new CoapTransfer(bodyBytes, requestBytes);
            }
        }

        internal int BodyBytes
        {
            get { return _slots.Length == 0 ? 0 : _slots[0].Body.Length; }
        }

        internal int RequestBytes
        {
            get { return _requestBytes; }
        }

        internal CoapTransfer Find(DatagramAddress peer, int key, long nowMs)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapTransfer slot = _slots[i];
                if (slot.IsUsed && slot.Key == key && slot.Peer.Matches(peer) && nowMs - slot.TouchedMs < _parameters.ExchangeLifetimeMs)
                {
                    return slot;
                }
            }

            return null;
        }

        // a place for a new transfer, or null. A resource that takes blocks takes one body at a time; who rests too long or has ended gives way.
        internal CoapTransfer Begin(DatagramAddress peer, int key, CoapResource resource, long nowMs)
        {
            CoapTransfer free = null;
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapTransfer slot = _slots[i];
                bool isResting = slot.IsUsed && (nowMs - slot.TouchedMs >= _parameters.TransferIdleMs);
                if (slot.IsUsed && !isResting && resource.TakesBlocks && slot.Resource == resource && slot.Code == CoapCode.Continue)
                {
                    return null;
                }

                if (isResting && resource.TakesBlocks && slot.Resource == resource)
                {
                    // its resource gets another body now: the rest of this one must not follow
                    slot.Free();
                }

                if (!slot.IsUsed || isResting)
                {
                    free = slot;
                }
            }

            // what has ended is kept for copies of its last block only: the oldest may go
            for (int i = 0; free == null && i < _slots.Length; i++)
            {
                if (_slots[i].Code != CoapCode.Continue)
                {
                    free = _slots[i];
                }
            }

            if (free != null)
            {
                free.Free();
                free.IsUsed = true;
                free.Peer.Set(peer);
                free.Key = key;
                free.Resource = resource;
                free.Received = 0;
                free.Code = CoapCode.Continue;
                free.TouchedMs = nowMs;
            }

            return free;
        }

        // ends the bodies that are on their way to a resource
        internal void End(CoapResource resource)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].IsUsed && _slots[i].Resource == resource && _slots[i].Code == CoapCode.Continue)
                {
                    _slots[i].Free();
                }
            }
        }

        internal void Clear()
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                _slots[i].Free();
            }
        }
    }
}

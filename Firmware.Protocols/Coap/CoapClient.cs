// The client role (RFC 7252 section 5, RFC 7641, 7959, 8132, 9175): a fixed number of requests under way, each in a place of its own. The caller
// fills a CoapClientRequest and begins it; the place carries it through acknowledgement, separate response, blocks and observation, and delivers
// what comes to the request's handler. Messages are sent by Poll only, so a handler may begin and cancel as it likes.
//
//   CoapClient.cs             begin, cancel, the queue, how a request ends
//   CoapClient.Send.cs        from the request to the datagram
//   CoapClient.Responses.cs   which request a response belongs to, what it says, whether it may be believed
//   CoapClient.Blocks.cs      bodies in blocks, both ways
//   CoapClient.Observe.cs     registration, freshness, registration again
//
//   Free --Begin--> Queued --Poll--> Sent --ACK--> Acknowledged --response--> Free, or Queued for the next block, or Observing
//                     Observing --notification with more blocks, or none for too long--> Queued
//
// Requests and bodies are the caller's and are kept by reference. Left out: groups as the destination, proxies.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A CoAP client. Driven by <see cref="CoapEndpoint.Poll"/>.</summary>
    public sealed partial class CoapClient
    {
        // copies of separate responses and notifications that are told from new ones, for each request
        private const int RememberedPerRequest = 8;

        private readonly CoapEndpoint _endpoint;
        private readonly CoapParameters _parameters;
        private readonly CoapClientSlot[] _slots;
        private readonly CoapClientMemory _memory;
        private readonly CoapClientResponse _response = new CoapClientResponse();

        private long _now;
        private int _lastHandle;
        private int _lastInQueue;
        private int _firstInQueue;

        /// <summary>Creates a client and attaches it to its endpoint. Everything is allocated here.</summary>
        /// <param name="endpoint">The message layer.</param>
        /// <param name="requests">How many requests may be under way, observations included; 1 or more, some 850 bytes each on a device.</param>
        /// <exception cref="ArgumentOutOfRangeException">Fewer than one request.</exception>
        public CoapClient(CoapEndpoint endpoint, int requests)
        {
            if (requests < 1)
            {
                throw new ArgumentOutOfRangeException();
            }

            _endpoint = endpoint;
            _parameters = endpoint.Parameters;
            _slots = new CoapClientSlot[requests];
            for (int i = 0; i < requests; i++)
            {
                _slots[i] = new CoapClientSlot(i);
            }

            _memory = new CoapClientMemory(requests, requests * RememberedPerRequest);
            endpoint.Attach(this);
        }

        /// <summary>How many requests are under way.</summary>
        public int Busy
        {
            get
            {
                int count = 0;
                for (int i = 0; i < _slots.Length; i++)
                {
                    count += _slots[i].State == CoapClientState.Free ? 0 : 1;
                }

                return count;
            }
        }

        internal long NextDeadlineMs
        {
            get
            {
                long next = long.MaxValue;
                for (int i = 0; i < _slots.Length; i++)
                {
                    CoapClientSlot slot = _slots[i];
                    if (slot.State == CoapClientState.Queued)
                    {
                        // what holds it back otherwise ends with a datagram or with a deadline of the message layer
                        next = MaySend(slot) ? _now : next;
                    }
                    else if (slot.State != CoapClientState.Free && slot.DeadlineMs < next)
                    {
                        next = slot.DeadlineMs;
                    }
                }

                return next;
            }
        }

        /// <summary>Begins a request. It is sent by the next Poll of the endpoint, or as soon as NSTART allows it.</summary>
        /// <param name="request">The request; kept until it has ended.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>0 or more: a handle for <see cref="Cancel"/>. Less than 0: a <see cref="CoapClientError"/>, negated; nothing was begun and the handler is not called.</returns>
        public int Begin(CoapClientRequest request, long nowMs)
        {
            if (request.IsBusy)
            {
                return -(int)CoapClientError.Busy;
            }

            if (!request.IsValid)
            {
                return -(int)CoapClientError.Invalid;
            }

            if (!_endpoint.IsOpen)
            {
                return -(int)CoapClientError.NotOpen;
            }

            if (request.HeadLength(CoapClientSlot.TokenLength) + (request.HasBody ? SmallestBlock : 0) > _endpoint.MaxMessage)
            {
                return -(int)CoapClientError.TooLarge;
            }

            CoapClientSlot slot = FindFree();
            if (slot == null)
            {
                return -(int)CoapClientError.Full;
            }

            request.IsBusy = true;
            slot.Request = request;
            slot.Peer.Set(request.Destination);
            slot.Handle = NextHandle(slot);
            slot.IsRegistered = false;
            slot.HasShrunk = false;
            slot.HasEchoed = false;
            if (request.Observe)
            {
                SetToken(slot.ObserveToken);
            }

            BeginAsking(slot);
            _now = nowMs > _now ? nowMs : _now;
            _endpoint.Wake(nowMs);
            return slot.Handle;
        }

        /// <summary>Gives a request up; its handler is not called again. The server of an observation is told, which takes until <see cref="CoapClientRequest.IsBusy"/> is false.</summary>
        /// <param name="handle">What <see cref="Begin"/> returned; one that has ended does nothing.</param>
        /// <param name="nowMs">The time.</param>
        public void Cancel(int handle, long nowMs)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapClientSlot slot = _slots[i];
                if (slot.State == CoapClientState.Free || slot.Handle != handle || slot.Step == CoapClientStep.Leave)
                {
                    continue;
                }

                bool mayBeKnown = slot.IsRegistered || (slot.Request.Observe && slot.IsAwaiting);
                EndExchange(slot);
                if (mayBeKnown)
                {
                    slot.Step = CoapClientStep.Leave;
                    Queue(slot, false);
                    _endpoint.Wake(nowMs);
                }
                else
                {
                    Free(slot);
                }
            }
        }

        // the socket is gone
        internal void Forget()
        {
            _memory.Clear();
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].State != CoapClientState.Free)
                {
                    Fail(_slots[i], CoapClientError.Closed, 0);
                }
            }
        }

        internal void Poll(long nowMs)
        {
            _now = nowMs;
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapClientSlot slot = _slots[i];
                if (slot.State == CoapClientState.Observing && slot.DeadlineMs <= nowMs)
                {
                    BeginAsking(slot);
                }
                else if (slot.IsAwaiting && slot.DeadlineMs <= nowMs)
                {
                    Fail(slot, CoapClientError.NoResponse, 0);
                }
            }

            // bounded: a handler may begin again what cannot be sent
            for (int i = 0; i < _slots.Length && _endpoint.IsOpen; i++)
            {
                CoapClientSlot next = FirstToSend();
                if (next == null)
                {
                    break;
                }

                Send(next);
            }
        }

        // requests of which nothing was heard yet, those apart that the message layer repeats (NSTART, RFC 7252 section 4.7)
        internal int OutstandingFor(DatagramAddress peer)
        {
            int count = 0;
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapClientSlot slot = _slots[i];
                if (slot.State == CoapClientState.Sent && !slot.Request.IsConfirmable && slot.Peer.Matches(peer))
                {
                    count++;
                }
            }

            return count;
        }

        // an empty acknowledgement, or a reset, of the message of a place
        internal void HandleControl(int owner, bool isReset, long nowMs)
        {
            _now = nowMs;
            CoapClientSlot slot = _slots[owner];
            if (slot.State != CoapClientState.Sent)
            {
                return;
            }

            if (isReset)
            {
                Fail(slot, CoapClientError.Reset, 0);
            }
            else
            {
                // RFC 7252 section 5.2.2: the response will come by itself
                slot.State = CoapClientState.Acknowledged;
                slot.DeadlineMs = nowMs + _parameters.SeparateWaitMs;
            }
        }

        // a reset of a Non-confirmable request; false if there is none with this message ID
        internal bool HandleReset(DatagramAddress from, int messageId, long nowMs)
        {
            _now = nowMs;
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapClientSlot slot = _slots[i];
                if (slot.State == CoapClientState.Sent && slot.MessageId == messageId && slot.Peer.Matches(from))
                {
                    Fail(slot, CoapClientError.Reset, 0);
                    return true;
                }
            }

            return false;
        }

        // MAX_RETRANSMIT is reached
        internal void HandleTimeout(int owner, long nowMs)
        {
            _now = nowMs;
            if (_slots[owner].State == CoapClientState.Sent)
            {
                Fail(_slots[owner], CoapClientError.Timeout, 0);
            }
        }

        // from the first byte on, with nothing known of the answer
        private void BeginAsking(CoapClientSlot slot)
        {
            slot.Step = CoapClientStep.Ask;
            slot.UsesBlock1 = false;
            slot.SentOffset = 0;
            slot.SentSzx = slot.Request.BlockSize > 0 ? SzxOf(slot.Request.BlockSize) : LargestSzx;
            BeginBody(slot);
            Queue(slot, false);
        }

        private void Queue(CoapClientSlot slot, bool isFirst)
        {
            slot.State = CoapClientState.Queued;
            slot.QueueNumber = isFirst ? --_firstInQueue : ++_lastInQueue;
        }

        // the longest waiting request that may be sent now, or null
        private CoapClientSlot FirstToSend()
        {
            CoapClientSlot first = null;
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapClientSlot slot = _slots[i];
                if (slot.State == CoapClientState.Queued && (first == null || slot.QueueNumber - first.QueueNumber < 0) && MaySend(slot))
                {
                    first = slot;
                }
            }

            return first;
        }

        private bool MaySend(CoapClientSlot slot)
        {
            return (!slot.Request.IsConfirmable || _endpoint.Transmissions.HasRoom) && _endpoint.MayBegin(slot.Peer);
        }

        private CoapClientSlot FindFree()
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].State == CoapClientState.Free)
                {
                    return _slots[i];
                }
            }

            return null;
        }

        // never 0 or less, and none that is in use
        private int NextHandle(CoapClientSlot slot)
        {
            bool isUsed;
            do
            {
                _lastHandle = _lastHandle == int.MaxValue ? 1 : _lastHandle + 1;
                isUsed = false;
                for (int i = 0; i < _slots.Length; i++)
                {
                    isUsed = isUsed || (_slots[i] != slot && _slots[i].State != CoapClientState.Free && _slots[i].Handle == _lastHandle);
                }
            }
            while (isUsed);
            return _lastHandle;
        }

        // nothing is repeated or waited for any more
        private void EndExchange(CoapClientSlot slot)
        {
            _endpoint.Transmissions.Abandon(slot.Index);
            slot.State = CoapClientState.Queued;
        }

        private void Free(CoapClientSlot slot)
        {
            slot.State = CoapClientState.Free;
            slot.Request.IsBusy = false;
            slot.Request = null;
        }

        private void Fail(CoapClientSlot slot, CoapClientError error, int detail)
        {
            CoapClientRequest request = slot.Request;
            bool isSilent = slot.Step == CoapClientStep.Leave;
            EndExchange(slot);
            Free(slot);
            if (!isSilent)
            {
                request.Handler.Failed(request, error, detail, _now);
            }
        }
    }
}

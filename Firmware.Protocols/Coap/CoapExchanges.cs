// The memory of requests that were received (RFC 7252 section 4.5): a copy that comes again is answered with the same reply, and its handler
// does not run again. Fixed slots in the order of their age; the replies stand in one arena that closes its gaps.
//
// What gives way when there is no room, in this order: what is too old to come back; safe requests (GET, FETCH), which section 4.5 allows to
// run again; idempotent ones, for the same reason; then the replies of the others, whose message ID and address go on living in a compact ring
// ("spent"), so that they cannot run twice although they can no longer be answered. Nothing at all left: the request is refused before it runs.
// One endpoint may hold half of the places that do not give way; the last quarter is for those who prove their address.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>How much it matters that a request is not run again.</summary>
    internal static class CoapProtection
    {
        /// <summary>Safe: runs again without harm, its reply may differ.</summary>
        internal const int None = 0;

        /// <summary>Idempotent: runs again without harm.</summary>
        internal const int Idempotent = 1;

        /// <summary>Must never run again.</summary>
        internal const int Full = 2;
    }

    /// <summary>One received request and its reply.</summary>
    internal sealed class CoapExchange
    {
        internal readonly DatagramAddress Peer = new DatagramAddress();
        internal int MessageId;
        internal int Protection;

        // of the request: a copy has the same, so that a reply is not drawn again by something shorter (RFC 9175 section 2.6)
        internal int RequestLength;

        internal long EndMs;
        internal int ReplyOffset;
        internal int ReplyLength;
    }

    /// <summary>The table of received requests.</summary>
    internal sealed class CoapExchanges
    {
        private readonly CoapExchange[] _slots;
        private readonly byte[] _arena;
        private readonly CoapRequestMarks _spent;

        // what was refused last for want of a place: a copy that finds one must not run behind the refusal
        private readonly CoapRequestMarks _refused;

        // what was asked for proof of its address (4.01 with Echo) before it ran: it runs under another message ID, so a copy of it must not. The marks
        // are few: while one that found no place could come back, every request could be such a copy.
        private readonly CoapRequestMarks _unproved;
        private long _lostUntilMs;
        private int _count;
        private int _used;

        internal CoapExchanges(int slots, int arenaBytes, int spent)
        {
            _slots = new CoapExchange[slots];
            for (int i = 0; i < slots; i++)
            {
                _slots[i] = new CoapExchange();
            }

            _arena = new byte[arenaBytes];
            _spent = new CoapRequestMarks(spent);
            _refused = new CoapRequestMarks(slots);
            _unproved = new CoapRequestMarks(slots);
        }

        internal byte[] Arena
        {
            get { return _arena; }
        }

        internal int Count
        {
            get { return _count; }
        }

        // the exchange of this message ID, or null
        internal CoapExchange Find(DatagramAddress peer, int messageId, long nowMs)
        {
            for (int i = _count - 1; i >= 0; i--)
            {
                CoapExchange slot = _slots[i];
                if (slot.MessageId == messageId && slot.EndMs > nowMs && slot.Peer.Matches(peer))
                {
                    return slot;
                }
            }

            return null;
        }

        // true if the message ID was used by a request whose reply is gone
        internal bool IsSpent(DatagramAddress peer, int messageId, long nowMs)
        {
            return _spent.Has(peer, messageId, nowMs);
        }

        // a place for a request that is about to run; null if there is none. A safe request can run without.
        internal CoapExchange Reserve(DatagramAddress peer, int messageId, int protection, long endMs, long nowMs)
        {
            if (protection == CoapProtection.Full && (_refused.Has(peer, messageId, nowMs) || HeldBy(peer, nowMs) >= MostForOne))
            {
                _refused.Add(peer, messageId, endMs, true, nowMs);
                return null;
            }

            if (_count == _slots.Length && !GiveWay(protection, nowMs, null))
            {
                if (protection == CoapProtection.Full)
                {
                    _refused.Add(peer, messageId, endMs, true, nowMs);
                }

                return null;
            }

            CoapExchange slot = _slots[_count++];
            slot.Peer.Set(peer);
            slot.MessageId = messageId;
            slot.Protection = protection;
            slot.EndMs = endMs;
            slot.ReplyOffset = _used;
            slot.ReplyLength = 0;
            return slot;
        }

        // true for a request that must not run twice and may run only if it has a good Echo value: of the places that do not give way three quarters
        // are taken, which is more than one endpoint alone can take
        internal bool NeedsProof(DatagramAddress peer, int messageId, long nowMs)
        {
            return nowMs < _lostUntilMs || HeldBy(CoapRequestMarks.AnyPeer, nowMs) >= MostForAnyone || _unproved.Has(peer, messageId, nowMs);
        }

        // a request that was asked for proof does not run, and neither do its copies
        internal void AskProof(DatagramAddress peer, int messageId, long endMs, long nowMs)
        {
            if (!_unproved.Has(peer, messageId, nowMs) && !_unproved.Add(peer, messageId, endMs, false, nowMs))
            {
                _lostUntilMs = endMs > _lostUntilMs ? endMs : _lostUntilMs;
            }
        }

        // keeps a reply for the newest exchange or an older one. Without room for it the exchange is forgotten if it may run again; what may not
        // stays, and copies of it go without answer.
        internal void Store(CoapExchange exchange, byte[] buffer, int offset, int length, long nowMs)
        {
            Cut(exchange);
            while (length > _arena.Length - _used)
            {
                if (!GiveWay(exchange.Protection, nowMs, exchange))
                {
                    if (exchange.Protection != CoapProtection.Full)
                    {
                        // better run again than never answered
                        Forget(exchange);
                    }

                    return;
                }
            }

            Array.Copy(buffer, offset, _arena, _used, length);
            exchange.ReplyOffset = _used;
            exchange.ReplyLength = length;
            _used += length;
        }

        // forgets everything, what must not run twice included: for a time that begins anew
        internal void Clear()
        {
            _count = 0;
            _used = 0;
            _spent.Clear();
            _refused.Clear();
            _unproved.Clear();
            _lostUntilMs = 0;
        }

        // the socket is gone. Where a reply was lost with it, its client repeats the request for up to MAX_TRANSMIT_SPAN, to the next socket: what must
        // not run twice is remembered until its end (RFC 7252 section 4.5), whatever the socket. The rest may run again.
        internal void ForgetRepeatable()
        {
            for (int i = _count - 1; i >= 0; i--)
            {
                if (_slots[i].Protection != CoapProtection.Full)
                {
                    Remove(i);
                }
            }
        }

        // when a refused peer may find a place: when the oldest that does not give way becomes free, of its own if it holds all it may
        internal long NextEndMs(DatagramAddress peer, long nowMs)
        {
            bool isOwn = HeldBy(peer, nowMs) >= MostForOne;
            long next = _spent.FirstEndMs(isOwn ? peer : CoapRequestMarks.AnyPeer, nowMs);
            for (int i = 0; i < _count; i++)
            {
                CoapExchange slot = _slots[i];
                if (slot.Protection == CoapProtection.Full && (!isOwn || slot.Peer.Matches(peer)) && slot.EndMs > nowMs && slot.EndMs < next)
                {
                    next = slot.EndMs;
                }
            }

            return next;
        }

        private int MostForAnyone
        {
            get { return (_slots.Length + _spent.Capacity) * 3 / 4; }
        }

        private int MostForOne
        {
            get { return (_slots.Length + _spent.Capacity) / 2; }
        }

        // makes room by letting one exchange go, the least needed one; never `except`
        private bool GiveWay(int upTo, long nowMs, CoapExchange except)
        {
            for (int i = 0; i < _count; i++)
            {
                if (_slots[i].EndMs <= nowMs && _slots[i] != except)
                {
                    Remove(i);
                    return true;
                }
            }

            for (int protection = CoapProtection.None; protection <= CoapProtection.Idempotent; protection++)
            {
                for (int i = 0; i < _count; i++)
                {
                    // what is safe is not worth the memory of what is idempotent
                    if (_slots[i].Protection == protection && protection <= upTo && _slots[i] != except)
                    {
                        Remove(i);
                        return true;
                    }
                }
            }

            for (int i = 0; i < _count && upTo > CoapProtection.None; i++)
            {
                if (_slots[i].Protection == CoapProtection.Full && _slots[i] != except)
                {
                    if (!_spent.Add(_slots[i].Peer, _slots[i].MessageId, _slots[i].EndMs, false, nowMs))
                    {
                        return false;
                    }

                    Remove(i);
                    return true;
                }
            }

            return false;
        }

        private void Forget(CoapExchange exchange)
        {
            for (int i = 0; i < _count; i++)
            {
                if (_slots[i] == exchange)
                {
                    Remove(i);
                    return;
                }
            }
        }

        private void Remove(int index)
        {
            CoapExchange gone = _slots[index];
            Cut(gone);
            for (int i = index + 1; i < _count; i++)
            {
                _slots[i - 1] = _slots[i];
            }

            _slots[--_count] = gone;
        }

        // takes a reply out of the arena and closes the gap
        private void Cut(CoapExchange exchange)
        {
            int length = exchange.ReplyLength;
            if (length == 0)
            {
                return;
            }

            int end = exchange.ReplyOffset + length;
            Array.Copy(_arena, end, _arena, exchange.ReplyOffset, _used - end);
            _used -= length;
            exchange.ReplyLength = 0;
            for (int i = 0; i < _count; i++)
            {
                if (_slots[i].ReplyOffset >= end)
                {
                    _slots[i].ReplyOffset -= length;
                }
            }
        }

        private int HeldBy(DatagramAddress peer, long nowMs)
        {
            int held = _spent.Count(peer, nowMs);
            for (int i = 0; i < _count; i++)
            {
                if (_slots[i].Protection == CoapProtection.Full && _slots[i].EndMs > nowMs && (peer == CoapRequestMarks.AnyPeer || _slots[i].Peer.Matches(peer)))
                {
                    held++;
                }
            }

            return held;
        }
    }
}

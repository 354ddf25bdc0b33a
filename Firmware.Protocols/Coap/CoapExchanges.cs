// The memory of requests that were received (RFC 7252 section 4.5): a copy that comes again is answered with the same reply, and its handler
// does not run again. Fixed slots in the order of their age; the replies stand in one arena that closes its gaps.
//
// What gives way when there is no room, in this order: what is too old to come back; safe requests (GET, FETCH), which section 4.5 allows to
// run again; idempotent ones, for the same reason; then the replies of the others, whose message ID and address go on living in a compact ring
// ("spent"), so that they cannot run twice although they can no longer be answered. Nothing at all left: the request is refused before it runs.
// One endpoint may hold half of the places that do not give way.

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
        private readonly int[] _spentPeers;
        private readonly int[] _spentIds;
        private readonly long[] _spentEnds;
        private int _count;
        private int _used;
        private int _spentStart;
        private int _spentCount;

        // who was refused last for want of a place: a copy that finds one must not run behind the refusal. Newest over oldest.
        private readonly int[] _refusedPeers;
        private readonly int[] _refusedIds;
        private readonly long[] _refusedEnds;
        private int _refusedNext;

        internal CoapExchanges(int slots, int arenaBytes, int spent)
        {
            _slots = new CoapExchange[slots];
            for (int i = 0; i < slots; i++)
            {
                _slots[i] = new CoapExchange();
            }

            _arena = new byte[arenaBytes];
            _spentPeers = new int[spent];
            _spentIds = new int[spent];
            _spentEnds = new long[spent];
            _refusedPeers = new int[slots];
            _refusedIds = new int[slots];
            _refusedEnds = new long[slots];
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
            if (_spentCount == 0)
            {
                return false;
            }

            int hash = HashOf(peer);
            for (int i = 0; i < _spentCount; i++)
            {
                int at = Wrap(_spentStart + i);
                if (_spentIds[at] == messageId && _spentPeers[at] == hash && _spentEnds[at] > nowMs)
                {
                    return true;
                }
            }

            return false;
        }

        // a place for a request that is about to run; null if there is none. A safe request can run without.
        internal CoapExchange Reserve(DatagramAddress peer, int messageId, int protection, long endMs, long nowMs)
        {
            if (protection == CoapProtection.Full && (WasRefused(peer, messageId, nowMs) || HeldBy(peer, nowMs) >= MostForOne))
            {
                Refuse(peer, messageId, endMs);
                return null;
            }

            if (_count == _slots.Length && !GiveWay(protection, nowMs, null))
            {
                if (protection == CoapProtection.Full)
                {
                    Refuse(peer, messageId, endMs);
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

        // forgets everything: a new socket has new peers
        internal void Clear()
        {
            _count = 0;
            _used = 0;
            _spentCount = 0;
            for (int i = 0; i < _refusedEnds.Length; i++)
            {
                _refusedEnds[i] = 0;
            }
        }

        // when a refused peer may find a place: when the oldest that does not give way becomes free, of its own if it holds all it may
        internal long NextEndMs(DatagramAddress peer, long nowMs)
        {
            bool isOwn = HeldBy(peer, nowMs) >= MostForOne;
            int hash = HashOf(peer);
            long next = long.MaxValue;
            for (int i = 0; i < _spentCount; i++)
            {
                int at = Wrap(_spentStart + i);
                if ((!isOwn || _spentPeers[at] == hash) && _spentEnds[at] > nowMs && _spentEnds[at] < next)
                {
                    next = _spentEnds[at];
                }
            }

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

        private int MostForOne
        {
            get { return (_slots.Length + _spentPeers.Length) / 2; }
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
                    if (!Spend(_slots[i], nowMs))
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

        private bool Spend(CoapExchange exchange, long nowMs)
        {
            while (_spentCount > 0 && _spentEnds[_spentStart] <= nowMs)
            {
                _spentStart = Wrap(_spentStart + 1);
                _spentCount--;
            }

            if (_spentCount == _spentIds.Length)
            {
                return false;
            }

            int at = Wrap(_spentStart + _spentCount++);
            _spentPeers[at] = HashOf(exchange.Peer);
            _spentIds[at] = exchange.MessageId;
            _spentEnds[at] = exchange.EndMs;
            return true;
        }

        private int HeldBy(DatagramAddress peer, long nowMs)
        {
            int held = 0;
            int hash = HashOf(peer);
            for (int i = 0; i < _spentCount; i++)
            {
                int at = Wrap(_spentStart + i);
                if (_spentPeers[at] == hash && _spentEnds[at] > nowMs)
                {
                    held++;
                }
            }

            for (int i = 0; i < _count; i++)
            {
                if (_slots[i].Protection == CoapProtection.Full && _slots[i].EndMs > nowMs && _slots[i].Peer.Matches(peer))
                {
                    held++;
                }
            }

            return held;
        }

        private bool WasRefused(DatagramAddress peer, int messageId, long nowMs)
        {
            int hash = HashOf(peer);
            for (int i = 0; i < _refusedIds.Length; i++)
            {
                if (_refusedIds[i] == messageId && _refusedPeers[i] == hash && _refusedEnds[i] > nowMs)
                {
                    return true;
                }
            }

            return false;
        }

        private void Refuse(DatagramAddress peer, int messageId, long endMs)
        {
            _refusedPeers[_refusedNext] = HashOf(peer);
            _refusedIds[_refusedNext] = messageId;
            _refusedEnds[_refusedNext] = endMs;
            _refusedNext = _refusedNext + 1 == _refusedIds.Length ? 0 : _refusedNext + 1;
        }

        private int Wrap(int index)
        {
            return index >= _spentIds.Length ? index - _spentIds.Length : index;
        }

        private static int HashOf(DatagramAddress peer)
        {
            return Fnv.Add(Fnv.Add(Fnv.Start, peer.Port), peer.Address, 0, peer.Length);
        }
    }
}

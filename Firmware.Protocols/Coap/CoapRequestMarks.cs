// Message IDs of requests, each with a hash of its peer's address and an end: what is left of a request of which the reply is gone. 16 bytes each.
// Two peers of one hash and message ID are taken for one: with 32 and 16 bits that does not happen by chance.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A fixed set of marked requests.</summary>
    internal sealed class CoapRequestMarks
    {
        /// <summary>In place of a peer: any.</summary>
        internal const DatagramAddress AnyPeer = null;

        private readonly int[] _peers;
        private readonly int[] _ids;
        private readonly long[] _ends;

        internal CoapRequestMarks(int capacity)
        {
            _peers = new int[capacity];
            _ids = new int[capacity];
            _ends = new long[capacity];
        }

        internal int Capacity
        {
            get { return _ids.Length; }
        }

        internal bool Has(DatagramAddress peer, int messageId, long nowMs)
        {
            int hash = 0;
            bool isHashed = false;
            for (int i = 0; i < _ids.Length; i++)
            {
                if (_ids[i] == messageId && _ends[i] > nowMs)
                {
                    // most message IDs are not here: the hash is made only where it is needed
                    hash = isHashed ? hash : HashOf(peer);
                    isHashed = true;
                    if (_peers[i] == hash)
                    {
                        return true;
                    }
                }
            }

            return false;
        }

        // false if there is no place; with `overOldest` the mark that ends first gives way
        internal bool Add(DatagramAddress peer, int messageId, long endMs, bool overOldest, long nowMs)
        {
            int place = 0;
            for (int i = 1; i < _ends.Length; i++)
            {
                place = _ends[i] < _ends[place] ? i : place;
            }

            if (_ends[place] > nowMs && !overOldest)
            {
                return false;
            }

            _peers[place] = HashOf(peer);
            _ids[place] = messageId;
            _ends[place] = endMs;
            return true;
        }

        internal int Count(DatagramAddress peer, long nowMs)
        {
            int count = 0;
            int hash = peer == AnyPeer ? 0 : HashOf(peer);
            for (int i = 0; i < _ends.Length; i++)
            {
                count += _ends[i] > nowMs && (peer == AnyPeer || _peers[i] == hash) ? 1 : 0;
            }

            return count;
        }

        // when the first of them ends; long.MaxValue if there is none
        internal long FirstEndMs(DatagramAddress peer, long nowMs)
        {
            long first = long.MaxValue;
            int hash = peer == AnyPeer ? 0 : HashOf(peer);
            for (int i = 0; i < _ends.Length; i++)
            {
                if (_ends[i] > nowMs && _ends[i] < first && (peer == AnyPeer || _peers[i] == hash))
                {
                    first = _ends[i];
                }
            }

            return first;
        }

        internal void Clear()
        {
            for (int i = 0; i < _ends.Length; i++)
            {
                _ends[i] = 0;
            }
        }

        private static int HashOf(DatagramAddress peer)
        {
            return Fnv.Add(Fnv.Add(Fnv.Start, peer.Port), peer.Address, 0, peer.Length);
        }
    }
}

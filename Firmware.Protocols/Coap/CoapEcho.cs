// Proof of a peer's address (RFC 9175 section 2): an Echo value that only who receives our datagrams can return. The value is the time and a keyed
// hash over time and address, so nothing is kept until it comes back; then the address counts as proved for a while, in a small table.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Makes and checks Echo values and remembers who returned one.</summary>
    internal sealed class CoapEcho
    {
        internal const int Length = 12;

        private const int TimeLength = 4;
        private const int MsPerSecond = 1000;

        private readonly SipHash _hash;
        private readonly byte[] _value = new byte[Length];
        private readonly byte[] _input = new byte[TimeLength + 2 + DatagramAddress.MaxLength];
        private readonly DatagramAddress[] _proved;
        private readonly long[] _until;
        private readonly int _lifetimeMs;

        internal CoapEcho(byte[] key, int peers, int lifetimeMs)
        {
            _hash = new SipHash(key);
            _lifetimeMs = lifetimeMs;
            _proved = new DatagramAddress[peers];
            _until = new long[peers];
            for (int i = 0; i < peers; i++)
            {
                _proved[i] = new DatagramAddress();
            }
        }

        // a value for a peer, in a buffer that the next one reuses
        internal byte[] ValueFor(DatagramAddress peer, long nowMs)
        {
            Fill(peer, (int)(nowMs / MsPerSecond));
            return _value;
        }

        // the age in milliseconds of a value that was made for this peer and is still good, which proves the peer from now on; else -1
        internal int Accept(DatagramAddress peer, byte[] buffer, int offset, int length, long nowMs)
        {
            if (length != Length)
            {
                return -1;
            }

            int made = (buffer[offset] << 24) | (buffer[offset + 1] << 16) | (buffer[offset + 2] << 8) | buffer[offset + 3];
            long age = (nowMs / MsPerSecond) - made;
            if (made < 0 || age < 0 || age * MsPerSecond > _lifetimeMs)
            {
                return -1;
            }

            // all bytes are compared, whichever differ
            Fill(peer, made);
            int difference = 0;
            for (int i = 0; i < Length; i++)
            {
                difference |= _value[i] ^ buffer[offset + i];
            }

            if (difference != 0)
            {
                return -1;
            }

            Prove(peer, nowMs);
            return (int)age * MsPerSecond;
        }

        internal bool IsProved(DatagramAddress peer, long nowMs)
        {
            for (int i = 0; i < _proved.Length; i++)
            {
                if (_until[i] > nowMs && _proved[i].Matches(peer))
                {
                    return true;
                }
            }

            return false;
        }

        internal void Forget()
        {
            for (int i = 0; i < _until.Length; i++)
            {
                _until[i] = 0;
            }
        }

        // the one that was proved longest ago gives way
        private void Prove(DatagramAddress peer, long nowMs)
        {
            int place = 0;
            for (int i = 0; i < _proved.Length; i++)
            {
                if (_proved[i].Matches(peer))
                {
                    place = i;
                    break;
                }

                place = _until[i] < _until[place] ? i : place;
            }

            _proved[place].Set(peer);
            _until[place] = nowMs + _lifetimeMs;
        }

        private void Fill(DatagramAddress peer, int seconds)
        {
            byte[] input = _input;
            input[0] = (byte)(seconds >> 24);
            input[1] = (byte)(seconds >> 16);
            input[2] = (byte)(seconds >> 8);
            input[3] = (byte)seconds;
            input[4] = (byte)(peer.Port >> 8);
            input[5] = (byte)peer.Port;
            System.Array.Copy(peer.Address, 0, input, TimeLength + 2, peer.Length);
            ulong hash = _hash.Compute(input, 0, TimeLength + 2 + peer.Length);
            System.Array.Copy(input, 0, _value, 0, TimeLength);
            for (int i = TimeLength; i < Length; i++)
            {
                _value[i] = (byte)hash;
                hash >>= 8;
            }
        }
    }
}

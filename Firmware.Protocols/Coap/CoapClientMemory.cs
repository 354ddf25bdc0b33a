// What the client remembers beyond a request: the Echo values that servers gave (RFC 9175), and the responses that came in messages of their own,
// so that a copy is acknowledged again but delivered once (RFC 7252 section 4.5). Fixed tables; the oldest gives way.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Echo values and received message IDs.</summary>
    internal sealed class CoapClientMemory
    {
        private const int EchoRoom = 40;

        private readonly DatagramAddress[] _echoPeers;
        private readonly byte[][] _echoes;
        private readonly int[] _echoLengths;
        private readonly int[] _keys;
        private readonly int[] _ids;
        private readonly long[] _ends;
        private int _nextEcho;
        private int _next;

        internal CoapClientMemory(int echoes, int responses)
        {
            _echoPeers = new DatagramAddress[echoes];
            _echoes = new byte[echoes][];
            _echoLengths = new int[echoes];
            for (int i = 0; i < echoes; i++)
            {
                _echoPeers[i] = new DatagramAddress();
                _echoes[i] = new byte[EchoRoom];
            }

            _keys = new int[responses];
            _ids = new int[responses];
            _ends = new long[responses];
        }

        internal void KeepEcho(DatagramAddress peer, byte[] buffer, int offset, int length)
        {
            int place = FindEcho(peer);
            if (place < 0)
            {
                place = _nextEcho;
                _nextEcho = _nextEcho + 1 == _echoes.Length ? 0 : _nextEcho + 1;
                _echoPeers[place].Set(peer);
            }

            Array.Copy(buffer, offset, _echoes[place], 0, length);
            _echoLengths[place] = length;
        }

        internal void WriteEcho(DatagramAddress peer, CoapWriter writer)
        {
            int place = FindEcho(peer);
            if (place >= 0 && _echoLengths[place] > 0)
            {
                writer.Option(CoapOption.Echo, _echoes[place], 0, _echoLengths[place]);
            }
        }

        // it was returned
        internal void DropEcho(DatagramAddress peer)
        {
            int place = FindEcho(peer);
            if (place >= 0)
            {
                _echoLengths[place] = 0;
            }
        }

        internal bool IsKnown(DatagramAddress from, CoapMessage message, long nowMs)
        {
            int key = KeyOf(from, message);
            for (int i = 0; i < _ids.Length; i++)
            {
                if (_ids[i] == message.MessageId && _keys[i] == key && _ends[i] > nowMs)
                {
                    return true;
                }
            }

            return false;
        }

        internal void Remember(DatagramAddress from, CoapMessage message, long endMs)
        {
            _keys[_next] = KeyOf(from, message);
            _ids[_next] = message.MessageId;
            _ends[_next] = endMs;
            _next = _next + 1 == _ids.Length ? 0 : _next + 1;
        }

        internal void Clear()
        {
            Array.Clear(_ends, 0, _ends.Length);
            Array.Clear(_echoLengths, 0, _echoLengths.Length);
        }

        private int FindEcho(DatagramAddress peer)
        {
            for (int i = 0; i < _echoes.Length; i++)
            {
                if (_echoPeers[i].Matches(peer))
                {
                    return i;
                }
            }

            return -1;
        }

        // who sent it, and the token: a message ID alone may come back sooner from a server that began anew
        private static int KeyOf(DatagramAddress from, CoapMessage message)
        {
            int hash = Fnv.Add(Fnv.Add(Fnv.Start, from.Port), from.Address, 0, from.Length);
            return Fnv.Add(hash, message.Buffer, message.TokenOffset, message.TokenLength);
        }
    }
}

// A request that is kept to be run again: an observer's, or one whose answer takes time. The bytes are kept as they came.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>The place of one kept request.</summary>
    internal sealed class CoapStoredRequest
    {
        internal readonly DatagramAddress Peer = new DatagramAddress();

        private readonly byte[] _bytes;
        private int _length;

        internal CoapStoredRequest(int maxBytes)
        {
            _bytes = new byte[maxBytes];
        }

        internal bool IsUsed { get; private set; }

        internal bool Fits(CoapMessage message)
        {
            return message.Length <= _bytes.Length;
        }

        internal void Keep(CoapMessage message, DatagramAddress peer)
        {
            Array.Copy(message.Buffer, message.Offset, _bytes, 0, message.Length);
            _length = message.Length;
            Peer.Set(peer);
            IsUsed = true;
        }

        // it was well-formed when it was kept
        internal void Parse(CoapMessage message)
        {
            message.Parse(_bytes, 0, _length);
        }

        internal bool HasToken(byte[] buffer, int offset, int length)
        {
            return (_bytes[0] & 15) == length && Bytes.AreEqual(buffer, offset, _bytes, CoapMessage.HeaderLength, length);
        }

        internal void Free()
        {
            IsUsed = false;
        }
    }
}

// The unforeseeable numbers of a WebSocket client: masking keys (RFC 6455, 5.3) and the nonce of its handshake (4.1), from a keyed hash over a counter.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.WebSocket
{
    /// <summary>A source of numbers that cannot be foreseen without its key. Long-lived; allocates nothing after construction.</summary>
    public sealed class WebSocketNoise
    {
        private readonly SipHash _hash;
        private readonly byte[] _counter = new byte[8];

        /// <summary>Takes a key.</summary>
        /// <param name="key">16 bytes from a good source, new after each start: with an old one the numbers come again.</param>
        public WebSocketNoise(byte[] key)
        {
            _hash = new SipHash(key);
        }

        /// <summary>The next number.</summary>
        /// <returns>64 bits.</returns>
        public ulong Next()
        {
            for (int i = 0; i < _counter.Length && ++_counter[i] == 0; i++)
            {
                // carries
            }

            return _hash.Compute(_counter, 0, _counter.Length);
        }
    }
}

// The capacities of a server, given once at construction.

namespace Firmware.Protocols.Coap
{
    /// <summary>How many of what a <see cref="CoapServer"/> holds, and the bytes of each. Everything is allocated at construction.</summary>
    public sealed class CoapServerOptions
    {
        /// <summary>How many observers there are at the most; with all places taken a registration is answered like a plain GET.</summary>
        public int Observers = 8;

        /// <summary>The longest GET or FETCH that may register, bytes; each observer keeps it.</summary>
        public int ObserverBytes = 64;

        /// <summary>How many requests may wait for their handler, or for the leisure of a group request; more are answered 5.03.</summary>
        public int Deferred = 4;

        /// <summary>The longest request that may wait, bytes; each place keeps one.</summary>
        public int DeferredBytes = 128;

        /// <summary>How many block-wise transfers with the body in the request, or with a block-wise answer to it, may be under way; more are answered 5.03.</summary>
        public int Transfers = 2;

        /// <summary>The longest body that is put together for a resource that does not take blocks, bytes; each transfer has room for one.</summary>
        public int TransferBytes = 256;

        /// <summary>How many endpoints are remembered that have proved their address (RFC 9175).</summary>
        public int ProvedPeers = 8;

        /// <summary>The secret of Echo values, <see cref="Io.SipHash.KeyLength"/> random bytes, new at each boot.</summary>
        public byte[] EchoKey;

        /// <summary>Who may change resources; null: nobody.</summary>
        public ICoapAccess Access;
    }

    /// <summary>Decides about requests that change something, before they do.</summary>
    public interface ICoapAccess
    {
        /// <summary>Decides about a POST, PUT, DELETE, PATCH or iPATCH.</summary>
        /// <param name="request">The request.</param>
        /// <returns>Null to let it pass; else the diagnostic of the 4.01 that answers it, UTF-8.</returns>
        byte[] Refuse(CoapRequest request);
    }
}

// A request that is answered later: its handler needs time, or it went to a group and is answered after a random leisure.

namespace Firmware.Protocols.Coap
{
    /// <summary>The place of one request that waits.</summary>
    internal sealed class CoapDeferral
    {
        internal readonly CoapStoredRequest Request;
        internal long DueMs;
        internal long EndMs;
        internal bool IsGroup;

        internal CoapDeferral(int requestBytes)
        {
            Request = new CoapStoredRequest(requestBytes);
        }
    }
}

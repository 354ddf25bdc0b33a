namespace Firmware.Protocols.Coap
{
    /// <summary>The client role.</summary>
    public sealed class CoapClient
    {
        internal long NextDeadlineMs { get { return long.MaxValue; } }
        internal void Forget() { }
        internal void Poll(long nowMs) { }
        internal void HandleControl(int owner, bool isReset, long nowMs) { }
        internal bool HandleResponse(CoapMessage message, Io.DatagramAddress from, bool isCut, int owner, long nowMs) { return false; }
        internal void HandleTimeout(int owner, long nowMs) { }
    }
}

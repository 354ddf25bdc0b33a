// Observation (RFC 7641): a registration, notifications in the order of the server's states, registration again when they stay away.

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapClient
    {
        // RFC 7641 section 3.4: half of the 24-bit sequence, and how long it surely takes to use up so much
        private const int HalfSequence = 1 << 23;
        private const long SequenceMs = 128000;

        // RFC 7641 section 3.3.1: a notification may be late; and clients must not ask in step
        private const int LeastLateMs = 5000;
        private const int LateSpreadMs = 10000;

        private bool IsFresh(CoapClientSlot slot)
        {
            int last = slot.Sequence;
            int sequence = _response.Sequence;
            return (last < sequence && sequence - last < HalfSequence)
                || (last > sequence && last - sequence > HalfSequence)
                || _now > slot.SequenceMs + SequenceMs;
        }

        // a success that answers a registration: without the option the server does not observe
        private void TakeRegistration(CoapClientSlot slot)
        {
            slot.IsRegistered = _response.HasObserve;
            if (slot.IsRegistered)
            {
                KeepSequence(slot);
            }
        }

        // a response with the token of an observation that answers nothing under way
        private void TakeNotification(CoapClientSlot slot, bool isCut)
        {
            if (slot.Step == CoapClientStep.Leave)
            {
                return;
            }

            bool isNotification = _response.HasObserve && CoapCode.IsSuccess(_response.Code);
            if (isNotification && !IsFresh(slot))
            {
                return;
            }

            // the newest state counts: what is fetched of an older one, or asked because nothing came, is given up
            EndExchange(slot);
            slot.Step = CoapClientStep.Ask;
            BeginBody(slot);
            if (isNotification)
            {
                KeepSequence(slot);
            }
            else
            {
                // RFC 7641 section 4.2: the end
                slot.IsRegistered = false;
            }

            TakeBlock(slot, isCut);
        }

        private void KeepSequence(CoapClientSlot slot)
        {
            slot.Sequence = _response.Sequence;
            slot.SequenceMs = _now;
            slot.RefreshMs = _now + ReaskAfterMs(_response.MaxAgeSeconds);
        }

        // RFC 7641 section 3.3.1
        private long ReaskAfterMs(int maxAgeSeconds)
        {
            return (maxAgeSeconds * 1000L) + LeastLateMs + _endpoint.Random.Next(LateSpreadMs + 1);
        }

        private static void BeginObserving(CoapClientSlot slot)
        {
            slot.State = CoapClientState.Observing;
            slot.DeadlineMs = slot.RefreshMs;
        }
    }
}

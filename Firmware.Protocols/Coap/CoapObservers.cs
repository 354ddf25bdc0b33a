// Who observes what (RFC 7641): a fixed table of kept requests, which the server runs again to make notifications. Each observer costs its
// kept request (CoapServerOptions.ObserverBytes) and, on a device, where every field takes 12 bytes, some 400 bytes more.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>One observation.</summary>
    internal sealed class CoapObserver
    {
        internal readonly CoapStoredRequest Request;
        internal CoapResource Resource;

        // the format of the first answer: notifications keep to it
        internal int Format;

        // the version of the resource that was told last
        internal int Version;

        // the Observe value of the last notification: a repeated message must be the same one
        internal int Sequence;

        // of the last notification, and of the one before: a Reset may cross the next one
        internal int MessageId;
        internal int PreviousMessageId;

        // how the last notification was cut to size: a repeated message must be the same one
        internal bool WasProved;

        // a Confirmable notification is under way
        internal bool IsOutstanding;
        internal int Repeats;
        internal int TimeoutMs;
        internal long NextMs;

        // the peer has acknowledged a notification: its address is proved
        internal bool IsConfirmed;
        internal long ConfirmedMs;
        internal int SinceConfirmed;

        // when an unchanged state is told again, or one that was not ready is asked for again
        internal long RefreshMs;

        internal CoapObserver(int requestBytes)
        {
            Request = new CoapStoredRequest(requestBytes);
        }

        internal bool IsUsed
        {
            get { return Request.IsUsed; }
        }

        internal void Remove()
        {
            Request.Free();
            IsOutstanding = false;
            Resource = null;
        }
    }

    /// <summary>The table of observations.</summary>
    internal sealed class CoapObservers
    {
        private readonly CoapObserver[] _slots;

        internal CoapObservers(int slots, int requestBytes)
        {
            _slots = new CoapObserver[slots];
            for (int i = 0; i < slots; i++)
            {
                _slots[i] = new CoapObserver(requestBytes);
            }
        }

        internal int Capacity
        {
            get { return _slots.Length; }
        }

        internal CoapObserver At(int index)
        {
            return _slots[index];
        }

        internal int Count()
        {
            int count = 0;
            for (int i = 0; i < _slots.Length; i++)
            {
                count += _slots[i].IsUsed ? 1 : 0;
            }

            return count;
        }

        // the observation of this endpoint and token, or null: they are its key (RFC 7641 section 4.1)
        internal CoapObserver Find(DatagramAddress peer, CoapMessage message)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapObserver slot = _slots[i];
                if (slot.IsUsed && slot.Request.HasToken(message.Buffer, message.TokenOffset, message.TokenLength) && slot.Request.Peer.Matches(peer))
                {
                    return slot;
                }
            }

            return null;
        }

        // the observation whose notification had this message ID, or null
        internal CoapObserver Find(DatagramAddress peer, int messageId)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                CoapObserver slot = _slots[i];
                if (slot.IsUsed && (slot.MessageId == messageId || slot.PreviousMessageId == messageId) && slot.Request.Peer.Matches(peer))
                {
                    return slot;
                }
            }

            return null;
        }

        // a free place, or null. Who has proved his address takes the place of one who never acknowledged anything: forged registrations
        // cannot keep the table full.
        internal CoapObserver FindFree(bool isProved)
        {
            CoapObserver doubtful = null;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (!_slots[i].IsUsed)
                {
                    return _slots[i];
                }

                doubtful = _slots[i].IsConfirmed ? doubtful : _slots[i];
            }

            return isProved ? doubtful : null;
        }

        internal int OutstandingFor(DatagramAddress peer)
        {
            int count = 0;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i].IsOutstanding && _slots[i].Request.Peer.Matches(peer))
                {
                    count++;
                }
            }

            return count;
        }

        // the socket is a new one: whether the peers can still be reached, the next notification must show
        internal void Doubt()
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                _slots[i].IsOutstanding = false;
                _slots[i].IsConfirmed = false;
            }
        }
    }
}

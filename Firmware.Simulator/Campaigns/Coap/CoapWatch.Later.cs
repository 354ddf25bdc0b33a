// What a server sends by itself: separate responses, answers to groups, notifications. Who asked for it is known by endpoint and token.

namespace Firmware.Simulator.Campaigns;

internal sealed partial class CoapWatch
{
    private const int MaxTransmissions = 5;
    private const int SequenceMask = 0xFFFFFF;

    private const int InterestMs = 1_500_000;

    private readonly Interest[] _interests;
    private readonly Interest[] _kept;
    private int _interestCount;
    private int _loopLatencyMs;
    private int _outstanding;

    internal long Retransmissions { get; private set; }

    internal long Confirmables { get; private set; }

    // a Confirmable message that is neither acknowledged nor repeated in time was forgotten, or comes late
    internal void Tick(long nowMs)
    {
        if (_outstanding == 0)
        {
            return;
        }

        for (int i = 0; i < _peers.Length; i++)
        {
            ref PeerState state = ref _peers[i];
            if (!state.IsOutstanding)
            {
                continue;
            }

            long wait = state.MayBeDropped ? _parameters.MaxTransmitWaitMs : state.Transmissions == 1 ? FirstLongest : state.GapMs * 2;
            long limit = state.LastMs + wait + _loopLatencyMs;
            if (nowMs <= limit)
            {
                continue;
            }

            if (state.Transmissions < MaxTransmissions && !state.MayBeDropped)
            {
                Break($"RFC 7252 4.2: a Confirmable message to peer {i} was neither acknowledged nor repeated in time: sent {state.Transmissions} times, last at {state.LastMs} ms");
            }

            End(ref state);
        }
    }

    private int FirstShortest => _parameters.AckTimeoutMs;

    private int FirstLongest => _parameters.AckTimeoutMs * _parameters.AckRandomFactorPercent / 100;

    private void TakeControl(int peer)
    {
        if (_in.Type < CoapPacket.Ack)
        {
            return;
        }

        ref PeerState state = ref _peers[peer];
        if (state.IsOutstanding && state.MessageId == _in.MessageId)
        {
            if (_in.Type == CoapPacket.Ack && Find(peer, state.Token, state.TokenLength, mayAdd: false, out int at))
            {
                // the address is real; but if a request has begun the observation anew meanwhile, nothing of that has been acknowledged
                _interests[at].HasAcknowledged = true;
                _interests[at].IsConfirmed |= !state.MayBeDropped;
            }

            End(ref state);
        }
        else if (_in.Type == CoapPacket.Rst && state.IsOutstanding)
        {
            // it may name an earlier notification of the same observation
            state.MayBeDropped = true;
        }
    }

    private void End(ref PeerState state)
    {
        if (state.IsOutstanding)
        {
            state.IsOutstanding = false;
            _outstanding--;
        }
    }

    private void NoteInterest(int peer, bool isMulticast)
    {
        ref PeerState state = ref _peers[peer];
        if (state.IsOutstanding && state.Token == _in.Token && state.TokenLength == _in.TokenLength)
        {
            // a request with this token takes the place of the observation that had it, or ends it
            state.MayBeDropped = true;
        }

        if (Find(peer, _in.Token, _in.TokenLength, mayAdd: true, out int at))
        {
            ref Interest interest = ref _interests[at];
            interest.RequestLength = _in.Length;
            interest.WasUnicast |= !isMulticast;
            interest.MayObserve |= _in.UIntOf(6) == 0 && _in.Code is 1 or 5;
        }
    }

    // an answer that says that an observation begins
    private void TellInterest(int peer, bool isCopy)
    {
        long observe = _out.UIntOf(6);
        if (observe < 0 || isCopy)
        {
            return;
        }

        CheckSequence(peer, observe, isRepeat: false);
        if (Find(peer, _out.Token, _out.TokenLength, mayAdd: false, out int own))
        {
            // a new observation, though under an old token: nothing of it has been acknowledged
            _interests[own].IsConfirmed = false;
        }

        // it may have taken the place of one that never acknowledged anything
        for (int i = 0; i < _peers.Length; i++)
        {
            ref PeerState other = ref _peers[i];
            if (other.IsOutstanding && Find(i, other.Token, other.TokenLength, mayAdd: false, out int at) && !_interests[at].IsConfirmed)
            {
                other.MayBeDropped = true;
            }
        }
    }

    private void CheckSequence(int peer, long observe, bool isRepeat)
    {
        if (!Find(peer, _out.Token, _out.TokenLength, mayAdd: false, out int at))
        {
            return;
        }

        ref Interest interest = ref _interests[at];
        if (!interest.MayObserve)
        {
            Break("RFC 7641 3.1: an Observe option for who never asked to observe");
        }

        long distance = (observe - interest.Sequence) & SequenceMask;
        if (interest.HasSequence && (isRepeat ? distance != 0 : distance == 0 || distance >= 1 << 23))
        {
            Break("RFC 7641 4.4: an Observe value is no newer than the one before");
        }

        interest.HasSequence = true;
        interest.Sequence = observe;
    }

    // CON and NON
    private void SentByItself(int peer, byte[] bytes)
    {
        CheckResponse();
        if (!Find(peer, _out.Token, _out.TokenLength, mayAdd: false, out int at))
        {
            Break("a response that nobody has asked for");
            return;
        }

        ref Interest interest = ref _interests[at];
        if (!interest.HasAcknowledged)
        {
            CheckAmplification(peer, interest.RequestLength);
        }

        bool isRepeat = false;
        ref PeerState state = ref _peers[peer];
        if (_out.Type == CoapPacket.Non && _out.CodeClass != 2 && state.IsOutstanding && state.Token == _out.Token && state.TokenLength == _out.TokenLength)
        {
            // RFC 7641 section 4.2: the observation has ended, and with it what was under way
            End(ref state);
        }

        if (_out.Type == CoapPacket.Con)
        {
            if (!interest.WasUnicast)
            {
                Break("RFC 7252 8.2: a Confirmable answer to a request to a group");
            }

            isRepeat = SentConfirmable(ref _peers[peer], bytes);
        }

        long observe = _out.UIntOf(6);
        if (observe >= 0)
        {
            CheckSequence(peer, observe, isRepeat);
        }
    }

    // true for the same message again
    private bool SentConfirmable(ref PeerState state, byte[] bytes)
    {
        Confirmables++;
        ulong hash = HashOf(bytes, _out.Length);
        bool isSameToken = state.IsOutstanding && state.Token == _out.Token && state.TokenLength == _out.TokenLength;
        bool isSame = isSameToken && state.MessageId == _out.MessageId;
        bool isStale = !isSame && (state.MayBeDropped || (state.IsOutstanding && HasEnded(ref state)));
        if (isSameToken && !isStale && (isSame || _out.CodeClass == 2))
        {
            Repeat(ref state);
            if (isSame && state.Hash != hash)
            {
                Break("RFC 7252 4.2: a Confirmable message was repeated with other bytes");
            }
        }
        else
        {
            if (state.IsOutstanding && !isSameToken && !isStale)
            {
                Break("RFC 7252 4.7: two Confirmable messages are under way with one endpoint (NSTART)");
            }

            _outstanding += state.IsOutstanding ? 0 : 1;
            state.IsOutstanding = true;

            // whether it is a first message or takes the place of another one cannot be seen from here: its times are not checked then
            state.IsVague = isSameToken && isStale && state.MayBeDropped;
            state.MayBeDropped = state.IsVague;
            state.Transmissions = 1;
            state.GapMs = 0;
        }

        state.Token = _out.Token;
        state.TokenLength = _out.TokenLength;
        state.MessageId = _out.MessageId;
        state.Hash = hash;
        state.LastMs = _nowMs;
        return isSame;
    }

    private void Repeat(ref PeerState state)
    {
        Retransmissions++;
        if (state.IsVague)
        {
            return;
        }

        long gap = _nowMs - state.LastMs;
        long shortest = state.Transmissions == 1 ? FirstShortest : (state.GapMs - _loopLatencyMs) * 2;
        long longest = (state.Transmissions == 1 ? FirstLongest : state.GapMs * 2) + _loopLatencyMs;
        if (gap < shortest || gap > longest)
        {
            Break("RFC 7252 4.2: a Confirmable message was repeated too early or too late");
        }

        state.GapMs = gap;
        if (++state.Transmissions > MaxTransmissions)
        {
            Break("RFC 7252 4.2: a Confirmable message was sent more than five times");
        }
    }

    private bool HasEnded(ref PeerState state) => state.Transmissions == MaxTransmissions && _nowMs >= state.LastMs + ((state.GapMs - _loopLatencyMs) * 2);

    private bool Find(int peer, ulong token, int tokenLength, bool mayAdd, out int at)
    {
        if (mayAdd && _interestCount > _interests.Length * 3 / 4)
        {
            DropOld();
        }

        int mask = _interests.Length - 1;
        ulong hash = ((ulong)peer + 1) * HashPrime;
        hash = (hash ^ token ^ ((ulong)tokenLength << 56)) * HashPrime;
        at = (int)(hash >> 40) & mask;
        while (true)
        {
            ref Interest interest = ref _interests[at];
            if (interest.Generation != _generation)
            {
                if (mayAdd)
                {
                    _interestCount++;
                    interest = new Interest { Generation = _generation, Peer = peer, Token = token, TokenLength = tokenLength, TouchedMs = _nowMs };
                }

                return mayAdd;
            }

            if (interest.Peer == peer && interest.Token == token && interest.TokenLength == tokenLength)
            {
                interest.TouchedMs = _nowMs;
                return true;
            }

            at = (at + 1) & mask;
        }
    }

    // who has neither asked nor been answered for long is forgotten
    private void DropOld()
    {
        int count = 0;
        foreach (ref readonly Interest interest in _interests.AsSpan())
        {
            if (interest.Generation == _generation && _nowMs - interest.TouchedMs < InterestMs)
            {
                _kept[count++] = interest;
            }
        }

        if (count > _interests.Length / 2)
        {
            throw new InvalidOperationException("the watch's table of tokens is full");
        }

        _generation++;
        _interestCount = 0;
        for (int i = 0; i < count; i++)
        {
            if (Find(_kept[i].Peer, _kept[i].Token, _kept[i].TokenLength, mayAdd: true, out int at))
            {
                _interests[at] = _kept[i];
                _interests[at].Generation = _generation;
            }
        }
    }

    private struct Interest
    {
        internal int Generation;
        internal long TouchedMs;
        internal int Peer;
        internal ulong Token;
        internal int TokenLength;
        internal int RequestLength;
        internal bool WasUnicast;
        internal bool MayObserve;
        internal bool HasAcknowledged;
        internal bool IsConfirmed;
        internal bool HasSequence;
        internal long Sequence;
    }
}

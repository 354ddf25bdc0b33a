// Watches a CoAP server's socket from outside and knows the rules of the message layer (RFC 7252 section 4, RFC 7641 section 4.5, RFC 9175
// section 2.6). It allocates nothing after construction, so that the fuzz target can use it, too.
// CoapWatch.Later.cs has the rules of what the server sends by itself: separate responses, notifications, retransmissions.

using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Campaigns;

/// <summary>The oracle of datagrams.</summary>
internal sealed partial class CoapWatch
{
    private const int EchoesKept = 32;
    private const ulong HashPrime = 0x9E3779B97F4A7C15;

    private CoapParameters _parameters = new();
    private readonly CoapPacket _in;
    private readonly CoapPacket _out;
    private int _maxMessage;
    private readonly Reply[] _replies;
    private readonly PeerState[] _peers;

    // the Echo values that each peer was given last
    private readonly ulong[] _echoes;
    private int _generation;
    private int _replyGeneration;
    private int _replyCount;

    // the datagram that is being answered
    private bool _isOpen;
    private int _peer;
    private bool _isMulticast;
    private int _duplicates;
    private int _answers;
    private bool _wasStored;
    private ulong _answerHash;
    private long _nowMs;

    // tableSize: a power of two
    internal CoapWatch(int peers, int tableSize, int maxOptions)
    {
        _in = new CoapPacket(maxOptions);
        _out = new CoapPacket(64);
        _peers = new PeerState[peers];
        _echoes = new ulong[peers * EchoesKept];
        _replies = new Reply[tableSize];
        _interests = new Interest[tableSize];
        _kept = new Interest[tableSize];
    }

    // the first rule that was broken
    internal string? Broken { get; private set; }

    // the server has refused the last request for want of room: 5.03
    internal long Refusals { get; private set; }

    internal long ReplayedReplies { get; private set; }

    internal CoapPacket Incoming => _in;

    // a new server is watched
    internal void Restart(CoapParameters parameters, int maxMessage, int loopLatencyMs)
    {
        _parameters = parameters;
        _maxMessage = maxMessage;
        _loopLatencyMs = loopLatencyMs;
        Refusals = 0;
        ReplayedReplies = 0;
        Retransmissions = 0;
        Confirmables = 0;
        Restart();
    }

    // the same server, emptied
    internal void Restart()
    {
        _generation++;
        _replyGeneration++;
        _replyCount = 0;
        _interestCount = 0;
        Array.Clear(_peers);
        _outstanding = 0;
        _isOpen = false;
        Broken = null;
    }

    // the server takes a datagram; duplicates: its own count before
    internal void Received(int peer, byte[] bytes, int length, bool isMulticast, int duplicates, long nowMs)
    {
        _isOpen = true;
        _peer = peer;
        _isMulticast = isMulticast;
        _duplicates = duplicates;
        _answers = 0;
        _nowMs = nowMs;
        _wasStored = false;
        CoapPacketKind kind = _in.Parse(bytes, Math.Min(length, _maxMessage));
        if (kind != CoapPacketKind.Ok || (isMulticast && _in.Type != CoapPacket.Non))
        {
            return;
        }

        if (_in.Code == 0)
        {
            TakeControl(peer);
        }
        else if (_in.IsRequest && _in.Type <= CoapPacket.Non)
        {
            TakeRequest(peer, isMulticast);
        }
    }

    // the server has done with it; duplicates: its own count now
    internal void Finish(int duplicates)
    {
        if (!_isOpen)
        {
            return;
        }

        _isOpen = false;
        bool isCopy = duplicates != _duplicates;
        if (_in.Kind == CoapPacketKind.NotCoap || _isMulticast)
        {
            return;
        }

        bool isRequest = _in.Kind == CoapPacketKind.Ok && _in.IsRequest && _in.Type <= CoapPacket.Non;
        if (isCopy && !isRequest)
        {
            Break("what is no request was counted as a copy");
        }

        if (_in.Type == CoapPacket.Con && _answers == 0 && !isCopy)
        {
            Break(isRequest ? "RFC 7252 4.2: a Confirmable request was neither acknowledged nor reset" : "RFC 7252 4.2: a Confirmable message that is no request was not reset");
        }

        if (!isRequest || _in.Type != CoapPacket.Con || _answers == 0)
        {
            return;
        }

        ref Reply known = ref FindReply(_peer, _in.MessageId, out bool isThere);
        if (isCopy && isThere && known.Hash != _answerHash)
        {
            Break("RFC 7252 4.5: a copy was answered with other bytes than the first one");
        }

        ReplayedReplies += isCopy ? 1 : 0;
        if (!isCopy && _wasStored)
        {
            known.Hash = _answerHash;
        }
    }

    // the server sends; duplicates: its own count now
    internal void Sent(int peer, byte[] bytes, int length, int duplicates, long nowMs)
    {
        _nowMs = nowMs;
        if (_out.Parse(bytes, length) != CoapPacketKind.Ok)
        {
            Break("RFC 7252 3: the server has sent what is no well-formed message");
            return;
        }

        if (length > _maxMessage)
        {
            Break("a message is longer than the endpoint's limit");
        }

        bool isCopy = duplicates != _duplicates;
        switch (_out.Type)
        {
            case CoapPacket.Ack:
                SentAcknowledgement(peer, bytes, isCopy);
                break;
            case CoapPacket.Rst:
                SentReset(peer);
                break;
            case CoapPacket.Non when _isOpen && _answers == 0 && !_isMulticast && peer == _peer && IsRequestOf(CoapPacket.Non) && _in.Token == _out.Token && _in.TokenLength == _out.TokenLength:
                _answers++;
                CheckResponse();
                CheckAmplification(peer, _in.Length);
                TellInterest(peer, isCopy);
                break;
            default:
                SentByItself(peer, bytes);
                break;
        }
    }

    private bool IsRequestOf(int type) => _in.Kind == CoapPacketKind.Ok && _in.IsRequest && _in.Type == type;

    private void SentAcknowledgement(int peer, byte[] bytes, bool isCopy)
    {
        if (!_isOpen || peer != _peer || _isMulticast || !IsRequestOf(CoapPacket.Con) || _out.MessageId != _in.MessageId || _answers != 0)
        {
            Break("RFC 7252 4.2: an acknowledgement that belongs to no Confirmable request, or a second one");
            return;
        }

        _answers++;
        _wasStored = true;
        _answerHash = HashOf(bytes, _out.Length);
        if (_out.Code == 0)
        {
            return;
        }

        // a copy is known by its message ID; if it is no true one, it gets the reply of the first all the same
        if (!isCopy && (_out.Token != _in.Token || _out.TokenLength != _in.TokenLength))
        {
            Break("RFC 7252 5.3.1: the token of a response is not its request's");
        }

        CheckResponse();
        CheckAmplification(peer, _in.Length);
        TellInterest(peer, isCopy);
    }

    private void SentReset(int peer)
    {
        bool isDue = _isOpen && peer == _peer && !_isMulticast && _in.Kind != CoapPacketKind.NotCoap && _answers == 0 && _out.MessageId == _in.MessageId && _out.Code == 0;
        bool isRejected = _in.Kind == CoapPacketKind.Malformed ? _in.Type == CoapPacket.Con
            : _in.Code == 0 ? _in.Type == CoapPacket.Con
            : _in.IsRequest ? false
            : _in.Type == CoapPacket.Con || (_in.IsResponse && _in.Type == CoapPacket.Non);
        if (!isDue || !isRejected)
        {
            Break("RFC 7252 4.2, 4.3: a Reset that answers nothing that is to be reset");
        }

        _answers++;
    }

    // what any response must keep
    private void CheckResponse()
    {
        if (!_out.IsResponse || _out.CodeClass == 3)
        {
            Break("the server has sent a code that is no response");
            return;
        }

        if (_out.Code == CoapCode.ServiceUnavailable)
        {
            Refusals++;
        }

        int last = -1;
        for (int i = 0; i < _out.Options; i++)
        {
            int number = _out.NumberAt(i);
            int length = _out.ValueAt(i).Length;
            bool isAllowed = number switch
            {
                4 => length is > 0 and <= 8,
                6 or 23 or 27 => length <= 3,
                8 or 20 => length <= 255,
                12 => length <= 2,
                14 or 28 or 60 => length <= 4,
                252 => length is > 0 and <= 40,
                _ => false,
            };
            if (!isAllowed || (number == last && number is not (8 or 20)) || (number == 6 && _out.CodeClass != 2))
            {
                Break("RFC 7252 5.4: an option that a response may not have so");
            }

            if (number is 23 or 27 && ((int)_out.UIntAt(i) & 7) == 7)
            {
                Break("RFC 7959 2.2: size exponent 7");
            }

            last = number;
        }

        long block = _out.UIntOf(23);
        if (block >= 0 && _out.CodeClass == 2)
        {
            int size = 16 << (int)(block & 7);
            if ((block & 8) != 0 ? _out.PayloadLength != size : _out.PayloadLength > size)
            {
                Break("RFC 7959 2.2: a block has another length than it says");
            }
        }
    }

    // RFC 9175 section 2.6, for each datagram
    private void CheckAmplification(int peer, int requestLength)
    {
        int echo = _out.IndexOf(252);
        ref PeerState state = ref _peers[peer];
        if (echo >= 0)
        {
            _echoes[(peer * EchoesKept) + (state.Echoes++ % EchoesKept)] = HashOf(_out.ValueAt(echo));
        }

        if (!state.IsProved && _out.Length > Math.Max(136, 3 * requestLength))
        {
            Break("RFC 9175 2.6: an address that has proved nothing was sent more than 136 bytes and three times its request");
        }
    }

    private void TakeRequest(int peer, bool isMulticast)
    {
        int echo = _in.IndexOf(252);
        ref PeerState state = ref _peers[peer];
        if (echo >= 0)
        {
            state.IsProved |= _echoes.AsSpan(peer * EchoesKept, Math.Min(state.Echoes, EchoesKept)).Contains(HashOf(_in.ValueAt(echo)));
        }

        NoteInterest(peer, isMulticast);
    }

    private ref Reply FindReply(int peer, int messageId, out bool isThere)
    {
        int mask = _replies.Length - 1;
        if (_replyCount > _replies.Length * 3 / 4)
        {
            // the oldest would do, but all are simpler: what is forgotten is not checked
            _replyGeneration++;
            _replyCount = 0;
        }

        int at = (int)((uint)((peer * 65599) + (messageId * 31)) & (uint)mask);
        do
        {
            ref Reply reply = ref _replies[at];
            if (reply.Generation != _replyGeneration)
            {
                _replyCount++;
                reply.Generation = _replyGeneration;
                reply.Key = ((long)peer << 16) | (long)messageId;
                reply.Hash = 0;
                isThere = false;
                return ref reply;
            }

            if (reply.Key == (((long)peer << 16) | (long)messageId))
            {
                isThere = reply.Hash != 0;
                return ref reply;
            }

            at = (at + 1) & mask;
        }
        while (true);
    }

    private void Break(string rule) => Broken ??= rule;

    private static ulong HashOf(byte[] bytes, int length) => HashOf(bytes.AsSpan(0, length));

    private static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length + 1;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * HashPrime;
        }

        return hash | 1;
    }

    private struct Reply
    {
        internal int Generation;
        internal long Key;
        internal ulong Hash;
    }

    private struct PeerState
    {
        internal bool IsProved;
        internal int Echoes;

        // the Confirmable message that the server has under way with this peer
        internal bool IsOutstanding;
        internal bool MayBeDropped;
        internal bool IsVague;
        internal ulong Token;
        internal int TokenLength;
        internal int MessageId;
        internal ulong Hash;
        internal int Transmissions;
        internal long LastMs;
        internal long GapMs;
    }
}

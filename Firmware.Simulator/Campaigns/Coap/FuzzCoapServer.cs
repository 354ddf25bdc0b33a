// The fuzz target for the whole CoAP server: sequences of datagrams, mutated or not, from several endpoints and to the group, with virtual time
// between. CoapWatch judges what the server sends with a parser of its own: well-formed, answering what was asked, silent where it must be, within
// the bounds of RFC 9175, repeated in time. Checked besides: no exception, no circles, no more observers than places; FuzzCampaign measures memory.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

/// <summary>CoapEndpoint and CoapServer against hostile datagrams.</summary>
internal sealed class FuzzCoapServer : IFuzzTarget, IDatagramTransport
{
    private const int MaxInput = 1500;
    private const int MaxMessage = 512;
    private const int Peers = 4;
    private const int Observers = 3;
    private const int MaxPolls = 1500;
    private const long StartMs = 1_000_000;
    private const long EndMs = 1_000_000_000;

    private static readonly int[] Waits = [0, 0, 0, 5, 400, 2500, 2500, 20_000, 95_000, 260_000];

    private readonly byte[][][] _sequences = FuzzCorpus.CoapSequences();
    private readonly byte[][] _corpus;
    private readonly SeededRandom _random = new(0);
    private readonly SeededRandom _engineRandom = new(0);
    private readonly Mutator _mutator;
    private readonly byte[] _input = new byte[MaxInput];
    private readonly byte[] _sent = new byte[2048];
    private readonly byte[] _echo = new byte[FuzzCorpus.EchoLength];
    private readonly CoapPacket _packet = new(1600);
    private readonly CoapWatch _watch = new(Peers + 1, 64, 1600);
    private readonly CoapEndpoint _endpoint;
    private readonly CoapServer _server;
    private readonly FuzzResource[] _resources;
    private readonly long[] _codes = new long[256];
    private readonly long[] _types = new long[4];
    private int _length;
    private int _peer;
    private bool _isMulticast;
    private bool _isPending;
    private bool _isWatching;
    private int _lastConfirmable;
    private bool _hasEcho;
    private long _nowMs;
    private long _datagrams;
    private long _unchanged;
    private long _polls;
    private long _silent;
    private long _notifications;

    internal FuzzCoapServer()
    {
        _mutator = new Mutator(_random);
        _corpus = [.. _sequences.SelectMany(s => s), .. FuzzCorpus.Coap()];
        CoapParameters parameters = new() { NotificationGapMs = 100, NotificationsPerConfirmation = 3, DatagramsPerPoll = 2 };
        _endpoint = new CoapEndpoint(parameters, _engineRandom, MaxMessage, 6, 1024, 8, 2);
        _resources = [new("text", FuzzKind.Text), new("large", FuzzKind.Large), new("thing", FuzzKind.Thing), new("upload", FuzzKind.Upload), new("whole", FuzzKind.Whole), new("slow", FuzzKind.Slow)];
        _server = new CoapServer(_endpoint, _resources, new CoapServerOptions { Observers = Observers, Deferred = 2, DeferredBytes = 64, Transfers = 2, TransferBytes = 128, ProvedPeers = 2, EchoKey = new byte[16], Access = new Everyone() });
        _watch.Restart(parameters, MaxMessage, 0);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Input => _input.AsSpan(0, _length);

    /// <inheritdoc/>
    public long OwnAllocations => 0;

    /// <inheritdoc/>
    public string? Run(long input)
    {
        _random.Restart(input);
        if (Restart(input) is { } stuck)
        {
            return stuck;
        }

        byte[][] sequence = _sequences[_random.Next(_sequences.Length)];
        int hostility = _random.Next(4);
        int messageId = _random.Next(65536);
        for (int i = 0; i < sequence.Length; i++)
        {
            byte[] start = _random.Next(8) == 0 ? _corpus[_random.Next(_corpus.Length)] : sequence[i];
            Prepare(start, messageId);
            messageId += _random.Next(8) == 0 ? 0 : 1;
            if (hostility > 0 && _random.Next(3) < hostility)
            {
                _length = Math.Max(1, _mutator.Mutate(_input, _length, _corpus));
            }
            else
            {
                _unchanged++;
            }

            _peer = _random.Next(4) == 0 ? _random.Next(Peers) : 0;
            _isMulticast = _random.Next(16) == 0;
            _isPending = true;
            _datagrams++;
            if (PollOnce() is { } broken)
            {
                return broken;
            }

            if (_random.Next(4) == 0)
            {
                // the same datagram again
                _isPending = true;
                _datagrams++;
                if (PollOnce() is { } brokenByCopy)
                {
                    return brokenByCopy;
                }
            }

            if (_random.Next(3) == 0)
            {
                FuzzResource resource = _resources[_random.Next(3)];
                resource.Next();
                if (PollOnce() is { } brokenByChange)
                {
                    return brokenByChange;
                }
            }

            if (Pass(Waits[_random.Next(Waits.Length)]) is { } brokenByTime)
            {
                return brokenByTime;
            }
        }

        return _server.Observers <= Observers ? null : "there are more observers than places";
    }

    /// <inheritdoc/>
    public void Count(SortedDictionary<string, long> counts)
    {
        counts.Add("datagrams", "", _datagrams);
        counts.Add("datagrams without a mutation", "", _unchanged);
        counts.Add("datagrams without an answer", "", _silent);
        counts.Add("calls of Poll", "", _polls);
        counts.Add("notifications", "", _notifications);
        counts.Add("retransmissions", "", _watch.Retransmissions);
        counts.Add("copies answered with the same reply", "", _watch.ReplayedReplies);
        for (int i = 0; i < _codes.Length; i++)
        {
            counts.Add("sent code ", FormattableString.Invariant($"{i >> 5}.{i & 31:00}"), _codes[i]);
        }

        for (int i = 0; i < _types.Length; i++)
        {
            counts.Add("sent type ", i switch { 0 => "CON", 1 => "NON", 2 => "ACK", _ => "RST" }, _types[i]);
        }
    }

    /// <inheritdoc/>
    public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
    {
        Finish();
        if (!_isPending)
        {
            return 0;
        }

        _isPending = false;
        int length = Math.Min(_length, count);
        Buffer.BlockCopy(_input, 0, buffer, offset, length);
        from.SetIPv4(10, 0, 0, _peer, 10_000 + _peer);
        from.IsMulticast = _isMulticast;
        _watch.Received(_peer, _input, _length, _isMulticast, _endpoint.Duplicates, _nowMs);
        return length;
    }

    /// <inheritdoc/>
    public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
    {
        if (!_isWatching)
        {
            return count;
        }

        Buffer.BlockCopy(buffer, offset, _sent, 0, count);
        _watch.Sent(to.Port - 10_000, _sent, count, _endpoint.Duplicates, _nowMs);
        _packet.Parse(_sent, count);
        _codes[_packet.Code]++;
        _types[_packet.Type]++;
        _notifications += _packet.Type <= CoapPacket.Non && _packet.Has(6) ? 1 : 0;
        _lastConfirmable = _packet.Type <= CoapPacket.Non ? _packet.MessageId : _lastConfirmable;
        int echo = _packet.IndexOf(252);
        if (echo >= 0 && _packet.ValueAt(echo).Length == FuzzCorpus.EchoLength)
        {
            _packet.ValueAt(echo).CopyTo(_echo);
            _hasEcho = true;
        }

        return count;
    }

    /// <inheritdoc/>
    public void Close()
    {
    }

    // a server that knows nobody. Observers outlive a socket: they end with their resources.
    private string? Restart(long input)
    {
        _isWatching = false;
        _isPending = false;
        _engineRandom.Restart(input);
        _nowMs = EndMs;
        for (int i = 0; i <= Observers && _server.Observers > 0; i++)
        {
            foreach (FuzzResource resource in _resources)
            {
                resource.Vanish();
            }

            _nowMs += EndMs;
            _endpoint.Open(this, _nowMs);
            _endpoint.Poll(_nowMs);
        }

        if (_server.Observers > 0)
        {
            return "observers of resources that are gone do not end";
        }

        foreach (FuzzResource resource in _resources)
        {
            resource.Restart();
        }

        _nowMs = StartMs;
        _endpoint.Open(this, _nowMs);
        _endpoint.Forget();
        _watch.Restart();
        _isWatching = true;
        _hasEcho = false;
        _lastConfirmable = _random.Next(65536);
        return null;
    }

    private void Prepare(byte[] start, int messageId)
    {
        Buffer.BlockCopy(start, 0, _input, 0, start.Length);
        _length = start.Length;
        if ((_input[0] & 0x20) != 0 && _input[1] == 0)
        {
            // acknowledges or resets what the server sent last
            messageId = _lastConfirmable;
        }

        _input[2] = (byte)(messageId >> 8);
        _input[3] = (byte)messageId;
        if (_length > 4 && (_input[0] & 15) > 0 && _random.Next(2) == 0)
        {
            _input[4] = (byte)_random.Next(4);
        }

        if (_hasEcho && _random.Next(4) != 0 && _input.AsSpan(0, _length).IndexOf("EEEEEEEEEEEE"u8) is int at and > 0)
        {
            _echo.CopyTo(_input, at);
        }
    }

    private void Finish()
    {
        if (_isWatching)
        {
            _watch.Finish(_endpoint.Duplicates);
        }
    }

    private string? PollOnce()
    {
        _polls++;
        int sent = _endpoint.Sent;
        bool wasPending = _isPending;
        _endpoint.Poll(_nowMs);
        Finish();
        _watch.Tick(_nowMs);
        _silent += wasPending && sent == _endpoint.Sent ? 1 : 0;
        return _watch.Broken;
    }

    // time goes on, and the endpoint is called when it wants to be
    private string? Pass(int waitMs)
    {
        long end = _nowMs + waitMs;
        for (int i = 0; _endpoint.NextDeadlineMs <= end; i++)
        {
            if (i > MaxPolls)
            {
                return "the endpoint asks to be called again and again";
            }

            _nowMs = Math.Max(_nowMs, _endpoint.NextDeadlineMs);
            if (PollOnce() is { } broken)
            {
                return broken;
            }
        }

        _nowMs = end;
        return null;
    }

    private sealed class Everyone : ICoapAccess
    {
        public byte[] Refuse(CoapRequest request) => null!;
    }

    private enum FuzzKind : byte
    {
        Text,
        Large,
        Thing,
        Upload,
        Whole,
        Slow,
    }

    /// <summary>One resource of any kind.</summary>
    private sealed class FuzzResource : CoapResource
    {
        private readonly FuzzKind _kind;
        private readonly byte[] _body;
        private bool _exists = true;
        private int _version;

        internal FuzzResource(string path, FuzzKind kind)
            : base(path)
        {
            _kind = kind;
            _body = new byte[kind == FuzzKind.Large ? 700 : 9];
            Formats = kind is FuzzKind.Upload or FuzzKind.Whole ? [] : [CoapFormat.Text, CoapFormat.Json];
            IsObservable = kind is FuzzKind.Text or FuzzKind.Large or FuzzKind.Thing;
            TakesBlocks = kind == FuzzKind.Upload;
            SendsETag = kind == FuzzKind.Thing;
        }

        public override bool Exists => _exists;

        public override int Version => _version;

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            if (IsEarly(request, response, nowMs))
            {
                return CoapCode.Empty;
            }

            response.Body.Raw(_body);
            response.Body.Number(_version);
            return CoapCode.Content;
        }

        public override int Fetch(CoapRequest request, int format, CoapResponse response, long nowMs) =>
            _kind == FuzzKind.Large ? Represent(request, format, response, nowMs) : CoapCode.MethodNotAllowed;

        public override int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            if (IsEarly(request, response, nowMs))
            {
                return CoapCode.Empty;
            }

            if (!request.IsLastBlock)
            {
                return CoapCode.Continue;
            }

            switch (_kind)
            {
                case FuzzKind.Thing:
                    bool existed = _exists;
                    _exists = request.Method != CoapCode.Delete;
                    _version++;
                    return _exists && !existed ? CoapCode.Created : _exists ? CoapCode.Changed : CoapCode.Deleted;
                case FuzzKind.Whole:
                    // an answer in blocks
                    for (int i = 0; i < 40; i++)
                    {
                        response.Body.Raw(_body);
                    }

                    response.ContentFormat = CoapFormat.Octets;
                    return CoapCode.Changed;
                default:
                    response.AddLocationPath(Path);
                    return CoapCode.Changed;
            }
        }

        internal void Next() => _version++;

        internal void Vanish()
        {
            _exists = false;
            _version++;
        }

        internal void Restart()
        {
            _exists = true;
            _version = 1;
        }

        private bool IsEarly(CoapRequest request, CoapResponse response, long nowMs)
        {
            response.RetryAtMs = nowMs + 3000;
            return _kind == FuzzKind.Slow && !request.WasDeferred;
        }
    }
}

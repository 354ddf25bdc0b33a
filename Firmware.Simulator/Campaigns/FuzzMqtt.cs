// The fuzz target for MQTT: a mutated sequence of packets goes, in random pieces, through a bare MqttFramer and through a connected MqttClient.
// Allowed are events and a Closed with an error. Checked: no exception, every view inside the bytes that arrived, a bounded number of calls,
// no use of the transport after Close. One input in eight runs twice over differently poisoned buffers: a difference means that the code has
// read bytes that never arrived.

using Firmware.Protocols.Mqtt;

namespace Firmware.Simulator.Campaigns;

/// <summary>Framer, reader and engine against hostile bytes.</summary>
internal sealed class FuzzMqtt : MutationTarget
{
    private const int ReceiveSize = 128;
    private const int MaxInput = 640;

    private readonly FuzzTransport _transport = new();
    private readonly byte[] _framerBuffer = new byte[ReceiveSize];
    private readonly MqttFramer _framer;
    private readonly MqttConnectOptions _options = new() { ClientId = "fuzz"u8.ToArray(), KeepAliveSeconds = 60, CleanSession = false };
    private readonly MqttTimeouts _timeouts = new();
    private readonly byte[][] _filters = ["a/#"u8.ToArray(), "b/+"u8.ToArray()];
    private readonly byte[] _qos = [1, 2];
    private readonly byte[] _topic = "up"u8.ToArray();
    private readonly long[] _events = new long[(int)MqttEvent.Closed + 1];
    private readonly long[] _errors = new long[256];
    private readonly long[] _frames = new long[(int)MqttFrame.Failed + 1];
    private readonly byte[] _receive = new byte[ReceiveSize];
    private readonly byte[] _control = new byte[64];
    private readonly byte[] _arena = new byte[128];
    private MqttClient _client;

    internal FuzzMqtt()
        : base(FuzzCorpus.Mqtt(), MaxInput)
    {
        _framer = new MqttFramer(_framerBuffer);
        _client = NewClient();
    }

    /// <inheritdoc/>
    public override string? Run(long input)
    {
        bool isMutated = NextInput(input);
        string? broken = RunFramer(input, 0xA5, out ulong first);
        if (broken is null && (input & 7) == 0)
        {
            broken = RunFramer(input, 0x5A, out ulong second) ?? (first == second ? null : "the framer has read bytes that never arrived");
        }

        // a new client, so that an input can be repeated alone; one in four lives through the same input twice, as on a resumed session
        long before = GC.GetAllocatedBytesForCurrentThread();
        _client = NewClient();
        OwnAllocations += GC.GetAllocatedBytesForCurrentThread() - before;
        broken ??= RunClient(input, isMutated, 0xA5, out first);
        if (broken is null && (input & 7) == 0)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            _client = NewClient();
            OwnAllocations += GC.GetAllocatedBytesForCurrentThread() - before;
            broken = RunClient(input, isMutated, 0x5A, out ulong second) ?? (first == second ? null : "the client has read bytes that never arrived");
        }

        return broken is null && (input & 3) == 0 ? RunClient(input + 1, true, 0xA5, out _) : broken;
    }

    /// <inheritdoc/>
    public override void Count(SortedDictionary<string, long> counts)
    {
        CountUnchanged(counts);
        for (int i = 0; i < _events.Length; i++)
        {
            counts.Add("event ", (MqttEvent)i, _events[i]);
        }

        for (int i = 0; i < _errors.Length; i++)
        {
            counts.Add("closed with ", (MqttError)i, _errors[i]);
        }

        for (int i = 0; i < _frames.Length; i++)
        {
            counts.Add("frame ", (MqttFrame)i, _frames[i]);
        }
    }

    private MqttClient NewClient() => new MqttClient(_receive, _control, _arena, 4, 3, _timeouts);

    private string? RunFramer(long seed, byte poison, out ulong sum)
    {
        sum = 0;
        _transport.Restart(Bytes, Length, seed);
        _framerBuffer.AsSpan().Fill(poison);
        _framer.Reset();
        for (int calls = 0; ; calls++)
        {
            if (calls > (3 * Length) + 300)
            {
                return "the framer does not come to an end";
            }

            MqttFrame frame = _framer.Read(_transport);
            _frames[(int)frame]++;
            if (_transport.Broken is { } broken)
            {
                return "framer: " + broken;
            }

            if (frame == MqttFrame.Incomplete)
            {
                continue;
            }

            if (frame is MqttFrame.Malformed or MqttFrame.Closed or MqttFrame.Failed)
            {
                sum = (sum * 131) + (ulong)frame;
                return null;
            }

            sum = (sum * 131) + (ulong)((int)frame + (_framer.BodyLength * 7) + (_framer.BodyKept * 3) + _framer.FirstByte);
            if (frame == MqttFrame.Piece)
            {
                if (_framer.PieceOffset < 0 || _framer.PieceLength < 1 || _framer.PieceOffset + _framer.PieceLength != _transport.End || _framer.PiecePosition + _framer.PieceLength > _framer.BodyLength)
                {
                    return "a piece is outside the bytes that arrived";
                }
            }
            else if (_framer.BodyOffset < 2 || _framer.BodyOffset + _framer.BodyKept != _transport.End || _framer.BodyKept > _framer.BodyLength || (frame == MqttFrame.Packet) != (_framer.BodyKept == _framer.BodyLength))
            {
                return "a packet is outside the bytes that arrived";
            }

            if (frame == MqttFrame.Head)
            {
                _framer.OpenWindow(_framer.BodyOffset + (int)((ulong)seed % 120));
            }
        }
    }

    private string? RunClient(long seed, bool isMutated, byte poison, out ulong sum)
    {
        sum = 0;
        _transport.Restart(Bytes, Length, seed);
        _receive.AsSpan().Fill(poison);
        if (_client.State != MqttState.Closed || _client.Connect(_transport, _options, 0) != MqttError.None)
        {
            return "the client cannot connect";
        }

        bool hasPublished = false;
        int expectedPosition = -1;
        int limit = (3 * Length) + 300;
        for (int calls = 0; calls < limit; calls++)
        {
            MqttEvent what = _client.Poll(calls);
            _events[(int)what]++;
            sum = (sum * 131) + (ulong)what;
            if (_transport.Broken is { } broken)
            {
                return "client: " + broken;
            }

            switch (what)
            {
                case MqttEvent.Connected or MqttEvent.Resumed when _client.State == MqttState.Connected && !hasPublished:
                    hasPublished = true;
                    _client.Publish(_topic, Bytes, 0, Math.Min(Length, 20), 1, false);
                    _client.Publish(_topic, Bytes, 0, Math.Min(Length, 20), 2, false);
                    _client.Subscribe(_filters, _qos, 2);
                    break;
                case MqttEvent.MessageReceived or MqttEvent.MessageStarted or MqttEvent.MessagePiece:
                    if (CheckMessage(what, ref expectedPosition) is { } wrong)
                    {
                        return wrong;
                    }

                    if (what == MqttEvent.MessageStarted && (seed & 1) == 0)
                    {
                        _client.AcceptPieces();
                    }

                    break;
                case MqttEvent.Subscribed:
                    if (_client.SubscribeResult(0) is not (0 or 1 or 2 or 0x80))
                    {
                        return "SUBACK with a code that does not exist was taken";
                    }

                    break;
                case MqttEvent.Closed:
                    _errors[(int)_client.Error]++;
                    sum = (sum * 131) + ((ulong)_client.Error * 7) + (ulong)_client.ErrorDetail + _transport.Written;
                    return Ended(isMutated);
            }
        }

        return "the client does not come to an end";
    }

    private string? Ended(bool isMutated)
    {
        if (!_transport.IsClosed)
        {
            return "Closed was told, but the transport is open";
        }

        // a refusal, or a broker that does more than was asked for, is in the corpus; the rest ends with the link
        bool isExpected = _client.Error is MqttError.LinkClosed or MqttError.Refused or MqttError.TooManyOpen or MqttError.ProtocolViolation;
        return isMutated || isExpected ? null : "a valid sequence ended with " + _client.Error;
    }

    private string? CheckMessage(MqttEvent what, ref int expectedPosition)
    {
        MqttMessage message = _client.Message;
        bool ok = message.Buffer == _receive
            && message.TopicOffset >= 4
            && message.TopicLength > 0
            && message.PayloadOffset >= message.TopicOffset + message.TopicLength + (what == MqttEvent.MessagePiece ? 0 : message.Qos > 0 ? 2 : 0)
            && message.PieceLength >= 0
            && message.PayloadOffset + message.PieceLength == _transport.End
            && message.PiecePosition >= 0
            && message.PiecePosition + message.PieceLength <= message.PayloadLength
            && (message.Qos == 0) == (message.PacketId == 0);
        if (what == MqttEvent.MessagePiece)
        {
            ok &= message.PiecePosition == expectedPosition;
        }

        expectedPosition = message.PiecePosition + message.PieceLength;
        ok &= what == MqttEvent.MessageStarted || message.IsLastPiece == (expectedPosition == message.PayloadLength);
        return ok ? null : what + ": a view is outside the bytes that arrived";
    }
}

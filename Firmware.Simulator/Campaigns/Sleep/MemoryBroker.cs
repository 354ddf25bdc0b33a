// A tiny MQTT 3.1.1 broker in memory, scripted by a test or a campaign: the board's transport ends here. It runs inside the board's own reads and
// writes, so with a clock that stands still everything has happened when Advance returns. It hands bytes over in random pieces (seeded).
// Leaves out: QoS 2, sessions, filters: the script says what arrives. MemoryBroker.Link.cs has the board's end of the link.

using System.Buffers.Binary;
using System.Text;
using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

/// <summary>A message that the board published, or its last will, and when on the board's clock.</summary>
internal sealed record Heard(long AtMs, string Topic, string Payload, int Qos, bool Retain)
{
    /// <summary>The packet identifier; 0 without one.</summary>
    internal int PacketId { get; init; }
}

/// <summary>A broker for one client.</summary>
/// <param name="nowMs">The clock, which knows no boots.</param>
/// <param name="seed">Of the pieces in which bytes pass.</param>
internal sealed partial class MemoryBroker(Func<long> nowMs, int seed = 20180615)
{
    private readonly Lock _gate = new();
    private readonly Random _chance = new(seed);
    private readonly List<Heard> _heard = [];
    private readonly List<Heard> _wills = [];
    private readonly MqttPacketStream _fromBoard = new();
    private readonly Queue<byte> _toBoard = new();
    private readonly Queue<(long DueMs, byte[] Packet)> _answers = new();
    private Link? _link;
    private Heard? _will;
    private long _willDueMs = long.MaxValue;
    private int _keepAliveSeconds;
    private readonly Queue<(long EndsAt, int PacketId)> _acknowledgements = new();
    private long _queuedDown;
    private int _packetId;

    /// <summary>The code of the next CONNACKs; null: CONNECT stays unanswered.</summary>
    internal byte? ConnackCode { get; set; } = 0;

    /// <summary>What SUBACK grants for every filter.</summary>
    internal byte SubackCode { get; set; } = 1;

    /// <summary>Whether PUBLISH with QoS 1 is acknowledged.</summary>
    internal bool Acknowledges { get; set; } = true;

    /// <summary>Whether PINGREQ is answered.</summary>
    internal bool AnswersPings { get; set; } = true;

    /// <summary>How long the broker's answers take, milliseconds of the board's clock.</summary>
    internal int RoundTripMs { get; set; }

    /// <summary>Whether the link takes bytes.</summary>
    internal bool TakesBytes { get; set; } = true;

    /// <summary>Whether the broker has vanished: what is sent to it is lost, and nothing comes from it.</summary>
    internal bool IsGone { get; set; }

    /// <summary>Bytes that the board sent, on all connections.</summary>
    internal long BytesUp { get; private set; }

    /// <summary>Bytes that the board read, on all connections.</summary>
    internal long BytesDown { get; private set; }

    /// <summary>The names of the packets that came on this connection, in order.</summary>
    internal List<string> Packets { get; } = [];

    /// <summary>The last CONNECT: flags, keepalive and fields.</summary>
    internal byte[] LastConnect { get; private set; } = [];

    /// <summary>The filters of the last SUBSCRIBE.</summary>
    internal List<string> Filters { get; } = [];

    /// <summary>Acknowledgements that came, by packet identifier.</summary>
    internal List<int> Acknowledged { get; } = [];

    /// <summary>Times of the CONNECT packets.</summary>
    internal List<long> Connects { get; } = [];

    /// <summary>Whether the board holds an open link.</summary>
    internal bool IsLinked
    {
        get
        {
            lock (_gate)
            {
                return _link is { State: 0 };
            }
        }
    }

    /// <summary>Whether the broker would publish the last will if the link died now.</summary>
    internal bool HasWill => _will is not null;

    /// <summary>Whether DISCONNECT reaches the broker.</summary>
    internal bool HearsDisconnect { get; set; } = true;

    /// <summary>Called with the packet identifier when the board has read a PUBACK whole.</summary>
    internal Action<int>? AcknowledgementRead { get; set; }

    /// <summary>Called for every message of the board, as it arrives.</summary>
    internal Action<Heard>? Arrived { get; set; }

    /// <summary>The last wills that were published until now: links that died without DISCONNECT.</summary>
    internal Heard[] Wills
    {
        get
        {
            lock (_gate)
            {
                PublishWillIfDue(NowMs);
                return [.. _wills];
            }
        }
    }

    /// <summary>Whether messages are kept for <see cref="All"/>; a campaign of weeks takes them from <see cref="Arrived"/>.</summary>
    internal bool Keeps { get; set; } = true;

    /// <summary>All messages until now, on all connections.</summary>
    internal Heard[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>The payloads of one topic, in order.</summary>
    internal string[] On(string topic) => [.. All.Where(m => m.Topic == topic).Select(m => m.Payload)];

    /// <summary>A new connection; the old one is gone: as if the new CONNECT had come already, a will that still waits is published (3.1.4-2).</summary>
    internal ITransport Open()
    {
        lock (_gate)
        {
            PublishWill();
            _fromBoard.Clear();
            _toBoard.Clear();
            _answers.Clear();
            _acknowledgements.Clear();
            _queuedDown = BytesDown;
            Packets.Clear();
            Filters.Clear();
            return _link = new Link(this);
        }
    }

    /// <summary>Sends a message to the board.</summary>
    internal void Send(string topic, string payload, int qos = 1, bool retain = false) => Send(topic, Encoding.UTF8.GetBytes(payload), qos, retain);

    /// <summary>Sends a message to the board.</summary>
    internal int Send(string topic, byte[] payload, int qos = 1, bool retain = false, bool duplicate = false, int packetId = 0)
    {
        List<byte> body = [];
        Field(body, topic);
        if (qos > 0)
        {
            packetId = packetId != 0 ? packetId : (_packetId = (_packetId % 65535) + 1);
            body.Add((byte)(packetId >> 8));
            body.Add((byte)packetId);
        }

        body.AddRange(payload);
        Raw(MqttPacketStream.Encode(0x30 | (duplicate ? 8 : 0) | (qos << 1) | (retain ? 1 : 0), body));
        return packetId;
    }

    /// <summary>Sends bytes as they are.</summary>
    internal void Raw(params byte[] bytes)
    {
        lock (_gate)
        {
            foreach (byte b in bytes)
            {
                _toBoard.Enqueue(b);
            }

            _queuedDown += bytes.Length;
            if (bytes is [0x40, 2, byte high, byte low])
            {
                _acknowledgements.Enqueue((_queuedDown, (high << 8) | low));
            }
        }
    }

    /// <summary>Breaks the link, or ends it in order.</summary>
    internal void Drop(bool inOrder = false)
    {
        lock (_gate)
        {
            if (_link is { State: 0 })
            {
                _link.State = inOrder ? TransportResult.Closed : TransportResult.Failed;
                PublishWill();
            }
        }
    }

    /// <summary>Cuts the link without a word, as a power cut or a lost access point does: the board's end is dead, and the broker notices it only after
    /// one and a half keepalives (3.1.2-24).</summary>
    internal void Lose()
    {
        lock (_gate)
        {
            if (_link is { State: 0 })
            {
                _link.State = TransportResult.Failed;
                ForgetLink();
            }
        }
    }

    private static void Field(List<byte> body, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        body.Add((byte)(bytes.Length >> 8));
        body.Add((byte)bytes.Length);
        body.AddRange(bytes);
    }

    // the broker learns of the end now, unless it should have noticed earlier
    private void PublishWill()
    {
        _willDueMs = Math.Min(NowMs, _willDueMs);
        PublishWillIfDue(NowMs);
    }

    // the broker learns nothing until the keepalive has passed one and a half times
    private void ForgetLink() => _willDueMs = _keepAliveSeconds == 0 ? long.MaxValue : NowMs + (_keepAliveSeconds * 1500L);

    private void PublishWillIfDue(long nowMs)
    {
        if (_will is not null && nowMs >= _willDueMs)
        {
            // asked late, it was published when it was due
            _wills.Add(_will with { AtMs = _willDueMs });
            _will = null;
        }
    }

    // at once, or when the answers are due
    private void Answer(params byte[] packet)
    {
        if (RoundTripMs == 0 && _answers.Count == 0)
        {
            Raw(packet);
        }
        else
        {
            _answers.Enqueue((NowMs + RoundTripMs, packet));
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        BytesUp += bytes.Length;
        if (IsGone)
        {
            return;
        }

        _fromBoard.Add(bytes);
        while (_fromBoard.TryTake(out byte first, out byte[] body))
        {
            Handle(first, body);
        }
    }

    private void Handle(byte first, byte[] body)
    {
        switch (first & 0xF0)
        {
            case 0x10:
                Packets.Add("CONNECT");
                Connects.Add(nowMs());
                LastConnect = body;
                TakeWill(body);
                if (ConnackCode is { } code)
                {
                    Answer(0x20, 2, 0, code);
                }

                break;
            case 0x30:
                Packets.Add("PUBLISH");
                HandlePublish(first, body);
                break;
            case 0x40:
                Packets.Add("PUBACK");
                Acknowledged.Add(BinaryPrimitives.ReadUInt16BigEndian(body));
                break;
            case 0x80:
                Packets.Add("SUBSCRIBE");
                HandleSubscribe(body);
                break;
            case 0xC0:
                Packets.Add("PINGREQ");
                if (AnswersPings)
                {
                    Answer(0xD0, 0);
                }

                break;
            case 0xE0:
                Packets.Add("DISCONNECT");
                _will = HearsDisconnect ? null : _will;
                break;
            default:
                Packets.Add($"0x{first:X2}");
                break;
        }
    }

    // 3.1.2 and 3.1.3: protocol name and level, flags, keepalive, client identifier, will topic, will message
    private void TakeWill(byte[] body)
    {
        int at = 2 + BinaryPrimitives.ReadUInt16BigEndian(body) + 1;
        int flags = body[at];
        _keepAliveSeconds = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at + 1));
        at += 3;
        _ = TakeField(body, ref at);
        _will = ConnackCode == 0 && (flags & 4) != 0 ? new Heard(0, TakeField(body, ref at), TakeField(body, ref at), (flags >> 3) & 3, (flags & 0x20) != 0) : null;
        _willDueMs = long.MaxValue;
    }

    private static string TakeField(byte[] body, ref int at)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at));
        at += 2 + length;
        return Encoding.UTF8.GetString(body, at - length, length);
    }

    private void HandlePublish(byte first, byte[] body)
    {
        int qos = (first >> 1) & 3;
        int topicLength = BinaryPrimitives.ReadUInt16BigEndian(body);
        int at = 2 + topicLength;
        int packetId = 0;
        if (qos > 0)
        {
            packetId = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at));
            if (Acknowledges)
            {
                Answer(0x40, 2, body[at], body[at + 1]);
            }

            at += 2;
        }

        Heard heard = new(nowMs(), Encoding.UTF8.GetString(body, 2, topicLength), Encoding.UTF8.GetString(body, at, body.Length - at), qos, (first & 1) != 0) { PacketId = packetId };
        if (Keeps)
        {
            _heard.Add(heard);
        }

        Arrived?.Invoke(heard);
    }

    private void HandleSubscribe(byte[] body)
    {
        List<byte> codes = [body[0], body[1]];
        for (int at = 2; at < body.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at));
            Filters.Add(Encoding.UTF8.GetString(body, at + 2, length));
            at += 2 + length + 1;
            codes.Add(SubackCode);
        }

        Answer(MqttPacketStream.Encode(0x90, codes));
    }

    private long NowMs => nowMs();
}

// A broker in memory for MqttClientAdapter: it answers at once, inside the adapter's own reads and writes, and hands bytes over in random
// pieces (seeded). It knows all three QoS in both directions and UNSUBSCRIBE; the test says what it sends and what it keeps to itself.
// Leaves out sessions and filters.

using System.Buffers.Binary;
using System.Text;
using Firmware.Protocols.Io;
using Firmware.Simulator.Campaigns;

namespace Firmware.Tests.Host.Adapter;

/// <summary>What arrived in a PUBLISH.</summary>
internal sealed record Heard(string Topic, string Text, int Qos, bool Retain, bool Dup, int PacketId);

/// <summary>A broker for one client at a time. Thread-safe.</summary>
internal sealed class AdapterBroker
{
    private readonly Lock _gate = new();
    private readonly Random _chance = new(31102);
    private readonly MqttPacketStream _fromClient = new();
    private readonly Queue<byte> _toClient = new();
    private readonly List<string> _packets = [];
    private readonly List<Heard> _heard = [];
    private readonly Queue<byte[]> _subackCodes = new();
    private Link? _link;

    /// <summary>The code of CONNACK; null: CONNECT stays unanswered.</summary>
    internal byte? ConnackCode { get; set; } = 0;

    /// <summary>Whether PUBLISH is acknowledged.</summary>
    internal bool Acknowledges { get; set; } = true;

    /// <summary>Whether SUBSCRIBE is answered.</summary>
    internal bool AnswersRequests { get; set; } = true;

    /// <summary>Whether CONNECT ends the link, as a broker does with a certificate it does not know.</summary>
    internal bool HangsUp { get; set; }

    /// <summary>Whether the link takes bytes.</summary>
    internal bool TakesBytes { get; set; } = true;

    /// <summary>Whether the link goes on saying "nothing now" after the adapter closed it, as TlsTransport does without Wi-Fi.</summary>
    internal bool IgnoresClose { get; set; }

    /// <summary>How many links were opened.</summary>
    internal int Opened { get; private set; }

    /// <summary>How many links the adapter closed.</summary>
    internal int Closed { get; private set; }

    /// <summary>The body of the last CONNECT.</summary>
    internal byte[] LastConnect { get; private set; } = [];

    /// <summary>The names of all packets until now.</summary>
    internal string[] Packets
    {
        get
        {
            lock (_gate)
            {
                return [.. _packets];
            }
        }
    }

    /// <summary>All messages until now.</summary>
    internal Heard[] Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>The codes of the next SUBACK; without them each filter is granted what it asks for.</summary>
    internal void Grant(params byte[] codes)
    {
        lock (_gate)
        {
            _subackCodes.Enqueue(codes);
        }
    }

    internal int Count(string packet) => Packets.Count(p => p == packet);

    /// <summary>Forgets what arrived.</summary>
    internal void Forget()
    {
        lock (_gate)
        {
            _packets.Clear();
            _heard.Clear();
        }
    }

    internal ITransport Open()
    {
        lock (_gate)
        {
            _fromClient.Clear();
            _toClient.Clear();
            Opened++;
            return _link = new Link(this);
        }
    }

    internal void Send(string topic, byte[] payload, int qos = 0, int packetId = 0, bool retain = false, bool dup = false)
    {
        List<byte> body = [];
        byte[] name = Encoding.UTF8.GetBytes(topic);
        body.AddRange([(byte)(name.Length >> 8), (byte)name.Length, .. name]);
        if (qos > 0)
        {
            body.AddRange([(byte)(packetId >> 8), (byte)packetId]);
        }

        body.AddRange(payload);
        Answer((byte)(0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)), body);
    }

    internal void Send(string topic, string text, int qos = 0, int packetId = 0) => Send(topic, Encoding.UTF8.GetBytes(text), qos, packetId);

    /// <summary>Breaks the link.</summary>
    internal void Drop()
    {
        lock (_gate)
        {
            if (_link is { State: 0 })
            {
                _link.State = TransportResult.Failed;
            }
        }
    }

    private void Answer(byte first, IReadOnlyCollection<byte> body)
    {
        lock (_gate)
        {
            foreach (byte b in MqttPacketStream.Encode(first, body))
            {
                _toClient.Enqueue(b);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _fromClient.Add(bytes);
        while (_fromClient.TryTake(out byte first, out byte[] body))
        {
            Handle(first, body);
        }
    }

    private void Handle(byte first, byte[] body)
    {
        switch (first & 0xF0)
        {
            case 0x10:
                _packets.Add("CONNECT");
                LastConnect = body;
                if (HangsUp)
                {
                    _link!.State = TransportResult.Closed;
                }
                else if (ConnackCode is { } code)
                {
                    Answer(0x20, [0, code]);
                }

                break;
            case 0x30:
                _packets.Add("PUBLISH");
                HandlePublish(first, body);
                break;
            case 0x40:
                _packets.Add("PUBACK");
                break;
            case 0x50:
                _packets.Add("PUBREC");
                Answer(0x62, body);
                break;
            case 0x60:
                _packets.Add("PUBREL");
                Answer(0x70, body);
                break;
            case 0x70:
                _packets.Add("PUBCOMP");
                break;
            case 0x80:
                _packets.Add("SUBSCRIBE");
                HandleSubscribe(body);
                break;
            case 0xA0:
                _packets.Add("UNSUBSCRIBE");
                Answer(0xB0, body[..2]);
                break;
            case 0xC0:
                _packets.Add("PINGREQ");
                Answer(0xD0, []);
                break;
            case 0xE0:
                _packets.Add("DISCONNECT");
                break;
            default:
                _packets.Add($"0x{first:X2}");
                break;
        }
    }

    private void HandlePublish(byte first, byte[] body)
    {
        int qos = (first >> 1) & 3;
        int end = 2 + BinaryPrimitives.ReadUInt16BigEndian(body);
        string topic = Encoding.UTF8.GetString(body, 2, end - 2);
        int packetId = 0;
        if (qos > 0)
        {
            packetId = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(end));
            end += 2;
        }

        _heard.Add(new Heard(topic, Encoding.UTF8.GetString(body, end, body.Length - end), qos, (first & 1) != 0, (first & 8) != 0, packetId));
        if (qos > 0 && Acknowledges)
        {
            Answer((byte)(qos == 1 ? 0x40 : 0x50), [(byte)(packetId >> 8), (byte)packetId]);
        }
    }

    private void HandleSubscribe(byte[] body)
    {
        if (!AnswersRequests)
        {
            return;
        }

        List<byte> asked = [];
        for (int at = 2; at < body.Length;)
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at));
            asked.Add(body[at++]);
        }

        Answer(0x90, [body[0], body[1], .. _subackCodes.TryDequeue(out byte[]? codes) ? codes : [.. asked]]);
    }

    /// <summary>The client's end. Its state is 0 while it lasts, else what reads and writes return.</summary>
    private sealed class Link(AdapterBroker broker) : ITransport
    {
        private bool _isClosed;

        internal int State { get; set; }

        public int Read(byte[] buffer, int offset, int count)
        {
            lock (broker._gate)
            {
                if (State != 0 || broker._link != this || broker._toClient.Count == 0)
                {
                    return State;
                }

                int got = Math.Min(1 + broker._chance.Next(count), broker._toClient.Count);
                for (int i = 0; i < got; i++)
                {
                    buffer[offset + i] = broker._toClient.Dequeue();
                }

                return got;
            }
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            lock (broker._gate)
            {
                if (State != 0 || !broker.TakesBytes)
                {
                    return State;
                }

                int put = 1 + broker._chance.Next(count);
                broker.Take(buffer.AsSpan(offset, put));
                return put;
            }
        }

        public void Close()
        {
            lock (broker._gate)
            {
                broker.Closed += _isClosed ? 0 : 1;
                _isClosed = true;
                State = State == 0 && !broker.IgnoresClose ? TransportResult.Failed : State;
            }
        }
    }
}

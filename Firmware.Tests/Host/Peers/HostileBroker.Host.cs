// A broker that does what no broker may, in memory and in virtual time. What it does is written as a script of words, so that a test is a row
// of a table, and what becomes of the client is told as one line, so that the table can stand in docs/mqtt.md.
//
// Words: hexadecimal bytes are sent as they are; "connack" is 20020000; "pub0", "pub1", "pub2", "sub", "sub8", "unsub" and "disconnect" are calls
// of the program; "block" stops the link from taking bytes; "close" and "break" end it; "@N" lets N milliseconds pass without a word, "silence"
// all the rest.

using System.Globalization;
using System.Text;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Peers;

/// <summary>The broker's end of a link in memory, and the client at the other end.</summary>
internal sealed class HostileBroker
{
    internal const int ReceiveBuffer = 512;
    internal const int ControlBuffer = 256;
    internal const int MaxOpen = 4;

    // a client that needs more calls without time passing does not come to rest
    private const int MaxPolls = 5000;

    // how long "silence" lasts at the most: longer than any limit, and than any two in a row
    private const int LongestSilenceMs = 600_000;

    private static readonly byte[] Topic = Bytes.FromString("t");
    private static readonly byte[] Payload = Bytes.FromString("payload");
    private static readonly byte[][] EightFilters = [.. Enumerable.Range(0, 8).Select(i => Bytes.FromString($"f{i}"))];
    private static readonly byte[] SignOfLife = [0x30, 0x04, 0x00, 0x01, (byte)'s', (byte)'!'];
    private readonly List<string> _events = [];

    internal HostileBroker(int pieceSize = int.MaxValue, int keepAliveSeconds = 60, bool cleanSession = true)
    {
        Link = new MemoryLink { PieceSize = pieceSize };
        Client = new MqttClient(new byte[ReceiveBuffer], new byte[ControlBuffer], new byte[2048], 8, MaxOpen, new MqttTimeouts());
        var options = new MqttConnectOptions { ClientId = Bytes.FromString("c"), KeepAliveSeconds = keepAliveSeconds, CleanSession = cleanSession };
        Expect(Client.Connect(Link, options, NowMs));
    }

    internal MqttClient Client { get; }

    internal MemoryLink Link { get; }

    /// <summary>The virtual time. It does not start at 0, which hides mistakes.</summary>
    internal long NowMs { get; private set; } = 1_000_000;

    internal bool IsClosed { get; private set; }

    /// <summary>All events but None and Closed since the last word of the script.</summary>
    internal IReadOnlyList<string> Events => _events;

    /// <summary>Runs a script and tells what became of the client.</summary>
    /// <returns>"Error detail, at once" or "after N ms", counted from the last word but "silence"; or "goes on" with the events and the answers to the last word.</returns>
    internal string Outcome(string script)
    {
        string[] words = script.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool silence = words.Length > 0 && words[^1] == "silence";
        if (silence)
        {
            words = words[..^1];
        }

        Settle();
        foreach (string word in words)
        {
            _events.Clear();
            Link.Written.Clear();
            Say(word);
            Settle();
        }

        long start = NowMs;
        if (silence)
        {
            Pass(LongestSilenceMs);
        }

        if (!IsClosed)
        {
            return silence ? "waits for ever" : GoesOn();
        }

        if (Link.CloseCount != 1 || Link.WasUsedAfterClose)
        {
            throw new AssertFailedException($"the link was closed {Link.CloseCount} times; used afterwards: {Link.WasUsedAfterClose}");
        }

        bool isByte = Client.Error is MqttError.MalformedPacket or MqttError.ProtocolViolation or MqttError.PacketTimeout;
        string detail = isByte ? $"0x{Client.ErrorDetail:X2}" : Client.ErrorDetail.ToString(CultureInfo.InvariantCulture);
        return $"{Client.Error} {detail}, {(NowMs == start ? "at once" : $"after {NowMs - start} ms")}";
    }

    /// <summary>Polls until nothing happens any more at the present time.</summary>
    internal void Settle()
    {
        int quiet = 0;
        for (int polls = 0; quiet < 3; polls++)
        {
            if (polls == MaxPolls)
            {
                throw new AssertFailedException("the client does not come to rest");
            }

            int waiting = Link.ToClient.Count;
            quiet = Poll() == MqttEvent.None && Link.ToClient.Count == waiting ? quiet + 1 : 0;
        }
    }

    /// <summary>Lets time pass, from one deadline of the client to the next.</summary>
    internal void Pass(long milliseconds)
    {
        long until = NowMs + milliseconds;
        int polls = 0;
        while (!IsClosed && Client.NextDeadlineMs <= until)
        {
            polls = Client.NextDeadlineMs > NowMs ? 0 : polls + 1;
            if (polls > MaxPolls)
            {
                throw new AssertFailedException($"the client asks to be polled at {Client.NextDeadlineMs} for ever; it is {NowMs}");
            }

            NowMs = Math.Max(NowMs, Client.NextDeadlineMs);
            Poll();
        }

        if (!IsClosed)
        {
            NowMs = until;
            Settle();
        }
    }

    /// <summary>Lets time pass while nobody polls.</summary>
    internal void Later(int milliseconds) => NowMs += milliseconds;

    internal MqttEvent Poll()
    {
        MqttEvent happened = Client.Poll(NowMs);
        if (happened == MqttEvent.Closed)
        {
            IsClosed = true;
        }
        else if (happened is MqttEvent.Connected or MqttEvent.Resumed)
        {
            _events.Add(happened.ToString());
        }
        else if (happened == MqttEvent.Subscribed)
        {
            _events.Add($"Subscribed (0x{Client.SubscribeResult(0):X2})");
        }
        else if (happened != MqttEvent.None)
        {
            _events.Add(happened.ToString());
        }

        return happened;
    }

    /// <summary>One word of the script.</summary>
    internal void Say(string word)
    {
        switch (word)
        {
            case "connack":
                Link.ToClient.AddRange([0x20, 2, 0, 0]);
                break;
            case "pub0" or "pub1" or "pub2":
                Expect(Client.Publish(Topic, Payload, 0, Payload.Length, word[3] - '0', false));
                break;
            case "sub":
                Expect(Client.Subscribe(EightFilters, new byte[8], 1));
                break;
            case "sub8":
                Expect(Client.Subscribe(EightFilters, new byte[8], 8));
                break;
            case "unsub":
                Expect(Client.Unsubscribe(EightFilters, 1));
                break;
            case "disconnect":
                Client.Disconnect();
                break;
            case "block":
                Link.IsBlocked = true;
                break;
            case "close":
                Link.End = TransportResult.Closed;
                break;
            case "break":
                Link.End = TransportResult.Failed;
                break;
            default:
                if (word[0] == '@')
                {
                    Pass(int.Parse(word.AsSpan(1), CultureInfo.InvariantCulture));
                }
                else
                {
                    Link.ToClient.AddRange(Convert.FromHexString(word));
                }

                break;
        }
    }

    /// <summary>The packets in what the client wrote, by name and identifier.</summary>
    internal string Answers()
    {
        var names = new List<string>();
        byte[] written = [.. Link.Written];
        for (int at = 0; at < written.Length; at += 2 + written[at + 1])
        {
            string? name = (written[at] >> 4) switch { 4 => "PUBACK", 5 => "PUBREC", 6 => "PUBREL", 7 => "PUBCOMP", 12 => "PINGREQ", _ => null };
            names.Add(name is null ? $"0x{written[at]:X2}" : written[at + 1] == 2 ? $"{name} {(written[at + 2] << 8) | written[at + 3]}" : name);
        }

        return string.Join(", ", names);
    }

    private static void Expect(MqttError error)
    {
        if (error != MqttError.None)
        {
            throw new AssertFailedException($"the script's call was refused: {error}");
        }
    }

    private string GoesOn()
    {
        var text = new StringBuilder("goes on");
        string happened = string.Join(", ", _events);
        string answers = Answers();
        if (happened.Length + answers.Length > 0)
        {
            text.Append(": ").Append(happened).Append(happened.Length > 0 && answers.Length > 0 ? "; " : "").Append(answers.Length > 0 ? "answers " + answers : "");
        }

        // "goes on" must be true
        _events.Clear();
        Link.ToClient.AddRange(SignOfLife);
        Settle();
        if (_events.Count != 1 || _events[0] != nameof(MqttEvent.MessageReceived))
        {
            throw new AssertFailedException($"the client is {Client.State} but does not hear: {string.Join(", ", _events)}; {Client.Error} {Client.ErrorDetail}");
        }

        return text.ToString();
    }

    /// <summary>A link that moves whatever it is told to.</summary>
    internal sealed class MemoryLink : ITransport
    {
        internal List<byte> ToClient { get; } = [];

        internal List<byte> Written { get; } = [];

        /// <summary>Most bytes that one read gives.</summary>
        internal int PieceSize { get; init; }

        /// <summary>Takes no byte any more.</summary>
        internal bool IsBlocked { get; set; }

        /// <summary>What reads and writes give when nothing is left to read; 0: the link lives.</summary>
        internal int End { get; set; }

        internal int CloseCount { get; private set; }

        internal bool WasUsedAfterClose { get; private set; }

        public int Read(byte[] buffer, int offset, int count)
        {
            WasUsedAfterClose |= CloseCount > 0;
            int got = Math.Min(Math.Min(count, PieceSize), ToClient.Count);
            if (got == 0)
            {
                return End;
            }

            ToClient.CopyTo(0, buffer, offset, got);
            ToClient.RemoveRange(0, got);
            return got;
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            WasUsedAfterClose |= CloseCount > 0;
            if (IsBlocked || End != 0)
            {
                return End;
            }

            Written.AddRange(buffer.AsSpan(offset, count));
            return count;
        }

        public void Close() => CloseCount++;
    }
}

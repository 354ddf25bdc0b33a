// The fuzz target for WebSocket: mutated frames against a connection, in random pieces, then once more in others, which must not matter. Allowed are messages and a
// close with a code. Checked: no exception, messages inside of the buffer, text that is UTF-8 (told by .NET), one end, no use of the link after it, and the same answers.

using System.Text.Unicode;
using Firmware.Protocols.WebSocket;

namespace Firmware.Simulator.Campaigns;

/// <summary>WebSocketFrameReader and WebSocketConnection, as server and as client, against hostile bytes.</summary>
internal sealed class FuzzWebSocket : MutationTarget
{
    private const int MaxInput = 700;

    // those that applications choose count as one
    private const int ApplicationCodes = 3000;

    private readonly FuzzTransport _transport = new();
    private readonly WebSocketConnection _server = new(new byte[200], new byte[400], null);
    private readonly WebSocketConnection _client = new(new byte[200], new byte[400], new WebSocketNoise(new byte[16]));
    private readonly long[] _events = new long[(int)WebSocketEvent.Closed + 1];
    private readonly long[] _codes = new long[ApplicationCodes + 1];
    private long _asServer;

    internal FuzzWebSocket()
        : base(FuzzCorpus.WebSocket(), MaxInput)
    {
    }

    /// <inheritdoc/>
    public override string? Run(long input)
    {
        bool isMutated = NextInput(input);

        // who it is for tells the mask of its first frame; now and then the other one gets it
        bool isMasked = Length > 1 && (Bytes[1] & 0x80) != 0;
        bool isServer = isMasked ^ (isMutated && Random.Next(16) == 0);
        _asServer += isServer ? 1 : 0;
        WebSocketConnection connection = isServer ? _server : _client;
        string? broken = RunOver(connection, isServer, input, out ulong first);
        if (broken is null)
        {
            connection.Buffer.AsSpan().Fill(0x80);
            broken = RunOver(connection, isServer, input + 1_000_003, out ulong second) ?? (first == second ? null : "the pieces matter, or bytes that never came");
        }

        _codes[Math.Min(connection.CloseCode, ApplicationCodes)]++;
        return broken ?? (isMutated || connection.CloseCode is WebSocketClose.Normal or WebSocketClose.NoStatus or WebSocketClose.Abnormal ? null : "valid frames ended with " + connection.CloseCode);
    }

    /// <inheritdoc/>
    public override void Count(SortedDictionary<string, long> counts)
    {
        CountUnchanged(counts);
        counts.Add("inputs ", "to a server", _asServer);
        for (int i = 0; i < _events.Length; i++)
        {
            counts.Add("event ", (WebSocketEvent)i, _events[i]);
        }

        for (int i = 0; i < _codes.Length; i++)
        {
            counts.Add("closed with ", i, _codes[i]);
        }
    }

    private string? RunOver(WebSocketConnection connection, bool isServer, long seed, out ulong sum)
    {
        sum = 0;

        // some bytes came behind the handshake, the first time
        int rest = (seed & 1) == 0 ? Math.Min(Length, (int)(seed % 7)) : 0;
        _transport.Restart(Bytes, Length, seed, rest);
        connection.Open(_transport, Bytes, 0, rest);
        for (int polls = 0; polls < (8 * Length) + 50; polls++)
        {
            WebSocketEvent told = connection.Poll();
            _events[(int)told]++;
            if (_transport.Broken is { } broken)
            {
                return broken;
            }

            if (told == WebSocketEvent.None)
            {
                continue;
            }

            sum = (sum * 31) + (ulong)told;
            if (told == WebSocketEvent.Closed)
            {
                sum = (sum * 31) + (ulong)connection.CloseCode;

                // a client's masks are never the same; and a pong may be on its way when the link ends
                sum = isServer && connection.CloseCode != WebSocketClose.Abnormal ? (sum * 31) + _transport.Written : sum;
                bool isOver = !connection.IsOpen && _transport.IsClosed && connection.Poll() == WebSocketEvent.None;
                return isOver && connection.CloseCode is >= 1000 and < 5000 ? null : "the end is no end, or has no code";
            }

            if (told != WebSocketEvent.Pong)
            {
                ReadOnlySpan<byte> message = connection.Buffer.AsSpan(0, connection.Length);
                if (told == WebSocketEvent.Text && !Utf8.IsValid(message))
                {
                    return "text that is not UTF-8";
                }

                foreach (byte value in message)
                {
                    sum = (sum * 131) + value;
                }
            }
        }

        return "the connection comes to no end";
    }
}

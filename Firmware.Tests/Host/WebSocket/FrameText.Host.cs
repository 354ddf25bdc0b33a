// Frames built by hand, a link in memory, and what a connection makes of frames, as text.

using System.Text;
using Firmware.Protocols.Io;
using Firmware.Protocols.WebSocket;

namespace Firmware.Tests.Host.WebSocket;

/// <summary>Both ends of a link in memory; each read and write moves a limited number of bytes.</summary>
internal sealed class PairedLink
{
    private readonly Queue<byte> _toServer = new();
    private readonly Queue<byte> _toClient = new();

    internal PairedLink(Func<int> piece)
    {
        Client = new End(this, _toClient, _toServer, piece);
        Server = new End(this, _toServer, _toClient, piece);
    }

    internal End Client { get; }

    internal End Server { get; }

    /// <summary>One end.</summary>
    internal sealed class End(PairedLink link, Queue<byte> incoming, Queue<byte> outgoing, Func<int> piece) : ITransport
    {
        internal bool IsClosed { get; private set; }

        internal List<byte> Sent { get; } = [];

        public int Read(byte[] buffer, int offset, int count)
        {
            if (incoming.Count == 0 && (link.Client.IsClosed || link.Server.IsClosed))
            {
                return TransportResult.Closed;
            }

            int n = Math.Min(Math.Min(count, incoming.Count), piece());
            for (int i = 0; i < n; i++)
            {
                buffer[offset + i] = incoming.Dequeue();
            }

            return n;
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            int n = Math.Min(count, piece());
            for (int i = 0; i < n; i++)
            {
                outgoing.Enqueue(buffer[offset + i]);
                Sent.Add(buffer[offset + i]);
            }

            return n;
        }

        public void Close() => IsClosed = true;

        internal void Put(byte[] bytes) => Write(bytes, 0, bytes.Length, all: true);

        private void Write(byte[] bytes, int offset, int count, bool all)
        {
            for (int i = 0; all && i < count; i++)
            {
                outgoing.Enqueue(bytes[offset + i]);
            }
        }
    }
}

/// <summary>Frames as RFC 6455, 5.2 draws them.</summary>
internal static class FrameText
{
    internal static readonly byte[] Key = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    /// <summary>A frame; length bytes of its own choice if wanted.</summary>
    internal static byte[] Frame(int first, byte[] payload, bool isMasked, int lengthBytes = -1)
    {
        List<byte> frame = [(byte)first];
        int mask = isMasked ? 0x80 : 0;
        int more = lengthBytes >= 0 ? lengthBytes : payload.Length < 126 ? 0 : payload.Length < 65536 ? 2 : 8;
        frame.Add((byte)(mask | (more == 0 ? payload.Length : more == 2 ? 126 : 127)));
        for (int i = more - 1; i >= 0; i--)
        {
            frame.Add(i >= 4 ? (byte)0 : (byte)(payload.Length >> (8 * i)));
        }

        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        if (isMasked)
        {
            frame.AddRange(key);
        }

        for (int i = 0; i < payload.Length; i++)
        {
            frame.Add(isMasked ? (byte)(payload[i] ^ key[i & 3]) : payload[i]);
        }

        return [.. frame];
    }

    /// <summary>What a connection tells about the peer's bytes, and the hexadecimal bytes that it sends meanwhile.</summary>
    internal static string Trace(WebSocketConnection connection, byte[] bytes, Func<int> piece, bool isServer)
    {
        PairedLink link = new(piece);
        PairedLink.End mine = isServer ? link.Server : link.Client;
        PairedLink.End peer = isServer ? link.Client : link.Server;

        // the first bytes come behind the handshake
        int rest = Math.Min(bytes.Length, 3);
        connection.Open(mine, bytes, 0, rest);
        peer.Put(bytes[rest..]);
        List<string> told = [];
        for (int idle = 0; idle < 100 && connection.IsOpen; idle++)
        {
            WebSocketEvent happened = connection.Poll();
            if (happened != WebSocketEvent.None)
            {
                idle = 0;
                told.Add(happened switch
                {
                    WebSocketEvent.Text => "text " + Encoding.UTF8.GetString(connection.Buffer, 0, connection.Length),
                    WebSocketEvent.Binary => "binary " + Convert.ToHexString(connection.Buffer, 0, connection.Length),
                    WebSocketEvent.Closed => "closed " + connection.CloseCode,
                    _ => happened.ToString(),
                });
            }
        }

        return string.Join(", ", told) + (mine.Sent.Count > 0 ? " > " + Convert.ToHexString([.. mine.Sent]) : "") + (mine.IsClosed != connection.IsOpen ? "" : " the link is not as the connection");
    }
}

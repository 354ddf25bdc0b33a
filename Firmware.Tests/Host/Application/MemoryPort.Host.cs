// The board's UDP port in memory: the test puts datagrams in and looks at what came out. The board is 192.168.1.2 in a /24.

using Firmware.Connectivity;
using Firmware.Protocols.Io;

namespace Firmware.Tests.Host.Application;

/// <summary>A datagram that the board sent, and when on the board's clock.</summary>
internal sealed record SentDatagram(long AtMs, string To, byte[] Bytes);

/// <summary>A port that can be up or down, or refuse to open.</summary>
internal sealed class MemoryPort(Func<long> nowMs) : IDatagramPort
{
    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Bytes, DatagramAddress From)> _arrived = new();
    private readonly List<SentDatagram> _sent = [];
    private Socket? _open;

    /// <summary>Tells the loop that a datagram has come; null: it finds out when it looks.</summary>
    internal Action? Arrived { get; set; }

    /// <summary>Takes each datagram as it leaves, in the board's thread, so that a peer can answer at once.</summary>
    internal Action<SentDatagram>? Left { get; set; }

    /// <summary>Whether the board has an address.</summary>
    internal bool IsUp { get; set; } = true;

    /// <summary>Why the port cannot be opened; null: it can.</summary>
    internal string? FailsWith { get; set; }

    /// <summary>How often opening was tried.</summary>
    internal int Attempts { get; private set; }

    /// <summary>Whether the next receive says that the socket is dead.</summary>
    internal bool IsDead { get; set; }

    /// <summary>When the board closed a socket last.</summary>
    internal long ClosedAtMs { get; private set; }

    public string Place { get; private set; } = null!;

    public string Failure { get; private set; } = null!;

    /// <summary>Everything that the board sent until now.</summary>
    internal SentDatagram[] Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public IDatagramTransport Open()
    {
        Attempts++;
        Failure = FailsWith!;
        _open = IsUp && FailsWith is null ? new Socket(this) : null;
        Place = _open is null ? null! : "coap://192.168.1.2:5683";
        return _open!;
    }

    public bool HasMoved() => !IsUp;

    public bool IsLocal(DatagramAddress peer) => peer.Length == 4 && peer.Address[0] == 192 && peer.Address[1] == 168 && peer.Address[2] == 1;

    /// <summary>A datagram comes in; without a network, or without an open port, it is lost.</summary>
    internal void Put(byte[] bytes, DatagramAddress from)
    {
        lock (_gate)
        {
            if (!IsUp || _open is null || _open.IsClosed)
            {
                return;
            }

            DatagramAddress copy = new();
            copy.Set(from);
            _arrived.Enqueue((bytes, copy));
        }

        Arrived?.Invoke();
    }

    private sealed class Socket(MemoryPort port) : IDatagramTransport
    {
        internal bool IsClosed { get; private set; }

        public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
        {
            lock (port._gate)
            {
                if (port.IsDead)
                {
                    return TransportResult.Failed;
                }

                if (!port.IsUp || port._arrived.Count == 0)
                {
                    return 0;
                }

                (byte[] bytes, DatagramAddress sender) = port._arrived.Dequeue();
                int length = Math.Min(count, bytes.Length);
                Array.Copy(bytes, 0, buffer, offset, length);
                from.Set(sender);
                return length;
            }
        }

        public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
        {
            if (!port.IsUp)
            {
                return 0;
            }

            SentDatagram datagram = new(nowMs(), $"{to.Address[0]}.{to.Address[1]}.{to.Address[2]}.{to.Address[3]}:{to.Port}", buffer[offset..(offset + count)]);
            lock (port._gate)
            {
                port._sent.Add(datagram);
            }

            port.Left?.Invoke(datagram);
            return count;
        }

        public void Close()
        {
            lock (port._gate)
            {
                IsClosed = true;
                port.ClosedAtMs = nowMs();
                port._arrived.Clear();
            }
        }

        private long nowMs() => port.NowMs();
    }

    private long NowMs() => nowMs();
}

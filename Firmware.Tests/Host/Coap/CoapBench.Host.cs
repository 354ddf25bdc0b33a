// A server on a wire of memory, with virtual time and a seeded Random: what is sent to it is handled at once, what it sends is kept with its time.
// In Silent mode nothing is kept but the last datagram and the counts, and the bench itself allocates nothing.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

/// <summary>One server and the wire to it.</summary>
internal sealed class CoapBench : IDatagramTransport
{
    internal const int Seed = 20261128;

    /// <summary>The address of the client that is meant if none is named.</summary>
    internal static readonly DatagramAddress Client = Address(1);

    private readonly List<CoapReply> _sent = [];
    private readonly byte[] _arriving = new byte[65536];
    private readonly DatagramAddress _from = new();
    private readonly byte[] _last = new byte[2048];
    private int _arrivingLength;
    private int _lastLength;
    private int _messageId = 1000;
    private int _token = 1;

    internal CoapBench(CoapResource[] resources, BenchOptions? options = null)
    {
        options ??= new BenchOptions();
        Parameters = options.Parameters;
        Endpoint = new CoapEndpoint(Parameters, new Random(Seed), options.MaxMessage, options.Exchanges, options.ReplyBytes, options.Spent, options.Transmissions);
        options.Server.EchoKey ??= [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        options.Server.Access ??= new OpenAccess();
        Server = new CoapServer(Endpoint, resources, options.Server);
        Endpoint.Open(this, Now);
        Endpoint.Poll(Now);
    }

    internal long Now { get; private set; } = 1_000_000;

    internal CoapParameters Parameters { get; }

    internal CoapEndpoint Endpoint { get; }

    internal CoapServer Server { get; }

    /// <summary>Called whenever the time moves.</summary>
    internal Action<long>? Ticked { get; set; }

    /// <summary>When <see cref="Ticked"/> wants to be called.</summary>
    internal Func<long>? NextTickMs { get; set; }

    /// <summary>Keep nothing.</summary>
    internal bool IsSilent { get; set; }

    internal int SentCount { get; private set; }

    internal long SentBytes { get; private set; }

    /// <summary>What was sent last to <see cref="Client"/>.</summary>
    internal ReadOnlySpan<byte> Last => _last.AsSpan(0, _lastLength);

    internal static DatagramAddress Address(int number)
    {
        DatagramAddress address = new();
        address.SetIPv4(10, number >> 16, (number >> 8) & 255, number & 255, 40000);
        return address;
    }

    internal int NextId() => _messageId = (_messageId + 1) & 0xFFFF;

    internal byte[] NextToken() => [(byte)(++_token >> 8), (byte)_token];

    /// <summary>A Confirmable request with a message ID and a token of its own.</summary>
    internal CoapDatagram Con(int code, string path) => new CoapDatagram(CoapType.Con, code, NextId(), NextToken()).Path(path);

    internal CoapDatagram Non(int code, string path) => new CoapDatagram(CoapType.Non, code, NextId(), NextToken()).Path(path);

    /// <summary>Delivers a datagram and returns what is sent at this moment.</summary>
    internal CoapReply[] Send(CoapDatagram message, DatagramAddress? from = null) => Send(message.ToBytes(), from);

    internal CoapReply[] Send(byte[] datagram, DatagramAddress? from = null)
    {
        int before = _sent.Count;
        Deliver(datagram, from ?? Client);
        return [.. _sent[before..]];
    }

    internal void Deliver(byte[] datagram, DatagramAddress from)
    {
        datagram.CopyTo(_arriving, 0);
        _arrivingLength = datagram.Length;
        _from.Set(from);
        Endpoint.Poll(Now);
    }

    /// <summary>Delivers a request that must be answered with exactly one message at once.</summary>
    internal CoapReply Ask(CoapDatagram message, DatagramAddress? from = null)
    {
        CoapReply[] replies = Send(message, from);
        Assert.AreEqual(1, replies.Length, "replies to " + Convert.ToHexString(message.ToBytes()));
        CoapReply reply = replies[0];
        if (message.Type == CoapType.Con)
        {
            Assert.AreEqual(CoapType.Ack, reply.Type);
            Assert.AreEqual(message.MessageId, reply.MessageId);
        }
        else
        {
            Assert.AreEqual(CoapType.Non, reply.Type);
        }

        if (reply.Code != 0)
        {
            CollectionAssert.AreEqual(message.Token, reply.Token);
        }

        return reply;
    }

    /// <summary>Delivers a request that must be answered in its acknowledgement with this code.</summary>
    internal CoapReply Ask(CoapDatagram message, string code, DatagramAddress? from = null)
    {
        CoapReply reply = Ask(message, from);
        Assert.AreEqual(code, reply.Dotted, "answer to " + Convert.ToHexString(message.ToBytes()));
        return reply;
    }

    internal CoapReply[] Acknowledge(CoapReply message, DatagramAddress? from = null) => Send(new CoapDatagram(CoapType.Ack, 0, message.MessageId), from);

    internal CoapReply[] Reset(CoapReply message, DatagramAddress? from = null) => Send(new CoapDatagram(CoapType.Rst, 0, message.MessageId), from);

    /// <summary>Lets time pass, from deadline to deadline, and returns what was sent.</summary>
    internal CoapReply[] Advance(long milliseconds)
    {
        int before = _sent.Count;
        Pass(milliseconds);
        return [.. _sent[before..]];
    }

    /// <summary>The same without a result.</summary>
    internal void Pass(long milliseconds)
    {
        long end = Now + milliseconds;
        int stuck = 0;
        while (Now < end)
        {
            long next = Endpoint.NextDeadlineMs;
            long tick = NextTickMs?.Invoke() ?? long.MaxValue;
            next = tick < next ? tick : next;
            next = next > end ? end : next < Now ? Now : next;
            stuck = next == Now ? stuck + 1 : 0;
            Assert.IsTrue(stuck < 100, "the deadline does not move");
            Now = next;
            Ticked?.Invoke(Now);
            Endpoint.Poll(Now);
        }
    }

    /// <summary>Lets time pass until something is sent.</summary>
    internal CoapReply Next(long withinMs)
    {
        int before = _sent.Count;
        long end = Now + withinMs;
        while (_sent.Count == before && Now < end)
        {
            long tick = NextTickMs?.Invoke() ?? long.MaxValue;
            long next = Math.Min(Math.Min(Endpoint.NextDeadlineMs, tick), end);
            Pass(Math.Max(1, next - Now));
        }

        Assert.AreEqual(before + 1, _sent.Count, "messages within " + withinMs + " ms");
        return _sent[^1];
    }

    /// <inheritdoc/>
    public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
    {
        if (_arrivingLength == 0)
        {
            return 0;
        }

        int length = Math.Min(count, _arrivingLength);
        Array.Copy(_arriving, 0, buffer, offset, length);
        from.Set(_from);
        _arrivingLength = 0;
        return length;
    }

    /// <inheritdoc/>
    public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
    {
        SentCount++;
        SentBytes += count;
        if (to.Matches(Client))
        {
            Array.Copy(buffer, offset, _last, 0, count);
            _lastLength = count;
        }

        if (!IsSilent)
        {
            _sent.Add(new CoapReply(buffer[offset..(offset + count)], Now, NameOf(to)));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Close()
    {
    }

    internal static string NameOf(DatagramAddress address) => string.Join('.', address.Address[..address.Length]) + ":" + address.Port;

    private sealed class OpenAccess : ICoapAccess
    {
        public byte[]? Refuse(CoapRequest request) => null;
    }
}

/// <summary>What a bench is made of. The amplification limit is lifted, unless a test is about it.</summary>
internal sealed class BenchOptions
{
    internal CoapParameters Parameters { get; } = new() { AmplificationFactor = 0 };

    internal CoapServerOptions Server { get; } = new() { TransferBytes = 1024 };

    internal int MaxMessage { get; set; } = 1152;

    internal int Exchanges { get; set; } = 16;

    internal int ReplyBytes { get; set; } = 4096;

    internal int Spent { get; set; } = 32;

    internal int Transmissions { get; set; } = 4;
}

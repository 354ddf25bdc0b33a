// A CoAP client on a scripted socket and a clock that only the test moves: what it sends is looked at, what it gets is written by hand.

using System.Globalization;
using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

/// <summary>An option of a message.</summary>
internal readonly record struct CoapTestOption(int Number, byte[] Value)
{
    internal static CoapTestOption UInt(int number, uint value)
    {
        byte[] bytes = [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
        return new(number, bytes.SkipWhile(b => b == 0).ToArray());
    }

    internal static CoapTestOption Text(int number, string value) => new(number, Encoding.UTF8.GetBytes(value));

    internal static CoapTestOption Block(int number, int block, bool hasMore, int szx) => UInt(number, (uint)((block << 4) | (hasMore ? 8 : 0) | szx));
}

/// <summary>A message that was sent, taken apart.</summary>
internal sealed class CoapTestMessage
{
    internal CoapTestMessage(byte[] bytes, DatagramAddress to, long atMs)
    {
        Bytes = bytes;
        AtMs = atMs;
        To = new DatagramAddress();
        To.Set(to);
        CoapMessage message = new();
        Assert.AreEqual((int)CoapParseResult.Ok, (int)message.Parse(bytes, 0, bytes.Length), "the client sent a malformed message");
        Type = message.Type;
        Code = message.Code;
        Id = message.MessageId;
        Token = bytes.AsSpan(message.TokenOffset, message.TokenLength).ToArray();
        Payload = bytes.AsSpan(message.PayloadOffset, message.PayloadLength).ToArray();
        while (message.NextOption())
        {
            Options.Add(new(message.OptionNumber, bytes.AsSpan(message.OptionOffset, message.OptionLength).ToArray()));
        }
    }

    internal byte[] Bytes { get; }

    internal DatagramAddress To { get; }

    internal long AtMs { get; }

    internal int Type { get; }

    internal int Code { get; }

    internal int Id { get; }

    internal byte[] Token { get; }

    internal byte[] Payload { get; }

    internal List<CoapTestOption> Options { get; } = [];

    internal bool Has(int number) => Options.Any(o => o.Number == number);

    /// <summary>The value of an option as a number; -1 without it.</summary>
    internal int UInt(int number) => Has(number) ? Options.First(o => o.Number == number).Value.Aggregate(0, (a, b) => (a << 8) | b) : -1;

    internal byte[] Value(int number) => Options.First(o => o.Number == number).Value;

    /// <summary>A block option as "num/more/size"; "-" without it.</summary>
    internal string Block(int number)
    {
        int value = UInt(number);
        return value < 0 ? "-" : $"{value >> 4}/{(value >> 3) & 1}/{16 << (value & 7)}";
    }

    internal string Path => string.Join("/", Options.Where(o => o.Number == CoapOption.UriPath).Select(o => Encoding.UTF8.GetString(o.Value)));

    internal string Query => string.Join("&", Options.Where(o => o.Number == CoapOption.UriQuery).Select(o => Encoding.UTF8.GetString(o.Value)));
}

/// <summary>The client, its socket and its clock.</summary>
internal sealed class ClientBench : IDatagramTransport, ICoapClientHandler
{
    private readonly Queue<(byte[] Bytes, DatagramAddress From)> _incoming = new();
    private readonly Queue<CoapTestMessage> _sent = new();
    private int _messageId = 0x4000;

    internal ClientBench(int requests = 3, int maxMessage = 1152, int seed = 1, CoapParameters? parameters = null, int transmissions = 3)
    {
        Endpoint = new CoapEndpoint(parameters ?? new CoapParameters(), new Random(seed), maxMessage, 4, maxMessage, 4, transmissions);
        Client = new CoapClient(Endpoint, requests);
        Server.SetIPv4(192, 0, 2, 1, 5683);
        Endpoint.Open(this, Now);
    }

    internal CoapEndpoint Endpoint { get; }

    internal CoapClient Client { get; }

    internal DatagramAddress Server { get; } = new();

    internal long Now { get; private set; } = 1_000_000;

    /// <summary>What the handler was told: "2.05 @0 last 'payload'" or "failed Timeout".</summary>
    internal List<string> Log { get; } = [];

    /// <summary>The bodies that were delivered, put together.</summary>
    internal MemoryStream Body { get; } = new();

    /// <summary>Called after each delivery.</summary>
    internal Action<CoapClientResponse>? OnAnswer { get; set; }

    /// <summary>Polled before the endpoint.</summary>
    internal CoapDirectoryClient? Directory { get; set; }

    private long NextDeadline => Directory == null ? Endpoint.NextDeadlineMs : Math.Min(Endpoint.NextDeadlineMs, Directory.NextDeadlineMs);

    internal bool IsDead { get; set; }

    internal CoapClientRequest Request(int method, string path)
    {
        CoapClientRequest request = new(this) { Method = method, Path = path.Split('/').Select(Encoding.UTF8.GetBytes).ToArray() };
        request.Destination.Set(Server);
        return request;
    }

    /// <summary>Begins a request and lets it be sent.</summary>
    internal int Begin(CoapClientRequest request)
    {
        int handle = Client.Begin(request, Now);
        Assert.IsTrue(handle >= 0, $"refused: {(CoapClientError)(-handle)}");
        Assert.AreEqual(Now, Endpoint.NextDeadlineMs);
        Endpoint.Poll(Now);
        return handle;
    }

    /// <summary>The next message that was sent.</summary>
    internal CoapTestMessage Take()
    {
        Assert.IsTrue(_sent.Count > 0, "nothing was sent; the handler was told: " + string.Join("; ", Log));
        return _sent.Dequeue();
    }

    internal void NothingSent() => Assert.AreEqual(0, _sent.Count, "something was sent");

    /// <summary>What the handler was told since the last call, which must be this.</summary>
    internal void Told(params string[] expected)
    {
        Assert.AreEqual(string.Join("; ", expected), string.Join("; ", Log));
        Log.Clear();
    }

    /// <summary>A response in the acknowledgement.</summary>
    internal void Piggyback(CoapTestMessage request, int code, string payload, params CoapTestOption[] options)
        => Deliver(Build(CoapType.Ack, code, request.Id, request.Token, payload, options));

    /// <summary>A response in a message of its own; its bytes, so that it may come again.</summary>
    internal byte[] Separate(int type, CoapTestMessage request, int code, string payload, params CoapTestOption[] options)
    {
        byte[] bytes = Build(type, code, ++_messageId, request.Token, payload, options);
        Deliver(bytes);
        return bytes;
    }

    internal void Empty(int type, CoapTestMessage request) => Deliver(Build(type, CoapCode.Empty, request.Id, [], ""));

    internal void Deliver(byte[] bytes, DatagramAddress? from = null)
    {
        DatagramAddress sender = new();
        sender.Set(from ?? Server);
        _incoming.Enqueue((bytes, sender));
        Poll();
    }

    internal void Poll()
    {
        Directory?.Poll(Now);
        Endpoint.Poll(Now);
    }

    internal static byte[] Build(int type, int code, int id, byte[] token, string payload, params CoapTestOption[] options)
    {
        byte[] buffer = new byte[4096];
        CoapWriter writer = new();
        writer.Begin(buffer, 0, buffer.Length, type, code, id, token, 0, token.Length);
        foreach (CoapTestOption option in options.OrderBy(o => o.Number))
        {
            writer.Option(option.Number, option.Value);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        writer.Payload(bytes, 0, bytes.Length);
        Assert.IsFalse(writer.Overflowed);
        return buffer[..writer.Length];
    }

    /// <summary>Lets time pass, in the steps that the endpoint asks for.</summary>
    internal void Pass(long milliseconds)
    {
        long end = Now + milliseconds;
        while (NextDeadline <= end)
        {
            Now = Math.Max(Now, NextDeadline);
            Poll();
        }

        Now = end;
    }

    /// <summary>Goes to the next deadline; how long that took.</summary>
    internal long PassToDeadline()
    {
        long before = Now;
        Assert.IsTrue(NextDeadline < long.MaxValue, "there is no deadline");
        Now = Math.Max(Now, NextDeadline);
        Poll();
        return Now - before;
    }

    public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
    {
        if (IsDead || _incoming.Count == 0)
        {
            return IsDead ? -1 : 0;
        }

        (byte[] bytes, DatagramAddress sender) = _incoming.Dequeue();
        int length = Math.Min(count, bytes.Length);
        Array.Copy(bytes, 0, buffer, offset, length);
        from.Set(sender);
        return length;
    }

    public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
    {
        _sent.Enqueue(new CoapTestMessage(buffer.AsSpan(offset, count).ToArray(), to, Now));
        return count;
    }

    public void Close()
    {
    }

    public void Answered(CoapClientResponse response, long nowMs)
    {
        Assert.AreEqual(Now, nowMs);
        byte[] payload = response.Buffer.AsSpan(response.PayloadOffset, response.PayloadLength).ToArray();
        if (response.BodyOffset == 0)
        {
            Body.SetLength(0);
        }

        Assert.AreEqual(Body.Length, (long)response.BodyOffset, "a block is missing or came twice");
        Body.Write(payload);
        string text = payload.Length > 24 ? $"{payload.Length} bytes" : $"'{Encoding.UTF8.GetString(payload)}'";
        string code = string.Create(CultureInfo.InvariantCulture, $"{response.Code >> 5}.{response.Code & 31:00}");
        Log.Add($"{code} @{response.BodyOffset}{(response.IsLast ? " last" : "")}{(response.IsObserving ? " observing" : "")} {text}");
        OnAnswer?.Invoke(response);
    }

    public void Failed(CoapClientRequest request, CoapClientError error, int detail, long nowMs)
    {
        Assert.IsFalse(request.IsBusy);
        Log.Add(detail == 0 ? $"failed {error}" : $"failed {error} {detail}");
    }
}

// The HTTP door without sockets and in virtual time: a port in memory, clients that write and read bytes, and a Thing with a lamp, a toaster that is
// resting, a temperature and a doorbell.

using System.Text;
using Firmware.Connectivity;
using Firmware.Features;
using Firmware.Features.Coap;
using Firmware.Features.Web;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using Firmware.Things;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Web;

/// <summary>A door and its clock.</summary>
internal sealed class WebBench
{
    internal const string Token = "0123456789abcdef";

    private readonly MemoryStreamPort _port = new();

    internal WebBench(string? token = Token)
    {
        Temperature.Set(215);
        Things = new ResourceTree([Lamp, Temperature, Humidity, new RestingToaster(), Bell]);
        DeviceConfiguration configuration = new() { ThingName = "lamp-01", HttpEnabled = true, HttpToken = token };
        SimulatorClock clock = new(new ManualBoardTime());
        CommandIds past = new(Limits.CommandIds, Limits.CommandId);
        Door = new WebDoor(configuration, Things, ThingViews.Create(configuration, Things, clock, past), past, clock, _port);
        Door.Start(NowMs);
        Door.Poll(NowMs);
    }

    internal WebDoor Door { get; }

    internal ResourceTree Things { get; }

    internal LampResource Lamp { get; } = new();

    internal BellResource Bell { get; } = new();

    internal ReadingResource Temperature { get; } = new("temperature", 1, "Cel", "degrees Celsius");

    internal ReadingResource Humidity { get; } = new("humidity", 1, "%RH", "percent");

    /// <summary>The virtual time. It does not start at 0, which hides mistakes.</summary>
    internal long NowMs { get; private set; } = 1_000_000;

    /// <summary>A new connection.</summary>
    internal WebClient Connect()
    {
        WebClient client = new(this);
        _port.Waiting.Enqueue(client);
        Settle();
        return client;
    }

    /// <summary>A connection made by the test.</summary>
    internal void Offer(ITransport client) => _port.Waiting.Enqueue(client);

    /// <summary>Polls until nothing moves any more.</summary>
    internal void Settle()
    {
        for (int i = 0; i < 20; i++)
        {
            Door.Poll(NowMs);
        }
    }

    /// <summary>Moves the clock.</summary>
    internal void Pass(long ms)
    {
        long end = NowMs + ms;
        while (NowMs < end)
        {
            NowMs = Math.Min(end, NowMs + 100);
            Door.Poll(NowMs);
        }
    }

    /// <summary>One request on a connection of its own.</summary>
    internal string Ask(string request) => Connect().Ask(request);

    private sealed class MemoryStreamPort : IStreamPort
    {
        internal Queue<ITransport> Waiting { get; } = [];

        public string Place => "http://192.168.1.2:80";

        public string Failure => null!;

        public bool Open() => true;

        public ITransport Accept() => Waiting.TryDequeue(out ITransport? next) ? next : null!;

        public bool HasMoved() => false;

        public void Close()
        {
        }
    }
}

/// <summary>A client's end of a connection in memory.</summary>
internal sealed class WebClient(WebBench bench) : ITransport
{
    private readonly Queue<byte> _toServer = [];
    private readonly List<byte> _fromServer = [];

    internal bool IsClosed { get; private set; }

    /// <summary>The most bytes that go one way in one call.</summary>
    internal int Piece { get; set; } = int.MaxValue;

    /// <summary>True while the client reads nothing.</summary>
    internal bool IsStuck { get; set; }

    /// <summary>Everything that came so far and was not taken.</summary>
    internal string Text => Encoding.Latin1.GetString([.. _fromServer]);

    internal IReadOnlyList<byte> Bytes => _fromServer;

    internal void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    internal void Send(byte[] bytes)
    {
        foreach (byte value in bytes)
        {
            _toServer.Enqueue(value);
        }

        bench.Settle();
    }

    internal string Take()
    {
        string text = Text;
        _fromServer.Clear();
        return text;
    }

    internal string Ask(string request)
    {
        Send(request);
        return Take();
    }

    public int Read(byte[] buffer, int offset, int count)
    {
        int got = 0;
        while (got < Math.Min(count, Piece) && _toServer.TryDequeue(out byte value))
        {
            buffer[offset + got++] = value;
        }

        return got;
    }

    public int Write(byte[] buffer, int offset, int count)
    {
        if (IsStuck)
        {
            return 0;
        }

        int taken = Math.Min(count, Piece);
        _fromServer.AddRange(buffer.AsSpan(offset, taken).ToArray());
        return taken;
    }

    public void Close() => IsClosed = true;
}

/// <summary>A lamp.</summary>
internal sealed class LampResource() : Resource("led", "a lamp")
{
    internal bool IsOn { get; private set; }

    internal int Switched { get; private set; }

    public override bool IsActuator => true;

    public override byte[] Run(Command command, long nowMs)
    {
        IsOn = command.Action switch { CommandAction.On => true, CommandAction.Off => false, _ => !IsOn };
        Switched++;
        NoteChange();
        return null!;
    }

    protected override void Describe(ResourceState state, long nowMs) => state.SetSwitch(IsOn);
}

/// <summary>A doorbell: what happens is the news, not the state.</summary>
internal sealed class BellResource() : Resource("doorbell", "a doorbell")
{
    private static readonly byte[] Name_ = Protocols.Io.Bytes.FromString("doorbell");
    private static readonly byte[] Pressed = Protocols.Io.Bytes.FromString("pressed");

    public override bool TellsChanges => true;

    public override void WriteChange(Protocols.Json.JsonWriter json, long nowMs)
    {
        json.Name(Name_);
        json.String(Pressed);
    }

    internal void Ring() => NoteChange();

    protected override void Describe(ResourceState state, long nowMs) => state.SetSwitch(false);
}

/// <summary>A toaster that takes nothing now.</summary>
internal sealed class RestingToaster() : Resource("toaster", "a toaster")
{
    private static readonly byte[] Rests = Protocols.Io.Bytes.FromString("the toaster rests");

    public override bool IsActuator => true;

    public override bool IsRepeatable => false;

    public override byte[] Run(Command command, long nowMs)
    {
        WasRefusedForNow = true;
        return Rests;
    }

    protected override void Describe(ResourceState state, long nowMs) => state.SetSwitch(false);
}

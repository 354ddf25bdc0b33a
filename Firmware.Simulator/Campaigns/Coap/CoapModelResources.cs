// The resources of the simulated server. They allocate nothing by themselves; what they tell the oracle is host code and not counted.

using System.Buffers.Binary;
using System.Text;
using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Campaigns;

/// <summary>The contents that clients can check: byte i of body n.</summary>
internal static class CoapContent
{
    internal const int Header = 8;

    // the body begins with its number; the rest follows from it
    internal static void Fill(Span<byte> body, long number)
    {
        Span<byte> head = stackalloc byte[Header];
        BinaryPrimitives.WriteInt64BigEndian(head, number);
        head[..Math.Min(Header, body.Length)].CopyTo(body);
        for (int i = Header; i < body.Length; i++)
        {
            body[i] = At(number, i);
        }
    }

    // the number, or -1 if a byte is wrong
    internal static long Check(ReadOnlySpan<byte> body)
    {
        if (body.Length < Header)
        {
            return -1;
        }

        long number = BinaryPrimitives.ReadInt64BigEndian(body);
        for (int i = Header; i < body.Length; i++)
        {
            if (body[i] != At(number, i))
            {
                return -1;
            }
        }

        return number;
    }

    // how long the body of a version of the large resource is
    internal static int LargeLength(long version) => 200 + (int)(version * 7919 % 1300);

    private static byte At(long number, int index) => (byte)((number * 131) + (index * 7) + (index >> 8) + (number >> 8));
}

/// <summary>A resource of the model.</summary>
internal abstract class CoapModelResource : CoapResource
{
    protected CoapModelResource(CoapWorld world, string path)
        : base(path)
    {
        World = world;
        Segments2 = [.. path.Split('/').Select(Encoding.UTF8.GetBytes)];
    }

    internal byte[][] Segments2 { get; }

    protected CoapWorld World { get; }

    // the number that a payload begins with, or -1
    protected static long NumberOf(CoapRequest request) =>
        request.PayloadLength < CoapContent.Header ? -1 : BinaryPrimitives.ReadInt64BigEndian(request.Buffer.AsSpan(request.PayloadOffset, CoapContent.Header));
}

/// <summary>Counts: each POST exactly once.</summary>
internal sealed class CoapCounter(CoapWorld world) : CoapModelResource(world, "counter")
{
    internal int Value { get; private set; }

    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        long number = NumberOf(request);
        if (request.Method != CoapCode.Post || number < 0)
        {
            return CoapCode.BadRequest;
        }

        Value++;
        World.Oracle.Ran(number);
        response.Body.Number(Value);
        response.ContentFormat = CoapFormat.Text;
        return CoapCode.Changed;
    }
}

/// <summary>A number that is put, read, observed, deleted and created again.</summary>
internal sealed class CoapRegister : CoapModelResource
{
    private readonly byte[] _number = new byte[CoapContent.Header];
    private readonly bool _isDeletable;
    private int _version;
    private bool _exists = true;

    internal CoapRegister(CoapWorld world, string path, bool isObservable, bool isDeletable)
        : base(world, path)
    {
        Formats = [CoapFormat.Octets, CoapFormat.Text];
        IsObservable = isObservable;
        ConfirmsNotifications = world.Conditions.ConfirmsNotifications;
        SendsETag = isDeletable;
        _isDeletable = isDeletable;
        History = new CoapHistory();
        History.Set(0, 0);
    }

    public override bool Exists => _exists;

    public override int Version => World.Sabotage == Sabotage.CoapMissesNotification ? 0 : _version;

    // -1: deleted
    internal CoapHistory History { get; }

    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        long value = World.Sabotage == Sabotage.CoapStaleNotification && request.WasDeferred ? History.BeforeLast : History.Last;
        BinaryPrimitives.WriteInt64BigEndian(_number, value);
        response.Body.Raw(_number);
        return CoapCode.Content;
    }

    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.Method == CoapCode.Delete && _isDeletable)
        {
            Set(-1);
            return CoapCode.Deleted;
        }

        long number = NumberOf(request);
        if (request.Method != CoapCode.Put || number < 0)
        {
            return CoapCode.MethodNotAllowed;
        }

        bool existed = _exists;
        Set(number);
        World.Oracle.RanIdempotent(number);
        return existed ? CoapCode.Changed : CoapCode.Created;
    }

    internal void Set(long value)
    {
        _exists = value >= 0;
        _version++;
        World.EnterHost();
        History.Set(World.NowMs, value);
        World.LeaveHost();
        World.ResourceChanged();
    }
}

/// <summary>A long body that changes as a whole.</summary>
internal sealed class CoapLarge : CoapModelResource
{
    private readonly byte[] _body = new byte[2048];
    private readonly bool _isLong;
    private int _length;

    internal CoapLarge(CoapWorld world, string path, bool isLong, bool isObservable)
        : base(world, path)
    {
        Formats = [CoapFormat.Octets];
        EstimatedSize = 800;
        _isLong = isLong;
        IsObservable = isObservable;
        ConfirmsNotifications = world.Conditions.ConfirmsNotifications;
        Next();
    }

    public override int Version => World.Sabotage == Sabotage.CoapMissesNotification ? 0 : Number;

    internal int Number { get; private set; }

    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_body, 0, _length);
        return CoapCode.Content;
    }

    internal void Next()
    {
        Number++;
        _length = _isLong ? CoapContent.LargeLength(Number) : CoapContent.LargeLength(Number) / 4;
        CoapContent.Fill(_body.AsSpan(0, _length), Number);
        World.ResourceChanged();
    }
}

/// <summary>Takes a body block by block, or whole.</summary>
internal sealed class CoapUpload : CoapModelResource
{
    private readonly byte[] _body = new byte[2048];
    private readonly bool _isCountedOnce;
    private int _length;

    internal CoapUpload(CoapWorld world, string path, bool takesBlocks)
        : base(world, path)
    {
        TakesBlocks = takesBlocks;
        _isCountedOnce = !takesBlocks;
        MaxBody = 2000;
    }

    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.BodyOffset == 0)
        {
            _length = 0;
        }

        if (request.BodyOffset != _length)
        {
            World.Oracle.Fail($"RFC 7959 2.5: /{Encoding.UTF8.GetString(Path)} was given a block that begins at {request.BodyOffset} behind one that ended at {_length}");
        }

        if (request.IsContinuation)
        {
            return CoapCode.BadRequest;
        }

        Buffer.BlockCopy(request.Buffer, request.PayloadOffset, _body, _length, request.PayloadLength);
        _length += request.PayloadLength;
        if (!request.IsLastBlock)
        {
            return CoapCode.Continue;
        }

        World.Oracle.Stored(_body.AsSpan(0, _length), _isCountedOnce);
        return CoapCode.Changed;
    }
}

/// <summary>Answers late, in a message of its own.</summary>
internal sealed class CoapSlow : CoapModelResource
{
    private readonly byte[] _number = new byte[CoapContent.Header];

    internal CoapSlow(CoapWorld world)
        : base(world, "slow") => Formats = [CoapFormat.Octets];

    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        if (Wait(request, response, nowMs))
        {
            return CoapCode.Empty;
        }

        BinaryPrimitives.WriteInt64BigEndian(_number, 77);
        response.Body.Raw(_number);
        return CoapCode.Content;
    }

    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        long number = NumberOf(request);
        if (request.Method != CoapCode.Post || number < 0)
        {
            return CoapCode.BadRequest;
        }

        if (Wait(request, response, nowMs))
        {
            return CoapCode.Empty;
        }

        World.Oracle.Ran(number);
        return CoapCode.Changed;
    }

    // the first time nearly always, then now and then, and very seldom for longer than the server lets it
    private bool Wait(CoapRequest request, CoapResponse response, long nowMs)
    {
        World.Touch();
        SeededRandom random = World.Random;
        if (request.WasDeferred ? random.Chance(700) : random.Chance(100))
        {
            return false;
        }

        response.RetryAtMs = nowMs + (random.Chance(50) ? 0 : random.Next(random.Chance(20) ? 100_000 : 4000));
        return true;
    }
}

/// <summary>What a resource was, and when: a reader may get any state between its question and its answer.</summary>
internal sealed class CoapHistory
{
    private readonly List<(long AtMs, long Value)> _states = [];

    internal long Last => _states[^1].Value;

    internal long BeforeLast => _states.Count > 1 ? _states[^2].Value : Last;

    internal void Set(long nowMs, long value) => _states.Add((nowMs, value));

    internal void Reserve(int count) => _states.EnsureCapacity(count);

    internal void Trim(int keep)
    {
        if (_states.Count > keep)
        {
            _states.RemoveRange(0, _states.Count - keep);
        }
    }

    // was it this value at any time from then on?
    internal bool Had(long value, long sinceMs)
    {
        for (int i = _states.Count - 1; i >= 0; i--)
        {
            if (_states[i].Value == value)
            {
                return true;
            }

            if (_states[i].AtMs < sinceMs)
            {
                return false;
            }
        }

        return false;
    }
}

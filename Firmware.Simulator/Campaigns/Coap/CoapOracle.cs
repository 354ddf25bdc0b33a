// What the server's resources and its clients say of the same requests must agree. Requests that change something carry a number of their own.

using System.Runtime.InteropServices;

namespace Firmware.Simulator.Campaigns;

/// <summary>The ledger of requests.</summary>
internal sealed class CoapOracle(CoapWorld world)
{
    private readonly Dictionary<long, int> _runs = [];
    private long _next = 1;

    internal long Requests { get; private set; }

    internal long Once { get; private set; }

    internal long AnsweredOnce { get; private set; }

    internal long Uploads { get; private set; }

    internal long Bodies { get; set; }

    internal long Notifications { get; set; }

    internal long GivenUp { get; set; }

    internal long Registrations { get; set; }

    // a number for a request: never used again
    internal long Number()
    {
        Requests++;
        return _next++;
    }

    internal void Fail(string rule)
    {
        world.EnterHost();
        world.Fail(rule);
        world.LeaveHost();
    }

    // a handler that must not run twice for one request
    internal void Ran(long number)
    {
        world.EnterHost();
        world.Log.Note(world.NowMs, "resource: request {0} runs", number);
        Once++;
        ref int runs = ref CollectionsMarshal.GetValueRefOrAddDefault(_runs, number, out _);
        if (++runs > 1)
        {
            world.Fail($"RFC 7252 4.5: request {number} is not idempotent and ran {runs} times");
        }

        world.LeaveHost();
    }

    internal void RanIdempotent(long number)
    {
        world.EnterHost();
        CollectionsMarshal.GetValueRefOrAddDefault(_runs, number, out _)++;
        world.LeaveHost();
    }

    // a body has come to its end
    internal void Stored(ReadOnlySpan<byte> body, bool isOnce)
    {
        world.EnterHost();
        long number = CoapContent.Check(body);
        world.Log.Note(world.NowMs, "resource: body {0} of {1} bytes", number, body.Length);
        if (number < 0)
        {
            world.Fail($"RFC 7959 2.5: a body of {body.Length} bytes was put together wrongly");
        }
        else if (_lengths.TryGetValue(number, out int length) && length != body.Length)
        {
            world.Fail($"RFC 7959 2.5: body {number} has {length} bytes, but {body.Length} were stored");
        }

        Uploads++;
        if (isOnce)
        {
            Ran(number);
        }
        else
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_runs, number, out _)++;
        }

        world.LeaveHost();
    }

    // a client begins to send a body
    internal void Sending(long number, int length) => _lengths[number] = length;

    // a client has seen success
    internal void Succeeded(long number)
    {
        AnsweredOnce++;
        if (_runs.GetValueOrDefault(number) == 0)
        {
            world.Fail($"request {number} was answered with success, but has never run");
        }
    }

    // a client has seen an error
    internal void Refused(long number, int code)
    {
        if (_runs.GetValueOrDefault(number) != 0)
        {
            world.Fail($"request {number} has run, but was answered {code >> 5}.{code & 31:00}");
        }
    }

    // for a long run: what is settled is forgotten
    internal void Trim()
    {
        _runs.Clear();
        _lengths.Clear();
    }

    internal void Reserve(int count)
    {
        _runs.EnsureCapacity(count);
        _lengths.EnsureCapacity(count);
    }

    private readonly Dictionary<long, int> _lengths = [];
}

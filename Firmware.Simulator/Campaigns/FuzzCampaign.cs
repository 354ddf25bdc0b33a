// Millions of inputs in blocks, in parallel over the cores. Every input starts anew, so that it can be repeated alone.

using System.Diagnostics;

namespace Firmware.Simulator.Campaigns;

/// <summary>The fuzz campaigns.</summary>
public static class FuzzCampaign
{
    // inputs that a worker takes at once
    private const int BlockSize = 256;

    private const int MaxFailures = 5;

    /// <summary>Runs inputs.</summary>
    /// <param name="target">What is fuzzed.</param>
    /// <param name="inputs">How many inputs, 1 or more.</param>
    /// <param name="first">The first input, 0 or more.</param>
    /// <returns>Failures and counts.</returns>
    public static FuzzResult Run(FuzzTarget target, long inputs, long first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        long started = Stopwatch.GetTimestamp();
        long blocks = (inputs + BlockSize - 1) / BlockSize;
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        List<FuzzFailure> failures = [];
        long nextBlock = 0;
        WarmUp(target);
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            IFuzzTarget worker = Create(target);
            long block;
            while ((block = Interlocked.Increment(ref nextBlock) - 1) < blocks && RunBlock(worker, first + (block * BlockSize), Math.Min(BlockSize, inputs - (block * BlockSize)), failures))
            {
            }

            lock (counts)
            {
                worker.Count(counts);
            }
        });
        failures.Sort((a, b) => a.Input.CompareTo(b.Input));
        return new FuzzResult { Failures = failures, Counts = counts, Elapsed = Stopwatch.GetElapsedTime(started) };
    }

    private static IFuzzTarget Create(FuzzTarget target) => target switch
    {
        FuzzTarget.Mqtt => new FuzzMqtt(),
        FuzzTarget.Json => new FuzzJson(),
        FuzzTarget.CoapCodec => new FuzzCoapMessage(),
        FuzzTarget.Coap => new FuzzCoapServer(),
        FuzzTarget.Cbor => new FuzzCbor(),
        FuzzTarget.HttpRequest => new FuzzHttp(isServer: true),
        FuzzTarget.HttpResponse => new FuzzHttp(isServer: false),
        FuzzTarget.WebSocket => new FuzzWebSocket(),
        _ => throw new ArgumentOutOfRangeException(nameof(target)),
    };

    // makes the runtime load and compile what it needs, which allocates
    private static void WarmUp(FuzzTarget target)
    {
        List<FuzzFailure> found = [];
        IFuzzTarget worker = Create(target);
        for (int block = 0; block < 20; block++)
        {
            RunBlock(worker, block * BlockSize, BlockSize, found, measure: false);
        }
    }

    // false: enough was found
    private static bool RunBlock(IFuzzTarget worker, long start, long count, List<FuzzFailure> failures, bool measure = true)
    {
        long input = start;
        string? broken = null;
        try
        {
            long allocated = Measure(worker, ref input, start + count, ref broken);
            if (broken is null && allocated != 0 && measure)
            {
                // the runtime allocates now and then for itself (compiling, first use of a type): what an input costs, it costs each time
                input = start;
                allocated = Measure(worker, ref input, start + count, ref broken);
                broken ??= allocated == 0 ? null : $"memory: {allocated} bytes were allocated in this block, twice";
            }
        }
#pragma warning disable CA1031 // whatever is thrown is the finding
        catch (Exception e)
#pragma warning restore CA1031
        {
            broken = "an exception: " + e;
        }

        lock (failures)
        {
            if (broken is not null)
            {
                failures.Add(new FuzzFailure(input, broken, worker.Input.ToArray()));
            }

            return failures.Count < MaxFailures;
        }
    }

    private static long Measure(IFuzzTarget worker, ref long input, long end, ref string? broken)
    {
        long before = GC.GetAllocatedBytesForCurrentThread() - worker.OwnAllocations;
        for (; input < end; input++)
        {
            broken = worker.Run(input);
            if (broken is not null)
            {
                break;
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - worker.OwnAllocations - before;
    }
}

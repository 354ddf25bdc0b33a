// What the fuzz targets share: options, result, and the mutations.

namespace Firmware.Simulator.Campaigns;

/// <summary>What is fuzzed.</summary>
public enum FuzzTarget
{
    /// <summary>MqttFramer and a connected MqttClient.</summary>
    Mqtt = 0,

    /// <summary>JsonReader.</summary>
    Json,

    /// <summary>CoapMessage and CoapWriter.</summary>
    CoapCodec,

    /// <summary>CoapEndpoint and CoapServer.</summary>
    Coap,

    /// <summary>CborReader, and CborWriter with what was read.</summary>
    Cbor,

    /// <summary>HttpRequestReader.</summary>
    HttpRequest,

    /// <summary>HttpResponseReader.</summary>
    HttpResponse,

    /// <summary>WebSocketConnection, as server and as client.</summary>
    WebSocket,
}

/// <summary>One input that broke a rule.</summary>
/// <param name="Input">The input's number: all that is needed to see it again.</param>
/// <param name="Rule">What was broken.</param>
/// <param name="Bytes">The input.</param>
public sealed record FuzzFailure(long Input, string Rule, IReadOnlyList<byte> Bytes);

/// <summary>What a fuzz campaign found.</summary>
public sealed record FuzzResult
{
    /// <summary>Failures in the order of their inputs.</summary>
    public required IReadOnlyList<FuzzFailure> Failures { get; init; }

    /// <summary>What was counted, by name: outcomes show that the inputs reach the code.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>Real time of the campaign.</summary>
    public required TimeSpan Elapsed { get; init; }
}

/// <summary>Runs inputs one by one over reused objects.</summary>
internal interface IFuzzTarget
{
    // the bytes of the last input
    ReadOnlySpan<byte> Input { get; }

    // bytes that the target itself allocated so far, by intent
    long OwnAllocations { get; }

    // null, or the rule that was broken; allocates nothing else if none was
    string? Run(long input);

    void Count(SortedDictionary<string, long> counts);
}

/// <summary>A target whose inputs are one element of a corpus each, most of them mutated.</summary>
internal abstract class MutationTarget : IFuzzTarget
{
    // one in so many inputs stays as it is: what is valid must be taken
    private const int Unmutated = 32;

    private readonly byte[][] _corpus;
    private readonly Mutator _mutator;
    private long _unchanged;

    private protected MutationTarget(byte[][] corpus, int maxInput)
    {
        _corpus = corpus;
        Bytes = new byte[maxInput];
        _mutator = new Mutator(Random);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Input => Bytes.AsSpan(0, Length);

    /// <inheritdoc/>
    public long OwnAllocations { get; private protected set; }

    private protected SeededRandom Random { get; } = new(0);

    private protected byte[] Bytes { get; }

    private protected int Length { get; private set; }

    /// <inheritdoc/>
    public abstract string? Run(long input);

    /// <inheritdoc/>
    public abstract void Count(SortedDictionary<string, long> counts);

    // makes the bytes of an input; true if they were mutated
    private protected bool NextInput(long input)
    {
        Random.Restart(input);
        byte[] start = _corpus[Random.Next(_corpus.Length)];
        Buffer.BlockCopy(start, 0, Bytes, 0, start.Length);
        Length = start.Length;
        if (Random.Next(Unmutated) == 0)
        {
            _unchanged++;
            return false;
        }

        Length = _mutator.Mutate(Bytes, Length, _corpus);
        return true;
    }

    private protected void CountUnchanged(SortedDictionary<string, long> counts) => counts.Add("inputs ", "without a mutation", _unchanged);
}

/// <summary>Outcomes counted by name.</summary>
internal static class Tally
{
    // nothing is entered for what did not happen
    internal static void Add(this SortedDictionary<string, long> counts, string prefix, object name, long n)
    {
        if (n > 0)
        {
            string key = prefix + name;
            counts[key] = counts.GetValueOrDefault(key) + n;
        }
    }
}

/// <summary>Mutates bytes in place: flips, inserts, deletes, duplicates, lies about lengths, splices.</summary>
internal sealed class Mutator
{
    private readonly SeededRandom _random;

    internal Mutator(SeededRandom random) => _random = random;

    // returns the new length
    internal int Mutate(byte[] bytes, int length, byte[][] corpus)
    {
        for (int n = _random.Between(1, 4); n > 0; n--)
        {
            length = Once(bytes, length, corpus);
        }

        return length;
    }

    private int Once(byte[] bytes, int length, byte[][] corpus)
    {
        int at = length == 0 ? 0 : _random.Next(length);
        int count = 1 + _random.Next(8);
        switch (_random.Next(8))
        {
            case 0 when length > 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return length;
            case 1 when length > 0:
                bytes[at] = (byte)_random.Next(256);
                return length;
            case 2:
                // insert noise
                count = Math.Min(count, bytes.Length - length);
                Buffer.BlockCopy(bytes, at, bytes, at + count, length - at);
                for (int i = 0; i < count; i++)
                {
                    bytes[at + i] = (byte)_random.Next(256);
                }

                return length + count;
            case 3 when length > 0:
                // delete
                count = Math.Min(count, length - at);
                Buffer.BlockCopy(bytes, at + count, bytes, at, length - at - count);
                return length - count;
            case 4 when length > 0:
                // duplicate
                count = Math.Min(Math.Min(count * 4, length - at), bytes.Length - length);
                Buffer.BlockCopy(bytes, at, bytes, at + count, length - at);
                return length + count;
            case 5 when length > 0:
                // values at the edges of their ranges
                bytes[at] = _random.Next(6) switch { 0 => 0, 1 => 1, 2 => 0x7F, 3 => 0x80, 4 => 0xFE, _ => 0xFF };
                return length;
            case 6:
                // splice: the tail of another input
                byte[] other = corpus[_random.Next(corpus.Length)];
                int from = _random.Next(other.Length);
                count = Math.Min(other.Length - from, bytes.Length - at);
                Buffer.BlockCopy(other, from, bytes, at, count);
                return at + count;
            case 7 when length > 0:
                // cut
                return at;
            default:
                return length;
        }
    }
}

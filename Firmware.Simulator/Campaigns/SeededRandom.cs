// The randomness of the campaigns: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014), so that a seed
// means the same on every version of .NET. Not for secrets.

namespace Firmware.Simulator.Campaigns;

/// <summary>A small generator that a seed determines. It is a <see cref="Random"/>, so that the firmware's own classes can draw from it.</summary>
internal sealed class SeededRandom : Random
{
    private ulong _state;

    internal SeededRandom(long seed) => Restart(seed);

    /// <inheritdoc/>
    public override int Next() => (int)(NextBits() >> 33);

    /// <inheritdoc/>
    public override int Next(int maxValue) => (int)(((NextBits() >> 32) * (ulong)(uint)maxValue) >> 32);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => minValue + Next(maxValue - minValue);

    /// <inheritdoc/>
    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    // neighbouring seeds give unrelated streams
    internal void Restart(long seed)
    {
        _state = (ulong)seed;
        _state = NextBits() ^ 0x6A09E667F3BCC909;
    }

    internal ulong NextBits()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    internal bool Chance(int perMille) => perMille > 0 && Next(1000) < perMille;

    // both ends included
    internal int Between(int low, int high) => low + Next(high - low + 1);

    // around the mean, never 0: half of the waits are shorter than the mean, some are four times as long
    internal int Wait(int meanMs)
    {
        int half = Next(meanMs + 1) + 1;
        return Next(4) == 0 ? half * 2 + meanMs : half;
    }
}

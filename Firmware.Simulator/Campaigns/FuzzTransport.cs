// Feeds an input to the code under test in random pieces and watches what it asks for.

using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

/// <summary>A link whose peer sends one input and then closes.</summary>
internal sealed class FuzzTransport : ITransport
{
    private readonly SeededRandom _random = new(0);
    private byte[] _input = [];
    private int _length;
    private int _position;
    private int _mostAtOnce;

    // the index behind the last byte that was written to the reader's buffer
    internal int End { get; private set; }

    internal bool IsClosed { get; private set; }

    internal string? Broken { get; private set; }

    // a sum over what was written: to compare two runs of one input
    internal ulong Written { get; private set; }

    // the first bytes may have come another way already
    internal void Restart(byte[] input, int length, long seed, int skipped = 0)
    {
        _random.Restart(seed);
        _input = input;
        _length = length;
        _position = skipped;
        _mostAtOnce = _random.Next(3) switch { 0 => 1, 1 => 1 + _random.Next(16), _ => int.MaxValue };
        End = 0;
        IsClosed = false;
        Broken = null;
        Written = 0;
    }

    /// <inheritdoc/>
    public int Read(byte[] buffer, int offset, int count)
    {
        if (IsClosed)
        {
            Broken ??= "Read after Close";
        }

        if (offset < 0 || count < 1 || offset > buffer.Length - count)
        {
            Broken ??= "Read into a range outside the buffer";
            return TransportResult.Failed;
        }

        if (_position == _length)
        {
            return TransportResult.Closed;
        }

        if (_random.Next(8) == 0)
        {
            return 0;
        }

        int n = Math.Min(Math.Min(count, _length - _position), _mostAtOnce);
        Buffer.BlockCopy(_input, _position, buffer, offset, n);
        _position += n;
        End = offset + n;
        return n;
    }

    /// <inheritdoc/>
    public int Write(byte[] buffer, int offset, int count)
    {
        if (IsClosed)
        {
            Broken ??= "Write after Close";
        }

        if (offset < 0 || count < 1 || offset > buffer.Length - count)
        {
            Broken ??= "Write from a range outside the buffer";
            return TransportResult.Failed;
        }

        for (int i = 0; i < count; i++)
        {
            Written = (Written * 31) + buffer[offset + i];
        }

        return count;
    }

    /// <inheritdoc/>
    public void Close() => IsClosed = true;
}

// The fuzz target for JSON: a mutated text stands somewhere in a larger, poisoned buffer. Allowed are tokens and Error. Checked: no exception,
// every token inside the text, no more tokens than bytes, nothing outside changed; each input runs over two poisons, which must not matter.

using Firmware.Protocols.Json;

namespace Firmware.Simulator.Campaigns;

/// <summary>JsonReader against hostile bytes.</summary>
internal sealed class FuzzJson : IFuzzTarget
{
    private const int MaxInput = 320;
    private const int Margin = 16;
    private const byte Guard = 0xC3;

    private readonly byte[][] _corpus = FuzzCorpus.Json();
    private readonly SeededRandom _random = new(0);
    private readonly Mutator _mutator;
    private readonly byte[] _input = new byte[MaxInput];
    private readonly byte[] _buffer = new byte[MaxInput + (2 * Margin)];
    private readonly byte[] _copied = new byte[64];
    private readonly JsonReader _reader = new();
    private readonly byte[] _name = "seconds"u8.ToArray();
    private readonly long[] _tokens = new long[(int)JsonToken.Error + 1];
    private readonly long[] _errors = new long[256];
    private int _length;
    private long _unchanged;

    internal FuzzJson() => _mutator = new Mutator(_random);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Input => _input.AsSpan(0, _length);

    /// <inheritdoc/>
    public long OwnAllocations => 0;

    /// <inheritdoc/>
    public string? Run(long input)
    {
        _random.Restart(input);
        byte[] start = _corpus[_random.Next(_corpus.Length)];
        Buffer.BlockCopy(start, 0, _input, 0, start.Length);
        _length = start.Length;
        bool isMutated = _random.Next(32) != 0;
        if (isMutated)
        {
            _length = _mutator.Mutate(_input, _length, _corpus);
        }
        else
        {
            _unchanged++;
        }

        string? broken = RunOver((byte)'"', input, out ulong first);
        if (broken is null)
        {
            // what would go on with a number, or with a character of several bytes
            broken = RunOver((input & 1) == 0 ? (byte)'1' : (byte)0x80, input, out ulong second) ?? (first == second ? null : "the reader has read bytes outside the text");
        }

        return broken ?? (isMutated || _reader.Error == JsonError.None ? null : "a valid text ended with " + _reader.Error);
    }

    /// <inheritdoc/>
    public void Count(SortedDictionary<string, long> counts)
    {
        counts["inputs without a mutation"] = counts.GetValueOrDefault("inputs without a mutation") + _unchanged;
        for (int i = 0; i < _tokens.Length; i++)
        {
            counts.Add("token ", (JsonToken)i, _tokens[i]);
        }

        for (int i = 0; i < _errors.Length; i++)
        {
            counts.Add("error ", (JsonError)i, _errors[i]);
        }
    }

    private string? RunOver(byte poison, long seed, out ulong sum)
    {
        sum = 0;
        int offset = (int)((ulong)seed % Margin);
        _buffer.AsSpan(0, offset).Fill(poison);
        _buffer.AsSpan(offset + _length).Fill(poison);
        Buffer.BlockCopy(_input, 0, _buffer, offset, _length);
        _reader.Reset(_buffer, offset, _length);
        for (int tokens = 0; tokens <= _length + 2; tokens++)
        {
            JsonToken token = _reader.Read();
            _tokens[(int)token]++;
            sum = (sum * 131) + (ulong)token + ((ulong)_reader.TokenOffset * 7) + ((ulong)_reader.TokenLength * 3) + (ulong)_reader.ErrorOffset;
            if (token == JsonToken.End)
            {
                return null;
            }

            if (token == JsonToken.Error)
            {
                _errors[(int)_reader.Error]++;
                bool isInside = _reader.ErrorOffset >= offset && _reader.ErrorOffset <= offset + _length && _reader.Line >= 1 && _reader.Column >= 1;
                return isInside && _reader.Read() == JsonToken.Error ? null : "an error is outside the text, or not sticky";
            }

            if (_reader.TokenOffset < offset || _reader.TokenLength < 0 || _reader.TokenOffset + _reader.TokenLength > offset + _length)
            {
                return "a token is outside the text";
            }

            if (token is JsonToken.Name or JsonToken.String)
            {
                sum += _reader.TokenIs(_name) ? 1UL : 0;
                _copied.AsSpan().Fill(Guard);
                int copied = _reader.CopyString(_copied, 8, 40);
                if (copied > Math.Min(40, _reader.TokenLength) || _copied[7] != Guard || _copied.AsSpan(48).ContainsAnyExcept(Guard))
                {
                    return "CopyString wrote outside its range";
                }

                sum += (ulong)(copied + 1);
            }
            else if (token == JsonToken.Number)
            {
                sum += _reader.TryGetFixed(3, out int value) ? (ulong)value : 0;
                sum += _reader.TryGetInt32(out value) ? (ulong)value : 0;
            }

            if ((seed & 15) == 3 && token == JsonToken.Name)
            {
                _reader.SkipValue();
            }
        }

        return "the reader tells more tokens than there are bytes";
    }
}

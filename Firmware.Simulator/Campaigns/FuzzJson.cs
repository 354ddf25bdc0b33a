// The fuzz target for JSON: a mutated text stands somewhere in a larger, poisoned buffer. Allowed are tokens and Error. Checked: no exception,
// every token inside the text, no more tokens than bytes, nothing outside changed; each input runs over two poisons, which must not matter.

using Firmware.Protocols.Json;

namespace Firmware.Simulator.Campaigns;

/// <summary>JsonReader against hostile bytes.</summary>
internal sealed class FuzzJson : MutationTarget
{
    private const int MaxInput = 320;
    private const int Margin = 16;
    private const byte Guard = 0xC3;

    private readonly byte[] _buffer = new byte[MaxInput + (2 * Margin)];
    private readonly byte[] _copied = new byte[64];
    private readonly JsonReader _reader = new();
    private readonly byte[] _name = "seconds"u8.ToArray();
    private readonly long[] _tokens = new long[(int)JsonToken.Error + 1];
    private readonly long[] _errors = new long[256];

    internal FuzzJson()
        : base(FuzzCorpus.Json(), MaxInput)
    {
    }

    /// <inheritdoc/>
    public override string? Run(long input)
    {
        bool isMutated = NextInput(input);
        string? broken = RunOver((byte)'"', input, out ulong first);
        if (broken is null)
        {
            // what would go on with a number, or with a character of several bytes
            broken = RunOver((input & 1) == 0 ? (byte)'1' : (byte)0x80, input, out ulong second) ?? (first == second ? null : "the reader has read bytes outside the text");
        }

        return broken ?? (isMutated || _reader.Error == JsonError.None ? null : "a valid text ended with " + _reader.Error);
    }

    /// <inheritdoc/>
    public override void Count(SortedDictionary<string, long> counts)
    {
        CountUnchanged(counts);
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
        _buffer.AsSpan(offset + Length).Fill(poison);
        Buffer.BlockCopy(Bytes, 0, _buffer, offset, Length);
        _reader.Reset(_buffer, offset, Length);
        for (int tokens = 0; tokens <= Length + 2; tokens++)
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
                bool isInside = _reader.ErrorOffset >= offset && _reader.ErrorOffset <= offset + Length && _reader.Line >= 1 && _reader.Column >= 1;
                return isInside && _reader.Read() == JsonToken.Error ? null : "an error is outside the text, or not sticky";
            }

            if (_reader.TokenOffset < offset || _reader.TokenLength < 0 || _reader.TokenOffset + _reader.TokenLength > offset + Length)
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

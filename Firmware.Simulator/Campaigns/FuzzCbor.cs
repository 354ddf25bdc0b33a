// The fuzz target for CBOR: a mutated item stands somewhere in a larger, poisoned buffer. Allowed are tokens and Error. Checked: no exception,
// every token inside the item, no more tokens than bytes allow, nothing outside changed; each input runs over two poisons, which must not matter.
// What was taken is written again by CborWriter and must then be read as the same tokens, in no more bytes.

using Firmware.Protocols.Cbor;

namespace Firmware.Simulator.Campaigns;

/// <summary>CborReader against hostile bytes, and CborWriter with what was read.</summary>
internal sealed class FuzzCbor : MutationTarget
{
    private const int MaxInput = 320;
    private const int Margin = 16;
    private const byte Guard = 0xC3;

    private readonly byte[] _buffer = new byte[MaxInput + (2 * Margin)];
    private readonly byte[] _copied = new byte[64];
    private readonly CborReader _reader = new();
    private readonly CborWriter _writer = new(new byte[MaxInput]);
    private readonly byte[] _name = "seconds"u8.ToArray();
    private readonly long[] _tokens = new long[(int)CborToken.Error + 1];
    private readonly long[] _errors = new long[256];
    private long _written;

    internal FuzzCbor()
        : base(FuzzCorpus.Cbor(), MaxInput)
    {
    }

    /// <inheritdoc/>
    public override string? Run(long input)
    {
        bool isMutated = NextInput(input);
        // what would go on with a head, and what is an item itself
        string? broken = RunOver(0xFF, input, out ulong first);
        if (broken is null)
        {
            broken = RunOver((input & 1) == 0 ? (byte)0x00 : (byte)0x80, input, out ulong second) ?? (first == second ? null : "the reader has read bytes outside the item");
        }

        if (broken is not null || _reader.Error != CborError.None)
        {
            return broken ?? (isMutated ? null : "a valid item ended with " + _reader.Error);
        }

        return WriteAgain(OffsetOf(input));
    }

    /// <inheritdoc/>
    public override void Count(SortedDictionary<string, long> counts)
    {
        CountUnchanged(counts);
        counts["items written again"] = counts.GetValueOrDefault("items written again") + _written;
        for (int i = 0; i < _tokens.Length; i++)
        {
            counts.Add("token ", (CborToken)i, _tokens[i]);
        }

        for (int i = 0; i < _errors.Length; i++)
        {
            counts.Add("error ", (CborError)i, _errors[i]);
        }
    }

    private static int OffsetOf(long seed) => (int)((ulong)seed % Margin);

    private string? RunOver(byte poison, long seed, out ulong sum)
    {
        sum = 0;
        int offset = OffsetOf(seed);
        _buffer.AsSpan(0, offset).Fill(poison);
        _buffer.AsSpan(offset + Length).Fill(poison);
        Buffer.BlockCopy(Bytes, 0, _buffer, offset, Length);
        _reader.Reset(_buffer, offset, Length);

        // a byte at most begins a container, which ends without one
        for (int tokens = 0; tokens <= (2 * Length) + 1; tokens++)
        {
            CborToken token = _reader.Read();
            _tokens[(int)token]++;
            sum = (sum * 131) + (ulong)token + ((ulong)_reader.TokenOffset * 7) + ((ulong)_reader.TokenLength * 3) + (ulong)_reader.ErrorOffset + (_reader.IsKey ? 11UL : 0) + (ulong)_reader.Count;
            if (token == CborToken.End)
            {
                return null;
            }

            if (token == CborToken.Error)
            {
                _errors[(int)_reader.Error]++;
                bool isInside = _reader.ErrorOffset >= offset && _reader.ErrorOffset <= offset + Length;
                return isInside && _reader.Read() == CborToken.Error ? null : "an error is outside the item, or not sticky";
            }

            if (_reader.TokenOffset < offset || _reader.TokenLength < 0 || _reader.TokenOffset + _reader.TokenLength > offset + Length)
            {
                return "a token is outside the item";
            }

            if (token == CborToken.Text)
            {
                sum += _reader.TokenIs(_name) ? 1UL : 0;
                _copied.AsSpan().Fill(Guard);
                int copied = _reader.CopyString(_copied, 8, 40);
                if (copied != (_reader.TokenLength <= 40 ? _reader.TokenLength : -1) || _copied[7] != Guard || _copied.AsSpan(48).ContainsAnyExcept(Guard))
                {
                    return "CopyString wrote outside its range";
                }
            }
            else
            {
                sum += _reader.TryGetInt32(out int value) ? (ulong)value : 0;
            }

            if ((seed & 15) == 3 && _reader.IsKey)
            {
                _reader.SkipValue();
            }
        }

        return "the reader tells more tokens than there are bytes";
    }

    private string? WriteAgain(int offset)
    {
        _writer.Reset();
        _reader.Reset(_buffer, offset, Length);
        if (!Walk(_writer, out ulong expected))
        {
            return null;
        }

        _written++;
        if (_writer.Overflowed || _writer.Length > Length)
        {
            return "the writer needs more bytes than the item had";
        }

        _reader.Reset(_writer.Buffer, _writer.Offset, _writer.Length);
        return Walk(null, out ulong actual) && actual == expected ? null : "what was written again is read as something else";
    }

    // false: the item holds a number that cannot be got; meaning depends on all values, but not on how long they were encoded
    private bool Walk(CborWriter? writer, out ulong meaning)
    {
        meaning = 0;
        while (true)
        {
            CborToken token = _reader.Read();
            meaning = (meaning * 131) + (ulong)token;
            switch (token)
            {
                case CborToken.BeginMap:
                    writer?.BeginMap(_reader.Count);
                    break;
                case CborToken.BeginArray:
                    writer?.BeginArray(_reader.Count);
                    break;
                case CborToken.Text:
                case CborToken.ByteString:
                    foreach (byte b in _reader.Source.AsSpan(_reader.TokenOffset, _reader.TokenLength))
                    {
                        meaning = (meaning * 257) + b;
                    }

                    if (token == CborToken.Text)
                    {
                        writer?.Text(_reader.Source, _reader.TokenOffset, _reader.TokenLength);
                    }
                    else
                    {
                        writer?.Bytes(_reader.Source, _reader.TokenOffset, _reader.TokenLength);
                    }

                    break;
                case CborToken.Integer when _reader.TryGetInt32(out int value):
                    meaning = (meaning * 31) + (ulong)value;
                    writer?.Int(value);
                    break;
                case CborToken.True:
                case CborToken.False:
                    writer?.Bool(token == CborToken.True);
                    break;
                case CborToken.Null:
                    writer?.Null();
                    break;
                case CborToken.EndMap:
                case CborToken.EndArray:
                    break;
                default:
                    return token == CborToken.End;
            }
        }
    }
}

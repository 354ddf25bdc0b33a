// The fuzz target for the CoAP codec: a mutated message stands somewhere in a larger, poisoned buffer. Allowed are Ok, NotCoap and Malformed.
// Checked: no exception; all views inside and in order; what is Ok comes out of CoapWriter as the very bytes that went in (there is one encoding
// only: the formats of RFC 7252 section 3.1 do not overlap), overflows with less room, and writes nothing outside. Each input runs over two
// poisons, which must not matter: zeros would go on as empty options, 0xFF as payload markers; the second time the message ends with the array.

using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Campaigns;

/// <summary>CoapMessage, CoapWriter and CoapOption against hostile bytes.</summary>
internal sealed class FuzzCoapMessage : MutationTarget
{
    private const int MaxInput = 1500;
    private const int Margin = 16;
    private const byte Guard = 0xC3;

    private readonly byte[] _buffer = new byte[MaxInput + (2 * Margin)];
    private readonly byte[] _written = new byte[MaxInput + (2 * Margin)];
    private readonly CoapMessage _message = new();
    private readonly CoapWriter _writer = new();
    private readonly long[] _results = new long[(int)CoapParseResult.Malformed + 1];
    private readonly long[] _classes = new long[8];
    private long _options;
    private long _lengthsRefused;
    private long _payloads;

    internal FuzzCoapMessage()
        : base(FuzzCorpus.Coap(), MaxInput)
    {
    }

    /// <inheritdoc/>
    public override string? Run(long input)
    {
        bool isMutated = NextInput(input);
        int offset = Random.Next(Margin);
        if (RunOver(0, offset, out CoapParseResult result, out ulong sum) is { } broken)
        {
            return broken;
        }

        if (RunOver(0xFF, _buffer.Length - Length, out CoapParseResult again, out ulong sumAgain) is { } brokenAgain)
        {
            return brokenAgain;
        }

        if (result != again || sum != sumAgain)
        {
            return "the reader has read bytes outside the message";
        }

        _results[(int)result]++;
        if (result == CoapParseResult.Ok)
        {
            if (_message.Code == CoapCode.Empty && Length != CoapMessage.HeaderLength)
            {
                return "an empty message has something behind its header";
            }

            _classes[CoapCode.ClassOf(_message.Code)]++;
            return WriteAgain(offset);
        }

        return isMutated ? null : "a valid message is " + result;
    }

    /// <inheritdoc/>
    public override void Count(SortedDictionary<string, long> counts)
    {
        CountUnchanged(counts);
        counts.Add("options", "", _options);
        counts.Add("options of a length that the registry refuses", "", _lengthsRefused);
        counts.Add("payloads", "", _payloads);
        for (int i = 0; i < _results.Length; i++)
        {
            counts.Add("result ", (CoapParseResult)i, _results[i]);
        }

        for (int i = 0; i < _classes.Length; i++)
        {
            counts.Add("code class ", i, _classes[i]);
        }
    }

    private string? RunOver(byte poison, int offset, out CoapParseResult result, out ulong sum)
    {
        _buffer.AsSpan(0, offset).Fill(poison);
        _buffer.AsSpan(offset + Length).Fill(poison);
        Buffer.BlockCopy(Bytes, 0, _buffer, offset, Length);
        result = _message.Parse(_buffer, offset, Length);
        sum = 0;
        if (result == CoapParseResult.NotCoap)
        {
            return _message.NextOption() || _message.PayloadLength != 0 ? "what is not CoAP has options or a payload" : null;
        }

        if (_message.Type != ((Bytes[0] >> 4) & 3) || _message.Code != Bytes[1] || _message.MessageId != ((Bytes[2] << 8) | Bytes[3]))
        {
            return "the header is not the message's";
        }

        int at = _message.OptionsOffset;
        int optionsEnd = at + _message.OptionsLength;
        int end = offset + Length;
        bool isInside = _message.TokenOffset == offset + CoapMessage.HeaderLength
            && _message.TokenLength is >= 0 and <= CoapMessage.MaxTokenLength
            && at == _message.TokenOffset + _message.TokenLength
            && optionsEnd >= at
            && _message.PayloadOffset >= optionsEnd
            && _message.PayloadLength >= 0
            && _message.PayloadOffset + _message.PayloadLength == end;
        if (!isInside)
        {
            return "a view is outside the message";
        }

        sum = ((ulong)_message.TokenLength * 31) + ((ulong)(_message.PayloadOffset - offset) * 7) + (ulong)_message.PayloadLength;
        int last = 0;
        while (_message.NextOption())
        {
            if (_message.OptionNumber < last || _message.OptionNumber > 65535 || _message.OptionOffset <= at || _message.OptionLength < 0 || _message.OptionOffset + _message.OptionLength > optionsEnd)
            {
                return "an option is outside the message, or out of order";
            }

            last = _message.OptionNumber;
            at = _message.OptionOffset + _message.OptionLength;
            int value = _message.OptionUInt();
            if (value < 0)
            {
                return "an unsigned integer is negative";
            }

            _options++;
            _lengthsRefused += CoapOption.IsLengthAllowed(last, _message.OptionLength) ? 0 : 1;
            sum = (sum * 131) + ((ulong)last * 7) + ((ulong)(_message.OptionOffset - offset) * 3) + (ulong)_message.OptionLength + (ulong)value;
        }

        if (at != optionsEnd)
        {
            return "the options do not fill their range";
        }

        // the walk by number must find the same
        int number = (int)(sum % 300);
        _message.RewindOptions();
        bool isFound = _message.NextOption(number);
        sum = (sum * 2) + (isFound ? 1UL : 0);
        bool isThere = false;
        bool isNextHigher = isFound || !_message.NextOption() || _message.OptionNumber > number;
        _message.RewindOptions();
        while (_message.NextOption())
        {
            isThere |= _message.OptionNumber == number;
        }

        return isFound == isThere && isNextHigher ? null : "an option is found by walking and not by number, or the other way";
    }

    private string? WriteAgain(int offset)
    {
        _payloads += _message.PayloadLength > 0 ? 1 : 0;
        _written.AsSpan().Fill(Guard);
        Write(offset, Length);
        if (_writer.Overflowed || _writer.Length != Length || !_written.AsSpan(offset, Length).SequenceEqual(Input))
        {
            return "the writer's bytes are not the reader's";
        }

        if (_written.AsSpan(0, offset).ContainsAnyExcept(Guard) || _written.AsSpan(offset + Length).ContainsAnyExcept(Guard))
        {
            return "the writer wrote outside its range";
        }

        int limit = Random.Next(Length);
        _written.AsSpan().Fill(Guard);
        Write(offset, limit);
        if (!_writer.Overflowed || _writer.Length > limit || _written.AsSpan(0, offset).ContainsAnyExcept(Guard) || _written.AsSpan(offset + limit).ContainsAnyExcept(Guard))
        {
            return "the writer wrote outside its range, or has not told that it did not fit";
        }

        return null;
    }

    private void Write(int offset, int limit)
    {
        _writer.Begin(_written, offset, offset + limit, _message.Type, _message.Code, _message.MessageId, _buffer, _message.TokenOffset, _message.TokenLength);
        _message.RewindOptions();
        while (_message.NextOption())
        {
            _writer.Option(_message.OptionNumber, _buffer, _message.OptionOffset, _message.OptionLength);
        }

        _writer.Payload(_buffer, _message.PayloadOffset, _message.PayloadLength);
    }
}

// The fuzz targets for the HTTP readers: a mutated stream of messages, over a poisoned buffer and in random pieces, then over another poison in other pieces, which must
// not matter. Allowed are messages and reported errors. Checked: no exception, every view inside of the buffer and of its own part, limits kept, errors sticky,
// no reading after an error; what is read from a request stands between the field that tells the length and the bytes that follow.

using Firmware.Protocols.Http;
using HttpMethod = Firmware.Protocols.Http.HttpMethod;

namespace Firmware.Simulator.Campaigns;

/// <summary>HttpRequestReader with HttpTarget, or HttpResponseReader, against hostile bytes.</summary>
internal sealed class FuzzHttp : MutationTarget
{
    private const int MaxInput = 900;
    private const int HeadLimit = 400;
    private const int BodyLimit = 120;

    private readonly HttpReader _reader;
    private readonly HttpTarget _target = new();
    private readonly FuzzTransport _transport = new();
    private readonly byte[] _token = "secret"u8.ToArray();
    private readonly long[] _errors = new long[(int)HttpError.TooManyInterim + 1];
    private readonly long[] _ends = new long[(int)HttpRead.Failed + 1];
    private long _messages;
    private long _bodies;
    private long _closing;

    internal FuzzHttp(bool isServer)
        : base(isServer ? FuzzCorpus.HttpRequests() : FuzzCorpus.HttpResponses(), MaxInput)
    {
        byte[] buffer = new byte[HeadLimit + BodyLimit + HttpReader.MaxChunkLine];
        _reader = isServer ? new HttpRequestReader(buffer, HeadLimit) : new HttpResponseReader(buffer, HeadLimit);
    }

    /// <inheritdoc/>
    public override string? Run(long input)
    {
        bool isMutated = NextInput(input);
        string? broken = RunOver((byte)'\n', input, out ulong first);
        if (broken is null)
        {
            broken = RunOver((input & 1) == 0 ? (byte)'0' : (byte)':', input + 1_000_003, out ulong second)
                ?? (first == second ? null : "the pieces matter, or bytes that never came");
        }

        _errors[(int)_reader.Error]++;
        return broken ?? (isMutated || _reader.Error == HttpError.None ? null : "a valid stream ended with " + _reader.Error);
    }

    /// <inheritdoc/>
    public override void Count(SortedDictionary<string, long> counts)
    {
        CountUnchanged(counts);
        counts.Add("messages", "", _messages);
        counts.Add("bodies", "", _bodies);
        counts.Add("messages that end the link", "", _closing);
        for (int i = 0; i < _errors.Length; i++)
        {
            counts.Add("error ", (HttpError)i, _errors[i]);
        }

        for (int i = 0; i < _ends.Length; i++)
        {
            counts.Add("end ", (HttpRead)i, _ends[i]);
        }
    }

    private string? RunOver(byte poison, long seed, out ulong sum)
    {
        sum = 0;
        _reader.Buffer.AsSpan().Fill(poison);
        _reader.Reset();
        _transport.Restart(Bytes, Length, seed);
        for (int reads = 0; reads < (8 * Length) + 50; reads++)
        {
            HttpRead read = _reader.Read(_transport);
            if (_transport.Broken is { } broken)
            {
                return broken;
            }

            if (read == HttpRead.Incomplete)
            {
                continue;
            }

            sum = (sum * 31) + (ulong)read;
            if (read == HttpRead.Message)
            {
                _messages++;
                if (CheckMessage(ref sum) is { } wrong)
                {
                    return wrong;
                }

                continue;
            }

            _ends[(int)read]++;
            sum = (sum * 31) + (ulong)_reader.Error;
            bool isRight = (read == HttpRead.Error) == (_reader.Error != HttpError.None) && (read != HttpRead.Error || (!_reader.KeepsAlive && _reader.Read(_transport) == HttpRead.Error));
            return isRight ? null : "an end is told without an error, or the other way, or it is not sticky";
        }

        return "the reader comes to no end";
    }

    private string? CheckMessage(ref ulong sum)
    {
        byte[] buffer = _reader.Buffer;
        int head = _reader.BodyOffset;
        int end = head + _reader.BodyLength;
        if (head < 16 || head > HeadLimit || _reader.BodyLength is < 0 or > BodyLimit || _reader.RestLength < 0 || _reader.RestOffset < end || _reader.RestOffset + _reader.RestLength > buffer.Length)
        {
            return "head, body and rest are not in order";
        }

        if (buffer[head - 1] != '\n' || buffer[head - 2] != '\r' || buffer[head - 3] != '\n')
        {
            return "the body does not begin behind the empty line";
        }

        for (int i = head; i < end; i++)
        {
            sum = (sum * 131) + buffer[i];
        }

        _bodies += _reader.BodyLength > 0 ? 1 : 0;
        _closing += _reader.KeepsAlive ? 0 : 1;
        sum = (sum * 3) + (_reader.KeepsAlive ? 1UL : 0) + (_reader.SaysUpgrade ? 2UL : 0);
        for (int field = 0; field < HttpField.Count; field++)
        {
            if (_reader.Has(field) && AddView(_reader.ValueOffset(field), _reader.ValueLength(field), head, ref sum) is { } outside)
            {
                return outside;
            }
        }

        return _reader is HttpRequestReader request ? CheckRequest(request, head, ref sum) : CheckResponse((HttpResponseReader)_reader, ref sum);
    }

    private string? CheckRequest(HttpRequestReader request, int head, ref ulong sum)
    {
        sum = (sum * 7) + (ulong)request.Method + (request.IsBearer(_token) ? 50UL : 0) + (request.TakeContinue() ? 100UL : 0);
        if (request.Method == HttpMethod.Unknown || request.Status != 200)
        {
            return "a message without a method, or with an error";
        }

        string? outside = AddView(request.PathOffset, request.PathLength, head, ref sum) ?? AddView(request.QueryOffset, request.QueryLength, head, ref sum)
            ?? (request.HostLength > 0 ? AddView(request.HostOffset, request.HostLength, head, ref sum) : null);
        _target.Reset(request);
        for (int parts = 0; outside is null && _target.NextSegment(); parts++)
        {
            outside = parts > request.PathLength ? "more segments than bytes" : AddView(_target.Offset, _target.Length, head, ref sum);
        }

        while (outside is null && _target.NextParameter())
        {
            outside = AddView(_target.Offset, _target.Length, head, ref sum) ?? AddView(_target.ValueOffset, _target.ValueLength, head, ref sum);
        }

        return outside;
    }

    private static string? CheckResponse(HttpResponseReader response, ref ulong sum)
    {
        sum = (sum * 7) + (ulong)response.Status + (ulong)response.ReadDate();
        return response.Status is 101 or (>= 200 and <= 599) ? null : "a final response with status " + response.Status;
    }

    private string? AddView(int offset, int length, int head, ref ulong sum)
    {
        if (offset < 0 || length < 0 || offset + length > head)
        {
            return "a view is outside of the head";
        }

        for (int i = 0; i < length; i++)
        {
            sum = (sum * 131) + _reader.Buffer[offset + i];
        }

        return null;
    }
}

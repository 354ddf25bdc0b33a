// A resource whose behaviour the test writes down.

using System.Text;
using Firmware.Protocols.Coap;

namespace Firmware.Tests.Host.Coap;

/// <summary>Counts what is done to it, and answers as it is told.</summary>
internal sealed class TestResource : CoapResource
{
    private int _version;

    internal TestResource(string path, string content = "content", params int[] formats)
        : base(path)
    {
        Formats = formats.Length == 0 ? [CoapFormat.Text] : formats;
        Content = Encoding.UTF8.GetBytes(content);
        IsObservable = true;
    }

    public override bool Exists => IsThere;

    public override int Version => _version;

    public override int MaxAgeSeconds => MaxAge;

    internal byte[] Content { get; set; }

    internal bool IsThere { get; set; } = true;

    internal int MaxAge { get; set; } = DefaultMaxAgeSeconds;

    internal int Reads { get; private set; }

    internal int Changes { get; private set; }

    /// <summary>The code of a GET; <see cref="CoapCode.Empty"/> puts it off by <see cref="DelayMs"/>, each time.</summary>
    internal int ReadCode { get; set; } = CoapCode.Content;

    internal int ChangeCode { get; set; } = CoapCode.Changed;

    internal int DelayMs { get; set; } = 1000;

    /// <summary>What a change answers with.</summary>
    internal byte[] Answer { get; set; } = [];

    internal List<byte> Body { get; } = [];

    /// <summary>Its ETag; 0 to have the content hashed.</summary>
    internal int OwnETag { get; set; }

    internal bool KeepsBody { get; set; }

    internal void Set(string content)
    {
        Content = Encoding.UTF8.GetBytes(content);
        _version++;
    }

    internal TestResource With(bool takesBlocks = false, int maxBody = 1024, bool sendsETag = false, bool confirms = false, string? rt = null, string? interfaces = null, string? title = null, int size = 0, bool observable = true)
    {
        TakesBlocks = takesBlocks;
        MaxBody = maxBody;
        SendsETag = sendsETag;
        ConfirmsNotifications = confirms;
        ResourceType = rt == null ? null : Encoding.UTF8.GetBytes(rt);
        Interface = interfaces == null ? null : Encoding.UTF8.GetBytes(interfaces);
        Title = title == null ? null : Encoding.UTF8.GetBytes(title);
        EstimatedSize = size;
        IsObservable = observable;
        return this;
    }

    internal TestResource Unlisted()
    {
        IsListed = false;
        return this;
    }

    internal void Touch() => _version++;

    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        Reads++;
        if (ReadCode == CoapCode.Empty)
        {
            response.RetryAtMs = nowMs + DelayMs;
        }
        else
        {
            response.Body.Raw(Content);
            if (OwnETag != 0)
            {
                response.SetETag(OwnETag);
            }
        }

        return ReadCode;
    }

    // selects nothing: gives the payload back, and the content behind it
    public override int Fetch(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        Reads++;
        response.Body.Raw(request.Buffer, request.PayloadOffset, request.PayloadLength);
        response.Body.Raw(Content);
        return CoapCode.Content;
    }

    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (ChangeCode == CoapCode.Empty && !request.WasDeferred)
        {
            response.RetryAtMs = nowMs + DelayMs;
            return CoapCode.Empty;
        }

        if (KeepsBody && !request.IsContinuation)
        {
            if (request.BodyOffset == 0)
            {
                Body.Clear();
            }

            Body.AddRange(request.Buffer.AsSpan(request.PayloadOffset, request.PayloadLength));
        }

        if (request.IsLastBlock && !request.IsContinuation)
        {
            Changes++;
        }

        if (Answer.Length > 0 && request.IsLastBlock)
        {
            response.ContentFormat = CoapFormat.Octets;
            response.Body.Raw(Answer);
        }

        return ChangeCode == CoapCode.Empty ? CoapCode.Changed : ChangeCode;
    }
}

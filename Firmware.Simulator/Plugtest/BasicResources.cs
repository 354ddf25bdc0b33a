// What the TD_COAP_CORE tests ask for, beyond content that can be put and deleted.

using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Plugtest;

/// <summary>/test: a POST creates another resource (TD_COAP_CORE_04 and 18).</summary>
internal sealed class CreatingResource(string path, StoredResource created) : StoredResource(path, "the test resource")
{
    private readonly byte[][] _location = ["location1"u8.ToArray(), "location2"u8.ToArray(), "location3"u8.ToArray()];

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.Method != CoapCode.Post)
        {
            return base.Change(request, response, nowMs);
        }

        created.Store(request.Buffer.AsSpan(request.PayloadOffset, request.PayloadLength), request.ContentFormat);
        foreach (byte[] segment in _location)
        {
            response.AddLocationPath(segment);
        }

        return CoapCode.Created;
    }
}

/// <summary>/separate: needs time (TD_COAP_CORE_09, 11, 16 and 17).</summary>
internal sealed class SeparateResource : CoapResource
{
    private const int WorkMs = 3000;

    private readonly byte[] _content = "this took three seconds"u8.ToArray();

    internal SeparateResource()
        : base("separate")
    {
        Formats = [CoapFormat.Text];
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        if (!request.WasDeferred)
        {
            response.RetryAtMs = nowMs + WorkMs;
            return CoapCode.Empty;
        }

        response.Body.Raw(_content);
        return CoapCode.Content;
    }
}

/// <summary>/query: tells what was asked (TD_COAP_CORE_14).</summary>
internal sealed class QueryResource : CoapResource
{
    private readonly byte[] _intro = "query:"u8.ToArray();

    internal QueryResource()
        : base("query")
    {
        Formats = [CoapFormat.Text];
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_intro);
        request.RewindQuery();
        while (request.NextQuery())
        {
            response.Body.Byte(' ');
            response.Body.Raw(request.QueryBuffer, request.QueryOffset, request.QueryLength);
        }

        return CoapCode.Content;
    }
}

/// <summary>/location-query: a POST is answered with Location-Query (TD_COAP_CORE_19).</summary>
internal sealed class LocationQueryResource() : StoredResource("location-query", "post here")
{
    private readonly byte[] _path = "location-query"u8.ToArray();
    private readonly byte[] _first = "first=1"u8.ToArray();
    private readonly byte[] _second = "second=2"u8.ToArray();

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.Method != CoapCode.Post)
        {
            return base.Change(request, response, nowMs);
        }

        Store(request.Buffer.AsSpan(request.PayloadOffset, request.PayloadLength), request.ContentFormat);
        response.AddLocationPath(_path);
        response.AddLocationQuery(_first);
        response.AddLocationQuery(_second);
        return CoapCode.Created;
    }
}

/// <summary>/multi-format: text and XML (TD_COAP_CORE_20).</summary>
internal sealed class MultiFormatResource : CoapResource
{
    private readonly byte[] _text = "in two formats"u8.ToArray();
    private readonly byte[] _xml = "<in>two formats</in>"u8.ToArray();

    internal MultiFormatResource()
        : base("multi-format")
    {
        Formats = [CoapFormat.Text, CoapFormat.Xml];
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(format == CoapFormat.Xml ? _xml : _text);
        return CoapCode.Content;
    }
}

/// <summary>/path: lists what is below it (TD_COAP_LINK_09).</summary>
internal sealed class PathResource : CoapResource
{
    private readonly StoredResource[] _below;
    private readonly byte[] _start = "</"u8.ToArray();
    private readonly byte[] _comma = ","u8.ToArray();
    private readonly byte[] _end = ">;ct=0"u8.ToArray();

    internal PathResource(StoredResource[] below)
        : base("path")
    {
        _below = below;
        Formats = [CoapFormat.Link];
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        bool needsComma = false;
        foreach (StoredResource resource in _below)
        {
            if (resource.Exists)
            {
                response.Body.Raw(needsComma ? _comma : []);
                response.Body.Raw(_start);
                response.Body.Raw(resource.Path);
                response.Body.Raw(_end);
                needsComma = true;
            }
        }

        return CoapCode.Content;
    }
}

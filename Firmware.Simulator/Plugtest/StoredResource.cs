// A resource that is what was last put there.

using System.Text;
using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Plugtest;

/// <summary>Content in one format: GET, PUT and DELETE.</summary>
public class StoredResource : CoapResource
{
    /// <summary>How much it holds, bytes.</summary>
    public const int Capacity = 1024;

    private readonly byte[] _content;
    private readonly int[] _formats = [CoapFormat.Text];
    private int _length;
    private bool _exists;
    private int _version;

    /// <summary>Creates one.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">What it is at first; null if it is not there at first.</param>
    /// <param name="resourceType">The rt of its link.</param>
    /// <param name="interfaces">The if of its link.</param>
    /// <param name="capacity">The longest content, bytes.</param>
    /// <param name="sendsETag">True if each representation has an ETag.</param>
    /// <param name="isListed">True if it has a link in /.well-known/core.</param>
    public StoredResource(string path, string? content, string? resourceType = null, string? interfaces = null, int capacity = Capacity, bool sendsETag = false, bool isListed = true)
        : base(path)
    {
        _content = new byte[capacity];
        Formats = _formats;
        MaxBody = capacity;
        SendsETag = sendsETag;
        IsListed = isListed;
        ResourceType = resourceType == null ? null : Encoding.UTF8.GetBytes(resourceType);
        Interface = interfaces == null ? null : Encoding.UTF8.GetBytes(interfaces);
        if (content != null)
        {
            _exists = true;
            _length = Encoding.UTF8.GetBytes(content, _content);
        }
    }

    /// <inheritdoc/>
    public override bool Exists => _exists;

    /// <inheritdoc/>
    public override int Version => _version;

    /// <summary>What it is now.</summary>
    public ReadOnlySpan<byte> Content => _content.AsSpan(0, _length);

    /// <summary>Replaces the content, and creates the resource if it is not there.</summary>
    /// <param name="content">The new content, not longer than the capacity.</param>
    /// <param name="format">Its format; <see cref="CoapFormat.None"/> counts as text.</param>
    public void Store(ReadOnlySpan<byte> content, int format)
    {
        content.CopyTo(_content);
        _length = content.Length;
        _formats[0] = format == CoapFormat.None ? CoapFormat.Text : format;
        _exists = true;
        _version++;
    }

    /// <summary>Deletes it.</summary>
    public void Remove()
    {
        _exists = false;
        _version++;
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_content, 0, _length);
        return CoapCode.Content;
    }

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        switch (request.Method)
        {
            case CoapCode.Put:
                bool existed = _exists;
                Store(request.Buffer.AsSpan(request.PayloadOffset, request.PayloadLength), request.ContentFormat);
                return existed ? CoapCode.Changed : CoapCode.Created;
            case CoapCode.Delete:
                Remove();
                return CoapCode.Deleted;
            default:
                return CoapCode.MethodNotAllowed;
        }
    }
}

// What the TD_COAP_BLOCK tests ask for. Bodies come block by block and are put together in a buffer of the resource's own, so that a body that is
// never finished changes nothing.

using System.Text;
using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Plugtest;

/// <summary>Text by which a missing, repeated or misplaced block shows: numbered lines of 32 bytes.</summary>
internal static class LargeText
{
    internal static byte[] Create(int lines)
    {
        StringBuilder text = new();
        for (int i = 0; i < lines; i++)
        {
            text.Append($"line {i:D4} of a large resource .\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

/// <summary>/large (TD_COAP_BLOCK_01, 02 and 06): 1.6 KB.</summary>
internal sealed class LargeResource : CoapResource
{
    private readonly byte[] _content = LargeText.Create(50);

    internal LargeResource()
        : base("large")
    {
        Formats = [CoapFormat.Text];
        EstimatedSize = _content.Length;
        ResourceType = "block"u8.ToArray();
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_content);
        return CoapCode.Content;
    }
}

/// <summary>Takes a body of any number of blocks.</summary>
internal abstract class BlockTakingResource : CoapResource
{
    private readonly byte[] _staged = new byte[PlugtestProfile.LargeBytes];
    private int _length;

    protected BlockTakingResource(string path)
        : base(path)
    {
        Formats = [CoapFormat.Text];
        TakesBlocks = true;
        MaxBody = PlugtestProfile.LargeBytes;
        ResourceType = "block"u8.ToArray();
        EstimatedSize = PlugtestProfile.LargeBytes;
    }

    /// <summary>The body that is complete.</summary>
    protected ReadOnlySpan<byte> Staged => _staged.AsSpan(0, _length);

    /// <summary>Takes a block.</summary>
    /// <returns>True if it was the last one.</returns>
    protected bool Take(CoapRequest request)
    {
        request.Buffer.AsSpan(request.PayloadOffset, request.PayloadLength).CopyTo(_staged.AsSpan(request.BodyOffset));
        _length = request.BodyOffset + request.PayloadLength;
        return request.IsLastBlock;
    }
}

/// <summary>/large-update (TD_COAP_BLOCK_03).</summary>
internal sealed class LargeUpdateResource : BlockTakingResource
{
    private readonly byte[] _content = new byte[PlugtestProfile.LargeBytes];
    private readonly int[] _formats = [CoapFormat.Text];
    private int _length;
    private int _version;

    internal LargeUpdateResource()
        : base("large-update")
    {
        byte[] first = LargeText.Create(45);
        first.CopyTo(_content, 0);
        _length = first.Length;
        Formats = _formats;
    }

    /// <inheritdoc/>
    public override int Version => _version;

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_content, 0, _length);
        return CoapCode.Content;
    }

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.Method != CoapCode.Put)
        {
            return CoapCode.MethodNotAllowed;
        }

        if (Take(request))
        {
            Staged.CopyTo(_content);
            _length = Staged.Length;
            _formats[0] = request.ContentFormat == CoapFormat.None ? CoapFormat.Text : request.ContentFormat;
            _version++;
        }

        return CoapCode.Changed;
    }
}

/// <summary>What /large-create created.</summary>
internal sealed class CreatedResource(string path, int number) : StoredResource(path, null, capacity: PlugtestProfile.LargeBytes)
{
    /// <summary>The last segment of its path.</summary>
    internal byte[] Segment { get; } = Encoding.UTF8.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>/large-create (TD_COAP_BLOCK_04).</summary>
internal sealed class LargeCreateResource : BlockTakingResource
{
    private readonly CreatedResource[] _created;
    private readonly byte[] _path = "large-create"u8.ToArray();
    private readonly byte[] _content = "post here"u8.ToArray();
    private int _next;

    internal LargeCreateResource(CreatedResource[] created)
        : base("large-create") => _created = created;

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_content);
        return CoapCode.Content;
    }

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.Method != CoapCode.Post)
        {
            return CoapCode.MethodNotAllowed;
        }

        if (Take(request))
        {
            CreatedResource created = _created[_next];
            _next = (_next + 1) % _created.Length;
            created.Store(Staged, request.ContentFormat);
            response.AddLocationPath(_path);
            response.AddLocationPath(created.Segment);
        }

        return CoapCode.Created;
    }
}

/// <summary>/large-post (TD_COAP_BLOCK_05): answers with what was posted, in capitals.</summary>
internal sealed class LargePostResource : BlockTakingResource
{
    private readonly byte[] _answer = new byte[PlugtestProfile.LargeBytes];
    private readonly byte[] _content = "post here"u8.ToArray();
    private int _length;

    internal LargePostResource()
        : base("large-post")
    {
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        response.Body.Raw(_content);
        return CoapCode.Content;
    }

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        if (request.Method != CoapCode.Post)
        {
            return CoapCode.MethodNotAllowed;
        }

        if (!request.IsContinuation && Take(request))
        {
            for (int i = 0; i < Staged.Length; i++)
            {
                byte letter = Staged[i];
                _answer[i] = letter is >= (byte)'a' and <= (byte)'z' ? (byte)(letter - 'a' + 'A') : letter;
            }

            _length = Staged.Length;
        }

        if (request.IsContinuation || request.IsLastBlock)
        {
            response.ContentFormat = CoapFormat.Text;
            response.Body.Raw(_answer, 0, _length);
        }

        return CoapCode.Changed;
    }
}

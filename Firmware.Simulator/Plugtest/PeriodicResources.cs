// What the TD_COAP_OBS tests ask for: resources that change on their own.

using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Plugtest;

/// <summary>/obs and /obs-non: a number that counts up.</summary>
internal class PeriodicResource : CoapResource
{
    /// <summary>How often it changes.</summary>
    internal const int PeriodMs = 5000;

    private readonly byte[] _intro = "change "u8.ToArray();
    private readonly byte[] _put = new byte[StoredResource.Capacity];
    private readonly int[] _formats = [CoapFormat.Text];
    private int _putLength = -1;
    private bool _isDeleted;

    internal PeriodicResource(string path, long nowMs, bool confirms)
        : base(path)
    {
        Formats = _formats;
        IsObservable = true;
        ConfirmsNotifications = confirms;
        ResourceType = "observe"u8.ToArray();
        NextMs = nowMs + PeriodMs;
    }

    /// <inheritdoc/>
    public override bool Exists => !_isDeleted;

    /// <inheritdoc/>
    public override int Version => Changes;

    /// <summary>When it changes next.</summary>
    internal long NextMs { get; private set; }

    /// <summary>How often it changed.</summary>
    protected int Changes { get; private set; }

    /// <summary>Changes if it is time; what was put or deleted by a client is over then.</summary>
    internal void Poll(long nowMs)
    {
        if (nowMs >= NextMs)
        {
            NextMs = nowMs + PeriodMs;
            _isDeleted = false;
            _putLength = -1;
            _formats[0] = CoapFormat.Text;
            Changes++;
        }
    }

    /// <inheritdoc/>
    public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
    {
        if (_putLength >= 0)
        {
            response.Body.Raw(_put, 0, _putLength);
        }
        else
        {
            Write(response.Body);
        }

        return CoapCode.Content;
    }

    /// <inheritdoc/>
    public override int Change(CoapRequest request, CoapResponse response, long nowMs)
    {
        switch (request.Method)
        {
            case CoapCode.Put:
                _putLength = request.PayloadLength;
                request.Buffer.AsSpan(request.PayloadOffset, request.PayloadLength).CopyTo(_put);
                _formats[0] = request.ContentFormat == CoapFormat.None ? CoapFormat.Text : request.ContentFormat;
                break;
            case CoapCode.Delete:
                _isDeleted = true;
                break;
            default:
                return CoapCode.MethodNotAllowed;
        }

        // a whole period for what the client did
        NextMs = nowMs + PeriodMs;
        Changes++;
        return request.Method == CoapCode.Delete ? CoapCode.Deleted : CoapCode.Changed;
    }

    /// <summary>Writes the content.</summary>
    protected virtual void Write(CoapBody body)
    {
        body.Raw(_intro);
        body.Number(Changes);
    }
}

/// <summary>/obs-large and /obs-pumping: too long for one message, always or by turns.</summary>
internal sealed class LargePeriodicResource : PeriodicResource
{
    private readonly byte[] _rest = LargeText.Create(50);
    private readonly byte[] _end = "\n"u8.ToArray();
    private readonly bool _isPumping;

    internal LargePeriodicResource(string path, long nowMs, bool isPumping)
        : base(path, nowMs, confirms: true)
    {
        _isPumping = isPumping;
        EstimatedSize = _rest.Length;
    }

    /// <inheritdoc/>
    protected override void Write(CoapBody body)
    {
        base.Write(body);
        if (!_isPumping || Changes % 2 == 1)
        {
            body.Raw(_end);
            body.Raw(_rest);
        }
    }
}

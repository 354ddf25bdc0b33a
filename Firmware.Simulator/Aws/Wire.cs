// What carries MQTT's bytes below a DeviceConnection: a TLS connection of Kestrel's, or a WebSocket whose binary frames are one stream.
//
// MQTT 3.1.1 chapter 6: packets may be split over frames and share them; text frames end the connection; the sub-protocol is mqtt. RFC 6455.
// AWS: a WebSocket Close counts as DISCONNECT, so that no will is sent. Frames, masks, pings: .NET's WebSocket. A Wire owns its pipes, not the connection.

using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Firmware.Simulator.Aws;

/// <summary>A stream of bytes both ways.</summary>
internal abstract class Wire
{
    /// <summary>What it is, for people.</summary>
    internal abstract string Kind { get; }

    internal abstract IDuplexPipe Transport { get; }

    internal abstract EndPoint? Remote { get; }

    internal abstract EndPoint? Local { get; }

    /// <summary>True once the client said goodbye below MQTT.</summary>
    internal virtual bool SaidGoodbye => false;

    /// <summary>What the client did wrong below MQTT, once the stream has ended because of it.</summary>
    internal virtual Violation? Fault => null;

    /// <summary>Ends it at once, as a lost network does.</summary>
    internal abstract void Abort(string reason);
}

/// <summary>A TLS connection.</summary>
internal sealed class TlsWire(ConnectionContext connection) : Wire
{
    internal override string Kind => "TLS";

    internal override IDuplexPipe Transport => connection.Transport;

    internal override EndPoint? Remote => connection.RemoteEndPoint;

    internal override EndPoint? Local => connection.LocalEndPoint;

    internal override void Abort(string reason) => connection.Abort(new ConnectionAbortedException(reason));
}

/// <summary>A WebSocket.</summary>
internal sealed class WebSocketWire : Wire, IDuplexPipe
{
    private const int ReceiveBytes = 4096;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    // FrameReader waits for a whole packet: the pipe must hold the largest one
    private readonly Pipe _received = new(new PipeOptions(pauseWriterThreshold: 512 * 1024, resumeWriterThreshold: 256 * 1024, useSynchronizationContext: false));
    private readonly Pipe _toSend = new();
    private readonly WebSocket _socket;
    private readonly HttpContext _context;
    private volatile bool _saidGoodbye;
    private Violation? _fault;

    internal WebSocketWire(WebSocket socket, HttpContext context)
    {
        _socket = socket;
        _context = context;
        Remote = new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.Loopback, context.Connection.RemotePort);
        Local = new IPEndPoint(context.Connection.LocalIpAddress ?? IPAddress.Loopback, context.Connection.LocalPort);
    }

    /// <inheritdoc/>
    public PipeReader Input => _received.Reader;

    /// <inheritdoc/>
    public PipeWriter Output => _toSend.Writer;

    internal override string Kind => "WebSocket";

    internal override IDuplexPipe Transport => this;

    internal override EndPoint Remote { get; }

    internal override EndPoint Local { get; }

    internal override bool SaidGoodbye => _saidGoodbye;

    internal override Violation? Fault => Volatile.Read(ref _fault);

    internal override void Abort(string reason) => _context.Abort();

    /// <summary>Carries bytes while the given work is done, then says goodbye.</summary>
    internal async Task CarryAsync(Func<Task> serve)
    {
        using var over = new CancellationTokenSource();
        Task receiving = ReceiveAsync(over.Token);
        Task sending = SendAsync();
        try
        {
            await serve().ConfigureAwait(false);
        }
        finally
        {
            await _toSend.Writer.CompleteAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            await CloseAsync().ConfigureAwait(false);
            await _received.Reader.CompleteAsync().ConfigureAwait(false);

            // until the client has said goodbye, too: an earlier end would take what it has not read yet with it
            over.CancelAfter(CloseTimeout);
            await receiving.ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(CancellationToken over)
    {
        PipeWriter writer = _received.Writer;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult result = await _socket.ReceiveAsync(writer.GetMemory(ReceiveBytes), over).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    _saidGoodbye = true;
                    break;
                }

                if (result.MessageType == WebSocketMessageType.Text)
                {
                    Volatile.Write(ref _fault, new Violation("MQTT comes in binary frames [MQTT-6.0.0-1]", "a text frame", "Send binary frames."));
                    break;
                }

                writer.Advance(result.Count);
                await writer.FlushAsync(over).ConfigureAwait(false); // to nobody, once the connection above is over
            }
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode is WebSocketError.Faulted or WebSocketError.HeaderError)
        {
            Volatile.Write(ref _fault, new Violation("a client's frames keep RFC 6455", e.Message, "Mask every frame and use no reserved bits."));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // lost, or aborted here
        }
        finally
        {
            await writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task SendAsync()
    {
        PipeReader reader = _toSend.Reader;
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync().ConfigureAwait(false);
                if (!read.Buffer.IsEmpty)
                {
                    await _socket.SendAsync(read.Buffer.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, _context.RequestAborted).ConfigureAwait(false);
                }

                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // the receiving half tells how it ended
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        try
        {
            using var timeout = new CancellationTokenSource(CloseTimeout);
            WebSocketCloseStatus status = Fault is null ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.InvalidMessageType;
            await _socket.CloseOutputAsync(status, null, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // nobody is there any more
        }
    }

    private static bool IsEnd(Exception e) =>
        e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException;
}

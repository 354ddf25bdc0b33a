// One client's MQTT connection: stands between its Wire (TLS, or a WebSocket) and MQTTnet, and lets through only what AWS IoT Core would accept.
//
// MQTT 3.1.1 (chapter 3, 4.8) with AWS's rules (AwsLimits). MQTTnet routes messages and keeps sessions; wills, keepalive, takeover, rates,
// DUP, the order of SUBACK codes and all punishments are decided here, since MQTTnet's ways differ from AWS's.
// What is judged is in DeviceConnection.Judge.cs, how it is punished and answered here. The wire owns the pipes. The connection lives until RunAsync of the broker returns.

using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Firmware.Simulator.Aws;

/// <summary>A client's connection, as MQTTnet sees it.</summary>
internal sealed partial class DeviceConnection : IMqttChannelAdapter
{
    private readonly Wire _wire;
    private readonly Broker _broker;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _dropped = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, PendingSubscribe> _pendingSubscribes = [];
    private readonly UnackedMessages _unacked;
    private readonly PublishRate _rate;
    private ITimer? _keepAliveTimer;
    private ITimer? _repeatTimer;
    private TimeSpan _silence;
    private MqttConnectPacket? _connect;
    private string? _endReason;
    private bool _refused;
    private bool _peerClosed;
    private bool _disconnected;
    private bool _cleanDisconnect; // by DISCONNECT, or by a WebSocket's Close
    private bool _takenOver;

    internal DeviceConnection(Wire wire, DoorVisitor visitor, X509Certificate2? certificate, string identity, Broker broker)
    {
        _wire = wire;
        _broker = broker;
        Visitor = visitor;
        ClientCertificate = certificate!;
        Identity = identity;
        _unacked = new UnackedMessages(broker.Options.Time, broker.Options.RepeatAfter);
        _rate = new PublishRate(broker.Options.Time);
    }

    /// <inheritdoc/>
    public long BytesReceived { get; private set; }

    /// <inheritdoc/>
    public long BytesSent { get; private set; }

    /// <summary>The client's certificate; null at a door that knows its clients by signature.</summary>
    public X509Certificate2 ClientCertificate { get; }

    /// <inheritdoc/>
    public EndPoint RemoteEndPoint => _wire.Remote ?? new IPEndPoint(IPAddress.Loopback, 0);

    /// <inheritdoc/>
    public EndPoint LocalEndPoint => _wire.Local ?? new IPEndPoint(IPAddress.Loopback, 0);

    /// <inheritdoc/>
    public bool IsSecureConnection => true;

    /// <inheritdoc/>
    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; } = new(MqttProtocolVersion.V311, new MqttBufferWriter(4096, 65535));

    internal DoorVisitor Visitor { get; }

    internal string ClientId { get; private set; } = string.Empty;

    /// <summary>The subject of the certificate, or whose signature it was.</summary>
    internal string Identity { get; }

    /// <summary>True from CONNACK 0 on.</summary>
    internal bool IsAccepted { get; private set; }

    /// <summary>The CONNECT as the client sent it, apart from an assigned client id; null before it.</summary>
    internal MqttConnectPacket? Request => _connect;

    /// <summary>Done when the connection is over and its will is published.</summary>
    internal Task Completion => _completed.Task;

    private string Name => ClientId.Length > 0 ? ClientId : Visitor.Remote;

    /// <inheritdoc/>
    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void ResetStatistics()
    {
        BytesReceived = 0;
        BytesSent = 0;
    }

    /// <summary>The next packet that MQTTnet may see; null when the connection is over.</summary>
    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _dropped.Token);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                (Frame? frame, string? end) = await FrameReader.ReadAsync(_wire.Transport.Input, stop.Token).ConfigureAwait(false);
                if (frame is null)
                {
                    if (_wire.Fault is { } fault)
                    {
                        Punish(fault);
                    }

                    _cleanDisconnect |= _wire.SaidGoodbye;
                    _endReason ??= _wire.SaidGoodbye ? "WebSocket Close received" : end;
                    _peerClosed = true;
                    break;
                }

                BytesReceived += frame.Body.Length;

                MqttPacket? packet = await JudgeAsync(frame).ConfigureAwait(false);
                if (packet is not null)
                {
                    return packet;
                }
            }
            catch (MalformedPacketException e)
            {
                Punish(e.Violation);
            }
            catch (ProtocolVersionException e)
            {
                await RefuseAsync(1, e.Message, "Speak MQTT 3.1.1 (protocol level 4); the real AWS IoT Core also takes MQTT 5 today, the stand-in does not.").ConfigureAwait(false);
            }
        }

        return null!;
    }

    /// <summary>Sends a packet of MQTTnet's in AWS's way.</summary>
    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket)
        {
            await HoldConnackAsync(cancellationToken).ConfigureAwait(false);
        }

        PendingSubscribe? subscribe = null;
        if (packet is MqttPublishPacket publish)
        {
            publish.Dup = false; // AWS does not set it on repeats
            _unacked.Add(publish);
        }
        else if (packet is MqttSubAckPacket subAck && _pendingSubscribes.Remove(subAck.PacketIdentifier, out subscribe))
        {
            subAck.ReasonCodes = subscribe.InOrderOfRequest(subAck.ReasonCodes);
        }

        await WriteAsync(packet, cancellationToken).ConfigureAwait(false);

        if (packet is MqttConnAckPacket connAck)
        {
            Accepted(connAck.IsSessionPresent);
        }
        else if (subscribe is not null)
        {
            foreach (MqttTopicFilter filter in subscribe.Filters)
            {
                _broker.Emit(new ClientSubscribed(ClientId, filter.Topic, (int)filter.QualityOfServiceLevel));
            }
        }
    }

    /// <summary>Ends the connection in an orderly way of TCP, without another MQTT packet.</summary>
    internal void Drop(string reason)
    {
        _endReason ??= reason;
        _dropped.Cancel();
    }

    /// <summary>Ends the connection at once, as a lost network does.</summary>
    internal void Abort(string reason, bool takenOver = false)
    {
        _takenOver |= takenOver;
        Drop(reason);
        _wire.Abort(reason);
    }

    /// <summary>After MQTTnet is done: tells how it ended and whether a will is due.</summary>
    internal bool Finish()
    {
        _keepAliveTimer?.Dispose();
        _repeatTimer?.Dispose();
        if (!IsAccepted)
        {
            if (!_refused)
            {
                string reason = _connect is not null ? _endReason ?? "the connection was lost"
                    : _peerClosed ? $"the client closed the connection after the {_wire.Kind} handshake, without CONNECT"
                    : _endReason ?? $"no CONNECT within {AwsLimits.ConnectTimeoutSeconds} s";
                _broker.Emit(new ConnectionRefused(
                    Visitor.Door, Visitor.Remote, ClientId.Length > 0 ? ClientId : null, null, reason,
                    "Send CONNECT right after the handshake; a client that does not trust ca.pem, or connects by another name than localhost, closes too."));
            }

            return false;
        }

        bool willDue = !_cleanDisconnect && _connect!.WillFlag;
        DisconnectKind kind = _cleanDisconnect ? DisconnectKind.Clean : _takenOver ? DisconnectKind.TakenOver : DisconnectKind.Abrupt;
        string why = _disconnected ? "DISCONNECT received" : _endReason ?? "the connection was lost";
        _broker.Emit(new ClientDisconnected(ClientId, Visitor.Door, kind, why, willDue));
        return willDue;
    }

    internal void Complete() => _completed.TrySetResult();

    /// <summary>Nothing to free: whoever still wants to drop or write may do so, to no effect, after the end.</summary>
    public void Dispose()
    {
    }

    private async Task RefuseAsync(byte code, string reason, string advice)
    {
        _refused = true;
        _broker.Emit(new ConnectionRefused(Visitor.Door, Visitor.Remote, ClientId.Length > 0 ? ClientId : null, code, reason, advice));
        await _wire.Transport.Output.WriteAsync(new byte[] { 0x20, 2, 0, code }).ConfigureAwait(false);
        Drop("refused with CONNACK " + code);
    }

    private void Punish(Violation violation)
    {
        _refused = true;
        Warn(violation, RuleConsequence.Disconnected);
        Drop("broke a rule: " + violation.Rule);
    }

    private void Warn(Violation violation, RuleConsequence consequence) =>
        _broker.Emit(new RuleViolated(Name, Visitor.Door, violation.Rule, violation.Found, violation.Advice, consequence));

    /// <summary>Waits a moment before CONNACK: whatever arrives in it was sent too early.</summary>
    private async Task HoldConnackAsync(CancellationToken cancellationToken)
    {
        PipeReader input = _wire.Transport.Input;
        using var timer = new Timer(_ => input.CancelPendingRead(), null, _broker.Options.ConnackDelay, Timeout.InfiniteTimeSpan);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _dropped.Token);
        ReadResult early = await input.ReadAsync(stop.Token).ConfigureAwait(false);
        bool tooEarly = !early.Buffer.IsEmpty;
        input.AdvanceTo(early.Buffer.Start);
        if (tooEarly)
        {
            Punish(new Violation("nothing is sent before CONNACK has arrived [AWS MQTT]", "bytes right after CONNECT", "Wait for CONNACK."));
            throw new OperationCanceledException();
        }
    }

    private void Accepted(bool sessionPresent)
    {
        IsAccepted = true;
        int keepAlive = AwsLimits.KeepAliveSeconds(_connect!.KeepAlivePeriod, _broker.Options.Rules);
        TimeSpan silence = TimeSpan.FromSeconds(keepAlive * AwsLimits.KeepAliveTolerance);
        TimeProvider time = _broker.Options.Time;
        _keepAliveTimer = time.CreateTimer(
            _ => Punish(new Violation(
                $"a client is cut off after {AwsLimits.KeepAliveTolerance} times its keepalive of {keepAlive} s [MQTT-3.1.2-24]", $"{silence.TotalSeconds} s of silence", "Send PINGREQ in time.")),
            null,
            silence,
            Timeout.InfiniteTimeSpan);
        _silence = silence;
        TimeSpan tick = _broker.Options.RepeatAfter / 2;
        _repeatTimer = time.CreateTimer(_ => _ = RepeatAsync(), null, tick, tick);
        _broker.Emit(new ClientConnected(
            ClientId, Visitor.Door, Identity, _connect.CleanSession, sessionPresent, keepAlive, _connect.WillFlag ? _connect.WillTopic : null));
    }

    private void RestartKeepAlive() => _keepAliveTimer?.Change(_silence, Timeout.InfiniteTimeSpan);

    private async Task RepeatAsync()
    {
        try
        {
            foreach (MqttPublishPacket packet in _unacked.DueAgain())
            {
                await WriteAsync(packet, _dropped.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The connection is going down; its end is reported by Finish.
        }
    }

    private async Task WriteAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            MqttPacketBuffer buffer = PacketFormatterAdapter.Encode(packet);
            PipeWriter output = _wire.Transport.Output;
            output.Write(buffer.Packet);
            foreach (ReadOnlyMemory<byte> part in buffer.Payload)
            {
                output.Write(part.Span);
            }

            BytesSent += buffer.Length;
            PacketFormatterAdapter.Cleanup();
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}

// What the client tells, and whether it may.

using Firmware.Protocols.Mqtt;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class SimulatedDevice
{
    private const int NoPiece = -1;

    private readonly byte[] _assembly = new byte[8192];
    private int _pieceTopic = NoPiece;
    private int _pieceSequence;
    private int _pieceNext;
    private bool _piecesAccepted;
    private bool _hasProvedItself;

    internal long Reassembled { get; private set; }

    internal long Skipped { get; private set; }

    private void Handle(MqttEvent what)
    {
        switch (what)
        {
            case MqttEvent.Connected or MqttEvent.Resumed:
                Connected(what == MqttEvent.Resumed);
                break;
            case MqttEvent.MessageReceived:
                Received();
                break;
            case MqttEvent.MessageStarted:
                Started();
                break;
            case MqttEvent.MessagePiece:
                Piece();
                break;
            case MqttEvent.MessageTooLarge:
                TooLarge();
                break;
            case MqttEvent.PublishAcknowledged:
                Acknowledged();
                break;
            case MqttEvent.Subscribed or MqttEvent.Unsubscribed:
                Answered(what);
                break;
            default:
                Check(false, "an event that does not exist", (int)what);
                break;
        }
    }

    private void Connected(bool isResumed)
    {
        Check(isResumed == _client.SessionPresent && isResumed == ModelBroker.ToldSessionPresent(Link!), "SessionPresent is not what the broker said", isResumed ? 1 : 0);
        _world.Log.Note(_world.NowMs, isResumed ? "device: connected, session resumed" : "device: connected, fresh session");
        _isSubscribed &= isResumed;
        _hasProvedItself = false;
        _publishAtMs = _world.NowMs;
    }

    private void Received()
    {
        MqttMessage message = _client.Message;
        int topic = TopicOf(message);
        Check(message.PayloadLength == message.PieceLength && message.PiecePosition == 0 && message.IsLastPiece, "a whole message is told as a piece", message.PieceLength);
        ReadOnlySpan<byte> payload = PieceOf(message);
        Check(payload.Length >= MessageContent.Shortest, "a payload is too short", payload.Length);
        Deliver(topic, payload, message.Qos);

        if (_client.State != MqttState.Connected)
        {
            // the connection ended behind the event: Closed comes next
            return;
        }

        // requests made while an acknowledgement is owed: both must leave
        if (_requestId == 0 && _world.Random.Chance(20))
        {
            Request(_world.Random.Chance(500) ? _client.Subscribe(OtherFilters, Qos, 1) : _client.Unsubscribe(OtherFilters, 1), false);
        }

        if (!_world.IsCalm && _world.Random.Chance(50))
        {
            Offer(_world.Random.Next(MessageContent.Topics));
        }
    }

    private void Started()
    {
        MqttMessage message = _client.Message;
        Check(_pieceTopic == NoPiece, "a large message begins inside another", message.PacketId);
        _pieceTopic = TopicOf(message);
        _pieceSequence = 0;
        ReadOnlySpan<byte> piece = PieceOf(message);
        Check(message.PiecePosition == 0 && !message.IsLastPiece && piece.Length < message.PayloadLength, "the first piece is not the first", message.PiecePosition);
        if (piece.Length >= MessageContent.Shortest)
        {
            _pieceSequence = SequenceOf(piece);
        }
        else if (message.PacketId != 0)
        {
            // the first piece does not reach that far; QoS 1 repeats make this ambiguous, but only the long topic is long enough
            _pieceSequence = _world.Broker.Lookup(message.PacketId).Sequence;
        }

        _piecesAccepted = _world.Random.Chance(500);
        if (_piecesAccepted)
        {
            // refused only if the connection ended behind the event: then Closed comes next
            Check(_client.AcceptPieces() || _client.State == MqttState.Closed, "AcceptPieces was refused", message.PacketId);
            piece.CopyTo(_assembly);
            _pieceNext = piece.Length;
        }

        _world.Log.Note(_world.NowMs, _piecesAccepted ? "device: takes topic {0} in pieces, message {1}" : "device: skips topic {0}, message {1}", _pieceTopic, _pieceSequence);
    }

    private void Piece()
    {
        MqttMessage message = _client.Message;
        Check(_pieceTopic != NoPiece && _piecesAccepted, "a piece that was not asked for", message.PacketId);
        Check(TopicOf(message) == _pieceTopic, "a piece has another topic", message.PacketId);
        ReadOnlySpan<byte> piece = PieceOf(message);
        Check(message.PiecePosition == _pieceNext, "a piece does not follow the one before", message.PiecePosition);
        piece.CopyTo(_assembly.AsSpan(_pieceNext));
        _pieceNext += piece.Length;
        Check(message.IsLastPiece == (_pieceNext == message.PayloadLength), "the last piece is not where the message ends", _pieceNext);
        if (message.IsLastPiece)
        {
            Reassembled++;
            int topic = _pieceTopic;
            _pieceTopic = NoPiece;
            Deliver(topic, _assembly.AsSpan(0, _pieceNext), message.Qos);
        }
    }

    private void TooLarge()
    {
        MqttMessage message = _client.Message;
        Skipped++;
        if (_pieceTopic == NoPiece)
        {
            // not even announced: the topic did not fit
            Check(message.TopicLength == 0, "a message was skipped without being announced", message.TopicLength);
            (int topic, int sequence) = _world.Broker.Lookup(message.PacketId);
            _world.Log.Note(_world.NowMs, "device: skipped id {0}, topic {1}, message {2}", message.PacketId, topic, sequence);
            if (sequence > 0)
            {
                _world.Oracle.DeliverDown(topic, sequence);
            }

            return;
        }

        Check(!_piecesAccepted && TopicOf(message) == _pieceTopic, "a message that was accepted in pieces was skipped", message.PacketId);
        _world.Log.Note(_world.NowMs, "device: skipped topic {0}, message {1}", _pieceTopic, _pieceSequence);
        if (_pieceSequence > 0)
        {
            _world.Oracle.DeliverDown(_pieceTopic, _pieceSequence);
        }

        _pieceTopic = NoPiece;
    }

    private void Deliver(int topic, ReadOnlySpan<byte> payload, int qos)
    {
        int sequence = SequenceOf(payload);
        Check(MessageContent.Matches(payload, 0, topic, sequence), "a payload is not what was sent; message", sequence);
        Check(qos == MessageContent.QosOf(topic), "a message has another QoS than it was sent with", qos);
        bool isNew = _world.Oracle.DeliverDown(topic, sequence);
        _world.Log.Note(_world.NowMs, isNew ? "device: gets topic {0}, message {1}" : "device: gets topic {0}, message {1} again", topic, sequence);
    }

    private void Acknowledged()
    {
        int id = _client.PacketId;
        ref Held held = ref Find(id);
        Check(id != 0 && held.PacketId == id, "an acknowledgement was told for an identifier that is not in flight", id);
        _world.Log.Note(_world.NowMs, "device: id {0} is done: topic {1}, message {2}", id, held.Topic, held.Sequence);
        _world.Oracle.AcknowledgeUp(held.Topic, held.Sequence);
        held = default;
        if (!_hasProvedItself)
        {
            _hasProvedItself = true;
            _backoff.Reset();
        }
    }

    private void Answered(MqttEvent what)
    {
        Check(_requestId != 0 && _client.PacketId == _requestId, "an answer was told for a request that was not made", _client.PacketId);
        _requestId = 0;
        if (what == MqttEvent.Subscribed && _isOurRequest)
        {
            int code = _client.SubscribeResult(0);
            Check(code is 2 or 0x80, "SubscribeResult is not what the broker sent", code);
            _isSubscribed = code == 2;
            _world.Log.Note(_world.NowMs, "device: subscription granted with {0}", code);
        }
    }

    private void Ended(SimulatedLink link)
    {
        Check(link.DeviceClosed && _client.State == MqttState.Closed, "Closed was told, but the transport was not closed", (int)_client.State);
        MqttError error = _client.Error;
        Check(error is not (MqttError.MalformedPacket or MqttError.ProtocolViolation or MqttError.TooManyOpen), "the client blames a broker that did nothing wrong", (int)error);
        Endings[error] = Endings.GetValueOrDefault(error) + 1;
        _world.Log.Note(_world.NowMs, "device: connection {0} has ended with error 0x{1:X2}, detail {2}", link.Number, (int)error, _client.ErrorDetail);
        Link = null;
        _world.CloseByDevice(link);
        WaitForNextAttempt("device: waits {0} ms");
    }

    private static int TopicOf(MqttMessage message)
    {
        int length = message.Buffer.Length;
        Check(message.TopicOffset >= 2 && message.TopicLength > 0 && message.TopicOffset <= length - message.TopicLength, "a topic is outside the packet", message.TopicOffset);
        int topic = MessageContent.IndexOf(MessageContent.Down, message.Buffer.AsSpan(message.TopicOffset, message.TopicLength));
        Check(topic >= 0, "a topic that nobody published to", message.TopicLength);
        return topic;
    }

    private static ReadOnlySpan<byte> PieceOf(MqttMessage message)
    {
        Check(message.PieceLength >= 0 && message.PayloadOffset > message.TopicOffset && message.PayloadOffset <= message.Buffer.Length - message.PieceLength, "a payload is outside the packet", message.PayloadOffset);
        return message.Buffer.AsSpan(message.PayloadOffset, message.PieceLength);
    }

    private static int SequenceOf(ReadOnlySpan<byte> payload) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(payload[1..]);
}

// A correct CoAP client, written for the campaigns and sharing no code with the firmware: Confirmable requests with back-off (RFC 7252 section
// 4.2), Non-confirmable ones, separate responses, block-wise transfers both ways with ETags (RFC 7959), observation (RFC 7641), Echo (RFC 9175).
// One request at a time (NSTART). This file: the message layer. CoapModelClient.Operations.cs: what it does; .Observe.cs: what it observes.

using System.Buffers.Binary;

namespace Firmware.Simulator.Campaigns;

/// <summary>One model client.</summary>
internal sealed partial class CoapModelClient
{
    private const int MaxTransmissions = 5;
    private const int SeparateMs = 200_000;
    private const int NonMs = 20_000;
    private const int Acknowledged = 32;

    private readonly CoapWorld _world;
    private readonly int _peer;
    private readonly SeededRandom _random;
    private readonly CoapPacketWriter _writer = new();
    private readonly CoapPacketWriter _control = new();
    private readonly byte[] _message = new byte[2048];
    private readonly int[] _acknowledged = new int[Acknowledged];
    private int _acknowledgedNext;
    private int _nextMessageId;
    private int _nextToken;
    private long _goneUntilMs;

    // the request under way
    private bool _isWaiting;
    private bool _isConfirmable;
    private bool _isAcknowledged;
    private int _messageId;
    private ulong _token;
    private int _tokenLength;
    private int _length;
    private int _transmissions;
    private long _timeoutMs;
    private long _repeatMs;
    private long _giveUpMs;
    private long _sentMs;

    // when the next request or operation begins
    private long _stepMs;

    internal CoapModelClient(CoapWorld world, int peer)
    {
        _world = world;
        _peer = peer;
        _random = new SeededRandom(world.Conditions.Seed + (peer * 1009) + 5);
        _nextMessageId = _random.Next(65536);
        _isEchoKnown = world.Conditions.Parameters.ProvesChanges || _random.Chance(600);
        _stepMs = _random.Next(2000);
        Array.Fill(_acknowledged, -1);
    }

    internal long NextMs
    {
        get
        {
            if (_goneUntilMs > _world.NowMs)
            {
                return _goneUntilMs;
            }

            return _isWaiting ? (_isConfirmable && !_isAcknowledged ? _repeatMs : _giveUpMs)
                : IsIdle ? EarliestExpiry
                : _stepMs;
        }
    }

    internal void Wake()
    {
        if (_goneUntilMs > _world.NowMs)
        {
            return;
        }

        if (!_isWaiting)
        {
            Step();
        }
        else if (_isConfirmable && !_isAcknowledged && _transmissions < MaxTransmissions)
        {
            _transmissions++;
            _timeoutMs *= 2;
            _repeatMs = _world.NowMs + _timeoutMs;
            _world.SendToServer(_peer, _message, _length);
        }
        else
        {
            _world.Log.Note(_world.NowMs, "client {0}: gives request {1} up", _peer, _messageId);
            _world.Oracle.GivenUp++;
            _isWaiting = false;
            End(isSuccess: false, 0);
        }
    }

    internal void Receive(CoapPacket packet)
    {
        if (_goneUntilMs > _world.NowMs)
        {
            return;
        }

        bool isOurs = _isWaiting && _isConfirmable && packet.MessageId == _messageId;
        switch (packet.Type)
        {
            case CoapPacket.Rst when isOurs && _kind == Kind.Ping:
                _isWaiting = false;
                End(isSuccess: true, 0);
                break;
            case CoapPacket.Rst when isOurs:
                _world.Fail("RFC 7252 4.2: a well-formed request was reset");
                break;
            case CoapPacket.Ack when isOurs && packet.Code == 0:
                _isAcknowledged = true;
                _giveUpMs = _world.NowMs + SeparateMs;
                break;
            case CoapPacket.Ack when isOurs && IsAnswer(packet):
                Answer(packet);
                break;
            case CoapPacket.Con or CoapPacket.Non when packet.IsResponse:
                ReceiveSeparate(packet);
                break;
        }
    }

    internal void Reserve()
    {
        _body.EnsureCapacity(2048);
        _observations.EnsureCapacity(8);
    }

    internal string Describe() =>
        $"client {_peer}: {_kind}, last round {_lastRound}, waiting: {_isWaiting}, confirmable: {_isConfirmable}, acknowledged: {_isAcknowledged}, transmissions: {_transmissions}, next {NextMs} ms";

    private bool IsAnswer(CoapPacket packet) => packet.Token == _token && packet.TokenLength == _tokenLength;

    private void ReceiveSeparate(CoapPacket packet)
    {
        bool isCon = packet.Type == CoapPacket.Con;
        if (_isWaiting && _kind != Kind.Ping && IsAnswer(packet) && !(_kind == Kind.Cancel && packet.Has(6)))
        {
            Acknowledge(packet, isCon);
            Answer(packet);
        }
        else if (FindObservation(packet) is { } observation)
        {
            Acknowledge(packet, isCon);
            Notified(observation, packet);
        }
        else if (Array.IndexOf(_acknowledged, packet.MessageId) >= 0)
        {
            Acknowledge(packet, isCon);
        }
        else
        {
            SendEmpty(CoapPacket.Rst, packet.MessageId);
        }
    }

    private void Acknowledge(CoapPacket packet, bool isCon)
    {
        if (isCon)
        {
            SendEmpty(CoapPacket.Ack, packet.MessageId);
            if (Array.IndexOf(_acknowledged, packet.MessageId) < 0)
            {
                _acknowledged[_acknowledgedNext++ % Acknowledged] = packet.MessageId;
            }
        }
    }

    private void SendEmpty(int type, int messageId)
    {
        _control.Begin(type, 0, messageId, 0, 0);
        _world.SendToServer(_peer, _control.Bytes, _control.Length);
    }

    private void Answer(CoapPacket packet)
    {
        _isWaiting = false;
        _world.Log.Note(_world.NowMs, "client {0}: request {1} is answered with code {2}", _peer, _messageId, (packet.CodeClass * 100) + (packet.Code & 31));
        int echo = packet.IndexOf(252);
        if (echo >= 0 && (_isEchoKnown || packet.Code == 0x81))
        {
            _echo = packet.ValueAt(echo).ToArray();
        }

        if (packet.Code == 0x81 && echo >= 0 && _echoTries++ < 4)
        {
            Send();
            return;
        }

        if (packet.Code == 0xA3)
        {
            long age = packet.UIntOf(14);
            End(isSuccess: false, (age < 0 ? 60 : (int)Math.Min(age, 300)) * 1000);
            return;
        }

        Answered(packet);
    }

    // the request that _writer holds goes on its way
    private void Launch(bool isConfirmable)
    {
        _isWaiting = true;
        _isConfirmable = isConfirmable;
        _isAcknowledged = false;
        _transmissions = 1;
        _sentMs = _world.NowMs;
        _timeoutMs = 2000 + _random.Next(1001);
        _repeatMs = _world.NowMs + _timeoutMs;
        _giveUpMs = _world.NowMs + NonMs;
        _length = _writer.Length;
        Buffer.BlockCopy(_writer.Bytes, 0, _message, 0, _length);
        _world.Log.Note(_world.NowMs, "client {0}: sends request {1}, {2}", _peer, _messageId, (long)_kind);
        _world.SendToServer(_peer, _message, _length);
    }

    private void NewToken()
    {
        _tokenLength = 2 + _random.Next(7);
        _token = (ulong)(++_nextToken & 0xFFFF);
        for (int i = 2; i < _tokenLength; i++)
        {
            _token |= (ulong)(_nextToken * 37 & 0xFF) << (8 * i);
        }
    }

    private static long NumberOf(ReadOnlySpan<byte> payload) => payload.Length < CoapContent.Header ? -1 : BinaryPrimitives.ReadInt64BigEndian(payload);
}

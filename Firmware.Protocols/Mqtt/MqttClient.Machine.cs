// What happens inside MqttClient.Poll, and nothing else: sending, receiving, the packets in the order of the specification, the time limits,
// the end. The state of the connection changes here, in Connect and in Disconnect.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    public sealed partial class MqttClient
    {
        private MqttEvent Step(long nowMs)
        {
            _now = nowMs;
            if (_waitsSinceNextPoll)
            {
                _waitsSinceNextPoll = false;
                _waitingToSendSinceMs = nowMs;
            }

            if (_state == MqttState.Closed)
            {
                NextDeadlineMs = long.MaxValue;
                if (_transport == null)
                {
                    return MqttEvent.None;
                }

                _transport = null;
                return MqttEvent.Closed;
            }

            _busy = false;
            PayAcknowledgement();
            Flush();
            MqttEvent result = MqttEvent.None;
            if (_state == MqttState.Connecting || _state == MqttState.Connected)
            {
                result = Receive();
            }

            WatchLimits();
            if (result != MqttEvent.None)
            {
                // an error found behind the event is told by the next call
                NextDeadlineMs = nowMs;
                return result;
            }

            if (_state == MqttState.Closed)
            {
                _transport = null;
                NextDeadlineMs = long.MaxValue;
                return MqttEvent.Closed;
            }

            return MqttEvent.None;
        }

        private MqttEvent Receive()
        {
            int forgotten = _publishes.TakeForgotten();
            if (forgotten != 0)
            {
                PacketId = forgotten;
                return MqttEvent.PublishAcknowledged;
            }

            // every packet may need an answer: without room for it nothing is read, and TCP holds the broker back
            if (_control.Free < MqttControlQueue.AcknowledgementSize)
            {
                return MqttEvent.None;
            }

            MqttFrame frame = _framer.Read(_transport);
            if (_framer.Progressed)
            {
                _keepAlive.NoteReceived(_now);
                _busy = true;
            }

            switch (frame)
            {
                case MqttFrame.Packet:
                    return Handle();
                case MqttFrame.Head:
                    return HandleHead();
                case MqttFrame.Piece:
                    return CheckInbox(_inbox.TakePiece(_framer));
                case MqttFrame.Malformed:
                    return Close(MqttError.MalformedPacket, _framer.FirstByte);
                case MqttFrame.Closed:
                    return Close(MqttError.LinkClosed, 0);
                case MqttFrame.Failed:
                    return Close(MqttError.LinkFailed, 0);
                default:
                    return MqttEvent.None;
            }
        }

        private MqttEvent Handle()
        {
            int first = _framer.FirstByte;
            if (_state == MqttState.Connecting)
            {
                return first == MqttPacketType.Connack ? HandleConnack() : Close(MqttError.ProtocolViolation, first);
            }

            if ((first & MqttPacketType.TypeMask) == MqttPacketType.Publish)
            {
                return CheckInbox(_inbox.TakePacket(_framer));
            }

            switch (first)
            {
                case MqttPacketType.Puback:
                case MqttPacketType.Pubrec:
                case MqttPacketType.Pubrel:
                case MqttPacketType.Pubcomp:
                    return HandleAcknowledgement(first);
                case MqttPacketType.Suback:
                    return HandleRequestAnswer(MqttEvent.Subscribed);
                case MqttPacketType.Unsuback:
                    return HandleRequestAnswer(MqttEvent.Unsubscribed);
                case MqttPacketType.Pingresp:
                    return HandlePingresp();
                case MqttPacketType.Connack:
                    return Close(MqttError.ProtocolViolation, first);
                default:
                    // a type that only clients send, a reserved type, or wrong flags [MQTT-2.2.2-2]
                    return Close(MqttError.MalformedPacket, first);
            }
        }

        private MqttEvent HandleHead()
        {
            int first = _framer.FirstByte;
            if ((first & MqttPacketType.TypeMask) != MqttPacketType.Publish)
            {
                return Close(MqttError.MalformedPacket, first);
            }

            return _state == MqttState.Connected ? CheckInbox(_inbox.TakeHead(_framer)) : Close(MqttError.ProtocolViolation, first);
        }

        private MqttEvent CheckInbox(MqttEvent result)
        {
            MqttError error = _inbox.Error;
            return error == MqttError.None ? result : Close(error, error == MqttError.TooManyOpen ? _inbox.MaxOpen : _framer.FirstByte);
        }

        // 3.2
        private MqttEvent HandleConnack()
        {
            if (!MqttPacketReader.IsConnack(_framer))
            {
                return Close(MqttError.MalformedPacket, MqttPacketType.Connack);
            }

            int at = _framer.BodyOffset;
            int code = _framer.Buffer[at + 1];
            if (code != 0)
            {
                return Close(MqttError.Refused, code);
            }

            SessionPresent = _framer.Buffer[at] != 0;
            if (SessionPresent && _cleanSession)
            {
                // [MQTT-3.2.2-1]: what it takes for our session is not ours
                return Close(MqttError.ProtocolViolation, MqttPacketType.Connack);
            }

            if (!SessionPresent)
            {
                _subscriptions = 0;
                _inbox.BeginSession();
                _publishes.ForgetReleased();
            }

            _waitingToSendSinceMs = _now;
            Enter(MqttState.Connected);
            return SessionPresent ? MqttEvent.Resumed : MqttEvent.Connected;
        }

        // 3.4 to 3.7; an unknown identifier is answered, or ignored if no answer is due: brokers acknowledge twice after a resend
        private MqttEvent HandleAcknowledgement(int type)
        {
            int packetId = MqttPacketReader.PacketId(_framer);
            if (_framer.BodyLength != 2 || packetId == 0)
            {
                return Close(MqttError.MalformedPacket, type);
            }

            PacketId = packetId;
            switch (type)
            {
                case MqttPacketType.Puback:
                    return _publishes.Acknowledge(packetId) ? MqttEvent.PublishAcknowledged : MqttEvent.None;
                case MqttPacketType.Pubcomp:
                    return _publishes.Complete(packetId) ? MqttEvent.PublishAcknowledged : MqttEvent.None;
                case MqttPacketType.Pubrec:
                    _publishes.Release(packetId, _now);
                    NoteWaiting();
                    _control.Acknowledgement(MqttPacketType.Pubrel, packetId);
                    return MqttEvent.None;
                default:
                    if (!_inbox.Release(packetId))
                    {
                        return CheckInbox(MqttEvent.None);
                    }

                    NoteWaiting();
                    _control.Acknowledgement(MqttPacketType.Pubcomp, packetId);
                    return MqttEvent.None;
            }
        }

        // 3.9, 3.11
        private MqttEvent HandleRequestAnswer(MqttEvent result)
        {
            PacketId = _request.PacketId;
            MqttError error = _request.End(_framer);
            return error == MqttError.None ? result : Close(error, _framer.FirstByte);
        }

        // 3.13
        private MqttEvent HandlePingresp()
        {
            if (_framer.BodyLength != 0)
            {
                return Close(MqttError.MalformedPacket, MqttPacketType.Pingresp);
            }

            _keepAlive.NoteAnswer();
            return MqttEvent.None;
        }

        private MqttError Request(int firstByte, int answer, byte[][] filters, byte[] qos, int count)
        {
            if (_state != MqttState.Connected)
            {
                return MqttError.NotConnected;
            }

            if (_request.PacketId != 0)
            {
                return MqttError.RequestPending;
            }

            BrokerRule broken = qos == null && count > 0 ? BrokerRule.None : _rules.CheckCounts(count, _subscriptions);
            for (int i = 0; i < count && broken == BrokerRule.None; i++)
            {
                broken = _rules.CheckSubscribe(filters[i], qos == null ? 0 : qos[i]);
            }

            if (broken != BrokerRule.None)
            {
                return Refuse(broken);
            }

            bool wasEmpty = _control.IsEmpty;
            NoteWaiting();
            int packetId = NextPacketId();
            if (!_control.Request(firstByte, packetId, filters, qos, count))
            {
                return wasEmpty ? MqttError.TooLarge : MqttError.Full;
            }

            _request.Begin(packetId, answer, count);
            _subscriptions = qos != null ? _subscriptions + count : _subscriptions > count ? _subscriptions - count : 0;
            PacketId = packetId;
            NextDeadlineMs = _now;
            return MqttError.None;
        }

        // a packet is never cut by another one: what has begun is ended first, then control packets, then the next PUBLISH
        private void Flush()
        {
            while (true)
            {
                int put;
                if (_publishes.IsInsidePacket || (_control.IsEmpty && _state != MqttState.Connecting && _publishes.HasUnsent))
                {
                    put = _publishes.Send(_transport, _now);
                }
                else if (!_control.IsEmpty)
                {
                    put = _control.Send(_transport);
                    if (_control.IsEmpty)
                    {
                        _pingQueued = false;
                        _request.NoteSent(_now);
                    }
                }
                else if (_state == MqttState.Disconnecting && !_disconnectQueued)
                {
                    // behind everything that was queued; the control buffer is empty, so it fits
                    _disconnectQueued = _control.Bare(MqttPacketType.Disconnect);
                    continue;
                }
                else
                {
                    break;
                }

                if (put < 0)
                {
                    Close(put == TransportResult.Closed ? MqttError.LinkClosed : MqttError.LinkFailed, 0);
                    return;
                }

                if (put == 0)
                {
                    return;
                }

                _keepAlive.NoteSent(_now);
                _waitingToSendSinceMs = _now;
            }

            if (_state == MqttState.Disconnecting)
            {
                Close(MqttError.None, 0);
            }
        }

        // ends the connection if a limit has passed, else finds the next one
        private void WatchLimits()
        {
            NextDeadlineMs = _busy || _inbox.OwesAcknowledgement ? _now : long.MaxValue;
            if (!_control.IsEmpty || _publishes.IsInsidePacket || (_publishes.HasUnsent && _state != MqttState.Connecting))
            {
                Watch(_waitingToSendSinceMs + _timeouts.WriteMs, MqttError.WriteTimeout, 0);
            }

            if (_state == MqttState.Connecting)
            {
                Watch(_stateSinceMs + _timeouts.ConnackMs, MqttError.ConnackTimeout, 0);
            }

            if (_state != MqttState.Connected)
            {
                return;
            }

            if (_framer.IsInsidePacket)
            {
                Watch(_keepAlive.LastReceivedMs + _timeouts.PacketMs, MqttError.PacketTimeout, _framer.FirstByte);
            }

            if (_request.PacketId != 0 && _request.IsSent)
            {
                Watch(_request.SentMs + _timeouts.AcknowledgementMs, MqttError.AcknowledgementTimeout, _request.PacketId);
            }

            long oldest = _publishes.OldestUnacknowledgedMs(out int packetId);
            if (packetId != 0)
            {
                Watch(oldest + _timeouts.AcknowledgementMs, MqttError.AcknowledgementTimeout, packetId);
            }

            if (_keepAlive.IsOn && _state == MqttState.Connected)
            {
                WatchKeepAlive();
            }
        }

        private void WatchKeepAlive()
        {
            if (_now >= _keepAlive.PingAtMs && !_pingQueued)
            {
                // sent at once: waiting for the next call would spend the lead on the loop
                NoteWaiting();
                _pingQueued = _control.Bare(MqttPacketType.Pingreq);
                if (_pingQueued)
                {
                    _keepAlive.NotePing(_now);
                    Flush();
                }
            }

            if (_keepAlive.IsWaiting)
            {
                Watch(_keepAlive.AnswerUntilMs, MqttError.PingrespTimeout, 0);
            }

            if (_keepAlive.PingAtMs > _now && _keepAlive.PingAtMs < NextDeadlineMs)
            {
                // in the past only if the control buffer is full: then the write limit counts
                NextDeadlineMs = _keepAlive.PingAtMs;
            }
        }

        private void Watch(long deadlineMs, MqttError error, int detail)
        {
            if (_state != MqttState.Closed && _now >= deadlineMs)
            {
                Close(error, detail);
            }
            else if (deadlineMs < NextDeadlineMs)
            {
                NextDeadlineMs = deadlineMs;
            }
        }

        // the write limit counts from the moment when something begins to wait; between two polls that moment is not known, so from the next one
        private void NoteWaiting()
        {
            if (_control.IsEmpty && !_publishes.HasUnsent)
            {
                _waitingToSendSinceMs = _now;
                _waitsSinceNextPoll = !_isPolling;
            }
        }

        private void PayAcknowledgement()
        {
            if (_inbox.OwesAcknowledgement)
            {
                NoteWaiting();
                _inbox.Pay(_control);
            }
        }

        private MqttError Refuse(BrokerRule broken)
        {
            BrokenRule = broken;
            return broken == BrokerRule.InvalidTopic || broken == BrokerRule.NoFilters ? MqttError.InvalidTopic : MqttError.BrokenRule;
        }

        // 2.3.1: not 0, and not in use by a message or request that waits for its answer
        private int NextPacketId()
        {
            do
            {
                _lastPacketId = _lastPacketId == 65535 ? 1 : _lastPacketId + 1;
            }
            while (_lastPacketId == _request.PacketId || _publishes.Holds(_lastPacketId));

            return _lastPacketId;
        }

        private void Enter(MqttState state)
        {
            _state = state;
            _stateSinceMs = _now;
        }

        // the event Closed is told by Poll, so that no caller misses it
        private MqttEvent Close(MqttError error, int detail)
        {
            _error = error;
            _errorDetail = detail;
            _inbox.BeginConnection();
            _transport.Close();
            Enter(MqttState.Closed);
            return MqttEvent.None;
        }
    }
}

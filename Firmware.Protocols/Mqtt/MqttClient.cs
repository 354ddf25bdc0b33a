// The MQTT 3.1.1 client engine (OASIS Standard, 29 October 2014): bytes in, bytes out; no sockets, threads, clock or allocation.
// Everything that changes the state of the connection is in this file. Served: CONNECT with will and credentials, PUBLISH with QoS 0
// and 1 both ways, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT. Left out so far: QoS 2, delivery of a large message in pieces.
//
//   Closed --Connect--> Connecting --CONNACK 0--> Connected --Disconnect--> Disconnecting --> Closed
//             any error, from every state ------------------------------------------------> Closed
//
// The caller owns the buffers; the client owns the transport from Connect until the event Closed.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>An MQTT 3.1.1 client over static buffers. One thread at a time; call <see cref="Poll"/> often.</summary>
    public sealed class MqttClient
    {
        private readonly MqttFramer _framer;
        private readonly MqttControlQueue _control;
        private readonly MqttTransmitQueue _publishes;
        private readonly MqttWriter _writer = new MqttWriter();
        private readonly MqttMessage _message = new MqttMessage();
        private readonly MqttTimeouts _timeouts;

        private ITransport _transport;
        private MqttState _state;
        private MqttError _error;
        private int _errorDetail;
        private long _now;
        private long _stateSinceMs;
        private long _lastSentMs;
        private long _lastReceivedMs;
        private long _waitingToSendSinceMs;
        private long _pingSentMs;
        private long _requestSentMs;
        private bool _pingPending;
        private bool _busy;
        private bool _disconnectQueued;
        private int _keepAliveMs;
        private int _pingAfterMs;
        private int _lastPacketId;
        private int _requestId;
        private int _requestCount;
        private int _requestAnswer;
        private int _owedPuback;

        /// <summary>Creates a client. Every buffer is given here and belongs to the client from now on; later nothing is allocated.</summary>
        /// <param name="receiveBuffer">Holds one incoming packet: the largest that is delivered, 128 bytes or more.</param>
        /// <param name="controlBuffer">Holds the largest CONNECT, SUBSCRIBE or UNSUBSCRIBE, and a few acknowledgements of 4 bytes.</param>
        /// <param name="arena">Holds outgoing PUBLISH packets until they are sent or acknowledged.</param>
        /// <param name="maxPublishes">How many PUBLISH packets the arena holds at the most.</param>
        /// <param name="timeouts">The time limits.</param>
        public MqttClient(byte[] receiveBuffer, byte[] controlBuffer, byte[] arena, int maxPublishes, MqttTimeouts timeouts)
        {
            _framer = new MqttFramer(receiveBuffer);
            _control = new MqttControlQueue(controlBuffer);
            _publishes = new MqttTransmitQueue(arena, maxPublishes);
            _timeouts = timeouts;
            _message.Buffer = receiveBuffer;
        }

        /// <summary>Where the connection stands.</summary>
        public MqttState State
        {
            get { return _state; }
        }

        /// <summary>Why the last connection ended; None while one lasts and after <see cref="Disconnect"/>.</summary>
        public MqttError Error
        {
            get { return _error; }
        }

        /// <summary>A number that belongs to <see cref="Error"/>: see there.</summary>
        public int ErrorDetail
        {
            get { return _errorDetail; }
        }

        /// <summary>After <see cref="MqttEvent.Connected"/>: true if the broker resumed a session (MQTT 3.1.1, 3.2.2.2).</summary>
        public bool SessionPresent { get; private set; }

        /// <summary>The message of the event just returned; valid until the next <see cref="Poll"/>.</summary>
        public MqttMessage Message
        {
            get { return _message; }
        }

        /// <summary>The packet identifier of the acknowledgement just returned, or of the request or QoS 1 publish just accepted.</summary>
        public int PacketId { get; private set; }

        /// <summary>How many QoS 1 messages and unsent messages are held.</summary>
        public int Held
        {
            get { return _publishes.Count; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called next, on the clock of Poll. Incoming bytes are another reason to call it.</summary>
        public long NextDeadlineMs { get; private set; }

        /// <summary>Takes over a connected transport and sends CONNECT. Nothing else is sent before CONNACK.</summary>
        /// <param name="transport">The link; closed by the client at the end.</param>
        /// <param name="options">What CONNECT says; not referenced afterwards.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>None, or <see cref="MqttError.TooLarge"/> if CONNECT does not fit the control buffer: the transport is untouched then.</returns>
        public MqttError Connect(ITransport transport, MqttConnectOptions options, long nowMs)
        {
            _control.Reset();
            if (!_control.Connect(options))
            {
                _control.Reset();
                return MqttError.TooLarge;
            }

            _framer.Reset();
            _publishes.Rewind();
            _transport = transport;
            _error = MqttError.None;
            _errorDetail = 0;
            _now = nowMs;
            _lastSentMs = nowMs;
            _lastReceivedMs = nowMs;
            _waitingToSendSinceMs = nowMs;
            _pingPending = false;
            _owedPuback = 0;
            _requestId = 0;
            _disconnectQueued = false;
            SessionPresent = false;
            _keepAliveMs = options.KeepAliveSeconds * 1000;
            int lead = _keepAliveMs / 4;
            _pingAfterMs = _keepAliveMs - (lead < _timeouts.PingLeadMs ? lead : _timeouts.PingLeadMs);
            Enter(MqttState.Connecting);
            NextDeadlineMs = nowMs;
            return MqttError.None;
        }

        /// <summary>Queues a message. It is copied; the caller's arrays are free again at once.</summary>
        /// <param name="topic">Topic name, all bytes.</param>
        /// <param name="payload">The buffer that the payload stands in.</param>
        /// <param name="offset">The first byte of the payload.</param>
        /// <param name="length">The length of the payload in bytes, 0 or more.</param>
        /// <param name="qos">0 or 1. QoS 1 messages survive the connection and are sent again, in order, on the next one.</param>
        /// <param name="retain">Whether the broker keeps the message.</param>
        /// <returns>None; NotConnected, InvalidTopic, InvalidQos, TooLarge or Full if nothing was queued. <see cref="PacketId"/> has the identifier of a QoS 1 message.</returns>
        public MqttError Publish(byte[] topic, byte[] payload, int offset, int length, int qos, bool retain)
        {
            if (_state != MqttState.Connected)
            {
                return MqttError.NotConnected;
            }

            if (qos < 0 || qos > 1)
            {
                return MqttError.InvalidQos;
            }

            if (!MqttTopic.IsName(topic, 0, topic.Length))
            {
                return MqttError.InvalidTopic;
            }

            int remaining = 2 + topic.Length + (qos > 0 ? 2 : 0) + length;
            int size = 1 + MqttWriter.SizeOfRemainingLength(remaining) + remaining;
            if (size > _publishes.Arena.Length)
            {
                return MqttError.TooLarge;
            }

            int at = _publishes.Reserve(size);
            if (at < 0)
            {
                return MqttError.Full;
            }

            int packetId = qos > 0 ? NextPacketId() : 0;
            _writer.Reset(_publishes.Arena, at, at + size);
            _writer.Byte(MqttPacketType.Publish | (qos << MqttPacketType.PublishQosShift) | (retain ? MqttPacketType.PublishRetain : 0));
            _writer.RemainingLength(remaining);
            _writer.Field(topic);
            if (qos > 0)
            {
                _writer.UInt16(packetId);
            }

            _writer.Raw(payload, offset, length);
            NoteWaiting();
            _publishes.Commit(at, size, packetId);
            PacketId = packetId;
            NextDeadlineMs = _now;
            return MqttError.None;
        }

        /// <summary>Sends SUBSCRIBE; one request at a time.</summary>
        /// <param name="filters">Topic filters.</param>
        /// <param name="qos">The most QoS wanted for each: 0 or 1.</param>
        /// <param name="count">How many of them, 1 or more. AWS: 8 at the most.</param>
        /// <returns>None; else nothing is sent. The answer is <see cref="MqttEvent.Subscribed"/> with the identifier in <see cref="PacketId"/>.</returns>
        public MqttError Subscribe(byte[][] filters, byte[] qos, int count)
        {
            for (int i = 0; i < count; i++)
            {
                if (qos[i] > 1)
                {
                    return MqttError.InvalidQos;
                }
            }

            return Request(MqttPacketType.Subscribe, MqttPacketType.Suback, filters, qos, count);
        }

        /// <summary>Sends UNSUBSCRIBE; one request at a time.</summary>
        /// <param name="filters">Topic filters.</param>
        /// <param name="count">How many of them, 1 or more.</param>
        /// <returns>None; else nothing is sent. The answer is <see cref="MqttEvent.Unsubscribed"/> with the identifier in <see cref="PacketId"/>.</returns>
        public MqttError Unsubscribe(byte[][] filters, int count)
        {
            return Request(MqttPacketType.Unsubscribe, MqttPacketType.Unsuback, filters, null, count);
        }

        /// <summary>The broker's answer for one filter, after <see cref="MqttEvent.Subscribed"/> and until the next <see cref="Poll"/> (3.9.3).</summary>
        /// <param name="index">The filter's index in the request.</param>
        /// <returns>The granted QoS 0 to 2, or 0x80: refused.</returns>
        public int SubscribeResult(int index)
        {
            return _framer.Buffer[_framer.BodyOffset + MqttPacketReader.SubackCodes + index];
        }

        /// <summary>
        /// Ends the connection in order, so that the broker drops the last will [MQTT-3.14.4-3]: what is queued leaves first, then DISCONNECT, then the link closes.
        /// Before CONNACK the link is just closed, since nothing may be sent then.
        /// </summary>
        public void Disconnect()
        {
            if (_state == MqttState.Connected)
            {
                PayPuback();
                NoteWaiting();
                Enter(MqttState.Disconnecting);
            }
            else if (_state == MqttState.Connecting)
            {
                Close(MqttError.None, 0);
            }

            NextDeadlineMs = _now;
        }

        /// <summary>Does what can be done now without waiting: sends, receives at most one packet, watches the time limits.</summary>
        /// <param name="nowMs">The time in milliseconds on a clock that never jumps.</param>
        /// <returns>At most one event; call again at <see cref="NextDeadlineMs"/> or when bytes may have arrived.</returns>
        public MqttEvent Poll(long nowMs)
        {
            _now = nowMs;
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
            PayPuback();
            Flush();
            MqttEvent result = MqttEvent.None;
            if (_state != MqttState.Closed && _state != MqttState.Disconnecting)
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
            // every packet may need an answer: without room for it nothing is read, and TCP holds the broker back
            if (_control.Free < MqttControlQueue.AcknowledgementSize)
            {
                return MqttEvent.None;
            }

            MqttFrame frame = _framer.Read(_transport);
            if (_framer.Progressed)
            {
                _lastReceivedMs = _now;
                _busy = true;
            }

            switch (frame)
            {
                case MqttFrame.Packet:
                    return Handle();
                case MqttFrame.TooLarge:
                    return HandleTooLarge();
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
                return HandlePublish(MqttEvent.MessageReceived);
            }

            switch (first)
            {
                case MqttPacketType.Puback:
                    return HandlePuback();
                case MqttPacketType.Suback:
                    return HandleRequestAnswer(MqttPacketReader.IsSuback(_framer, _requestCount), MqttEvent.Subscribed);
                case MqttPacketType.Unsuback:
                    return HandleRequestAnswer(_framer.BodyLength == 2, MqttEvent.Unsubscribed);
                case MqttPacketType.Pingresp:
                    return HandlePingresp();
                case MqttPacketType.Connack:
                    return Close(MqttError.ProtocolViolation, first);
                default:
                    // a type that only clients send, a reserved type, or wrong flags [MQTT-2.2.2-2]
                    return Close(MqttError.MalformedPacket, first);
            }
        }

        private MqttEvent HandleTooLarge()
        {
            int first = _framer.FirstByte;
            bool isPublish = (first & MqttPacketType.TypeMask) == MqttPacketType.Publish;
            if (isPublish && _state == MqttState.Connected)
            {
                return HandlePublish(MqttEvent.MessageTooLarge);
            }

            return Close(isPublish ? MqttError.ProtocolViolation : MqttError.MalformedPacket, first);
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
            _waitingToSendSinceMs = _now;
            Enter(MqttState.Connected);
            return MqttEvent.Connected;
        }

        // 3.3
        private MqttEvent HandlePublish(MqttEvent result)
        {
            MqttError error = MqttPacketReader.Publish(_framer, _message);
            if (error == MqttError.None && _message.Qos > 1)
            {
                // the broker may not exceed the QoS that was asked for [MQTT-3.8.4-6]
                error = MqttError.ProtocolViolation;
            }

            if (error != MqttError.None)
            {
                return Close(error, _framer.FirstByte);
            }

            // paid by the next Poll, when the caller has done its work: a message whose handling was cut short comes again
            _owedPuback = _message.PacketId;
            return result;
        }

        // 3.4; an unknown identifier is ignored: brokers acknowledge twice after a resend
        private MqttEvent HandlePuback()
        {
            int packetId = MqttPacketReader.PacketId(_framer);
            if (_framer.BodyLength != 2 || packetId == 0)
            {
                return Close(MqttError.MalformedPacket, MqttPacketType.Puback);
            }

            if (!_publishes.Acknowledge(packetId))
            {
                return MqttEvent.None;
            }

            PacketId = packetId;
            return MqttEvent.PublishAcknowledged;
        }

        // 3.9, 3.11
        private MqttEvent HandleRequestAnswer(bool wellFormed, MqttEvent result)
        {
            int type = _framer.FirstByte;
            int packetId = MqttPacketReader.PacketId(_framer);
            if (packetId == 0)
            {
                return Close(MqttError.MalformedPacket, type);
            }

            if (_requestId != packetId || _requestAnswer != type)
            {
                return Close(MqttError.ProtocolViolation, type);
            }

            if (!wellFormed)
            {
                return Close(MqttError.MalformedPacket, type);
            }

            _requestId = 0;
            PacketId = packetId;
            return result;
        }

        // 3.13
        private MqttEvent HandlePingresp()
        {
            if (_framer.BodyLength != 0)
            {
                return Close(MqttError.MalformedPacket, MqttPacketType.Pingresp);
            }

            _pingPending = false;
            return MqttEvent.None;
        }

        private MqttError Request(int firstByte, int answer, byte[][] filters, byte[] qos, int count)
        {
            if (_state != MqttState.Connected)
            {
                return MqttError.NotConnected;
            }

            if (_requestId != 0)
            {
                return MqttError.RequestPending;
            }

            if (count < 1)
            {
                return MqttError.InvalidTopic;
            }

            for (int i = 0; i < count; i++)
            {
                if (!MqttTopic.IsFilter(filters[i]))
                {
                    return MqttError.InvalidTopic;
                }
            }

            bool wasEmpty = _control.IsEmpty;
            NoteWaiting();
            int packetId = NextPacketId();
            if (!_control.Request(firstByte, packetId, filters, qos, count))
            {
                return wasEmpty ? MqttError.TooLarge : MqttError.Full;
            }

            _requestId = packetId;
            _requestCount = count;
            _requestAnswer = answer;
            _requestSentMs = _now;
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

                _lastSentMs = _now;
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
            NextDeadlineMs = _busy || _owedPuback != 0 ? _now : long.MaxValue;
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
                Watch(_lastReceivedMs + _timeouts.PacketMs, MqttError.PacketTimeout, _framer.FirstByte);
            }

            if (_requestId != 0)
            {
                Watch(_requestSentMs + _timeouts.AcknowledgementMs, MqttError.AcknowledgementTimeout, _requestId);
            }

            long oldest = _publishes.OldestUnacknowledgedMs(out int packetId);
            if (packetId != 0)
            {
                Watch(oldest + _timeouts.AcknowledgementMs, MqttError.AcknowledgementTimeout, packetId);
            }

            if (_keepAliveMs > 0)
            {
                WatchKeepAlive();
            }
        }

        private void WatchKeepAlive()
        {
            // the earlier of: the broker would miss us (3.1.2.10), and we have not heard from it for as long
            long pingAt = (_lastSentMs < _lastReceivedMs ? _lastSentMs : _lastReceivedMs) + _pingAfterMs;
            if (!_pingPending && _now >= pingAt && _control.Bare(MqttPacketType.Pingreq))
            {
                // sent at once: waiting for the next call would spend the lead on the loop
                _pingPending = true;
                _pingSentMs = _now;
                Flush();
            }

            if (_pingPending)
            {
                // any byte counts as a sign of life: PINGRESP may stand in line behind a large message
                Watch((_pingSentMs > _lastReceivedMs ? _pingSentMs : _lastReceivedMs) + _timeouts.PingrespMs, MqttError.PingrespTimeout, 0);
            }
            else if (pingAt < NextDeadlineMs)
            {
                NextDeadlineMs = pingAt;
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

        // the write limit counts from the moment when something begins to wait
        private void NoteWaiting()
        {
            if (_control.IsEmpty && !_publishes.HasUnsent)
            {
                _waitingToSendSinceMs = _now;
            }
        }

        private void PayPuback()
        {
            if (_owedPuback != 0)
            {
                NoteWaiting();

                // cannot fail: Receive made sure of the room
                _control.Puback(_owedPuback);
                _owedPuback = 0;
            }
        }

        // 2.3.1: not 0, and not in use by a message or request that waits for its answer
        private int NextPacketId()
        {
            do
            {
                _lastPacketId = _lastPacketId == 65535 ? 1 : _lastPacketId + 1;
            }
            while (_lastPacketId == _requestId || _publishes.Holds(_lastPacketId));

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
            _owedPuback = 0;
            _transport.Close();
            Enter(MqttState.Closed);
            return MqttEvent.None;
        }
    }
}

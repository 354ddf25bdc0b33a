// The MQTT 3.1.1 client engine (OASIS Standard, 29 October 2014): bytes in, bytes out; no sockets, threads, clock or allocation.
// QoS 0, 1 and 2 both ways, subscriptions, keepalive, a clean end. What callers use is in this file; everything that happens inside Poll
// and changes the state of the connection is in MqttClient.Machine.cs. What arrives is taken apart by MqttInbox, what leaves waits in
// MqttControlQueue and MqttTransmitQueue.
//
//   Closed --Connect--> Connecting --CONNACK 0--> Connected --Disconnect--> Disconnecting --> Closed
//             any error, from every state ------------------------------------------------> Closed
//
// The caller owns the buffers; the client owns the transport from Connect until the event Closed.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>An MQTT 3.1.1 client over static buffers. One thread at a time; call <see cref="Poll"/> often.</summary>
    public sealed partial class MqttClient
    {
        private readonly MqttFramer _framer;
        private readonly MqttControlQueue _control;
        private readonly MqttTransmitQueue _publishes;
        private readonly MqttWriter _writer = new MqttWriter();
        private readonly MqttMessage _message = new MqttMessage();
        private readonly MqttRequest _request = new MqttRequest();
        private readonly MqttInbox _inbox;
        private readonly MqttKeepAlive _keepAlive;
        private readonly MqttTimeouts _timeouts;

        private BrokerRules _rules = BrokerRules.Plain311;
        private PublishRate _rate = new PublishRate(0, 0);
        private ITransport _transport;
        private MqttState _state;
        private MqttError _error;
        private int _errorDetail;
        private long _now;
        private long _stateSinceMs;
        private long _waitingToSendSinceMs;
        private bool _busy;
        private bool _waitsSinceNextPoll;
        private bool _isPolling;
        private bool _disconnectQueued;
        private bool _cleanSession;
        private bool _pingQueued;
        private int _lastPacketId;
        private int _subscriptions;

        /// <summary>Creates a client. Every buffer is given here and belongs to the client from now on; later nothing is allocated.</summary>
        /// <param name="receiveBuffer">Holds one incoming packet: the largest that is delivered whole, 128 bytes or more.</param>
        /// <param name="controlBuffer">Holds the largest CONNECT, SUBSCRIBE or UNSUBSCRIBE, and a few acknowledgements of 4 bytes.</param>
        /// <param name="arena">Holds outgoing PUBLISH packets until they are sent or acknowledged.</param>
        /// <param name="maxPublishes">How many PUBLISH packets the arena holds at the most.</param>
        /// <param name="maxOpen">How many ranges of packet identifiers the open incoming QoS 2 messages may form: brokers count up, so a few suffice for hundreds of messages.</param>
        /// <param name="timeouts">The time limits.</param>
        public MqttClient(byte[] receiveBuffer, byte[] controlBuffer, byte[] arena, int maxPublishes, int maxOpen, MqttTimeouts timeouts)
        {
            _framer = new MqttFramer(receiveBuffer);
            _control = new MqttControlQueue(controlBuffer);
            _publishes = new MqttTransmitQueue(arena, maxPublishes);
            _inbox = new MqttInbox(_message, maxOpen);
            _keepAlive = new MqttKeepAlive(timeouts);
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

        /// <summary>True in a session that the broker resumed, from <see cref="MqttEvent.Resumed"/> on.</summary>
        public bool SessionPresent { get; private set; }

        /// <summary>The message of the event just returned; valid until the next <see cref="Poll"/>.</summary>
        public MqttMessage Message
        {
            get { return _message; }
        }

        /// <summary>The packet identifier of the acknowledgement just returned, or of the request or QoS 1 publish just accepted.</summary>
        public int PacketId { get; private set; }

        /// <summary>How many messages are held: unsent, or not yet acknowledged.</summary>
        public int Held
        {
            get { return _publishes.Count; }
        }

        /// <summary>How many large messages were skipped since the start.</summary>
        public int SkippedMessages
        {
            get { return _inbox.SkippedCount; }
        }

        /// <summary>After <see cref="MqttError.BrokenRule"/>: the rule that the last call would have broken.</summary>
        public BrokerRule BrokenRule { get; private set; }

        /// <summary>When <see cref="Poll"/> wants to be called next, on the clock of Poll. Incoming bytes are another reason to call it.</summary>
        public long NextDeadlineMs { get; private set; }

        /// <summary>Chooses the rules that calls are checked against, before they can cost the connection. At start-up; the default is plain MQTT 3.1.1.</summary>
        /// <param name="rules">The rules of the broker.</param>
        public void Keep(BrokerRules rules)
        {
            _rules = rules;
            _rate = new PublishRate(rules.PublishesPerSecond, rules.PublishesPerSecond / 2);
        }

        /// <summary>Takes over a connected transport and sends CONNECT. Nothing else is sent before CONNACK.</summary>
        /// <param name="transport">The link; closed by the client at the end.</param>
        /// <param name="options">What CONNECT says; not referenced afterwards.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>None; AlreadyConnected, BrokenRule, or TooLarge if CONNECT does not fit the control buffer: the transport is untouched then.</returns>
        public MqttError Connect(ITransport transport, MqttConnectOptions options, long nowMs)
        {
            if (_state != MqttState.Closed)
            {
                return MqttError.AlreadyConnected;
            }

            BrokerRule broken = _rules.CheckConnect(options.ClientId.Length, options.CleanSession, options.KeepAliveSeconds, options.WillTopic,
                options.WillPayload.Length, options.WillQos, options.WillRetain);
            if (broken != BrokerRule.None)
            {
                return Refuse(broken);
            }

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
            _waitingToSendSinceMs = nowMs;
            _waitsSinceNextPoll = false;
            _disconnectQueued = false;
            _cleanSession = options.CleanSession;
            _pingQueued = false;
            _inbox.BeginConnection();
            _request.Forget();
            _keepAlive.Start(options.KeepAliveSeconds, nowMs);
            SessionPresent = false;
            Enter(MqttState.Connecting);
            NextDeadlineMs = nowMs;
            return MqttError.None;
        }

        /// <summary>Queues a message. It is copied; the caller's arrays are free again at once.</summary>
        /// <param name="topic">Topic name, all bytes.</param>
        /// <param name="payload">The buffer that the payload stands in.</param>
        /// <param name="offset">The first byte of the payload.</param>
        /// <param name="length">The length of the payload in bytes, 0 or more.</param>
        /// <param name="qos">0, 1 or 2. QoS 1 and 2 messages survive the connection and are sent again, in order, on the next one; QoS 2 wants a persistent session.</param>
        /// <param name="retain">Whether the broker keeps the message.</param>
        /// <returns>None; NotConnected, InvalidTopic, InvalidQos, BrokenRule, TooLarge or Full if nothing was queued. <see cref="PacketId"/> has the identifier, 0 with QoS 0.</returns>
        public MqttError Publish(byte[] topic, byte[] payload, int offset, int length, int qos, bool retain)
        {
            if (_state != MqttState.Connected)
            {
                return MqttError.NotConnected;
            }

            if (qos < 0 || qos > 2)
            {
                return MqttError.InvalidQos;
            }

            BrokerRule broken = _rules.CheckPublish(topic, length, qos, retain);
            if (broken != BrokerRule.None)
            {
                return Refuse(broken);
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

            if (!_rate.TryTake(_now))
            {
                return Refuse(BrokerRule.PublishRateExceeded);
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
        /// <param name="qos">The most QoS wanted for each: 0, 1 or 2.</param>
        /// <param name="count">How many of them, 1 or more. AWS: 8 at the most.</param>
        /// <returns>None; else nothing is sent. The answer is <see cref="MqttEvent.Subscribed"/> with the identifier in <see cref="PacketId"/>.</returns>
        public MqttError Subscribe(byte[][] filters, byte[] qos, int count)
        {
            for (int i = 0; i < count; i++)
            {
                if (qos[i] > 2)
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

        /// <summary>After <see cref="MqttEvent.MessageStarted"/> and before the next <see cref="Poll"/>: asks for the rest of the large message.</summary>
        /// <returns>False if no large message was just announced.</returns>
        public bool AcceptPieces()
        {
            return _inbox.Accept();
        }

        /// <summary>
        /// Ends the connection in order, so that the broker drops the last will [MQTT-3.14.4-3]: what is queued leaves first, then DISCONNECT, then the link closes.
        /// Before CONNACK the link is just closed, since nothing may be sent then.
        /// </summary>
        public void Disconnect()
        {
            if (_state == MqttState.Connected)
            {
                PayAcknowledgement();
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
            _isPolling = true;
            MqttEvent result = Step(nowMs);
            _isPolling = false;
            return result;
        }
    }
}

// MqttClient behind nanoFramework.M2Mqtt.IMqttClient (M2Mqtt.Core 5.1), so that libraries which take that interface run on it.
// This half is what callers call; its other files are the thread (Worker), the requests and the events.
//
// What it costs beyond MqttClient, and only here: a thread and a ManualResetEvent per connection (M2Mqtt: four threads), one lock, all
// buffers once (Limits.Mqtt...), and on the heap for each received message its topic, payload and event, for each publish the bytes of
// its topic, for each request its filters. Events come on the thread: while a handler runs nothing is received and no PINGREQ is sent.
//
// Other than M2Mqtt: never without TLS; no MQTT 5; Publish without a connection throws, and with QoS 0 returns 0; an unacknowledged publish
// of QoS 1 or 2 is kept and sent again by the next Connect of the same object, so MqttMsgPublished never says IsPublished = false.

using System;
using System.Collections;
using System.Threading;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;
using MqttClient = Firmware.Protocols.Mqtt.MqttClient;

namespace Firmware.Connectivity
{
    /// <summary>Opens a transport for <see cref="MqttClientAdapter"/>; blocks, with a limit of its own. It must not be an unencrypted one.</summary>
    /// <param name="host">The broker as <see cref="MqttClientAdapter.Init"/> was told; null without Init.</param>
    /// <param name="port">Its TCP port; 0 without Init.</param>
    /// <returns>An open transport, which belongs to the adapter.</returns>
    /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
    public delegate ITransport TransportOpener(string host, int port);

    /// <summary>An <see cref="IMqttClient"/> on <see cref="MqttClient"/>. Thread-safe; reusable after the end of a connection.</summary>
    public sealed partial class MqttClientAdapter : IMqttClient
    {
        /// <summary>How many SUBSCRIBE and UNSUBSCRIBE may wait for their turn.</summary>
        public const int MaxWaitingRequests = 8;

        // CONNACK codes of the broker (MQTT 3.1.1, table 3.1); AWS IoT Core has one of its own for "not authorised"
        private const int LastStandardRefusal = 5;
        private const int AwsNotAuthorized = 7;

        private static readonly byte[] KeyMark = Bytes.FromString("PRIVATE KEY-----");

        private readonly object _lock = new object();
        private readonly AutoResetEvent _wake = new AutoResetEvent(false);
        private readonly Clock _clock;
        private readonly TransportOpener _opener;
        private readonly MqttClient _client;

        private BrokerRules _rules = BrokerRules.Plain311;
        private Credentials _credentials;
        private string _host;
        private int _port;
        private MqttClientAdapterLink _link;
        private bool _isOpening;
        private bool _closeRequested;

        /// <summary>Creates an adapter that opens TLS connections as <see cref="Init"/> says.</summary>
        /// <param name="clock">Time, date and waiting.</param>
        public MqttClientAdapter(Clock clock)
            : this(null, clock)
        {
        }

        /// <summary>Creates an adapter for transports that are opened elsewhere: with Wi-Fi and date first, with a key from a file, in a test.</summary>
        /// <param name="opener">Opens one transport for each <see cref="Connect"/>; null: as <see cref="Init"/> says.</param>
        /// <param name="clock">Time, date and waiting.</param>
        public MqttClientAdapter(TransportOpener opener, Clock clock)
        {
            _opener = opener;
            _clock = clock;
            Timeouts = new MqttTimeouts();
            MaxMessageBytes = 8192;
            _client = new MqttClient(new byte[Limits.MqttReceive], new byte[Limits.MqttControl], new byte[Limits.MqttArena],
                Limits.MqttPublishes, Limits.MqttOpen, Timeouts);
        }

        /// <inheritdoc />
        public event IMqttClient.MqttMsgPublishEventHandler MqttMsgPublishReceived;

        /// <inheritdoc />
        public event IMqttClient.MqttMsgPublishedEventHandler MqttMsgPublished;

        /// <inheritdoc />
        public event IMqttClient.MqttMsgSubscribedEventHandler MqttMsgSubscribed;

        /// <inheritdoc />
        public event IMqttClient.MqttMsgUnsubscribedEventHandler MqttMsgUnsubscribed;

        /// <summary>Once for each connection that was accepted, however it ended; the last event of it. A handler may call <see cref="Connect"/>.</summary>
        public event IMqttClient.ConnectionClosedEventHandler ConnectionClosed;

        /// <inheritdoc />
        public bool IsConnected
        {
            get
            {
                lock (_lock)
                {
                    return _link != null && _client.State == MqttState.Connected;
                }
            }
        }

        /// <summary>The time limits; change them while there is no connection.</summary>
        public MqttTimeouts Timeouts { get; }

        /// <summary>The largest payload in bytes that is put together on the heap if the message exceeds <see cref="Limits.MqttReceive"/>; larger ones are skipped. Default 8,192.</summary>
        public int MaxMessageBytes { get; set; }

        /// <summary>How many messages were skipped (and acknowledged) since they were too large for <see cref="MaxMessageBytes"/> or the heap.</summary>
        public int SkippedMessages
        {
            get { return _client.SkippedMessages; }
        }

        /// <summary>How many times a handler threw; each is logged and else ignored.</summary>
        public int HandlerFailures { get; private set; }

        /// <summary>Why the last connection, or attempt, ended; None after <see cref="Disconnect"/> and <see cref="Close"/>.</summary>
        public MqttError Error { get; private set; }

        /// <summary>A number that belongs to <see cref="Error"/>; with Refused the broker's own CONNACK code.</summary>
        public int ErrorDetail { get; private set; }

        /// <summary>The rules that calls are checked against; plain MQTT 3.1.1 by default. Set it while there is no connection.</summary>
        public BrokerRules Rules
        {
            get
            {
                return _rules;
            }

            set
            {
                lock (_lock)
                {
                    _rules = value;
                    _client.Keep(value);
                }
            }
        }

        /// <summary>
        /// Says where the broker is and who this device is; connects nothing. With an opener only host and port count: they are handed to it,
        /// and trust and identity are the opener's.
        /// </summary>
        /// <param name="brokerHostName">Host name; sent as SNI and compared with the server's certificate.</param>
        /// <param name="brokerPort">TCP port of MQTT over TLS, without ALPN: 8883.</param>
        /// <param name="secure">Must be true.</param>
        /// <param name="caCert">The trusted CA certificates, PEM; null for the bundle stored in the device.</param>
        /// <param name="clientCert">
        /// PEM that holds the certificate and its key, one after the other; null for those stored in the device, as in M2Mqtt.
        /// M2Mqtt takes a certificate alone here, for which no handshake with a client certificate can succeed.
        /// </param>
        /// <param name="sslProtocol">None or TLSv1_2: the best of TLS 1.2 and 1.3 that the broker knows.</param>
        /// <exception cref="NotSupportedException">Unencrypted, SSL 3, TLS 1.0 or 1.1, TLS 1.3 alone, or a certificate without its key.</exception>
        /// <exception cref="ArgumentException">No host, or no TCP port.</exception>
        public void Init(string brokerHostName, int brokerPort, bool secure, byte[] caCert, byte[] clientCert, MqttSslProtocols sslProtocol)
        {
            if (!secure)
            {
                throw new NotSupportedException("an unencrypted connection is refused: use TLS");
            }

            if (sslProtocol != MqttSslProtocols.None && sslProtocol != MqttSslProtocols.TLSv1_2)
            {
                throw new NotSupportedException("TLS 1.2 or 1.3 is negotiated: ask for TLSv1_2");
            }

            if (string.IsNullOrEmpty(brokerHostName) || brokerPort < 1 || brokerPort > 65535)
            {
                throw new ArgumentException("host and port of the broker are needed");
            }

            if (_opener == null && clientCert != null && !HoldsKey(clientCert))
            {
                throw new NotSupportedException("the client certificate has no key: give PEM with certificate and key, null for those stored in the device, or an opener");
            }

            lock (_lock)
            {
                _host = brokerHostName;
                _port = brokerPort;
                _credentials = new Credentials(caCert, clientCert, clientCert);
            }
        }

        /// <summary>
        /// Opens a transport and connects; blocks until CONNACK, at most for the opener's limits (here DNS, TCP and TLS) and <see cref="MqttTimeouts.ConnackMs"/>.
        /// Events may come before it returns.
        /// </summary>
        /// <param name="clientId">Client identifier; may be empty with <paramref name="cleanSession"/>.</param>
        /// <param name="username">User name, or null.</param>
        /// <param name="password">Password, or null; needs a user name [MQTT-3.1.2-22].</param>
        /// <param name="willRetain">Whether the broker keeps the will.</param>
        /// <param name="willQosLevel">QoS of the will.</param>
        /// <param name="willFlag">Whether there is a will.</param>
        /// <param name="willTopic">Topic of the will.</param>
        /// <param name="willMessage">Payload of the will; null for an empty one.</param>
        /// <param name="cleanSession">Whether the broker forgets the session.</param>
        /// <param name="keepAlivePeriod">Keepalive in seconds; 0 for none.</param>
        /// <returns>Success; CONNACK's 1 to 5 under their names, AWS's 7 as ConnectionRefusedNotAuthorized, any other as UnspecifiedError (see <see cref="ErrorDetail"/>).</returns>
        /// <exception cref="ConnectException">No transport, no CONNACK, or <see cref="Close"/> meanwhile; the message says what to do.</exception>
        /// <exception cref="MqttClientAdapterException">A rule of <see cref="Rules"/>, or CONNECT is larger than <see cref="Limits.MqttControl"/>.</exception>
        /// <exception cref="ArgumentException">Client identifier, user name or topic of the will is missing.</exception>
        /// <exception cref="InvalidOperationException">There is a connection or an attempt, or neither Init nor an opener.</exception>
        public MqttReasonCode Connect(
            string clientId,
            string username,
            string password,
            bool willRetain,
            MqttQoSLevel willQosLevel,
            bool willFlag,
            string willTopic,
            string willMessage,
            bool cleanSession,
            ushort keepAlivePeriod)
        {
            if (clientId == null || (willFlag && willTopic == null) || (password != null && username == null))
            {
                throw new ArgumentException("client identifier, topic of the will or user name is missing");
            }

            MqttConnectOptions options = new MqttConnectOptions();
            options.ClientId = Bytes.FromString(clientId);
            options.UserName = username == null ? null : Bytes.FromString(username);
            options.Password = password == null ? null : Bytes.FromString(password);
            options.CleanSession = cleanSession;
            options.KeepAliveSeconds = keepAlivePeriod;
            if (willFlag)
            {
                options.WillTopic = Bytes.FromString(willTopic);
                options.WillPayload = willMessage == null ? Bytes.Empty : Bytes.FromString(willMessage);
                options.WillQos = (int)willQosLevel;
                options.WillRetain = willRetain;
            }

            lock (_lock)
            {
                if (_link != null || _isOpening || (_opener == null && _host == null))
                {
                    throw new InvalidOperationException("there is a connection already, or neither Init nor an opener said where to connect");
                }

                _isOpening = true;
                _closeRequested = false;
            }

            try
            {
                return AwaitConnack(Begin(OpenTransport(), options));
            }
            finally
            {
                lock (_lock)
                {
                    _isOpening = false;
                }
            }
        }

        /// <summary>
        /// Ends the connection in order: what is queued leaves first, then DISCONNECT; the broker drops the will. Blocks until it is out, at most
        /// <see cref="Limits.StopMs"/>, then the link is cut. Does nothing without a connection.
        /// </summary>
        public void Disconnect()
        {
            MqttClientAdapterLink link;
            lock (_lock)
            {
                link = _link;
                if (link == null)
                {
                    return;
                }

                _client.Disconnect();
            }

            // done by the caller, so that it also works in a handler, where the worker is busy
            long limit = _clock.NowMs + Limits.StopMs;
            while (true)
            {
                lock (_lock)
                {
                    if (!link.IsOver)
                    {
                        Poll(link);
                    }

                    if (link.IsOver || _clock.NowMs >= limit)
                    {
                        break;
                    }
                }

                _clock.Wait(link.Ended, 1);
            }

            Cut(link);
        }

        /// <summary>
        /// Cuts the link at once, without DISCONNECT: the broker publishes the will. An attempt to connect is given up. Waits, at most
        /// <see cref="Limits.StopMs"/>, for the last event, but not in a handler. Does nothing without a connection.
        /// </summary>
        public void Close()
        {
            MqttClientAdapterLink link;
            lock (_lock)
            {
                _closeRequested = true;
                link = _link;
            }

            if (link != null)
            {
                Cut(link);
            }
        }

        /// <summary>Publishes with QoS 0, not retained.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="message">Payload; null for an empty one.</param>
        /// <returns>0.</returns>
        /// <exception cref="MqttClientAdapterException">Refused; see <see cref="Publish(string, byte[], string, ArrayList, MqttQoSLevel, bool)"/>.</exception>
        public ushort Publish(string topic, byte[] message)
        {
            return Publish(topic, message, null, null, MqttQoSLevel.AtMostOnce, false);
        }

        /// <summary>Publishes with QoS 0, not retained.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="message">Payload; null for an empty one.</param>
        /// <param name="contentType">Null or empty: MQTT 3.1.1 has none.</param>
        /// <returns>0.</returns>
        /// <exception cref="NotSupportedException">There is a content type.</exception>
        /// <exception cref="MqttClientAdapterException">Refused; see <see cref="Publish(string, byte[], string, ArrayList, MqttQoSLevel, bool)"/>.</exception>
        public ushort Publish(string topic, byte[] message, string contentType)
        {
            return Publish(topic, message, contentType, null, MqttQoSLevel.AtMostOnce, false);
        }

        /// <summary>Queues a message; does not wait. With QoS 1 and 2 <see cref="MqttMsgPublished"/> tells when the broker has it.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="message">Payload; null for an empty one. Copied.</param>
        /// <param name="contentType">Null or empty: MQTT 3.1.1 has none.</param>
        /// <param name="userProperties">Null or empty: MQTT 3.1.1 has none.</param>
        /// <param name="qosLevel">QoS.</param>
        /// <param name="retain">Whether the broker keeps it.</param>
        /// <returns>The packet identifier; 0 with QoS 0.</returns>
        /// <exception cref="NotSupportedException">There is a content type or a user property.</exception>
        /// <exception cref="ArgumentException">No topic.</exception>
        /// <exception cref="MqttClientAdapterException">NotConnected, InvalidTopic, InvalidQos, BrokenRule, TooLarge or Full: nothing was queued.</exception>
        public ushort Publish(string topic, byte[] message, string contentType, ArrayList userProperties, MqttQoSLevel qosLevel, bool retain)
        {
            if (!string.IsNullOrEmpty(contentType) || (userProperties != null && userProperties.Count > 0))
            {
                throw new NotSupportedException("content type and user properties need MQTT 5; this client speaks 3.1.1");
            }

            if (topic == null)
            {
                throw new ArgumentException("no topic");
            }

            byte[] name = Bytes.FromString(topic);
            byte[] payload = message == null ? Bytes.Empty : message;
            ushort packetId;
            lock (_lock)
            {
                MqttError error = _link == null ? MqttError.NotConnected : _client.Publish(name, payload, 0, payload.Length, (int)qosLevel, retain);
                if (error != MqttError.None)
                {
                    throw Refused(error, _client.BrokenRule);
                }

                packetId = (ushort)_client.PacketId;
            }

            _wake.Set();
            return packetId;
        }

        private static bool HoldsKey(byte[] pem)
        {
            for (int at = 0; at <= pem.Length - KeyMark.Length; at++)
            {
                if (Bytes.AreEqual(pem, at, KeyMark.Length, KeyMark))
                {
                    return true;
                }
            }

            return false;
        }

        private static MqttClientAdapterException Refused(MqttError error, BrokerRule rule)
        {
            bool isRule = error == MqttError.BrokenRule || error == MqttError.InvalidTopic;
            return new MqttClientAdapterException(error, isRule ? rule : BrokerRule.None);
        }
    }
}

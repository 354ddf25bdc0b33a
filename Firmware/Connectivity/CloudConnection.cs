// Keeps the Thing connected to its broker: connect, subscribe, say online, notice every end, back off, again. Owns the MQTT client.
// What blocks is done by the connector; everything here happens in the loop's thread.
//
//   Waiting --backoff over--> Opening --transport--> Accepting --CONNACK--> Subscribing --SUBACK--> Online
//      ^----------------------------- any failure, with one line that says why -------------------------|

using System;
using Firmware.Settings;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Things;

namespace Firmware.Connectivity
{
    /// <summary>Where the connection to the cloud stands.</summary>
    public enum CloudState : byte
    {
        /// <summary>Until the backoff is over.</summary>
        Waiting = 0,

        /// <summary>The connector is at work: Wi-Fi, date, DNS, TCP, TLS.</summary>
        Opening,

        /// <summary>CONNECT is sent, CONNACK awaited.</summary>
        Accepting,

        /// <summary>SUBSCRIBE is sent, SUBACK awaited.</summary>
        Subscribing,

        /// <summary>Commands arrive, messages go out.</summary>
        Online,

        /// <summary>Saying goodbye.</summary>
        Stopping,

        /// <summary>The end: nothing is open.</summary>
        Stopped,
    }

    /// <summary>Handles messages from the cloud.</summary>
    public interface IMessageHandler
    {
        /// <summary>Topic filters to subscribe to, all used.</summary>
        byte[][] Filters { get; }

        /// <summary>Takes a message.</summary>
        /// <param name="message">A view that is valid during the call only.</param>
        /// <param name="nowMs">The time since boot.</param>
        void Handle(MqttMessage message, long nowMs);
    }

    /// <summary>The MQTT connection of the Thing.</summary>
    public sealed class CloudConnection : IFeature
    {
        private const int SubscribeFailure = 0x80;

        private readonly DeviceConfiguration _configuration;
        private readonly IConnector _connector;
        private readonly ResourceTree _resources;
        private readonly Backoff _backoff;
        private readonly MqttClient _mqtt;
        private readonly MqttConnectOptions _options = new MqttConnectOptions();
        private readonly byte[] _statusTopic;
        private IMessageHandler _handler;
        private byte[] _requestedQos;
        private CloudState _state;
        private long _deadlineMs;
        private long _onlineSinceMs;
        private bool _proven;

        /// <summary>Creates the connection; it begins with the first <see cref="Poll"/>.</summary>
        /// <param name="configuration">Names, topics and keepalive.</param>
        /// <param name="connector">Opens transports.</param>
        /// <param name="resources">Told when the cloud is lost.</param>
        /// <param name="random">The jitter of the backoff.</param>
        public CloudConnection(DeviceConfiguration configuration, IConnector connector, ResourceTree resources, Random random)
        {
            _configuration = configuration;
            _connector = connector;
            _resources = resources;
            _backoff = new Backoff(random, Limits.BackoffBaseMs, Limits.BackoffCapMs, Limits.BackoffFloorMs);
            _mqtt = new MqttClient(new byte[Limits.MqttReceive], new byte[Limits.MqttControl], new byte[Limits.MqttArena], Limits.MqttPublishes, new MqttTimeouts());
            _statusTopic = Bytes.FromString(configuration.StatusTopic);
            _options.ClientId = Bytes.FromString(configuration.ThingName);
            _options.KeepAliveSeconds = configuration.KeepAliveSeconds;
            _options.WillTopic = _statusTopic;
            _options.WillPayload = Words.Offline;
            _options.WillQos = 1;
        }

        /// <summary>Where the connection stands.</summary>
        public CloudState State
        {
            get { return _state; }
        }

        /// <summary>True if messages can be published.</summary>
        public bool IsOnline
        {
            get { return _state == CloudState.Online; }
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get
            {
                switch (_state)
                {
                    case CloudState.Waiting:
                    case CloudState.Opening:
                        return _deadlineMs;
                    case CloudState.Stopped:
                        return long.MaxValue;
                    default:
                        return _mqtt.NextDeadlineMs;
                }
            }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            // the end of Opening comes from another thread, without a deadline
            get { return _state != CloudState.Waiting && _state != CloudState.Stopped; }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return _state == CloudState.Stopped; }
        }

        /// <summary>Gives the connection its handler of messages; before the first <see cref="Poll"/>.</summary>
        /// <param name="handler">The handler, whose filters are subscribed to on every connection.</param>
        public void Attach(IMessageHandler handler)
        {
            _handler = handler;
            _requestedQos = new byte[handler.Filters.Length];
            for (int i = 0; i < _requestedQos.Length; i++)
            {
                _requestedQos[i] = 1;
            }
        }

        /// <summary>Publishes a message, not retained.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="payload">Where the payload stands; copied.</param>
        /// <param name="length">Its length in bytes, from index 0.</param>
        /// <param name="qos">0 or 1.</param>
        /// <returns>None if it was queued; NotConnected while offline, Full if too much is unacknowledged.</returns>
        public MqttError Publish(byte[] topic, byte[] payload, int length, int qos)
        {
            return IsOnline ? _mqtt.Publish(topic, payload, 0, length, qos, false) : MqttError.NotConnected;
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            switch (_state)
            {
                case CloudState.Waiting:
                    if (nowMs >= _deadlineMs)
                    {
                        Log.Info("connecting to " + _configuration.Endpoint + ":" + _configuration.Port + (_configuration.Alpn != null ? " with ALPN " + _configuration.Alpn : ""));
                        _state = CloudState.Opening;
                        _deadlineMs = nowMs + Limits.OpenMs;
                        _connector.Begin();
                    }

                    break;
                case CloudState.Opening:
                    PollConnector(nowMs);
                    break;
                case CloudState.Stopped:
                    break;
                default:
                    PollMqtt(nowMs);
                    break;
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            if (_state == CloudState.Opening)
            {
                _connector.Cancel();
            }

            if (_state == CloudState.Waiting || _state == CloudState.Opening)
            {
                _state = CloudState.Stopped;
                return;
            }

            // DISCONNECT makes the broker drop the last will, so the word is said here
            if (_state == CloudState.Online)
            {
                Publish(_statusTopic, Words.Offline, Words.Offline.Length, 1);
            }

            _state = CloudState.Stopping;
            _mqtt.Disconnect();
        }

        private void PollConnector(long nowMs)
        {
            if (!_connector.TryEnd())
            {
                if (nowMs >= _deadlineMs)
                {
                    _connector.Cancel();
                    BackOff("no connection within " + (Limits.OpenMs / 1000) + " s", nowMs);
                }

                return;
            }

            if (_connector.Transport == null)
            {
                BackOff(_connector.Failure, nowMs);
                return;
            }

            MqttError error = _mqtt.Connect(_connector.Transport, _options, nowMs);
            if (error != MqttError.None)
            {
                _connector.Transport.Close();
                BackOff("thing name and topics do not fit into Limits.MqttControl: shorten them", nowMs);
                return;
            }

            _state = CloudState.Accepting;
        }

        private void PollMqtt(long nowMs)
        {
            switch (_mqtt.Poll(nowMs))
            {
                case MqttEvent.Connected:
                    Log.Info("connected as " + _configuration.ThingName + (_mqtt.SessionPresent ? ", session resumed" : ", fresh session"));
                    _state = CloudState.Subscribing;
                    if (_mqtt.Subscribe(_handler.Filters, _requestedQos, _requestedQos.Length) != MqttError.None)
                    {
                        // without commands the Thing still tells its readings
                        Log.Warning("the topics of commands do not fit into Limits.MqttControl: shorten \"topics.commands\"");
                        EnterOnline(nowMs);
                    }

                    break;
                case MqttEvent.Subscribed:
                    CheckSubscriptions();
                    EnterOnline(nowMs);
                    break;
                case MqttEvent.MessageReceived:
                    _handler.Handle(_mqtt.Message, nowMs);
                    break;
                case MqttEvent.MessageTooLarge:
                    Log.Warning("a message of " + _mqtt.Message.PayloadLength + " bytes was skipped: the device takes packets up to " + Limits.MqttReceive + " bytes (Limits.MqttReceive)");
                    break;
                case MqttEvent.Closed:
                    HandleClosed(nowMs);
                    break;
                default:
                    break;
            }

            if (_state == CloudState.Online && !_proven && nowMs - _onlineSinceMs >= Limits.ProvenMs)
            {
                _proven = true;
                _backoff.Reset();
            }
        }

        private void CheckSubscriptions()
        {
            for (int i = 0; i < _requestedQos.Length; i++)
            {
                if (_mqtt.SubscribeResult(i) == SubscribeFailure)
                {
                    byte[] filter = _handler.Filters[i];
                    Log.Warning("the broker refused the subscription to " + System.Text.Encoding.UTF8.GetString(filter, 0, filter.Length)
                        + ": the policy of the certificate must allow iot:Subscribe and iot:Receive for it");
                }
            }
        }

        private void EnterOnline(long nowMs)
        {
            _state = CloudState.Online;
            _onlineSinceMs = nowMs;
            _proven = false;
            Publish(_statusTopic, Words.Online, Words.Online.Length, 1);
            Log.Info("online: commands on " + _configuration.CommandsTopic);
        }

        private void HandleClosed(long nowMs)
        {
            if (_state == CloudState.Stopping)
            {
                _state = CloudState.Stopped;
                Log.Info("disconnected");
                return;
            }

            bool wasAccepted = _state != CloudState.Accepting;
            if (wasAccepted)
            {
                _resources.CloudLost(nowMs);
            }

            BackOff(MqttErrorText.Explain(_mqtt.Error, _mqtt.ErrorDetail, wasAccepted), nowMs);
        }

        private void BackOff(string reason, long nowMs)
        {
            int wait = _backoff.NextMs();
            Log.Warning(reason + "; next attempt in " + (wait / 1000) + "." + (wait % 1000 / 100) + " s");
            _state = CloudState.Waiting;
            _deadlineMs = nowMs + wait;
        }
    }
}

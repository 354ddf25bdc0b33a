// Keeps the Thing connected to its broker: connect, subscribe, say online, notice every end, back off, again. Owns the MQTT client.
// What blocks is done by the connector; everything here happens in the loop's thread.
//
//   Waiting --backoff over--> Opening --transport--> Accepting --CONNACK--> Subscribing --SUBACK--> Online
//      ^----------------------------- any failure, with one line that says why -------------------------|

using System;
using Firmware.Settings;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;
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

    /// <summary>The MQTT connection of the Thing.</summary>
    public sealed class CloudConnection : IFeature
    {
        // so many connections in a row that the broker ended soon after they were online are no accident
        private const int SuspiciousEnds = 3;

        private readonly DeviceConfiguration _configuration;
        private readonly IConnector _connector;
        private readonly ResourceTree _resources;
        private readonly Backoff _backoff;
        private readonly MqttClient _mqtt;
        private readonly MqttConnectOptions _options = new MqttConnectOptions();
        private readonly byte[] _statusTopic;
        private readonly OutboxItem _item = new OutboxItem();
        private readonly byte[][] _requested;
        private readonly byte[] _requestedQos;
        private Outbox _outbox;
        private int _requestStart;
        private int _requestCount;
        private CloudState _state;
        private long _deadlineMs;
        private long _onlineSinceMs;
        private int _provenAfterMs;
        private int _shortLived;
        private bool _proven;
        private bool _statusIsDue;
        private bool _isWanted = true;

        /// <summary>Who takes which messages; filled at start-up, subscribed to on every connection.</summary>
        public MqttRouter Router { get; } = new MqttRouter(Limits.Subscriptions);

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
            _mqtt = new MqttClient(new byte[Limits.MqttReceive], new byte[Limits.MqttControl], new byte[Limits.MqttArena], Limits.MqttPublishes, Limits.MqttOpen, new MqttTimeouts());
            _mqtt.Keep(configuration.Rules);
            int batch = configuration.Rules.MaxFiltersPerSubscribe < Limits.Subscriptions ? configuration.Rules.MaxFiltersPerSubscribe : Limits.Subscriptions;
            _requested = new byte[batch][];
            _requestedQos = new byte[batch];
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

        /// <summary>Whether to connect at all; true unless a sleep cycle decides. What is connected stays so until <see cref="Stop"/>.</summary>
        public bool IsWanted
        {
            get { return _isWanted; }
            set { _isWanted = value; }
        }

        /// <summary>The last word before DISCONNECT, on the status topic.</summary>
        public byte[] Goodbye { get; set; } = Words.Offline;

        /// <summary>Its length in bytes.</summary>
        public int GoodbyeLength { get; set; } = Words.Offline.Length;

        /// <summary>True once this connection has said <c>online</c>, or at least handed it over for sending.</summary>
        public bool HasSaidOnline
        {
            get { return _state == CloudState.Online && !_statusIsDue; }
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get
            {
                switch (_state)
                {
                    case CloudState.Waiting:
                        return _isWanted ? _deadlineMs : long.MaxValue;
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

        /// <summary>Gives the connection the messages that wait; before the first <see cref="Poll"/>.</summary>
        /// <param name="outbox">Sent whenever online; emptied by the broker's acknowledgements.</param>
        public void Attach(Outbox outbox)
        {
            _outbox = outbox;
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
            if (_state == CloudState.Stopped)
            {
                _state = CloudState.Waiting;
                _deadlineMs = nowMs;
            }
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            switch (_state)
            {
                case CloudState.Waiting:
                    if (_isWanted && nowMs >= _deadlineMs)
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
                // without acknowledgement: nobody waits for it, and what is not acknowledged would be said again on the next connection
                SendStatus(Goodbye, GoodbyeLength, 0);
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
                BackOff(error == MqttError.BrokenRule
                    ? "the broker would not take this CONNECT (rule " + ((int)_mqtt.BrokenRule) + "): check \"topics.status\", \"thing\", \"keepalive\" and \"rules\""
                    : "thing name and topics do not fit into Limits.MqttControl: shorten them", nowMs);
                return;
            }

            _state = CloudState.Accepting;
        }

        private void PollMqtt(long nowMs)
        {
            switch (_mqtt.Poll(nowMs))
            {
                case MqttEvent.Connected:
                case MqttEvent.Resumed:
                    Log.Info("connected as " + _configuration.ThingName + (_mqtt.SessionPresent ? ", session resumed" : ", fresh session"));
                    _state = CloudState.Subscribing;
                    _requestStart = 0;
                    _requestCount = 0;
                    Subscribe(nowMs);
                    break;
                case MqttEvent.Subscribed:
                    CheckSubscriptions();
                    Subscribe(nowMs);
                    break;
                case MqttEvent.PublishAcknowledged:
                    _outbox.Confirm(_mqtt.PacketId);
                    break;
                case MqttEvent.MessageReceived:
                    Router.Dispatch(_mqtt.Message, nowMs);
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

            if (_state == CloudState.Online)
            {
                if (_statusIsDue)
                {
                    _statusIsDue = !SendStatus(Words.Online, Words.Online.Length, 1);
                }

                SendWaiting();
            }

            if (_state == CloudState.Online && !_proven && nowMs - _onlineSinceMs >= _provenAfterMs)
            {
                _proven = true;
                _shortLived = 0;
                _backoff.Reset();
            }
        }

        // the next filters, as many as one SUBSCRIBE may have; online when all are asked for
        private void Subscribe(long nowMs)
        {
            _requestStart += _requestCount;
            _requestCount = 0;
            while (!_configuration.HttpsPublish && _requestCount < _requested.Length && _requestStart + _requestCount < Router.Count)
            {
                _requested[_requestCount] = Router.FilterAt(_requestStart + _requestCount);
                _requestedQos[_requestCount] = (byte)Router.QosAt(_requestStart + _requestCount);
                _requestCount++;
            }

            if (_requestCount == 0)
            {
                EnterOnline(nowMs);
                return;
            }

            MqttError error = _mqtt.Subscribe(_requested, _requestedQos, _requestCount);
            if (error != MqttError.None)
            {
                // without commands the Thing still tells its readings
                Log.Warning("cannot subscribe to the topics of commands (error " + ((int)error) + ", rule " + ((int)_mqtt.BrokenRule)
                    + "): check \"topics.commands\"; its length counts against Limits.MqttControl");
                EnterOnline(nowMs);
            }
        }

        private void CheckSubscriptions()
        {
            for (int i = 0; i < _requestCount; i++)
            {
                int granted = _mqtt.SubscribeResult(i);
                Router.SetGranted(_requestStart + i, granted);
                if (granted == MqttRouter.Refused)
                {
                    byte[] filter = _requested[i];
                    Log.Warning("the broker refused the subscription to " + System.Text.Encoding.UTF8.GetString(filter, 0, filter.Length)
                        + ": the policy of the certificate must allow iot:Subscribe and iot:Receive for it");
                }
            }
        }

        private bool SendStatus(byte[] status, int length, int qos)
        {
            MqttError error = _mqtt.Publish(_statusTopic, status, 0, length, qos, false);
            if (error != MqttError.None && error != MqttError.Full)
            {
                Log.Warning("the status could not be sent (error " + ((int)error) + ", rule " + ((int)_mqtt.BrokenRule) + ")");
            }

            return error != MqttError.Full;
        }

        // hands over what waits, as far as the client takes it; the outbox keeps it until the acknowledgement
        private void SendWaiting()
        {
            while (_outbox.TryPeekUnsent(_item))
            {
                MqttError error = _mqtt.Publish(_item.Topic, _item.Buffer, _item.PayloadOffset, _item.PayloadLength, _item.Qos, _item.Retain);
                if (error == MqttError.None)
                {
                    if (!_outbox.MarkSent(_item.Token, _mqtt.PacketId))
                    {
                        // the two disagree about what is in flight: better once too often than a message published in a circle
                        Log.Warning("a message was sent that the outbox does not know; it is given up there");
                        _outbox.Remove(_item.Token);
                    }
                }
                else if (error == MqttError.Full || (error == MqttError.BrokenRule && _mqtt.BrokenRule == BrokerRule.PublishRateExceeded))
                {
                    return;
                }
                else
                {
                    _outbox.Remove(_item.Token);
                    Log.Warning("a message was given up: the broker would not take it (error " + ((int)error) + ", rule " + ((int)_mqtt.BrokenRule) + ")");
                }
            }
        }

        private void EnterOnline(long nowMs)
        {
            _state = CloudState.Online;
            _onlineSinceMs = nowMs;
            _proven = false;

            // two devices with one name end each other's connections: each must not take the pause of the other for proof
            _provenAfterMs = _backoff.LastMs * 2 > Limits.ProvenMs ? _backoff.LastMs * 2 : Limits.ProvenMs;

            // with the queue full of unacknowledged messages it must wait for room, or the last will would stay the last word
            _statusIsDue = true;
            Log.Info(_configuration.HttpsPublish ? "online: publishes only, over HTTPS" : "online: commands on " + _configuration.CommandsTopic);
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
            bool endedByPeer = _mqtt.Error == MqttError.LinkClosed || _mqtt.Error == MqttError.LinkFailed;
            if (_state == CloudState.Online && !_proven && endedByPeer)
            {
                _shortLived++;
                if (_shortLived >= SuspiciousEnds)
                {
                    Log.Warning("the broker ended " + _shortLived + " connections in a row soon after they began: another device or program uses the name "
                        + _configuration.ThingName + ", or a rule of the broker is broken each time");
                }
            }

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

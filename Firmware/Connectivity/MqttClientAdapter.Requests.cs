// SUBSCRIBE and UNSUBSCRIBE of MqttClientAdapter: MqttClient takes one at a time, M2Mqtt's users send several in a row, so they wait here.

using System;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace Firmware.Connectivity
{
    public sealed partial class MqttClientAdapter
    {
        // SUBSCRIBE and UNSUBSCRIBE: fixed header of 5 bytes at the most, packet identifier (MQTT 3.1.1, 3.8 and 3.10)
        private const int RequestHead = 7;

        private readonly MqttClientAdapterRequest[] _requests = new MqttClientAdapterRequest[MaxWaitingRequests];
        private MqttClientAdapterRequest _sentRequest;
        private int _firstRequest;
        private int _requestCount;
        private ushort _lastRequestId;

        /// <summary>Subscribes. Requests are sent one after the other; those that wait are dropped when the connection ends.</summary>
        /// <param name="topics">Topic filters, 1 or more.</param>
        /// <param name="qosLevels">The most QoS wanted for each.</param>
        /// <returns>A number that <see cref="MqttMsgSubscribed"/> will carry; the packet identifier on the wire is another.</returns>
        /// <exception cref="ArgumentException">An array is missing or empty, or their lengths differ.</exception>
        /// <exception cref="MqttClientAdapterException">Refused; Full if <see cref="MaxWaitingRequests"/> wait already.</exception>
        public ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels)
        {
            if (topics == null || qosLevels == null || topics.Length != qosLevels.Length)
            {
                throw new ArgumentException("one QoS for each topic filter");
            }

            byte[] qos = new byte[qosLevels.Length];
            for (int i = 0; i < qos.Length; i++)
            {
                if ((int)qosLevels[i] < 0 || (int)qosLevels[i] > 2)
                {
                    throw Refused(MqttError.InvalidQos, BrokerRule.None);
                }

                qos[i] = (byte)qosLevels[i];
            }

            return Enqueue(topics, qos);
        }

        /// <summary>Ends subscriptions. Otherwise as <see cref="Subscribe"/>.</summary>
        /// <param name="topics">Topic filters, 1 or more.</param>
        /// <returns>A number that <see cref="MqttMsgUnsubscribed"/> will carry; the packet identifier on the wire is another.</returns>
        /// <exception cref="ArgumentException">The array is missing.</exception>
        /// <exception cref="MqttClientAdapterException">Refused; Full if <see cref="MaxWaitingRequests"/> wait already.</exception>
        public ushort Unsubscribe(string[] topics)
        {
            if (topics == null)
            {
                throw new ArgumentException("topic filters are missing");
            }

            return Enqueue(topics, null);
        }

        // what can be known now is refused now; the rest when the request's turn comes
        private ushort Enqueue(string[] topics, byte[] qos)
        {
            MqttClientAdapterRequest request = new MqttClientAdapterRequest();
            request.Filters = new byte[topics.Length][];
            request.Qos = qos;
            int size = RequestHead;
            lock (_lock)
            {
                BrokerRule rule = _rules.CheckCounts(topics.Length, 0);
                for (int i = 0; i < topics.Length && rule == BrokerRule.None; i++)
                {
                    byte[] filter = topics[i] == null ? Bytes.Empty : Bytes.FromString(topics[i]);
                    rule = _rules.CheckSubscribe(filter, qos == null ? 0 : qos[i]);
                    request.Filters[i] = filter;
                    size += 2 + filter.Length + (qos == null ? 0 : 1);
                }

                MqttError error = rule == BrokerRule.InvalidTopic || rule == BrokerRule.NoFilters ? MqttError.InvalidTopic
                    : rule != BrokerRule.None ? MqttError.BrokenRule
                    : size > Limits.MqttControl ? MqttError.TooLarge
                    : _link == null || _client.State != MqttState.Connected ? MqttError.NotConnected
                    : _requestCount == MaxWaitingRequests ? MqttError.Full
                    : MqttError.None;
                if (error != MqttError.None)
                {
                    throw Refused(error, rule);
                }

                _lastRequestId = _lastRequestId == 65535 ? (ushort)1 : (ushort)(_lastRequestId + 1);
                request.Id = _lastRequestId;
                _requests[(_firstRequest + _requestCount) % MaxWaitingRequests] = request;
                _requestCount++;
            }

            _wake.Set();
            return request.Id;
        }

        // the next request, if none is unanswered; an event if the client refuses it for good
        private EventArgs SendRequest()
        {
            if (_sentRequest != null || _requestCount == 0)
            {
                return null;
            }

            MqttClientAdapterRequest request = _requests[_firstRequest];
            int count = request.Filters.Length;
            MqttError error = request.Qos == null ? _client.Unsubscribe(request.Filters, count) : _client.Subscribe(request.Filters, request.Qos, count);
            if (error == MqttError.Full || error == MqttError.RequestPending || error == MqttError.NotConnected)
            {
                return null;
            }

            _requests[_firstRequest] = null;
            _firstRequest = (_firstRequest + 1) % MaxWaitingRequests;
            _requestCount--;
            if (error == MqttError.None)
            {
                _sentRequest = request;
                return null;
            }

            // Enqueue has checked all but how many subscriptions the connection has
            Log.Warning("MQTT: a request was refused with error " + ((int)error).ToString() + ", rule " + ((int)_client.BrokenRule).ToString());
            MqttQoSLevel[] refused = new MqttQoSLevel[count];
            for (int i = 0; i < count; i++)
            {
                refused[i] = MqttQoSLevel.GrantedFailure;
            }

            return new MqttMsgSubscribedEventArgs(request.Id, refused);
        }

        private void ForgetRequests()
        {
            _sentRequest = null;
            _requestCount = 0;
            for (int i = 0; i < _requests.Length; i++)
            {
                _requests[i] = null;
            }
        }
    }
}

// What MqttClientAdapter raises: the client's events are views into its buffers, M2Mqtt's are objects, so this is where the heap is used.

using System;
using System.Text;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace Firmware.Connectivity
{
    public sealed partial class MqttClientAdapter
    {
        // a message larger than the receive buffer while its pieces arrive
        private string _largeTopic;
        private byte[] _large;

        // copies what the client's event points to: handlers run outside of the lock
        private EventArgs Translate(MqttEvent happened)
        {
            MqttMessage message = _client.Message;
            switch (happened)
            {
                case MqttEvent.MessageReceived:
                    byte[] payload = new byte[message.PayloadLength];
                    Array.Copy(message.Buffer, message.PayloadOffset, payload, 0, payload.Length);
                    return Received(TopicOf(message), payload);
                case MqttEvent.MessageStarted:
                    StartLarge(message);
                    return null;
                case MqttEvent.MessagePiece:
                    return TakePiece(message);
                case MqttEvent.PublishAcknowledged:
                    return new MqttMsgPublishedEventArgs((ushort)_client.PacketId, true);
                case MqttEvent.Subscribed:
                    return Subscribed();
                case MqttEvent.Unsubscribed:
                    ushort id = _sentRequest.Id;
                    _sentRequest = null;
                    return new MqttMsgUnsubscribedEventArgs(id);
                default:
                    return null;
            }
        }

        private MqttMsgSubscribedEventArgs Subscribed()
        {
            MqttQoSLevel[] granted = new MqttQoSLevel[_sentRequest.Filters.Length];
            for (int i = 0; i < granted.Length; i++)
            {
                granted[i] = (MqttQoSLevel)_client.SubscribeResult(i);
            }

            ushort id = _sentRequest.Id;
            _sentRequest = null;
            return new MqttMsgSubscribedEventArgs(id, granted);
        }

        // without AcceptPieces the client skips, acknowledges and counts the message
        private void StartLarge(MqttMessage message)
        {
            if (message.PayloadLength > MaxMessageBytes)
            {
                return;
            }

            try
            {
                _large = new byte[message.PayloadLength];
                _largeTopic = TopicOf(message);
            }
            catch (OutOfMemoryException)
            {
                _large = null;
                return;
            }

            _client.AcceptPieces();
            CopyPiece(message);
        }

        private EventArgs TakePiece(MqttMessage message)
        {
            CopyPiece(message);
            if (!message.IsLastPiece)
            {
                return null;
            }

            EventArgs received = Received(_largeTopic, _large);
            ForgetLarge();
            return received;
        }

        private void ForgetLarge()
        {
            _large = null;
            _largeTopic = null;
        }

        private void CopyPiece(MqttMessage message)
        {
            Array.Copy(message.Buffer, message.PayloadOffset, _large, message.PiecePosition, message.PieceLength);
        }

        private MqttMsgPublishEventArgs Received(string topic, byte[] payload)
        {
            MqttMessage message = _client.Message;
            return new MqttMsgPublishEventArgs(topic, payload, message.Dup, (MqttQoSLevel)message.Qos, message.Retain);
        }

        private static string TopicOf(MqttMessage message)
        {
            return Encoding.UTF8.GetString(message.Buffer, message.TopicOffset, message.TopicLength);
        }

        // a handler that throws harms nobody but those that were added after it
        private void Raise(EventArgs news)
        {
            try
            {
                if (news is MqttMsgPublishEventArgs)
                {
                    MqttMsgPublishReceived?.Invoke(this, (MqttMsgPublishEventArgs)news);
                }
                else if (news is MqttMsgPublishedEventArgs)
                {
                    MqttMsgPublished?.Invoke(this, (MqttMsgPublishedEventArgs)news);
                }
                else if (news is MqttMsgSubscribedEventArgs)
                {
                    MqttMsgSubscribed?.Invoke(this, (MqttMsgSubscribedEventArgs)news);
                }
                else
                {
                    MqttMsgUnsubscribed?.Invoke(this, (MqttMsgUnsubscribedEventArgs)news);
                }
            }
            catch (Exception e)
            {
                NoteFailure(e);
            }
        }

        private void RaiseClosed()
        {
            try
            {
                ConnectionClosed?.Invoke(this, EventArgs.Empty);
            }
            catch (Exception e)
            {
                NoteFailure(e);
            }
        }

        private void NoteFailure(Exception e)
        {
            HandlerFailures++;
            Log.Warning("MQTT: a handler of an event failed: " + e.Message);
        }
    }
}

// The judge of a connection: each packet of the client against MQTT 3.1.1 and AWS's rules, in the order in which AWS's documents name them.
// A method returns the packet that MQTTnet may see, or null if it may not; then it has warned or punished.

using System.Buffers;
using System.Text;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Firmware.Simulator.Aws;

internal sealed partial class DeviceConnection
{
    private async Task<MqttPacket?> JudgeAsync(Frame frame)
    {
        if (_connect is null)
        {
            if (frame.Type != MqttControlPacketType.Connect)
            {
                Punish(new Violation("the first packet is CONNECT [MQTT-3.1.0-1]", $"packet type {(int)frame.Type}", "Send CONNECT first."));
                return null;
            }

            return await JudgeConnectAsync((MqttConnectPacket)PacketReader.Read(frame)).ConfigureAwait(false);
        }

        RestartKeepAlive();
        if (frame.Type == MqttControlPacketType.Connect)
        {
            Punish(new Violation("CONNECT is sent once [MQTT-3.1.0-2]", "a second CONNECT", "Open a new connection to connect again."));
            return null;
        }

        MqttPacket packet = PacketReader.Read(frame);
        switch (packet)
        {
            case MqttPublishPacket publish:
                return JudgePublish(publish);
            case MqttSubscribePacket subscribe:
                return JudgeSubscribe(subscribe);
            case MqttUnsubscribePacket unsubscribe:
                foreach (string filter in unsubscribe.TopicFilters)
                {
                    _broker.RemoveFilter(ClientId, filter);
                    _broker.Emit(new ClientUnsubscribed(ClientId, filter));
                }

                return packet;
            case MqttPubAckPacket pubAck:
                pubAck.PacketIdentifier = _unacked.Acknowledge(pubAck.PacketIdentifier);
                return packet;
            case MqttDisconnectPacket:
                _disconnected = true;
                _cleanDisconnect = true;
                return packet;
            default:
                return packet;
        }
    }

    private async Task<MqttPacket?> JudgeConnectAsync(MqttConnectPacket connect)
    {
        _connect = connect;
        ClientId = connect.ClientId;
        var request = new ConnectRequest(
            ClientId, Visitor.Door, Identity, connect.CleanSession, connect.KeepAlivePeriod, connect.Username, connect.WillFlag ? connect.WillTopic : null);
        byte code = _broker.Options.ConnackOverride?.Invoke(request) ?? 0;
        if (code != 0)
        {
            await RefuseAsync(code, ConnackCodes.Reason(code), ConnackCodes.Advice(code)).ConfigureAwait(false);
            return null;
        }

        int clientIdBytes = Encoding.UTF8.GetByteCount(ClientId);
        if (clientIdBytes > AwsLimits.ClientIdBytes)
        {
            await RefuseAsync(2, $"a client id has at most {AwsLimits.ClientIdBytes} bytes of UTF-8 [AWS quotas], not {clientIdBytes}", "Shorten it.").ConfigureAwait(false);
            return null;
        }

        if (clientIdBytes == 0 && !connect.CleanSession)
        {
            await RefuseAsync(2, "an empty client id needs a clean session [MQTT-3.1.3-8]", "Name a client id.").ConfigureAwait(false);
            return null;
        }

        Violation? violation = ConnectRules.Judge(connect, _broker.Options.Rules);
        if (violation is not null)
        {
            Punish(violation);
            return null;
        }

        if (clientIdBytes == 0)
        {
            ClientId = "auto-" + Guid.NewGuid().ToString("N");
            connect.ClientId = ClientId;
        }

        await _broker.RegisterAsync(this).ConfigureAwait(false);

        // MQTTnet's own keepalive monitor and will (which it forgets at a takeover) stay off; both are done here.
        return new MqttConnectPacket { ClientId = ClientId, CleanSession = connect.CleanSession, Username = connect.Username, Password = connect.Password };
    }

    private MqttPublishPacket? JudgePublish(MqttPublishPacket publish)
    {
        if (!_rate.Admits(out bool first))
        {
            if (first)
            {
                Warn(
                    new Violation($"a connection publishes at most {AwsLimits.PublishesPerSecond} messages a second, more are discarded [AWS quotas]", "more", "Publish less often."),
                    RuleConsequence.Ignored);
            }

            return null;
        }

        if (publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce)
        {
            Warn(
                new Violation("a PUBLISH with QoS 2 gets no answer [AWS MQTT differences]", $"QoS 2 on {publish.Topic}", "Publish with QoS 0 or 1."),
                RuleConsequence.Ignored);
            return null;
        }

        Violation? violation = TopicRules.JudgeTopic(publish.Topic)
            ?? ConnectRules.JudgePayload(publish.Payload.Length, "payload")
            ?? ConnectRules.JudgeRetain(publish.Retain, publish.Topic, _broker.Options.Rules);
        if (violation is not null)
        {
            Punish(violation);
            return null;
        }

        _broker.EmitPublished(ClientId, "client", publish.Topic, (int)publish.QualityOfServiceLevel, publish.Retain, publish.Payload.ToArray());
        return publish;
    }

    private MqttSubscribePacket? JudgeSubscribe(MqttSubscribePacket subscribe)
    {
        List<MqttTopicFilter> filters = subscribe.TopicFilters;
        Violation? violation = filters.Count > AwsLimits.FiltersPerSubscribe
            ? new Violation($"a SUBSCRIBE has at most {AwsLimits.FiltersPerSubscribe} topic filters [AWS quotas]", $"{filters.Count}", "Split it.")
            : filters.Select(f => TopicRules.JudgeFilter(f.Topic)).FirstOrDefault(v => v is not null);
        if (violation is not null)
        {
            Punish(violation);
            return null;
        }

        if (filters.Any(f => f.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce))
        {
            Warn(
                new Violation("a SUBSCRIBE with QoS 2 gets no SUBACK [AWS MQTT differences]", $"QoS 2 for {filters[0].Topic}", "Subscribe with QoS 0 or 1."),
                RuleConsequence.Ignored);
            return null;
        }

        if (!_broker.TryAddFilters(ClientId, filters.Select(f => f.Topic)))
        {
            Punish(new Violation(
                $"a connection has at most {AwsLimits.FiltersPerConnection} subscriptions [AWS quotas]", "more", "Use wildcards or unsubscribe first."));
            return null;
        }

        _pendingSubscribes[subscribe.PacketIdentifier] = new PendingSubscribe(filters);
        return subscribe;
    }
}

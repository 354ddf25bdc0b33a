// What may be lost, repeated or reordered, and what may not (MQTT 3.1.1, 4.3 and 4.6). Messages of a topic are numbered from 1 without gaps
// and a topic has one QoS, so that one number per topic tells loss, repeat and order at once, and memory stays constant.

namespace Firmware.Simulator.Campaigns;

/// <summary>Follows every message of both directions from acceptance to delivery.</summary>
internal sealed class DeliveryOracle
{
    private readonly Flow[] _up = Flows();
    private readonly Flow[] _down = Flows();

    internal long Accepted { get; private set; }

    internal long DeliveredUp { get; private set; }

    internal long DeliveredDown { get; private set; }

    internal long RepeatsUp { get; private set; }

    internal long RepeatsDown { get; private set; }

    // QoS 2 messages that were in flight when the broker forgot its sessions: exactly once is not claimed for them
    internal long Excused { get; private set; }

    internal int NextUp(int topic) => _up[topic].Sent + 1;

    // the client took a message
    internal void AcceptUp(int topic)
    {
        _up[topic].Sent++;
        Accepted++;
    }

    // the broker has a PUBLISH for the first time, or again
    internal void ReceiveUp(int topic, int sequence) => _up[topic].Received = Math.Max(_up[topic].Received, sequence);

    // the broker hands a message on
    internal void DeliverUp(int topic, int sequence)
    {
        ref Flow flow = ref _up[topic];
        if (sequence > flow.Sent)
        {
            throw new CampaignViolation($"device to broker, topic {topic}: message {sequence} was delivered but never accepted");
        }

        if (!Deliver(ref flow, MessageContent.QosOf(topic), topic, sequence, "device to broker"))
        {
            RepeatsUp++;
            return;
        }

        DeliveredUp++;
    }

    // the client says that a message has been delivered
    internal void AcknowledgeUp(int topic, int sequence)
    {
        ref Flow flow = ref _up[topic];
        if (sequence > flow.Delivered && !flow.IsExcused(sequence))
        {
            throw new CampaignViolation($"device to broker, topic {topic}: message {sequence} was reported as acknowledged, but the broker has delivered only up to {flow.Delivered}");
        }
    }

    // the broker queues a message for the device
    internal int SendDown(int topic) => ++_down[topic].Sent;

    // the device has the whole message, or the report that it was too large; true the first time
    internal bool DeliverDown(int topic, int sequence)
    {
        ref Flow flow = ref _down[topic];
        if (sequence > flow.Sent)
        {
            throw new CampaignViolation($"broker to device, topic {topic}: message {sequence} was delivered but never sent");
        }

        if (!Deliver(ref flow, MessageContent.QosOf(topic), topic, sequence, "broker to device"))
        {
            RepeatsDown++;
            return false;
        }

        DeliveredDown++;
        return true;
    }

    // the broker loses its sessions; oldestUnacknowledged per topic is what the device still holds
    internal void Forget(ReadOnlySpan<int> oldestUnacknowledged)
    {
        for (int topic = 0; topic < MessageContent.Topics; topic++)
        {
            ref Flow up = ref _up[topic];
            if (MessageContent.QosOf(topic) == 2 && oldestUnacknowledged[topic] <= up.Received)
            {
                // together with those that an earlier loss took before any later one was delivered
                int from = oldestUnacknowledged[topic];
                Excused += up.Received - Math.Max(from, up.ExcusedTo + 1) + 1;
                up.ExcusedFrom = up.ExcusedTo > up.Delivered ? Math.Min(up.ExcusedFrom, from) : from;
                up.ExcusedTo = up.Received;
            }

            // what was queued for the device is gone; it may have arrived, but never comes twice
            ref Flow down = ref _down[topic];
            down.ExcusedFrom = down.Delivered + 1;
            down.ExcusedTo = down.Sent;
        }
    }

    // after the fault-free end: nothing may be on its way any more
    internal void CheckEnd()
    {
        for (int topic = 0; topic < MessageContent.Topics; topic++)
        {
            CheckEnd(ref _up[topic], topic, "device to broker");
            CheckEnd(ref _down[topic], topic, "broker to device");
        }
    }

    private static void CheckEnd(ref Flow flow, int topic, string direction)
    {
        if (MessageContent.QosOf(topic) > 0 && flow.Delivered < flow.Sent && !flow.AreExcused(flow.Delivered + 1, flow.Sent))
        {
            throw new CampaignViolation($"{direction}, topic {topic}, QoS {MessageContent.QosOf(topic)}: {flow.Sent} messages were sent, but at the end the last delivered is {flow.Delivered}: lost");
        }
    }

    // false for a repeat that is allowed
    private static bool Deliver(ref Flow flow, int qos, int topic, int sequence, string direction)
    {
        if (sequence <= flow.Delivered)
        {
            if (qos == 1 || (qos == 2 && direction[0] == 'd' && flow.IsExcused(sequence)))
            {
                return false;
            }

            throw new CampaignViolation(qos == 2
                ? $"{direction}, topic {topic}, QoS 2: message {sequence} was delivered again, or out of order, after {flow.Delivered}"
                : $"{direction}, topic {topic}, QoS 0: message {sequence} came again or out of order, after {flow.Delivered}");
        }

        if (qos > 0 && sequence > flow.Delivered + 1 && !flow.AreExcused(flow.Delivered + 1, sequence - 1))
        {
            throw new CampaignViolation($"{direction}, topic {topic}, QoS {qos}: message {sequence} follows {flow.Delivered}: what is between was lost or overtaken");
        }

        flow.Delivered = sequence;
        return true;
    }

    private static Flow[] Flows() => new Flow[MessageContent.Topics];

    private struct Flow
    {
        internal int Sent;
        internal int Received;
        internal int Delivered;
        internal int ExcusedFrom;
        internal int ExcusedTo;

        internal readonly bool IsExcused(int sequence) => sequence >= ExcusedFrom && sequence <= ExcusedTo;

        internal readonly bool AreExcused(int from, int to) => from >= ExcusedFrom && to <= ExcusedTo;
    }
}

// The session state that MQTT 3.1.1, 3.1.2.4 lists for a server: subscriptions, what is queued and in flight towards the client, and the QoS 2
// messages from the client that are not completely acknowledged.

using System.Collections;

namespace Firmware.Simulator.Campaigns;

/// <summary>What the model broker keeps of its client between connections.</summary>
internal sealed class BrokerSession
{
    internal bool IsSubscribed { get; set; }

    // The client has answered since CONNACK. A session that was begun with a CONNACK that never arrived would be told as resumed by the next one,
    // and the client could not know that the earlier one is gone: MQTT 3.1.1 has no remedy, so the model does not do it.
    internal bool IsConfirmed { get; set; }

    // not yet sent
    internal LinkedList<Outgoing> Queue { get; } = new();

    // in the order of the first sending
    internal List<Outgoing> InFlight { get; } = [];

    // QoS 2 from the client: PUBREC was or will be sent, PUBREL has not come; topic and sequence
    internal Dictionary<int, (int Topic, int Sequence)> Incoming { get; } = [];

    // identifiers that QoS 2 messages ever had in this session: PUBREL may come again for them
    internal BitArray Seen { get; } = new(65536);

    internal int LastPacketId { get; set; }

    internal bool IsInUse(int packetId)
    {
        foreach (Outgoing message in InFlight)
        {
            if (message.PacketId == packetId)
            {
                return true;
            }
        }

        return false;
    }

    internal Outgoing? Find(int packetId)
    {
        foreach (Outgoing message in InFlight)
        {
            if (message.PacketId == packetId)
            {
                return message;
            }
        }

        return null;
    }

    /// <summary>A message towards the client.</summary>
    internal sealed class Outgoing
    {
        internal required int Topic { get; init; }

        internal required int Sequence { get; init; }

        internal required int Length { get; init; }

        internal int Qos => MessageContent.QosOf(Topic);

        internal int PacketId { get; set; }

        // PUBREC has come: PUBREL is what is sent from now on
        internal bool IsReleased { get; set; }

        // to be sent on this connection
        internal bool IsDue { get; set; }

        internal bool WasSent { get; set; }
    }
}

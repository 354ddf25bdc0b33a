// One connection as the model broker sees it: what has arrived, what is owed, what the client still has to answer.

namespace Firmware.Simulator.Campaigns;

/// <summary>Where a connection stands.</summary>
internal enum BrokerConnectionState : byte
{
    Closed,
    AwaitsConnect,

    // CONNECT is in, CONNACK not yet out
    Connecting,
    Connected,

    // refused: closes behind CONNACK
    Refused,
}

/// <summary>The broker's end of a link. Reused with it.</summary>
internal sealed class BrokerConnection
{
    internal BrokerConnection(SimulatedLink link) => Link = link;

    internal SimulatedLink Link { get; }

    internal BrokerConnectionState State { get; set; }

    internal byte[] In { get; } = new byte[8192];

    internal int InCount { get; set; }

    internal long LastPacketMs { get; set; }

    internal int KeepAliveMs { get; set; }

    internal bool SessionPresent { get; set; }

    // the number of the last message that was published on this connection, over all topics
    internal long LastOrder { get; set; }

    // what is owed, in order
    internal Queue<Answer> Answers { get; } = new();

    // what the client owes, in the order in which it is due [MQTT-4.6.0-2], [MQTT-4.6.0-3]; the value tells the message for PUBACK
    internal Queue<(int PacketId, int Topic, int Sequence)> AwaitedPubacks { get; } = new();

    internal Queue<int> AwaitedPubrecs { get; } = new();

    internal Queue<int> AwaitedPubcomps { get; } = new();

    // PUBREC was sent for them on this connection: PUBREL is due in this order [MQTT-4.6.0-4]
    internal Queue<int> AwaitedPubrels { get; } = new();

    internal void Open(long nowMs)
    {
        State = BrokerConnectionState.AwaitsConnect;
        InCount = 0;
        LastPacketMs = nowMs;
        KeepAliveMs = 0;
        LastOrder = 0;
        SessionPresent = false;
        Answers.Clear();
        AwaitedPubacks.Clear();
        AwaitedPubrecs.Clear();
        AwaitedPubcomps.Clear();
        AwaitedPubrels.Clear();
    }

    internal readonly record struct Answer(long AtMs, int Type, int Value, int Codes, byte Code);
}

// What one seed draws: sizes and limits of the device, character of the link and of the broker, kinds and frequency of faults.

using Firmware.Protocols.Mqtt;

namespace Firmware.Simulator.Campaigns;

/// <summary>The fixed conditions of one simulated world. Times in milliseconds, chances in parts of a thousand.</summary>
internal sealed class Conditions
{
    private static readonly int[] ReceiveSizes = [128, 160, 256, 512, 1024];

    internal Conditions(long seed)
    {
        SeededRandom random = new(seed);
        Seed = seed;
        ReceiveBuffer = ReceiveSizes[random.Next(ReceiveSizes.Length)];
        ControlBuffer = random.Chance(500) ? random.Between(24, 40) : random.Between(40, 128);
        Arena = random.Between(128, 2048);
        MaxPublishes = random.Between(1, 16);
        MaxOpen = random.Between(1, 20);
        KeepAliveSeconds = random.Between(8, 60);
        LoopLatencyMs = random.Chance(500) ? 0 : random.Between(1, 100);
        CleanSession = random.Chance(50);

        // shorter than the keepalive: the client sends nothing while it waits
        Timeouts.ConnackMs = Math.Min(random.Between(3000, 15000), KeepAliveSeconds * 700);
        Timeouts.PingrespMs = Math.Min(random.Between(2000, 10000), KeepAliveSeconds * 500);
        Timeouts.AcknowledgementMs = random.Between(5000, 30000);
        Timeouts.WriteMs = random.Between(5000, 30000);
        Timeouts.PacketMs = random.Between(5000, 30000);
        Timeouts.PingLeadMs = random.Between(1000, 5000);
        BackoffCapMs = random.Between(2000, 30000);
        DevicePublishMs = random.Between(50, 3000);
        DisconnectChance = random.Chance(300) ? 5 : 0;

        LatencyMs = random.Between(1, 300);
        JitterMs = random.Between(0, 500);
        SendBuffer = random.Between(64, 4096);
        PieceSize = random.Next(8) switch { 0 => 1, 1 or 2 => random.Between(2, 9), 3 or 4 => random.Between(10, 100), _ => 4096 };
        ShortCallChance = random.Chance(500) ? random.Between(50, 700) : 0;
        FaultEveryMs = random.Between(2000, 60000);

        InFlightLimit = random.Between(1, MaxOpen);
        DeliverOnRelease = random.Chance(500);
        PacketIds = (PacketIdOrder)random.Next(3);
        BrokerPublishMs = random.Between(50, 3000);
        LargeChance = random.Chance(500) ? random.Between(5, 200) : 0;
        SlowChance = random.Chance(500) ? random.Between(5, 200) : 0;
        SlowestMs = random.Between(100, 40000);
        DuplicateChance = random.Chance(500) ? random.Between(5, 200) : 0;
        RepeatChance = random.Chance(500) ? random.Between(5, 200) : 0;
        RefuseChance = random.Chance(300) ? random.Between(50, 300) : 0;
        RefuseFilterChance = random.Chance(200) ? random.Between(50, 300) : 0;
        ForgetChance = random.Chance(400) ? random.Between(50, 500) : 0;
        ActiveMs = random.Between(60_000, 400_000);
    }

    internal enum PacketIdOrder
    {
        LowestFree,
        Ascending,
        Scattered,
    }

    internal long Seed { get; }

    internal int ReceiveBuffer { get; }

    internal int ControlBuffer { get; }

    internal int Arena { get; }

    internal int MaxPublishes { get; }

    internal int MaxOpen { get; }

    internal int KeepAliveSeconds { get; }

    // from the moment when the client wants to be called until it is
    internal int LoopLatencyMs { get; set; }

    internal bool CleanSession { get; }

    internal MqttTimeouts Timeouts { get; } = new();

    internal int BackoffCapMs { get; }

    internal int DevicePublishMs { get; }

    // that the device ends a connection in order, at each of its publish times
    internal int DisconnectChance { get; }

    internal int LatencyMs { get; }

    internal int JitterMs { get; }

    // what the link takes from the device before the peer has it, bytes
    internal int SendBuffer { get; }

    // the largest piece that travels at once, bytes
    internal int PieceSize { get; }

    // that a call of Read or Write gets less than there is
    internal int ShortCallChance { get; }

    internal int FaultEveryMs { get; set; }

    // unacknowledged messages towards the device
    internal int InFlightLimit { get; }

    // MQTT 3.1.1 figure 4.3: method A hands a QoS 2 message on with PUBLISH, method B with PUBREL
    internal bool DeliverOnRelease { get; }

    internal PacketIdOrder PacketIds { get; }

    internal int BrokerPublishMs { get; }

    // that a message is larger than the device's buffer
    internal int LargeChance { get; }

    internal int SlowChance { get; }

    internal int SlowestMs { get; }

    // that an acknowledgement is sent twice
    internal int DuplicateChance { get; }

    // that a QoS 1 message is sent again though nothing is wrong, as AWS does
    internal int RepeatChance { get; }

    internal int RefuseChance { get; }

    internal int RefuseFilterChance { get; }

    // that a restart of the broker loses the sessions
    internal int ForgetChance { get; }

    internal int ActiveMs { get; set; }
}

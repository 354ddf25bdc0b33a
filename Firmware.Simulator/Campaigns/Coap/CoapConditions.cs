// What one seed draws for a CoAP world: capacities of the server, character of the link, habits of the clients.

using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Campaigns;

/// <summary>The fixed conditions of one simulated CoAP world. Times in milliseconds, chances in parts of a thousand.</summary>
internal sealed class CoapConditions
{
    private static readonly int[] MessageSizes = [192, 256, 400, 640, 1152];

    internal CoapConditions(long seed)
    {
        SeededRandom random = new(seed ^ 0x0C0A_9000);
        Seed = seed;
        MaxMessage = MessageSizes[random.Next(MessageSizes.Length)];
        Exchanges = random.Between(4, 32);
        ReplyBytes = MaxMessage * random.Between(1, 4);
        Spent = random.Between(16, 96);
        Transmissions = random.Between(1, 4);
        Options.Observers = random.Between(1, 12);
        Options.Deferred = random.Between(1, 6);
        Options.DeferredBytes = random.Between(48, 128);
        Options.Transfers = random.Between(1, 4);
        Options.TransferBytes = random.Between(64, 512);
        Options.ProvedPeers = random.Between(1, 8);
        Options.EchoKey = new byte[16];
        random.NextBytes(Options.EchoKey);

        Parameters.DatagramsPerPoll = random.Between(1, 8);
        Parameters.NotificationsPerConfirmation = random.Between(1, 10);
        Parameters.NotificationGapMs = random.Between(100, 5000);
        Parameters.ConfirmationMs = random.Between(20_000, 600_000);
        Parameters.NotificationMaxAgeSeconds = random.Between(60, 100);
        Parameters.ProvesChanges = random.Chance(150);
        LoopLatencyMs = random.Chance(500) ? 0 : random.Between(1, 60);

        Clients = random.Between(1, 5);
        OperationEveryMs = random.Between(300, 4000);
        ChangeEveryMs = random.Between(500, 8000);
        ConfirmsNotifications = random.Chance(200);
        HostileEveryMs = random.Chance(600) ? random.Between(50, 3000) : 0;
        BurstSize = random.Chance(200) ? random.Between(10, 100) : random.Between(1, 4);
        LeaveChance = random.Chance(300) ? 10 : 0;

        LatencyMs = random.Between(1, 150);
        JitterMs = random.Between(0, 400);
        bool isHard = random.Chance(200);
        LossChance = isHard ? 300 : random.Chance(700) ? random.Between(10, 200) : 0;
        DuplicateChance = random.Chance(700) ? random.Between(10, 200) : 0;
        DelayChance = random.Chance(500) ? random.Between(5, 50) : 0;
        LongestDelayMs = random.Between(1000, 40_000);
        ActiveMs = random.Between(30_000, 150_000);
    }

    internal long Seed { get; }

    internal int MaxMessage { get; }

    internal int Exchanges { get; }

    internal int ReplyBytes { get; }

    internal int Spent { get; }

    internal int Transmissions { get; }

    internal CoapServerOptions Options { get; } = new();

    internal CoapParameters Parameters { get; } = new();

    // from the moment when the endpoint wants to be called until it is
    internal int LoopLatencyMs { get; set; }

    internal int Clients { get; set; }

    internal int OperationEveryMs { get; set; }

    // of the resources by themselves
    internal int ChangeEveryMs { get; set; }

    internal bool ConfirmsNotifications { get; }

    // 0: no hostile client
    internal int HostileEveryMs { get; set; }

    internal int BurstSize { get; }

    // that a client goes away without a word, at each of its operations
    internal int LeaveChance { get; set; }

    internal int LatencyMs { get; }

    internal int JitterMs { get; }

    internal int LossChance { get; }

    internal int DuplicateChance { get; }

    // that a datagram takes much longer than the others
    internal int DelayChance { get; }

    internal int LongestDelayMs { get; }

    internal int ActiveMs { get; }
}

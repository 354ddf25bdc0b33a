// What a seed decides of a sleeping Thing's world: its configuration and how rough the month will be.

namespace Firmware.Simulator.Campaigns;

/// <summary>The conditions of one seed.</summary>
internal sealed class SleepConditions
{
    internal const long MinuteMs = 60_000;
    internal const long HourMs = 60 * MinuteMs;
    internal const long DayMs = 24 * HourMs;

    internal SleepConditions(long seed)
    {
        SeededRandom random = new(seed);
        Seed = seed;
        SenseSeconds = 60 * random.Between(5, 60);
        SensesPerConnect = random.Between(1, 12);
        ListenSeconds = random.Between(1, 20);
        BudgetSeconds = random.Between(20, 120);
        ToasterMaxSeconds = random.Between(30, 300);
        KeepAliveSeconds = random.Between(30, 300);
        IsLight = random.Chance(250);
        HasCoap = random.Chance(500);
        HasBmp280 = random.Chance(500);
        HasStatusLed = random.Chance(500);
    }

    internal long Seed { get; }

    internal long ActiveMs { get; init; } = 30 * DayMs;

    internal int SenseSeconds { get; }

    internal int SensesPerConnect { get; }

    internal int ListenSeconds { get; }

    internal int BudgetSeconds { get; }

    internal int ToasterMaxSeconds { get; }

    internal int KeepAliveSeconds { get; }

    internal bool IsLight { get; }

    internal bool HasCoap { get; }

    internal bool HasBmp280 { get; }

    internal bool HasStatusLed { get; }

    // mean times between two faults of a kind
    internal int CutEveryMs { get; init; } = (int)(2 * DayMs);

    internal int AccessPointOutageEveryMs { get; init; } = (int)(5 * DayMs);

    internal int BrokerOutageEveryMs { get; init; } = (int)(4 * DayMs);

    internal int LowBatteryEveryMs { get; init; } = (int)(7 * DayMs);

    internal int PressEveryMs { get; init; } = (int)(10 * HourMs);

    // per mille: of writes, of connections, of toasts
    internal int CutInWrite { get; init; } = 8;

    internal int CutInConnect { get; init; } = 15;

    internal int CutInToast { get; init; } = 100;

    internal int LinkLoss { get; init; } = 60;

    // device.json as a user would write it; the sabotages change what the firmware gets, not what the oracle expects
    internal string Json(Sabotage sabotage)
    {
        int connectSeconds = SenseSeconds * SensesPerConnect * (sabotage == Sabotage.SleepConnectsSeldom ? 2 : 1);
        int budgetSeconds = sabotage == Sabotage.SleepIgnoresBudget ? Math.Min(300, BudgetSeconds * 5) : BudgetSeconds;
        return $$"""
            {"thing":"{{SleepWorld.Thing}}","endpoint":"memory","keepalive":{{KeepAliveSeconds}},
             "toaster":{"maxSeconds":{{ToasterMaxSeconds}},"restSeconds":0},
             "pins":{"statusLed":{{(HasStatusLed ? 13 : -1)}}},"parts":{"bmp280":{{(HasBmp280 ? "true" : "false")}}},
             "coap":{"enabled":{{(HasCoap ? "true" : "false")}}},
             "sleep":{"policy":"{{(IsLight ? "light" : "deep")}}","senseSeconds":{{SenseSeconds}},"connectSeconds":{{connectSeconds}},
                      "listenSeconds":{{ListenSeconds}},"budgetSeconds":{{budgetSeconds}}} }
            """;
    }
}

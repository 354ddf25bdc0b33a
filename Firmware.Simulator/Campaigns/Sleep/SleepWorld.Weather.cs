// What goes wrong in a sleeping Thing's world: power cuts (at any time, inside a write, a connect, a toast), an access point and a broker that go away,
// links that break, a battery that gets low, a time server that errs; and people who ring the doorbell and send commands.

using Firmware.Simulator.Board;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class SleepWorld
{
    private const int NormalMilliVolts = 3900;
    private const int LowMilliVolts = 3300;

    private bool _hasEnded;
    private bool _isApDown;
    private BrokerTrouble _brokerTrouble;

    private enum BrokerTrouble
    {
        None,
        Refuses,
        Vanished,
        Busy,
        Slow,
    }

    private bool IsTroubled => _isApDown || _brokerTrouble != BrokerTrouble.None;

    /// <summary>How an attempt to connect goes: after how long, -1 for never, and with which failure.</summary>
    internal (int AfterMs, string? Failure) Attempt()
    {
        if (_random.Chance(_conditions.CutInConnect))
        {
            Later(_random.Next(10_000), () => Cut("power cut during a connect"));
        }

        if (_isApDown)
        {
            return _random.Chance(300) ? (-1, null) : (_random.Between(3000, 40_000), "no Wi-Fi network");
        }

        if (_brokerTrouble == BrokerTrouble.Refuses)
        {
            return (_random.Between(500, 3000), "refused");
        }

        if (!_hasEnded && _random.Chance(15))
        {
            Trouble("the attempt hangs");
            return (-1, null);
        }

        return !_hasEnded && _random.Chance(20) ? (_random.Between(1000, 9000), "no address") : (_random.Between(600, 6000), null);
    }

    /// <summary>Whether the network is still there at the end of an attempt.</summary>
    internal bool Opens() => !_isApDown && _brokerTrouble != BrokerTrouble.Refuses;

    /// <summary>A link is open.</summary>
    internal void Opened(int link)
    {
        _link = link;
        _hadLink = true;
        _numbers.Clear();
        Note("connections");
        Broker.RoundTripMs = _brokerTrouble == BrokerTrouble.Slow ? _random.Between(3000, 90_000) : _random.Between(20, 800);
        Broker.Acknowledges = _sabotage != Sabotage.SleepEatsAcknowledgements || !_random.Chance(50);
        if (_time.UtcNow.Year < 2025 || _random.Chance(500))
        {
            SetClock();
        }

        if (_random.Chance(100))
        {
            Later(_random.Next(10_000), () => OnLink(link, SetClock));
        }

        if (_random.Chance(_conditions.LinkLoss))
        {
            Later(_random.Next(12_000), () => OnLink(link, () => Break(_random.Chance(500), "links broken")));
        }
    }

    private void BeginWeather()
    {
        Every(_conditions.CutEveryMs, () => Cut("power cuts at any time"));
        Every(_conditions.AccessPointOutageEveryMs, () =>
        {
            Note("access point outages");
            _isApDown = true;
            Break(byBroker: false, "links broken by the access point");
            Trouble("the access point is down");
            Later(Outage(), () => _isApDown = false);
        });
        Every(_conditions.BrokerOutageEveryMs, BrokerOutage);
        Every(_conditions.LowBatteryEveryMs, () =>
        {
            Note("low batteries");
            _board.Environment.BatteryMilliVolts = LowMilliVolts;
            Later(_random.Wait((int)SleepConditions.DayMs), () => _board.Environment.BatteryMilliVolts = NormalMilliVolts);
        });
        Every(_conditions.PressEveryMs, () => Press(_random.Chance(50) ? _random.Between(1000, 15_000) : _random.Between(80, 600)));
    }

    private void EndWeather()
    {
        if (_violation is not null)
        {
            return;
        }

        _hasEnded = true;
        _isApDown = false;
        EndBrokerTrouble();
        _board.Environment.BatteryMilliVolts = NormalMilliVolts;
        if (_board.State == BoardState.Off)
        {
            RestorePower();
        }

        // connects at once, whatever the schedule says
        _time.After(SleepConditions.MinuteMs, () => Press(300));
        _time.After(RecoveryMs / 2, () =>
        {
            _last = _readings.Highest;
            Press(300);
        });
    }

    private void BrokerOutage()
    {
        if (_brokerTrouble != BrokerTrouble.None)
        {
            return;
        }

        _brokerTrouble = (BrokerTrouble)_random.Between((int)BrokerTrouble.Refuses, (int)BrokerTrouble.Slow);
        Note("broker outages");
        Log.Note(NowMs, "  of kind {0}", (long)_brokerTrouble);
        Trouble("the broker is in trouble");
        switch (_brokerTrouble)
        {
            case BrokerTrouble.Refuses:
                Break(byBroker: true, "links broken by the broker");
                break;
            case BrokerTrouble.Vanished:
                Broker.IsGone = true;
                break;
            case BrokerTrouble.Busy:
                Broker.ConnackCode = 3;
                break;
            default:
                Broker.RoundTripMs = _random.Between(3000, 90_000);
                break;
        }

        Later(Outage() / 2, EndBrokerTrouble);
    }

    private void EndBrokerTrouble()
    {
        if (_brokerTrouble == BrokerTrouble.Vanished)
        {
            // what was sent meanwhile is lost, so no link can go on
            Broker.IsGone = false;
            Break(byBroker: true, "links broken by the broker");
        }

        _brokerTrouble = BrokerTrouble.None;
        Broker.ConnackCode = 0;
    }

    private void Break(bool byBroker, string what)
    {
        if (_connector.OpenLink == 0)
        {
            return;
        }

        Note(what);
        Trouble("the link broke");
        _excusedWills += Broker.HasWill ? 1 : 0;
        if (byBroker)
        {
            _connector.Drop();
        }
        else
        {
            _connector.Lose();
        }
    }

    private void Cut(string what)
    {
        if (_board.State == BoardState.Off)
        {
            return;
        }

        Note(what);
        PowerEnds();
        _board.CutPower();
        int offMs = _random.Chance(500) ? _random.Between(1000, 60_000) : _random.Chance(800) ? _random.Wait((int)(2 * SleepConditions.HourMs)) : _random.Wait((int)SleepConditions.DayMs);
        _time.After(offMs, RestorePower);
    }

    private void RestorePower()
    {
        if (_board.State == BoardState.Off && _violation is null)
        {
            Note("boots after a power cut");
            _board.RestorePower();
        }
    }

    private void BeforeWrite(string name, ReadOnlyMemory<byte> content)
    {
        if (!_hasEnded && _random.Chance(_conditions.CutInWrite))
        {
            TornFile leaves = (TornFile)_random.Next(4);
            _torn = (name, content.ToArray());
            _storage.NextWrite = new WriteCut(_random.Next(content.Length + 1), leaves);
        }
    }

    private void CutInWrite()
    {
        (string name, byte[] content) = _torn;
        if (_sabotage == Sabotage.SleepTearsBothSlots)
        {
            _storage.Put("outbox.0", []);
            _storage.Put("outbox.1", []);
        }
        else if (_storage.Peek(name).Span.SequenceEqual(content))
        {
            Guard(() => Saved(name));
        }

        Cut("power cuts inside a write");
    }

    private void Press(int holdMs)
    {
        Note("presses of the doorbell");
        _pressedMs = NowMs;
        _heldMs = holdMs;
        _presses++;
        _board.PressButton(ButtonPin, holdMs);
    }

    // who sees the Thing come online sends it something now and then
    private void SendCommands(int link)
    {
        int commands = _hasEnded || !_random.Chance(250) ? 0 : _random.Between(1, 3);
        for (int i = 0; i < commands; i++)
        {
            int kind = _random.Next(10);
            int seconds = _random.Between(5, 320);
            int afterMs = _random.Next(_conditions.ListenSeconds * 1200);
            Later(afterMs, () => OnLink(link, () => Command(link, kind, seconds)));
        }

        if (_sabotage == Sabotage.SleepForgesToast && _random.Chance(50))
        {
            Later(1000, () => OnLink(link, () => Broker.Send(Commands, """{"toaster":"on","seconds":10}""")));
        }
    }

    private void Command(int link, int kind, int seconds)
    {
        Note("commands");
        _commands++;
        if (kind < 5)
        {
            Broker.Send(Commands, kind < 3 ? """{"led":"toggle"}""" : """{"light":40}""");
            return;
        }

        Log.Note(NowMs, "  a toast of {0} s", seconds);
        Broker.Send(Commands, $$"""{"toaster":"on","seconds":{{seconds}}}""");
        if (seconds > _conditions.ToasterMaxSeconds)
        {
            return;
        }

        _toastAllowedMs = NowMs;
        _toastSeconds = seconds;
        _toastCommands++;
        if (_random.Chance(_conditions.CutInToast))
        {
            Later(_random.Next(seconds * 1000), () => Cut("power cuts during a toast"));
        }
        else if (_random.Chance(_conditions.CutInToast))
        {
            Later(_random.Next(seconds * 1000), () => OnLink(link, () => Break(byBroker: false, "links broken during a toast")));
        }
    }

    private void SetClock()
    {
        bool wasRight = _time.UtcNow.Year >= 2025;
        long rightMs = UtcAtZeroMs + NowMs;
        long errorMs = _random.Chance(20) ? _random.Between(-40, 40) * SleepConditions.HourMs : _random.Chance(100) ? _random.Between(-120_000, 120_000) : _random.Between(-1500, 1500);
        DateTime utc = DateTime.UnixEpoch.AddMilliseconds(rightMs + errorMs);
        long jumpMs = (long)(utc - _time.UtcNow).TotalMilliseconds;
        Note(Math.Abs(jumpMs) > 2000 ? "jumps of the clock" : "corrections of the clock");
        Log.Note(NowMs, "  by {0} ms", jumpMs);
        _plan.ClockSet(jumpMs, wasRight, NowMs);
        _time.SetUtc(utc);
    }

    private int Outage() => _random.Chance(600) ? _random.Wait(30 * (int)SleepConditions.MinuteMs) : _random.Wait((int)SleepConditions.DayMs);

    private void OnLink(int link, Action action)
    {
        if (_connector.OpenLink == link)
        {
            action();
        }
    }

    private void Later(long afterMs, Action action) => _time.After(afterMs, () =>
    {
        if (!_hasEnded)
        {
            action();
        }
    });

    private void Every(int meanMs, Action action) => Later(_random.Wait(meanMs), () =>
    {
        action();
        Every(meanMs, action);
    });
}

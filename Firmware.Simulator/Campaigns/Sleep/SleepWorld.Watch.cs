// The rules of a sleeping Thing, whatever goes wrong: how long it may be awake, when it must and may connect, when a last will may be heard, when the
// toaster may be on. SleepReadings.cs has the rules of its readings, SleepSchedulePlan.cs those of its times.

using System.Globalization;
using Firmware.Simulator.Board;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class SleepWorld
{
    private const int SenseLimitMs = 1000;
    private const int GoodbyeLimitMs = 3500;
    private const int BudgetSlackMs = 300;
    private const int ListenLimitMs = 61_000;
    private const int HeldLimitMs = 10_500;
    private const int ToastSlackMs = 300;

    private readonly Dictionary<int, int> _numbers = [];
    private (string Name, byte[] Content) _torn;
    private bool _isAwake;
    private bool _isTroubled;
    private bool _isColdBoot;
    private bool _gaveUp;
    private bool _hadLink;
    private bool _isSettled;
    private long _awakeSinceMs;
    private long _sleptAtMs;
    private long _lastCutMs = -1;
    private long _connectMs;
    private long _gaveUpMs;
    private long _pressedMs = long.MinValue / 2;
    private long _toastAllowedMs = long.MinValue / 2;
    private long _toastOnMs;
    private long _awakeMs;
    private long _sleeps;
    private int _heldMs;
    private int _presses;
    private int _commands;
    private int _toastCommands;
    private int _toastSeconds;
    private int _wanted;
    private int _wantedAwake;
    private int _link;
    private int _droppedBefore;
    private int _excusedWills;
    private int _wills;
    private int _last;

    /// <summary>Something happened that explains a failed connection.</summary>
    internal void Trouble(string what)
    {
        Log.Note(NowMs, "  trouble: " + what);
        _isTroubled = true;
    }

    internal void ConnectBegins()
    {
        Note("attempts to connect");
        _isTroubled |= IsTroubled;
        if (_wanted == 0)
        {
            throw new CampaignViolation("connect: an attempt that nothing announced");
        }
    }

    /// <summary>The Thing closes a link. Without DISCONNECT, only because it gave up on a broker that does not answer.</summary>
    internal void Closes() => _excusedWills += Broker.HasWill && (_isTroubled || IsTroubled) ? 1 : 0;

    private void Said(string line)
    {
        Log.Note(NowMs, "  > " + Escape(line));
        if (line.StartsWith("connects: ", StringComparison.Ordinal))
        {
            Wants(line);
        }
        else if (line.StartsWith("sleeps ", StringComparison.Ordinal))
        {
            EndsTurn();
        }
        else if (line.Contains(": sleeps, and tries again ", StringComparison.Ordinal))
        {
            GivesUp(int.Parse(line.Split(" tries again ")[1].Split(' ')[0], CultureInfo.InvariantCulture));
        }
    }

    private void Wants(string line)
    {
        bool isRung = _isAwake && NowMs - _pressedMs < 5 * SleepConditions.MinuteMs;
        bool isFull = _application is not null && _application.Outbox.IsNearlyFull;
        if (!_isColdBoot && !_plan.IsConnectDue && !isRung && !isFull)
        {
            throw new CampaignViolation("connect: too early, without a reason: " + line);
        }

        _wanted++;
        _wantedAwake++;
        _gaveUp = false;
        _isSettled = false;
        _connectMs = NowMs;
    }

    private void GivesUp(int nextIn)
    {
        Note("connections given up");
        _isTroubled |= IsTroubled;
        _gaveUp = true;
        _isSettled = true;
        _gaveUpMs = NowMs;
        if (!_isTroubled)
        {
            throw new CampaignViolation("connect: given up without a reason");
        }

        if (NowMs - _connectMs > (_conditions.BudgetSeconds * 1000) + BudgetSlackMs)
        {
            throw new CampaignViolation($"connect: given up after {NowMs - _connectMs} ms, with a budget of {_conditions.BudgetSeconds} s");
        }

        _plan.GaveUp(nextIn);
    }

    private void Measured()
    {
        bool isOnline = _wanted > 0 && !_gaveUp;
        if (isOnline)
        {
            Settle();
        }

        _plan.Sense(NowMs, _sleptAtMs, _awakeSinceMs, _board.Environment.BatteryMilliVolts, isOnline);
        Note("readings taken");
    }

    // a connection that was not given up has done its work once the Thing measures or sleeps again
    private void Settle()
    {
        if (_wanted > 0 && !_isSettled)
        {
            _isSettled = true;
            _plan.Connected();
        }
    }

    private void Saved(string name)
    {
        int dropped = _application is { Outbox: { } outbox } ? outbox.Dropped : 0;
        _readings.Saved(_storage.Peek(name).Span, dropped - _droppedBefore, _hadLink);
        _droppedBefore = dropped;
    }

    private void Arrived(Heard heard)
    {
        if (heard.Topic == Telemetry)
        {
            if (_sabotage == Sabotage.SleepBrokerLoses && _random.Chance(10))
            {
                return;
            }

            _numbers[heard.PacketId] = _readings.Arrive(heard.Payload);
        }
        else if (heard.Topic == Status)
        {
            if (heard.Payload == "offline")
            {
                throw new CampaignViolation("status: the Thing itself says offline before it sleeps");
            }

            if (heard.Payload == "online")
            {
                SendCommands(_link);
            }
        }
    }

    private void Acknowledged(int packetId)
    {
        if (_numbers.Remove(packetId, out int number))
        {
            _readings.Acknowledge(number);
        }
    }

    private void StateChanged(BoardState state)
    {
        switch (state)
        {
            case BoardState.Running:
                _droppedBefore = 0;
                _hadLink = false;
                _application = null;
                WakesUp(isCold: _sleptAtMs < _lastCutMs || _sleeps == 0);
                break;
            case BoardState.DeepSleep:
                FallsAsleep();
                break;
            case BoardState.Halted:
                throw new CampaignViolation("the firmware ended");
            default:
                break;
        }
    }

    private void SleepChanged(bool sleeps)
    {
        if (sleeps)
        {
            FallsAsleep();
        }
        else if (_board.IsRunning)
        {
            WakesUp(isCold: false);
        }
    }

    private void WakesUp(bool isCold)
    {
        _isAwake = true;
        _awakeSinceMs = NowMs;
        _isColdBoot = isCold;
        _isTroubled = IsTroubled;
        _gaveUp = false;
        _isSettled = true;
        _wanted = 0;
        _wantedAwake = 0;
        _commands = 0;
        _toastCommands = 0;
        _presses = 0;
        Log.Note(NowMs, isCold ? "cold boot" : "awake");
        if (isCold)
        {
            _plan.ColdBoot();
        }
        else if (_plan.IsOverdue(NowMs, 2000) && _sleptAtMs < NowMs - 2000)
        {
            throw new CampaignViolation("schedule: the Thing overslept");
        }
    }

    private void FallsAsleep()
    {
        long awakeMs = NowMs - _awakeSinceMs;
        Log.Note(NowMs, "asleep after {0} ms", awakeMs);
        _sleeps++;
        _awakeMs += awakeMs;
        CheckAwakeTime(awakeMs);
        CheckWills();
        if (_application is { Cycle: { } cycle })
        {
            _plan.Anchor(cycle.Schedule.NextSenseMs - (long)(_time.UtcNow - DateTime.UnixEpoch).TotalMilliseconds + NowMs, NowMs);
        }

        _isAwake = false;
        _sleptAtMs = NowMs;
        if (_sabotage == Sabotage.SleepClockDrifts && awakeMs > SenseLimitMs)
        {
            _time.SetUtc(_time.UtcNow.AddSeconds(-5));
        }
    }

    // the loop has ended and everything is saved; usually the board sleeps now
    private void EndsTurn()
    {
        Settle();
        if (_board.Pins[ToasterPin].Level)
        {
            throw new CampaignViolation("toaster: on, and the board goes to sleep");
        }

        if (_wanted == 0 && _plan.IsConnectDue)
        {
            throw new CampaignViolation("connect: it was due, and was not tried");
        }

        if (_wanted > 0 && !_gaveUp && !_isTroubled && _readings.Waiting > 0)
        {
            throw new CampaignViolation($"connect: {_readings.Waiting} readings still wait after a connection without a fault");
        }

        _wanted = 0;
        _isColdBoot = false;
    }

    private void CheckAwakeTime(long awakeMs)
    {
        bool isOnline = _wantedAwake > 0;
        bool isLong = _commands > 0 || _isTroubled || _presses > 0;
        long limitMs = SenseLimitMs + (isOnline ? (_conditions.BudgetSeconds * 1000) + BudgetSlackMs + (isLong ? ListenLimitMs : (_conditions.ListenSeconds + 2) * 1000) + GoodbyeLimitMs : 0);
        limitMs += _toastCommands > 0 ? (_conditions.ToasterMaxSeconds * 1000L) + ToastSlackMs : 0;

        // a ring during the goodbye makes one more turn; a button held down keeps light sleep off
        bool isHeld = NowMs - _pressedMs < _heldMs + HeldLimitMs + awakeMs;
        limitMs = (limitMs * Math.Max(1, Math.Max(_wantedAwake, 1 + (_presses > 0 ? 1 : 0)))) + (isHeld ? _heldMs + HeldLimitMs : 0);
        if (awakeMs > limitMs)
        {
            throw new CampaignViolation($"awake: for {awakeMs} ms; at most {limitMs} ms are explained");
        }

        if (_gaveUp && _presses == 0 && NowMs - _gaveUpMs > GoodbyeLimitMs)
        {
            throw new CampaignViolation($"awake: for {NowMs - _gaveUpMs} ms after the connection was given up");
        }
    }

    private void CheckWills()
    {
        _wills = Broker.Wills.Length;
        if (_wills > _excusedWills)
        {
            throw new CampaignViolation("status: a last will (offline) without a lost link or a power cut");
        }
    }

    private void ToasterChanged(bool isOn)
    {
        if (isOn)
        {
            Note("toasts");
            _toastOnMs = NowMs;
            if (NowMs - _toastAllowedMs > 2000 || _toastAllowedMs < _awakeSinceMs)
            {
                throw new CampaignViolation("toaster: on without a command");
            }

            return;
        }

        int seconds = _toastCommands > 1 ? _conditions.ToasterMaxSeconds : _toastSeconds;
        if (_toastOnMs > 0 && NowMs - _toastOnMs > (seconds * 1000L) + ToastSlackMs)
        {
            throw new CampaignViolation($"toaster: on for {NowMs - _toastOnMs} ms instead of {seconds} s");
        }

        _toastOnMs = 0;
    }

    // before the power goes
    private void PowerEnds()
    {
        _excusedWills += _connector.OpenLink != 0 && Broker.HasWill ? 1 : 0;
        if (!_isAwake && _plan.IsOverdue(NowMs, 2000))
        {
            throw new CampaignViolation("schedule: the Thing overslept");
        }

        _readings.PowerCut();
        _isAwake = false;
        _lastCutMs = NowMs;
    }

    private void CheckEnd()
    {
        CheckWills();
        _readings.CheckAllArrived(_last);
    }
}

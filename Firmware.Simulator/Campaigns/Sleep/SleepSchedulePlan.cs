// The oracle of the schedule: when a reading is due and when a connection, in the time of the world, which no clock of a board can falsify.
// The phase is the firmware's own choice, so it is asked for it once after each cold boot; from there on everything is a multiple of the period.

namespace Firmware.Simulator.Campaigns;

/// <summary>Follows the schedule of one Thing.</summary>
/// <param name="conditions">Periods and limits.</param>
internal sealed class SleepSchedulePlan(SleepConditions conditions)
{
    // a reading may be taken so much early: not worth another sleep (Limits.SleepEarlyMs)
    private const int EarlyMs = 1000;
    private const int WakeMs = 500;
    private const int FallAsleepMs = 1500;
    private const int Stretch = 4;
    private const int LowMilliVolts = 3400;
    private const int MostFailures = 3;

    private readonly long _stepMs = conditions.SenseSeconds * 1000L;
    private bool _hasDue;
    private bool _isFirst;
    private bool _isLow;
    private long _dueMs;
    private long _lateFromMs;
    private int _left;
    private int _failures = -1;

    /// <summary>Whether a connection is due.</summary>
    internal bool IsConnectDue => _left == 0;

    /// <summary>The power came back: everything begins with a reading and a connection.</summary>
    internal void ColdBoot()
    {
        _hasDue = false;
        _isFirst = true;
        _left = 0;
        _failures = -1;
    }

    /// <summary>The first time asleep after a cold boot: the phase is known.</summary>
    internal void Anchor(long nextSenseMs, long nowMs)
    {
        if (_hasDue)
        {
            return;
        }

        if (nextSenseMs > nowMs + (_stepMs * (1 + Stretch)))
        {
            throw new CampaignViolation($"schedule: after a cold boot the next reading is only in {(nextSenseMs - nowMs) / 1000} s");
        }

        _hasDue = true;
        _dueMs = nextSenseMs;
        _lateFromMs = Math.Max(nowMs, nextSenseMs);
    }

    /// <summary>A reading is taken.</summary>
    /// <param name="nowMs">When.</param>
    /// <param name="sleptAtMs">When the board went to sleep the last time.</param>
    /// <param name="awakeSinceMs">When it woke up.</param>
    /// <param name="milliVolts">The battery now.</param>
    /// <param name="isOnline">Whether it is taken on a connection, which leaves the battery for later.</param>
    internal void Sense(long nowMs, long sleptAtMs, long awakeSinceMs, int milliVolts, bool isOnline)
    {
        if (!_hasDue)
        {
            // the first one is out of turn
            _left = _isFirst ? _left : Math.Max(0, _left - 1);
            _isFirst = false;
            NoteBattery(milliVolts, isOnline);
            return;
        }

        if (nowMs < _dueMs - EarlyMs)
        {
            throw new CampaignViolation($"schedule: a reading is taken {_dueMs - nowMs} ms before it is due");
        }

        bool dueAwake = _lateFromMs >= awakeSinceMs;
        long limitMs = dueAwake ? long.MaxValue : _lateFromMs <= sleptAtMs ? sleptAtMs + FallAsleepMs : _lateFromMs + WakeMs;
        if (nowMs > limitMs)
        {
            throw new CampaignViolation($"schedule: a reading is taken {nowMs - _dueMs} ms after it was due, {nowMs - limitMs} ms too late");
        }

        long step = _stepMs * (_isLow ? Stretch : 1);
        long steps = Math.Max(1, ((nowMs - _dueMs) / step) + 1);
        _dueMs += step * steps;
        _left = Math.Max(0, _left - (int)steps);
        NoteBattery(milliVolts, isOnline);
        while (!_isLow && _dueMs - nowMs > _stepMs + EarlyMs)
        {
            // a battery that is good again shortens the wait, by whole periods
            _dueMs -= _stepMs;
        }

        _lateFromMs = _dueMs;
    }

    /// <summary>Whether the reading that is due is overdue by more than a time.</summary>
    internal bool IsOverdue(long nowMs, long byMs) => _hasDue && nowMs > _lateFromMs + byMs;

    /// <summary>A connection has done its work.</summary>
    internal void Connected()
    {
        _left = conditions.SensesPerConnect;
        _failures = 0;
    }

    /// <summary>A connection was given up.</summary>
    /// <param name="nextIn">After how many readings the firmware says that it tries again.</param>
    internal void GaveUp(int nextIn)
    {
        int failures = Enumerable.Range(0, MostFailures + 1).FirstOrDefault(f => conditions.SensesPerConnect << f == nextIn, -1);
        if (failures < 0 || (_failures >= 0 && failures != _failures))
        {
            throw new CampaignViolation($"schedule: after {_failures} failed connections it tries again {nextIn} readings later, with {conditions.SensesPerConnect} to a connection");
        }

        _left = nextIn;
        _failures = Math.Min(failures + 1, MostFailures);
    }

    /// <summary>The board's clock was set. A jump that is no correction moves the schedule with it; a correction leaves the times of the schedule as they are.</summary>
    /// <param name="jumpMs">New time less old time.</param>
    /// <param name="wasRight">Whether the clock was set before.</param>
    /// <param name="nowMs">When.</param>
    internal void ClockSet(long jumpMs, bool wasRight, long nowMs)
    {
        long step = _stepMs * (_isLow ? Stretch : 1);
        if (Math.Abs(jumpMs) > 2000 && (!wasRight || Math.Abs(jumpMs) > step))
        {
            return;
        }

        _dueMs -= jumpMs;
        _lateFromMs = Math.Max(_dueMs, nowMs);
    }

    private void NoteBattery(int milliVolts, bool isOnline)
    {
        bool isLow = milliVolts < LowMilliVolts;
        if (isOnline || isLow == _isLow)
        {
            return;
        }

        _isLow = isLow;
        if (isLow)
        {
            _dueMs += _stepMs * (Stretch - 1);
        }
    }
}

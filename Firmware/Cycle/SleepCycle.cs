// The life of a Thing on a battery, one turn at a time:
//
//   wake up -> Sensing --nothing to tell--------------------------------------------> Leaving -> sleep
//                 |--connection due, threshold, doorbell, first boot--> Connecting       ^
//                                                  |  ^ link lost   |online              |
//                                  budget is over  |  |             v                    |
//                                                  +--|------- Publishing --acknowledged--> Listening --window over--+
//
// Every phase has a limit of its own, so that nothing that fails outside can keep the board awake. Readings are saved before they are sent: a cut of
// power repeats one rather than losing it, and its number "n" tells the repeat. Sleeping itself is Sleeper's; here it is decided when and how long.

using System;
using Firmware.Connectivity;
using Firmware.Features;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Things;

namespace Firmware.Cycle
{
    /// <summary>Decides when the Thing senses, connects and sleeps. Not there with the policy "always-on".</summary>
    public sealed class SleepCycle : IFeature
    {
        private const int MsPerSecond = 1000;
        private const int DaySeconds = 86400;

        private readonly DeviceConfiguration _configuration;
        private readonly Clock _clock;
        private readonly ResourceTree _thing;
        private readonly DoorbellResource _doorbell;
        private readonly CloudConnection _cloud;
        private readonly StoredOutbox _outbox;
        private readonly Telemetry _telemetry;
        private readonly SleepState _state;
        private readonly SleepSchedule _schedule;
        private readonly Random _random;
        private readonly Loop _loop;
        private readonly byte[] _goodbye;
        private readonly CycleTimes _times = new CycleTimes();
        private readonly ClockWatch _watch = new ClockWatch();
        private CyclePhase _phase;
        private WakeCause _cause;
        private long _budgetEndMs;
        private long _listenEndMs;
        private long _listenLimitMs;
        private bool _measured;
        private bool _hasConnected;
        private bool _isUnsaved;
        private int _heard;

        /// <summary>Creates the cycle and takes the readings into its own hand.</summary>
        /// <param name="configuration">Periods and limits.</param>
        /// <param name="clock">Time and date.</param>
        /// <param name="thing">What is on keeps the board awake; changes are told at once.</param>
        /// <param name="doorbell">Wakes the board; a ring is told at once.</param>
        /// <param name="cloud">Connected when the cycle says so.</param>
        /// <param name="outbox">Saved with the state.</param>
        /// <param name="telemetry">Measures when the cycle says so.</param>
        /// <param name="state">As it was saved; changed by the cycle only.</param>
        /// <param name="random">The phase of the schedule.</param>
        /// <param name="loop">Ended when it is time to sleep.</param>
        public SleepCycle(DeviceConfiguration configuration, Clock clock, ResourceTree thing, DoorbellResource doorbell, CloudConnection cloud, StoredOutbox outbox,
            Telemetry telemetry, SleepState state, Random random, Loop loop)
        {
            _configuration = configuration;
            _clock = clock;
            _thing = thing;
            _doorbell = doorbell;
            _cloud = cloud;
            _outbox = outbox;
            _telemetry = telemetry;
            _state = state;
            _random = random;
            _loop = loop;
            _schedule = new SleepSchedule(configuration.SleepSenseSeconds * MsPerSecond, configuration.SleepConnectSeconds / configuration.SleepSenseSeconds);
            _goodbye = new byte[Words.Sleeping.Length + 1 + Limits.LongDigits];
            telemetry.State = state;
            cloud.IsWanted = false;
        }

        /// <summary>What the Thing is doing.</summary>
        public CyclePhase Phase
        {
            get { return _phase; }
        }

        /// <summary>How long the board has been awake for what, to be looked at.</summary>
        public CycleTimes Times
        {
            get { return _times; }
        }

        /// <summary>The schedule, to be looked at.</summary>
        public SleepSchedule Schedule
        {
            get { return _schedule; }
        }

        /// <summary>Why the board is awake.</summary>
        public WakeCause Cause
        {
            get { return _cause; }
        }

        /// <summary>Whether the board has been online since it woke up.</summary>
        public bool HasConnected
        {
            get { return _hasConnected; }
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get
            {
                switch (_phase)
                {
                    case CyclePhase.Sensing:
                    case CyclePhase.Leaving:
                        // the sensors and the goodbye have their own deadlines
                        return long.MaxValue;
                    case CyclePhase.Listening:
                        return _listenEndMs;
                    default:
                        return _budgetEndMs;
                }
            }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            get { return false; }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return true; }
        }

        /// <summary>The board woke up: call it before the loop runs, each time.</summary>
        /// <param name="cause">Why.</param>
        public void Wake(WakeCause cause)
        {
            _cause = cause;
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
            _phase = CyclePhase.Sensing;
            _times.Restart(nowMs);
            _watch.Restart();
            _measured = false;
            _hasConnected = false;
            _isUnsaved = false;
            _cloud.IsWanted = false;
            _cloud.Goodbye = Words.Offline;
            _cloud.GoodbyeLength = Words.Offline.Length;
            NoteClock(nowMs);
            Recall();
            if (_cause == WakeCause.Pin)
            {
                _doorbell.WokeUp();
            }

            // a wake-up that only looks whether the doorbell is still held down must not cost a write to flash
            bool isDue = _cause == WakeCause.FirstBoot || _schedule.IsDue(_clock.UtcMs);
            _state.Boots += isDue || _cause == WakeCause.Pin ? 1 : 0;
            if (isDue)
            {
                Measure(nowMs);
            }
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            NoteClock(nowMs);
            switch (_phase)
            {
                case CyclePhase.Sensing:
                    if (!_telemetry.IsMeasuring)
                    {
                        Decide(nowMs);
                    }

                    break;
                case CyclePhase.Connecting:
                    if (_cloud.State == CloudState.Online)
                    {
                        _hasConnected = true;
                        Enter(CyclePhase.Publishing, nowMs);
                    }
                    else if (nowMs >= _budgetEndMs)
                    {
                        GiveUp("no connection", nowMs);
                    }

                    break;
                case CyclePhase.Publishing:
                    PollPublishing(nowMs);
                    break;
                case CyclePhase.Listening:
                    PollListening(nowMs);
                    break;
                default:
                    break;
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            _times.Enter(_phase, nowMs);
            Remember();
        }

        /// <summary>How long to sleep, after the loop has ended.</summary>
        /// <returns>Milliseconds, 1 or more; 0 if something happened during the goodbye that must be told first.</returns>
        public long SleepMs()
        {
            if (_doorbell.HasRung)
            {
                return 0;
            }

            long left = _schedule.NextSenseMs - _clock.UtcMs;
            return left < 1 ? 1 : left > _schedule.StepMs ? _schedule.StepMs : left;
        }

        /// <summary>Says on the console what the board did while it was awake.</summary>
        /// <param name="sleepMs">How long it sleeps now.</param>
        public void Tell(long sleepMs)
        {
            Log.Info("sleeps " + CycleTimes.Seconds(sleepMs) + "; was awake for:" + _times.Text() + "; writes to flash today: " + (_outbox.Writes - _state.WritesBeforeDay) + " of some " + _configuration.SleepWritesPerDay + " a day" + (_configuration.StoresTlsSession ? ", TLS sessions not counted here" : ""));
        }

        private void PollPublishing(long nowMs)
        {
            if (_cloud.State != CloudState.Online)
            {
                Enter(CyclePhase.Connecting, nowMs);
            }
            else if (_outbox.IsEmpty && _cloud.HasSaidOnline)
            {
                _schedule.Connected();
                _heard = _thing.Changes;
                _listenEndMs = nowMs + (_configuration.SleepListenSeconds * MsPerSecond);
                _listenLimitMs = nowMs + Limits.SleepListenMs;
                Enter(CyclePhase.Listening, nowMs);
            }
            else if (nowMs >= _budgetEndMs)
            {
                GiveUp("not everything was acknowledged", nowMs);
            }
        }

        private void PollListening(long nowMs)
        {
            if (_thing.Changes != _heard)
            {
                // who sends one command often sends another
                _heard = _thing.Changes;
                long end = nowMs + (_configuration.SleepListenSeconds * MsPerSecond);
                _listenEndMs = end < _listenLimitMs ? end : _listenLimitMs;
            }

            if (_schedule.IsDue(_clock.UtcMs) && !_telemetry.IsMeasuring)
            {
                Measure(nowMs);
                _isUnsaved = true;
            }

            if (_isUnsaved && !_telemetry.IsMeasuring)
            {
                // before it is sent, in this turn: or a cut of power would give its number to another reading
                _isUnsaved = false;
                Remember();
                _outbox.Save();
            }

            if (_telemetry.IsMeasuring || _thing.IsBusy)
            {
                // a toast has its own limit, and the toaster goes off with the board
                _listenEndMs = _listenEndMs > nowMs + MsPerSecond ? _listenEndMs : nowMs + MsPerSecond;
                return;
            }

            bool isTold = _outbox.IsEmpty || _cloud.State != CloudState.Online || nowMs >= _listenLimitMs;
            if (nowMs >= _listenEndMs && isTold)
            {
                Leave(nowMs);
            }
            else if (nowMs >= _listenEndMs)
            {
                _listenEndMs = nowMs + Limits.LoopIdleMs;
            }
        }

        private void Measure(long nowMs)
        {
            _measured = true;
            if (_cause == WakeCause.FirstBoot && _phase == CyclePhase.Sensing)
            {
                // the first one is out of turn
                _schedule.SensesLeft = 0;
            }
            else
            {
                _schedule.Sensed(_clock.UtcMs);
            }

            _telemetry.Measure(nowMs, nowMs + _schedule.StepMs);
        }

        private void Decide(long nowMs)
        {
            bool wasAlarm = _state.IsAlarm;
            if (_measured)
            {
                _state.IsAlarm = _telemetry.IsBeyond(_configuration.SleepAlarmBelow, _configuration.SleepAlarmAbove, wasAlarm ? Limits.SleepAlarmMargin : 0);
                NoteBattery();
            }

            // from here on these readings are accepted: neither a cut of power nor a lost connection loses them
            Remember();
            _outbox.Save();
            string why = _cause == WakeCause.FirstBoot ? "first boot"
                : _doorbell.HasRung ? "the doorbell"
                : _state.IsAlarm != wasAlarm ? (_state.IsAlarm ? "beyond the threshold" : "within the thresholds again")
                : _schedule.SensesLeft == 0 ? "it is time"
                : _outbox.IsNearlyFull && _schedule.Failures == 0 ? "the outbox is nearly full"
                : null;
            if (why == null)
            {
                Leave(nowMs);
                return;
            }

            Log.Info("connects: " + why);
            _cloud.IsWanted = true;
            _budgetEndMs = nowMs + (_configuration.SleepBudgetSeconds * MsPerSecond);
            Enter(CyclePhase.Connecting, nowMs);
        }

        private void NoteBattery()
        {
            int milliVolts = _telemetry.BatteryMilliVolts;
            int limit = _configuration.SleepLowBatteryMilliVolts + (_state.IsBatteryLow ? Limits.SleepBatteryMargin : 0);
            bool isLow = milliVolts > 0 && milliVolts < limit;
            if (isLow != _state.IsBatteryLow)
            {
                _state.IsBatteryLow = isLow;
                Log.Warning(isLow ? "the battery is low (" + milliVolts + " mV): readings come " + Limits.SleepStretch + " times as seldom" : "the battery is good again");
                if (isLow)
                {
                    // the next one is only one old period away
                    _schedule.NextSenseMs += _schedule.StepMs * (Limits.SleepStretch - 1);
                }
            }

            bool isBack = !isLow && _schedule.Stretch > 1;
            _schedule.Stretch = isLow ? Limits.SleepStretch : 1;
            while (isBack && _schedule.NextSenseMs - _clock.UtcMs > _schedule.StepMs + Limits.SleepEarlyMs)
            {
                // the next one is one of the short periods away, not one of the long ones
                _schedule.NextSenseMs -= _schedule.StepMs;
            }
        }

        private void GiveUp(string what, long nowMs)
        {
            _schedule.ConnectFailed();
            Log.Warning(what + " within " + _configuration.SleepBudgetSeconds + " s: sleeps, and tries again " + _schedule.SensesLeft + " readings later");
            Leave(nowMs);
        }

        private void Leave(long nowMs)
        {
            Enter(CyclePhase.Leaving, nowMs);
            _doorbell.TakeRing();
            _cloud.Goodbye = _goodbye;
            _cloud.GoodbyeLength = WriteGoodbye();
            _loop.End();
        }

        // "sleeping 1795860000": the second, UTC, in which it will connect next
        private int WriteGoodbye()
        {
            Array.Copy(Words.Sleeping, 0, _goodbye, 0, Words.Sleeping.Length);
            int length = Words.Sleeping.Length;
            if (!_clock.IsDateSet)
            {
                return length;
            }

            byte[] digits = Bytes.FromString((_schedule.NextConnectMs / MsPerSecond).ToString());
            _goodbye[length++] = (byte)' ';
            Array.Copy(digits, 0, _goodbye, length, digits.Length);
            return length + digits.Length;
        }

        private void Enter(CyclePhase phase, long nowMs)
        {
            _times.Enter(phase, nowMs);
            _phase = phase;
        }

        // a date that jumps must not make the schedule jump
        private void NoteClock(long nowMs)
        {
            long jump = _watch.Look(_clock.UtcMs, nowMs, _clock.IsDateSet);
            if (jump != 0)
            {
                _schedule.ClockSet(jump, _watch.WasDateSet);
                Log.Info("the clock was set; the next reading is due in " + ((_schedule.NextSenseMs - _clock.UtcMs) / MsPerSecond) + " s");
            }
        }

        private void Recall()
        {
            long utc = _clock.UtcMs;
            _schedule.Stretch = _state.IsBatteryLow ? Limits.SleepStretch : 1;
            _schedule.NextSenseMs = _state.NextSenseMs;
            _schedule.SensesLeft = _state.SensesLeft;
            _schedule.Failures = _state.Failures;
            bool goesOn = _schedule.IsPlausible(utc) && (_cause != WakeCause.FirstBoot || _clock.IsDateSet);
            if (!goesOn)
            {
                _cause = WakeCause.FirstBoot;
                _schedule.Restart(utc, (_schedule.StepMs / 2) + _random.Next((int)(_schedule.StepMs / 2)) + 1);
            }

            _state.GiveReadings(_thing);
        }

        private void Remember()
        {
            _state.NextSenseMs = _schedule.NextSenseMs;
            _state.SensesLeft = _schedule.SensesLeft;
            _state.Failures = _schedule.Failures;
            _state.TakeReadings(_thing);
            int day = (int)(_clock.UtcMs / MsPerSecond / DaySeconds);
            if (day != _state.Day)
            {
                _state.Day = day;
                _state.WritesBeforeDay = _outbox.Writes;
            }
        }
    }
}

// Runs the real application, deep sleep and all, on a virtual board without threads for some virtual days, and counts what it did.
// The way to the broker takes as long as the model says; from CONNECT on the firmware's own waiting and the broker's round trip count.

using System.Text;
using Firmware.Connectivity;
using Firmware.Cycle;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Simulator.Board;
using Firmware.Simulator.Campaigns;

namespace Firmware.Simulator.Energy;

/// <summary>A run on the virtual board.</summary>
internal sealed class BoardRun
{
    internal const string Thing = "toaster-01";
    private const int DayMs = 86_400_000;
    private const int BatteryMilliVolts = 3900;

    private static readonly DateTime Today = new(2026, 11, 28, 0, 0, 0, DateTimeKind.Utc);

    private readonly InlineBoardTime _time = new();
    private readonly MemoryBroker _broker;
    private readonly DeviceConfiguration _configuration;
    private readonly int _joinMs;
    private readonly long[] _phaseMs = new long[5];
    private bool _counts;
    private long _leavingMs;
    private long _turningBackMs;
    private int _wakes;
    private int _connects;
    private Exception? _died;

    /// <summary>Prepares a run.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="joinMs">Wi-Fi to TLS, as modelled.</param>
    /// <param name="roundTripMs">Of the broker's answers.</param>
    /// <exception cref="ConfigurationException">The firmware refuses the schedule.</exception>
    internal BoardRun(EnergySchedule schedule, int joinMs, int roundTripMs)
    {
        string json = $$$"""{"thing":"{{{Thing}}}","endpoint":"memory","sleep":{"policy":"deep","senseSeconds":{{{schedule.SenseSeconds}}},"connectSeconds":{{{schedule.ConnectSeconds}}},"listenSeconds":{{{schedule.ListenSeconds}}},"budgetSeconds":300} }""";
        _configuration = ConfigurationReader.Parse("device.json", Encoding.UTF8.GetBytes(json));
        _joinMs = joinMs;
        _broker = new MemoryBroker(() => _time.TotalMs) { RoundTripMs = roundTripMs };
    }

    /// <summary>The configuration that ran, with the topics of the firmware.</summary>
    internal DeviceConfiguration Configuration => _configuration;

    /// <summary>The filters that the firmware subscribes to.</summary>
    internal string[] Filters { get; private set; } = [];

    /// <summary>A reading as the firmware published it.</summary>
    internal string Reading { get; private set; } = "";

    /// <summary>The goodbye as the firmware published it.</summary>
    internal string Goodbye { get; private set; } = "";

    /// <summary>Boots, connections and readings that were counted.</summary>
    internal (int Boots, int Connects, int Readings) Counted { get; private set; }

    /// <summary>Runs a first cycle, which does not count, and then the days.</summary>
    /// <param name="days">Virtual days.</param>
    /// <returns>What the board did.</returns>
    internal BoardCounts Run(int days)
    {
        VirtualBoard board = new(Thing, "memory", _time);
        MemoryStorage storage = new(board.CutPower);
        board.I2c.Attach(Firmware.Drivers.Sht3x.DefaultAddress, new VirtualSht3x(board));
        board.Environment.BatteryMilliVolts = BatteryMilliVolts;
        board.UnhandledException += e => _died = e;
        board.Start(() => Boot(storage));

        // the first cycles find their phase; after that whole days, which begin asleep
        long start = (_configuration.SleepConnectSeconds * 2000L) + (_configuration.SleepSenseSeconds * 500L);
        board.RunHere(start);
        long writes = storage.Writes;
        int heard = Readings.Length;
        int connects = _broker.Connects.Count;
        _counts = true;
        board.RunHere(start + ((long)days * DayMs));
        if (_died is not null || _connects == 0)
        {
            throw new InvalidOperationException("the firmware on the virtual board " + (_died is null ? "never connected" : "died: " + _died.Message), _died);
        }

        Heard[] readings = Readings;
        Reading = readings[^1].Payload;
        Goodbye = _broker.On(_configuration.StatusTopic)[^1];
        Filters = [.. _broker.Filters];
        Counted = (_wakes, _broker.Connects.Count - connects, readings.Length - heard);
        return new BoardCounts(
            (double)Counted.Readings / Counted.Connects,
            (double)_wakes / _connects,
            (double)(storage.Writes - writes) / days,
            (double)_phaseMs[(int)CyclePhase.Sensing] / _wakes,
            ((double)_phaseMs[(int)CyclePhase.Connecting] / _connects) - _joinMs,
            (double)_phaseMs[(int)CyclePhase.Publishing] / _connects,
            (double)_phaseMs[(int)CyclePhase.Listening] / _connects,
            (double)_leavingMs / _connects,
            _wakes > _connects ? (double)_turningBackMs / (_wakes - _connects) : 0);
    }

    private Heard[] Readings => [.. _broker.All.Where(h => h.Topic == _configuration.TelemetryTopic)];

    private void Boot(MemoryStorage storage)
    {
        long bootMs = _time.TotalMs;
        Application application = new(_configuration, new SimulatorClock(_time), storage, new Random(1), new ModelledConnector(this), new SilentPort(), null!, null!);
        try
        {
            application.Run();
        }
        finally
        {
            Count(application.Cycle, _time.TotalMs - bootMs);
        }
    }

    private void Count(SleepCycle cycle, long awakeMs)
    {
        if (!_counts)
        {
            return;
        }

        bool isConnect = cycle.Times.PhaseMs(CyclePhase.Connecting) > 0;
        _wakes++;
        _connects += isConnect ? 1 : 0;
        for (int i = 0; i < _phaseMs.Length; i++)
        {
            _phaseMs[i] += cycle.Times.PhaseMs((CyclePhase)i);
            awakeMs -= i == (int)CyclePhase.Leaving ? 0 : cycle.Times.PhaseMs((CyclePhase)i);
        }

        // the cycle's own clock stops with the loop: the goodbye comes after it
        _leavingMs += isConnect ? awakeMs : 0;
        _turningBackMs += isConnect ? 0 : awakeMs;
    }

    /// <summary>Takes as long as the model says and succeeds.</summary>
    private sealed class ModelledConnector(BoardRun run) : IConnector
    {
        private long _dueMs = long.MaxValue;

        public ITransport Transport { get; private set; } = null!;

        public string Failure => null!;

        public void Begin() => _dueMs = run._time.TotalMs + run._joinMs;

        public bool TryEnd()
        {
            if (run._time.TotalMs < _dueMs)
            {
                return false;
            }

            // SNTP answers at the first connection
            if (run._time.UtcNow.Year < Today.Year)
            {
                run._time.SetUtc(Today);
            }

            _dueMs = long.MaxValue;
            Transport = run._broker.Open();
            return true;
        }

        public void Cancel() => _dueMs = long.MaxValue;
    }
}

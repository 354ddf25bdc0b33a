// One seed's world: a Thing on a battery with the real application, in one thread and in virtual time, for a month. Here: how it is put together and
// run. SleepWorld.Weather.cs has what goes wrong, SleepWorld.Watch.cs the rules that must hold whatever goes wrong.

using System.Text;
using Firmware.Drivers;
using Firmware.Settings;
using Firmware.Simulator.Board;

namespace Firmware.Simulator.Campaigns;

/// <summary>A sleeping Thing and everything around it.</summary>
internal sealed partial class SleepWorld
{
    internal const string Thing = "toaster-01";

    private const string Commands = Thing + "/commands";
    private const string Status = Thing + "/status";
    private const string Telemetry = Thing + "/telemetry";
    private const int ToasterPin = 5;
    private const int ButtonPin = 0;
    private const long RecoveryMs = 40 * SleepConditions.MinuteMs;

    private static readonly long UtcAtZeroMs = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private readonly InlineBoardTime _time = new();
    private readonly SleepConditions _conditions;
    private readonly Sabotage _sabotage;
    private readonly SeededRandom _random;
    private readonly DeviceConfiguration _configuration;
    private readonly VirtualBoard _board;
    private readonly MemoryStorage _storage;
    private readonly SleepConnector _connector;
    private readonly SilentPort _port = new();
    private readonly SleepReadings _readings = new();
    private readonly SleepSchedulePlan _plan;
    private readonly SortedDictionary<string, long> _happened = new(StringComparer.Ordinal);
    private Application? _application;
    private CampaignViolation? _violation;

    internal SleepWorld(SleepConditions conditions, Sabotage sabotage, TextWriter? trace)
    {
        _conditions = conditions;
        _sabotage = sabotage;
        _random = new SeededRandom(conditions.Seed + 1);
        _plan = new SleepSchedulePlan(conditions);
        Log = new EventLog(trace);
        _configuration = ConfigurationReader.Parse(DeviceConfiguration.FileName, Encoding.UTF8.GetBytes(conditions.Json(sabotage)));
        _board = new VirtualBoard(Thing, Path.GetTempPath(), _time);
        _board.I2c.Attach(Sht3x.DefaultAddress, new WatchedSensor(this, new VirtualSht3x(_board)));
        _board.I2c.Attach(Bmp280.DefaultAddress, new VirtualBmp280(_board));
        Broker = new MemoryBroker(() => NowMs, (int)conditions.Seed) { Keeps = false, Arrived = Guard<Heard>(Arrived), AcknowledgementRead = Guard<int>(Acknowledged) };
        Broker.HearsDisconnect = sabotage != Sabotage.SleepLosesDisconnect;
        _storage = new MemoryStorage(CutInWrite) { Writing = BeforeWrite, Written = name => Guard(() => Saved(name)) };
        _connector = new SleepConnector(this);
        BoardConsole.Install();
        _board.ConsoleLine += line => Guard(() => Said(line));
        _board.UnhandledException += e => Fail(e as CampaignViolation ?? new CampaignViolation("the firmware died: " + e));
        _board.StateChanged += state => Guard(() => StateChanged(state));
        _board.LightSleepChanged += sleeps => Guard(() => SleepChanged(sleeps));
        _board.Pins[ToasterPin].Changed += (_, change) => Guard(() => ToasterChanged(change.Level));
    }

    internal long NowMs => _time.TotalMs;

    internal MemoryBroker Broker { get; }

    internal EventLog Log { get; }

    /// <summary>When a rule was broken.</summary>
    internal long BrokenAtMs { get; private set; }

    /// <summary>Runs the month, then puts everything in order and lets the Thing recover.</summary>
    internal void Run()
    {
        BeginWeather();
        _time.After(_conditions.ActiveMs, EndWeather);
        _board.Start(Main);
        _board.RunHere(_conditions.ActiveMs + RecoveryMs);
        Guard(CheckEnd);
        if (_violation is not null)
        {
            throw _violation;
        }
    }

    internal void Count(SortedDictionary<string, long> counts)
    {
        Add("virtual days", NowMs / SleepConditions.DayMs);
        Add("boots", _board.BootCount);
        Add("readings accepted", _readings.Accepted);
        Add("readings arrived", _readings.Arrived);
        Add("readings repeated", _readings.Repeated);
        Add("readings pushed out", _readings.Dropped);
        Add("writes to flash", _storage.Writes);
        Add("bytes to flash", _storage.BytesWritten);
        Add("bytes up", Broker.BytesUp);
        Add("bytes down", Broker.BytesDown);
        Add("last wills", _wills);
        Add("times asleep", _sleeps);
        Add("seconds awake", _awakeMs / 1000);
        foreach ((string name, long n) in _happened)
        {
            Add(name, n);
        }

        void Add(string name, long n) => counts[name] = counts.GetValueOrDefault(name) + n;
    }

    private void Main()
    {
        SeededRandom random = new(_conditions.Seed + _board.BootCount);
        VirtualBoard.Current.OnPowerLost(_connector.PowerLost);
        _application = new Application(_configuration, new SimulatorClock(_time), _storage, random, _connector, _port, null!, null!);
        _application.Run();
    }

    // A broken rule must not be caught by the firmware under test: it is kept, the board is switched off for good, and the rest of the month is nothing.
    private void Guard(Action check)
    {
        if (_violation is not null)
        {
            return;
        }

        try
        {
            check();
        }
        catch (CampaignViolation e)
        {
            Fail(e);
        }
    }

    private Action<T> Guard<T>(Action<T> check) => value => Guard(() => check(value));

    private void Fail(CampaignViolation violation)
    {
        if (_violation is null)
        {
            _violation = violation;
            BrokenAtMs = NowMs;
            Log.Note(NowMs, "broken: " + Escape(violation.Message));
            _hasEnded = true;
            _board.CutPower();
        }
    }

    private static string Escape(string text) => text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private void Note(string what, long a = 0, long b = 0, long c = 0)
    {
        Log.Note(NowMs, what, a, b, c);
        _happened[what] = _happened.GetValueOrDefault(what) + 1;
    }

    /// <summary>Tells the world when the Thing measures.</summary>
    private sealed class WatchedSensor(SleepWorld world, VirtualSht3x sensor) : IVirtualI2cChip
    {
        private const byte SingleShot = 0x24;

        public bool Write(ReadOnlySpan<byte> data)
        {
            if (data[0] == SingleShot)
            {
                world.Guard(world.Measured);
            }

            return sensor.Write(data);
        }

        public bool Read(Span<byte> data) => sensor.Read(data);
    }
}

// The whole application on a virtual board whose clock the test moves, against a broker and a UDP port in memory: everything that ships but DNS,
// TCP, TLS and UDP.

using System.Diagnostics;
using Firmware.Connectivity;
using Firmware.Features;
using Firmware.Features.Coap;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using Firmware.Simulator.Campaigns;
using Firmware.Things;
using nanoFramework.Runtime.Native;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Application;

/// <summary>A board that runs the application, its broker and its console.</summary>
internal sealed class Appliance : IDisposable
{
    internal const string Thing = "toaster-01";
    internal const string Commands = Thing + "/commands";
    internal const string Accepted = Commands + "/accepted";
    internal const string Rejected = Commands + "/rejected";
    internal const string Events = Thing + "/events";
    internal const string Status = Thing + "/status";
    internal const string Telemetry = Thing + "/telemetry";
    internal const int LedPin = 2;
    internal const int LightPin = 4;
    internal const int ToasterPin = 5;
    internal const int ButtonPin = 0;

    private const int PatienceMs = 5000;
    private readonly List<string> _lines = [];
    private readonly List<(long AtMs, int Gpio, bool Level)> _pins = [];
    private readonly DeviceConfiguration _configuration;
    private readonly int _seed;

    internal Appliance(Action<DeviceConfiguration>? configure = null, Action<Appliance>? prepare = null, int seed = 1)
    {
        string wired = $$"""{"thing":"{{Thing}}","endpoint":"memory","toaster":{"restSeconds":0} }""";
        _configuration = ConfigurationReader.Parse("device.json", System.Text.Encoding.UTF8.GetBytes(wired));
        _configuration.TelemetrySeconds = 3600;
        configure?.Invoke(_configuration);
        _seed = seed;
        Board = new VirtualBoard(Thing, Directory.CreateTempSubdirectory("appliance-").FullName, Time);
        Board.I2c.Attach(Firmware.Drivers.Sht3x.DefaultAddress, new VirtualSht3x(Board));
        Board.I2c.Attach(Firmware.Drivers.Bmp280.DefaultAddress, new VirtualBmp280(Board));
        Broker = new MemoryBroker(() => Time.TotalMs);
        Connector = new MemoryConnector(this);
        Port = new MemoryPort(() => Time.TotalMs);
        BoardConsole.Install();
        Board.ConsoleLine += line =>
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        };
        Board.UnhandledException += e => Died = e;
        Board.PinChanged += (_, change) =>
        {
            lock (_pins)
            {
                _pins.Add((Time.TotalMs, change.Pin.Number, change.Level));
            }
        };
        prepare?.Invoke(this);
        Board.Start(Run);
        Assert.IsTrue(SpinWait.SpinUntil(() => Time.WaiterCount > 0 || Board.State == BoardState.DeepSleep, PatienceMs), "the loop does not come to rest");
    }

    // patient: here no thread of the board blocks but on this clock, and on a busy machine one may be late by more than the usual
    internal ManualBoardTime Time { get; } = new() { SettleMs = PatienceMs };

    internal VirtualBoard Board { get; }

    internal MemoryBroker Broker { get; }

    internal MemoryConnector Connector { get; }

    internal MemoryPort Port { get; }

    /// <summary>The CoAP side of the application.</summary>
    internal CoapDoor Door { get; private set; } = null!;

    /// <summary>The sleep cycle; null if the board does not sleep.</summary>
    internal Firmware.Cycle.SleepCycle Cycle { get; private set; } = null!;

    /// <summary>Ends the loop's wait.</summary>
    internal Action WakeLoop { get; private set; } = null!;

    /// <summary>What ended a thread of the firmware, or null.</summary>
    internal Exception? Died { get; private set; }

    /// <summary>An application that is online and at rest.</summary>
    internal static Appliance Online(Action<DeviceConfiguration>? configure = null, int seed = 1)
    {
        Appliance appliance = new(configure, seed: seed);
        appliance.AwaitOnline();
        return appliance;
    }

    /// <summary>Moves the clock until the board has said <c>online</c> once more than now.</summary>
    internal void AwaitOnline(int limitMs = 130_000)
    {
        int before = Broker.On(Status).Count(p => p == "online");
        for (int passed = 0; Broker.On(Status).Count(p => p == "online") == before; passed += 100)
        {
            Assert.IsTrue(passed < limitMs, "the board does not come online:\n" + string.Join("\n", Lines));
            Time.Advance(100);
        }

        Time.Advance(100);
    }

    /// <summary>Sends a command and lets the board work on it.</summary>
    internal void Command(string payload, string? actuator = null)
    {
        Broker.Send(actuator is null ? Commands : $"{Commands}/{actuator}", payload);
        Time.Advance(100);
    }

    /// <summary>Moves the clock in small steps, each with the loop at rest: an edge of a pin wakes the loop behind the clock's back, and a big step would leave it behind.</summary>
    internal void Pass(int ms)
    {
        for (int passed = 0; passed < ms; passed += 10)
        {
            Assert.IsTrue(Board.AwaitEvents(), "an event handler does not return");
            Assert.IsTrue(Time.AwaitWaiters(1), "the loop does not come to rest");
            Time.Advance(10);
        }
    }

    /// <summary>Moves the clock over sleeps and wake-ups: from deadline to deadline while the board sleeps, in small ones, each with the loop at rest, while it is awake.</summary>
    /// <param name="ms">How far.</param>
    /// <param name="until">Ends it earlier.</param>
    internal void PassAsleep(long ms, Func<bool>? until = null)
    {
        long endMs = Time.TotalMs + ms;
        while (Time.TotalMs < endMs && until?.Invoke() != true)
        {
            // awake and at rest, or asleep with its alarm set: anything else is on its way to one of the two
            bool isAsleep = false;
            Assert.IsTrue(
                SpinWait.SpinUntil(() => (isAsleep = Board.IsAsleep) || (Board.State == BoardState.Running && !Board.IsInLightSleep && Time.WaiterCount > 0), PatienceMs),
                "the board comes neither to rest nor to sleep");

            // SNTP answers while the board is connected
            if (!IsDateUnknown && !isAsleep && Time.UtcNow.Year < 2000 && Connector.Attempts.Count > 0)
            {
                Time.SetUtc(DateTime.UnixEpoch.AddMilliseconds(UtcAtZeroMs + Time.TotalMs));
            }

            if (isAsleep)
            {
                Time.AdvanceToNext(endMs - Time.TotalMs);
            }
            else
            {
                Time.Advance(Math.Min(endMs - Time.TotalMs, 20));
            }
        }
    }

    /// <summary>The date at 0 of the clock that knows no boots, milliseconds since 1970.</summary>
    internal long UtcAtZeroMs { get; } = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    /// <summary>True: no time server answers.</summary>
    internal bool IsDateUnknown { get; set; }

    /// <summary>Whether a pin is high.</summary>
    internal bool IsHigh(int gpio) => Board.Pins[gpio].Level;

    /// <summary>When a pin changed its level to this one, on the clock that knows no boots.</summary>
    internal long[] TimesOf(int gpio, bool level)
    {
        lock (_pins)
        {
            return [.. _pins.Where(p => p.Gpio == gpio && p.Level == level).Select(p => p.AtMs)];
        }
    }

    /// <summary>The console until now. Lines come late: cut the power first where the number counts.</summary>
    internal string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Cuts the power, so that the console is complete, and gives the lines with this text.</summary>
    internal string[] FinalLines(string part)
    {
        Board.CutPower();
        return [.. Lines.Where(line => line.Contains(part, StringComparison.Ordinal))];
    }

    /// <summary>Waits, in real time, for a line on the console.</summary>
    internal string AwaitLine(string part)
    {
        long start = Stopwatch.GetTimestamp();
        SpinWait.SpinUntil(() => Lines.Any(line => line.Contains(part, StringComparison.Ordinal)), PatienceMs);
        string? found = Lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal));
        Assert.IsNotNull(found, $"no line with '{part}' after {Stopwatch.GetElapsedTime(start)}; there are:\n" + string.Join("\n", Lines));
        return found!;
    }

    public void Dispose()
    {
        Board.CutPower();
        Directory.Delete(Board.StorageFolder, recursive: true);
        Assert.IsNull(Died, "a thread of the firmware died: " + Died);
    }

    private void Run()
    {
        SimulatorClock clock = new(Time);
        Storage storage = new(Board.StorageFolder + Path.DirectorySeparatorChar);
        Firmware.Application application = new(_configuration, clock, storage, new Random(_seed), Connector, Port, null!, null!);
        Door = application.Door;
        Cycle = application.Cycle;
        WakeLoop = application.Loop.Wake;
        Power.OnRebootEvent += () => application.Loop.StopAndWait(Limits.StopMs);
        application.Run();
    }

    /// <summary>Connects to the broker in memory at once, fails, or hangs, as the test says.</summary>
    internal sealed class MemoryConnector(Appliance appliance) : IConnector
    {
        private bool _isPending;

        /// <summary>Times of the attempts.</summary>
        internal List<long> Attempts { get; } = [];

        /// <summary>The reason why attempts fail; null: they succeed.</summary>
        internal string? FailsWith { get; set; }

        /// <summary>Whether attempts never end.</summary>
        internal bool Hangs { get; set; }

        /// <summary>Attempts that were given up.</summary>
        internal int Cancelled { get; private set; }

        public ITransport Transport { get; private set; } = null!;

        public string Failure { get; private set; } = null!;

        public void Begin()
        {
            Attempts.Add(appliance.Time.TotalMs);
            _isPending = true;
        }

        public bool TryEnd()
        {
            if (!_isPending || Hangs)
            {
                return false;
            }

            _isPending = false;
            Failure = FailsWith!;
            Transport = FailsWith is null ? appliance.Broker.Open() : null!;
            return true;
        }

        public void Cancel()
        {
            Cancelled++;
            _isPending = false;
        }
    }
}

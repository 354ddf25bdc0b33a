// A virtual board that runs Program.Run, unchanged and whole, against a port of this machine: real DNS, TCP and TLS.

using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

/// <summary>A board with its console; off and removed at the end.</summary>
internal sealed class NetworkBoard : IDisposable
{
    internal const string Thing = "toaster-01";
    internal const int ToasterPin = 5;
    internal const int LedPin = 2;
    private static readonly int[] Actuators = [2, 4, 5];

    private readonly List<int> _switchedOn = [];

    /// <summary>Provisions a board; <see cref="Start"/> switches it on.</summary>
    internal NetworkBoard(int port, string certificate, string key, string ca, string alpn = "", BoardTime? time = null)
    {
        Board = new VirtualBoard(Thing, Directory.CreateTempSubdirectory("network-board-").FullName, time);
        Board.I2c.Attach(Firmware.Drivers.Sht3x.DefaultAddress, new VirtualSht3x(Board));
        Board.I2c.Attach(Firmware.Drivers.Bmp280.DefaultAddress, new VirtualBmp280(Board));
        using ReservedPort coap = ReservedPort.Udp(0, "none");
        BoardProvisioner.Provision(Board.StorageFolder, Thing, new RealEndpoint("localhost", certificate, key, ca), port, alpn, coap.Port);
        Board.ConsoleLine += Console.Add;
        Board.UnhandledException += e => Console.Add("died: " + e);
        Board.PinChanged += (_, change) =>
        {
            if (change.Level && Actuators.Contains(change.Pin.Number))
            {
                lock (_switchedOn)
                {
                    _switchedOn.Add(change.Pin.Number);
                }
            }
        };
    }

    internal VirtualBoard Board { get; }

    /// <summary>What the firmware prints.</summary>
    internal LineLog Console { get; } = new();

    /// <summary>The actuators that were ever on.</summary>
    internal int[] SwitchedOn
    {
        get
        {
            lock (_switchedOn)
            {
                return [.. _switchedOn];
            }
        }
    }

    internal string ConfigurationFile => Path.Combine(Board.StorageFolder, DeviceConfiguration.FileName);

    internal NetworkBoard Start()
    {
        BoardConsole.Install();
        Board.Start(() => Program.Run(new SimulatorClock(Board.Time), new Storage(Board.StorageFolder + Path.DirectorySeparatorChar), new Random(1), null!));
        return this;
    }

    /// <summary>Waits for a level at a pin.</summary>
    internal void AwaitPin(int gpio, bool level) =>
        Assert.IsTrue(SpinWait.SpinUntil(() => Board.Pins[gpio].Level == level, ChildProcess.PatienceMs), $"GPIO {gpio} does not go {(level ? "high" : "low")}:\n{Console}");

    public void Dispose()
    {
        Board.CutPower();
        Directory.Delete(Board.StorageFolder, recursive: true);
        Assert.IsTrue(Console.All.All(line => !line.StartsWith("died:", StringComparison.Ordinal)), Console.ToString());
    }
}

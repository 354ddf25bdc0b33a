// A drone: an ordinary Thing on a virtual board of its own, at a height that the air pressure around the board tells its altimeter.

using Firmware.Simulator.Aws;
using Firmware.Simulator.Board;

namespace Firmware.Simulator.Drones;

/// <summary>A virtual board that flies.</summary>
internal sealed class Drone
{
    private const int TelemetrySeconds = 1;

    // longer than Limits.StopMs, within which the firmware says goodbye
    private const int StopMs = 4000;

    // ICAO standard atmosphere, as the firmware has it (StandardAtmosphere.cs), the other way round
    private const double SeaLevelPa = 101_325;
    private const double ScaleMetres = 44_330.769;
    private const double Exponent = 0.1902631;

    private readonly List<string> _lines = [];

    /// <summary>Makes a drone without power.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="thing">Its thing name.</param>
    /// <param name="name">Its name in the fleet.</param>
    /// <param name="metres">Its height above sea level.</param>
    internal Drone(string stateFolder, string thing, string name, int metres)
    {
        Thing = thing;
        Name = name;
        Board = FirmwareBoard.Create(stateFolder, thing, new RealBoardTime());
        Board.ConsoleLine += Note;
        Board.UnhandledException += e => Note("died: " + e);
        MoveTo(metres);
    }

    /// <summary>The thing name.</summary>
    internal string Thing { get; }

    /// <summary>The name in the fleet.</summary>
    internal string Name { get; }

    /// <summary>The true height, metres above sea level.</summary>
    internal int Metres { get; private set; }

    /// <summary>What the firmware printed until now.</summary>
    internal string Lines
    {
        get
        {
            lock (_lines)
            {
                return string.Join("\n", _lines.Select(line => $"  {Thing} | {line}"));
            }
        }
    }

    private VirtualBoard Board { get; }

    /// <summary>Flies to another height, at once.</summary>
    /// <param name="metres">Above sea level.</param>
    internal void MoveTo(int metres)
    {
        Metres = metres;
        Board.Environment.PressurePa = (int)Math.Round(SeaLevelPa * Math.Pow(1 - (metres / ScaleMetres), 1 / Exponent));
    }

    /// <summary>Provisions the board as a member of the fleet and switches it on.</summary>
    /// <param name="standIn">The broker, running.</param>
    /// <param name="topic">The topic of the fleet.</param>
    internal void Start(IotCoreStandIn standIn, string topic)
    {
        using (ReservedPort coap = ReservedPort.Udp(0, "--coap-port"))
        {
            BoardProvisioner.ForStandIn(Board.StorageFolder, Thing, standIn.Certificates, standIn.MqttPort, "", coap.Port);
        }

        BoardProvisioner.SetFleet(Board.StorageFolder, topic, Name, TelemetrySeconds);
        FirmwareBoard.Start(Board);
    }

    /// <summary>Lands: the firmware says goodbye and stops.</summary>
    internal void Stop() => Board.Stop(StopMs);

    private void Note(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }
}

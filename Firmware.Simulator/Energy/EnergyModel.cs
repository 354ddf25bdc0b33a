// The arithmetic: a phase has a charge, a cycle is phases and sleep, a battery has days. Nothing here knows what the phases are of.
// Left out: the battery's voltage and temperature, the regulator's loss (an LDO's input current is its output current), ageing.

namespace Firmware.Simulator.Energy;

/// <summary>One thing that a board does in a cycle.</summary>
/// <param name="Name">What; phases of one name are summed up.</param>
/// <param name="Milliseconds">How long in all.</param>
/// <param name="Milliamperes">At which current while it does not transmit.</param>
/// <param name="TransmitMs">How long of it the board transmits.</param>
/// <param name="TransmitMilliamperes">At which current it does.</param>
/// <param name="Bytes">What goes over the network meanwhile, both ways, with IP headers.</param>
public sealed record WakePhase(string Name, double Milliseconds, double Milliamperes, double TransmitMs = 0, double TransmitMilliamperes = 0, double Bytes = 0)
{
    /// <summary>The charge, millicoulombs.</summary>
    public double Millicoulombs => (((Milliseconds - TransmitMs) * Milliamperes) + (TransmitMs * TransmitMilliamperes)) / 1000;

    /// <summary>The same phase several times.</summary>
    /// <param name="times">How often.</param>
    /// <returns>Their sum.</returns>
    public WakePhase Times(double times) => this with { Milliseconds = Milliseconds * times, TransmitMs = TransmitMs * times, Bytes = Bytes * times };
}

/// <summary>What a design does over and over.</summary>
/// <param name="Name">The design.</param>
/// <param name="Seconds">The period.</param>
/// <param name="Phases">What it does while it is awake.</param>
/// <param name="RestMilliamperes">The current during the rest of the period.</param>
/// <param name="RestName">What the rest is.</param>
public sealed record EnergyCycle(string Name, double Seconds, IReadOnlyList<WakePhase> Phases, double RestMilliamperes, string RestName)
{
    private const double MsPerSecond = 1000;

    /// <summary>Time awake in a period, milliseconds.</summary>
    public double AwakeMs => Phases.Sum(p => p.Milliseconds);

    /// <summary>Charge of the rest, millicoulombs.</summary>
    public double RestMillicoulombs => Math.Max(0, (Seconds * MsPerSecond) - AwakeMs) * RestMilliamperes / MsPerSecond;

    /// <summary>Charge of all phases, without the rest.</summary>
    public double AwakeMillicoulombs => Phases.Sum(p => p.Millicoulombs);

    /// <summary>Charge of the whole cycle.</summary>
    public double Millicoulombs => AwakeMillicoulombs + RestMillicoulombs;

    /// <summary>Bytes of a cycle.</summary>
    public double Bytes => Phases.Sum(p => p.Bytes);

    /// <summary>Average current. A board that is awake for longer than its period is awake always.</summary>
    public double AverageMilliamperes => Millicoulombs / Math.Max(Seconds, AwakeMs / MsPerSecond);

    /// <summary>The charge of all phases of one name; 0 if it has none.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Millicoulombs.</returns>
    public double Of(string name) => Phases.Where(p => p.Name == name).Sum(p => p.Millicoulombs);
}

/// <summary>A battery.</summary>
/// <param name="MilliampereHours">What its label says.</param>
/// <param name="UsablePercent">How much of it can be had before the voltage is too low.</param>
/// <param name="SelfDischargePercentPerMonth">How much of the label's charge is lost by itself.</param>
public sealed record EnergyBattery(double MilliampereHours, double UsablePercent = 100, double SelfDischargePercentPerMonth = 0)
{
    private const double HoursPerDay = 24;
    private const double DaysPerMonth = 365.25 / 12;

    /// <summary>The current that self discharge is worth.</summary>
    public double SelfDischargeMilliamperes => MilliampereHours * SelfDischargePercentPerMonth / 100 / DaysPerMonth / HoursPerDay;

    /// <summary>How long it lasts.</summary>
    /// <param name="milliamperes">The average current.</param>
    /// <returns>Days.</returns>
    public double Days(double milliamperes) => MilliampereHours * UsablePercent / 100 / (milliamperes + SelfDischargeMilliamperes) / HoursPerDay;
}

/// <summary>Bytes of one exchange, as they passed.</summary>
/// <param name="Name">What was exchanged.</param>
/// <param name="BytesUp">From the board, payload of TCP or UDP.</param>
/// <param name="BytesDown">To the board.</param>
/// <param name="PacketsUp">From the board, as many as full packets are needed for what was sent in one go.</param>
/// <param name="PacketsDown">To the board.</param>
/// <param name="RoundTrips">How often the board waited for an answer.</param>
/// <param name="ApplicationBytes">Both ways, without TLS.</param>
/// <param name="HeaderBytes">Of IPv4 and TCP or UDP in each packet.</param>
public sealed record Exchange(string Name, int BytesUp, int BytesDown, int PacketsUp, int PacketsDown, int RoundTrips, int ApplicationBytes, int HeaderBytes = Exchange.TcpHeader)
{
    /// <summary>IPv4 and TCP without options.</summary>
    public const int TcpHeader = 40;

    /// <summary>IPv4 and UDP.</summary>
    public const int UdpHeader = 28;

    /// <summary>All bytes with headers.</summary>
    public int OnTheWire => BytesUp + BytesDown + (HeaderBytes * (PacketsUp + PacketsDown));

    /// <summary>How long the board transmits.</summary>
    /// <param name="constants">Rate and overhead.</param>
    /// <returns>Milliseconds.</returns>
    public double TransmitMs(EnergyConstants constants) =>
        (PacketsUp * constants["airMsPerPacket"]) + ((BytesUp + (HeaderBytes * PacketsUp)) * 8 / constants["airKbitPerSecond"]);
}

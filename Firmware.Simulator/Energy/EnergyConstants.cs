// What the energy model takes from others: currents, and times that no virtual board can measure. Each has a source; docs/power.md says more of them.
// Nothing here was measured on a board of ours. Every one can be replaced for a run: --set NAME=VALUE.

using System.Globalization;

namespace Firmware.Simulator.Energy;

/// <summary>How a constant was come by.</summary>
public enum ConstantKind
{
    /// <summary>From a data sheet or a published measurement.</summary>
    Cited = 0,

    /// <summary>Chosen so that the lecture's MQTT wake of 774 ms and 108.6 mC comes out.</summary>
    Calibrated,

    /// <summary>Nobody measured it: a guess that is said to be one.</summary>
    Assumed,
}

/// <summary>One constant.</summary>
/// <param name="Name">As in <c>--set</c>.</param>
/// <param name="Value">In the unit.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Kind">How it was come by.</param>
/// <param name="Source">Where it is from.</param>
public sealed record EnergyConstant(string Name, double Value, string Unit, ConstantKind Kind, string Source);

/// <summary>The constants of one run. Immutable.</summary>
public sealed class EnergyConstants
{
    private const double Highest = 1e6;

    private EnergyConstants(IReadOnlyList<EnergyConstant> all) => All = all;

    /// <summary>The constants as they are documented.</summary>
    public static EnergyConstants Default { get; } = new(
    [
        new("bootMs", 270, "ms", ConstantKind.Cited, "T. von Eicken, ESP32 Deep-Sleep with Periodic Wake-up (2018): reset to main"),
        new("startMs", 400, "ms", ConstantKind.Assumed, "nanoCLR loads the assemblies, the firmware starts"),
        new("cpuMa", 49, "mA", ConstantKind.Cited, "ESP32 datasheet, modem-sleep at 240 MHz: 30 to 68, the middle"),
        new("associationMs", 480, "ms", ConstantKind.Calibrated, "lecture's 774 ms less boot and three round trips in the LAN"),
        new("associationMa", 190, "mA", ConstantKind.Calibrated, "lecture's 108.6 mC less the rest; datasheet: RX 95 to 100, TX 180 to 240"),
        new("dhcpMs", 1700, "ms", ConstantKind.Cited, "iotclass.org, Wi-Fi Power Optimization: 2.5 s with DHCP, 0.8 s without"),
        new("radioMa", 129, "mA", ConstantKind.Cited, "README of esp32-mqtt-sntp, after ESP-IDF's example power_save: connected, no power save"),
        new("transmitMa", 240, "mA", ConstantKind.Cited, "ESP32 datasheet, RF power consumption: TX 802.11b, 1 Mbit/s, 19.5 dBm"),
        new("airMsPerPacket", 0.5, "ms", ConstantKind.Cited, "IEEE 802.11: long preamble 0.192, DIFS 0.05, ACK 0.3"),
        new("airKbitPerSecond", 1000, "kbit/s", ConstantKind.Cited, "the slowest rate of 802.11b, which the TX current is for"),
        new("roundTripMs", 50, "ms", ConstantKind.Assumed, "home network to a cloud region near by"),
        new("lanRoundTripMs", 8, "ms", ConstantKind.Assumed, "the lecture's broker, in the LAN"),
        new("tlsCpuMs", 1800, "ms", ConstantKind.Cited, "micropython-esp32 issue 131: 1.2 s to verify a server; the lecture's notes: 1.2 to 2.5 s; the middle"),
        new("httpServerMs", 100, "ms", ConstantKind.Assumed, "the server's work for a POST"),
        new("flushMs", 20, "ms", ConstantKind.Assumed, "until a datagram has left before the radio goes off"),
        new("modemSleepMa", 31.12, "mA", ConstantKind.Cited, "ESP-IDF, Low Power Mode in Wi-Fi Scenarios: modem-sleep, DTIM1"),
        new("sleepUa", 10, "uA", ConstantKind.Cited, "ESP32 datasheet, deep sleep, RTC timer and RTC memory"),
        new("boardUa", 21, "uA", ConstantKind.Assumed, "battery divider 2 x 100k (docs/wiring.md): 19; a frugal regulator: 2; no development board's LED and USB chip"),
    ]);

    /// <summary>All of them.</summary>
    public IReadOnlyList<EnergyConstant> All { get; }

    /// <summary>The value of a constant.</summary>
    /// <param name="name">Its name.</param>
    public double this[string name] => All.Single(c => c.Name == name).Value;

    /// <summary>The same with one value replaced.</summary>
    /// <param name="setting">As on the command line: <c>NAME=VALUE</c>.</param>
    /// <returns>New constants.</returns>
    /// <exception cref="FormatException">No such name, or no number from 0 to a million (a rate: above 0).</exception>
    public EnergyConstants With(string setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        string[] parts = setting.Split('=');
        if (parts.Length != 2 || All.All(c => c.Name != parts[0]))
        {
            throw new FormatException($"--set takes NAME=VALUE with one of these names: {string.Join(", ", All.Select(c => c.Name))}");
        }

        bool isRate = parts[0] == "airKbitPerSecond";
        if (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !(value >= (isRate ? 1 : 0) && value <= Highest))
        {
            throw new FormatException($"--set {parts[0]} takes a number from {(isRate ? 1 : 0)} to 1000000");
        }

        return new EnergyConstants([.. All.Select(c => c.Name == parts[0] ? c with { Value = value, Source = "--set; else " + c.Source } : c)]);
    }
}

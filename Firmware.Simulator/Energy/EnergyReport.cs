// Prints what was measured, what is modelled, and the designs beside the lecture's table.

using System.Globalization;

namespace Firmware.Simulator.Energy;

/// <summary>The outcome of one run of <c>energy</c>.</summary>
internal sealed class EnergyReport
{
    private const double LectureMqttMc = 108.6;
    private const double LectureHttpMc = 341;
    private const double LectureMqttMs = 774;
    private const double LectureHttpMs = 2928;
    private const double LectureSeconds = 300;
    private const double LectureBatteryMah = 2000;

    private readonly EnergySchedule _schedule;
    private readonly EnergyBattery _battery;
    private readonly EnergyConstants _constants;
    private readonly EnergyTraffic _traffic;
    private readonly (BoardRun Run, BoardCounts Counts) _batched;
    private readonly (BoardRun Run, BoardCounts Counts) _perWake;
    private readonly int _days;
    private readonly EnergyDesigns _designs;

    internal EnergyReport(EnergySchedule schedule, EnergyBattery battery, EnergyConstants constants, EnergyTraffic traffic,
        (BoardRun Run, BoardCounts Counts) batched, (BoardRun Run, BoardCounts Counts) perWake, int days)
    {
        _schedule = schedule;
        _battery = battery;
        _constants = constants;
        _traffic = traffic;
        _batched = batched;
        _perWake = perWake;
        _days = days;
        _designs = new EnergyDesigns(constants, traffic);
        Cycles = _designs.All(schedule, batched.Counts, perWake.Counts);
    }

    /// <summary>The designs.</summary>
    internal IReadOnlyList<EnergyCycle> Cycles { get; }

    /// <summary>The traffic.</summary>
    internal EnergyTraffic Traffic => _traffic;

    /// <summary>The same battery as the lecture counts: all of it, and nothing lost.</summary>
    private EnergyBattery Label => new(_battery.MilliampereHours);

    /// <summary>Draws the designs.</summary>
    internal void Draw(string file, int width, int height) => EnergyPlot.Save(file, width, height,
        $"a reading every {_schedule.SenseSeconds} s; batched: connects every {_schedule.ConnectSeconds} s", Cycles, _battery);

    /// <summary>Prints everything.</summary>
    /// <param name="output">Where to.</param>
    internal void Write(TextWriter output)
    {
        output.WriteLine(Text($"A reading every {_schedule.SenseSeconds} s; the batched design connects every {_schedule.ConnectSeconds} s and listens for {_schedule.ListenSeconds} s."));
        WriteTraffic(output);
        WriteBoard(output);
        WriteConstants(output);
        WriteCharges(output);
        WriteLives(output);
        WriteLecture(output);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void WriteTraffic(TextWriter output)
    {
        output.WriteLine("\nMEASURED in this run: bytes (TLS: this firmware's TlsTransport and MQTT engine against the stand-in, through a counting relay)");
        output.WriteLine(Text($"  {"",-38} {"application",11} {"up",6} {"down",6} {"packets",8} {"turns",6} {"with IP",8}"));
        foreach (Exchange e in new[]
        {
            _traffic.Handshake, _traffic.Connect, _traffic.Subscribe, _traffic.Online, _traffic.Publish, _traffic.Ping, _traffic.Goodbye, _traffic.Coap, _traffic.Https,
        })
        {
            output.WriteLine(Text($"  {e.Name,-38} {e.ApplicationBytes,11} {e.BytesUp,6} {e.BytesDown,6} {e.PacketsUp + e.PacketsDown,8} {e.RoundTrips,6} {e.OnTheWire,8}"));
        }

        output.WriteLine(Text($"  The reading: {_batched.Run.Reading}"));
        output.WriteLine("  HTTPS: the texts are written and counted, not exchanged (the stand-in has no HTTPS); handshake as above. Packets: 1,460 bytes each, without bare ACKs.");
    }

    private void WriteBoard(TextWriter output)
    {
        output.WriteLine(Text($"\nMEASURED in this run: the application on the virtual board, {_days} virtual days on each schedule (its waiting; what it computes takes no time there)"));
        output.WriteLine(Text($"  {"",-20} {"boots",6} {"connections",12} {"readings",9} {"writes/day",11} {"sense ms",9} {"CONNECT..SUBACK ms",19} {"publish ms",11} {"listen ms",10} {"goodbye ms",11} {"only sensed: to sleep ms",25}"));
        foreach ((string name, (BoardRun run, BoardCounts c)) in new[] { ("batched", _batched), ("each reading", _perWake) })
        {
            output.WriteLine(Text($"  {name,-20} {run.Counted.Boots,6} {run.Counted.Connects,12} {run.Counted.Readings,9} {c.WritesPerDay,11:F0} {c.SensingMs,9:F0} {c.JoiningMs,19:F0} {c.PublishingMs,11:F0} {c.ListeningMs,10:F0} {c.LeavingMs,11:F0} {c.TurningBackMs,25:F0}"));
        }

        output.WriteLine(Text($"  The broker answers after {_constants["roundTripMs"]} ms (roundTripMs). The designs without their own run (kept connected, CoAP, HTTPS): counts computed from the schedule."));
    }

    private void WriteConstants(TextWriter output)
    {
        output.WriteLine("\nMODELLED: currents, and times that a virtual board cannot know (docs/power.md; --set replaces them)");
        foreach (EnergyConstant c in _constants.All)
        {
            output.WriteLine(Text($"  {c.Name,-18} {c.Value,8:0.##} {c.Unit,-7} {c.Kind.ToString().ToLowerInvariant(),-11} {c.Source}"));
        }
    }

    private void WriteCharges(TextWriter output)
    {
        output.WriteLine("\nCharge of one cycle by phase, mC (bytes, counts and the firmware's waiting measured; currents and the other times modelled)");
        output.WriteLine(Text($"  {"",-18}") + string.Concat(Cycles.Select(c => Text($"{c.Name,24}"))));
        output.WriteLine(Text($"  {"cycle, s",-18}") + string.Concat(Cycles.Select(c => Text($"{c.Seconds,24:F0}"))));
        foreach (string phase in EnergyDesigns.PhaseNames)
        {
            output.WriteLine(Text($"  {phase,-18}") + string.Concat(Cycles.Select(c => Text($"{c.Of(phase),24:F1}"))));
        }

        output.WriteLine(Text($"  {"deep/modem sleep",-18}") + string.Concat(Cycles.Select(c => Text($"{c.RestMillicoulombs,24:F1}"))));
        output.WriteLine(Text($"  {"sum",-18}") + string.Concat(Cycles.Select(c => Text($"{c.Millicoulombs,24:F1}"))));
        output.WriteLine(Text($"  {"awake, s",-18}") + string.Concat(Cycles.Select(c => Text($"{c.AwakeMs / 1000,24:F2}"))));
        output.WriteLine(Text($"  {"bytes with IP",-18}") + string.Concat(Cycles.Select(c => Text($"{c.Bytes,24:F0}"))));
    }

    private void WriteLives(TextWriter output)
    {
        EnergyCycle perWake = Cycles[1];
        output.WriteLine(Text($"\nDays on {_battery.MilliampereHours} mAh: all of it, as the lecture counts; and {_battery.UsablePercent} % usable with {_battery.SelfDischargePercentPerMonth} % self discharge a month"));
        output.WriteLine(Text($"  {"",-24} {"average mA",11} {"days, all",10} {"days, usable",13} {"against MQTT, each reading",27}"));
        foreach (EnergyCycle c in Cycles)
        {
            output.WriteLine(Text($"  {c.Name,-24} {c.AverageMilliamperes,11:F3} {Label.Days(c.AverageMilliamperes),10:F0} {_battery.Days(c.AverageMilliamperes),13:F0} {Label.Days(c.AverageMilliamperes) / Label.Days(perWake.AverageMilliamperes),26:F2}x"));
        }

        output.WriteLine("  CoAP NON has no TLS and no acknowledgement here: what is lost stays lost, and anybody near can read it. CoAP and HTTPS take no commands.");
    }

    private void WriteLecture(TextWriter output)
    {
        EnergyBattery battery = new(LectureBatteryMah);
        EnergyCycle mqtt = _designs.LectureMqtt();
        EnergyCycle http = _designs.LectureHttp();
        output.WriteLine("\nBeside the lecture (2,000 mAh, all of it; a wake every 300 s; deep sleep 10 uA)");
        output.WriteLine(Text($"  {"",-36} {"lecture",22} {"these constants",22} {"difference",11}"));
        Compare(output, mqtt, LectureMqttMs, LectureMqttMc, battery, "the calibration");
        Compare(output, http, LectureHttpMs, LectureHttpMc, battery, "a check");
        EnergyCycle plain = _designs.LectureBatched(_schedule, _batched.Counts.SensingMs);
        EnergyCycle batched = Cycles[2];
        output.WriteLine(Text($"  The lecture's cycle under its own assumptions, connecting every {_schedule.ConnectSeconds} s instead: {battery.Days(plain.AverageMilliamperes):F0} days, {battery.Days(plain.AverageMilliamperes) / battery.Days(mqtt.AverageMilliamperes):F1}x."));
        output.WriteLine(Text($"  Our batched design (nanoCLR, DHCP, TLS with client certificate, window, divider): {battery.Days(batched.AverageMilliamperes):F0} days, {battery.Days(batched.AverageMilliamperes) / battery.Days(Cycles[1].AverageMilliamperes):F1}x ours that connects at each reading, {battery.Days(batched.AverageMilliamperes) / LectureDays(LectureMqttMc, battery):F1}x the lecture's 224."));
        output.WriteLine("  The lecture's other table: CoAP 154 bytes, 0.744 mW, 151 days; HTTP 1,451 bytes, 1.333 mW, 84 days: 1.8x; under which conditions it does not say.");
        output.WriteLine(Text($"  Here CoAP NON against HTTPS, {_traffic.Coap.OnTheWire} against {_traffic.Handshake.OnTheWire + _traffic.Https.OnTheWire} bytes: {Cycles[4].AverageMilliamperes / Cycles[3].AverageMilliamperes:F1}x, nearly all of it the handshake's computing, next to none of it bytes."));
    }

    private static double LectureDays(double millicoulombs, EnergyBattery battery) => battery.Days((millicoulombs / LectureSeconds) + 0.010);

    private static void Compare(TextWriter output, EnergyCycle model, double ms, double millicoulombs, EnergyBattery battery, string what)
    {
        string theirs = Text($"{ms:F0} ms, {millicoulombs:0.#} mC, {LectureDays(millicoulombs, battery):F0} d");
        string ours = Text($"{model.AwakeMs:F0} ms, {model.AwakeMillicoulombs:F1} mC, {battery.Days(model.AverageMilliamperes):F0} d");
        output.WriteLine(Text($"  {model.Name,-36} {theirs,22} {ours,22} {(model.AwakeMillicoulombs - millicoulombs) / millicoulombs * 100,9:+0.0;-0.0} %  {what}"));
    }
}

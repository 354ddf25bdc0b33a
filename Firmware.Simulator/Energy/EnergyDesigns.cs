// The five designs as phases: modelled times and currents, measured bytes, round trips and counts.

namespace Firmware.Simulator.Energy;

/// <summary>A schedule.</summary>
/// <param name="SenseSeconds">Between two readings.</param>
/// <param name="ConnectSeconds">Between two connections of the batched design.</param>
/// <param name="ListenSeconds">How long commands are awaited after each connection over MQTT.</param>
public sealed record EnergySchedule(int SenseSeconds, int ConnectSeconds, int ListenSeconds);

/// <summary>What the virtual board did on one schedule, per connection and per reading.</summary>
/// <param name="SensesPerConnect">Readings for each connection.</param>
/// <param name="WakesPerConnect">Boots for each connection, that with the connection included.</param>
/// <param name="WritesPerDay">Writes to storage.</param>
/// <param name="SensingMs">Milliseconds of a boot until it is decided whether to connect.</param>
/// <param name="JoiningMs">CONNECT to the last SUBACK, per connection.</param>
/// <param name="PublishingMs">Until the last acknowledgement, per connection.</param>
/// <param name="ListeningMs">The window, per connection.</param>
/// <param name="LeavingMs">The goodbye, per connection.</param>
/// <param name="TurningBackMs">From the decision not to connect to sleep, per boot that only senses.</param>
public sealed record BoardCounts(
    double SensesPerConnect, double WakesPerConnect, double WritesPerDay, double SensingMs, double JoiningMs, double PublishingMs, double ListeningMs, double LeavingMs,
    double TurningBackMs);

/// <summary>What was measured of the protocols.</summary>
/// <param name="Handshake">TLS 1.2 with client certificate.</param>
/// <param name="Connect">CONNECT and CONNACK.</param>
/// <param name="Subscribe">SUBSCRIBE and SUBACK.</param>
/// <param name="Online">The status that is said first.</param>
/// <param name="Publish">One reading, acknowledged.</param>
/// <param name="Ping">PINGREQ and PINGRESP.</param>
/// <param name="Goodbye">The status <c>sleeping</c>, and DISCONNECT.</param>
/// <param name="Coap">One reading, NON POST.</param>
/// <param name="Https">One reading, POST and its answer.</param>
public sealed record EnergyTraffic(
    Exchange Handshake, Exchange Connect, Exchange Subscribe, Exchange Online, Exchange Publish, Exchange Ping, Exchange Goodbye, Exchange Coap, Exchange Https);

/// <summary>Builds cycles.</summary>
/// <param name="constants">Currents and times.</param>
/// <param name="traffic">Bytes.</param>
public sealed class EnergyDesigns(EnergyConstants constants, EnergyTraffic traffic)
{
    /// <summary>The phases, in their order.</summary>
    public static IReadOnlyList<string> PhaseNames { get; } = ["boot", "sense", "associate", "DHCP", "DNS, TCP", "TLS", "exchange", "listen", "goodbye"];

    private const double LectureSeconds = 300;
    private const double KeepAliveSeconds = 60;
    private const int TcpPacketsUp = 2;
    private const int DnsAndTcpBytes = 220;

    private double Sleep => (constants["sleepUa"] + constants["boardUa"]) / 1000;

    private double Radio => constants["radioMa"];

    /// <summary>All designs.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="batched">What the board did on it.</param>
    /// <param name="perWake">What the board did if each reading connects.</param>
    /// <returns>Five cycles.</returns>
    public IReadOnlyList<EnergyCycle> All(EnergySchedule schedule, BoardCounts batched, BoardCounts perWake)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return
        [
            KeptConnected(schedule.SenseSeconds),
            Mqtt("MQTT, each reading", schedule.SenseSeconds, perWake),
            Mqtt("MQTT, batched", schedule.ConnectSeconds, batched),
            Coap(schedule.SenseSeconds, perWake),
            Https(schedule.SenseSeconds, perWake),
        ];
    }

    /// <summary>Sleeps deeply, connects over MQTT and TLS.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="seconds">Between two connections.</param>
    /// <param name="counts">What the board did.</param>
    /// <returns>The cycle.</returns>
    public EnergyCycle Mqtt(string name, double seconds, BoardCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        Exchange all = Sum(traffic.Connect, traffic.Subscribe, traffic.Online, Times(traffic.Publish, counts.SensesPerConnect));
        return new EnergyCycle(name, seconds,
        [
            .. Waking(counts.WakesPerConnect, counts.SensingMs),
            .. Joining(withTls: true),
            OnAir("exchange", counts.JoiningMs + counts.PublishingMs, all),
            new("listen", counts.ListeningMs, constants["modemSleepMa"]),
            OnAir("goodbye", counts.LeavingMs, traffic.Goodbye),
            new WakePhase("goodbye", counts.TurningBackMs, constants["cpuMa"]).Times(counts.WakesPerConnect - 1),
        ], Sleep, "deep sleep");
    }

    /// <summary>Never sleeps: modem sleep, a connection that is kept.</summary>
    /// <param name="seconds">Between two readings.</param>
    /// <returns>The cycle.</returns>
    public EnergyCycle KeptConnected(double seconds)
    {
        double pings = Math.Max(0, (seconds / KeepAliveSeconds) - 1);
        WakePhase exchange = OnAir("exchange", constants["roundTripMs"], traffic.Publish);
        WakePhase ping = OnAir("exchange", constants["roundTripMs"], traffic.Ping).Times(pings);
        return new EnergyCycle("MQTT, kept connected", seconds, [exchange, ping], constants["modemSleepMa"] + (constants["boardUa"] / 1000), "modem sleep");
    }

    /// <summary>Each reading is one datagram: no TLS, no acknowledgement, no command.</summary>
    /// <param name="seconds">Between two readings.</param>
    /// <param name="counts">What the board did.</param>
    /// <returns>The cycle.</returns>
    public EnergyCycle Coap(double seconds, BoardCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double send = traffic.Coap.TransmitMs(constants) + constants["flushMs"];
        return new EnergyCycle("CoAP NON, each reading", seconds,
            [.. Waking(1, counts.SensingMs), .. Network(), OnAir("exchange", send, traffic.Coap)], Sleep, "deep sleep");
    }

    /// <summary>Each reading is one POST over TLS: no command.</summary>
    /// <param name="seconds">Between two readings.</param>
    /// <param name="counts">What the board did.</param>
    /// <returns>The cycle.</returns>
    public EnergyCycle Https(double seconds, BoardCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double post = constants["roundTripMs"] + constants["httpServerMs"];
        return new EnergyCycle("HTTPS, each reading", seconds,
            [.. Waking(1, counts.SensingMs), .. Joining(withTls: true), OnAir("exchange", post, traffic.Https)], Sleep, "deep sleep");
    }

    /// <summary>The lecture's wake with a static address and MQTT without TLS (774 ms, 108.6 mC), out of these constants.</summary>
    /// <returns>Its cycle of five minutes.</returns>
    public EnergyCycle LectureMqtt() => new("wake, static IP, MQTT", LectureSeconds,
    [
        new("boot", constants["bootMs"], constants["cpuMa"]),
        new("associate", constants["associationMs"], constants["associationMa"]),
        new("exchange", 3 * constants["lanRoundTripMs"], Radio),
    ], constants["sleepUa"] / 1000, "deep sleep");

    /// <summary>The same wake, but only at every so many readings; the other boots only sense.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="sensingMs">How long the sensor takes.</param>
    /// <returns>The cycle.</returns>
    public EnergyCycle LectureBatched(EnergySchedule schedule, double sensingMs)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        double senses = (double)schedule.ConnectSeconds / schedule.SenseSeconds;
        return LectureMqtt() with
        {
            Name = "the same, batched", Seconds = schedule.ConnectSeconds,
            Phases =
            [
                .. LectureMqtt().Phases,
                new WakePhase("boot", constants["bootMs"], constants["cpuMa"]).Times(senses - 1),
                new WakePhase("sense", sensingMs, constants["cpuMa"]).Times(senses),
            ],
        };
    }

    /// <summary>The lecture's wake with DHCP and a POST without TLS (2,928 ms, 341 mC), out of these constants.</summary>
    /// <returns>Its cycle of five minutes.</returns>
    public EnergyCycle LectureHttp() => new("wake, DHCP, HTTP POST", LectureSeconds,
    [
        new("boot", constants["bootMs"], constants["cpuMa"]),
        new("associate", constants["associationMs"], constants["associationMa"]),
        new("DHCP", constants["dhcpMs"], Radio),
        new("exchange", (3 * constants["roundTripMs"]) + constants["httpServerMs"], Radio),
    ], constants["sleepUa"] / 1000, "deep sleep");

    private static Exchange Times(Exchange one, double times) => one with
    {
        BytesUp = (int)(one.BytesUp * times), BytesDown = (int)(one.BytesDown * times),
        PacketsUp = (int)Math.Ceiling(one.PacketsUp * times), PacketsDown = (int)Math.Ceiling(one.PacketsDown * times),
    };

    private static Exchange Sum(params Exchange[] parts) => new("sum", parts.Sum(p => p.BytesUp), parts.Sum(p => p.BytesDown),
        parts.Sum(p => p.PacketsUp), parts.Sum(p => p.PacketsDown), parts.Sum(p => p.RoundTrips), parts.Sum(p => p.ApplicationBytes));

    private IEnumerable<WakePhase> Waking(double boots, double sensingMs) =>
    [
        new WakePhase("boot", constants["bootMs"] + constants["startMs"], constants["cpuMa"]).Times(boots),
        new WakePhase("sense", sensingMs, constants["cpuMa"]).Times(boots),
    ];

    private IEnumerable<WakePhase> Network() =>
    [
        new("associate", constants["associationMs"], constants["associationMa"]),
        new("DHCP", constants["dhcpMs"], Radio),
    ];

    // a round trip to the name server and one for the connection; their bytes are an estimate of 220
    private IEnumerable<WakePhase> Joining(bool withTls) =>
    [
        .. Network(),
        OnAir("DNS, TCP", 2 * constants["roundTripMs"], new Exchange("DNS, TCP", DnsAndTcpBytes / 2, DnsAndTcpBytes / 2, TcpPacketsUp + 1, TcpPacketsUp, 2, 0, 0)),
        .. withTls ? [OnAir("TLS", constants["tlsCpuMs"] + (traffic.Handshake.RoundTrips * constants["roundTripMs"]), traffic.Handshake)] : Array.Empty<WakePhase>(),
    ];

    // what is sent lasts at least as long as it takes on the air
    private WakePhase OnAir(string name, double milliseconds, Exchange exchange)
    {
        double transmit = exchange.TransmitMs(constants);
        return new WakePhase(name, Math.Max(milliseconds, transmit), Radio, transmit, constants["transmitMa"], exchange.OnTheWire);
    }
}

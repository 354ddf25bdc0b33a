// The virtual world: one board that runs the real firmware, and the stand-in for AWS IoT Core. Wires them together and shows what happens.

using System.Text.Json.Nodes;
using Firmware.Connectivity;
using Firmware.Settings;
using Firmware.Simulator.Aws;
using Firmware.Simulator.Board;
using Firmware.Simulator.Plugtest;

namespace Firmware.Simulator;

/// <summary>A board and its broker.</summary>
public sealed class Simulation : IAsyncDisposable
{
    // longer than Limits.StopMs, within which the firmware says goodbye
    private const int StopMs = 4000;

    // the board's goodbye is on the way to the stand-in when the board is off already
    private const int GoodbyeMs = 1000;

    private readonly SimulatorOptions _options;
    private readonly Display _display;
    private readonly IotCoreStandIn? _standIn;
    private readonly Dictionary<int, (bool Level, int Duty)> _shown = [];
    private readonly ManualResetEventSlim _isDisconnected = new(true);

    /// <summary>Creates the world; nothing runs yet.</summary>
    /// <param name="options">What the user chose.</param>
    /// <param name="display">Where everything that happens is shown.</param>
    public Simulation(SimulatorOptions options, Display display)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(display);
        _options = options;
        _display = display;
        RealBoardTime time = new();
        Board = FirmwareBoard.Create(options.StateFolder, options.Thing, time);
        Board.StateChanged += state => time.Scale = state == BoardState.DeepSleep ? options.TimeScale : 1;
        Board.LightSleepChanged += sleeps => time.Scale = sleeps ? options.TimeScale : 1;
        if (options.TimeScale > 1)
        {
            // the time server lives in the board's world, where hours pass in minutes
            DateTime start = DateTime.UtcNow;
            Board.Sntp.Clock = () => start.AddMilliseconds(time.TotalMs);
        }

        Board.ConsoleLine += display.Board;
        Board.Warning += display.Say;
        Board.UnhandledException += e => display.Power($"the firmware died of {e.GetType().Name}: {e.Message}", "exception");
        Board.StateChanged += state => display.Power(Describe(state), state.ToString().ToLowerInvariant());
        Board.LightSleepChanged += sleeps => display.Power(sleeps ? "the board is in light sleep" : "the board is awake", sleeps ? "lightsleep" : "running");
        Board.Wifi.Changed += (_, _) => display.Power(Board.Wifi.Connected ? "Wi-Fi is connected" : "Wi-Fi is lost", Board.Wifi.Connected ? "wifi-connected" : "wifi-lost");
        Board.PinChanged += (_, change) => ShowPin(change);
        if (options.Real is null)
        {
            IotCoreOptions cloud = new()
            {
                StateFolder = options.StateFolder, MqttPort = options.MqttPort, AlpnPort = options.AlpnPort, HttpsPort = options.HttpsPort, Rules = options.Rules, ResumesTls = true,
            };
            _standIn = new IotCoreStandIn(cloud);
            _standIn.Happened += display.Cloud;
            _standIn.Happened += NoteConnection;
        }
    }

    /// <summary>The board.</summary>
    public VirtualBoard Board { get; }

    /// <summary>Which pin is what, from the board's configuration.</summary>
    public DeviceConfiguration Wiring { get; private set; } = new();

    /// <summary>The stand-in; null with a real endpoint.</summary>
    public IotCoreStandIn? StandIn => _standIn;

    /// <summary>The UDP port of the board's CoAP server, once started.</summary>
    public int CoapPort { get; private set; }

    /// <summary>The TCP port of the board's HTTP server, once started.</summary>
    public int HttpPort { get; private set; }

    /// <summary>Opens the doors, provisions the board, says ready and switches the board on.</summary>
    /// <exception cref="StandInException">A port is taken, or a file is missing.</exception>
    public async Task StartAsync()
    {
        using ReservedPort coap = ReservedPort.Udp(_options.CoapPort, "--coap-port");
        CoapPort = coap.Port;
        using ReservedPort http = ReservedPort.Tcp(_options.HttpPort, "--http-port");
        HttpPort = http.Port;
        string alpn = _options.Door == 443 && !_options.OverWebSocket ? DeviceConfiguration.MqttAlpn : string.Empty;
        if (_standIn is null)
        {
            BoardProvisioner.Provision(Board.StorageFolder, _options.Thing, _options.Real!, _options.Door, alpn, CoapPort);
        }
        else
        {
            await _standIn.StartAsync().ConfigureAwait(false);
            int port = _options.Door switch { 443 => _standIn.AlpnPort, 8443 => _standIn.HttpsPort, _ => _standIn.MqttPort };
            BoardProvisioner.ForStandIn(Board.StorageFolder, _options.Thing, _standIn.Certificates, port, alpn, CoapPort);
            BoardProvisioner.SetWebSocket(Board.StorageFolder, _options.OverWebSocket ? _standIn.Credentials.Session : null);
        }

        BoardProvisioner.SetHttps(Board.StorageFolder, _options.Door == 8443);
        if (_options.Sleep is { } policy)
        {
            BoardProvisioner.SetSleep(Board.StorageFolder, policy);
        }

        BoardProvisioner.SetHttp(Board.StorageFolder, HttpPort);
        BoardProvisioner.SetTls(Board.StorageFolder, _options.Tls, _options.TlsSession);
        Wiring = ReadWiring();
        Introduce();
        coap.Dispose();
        http.Dispose();
        FirmwareBoard.Start(Board, _options.CoapProfile == CoapProfile.Plugtest ? () => new PlugtestProfile() : null);
    }

    /// <summary>Switches the stand-in off or on again.</summary>
    /// <param name="on">True: on.</param>
    /// <returns>What to tell the user.</returns>
    public async Task<string> SwitchBrokerAsync(bool on)
    {
        if (_standIn is null)
        {
            return "the broker is a real one: it cannot be switched here";
        }

        if (on == _standIn.IsRunning)
        {
            return $"the broker is {(on ? "on" : "off")} already";
        }

        try
        {
            await (on ? _standIn.StartAsync() : _standIn.StopAsync()).ConfigureAwait(false);
            return $"the broker is {(on ? "on" : "off")}";
        }
        catch (StandInException e)
        {
            return e.Message;
        }
    }

    /// <summary>Shows every wired pin.</summary>
    public void ShowPins()
    {
        foreach (VirtualPin pin in Board.Pins)
        {
            if (NameOf(pin.Number) is { } name)
            {
                _display.Pin(pin.Number, name, pin.Level, pin.PwmDutyPercent);
            }
        }
    }

    /// <summary>Ends in order: the board says goodbye, then the doors close.</summary>
    public async ValueTask DisposeAsync()
    {
        Board.Stop(StopMs);
        if (_standIn is not null)
        {
            _isDisconnected.Wait(GoodbyeMs);
            await _standIn.DisposeAsync().ConfigureAwait(false);
        }

        _isDisconnected.Dispose();
    }

    private void NoteConnection(StandInEvent happened)
    {
        if (happened is ClientConnected connected && connected.ClientId == _options.Thing)
        {
            _isDisconnected.Reset();
        }
        else if (happened is ClientDisconnected disconnected && disconnected.ClientId == _options.Thing)
        {
            _isDisconnected.Set();
        }
    }

    private static string Describe(BoardState state) => state switch
    {
        BoardState.Off => "the board is off",
        BoardState.Running => "the board is on",
        BoardState.Halted => "the firmware has ended",
        BoardState.DeepSleep => "the board is in deep sleep",
        _ => "the board is in " + state,
    };

    // only to name pins: what is wrong with the file is said by the firmware
    private DeviceConfiguration ReadWiring()
    {
        try
        {
            return ConfigurationReader.Read(new Storage(Board.StorageFolder + Path.DirectorySeparatorChar));
        }
        catch (ConfigurationException)
        {
            return new DeviceConfiguration();
        }
    }

    private void ShowPin(VirtualPinChange change)
    {
        if (NameOf(change.Pin.Number) is not { } name)
        {
            return;
        }

        // a change of mode alone, at boot and at the end, is no news
        lock (_shown)
        {
            (bool, int) state = (change.Level, change.PwmDutyPercent);
            if (_shown.TryGetValue(change.Pin.Number, out (bool, int) before) && before == state)
            {
                return;
            }

            _shown[change.Pin.Number] = state;
        }

        _display.Pin(change.Pin.Number, name, change.Level, change.PwmDutyPercent);
    }

    private string? NameOf(int gpio) =>
        gpio == Wiring.LedPin ? "LED"
        : gpio == Wiring.LightPin ? "light"
        : gpio == Wiring.ToasterPin ? "toaster"
        : gpio == Wiring.ButtonPin ? "doorbell"
        : null;

    private string TlsOfBoard()
    {
        if (Wiring.TlsKind == TlsKind.SslStream)
        {
            return ".NET's SslStream";
        }

        int version = TlsEngineTransport.LibraryVersion;
        return version == 0 ? "the device's engine, which was not built on this PC" : $"the device's engine, mbedTLS {version >> 24}.{(version >> 16) & 0xFF}.{(version >> 8) & 0xFF}";
    }

    private void Introduce()
    {
        string commands = Wiring.CommandsTopic ?? _options.Thing + "/commands";
        if (_standIn is null)
        {
            _display.Introduce($"The board {_options.Thing} runs against {_options.Real!.Host}, port {_options.Door}, and serves CoAP at coap://127.0.0.1:{CoapPort} and a page at http://127.0.0.1:{HttpPort}/.");
            _display.Ready($"{_options.Thing} on {_options.Real.Host}:{_options.Door}, coap on UDP port {CoapPort}, http on port {HttpPort}", new JsonObject
            {
                ["thing"] = _options.Thing, ["endpoint"] = _options.Real.Host, ["coapPort"] = CoapPort, ["httpPort"] = HttpPort,
            });
            return;
        }

        string certs = Path.GetRelativePath(Environment.CurrentDirectory, _standIn.Certificates.Folder);
        _display.Introduce(
            $"""
            A virtual ESP32 with the real firmware, and a stand-in for AWS IoT Core on this PC.

              MQTT, like AWS's 8883     localhost:{_standIn.MqttPort}
              MQTT, like AWS's 443      localhost:{_standIn.AlpnPort}  (ALPN {DeviceConfiguration.MqttAlpn})
              WebSocket, like AWS's 443 wss://localhost:{_standIn.AlpnPort}/mqtt  (SigV4)
              HTTPS, like AWS's 8443    https://localhost:{_standIn.HttpsPort}/topics/
              CoAP, on the board        coap://127.0.0.1:{CoapPort}
              its page, for a browser   http://127.0.0.1:{HttpPort}/  (the token for switching is in its device.json)
              TLS, on the board         {TlsOfBoard()}
              certificates              {certs}/ca.pem, client.pem, client.key
              access keys for SigV4     {Path.GetRelativePath(Environment.CurrentDirectory, _standIn.Credentials.Path)}
              the board's I:\           {Path.GetRelativePath(Environment.CurrentDirectory, Board.StorageFolder)}

            Toast for five seconds, from another terminal:

              mosquitto_pub --cafile {certs}/ca.pem --cert {certs}/client.pem --key {certs}/client.key -h localhost -p {_standIn.MqttPort} -t {commands} -m '{"{"}"toaster":"on","seconds":5{"}"}' -q 1

            Light its LED over HTTPS:

              curl --tlsv1.2 --cacert {certs}/ca.pem --cert {certs}/client.pem --key {certs}/client.key -X POST -d '{"{"}"led":"on"{"}"}' "https://localhost:{_standIn.HttpsPort}/topics/{Uri.EscapeDataString(commands)}?qos=1"

            Observe its temperature over CoAP:

              coap-client-notls -s 30 -m get coap://127.0.0.1:{CoapPort}/sensors/temperature

            Or type here, for example: button, temperature 31, wifi off, cut power, help, quit

            """);
        _display.Ready($"mqtt on port {_standIn.MqttPort}, mqtt with ALPN on port {_standIn.AlpnPort}, https on port {_standIn.HttpsPort}, coap on UDP port {CoapPort}, http on port {HttpPort}, board {_options.Thing}", new JsonObject
        {
            ["thing"] = _options.Thing, ["mqttPort"] = _standIn.MqttPort, ["alpnPort"] = _standIn.AlpnPort, ["httpsPort"] = _standIn.HttpsPort, ["coapPort"] = CoapPort, ["httpPort"] = HttpPort,
            ["certificates"] = _standIn.Certificates.Folder, ["credentials"] = _standIn.Credentials.Path,
        });
    }
}

// The options of the command line and what is wrong with them.

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Firmware.Connectivity;
using Firmware.Settings;
using Firmware.Simulator.Aws;
using Firmware.Simulator.Benchmarks;
using Firmware.Simulator.Campaigns;
using Firmware.Simulator.Drones;
using Firmware.Simulator.Energy;

namespace Firmware.Simulator;

/// <summary>Describes the command line.</summary>
public static class CommandLine
{
    /// <summary>Builds the root command.</summary>
    /// <param name="run">Called with checked options.</param>
    /// <returns>The command.</returns>
    public static RootCommand Build(Func<SimulatorOptions, Task<int>> run)
    {
        Option<DirectoryInfo> state = new("--state") { Description = "Folder of the certificates (DIR/certs) and of the board's storage", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo("state") };
        Option<int> mqttPort = Port("--mqtt-port", "Port of the door that plays AWS's 8883; 0 = any free one", 8883);
        Option<int> alpnPort = Port("--alpn-port", "Port of the door that plays AWS's 443; 0 = any free one", 4443);
        Option<int> httpsPort = Port("--https-port", "Port of the door that plays AWS's 8443; 0 = any free one", 8443);
        Option<int> coapPort = Port("--coap-port", "UDP port on which the board serves CoAP; 0 = any free one", DeviceConfiguration.CoapDefaultPort);
        Option<int> httpPort = Port("--http-port", "TCP port on which the board serves its page and HTTP; 0 = any free one", 8080);
        Option<string> coapProfile = new("--coap-profile") { Description = "What the board serves over CoAP besides itself: the resources of the ETSI plugtests, or nothing", HelpName = "plugtest|none", DefaultValueFactory = _ => "none" };
        Option<string?> sleep = new("--sleep") { Description = "What the board does between two readings (sleep.policy in its device.json; there are the periods, too)", HelpName = "deep|light|always-on" };
        Option<double> timeScale = new("--time-scale") { Description = "How many times as fast time runs while the board sleeps; awake it is a real one", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string> thing = new("--thing") { Description = "Thing name of the board", HelpName = "NAME", DefaultValueFactory = _ => "toaster-01" };
        Option<string> door = new("--door") { Description = "The door that the board uses: 8883, 443 with ALPN, MQTT over WebSocket with a signature (SigV4), or publish only over HTTPS (8443)", HelpName = "8883|443|wss|https", DefaultValueFactory = _ => "8883" };
        Option<string?> tls = new("--tls") { Description = "The TLS that the board uses: .NET's SslStream, or the device's own engine (tls.transport in its device.json)", HelpName = "sslstream|engine" };
        Option<string?> tlsSession = new("--tls-session") { Description = "Where the board keeps the engine's session for the next connection (tls.session in its device.json)", HelpName = "none|memory|storage" };
        Option<string> rules = new("--aws-rules") { Description = "The rules of AWS IoT Core that the stand-in keeps", HelpName = "2018|now", DefaultValueFactory = _ => "2018" };
        Option<double?> seconds = new("--for") { Description = "End after so many seconds", HelpName = "SECONDS" };
        Option<bool> json = new("--json") { Description = "One JSON object a line" };
        Option<string?> endpoint = new("--endpoint") { Description = "Use the real AWS IoT Core at this host instead of the stand-in", HelpName = "HOST" };
        Option<FileInfo?> cert = new("--cert") { Description = "With --endpoint: the thing's certificate, PEM", HelpName = "FILE" };
        Option<FileInfo?> key = new("--key") { Description = "With --endpoint: its key, PEM", HelpName = "FILE" };
        Option<FileInfo?> ca = new("--ca") { Description = "With --endpoint: the CA of the broker, PEM", HelpName = "FILE" };
        door.AcceptOnlyFromAmong("8883", "443", "wss", "https");
        tls.AcceptOnlyFromAmong("sslstream", "engine");
        tlsSession.AcceptOnlyFromAmong("none", "memory", "storage");
        rules.AcceptOnlyFromAmong("2018", "now");
        sleep.AcceptOnlyFromAmong("deep", "light", "always-on");
        timeScale.Validators.Add(result =>
        {
            if (Given(result) is { } text && (!double.TryParse(text, CultureInfo.InvariantCulture, out double value) || value is < 1 or > 100_000 or double.NaN))
            {
                result.AddError("--time-scale takes 1 to 100000");
            }
        });
        coapProfile.AcceptOnlyFromAmong("plugtest", "none");
        thing.Validators.Add(result =>
        {
            string name = result.GetValueOrDefault<string>();
            if (name.Length is 0 or > 128 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '-'))
            {
                result.AddError("--thing takes 1 to 128 letters, digits, ':', '_' and '-'");
            }
        });
        seconds.Validators.Add(result =>
        {
            if (Given(result) is { } text && (!double.TryParse(text, CultureInfo.InvariantCulture, out double value) || value is <= 0 or > 1e9 or double.NaN))
            {
                result.AddError("--for takes a number of seconds above 0");
            }
        });

        RootCommand root = new("A virtual ESP32 that runs the real firmware, with a stand-in for AWS IoT Core. Type \"help\" while it runs.")
        {
            state, mqttPort, alpnPort, httpsPort, coapPort, httpPort, coapProfile, sleep, timeScale, thing, door, tls, tlsSession, rules, seconds, json, endpoint, cert, key, ca,
        };
        root.Validators.Add(result =>
        {
            bool[] given = [result.GetValue(endpoint) is not null, result.GetValue(cert) is not null, result.GetValue(key) is not null, result.GetValue(ca) is not null];
            if (given.Contains(true) && given.Contains(false))
            {
                result.AddError("--endpoint, --cert, --key and --ca go together: name all four, or none for the stand-in");
            }

            if (given[0] && result.GetValue(door) == "wss")
            {
                result.AddError("--door wss is for the stand-in; for the real AWS put \"websocket\" and aws.json into the board's storage (docs/doors.md), and leave --door out");
            }
        });
        tls.Validators.Add(result =>
        {
            if (Given(result) == "engine" && !TlsEngineTransport.IsEngineThere)
            {
                result.AddError("--tls engine: the engine was not built on this PC; install a C compiler and mbedTLS (Debian: apt-get install gcc libc6-dev libmbedtls-dev) and build again");
            }
        });
        foreach (Command campaign in CampaignCommands.Build())
        {
            root.Subcommands.Add(campaign);
        }

        root.Subcommands.Add(BenchCommand.Build());
        root.Subcommands.Add(EnergyCommand.Build());
        root.Subcommands.Add(DronesCommand.Build());

        root.SetAction(parsed =>
        {
            string? host = parsed.GetValue(endpoint);
            return run(new SimulatorOptions
            {
                StateFolder = parsed.GetValue(state)!.FullName,
                MqttPort = parsed.GetValue(mqttPort),
                AlpnPort = parsed.GetValue(alpnPort),
                HttpsPort = parsed.GetValue(httpsPort),
                CoapPort = parsed.GetValue(coapPort),
                HttpPort = parsed.GetValue(httpPort),
                CoapProfile = parsed.GetValue(coapProfile) == "plugtest" ? CoapProfile.Plugtest : CoapProfile.None,
                Sleep = parsed.GetValue(sleep) switch { "deep" => SleepPolicy.Deep, "light" => SleepPolicy.Light, "always-on" => SleepPolicy.AlwaysOn, _ => null },
                TimeScale = parsed.GetValue(timeScale),
                Thing = parsed.GetValue(thing)!,
                Door = parsed.GetValue(door) switch { "8883" => 8883, "https" => 8443, _ => 443 },
                OverWebSocket = parsed.GetValue(door) == "wss",
                Tls = parsed.GetValue(tls) switch { "engine" => TlsKind.Engine, "sslstream" => TlsKind.SslStream, _ => null },
                TlsSession = parsed.GetValue(tlsSession) switch { "none" => TlsSessionPolicy.None, "memory" => TlsSessionPolicy.Memory, "storage" => TlsSessionPolicy.Storage, _ => null },
                Rules = parsed.GetValue(rules) == "now" ? AwsRules.Now : AwsRules.Rules2018,
                For = parsed.GetValue(seconds) is { } s ? TimeSpan.FromSeconds(s) : null,
                Json = parsed.GetValue(json),
                Real = host is null ? null : new RealEndpoint(host, parsed.GetValue(cert)!.FullName, parsed.GetValue(key)!.FullName, parsed.GetValue(ca)!.FullName),
            });
        });
        return root;
    }

    private static Option<int> Port(string name, string description, int normal)
    {
        Option<int> option = new(name) { Description = description, HelpName = "PORT", DefaultValueFactory = _ => normal };
        option.Validators.Add(result =>
        {
            if (Given(result) is { } text && (!int.TryParse(text, CultureInfo.InvariantCulture, out int value) || value is < 0 or > 65535))
            {
                result.AddError($"{name} takes 0 to 65535");
            }
        });
        return option;
    }

    // the text, since a value that cannot be converted makes the converted one throw
    private static string? Given(OptionResult result) => result.Tokens.Count == 0 ? null : result.Tokens[^1].Value;
}

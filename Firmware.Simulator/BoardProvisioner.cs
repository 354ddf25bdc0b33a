// Puts onto the virtual board's storage what flash.ps1 puts onto a real one: certificates and device.json. What the user changed in
// device.json stays; only what the command line decides (thing, endpoint, port, ALPN, CoAP port) is written anew at each start.

using System.Text.Json;
using System.Text.Json.Nodes;
using Firmware.Settings;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator;

/// <summary>Provisions the storage folder of a virtual board.</summary>
public static class BoardProvisioner
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The folder that plays a board's <c>I:\</c>.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="thing">The thing name.</param>
    /// <returns>Its path.</returns>
    public static string StorageOf(string stateFolder, string thing) => Path.Combine(stateFolder, "boards", thing);

    /// <summary>Writes the policy of sleep that the command line names into a board's device.json.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="policy">The policy.</param>
    public static void SetSleep(string storage, SleepPolicy policy)
    {
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        if (Load(file) is { } configuration)
        {
            JsonObject sleep = configuration["sleep"] as JsonObject ?? [];
            sleep["policy"] = policy switch { SleepPolicy.Deep => "deep", SleepPolicy.Light => "light", _ => "always-on" };
            configuration["sleep"] = sleep.Parent is null ? sleep : configuration["sleep"];
            File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>Writes the TLS that the command line names into a board's device.json.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="kind">Which TLS; null = as it is.</param>
    /// <param name="session">Where its session is kept; null = as it is.</param>
    public static void SetTls(string storage, TlsKind? kind, TlsSessionPolicy? session)
    {
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        if ((kind is null && session is null) || Load(file) is not { } configuration)
        {
            return;
        }

        JsonObject tls = configuration["tls"] as JsonObject ?? [];
        if (kind is not null)
        {
            tls["transport"] = kind == TlsKind.Engine ? "engine" : "sslstream";
        }

        if (session is not null)
        {
            tls["session"] = session switch { TlsSessionPolicy.Storage => "storage", TlsSessionPolicy.Memory => "memory", _ => "none" };
        }

        configuration["tls"] = tls.Parent is null ? tls : configuration["tls"];
        File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
    }

    /// <summary>Makes a board a member of a fleet.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="topic">The topic that the fleet shares.</param>
    /// <param name="name">The board's name there.</param>
    /// <param name="telemetrySeconds">How often it measures.</param>
    public static void SetFleet(string storage, string topic, string name, int telemetrySeconds)
    {
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        if (Load(file) is { } configuration)
        {
            configuration["telemetrySeconds"] = telemetrySeconds;
            configuration["fleet"] = new JsonObject { ["topic"] = topic, ["name"] = name };
            File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>Provisions a board for the stand-in.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="thing">The thing name.</param>
    /// <param name="certificates">The development CA.</param>
    /// <param name="port">The port of the stand-in's door.</param>
    /// <param name="alpn">The ALPN protocol of the door; empty for none.</param>
    /// <param name="coapPort">The UDP port of the board's CoAP server.</param>
    public static void ForStandIn(string storage, string thing, DevelopmentCertificates certificates, int port, string alpn, int coapPort)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        CertificateFiles device = certificates.EnsureDevice(thing);
        Provision(storage, thing, new RealEndpoint("localhost", device.CertificatePath, device.KeyPath, certificates.CaPath), port, alpn, coapPort);
    }

    /// <summary>Provisions a board for a broker.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="thing">The thing name.</param>
    /// <param name="endpoint">The broker and the board's identity; the files are copied.</param>
    /// <param name="port">The port.</param>
    /// <param name="alpn">The ALPN protocol; empty for none.</param>
    /// <param name="coapPort">The UDP port of the board's CoAP server.</param>
    /// <exception cref="StandInException">A file is missing.</exception>
    public static void Provision(string storage, string thing, RealEndpoint endpoint, int port, string alpn, int coapPort)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Directory.CreateDirectory(storage);
        if (!OperatingSystem.IsWindows())
        {
            // a stored TLS session is a secret like the key
            File.SetUnixFileMode(storage, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        DeviceConfiguration names = new();
        Copy(endpoint.CaFile, Path.Combine(storage, names.CaFile), "--ca");
        Copy(endpoint.CertificateFile, Path.Combine(storage, names.CertificateFile), "--cert");
        Copy(endpoint.KeyFile, Path.Combine(storage, names.KeyFile), "--key");

        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        JsonObject? configuration = Load(file);
        if (configuration is null)
        {
            // not JSON: it stays as it is, and the firmware says what is wrong with it
            return;
        }

        configuration["thing"] = thing;
        configuration["endpoint"] = endpoint.Host;
        configuration["port"] = port;
        configuration["alpn"] = alpn;
        SetCoap(configuration, coapPort);
        File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
    }

    /// <summary>Switches the board's HTTP server on; the first time it gets a token, which only its device.json tells.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="port">The TCP port.</param>
    public static void SetHttp(string storage, int port)
    {
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        JsonObject? configuration = Load(file);
        if (configuration is null || (configuration.ContainsKey("http") && configuration["http"] is not JsonObject))
        {
            // the firmware says what is wrong with it
            return;
        }

        JsonObject http = configuration["http"] as JsonObject ?? new JsonObject { ["enabled"] = true, ["token"] = System.Security.Cryptography.RandomNumberGenerator.GetHexString(24, lowercase: true) };
        http["port"] = port;
        configuration["http"] = http.Parent is null ? http : configuration["http"];
        File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
    }

    /// <summary>Makes the board publish only, over HTTPS, or takes that door away again.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="publishesOnly">Whether it is to.</param>
    public static void SetHttps(string storage, bool publishesOnly)
    {
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        if (Load(file) is { } configuration)
        {
            configuration.Remove("https");
            if (publishesOnly)
            {
                configuration["https"] = new JsonObject { ["publish"] = true };
            }

            File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
        }
    }

    /// <summary>Gives the board an access key for MQTT over WebSocket, or takes that door away again.</summary>
    /// <param name="storage">The board's storage folder.</param>
    /// <param name="key">The key; null for MQTT with a certificate.</param>
    public static void SetWebSocket(string storage, DevelopmentAccessKey? key)
    {
        string file = Path.Combine(storage, DeviceConfiguration.FileName);
        if (Load(file) is not { } configuration)
        {
            return;
        }

        configuration.Remove("websocket");
        if (key is not null)
        {
            DeviceConfiguration names = new();
            JsonObject secret = new() { ["accessKeyId"] = key.AccessKeyId, ["secretAccessKey"] = key.Secret };
            if (key.SessionToken is not null)
            {
                secret["sessionToken"] = key.SessionToken;
            }

            PemFiles.WriteText(Path.Combine(storage, names.WebSocketCredentialsFile), secret.ToJsonString() + "\n", isKey: true);
            configuration["websocket"] = new JsonObject { ["region"] = "eu-central-1" };
        }

        File.WriteAllText(file, configuration.ToJsonString(Indented) + "\n");
    }

    // a virtual board is reachable from this machine only: there switching over CoAP does no harm, unless the user says otherwise
    private static void SetCoap(JsonObject configuration, int port)
    {
        if (!configuration.ContainsKey("coap"))
        {
            configuration["coap"] = new JsonObject();
        }

        if (configuration["coap"] is JsonObject coap)
        {
            coap["port"] = port;
            if (!coap.ContainsKey("write"))
            {
                coap["write"] = "local";
            }
        }
    }

    private static JsonObject? Load(string file)
    {
        if (!File.Exists(file))
        {
            // a new board has every part that the Simulator has; one that exists keeps what its file says
            return new JsonObject
            {
                ["telemetrySeconds"] = 10,
                ["wifi"] = new JsonObject { ["ssid"] = "virtual" },
                ["parts"] = new JsonObject { ["bmp280"] = true },
            };
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Copy(string from, string to, string option)
    {
        if (!File.Exists(from))
        {
            throw new StandInException($"{option}: there is no file {from}");
        }

        File.Copy(from, to, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}

// What a user can choose on the command line.

using Firmware.Settings;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator;

/// <summary>The options of the main command, checked.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Where certificates and the board's storage live.</summary>
    public required string StateFolder { get; init; }

    /// <summary>Port of the door that plays AWS's 8883; 0 = any free port.</summary>
    public int MqttPort { get; init; } = 8883;

    /// <summary>Port of the door that plays AWS's 443; 0 = any free port.</summary>
    public int AlpnPort { get; init; } = 4443;

    /// <summary>Port of the door that plays AWS's 8443; 0 = any free port.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>UDP port on which the board serves CoAP; 0 = any free port.</summary>
    public int CoapPort { get; init; } = DeviceConfiguration.CoapDefaultPort;

    /// <summary>TCP port of the board's HTTP server; 0 = any free one.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>What the board does between two readings; null = what its device.json says.</summary>
    public SleepPolicy? Sleep { get; init; }

    /// <summary>How many times as fast the time of the board runs while it sleeps.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>What the board serves over CoAP besides itself.</summary>
    public CoapProfile CoapProfile { get; init; }

    /// <summary>The thing name of the board.</summary>
    public string Thing { get; init; } = "toaster-01";

    /// <summary>The door that the board uses: 8883 or 443.</summary>
    public int Door { get; init; } = 8883;

    /// <summary>Whether the board speaks MQTT over WebSocket with a signature, at the door that plays 443.</summary>
    public bool OverWebSocket { get; init; }

    /// <summary>The TLS that the board uses; null = what its device.json says.</summary>
    public TlsKind? Tls { get; init; }

    /// <summary>Where the board keeps the TLS engine's session; null = what its device.json says.</summary>
    public TlsSessionPolicy? TlsSession { get; init; }

    /// <summary>The rules that the stand-in keeps.</summary>
    public AwsRules Rules { get; init; } = AwsRules.Rules2018;

    /// <summary>How long to run; null = until told to end.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>One JSON object a line instead of text.</summary>
    public bool Json { get; init; }

    /// <summary>The real AWS IoT Core endpoint, instead of the stand-in; null = the stand-in.</summary>
    public RealEndpoint? Real { get; init; }
}

/// <summary>What a virtual board serves over CoAP besides the Thing.</summary>
public enum CoapProfile
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The resources of the ETSI plugtests (TD_COAP).</summary>
    Plugtest,
}

/// <summary>A real broker and the identity that the board shows it.</summary>
/// <param name="Host">Its host name.</param>
/// <param name="CertificateFile">The thing's certificate, PEM.</param>
/// <param name="KeyFile">Its key, PEM.</param>
/// <param name="CaFile">The CA that the broker chains to, PEM.</param>
public sealed record RealEndpoint(string Host, string CertificateFile, string KeyFile, string CaFile);

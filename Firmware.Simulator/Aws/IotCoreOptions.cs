// What can be chosen about the stand-in, and the error it gives at start-up.

namespace Firmware.Simulator.Aws;

/// <summary>What a client asked in its CONNECT packet, for <see cref="IotCoreOptions.ConnackOverride"/>.</summary>
/// <param name="ClientId">The client id; empty if the client sent none.</param>
/// <param name="Door">The door's name, <c>mqtt</c>, <c>alpn</c> or <c>wss</c>.</param>
/// <param name="CertificateSubject">The subject of the client's certificate; at <c>wss</c> <c>SigV4</c> and the profile of the key.</param>
/// <param name="CleanSession">The cleanSession flag.</param>
/// <param name="KeepAliveSeconds">The keepalive asked, in seconds; 0 = none.</param>
/// <param name="UserName">The user name; null = none.</param>
/// <param name="WillTopic">The topic of the will; null = no will.</param>
public sealed record ConnectRequest(
    string ClientId, string Door, string CertificateSubject, bool CleanSession, int KeepAliveSeconds, string? UserName, string? WillTopic);

/// <summary>What a client asked over HTTPS, for <see cref="IotCoreOptions.HttpStatusOverride"/>.</summary>
/// <param name="Publisher">The common name of its certificate, or <c>SigV4</c> and the profile of its key.</param>
/// <param name="Door">The door's name, <c>https</c> or <c>alpn</c>.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Qos">The QoS, 0 or 1.</param>
/// <param name="Retain">The retain flag.</param>
/// <param name="PayloadBytes">The size of the payload in bytes.</param>
public sealed record PublishRequest(string Publisher, string Door, string Topic, int Qos, bool Retain, int PayloadBytes);

/// <summary>Settings of <see cref="IotCoreStandIn"/>. Read once, by its constructor; the overrides are read at every CONNECT and every publish.</summary>
public sealed class IotCoreOptions
{
    /// <summary>The folder that keeps state between starts; certificates are in its <c>certs</c>.</summary>
    public required string StateFolder { get; init; }

    /// <summary>The port of the door that plays AWS's 8883 (MQTT with client certificate); 0 = any free port.</summary>
    public int MqttPort { get; init; } = 8883;

    /// <summary>The port that plays AWS's 443 and tells its services apart by ALPN; 0 = any free port. 4443 because 443 needs root.</summary>
    public int AlpnPort { get; init; } = 4443;

    /// <summary>The port of the door that plays AWS's 8443 (HTTPS with client certificate); 0 = any free port.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>The edition of the rules.</summary>
    public AwsRules Rules { get; init; } = AwsRules.Rules2018;

    /// <summary><c>localhost</c> (127.0.0.1, and ::1 where there is IPv6) or one loopback address. Nothing else is accepted.</summary>
    public string BindAddress { get; init; } = "localhost";

    /// <summary>Offer no TLS 1.3, as a board with mbedTLS does not: for measurements on the host.</summary>
    public bool Tls12Only { get; init; }

    /// <summary>Hand out TLS sessions, and resume them. AWS IoT Core documents nothing about it; without, each connection shows its certificate.</summary>
    public bool ResumesTls { get; init; }

    /// <summary>How long CONNACK is held back in real time, so that a client that does not wait for it is caught.</summary>
    public TimeSpan ConnackDelay { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>When an unacknowledged QoS 1 message is sent again, with a new packet id and without DUP.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromSeconds(AwsLimits.RepeatAfterSeconds);

    /// <summary>The clock of keepalive, rates, repeats, session expiry and signatures: tests give their own so that nothing waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For tests of refusals: returns the CONNACK code (1 to 5) to answer with, or null (or 0) to go on as usual.</summary>
    public Func<ConnectRequest, byte?>? ConnackOverride { get; set; }

    /// <summary>For tests of refusals: returns the status (400 to 599) with which to refuse a good publish over HTTPS, or null (or 200) to go on as usual.</summary>
    public Func<PublishRequest, int?>? HttpStatusOverride { get; set; }
}

/// <summary>The stand-in cannot start: the message says what is wrong and what to do.</summary>
public sealed class StandInException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">One line: what is wrong and what to do.</param>
    public StandInException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the error.</summary>
    /// <param name="message">One line: what is wrong and what to do.</param>
    /// <param name="innerException">What the system said.</param>
    public StandInException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

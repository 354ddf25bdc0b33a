// Every number of AWS IoT Core that the stand-in keeps, in one place and each with its source.
//
// Sources: [Q] AWS General Reference, "AWS IoT Core endpoints and quotas", message broker and protocol quotas;
//          [M] AWS IoT Core Developer Guide, "MQTT" and "AWS IoT differences from MQTT specifications";
//          [P] AWS IoT Core Developer Guide, "Protocols, port mappings, and authentication";
//          [SigV4] AWS General Reference, "Signature Version 4"; [2018] the AWS IoT documents of 2018. [own] is a choice of the stand-in where AWS documents nothing.
// Left out: 512 KiB/s per connection, 100 unacknowledged messages each way, 10 stored messages/s on resumption, account-wide rates.

namespace Firmware.Simulator.Aws;

/// <summary>Which edition of AWS IoT Core's rules the stand-in keeps.</summary>
public enum AwsRules
{
    /// <summary>The rules of 2018: retain and cleanSession=0 end the connection, keepalive from 5 s.</summary>
    Rules2018,

    /// <summary>Today's rules: retained messages, persistent sessions of one hour, keepalive from 30 s.</summary>
    Now,
}

/// <summary>The limits of AWS IoT Core, in bytes, seconds and counts, each with its source.</summary>
public static class AwsLimits
{
    /// <summary>The longest topic or topic filter in bytes of UTF-8, the <c>$aws/rules/rule/</c> prefix not counted [Q].</summary>
    public const int TopicBytes = 256;

    /// <summary>The most slashes in a topic or topic filter, those of the <c>$aws/rules/rule/</c> prefix not counted [Q].</summary>
    public const int TopicSlashes = 7;

    /// <summary>The largest payload of a PUBLISH or a will in bytes: 128 KB [Q].</summary>
    public const int PayloadBytes = 128 * 1024;

    /// <summary>The longest client id in bytes of UTF-8 [Q].</summary>
    public const int ClientIdBytes = 128;

    /// <summary>The most topic filters in one SUBSCRIBE [Q].</summary>
    public const int FiltersPerSubscribe = 8;

    /// <summary>The most topic filters of one connection; more may be rejected and end the connection [Q].</summary>
    public const int FiltersPerConnection = 50;

    /// <summary>The most PUBLISH packets a second from one connection; more are discarded, the connection stays [Q].</summary>
    public const int PublishesPerSecond = 100;

    /// <summary>The shortest time in seconds between two CONNECT of one client id (1 a second); what happens to more is not documented [Q].</summary>
    public const int SecondsBetweenConnects = 1;

    /// <summary>The shortest keepalive in seconds under the rules of 2018; less is taken as this [2018].</summary>
    public const int KeepAliveSecondsMin2018 = 5;

    /// <summary>The shortest keepalive in seconds today; less is taken as this [Q].</summary>
    public const int KeepAliveSecondsMinNow = 30;

    /// <summary>The longest keepalive in seconds; more, or 0, is taken as this [Q] [2018].</summary>
    public const int KeepAliveSecondsMax = 1200;

    /// <summary>A silent client is cut off after this many times its keepalive [Q] [MQTT-3.1.2-24].</summary>
    public const double KeepAliveTolerance = 1.5;

    /// <summary>How long a persistent session outlives its connection, in seconds [M] [Q].</summary>
    public const int PersistentSessionSeconds = 3600;

    /// <summary>How long an unacknowledged QoS 1 message is repeated to a connected client, in seconds [Q].</summary>
    public const int RepeatForSeconds = 3600;

    /// <summary>When an unacknowledged QoS 1 message is repeated, in seconds; AWS does not publish its interval [own].</summary>
    public const int RepeatAfterSeconds = 10;

    /// <summary>How long a client may take from TCP connect to CONNECT, in seconds [own].</summary>
    public const int ConnectTimeoutSeconds = 30;

    /// <summary>The ALPN name of MQTT with a client certificate on port 443 [P].</summary>
    public const string AlpnMqtt = "x-amzn-mqtt-ca";

    /// <summary>The ALPN name of HTTPS with a client certificate on port 443 [P].</summary>
    public const string AlpnHttp = "x-amzn-http-ca";

    /// <summary>The ALPN name of HTTP/1.1, which browsers and curl offer; on port 443 it means SigV4, as no ALPN does.</summary>
    public const string AlpnWeb = "http/1.1";

    /// <summary>How long a WebSocket connection may last, in hours [Q].</summary>
    public const int WebSocketHours = 24;

    /// <summary>How far the time of a signature may be from the server's, in minutes [SigV4].</summary>
    public const int SignatureMinutes = 5;

    /// <summary>The prefix of Basic Ingest: such a message goes to its rule only, never to a subscriber [M].</summary>
    public const string BasicIngestPrefix = "$aws/rules/";

    /// <summary>The shortest keepalive that the server grants.</summary>
    /// <param name="rules">The edition of the rules.</param>
    /// <returns>Seconds.</returns>
    public static int KeepAliveSecondsMin(AwsRules rules) =>
        rules == AwsRules.Rules2018 ? KeepAliveSecondsMin2018 : KeepAliveSecondsMinNow;

    /// <summary>The keepalive that the server uses for what the client asked.</summary>
    /// <param name="requestedSeconds">The keepalive of the CONNECT packet in seconds, 0 = none asked.</param>
    /// <param name="rules">The edition of the rules.</param>
    /// <returns>Seconds, from <see cref="KeepAliveSecondsMin"/> to <see cref="KeepAliveSecondsMax"/>.</returns>
    public static int KeepAliveSeconds(int requestedSeconds, AwsRules rules) =>
        requestedSeconds == 0 ? KeepAliveSecondsMax : Math.Clamp(requestedSeconds, KeepAliveSecondsMin(rules), KeepAliveSecondsMax);
}

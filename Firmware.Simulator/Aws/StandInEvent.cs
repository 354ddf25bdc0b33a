// What the stand-in reports: one record per kind of event, each a readable line (Text) and a JSON object on one line (ToJson).
// Events are raised one at a time, in the order in which things happened, on the threads of the connections: a handler must not block.

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Firmware.Simulator.Aws;

/// <summary>How a connection ended.</summary>
public enum DisconnectKind
{
    /// <summary>The client sent DISCONNECT: its will is discarded.</summary>
    Clean,

    /// <summary>The connection was lost or closed without DISCONNECT: the will is published.</summary>
    Abrupt,

    /// <summary>Another client connected with the same client id: the will is published.</summary>
    TakenOver,
}

/// <summary>What the stand-in did about a broken rule.</summary>
public enum RuleConsequence
{
    /// <summary>The connection was ended.</summary>
    Disconnected,

    /// <summary>The packet was dropped without an answer; the connection stays.</summary>
    Ignored,

    /// <summary>Nothing, because AWS documents no punishment; take it as a warning.</summary>
    Allowed,
}

/// <summary>Something that happened at the stand-in.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(DoorOpened), "door-opened")]
[JsonDerivedType(typeof(DoorClosed), "door-closed")]
[JsonDerivedType(typeof(ClientConnected), "connected")]
[JsonDerivedType(typeof(ConnectionRefused), "refused")]
[JsonDerivedType(typeof(ClientDisconnected), "disconnected")]
[JsonDerivedType(typeof(ClientSubscribed), "subscribed")]
[JsonDerivedType(typeof(ClientUnsubscribed), "unsubscribed")]
[JsonDerivedType(typeof(MessagePublished), "published")]
[JsonDerivedType(typeof(RequestRefused), "request-refused")]
[JsonDerivedType(typeof(RuleViolated), "rule-violated")]
public abstract record StandInEvent
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>When it happened, UTC.</summary>
    [JsonPropertyOrder(-1)]
    public DateTimeOffset Time { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>The event as one readable line, without time and line end.</summary>
    [JsonIgnore]
    public string Text => Describe();

    /// <summary>The event as one JSON object without line breaks.</summary>
    /// <returns>JSON, with the kind of event in <c>event</c>.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The same as <see cref="Text"/>.</summary>
    /// <returns>One line.</returns>
    public sealed override string ToString() => Text;

    private protected abstract string Describe();

    private protected static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture).ReplaceLineEndings(" ");
}

/// <summary>A door accepts connections.</summary>
/// <param name="Door">The door's name, <c>mqtt</c>, <c>alpn</c> or <c>https</c>.</param>
/// <param name="Port">Its TCP port.</param>
public sealed record DoorOpened(string Door, int Port) : StandInEvent
{
    private protected override string Describe() => Line($"door {Door} is open on port {Port}");
}

/// <summary>A door was closed and its clients were dropped.</summary>
/// <param name="Door">The door's name.</param>
/// <param name="Port">Its TCP port.</param>
public sealed record DoorClosed(string Door, int Port) : StandInEvent
{
    private protected override string Describe() => Line($"door {Door} on port {Port} is closed");
}

/// <summary>A client was accepted (CONNACK 0).</summary>
/// <param name="ClientId">Its client id; one that the stand-in chose if the client sent none.</param>
/// <param name="Door">The door through which it came.</param>
/// <param name="CertificateSubject">The subject of its certificate; at <c>wss</c> <c>SigV4</c> and the profile of its key.</param>
/// <param name="CleanSession">The cleanSession flag of its CONNECT.</param>
/// <param name="SessionPresent">Whether a persistent session was resumed.</param>
/// <param name="KeepAliveSeconds">The keepalive in force, in seconds; see <see cref="AwsLimits.KeepAliveSeconds"/>.</param>
/// <param name="WillTopic">The topic of its will; null = no will.</param>
public sealed record ClientConnected(
    string ClientId, string Door, string CertificateSubject, bool CleanSession, bool SessionPresent, int KeepAliveSeconds, string? WillTopic) : StandInEvent
{
    private protected override string Describe() => Line(
        $"{ClientId} connected through {Door} as {CertificateSubject}, {(CleanSession ? "clean session" : SessionPresent ? "session resumed" : "new persistent session")}, keepalive {KeepAliveSeconds} s, {(WillTopic is null ? "no will" : "will on " + WillTopic)}");
}

/// <summary>A connection was not accepted.</summary>
/// <param name="Door">The door at which it was refused.</param>
/// <param name="Remote">The client's address and port.</param>
/// <param name="ClientId">The client id, if a CONNECT was read.</param>
/// <param name="ConnackCode">The CONNACK code that was sent; null = none was sent.</param>
/// <param name="Reason">What was wrong.</param>
/// <param name="Advice">What to do.</param>
public sealed record ConnectionRefused(string Door, string Remote, string? ClientId, int? ConnackCode, string Reason, string Advice) : StandInEvent
{
    private protected override string Describe() => Line(
        $"refused {ClientId ?? Remote} at {Door}{(ConnackCode is null ? string.Empty : " with CONNACK " + ConnackCode)}: {Reason}. {Advice}");
}

/// <summary>A client that had been accepted is gone.</summary>
/// <param name="ClientId">Its client id.</param>
/// <param name="Door">The door through which it had come.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="WillPublished">Whether its will is published now.</param>
public sealed record ClientDisconnected(string ClientId, string Door, DisconnectKind Kind, string Reason, bool WillPublished) : StandInEvent
{
    private protected override string Describe() => Line($"{ClientId} disconnected from {Door}: {Reason}{(WillPublished ? "; its will is published" : string.Empty)}");
}

/// <summary>A client's SUBSCRIBE was accepted.</summary>
/// <param name="ClientId">The subscriber.</param>
/// <param name="TopicFilter">The topic filter.</param>
/// <param name="Qos">The granted QoS, 0 or 1.</param>
public sealed record ClientSubscribed(string ClientId, string TopicFilter, int Qos) : StandInEvent
{
    private protected override string Describe() => Line($"{ClientId} subscribed to {TopicFilter} with QoS {Qos}");
}

/// <summary>A client's UNSUBSCRIBE was accepted.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="TopicFilter">The topic filter.</param>
public sealed record ClientUnsubscribed(string ClientId, string TopicFilter) : StandInEvent
{
    private protected override string Describe() => Line($"{ClientId} unsubscribed from {TopicFilter}");
}

/// <summary>A message was accepted for delivery.</summary>
/// <param name="ClientId">Who published it; over HTTPS the common name of the certificate, or <c>SigV4</c> and the profile of the key.</param>
/// <param name="Source">Where it came from: <c>client</c>, <c>https</c>, <c>will</c> or <c>stand-in</c>.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Qos">The QoS, 0 or 1.</param>
/// <param name="Retain">The retain flag.</param>
/// <param name="PayloadBytes">The size of the payload in bytes.</param>
/// <param name="Preview">The payload if it is short printable UTF-8, else null.</param>
public sealed record MessagePublished(
    string ClientId, string Source, string Topic, int Qos, bool Retain, int PayloadBytes, string? Preview) : StandInEvent
{
    private protected override string Describe() => Line(
        $"{ClientId} published {(Source == "will" ? "its will " : string.Empty)}on {Topic}: {Preview ?? "binary"} ({PayloadBytes} B, QoS {Qos}{(Retain ? ", retained" : string.Empty)}{(Source == "https" ? ", HTTPS" : string.Empty)})");
}

/// <summary>An HTTP request was refused; a WebSocket's handshake is one, too.</summary>
/// <param name="Door">The door at which it was refused.</param>
/// <param name="Remote">The client's address and port.</param>
/// <param name="Publisher">Who asked, as in <see cref="MessagePublished"/>; null = not known.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">What was wrong.</param>
/// <param name="Advice">What to do.</param>
public sealed record RequestRefused(string Door, string Remote, string? Publisher, int Status, string Reason, string Advice) : StandInEvent
{
    private protected override string Describe() => Line($"refused {Publisher ?? Remote} at {Door} with HTTP {Status}: {Reason}. {Advice}");
}

/// <summary>A client broke a rule of AWS IoT Core or of MQTT 3.1.1.</summary>
/// <param name="ClientId">The client id, or its address if no CONNECT was read.</param>
/// <param name="Door">The door through which it came.</param>
/// <param name="Rule">The rule, with its source.</param>
/// <param name="Found">What the client did.</param>
/// <param name="Advice">What to do instead.</param>
/// <param name="Consequence">What the stand-in did about it.</param>
public sealed record RuleViolated(
    string ClientId, string Door, string Rule, string Found, string Advice, RuleConsequence Consequence) : StandInEvent
{
    private protected override string Describe() => Line(
        $"{ClientId} broke a rule ({Consequence.ToString().ToLowerInvariant()}): {Rule}; found {Found}. {Advice}");
}

// nanoFramework.M2Mqtt.Core 5.1: the codes of MQTT 3.1.1 and 5 in one enumeration; some values have several names, as in the package.

namespace nanoFramework.M2Mqtt.Messages;

/// <summary>Why, as a code of MQTT.</summary>
public enum MqttReasonCode
{
    /// <summary>Accepted.</summary>
    Success = 0,

    /// <summary>SUBACK: QoS 0.</summary>
    GrantedQoS0 = 0,

    /// <summary>DISCONNECT in order (MQTT 5).</summary>
    NormalDisconnection = 0,

    /// <summary>CONNACK 1 (MQTT 3.1.1, table 3.1): protocol version.</summary>
    ConnectionRefusedUnacceptableProtocolVersion = 1,

    /// <summary>SUBACK: QoS 1.</summary>
    GrantedQoS1 = 1,

    /// <summary>CONNACK 2: client identifier.</summary>
    ConnectionRefusedIdentifierRejected = 2,

    /// <summary>SUBACK: QoS 2.</summary>
    GrantedQoS2 = 2,

    /// <summary>CONNACK 3: service unavailable.</summary>
    ConnectionRefusedServerUnavailable = 3,

    /// <summary>CONNACK 4: user name or password.</summary>
    ConnectionRefusedBadUserNameOrPassword = 4,

    /// <summary>MQTT 5: disconnect with will message.</summary>
    DisconnectWithWillMessage = 4,

    /// <summary>CONNACK 5: not authorised.</summary>
    ConnectionRefusedNotAuthorized = 5,

    /// <summary>MQTT 5: no matching subscribers.</summary>
    NoMatchingSubscribers = 16,

    /// <summary>MQTT 5: no subscription existed.</summary>
    NoSubscriptionExisted = 17,

    /// <summary>MQTT 5: continue authentication.</summary>
    ContinueAuthentication = 24,

    /// <summary>MQTT 5: re authenticate.</summary>
    ReAuthenticate = 25,

    /// <summary>MQTT 5: unspecified error.</summary>
    UnspecifiedError = 128,

    /// <summary>MQTT 5: malformed packet.</summary>
    MalformedPacket = 129,

    /// <summary>MQTT 5: protocol error.</summary>
    ProtocolError = 130,

    /// <summary>MQTT 5: implementation specific error.</summary>
    ImplementationSpecificError = 131,

    /// <summary>MQTT 5: unsupported protocol version.</summary>
    UnsupportedProtocolVersion = 132,

    /// <summary>MQTT 5: client identifier not valid.</summary>
    ClientIdentifierNotValid = 133,

    /// <summary>MQTT 5: bad user name or password.</summary>
    BadUserNameOrPassword = 134,

    /// <summary>MQTT 5: not authorized.</summary>
    NotAuthorized = 135,

    /// <summary>MQTT 5: server unavailable.</summary>
    ServerUnavailable = 136,

    /// <summary>MQTT 5: server busy.</summary>
    ServerBusy = 137,

    /// <summary>MQTT 5: banned.</summary>
    Banned = 138,

    /// <summary>MQTT 5: server shutting down.</summary>
    ServeShuttingDown = 139,

    /// <summary>MQTT 5: bad authentication method.</summary>
    BadAuthenticationMethod = 140,

    /// <summary>MQTT 5: keep alive timeout.</summary>
    KeepAliveTimeout = 141,

    /// <summary>MQTT 5: session taken over.</summary>
    SessionTakenOver = 142,

    /// <summary>MQTT 5: topic filter invalid.</summary>
    TopicFilterInvalid = 143,

    /// <summary>MQTT 5: topic name invalid.</summary>
    TopicNameInvalid = 144,

    /// <summary>MQTT 5: packet identifier in use.</summary>
    PacketIdentifierInUse = 145,

    /// <summary>MQTT 5: packet identifier not found.</summary>
    PacketIdentifierNotFound = 146,

    /// <summary>MQTT 5: receive maximum exceeded.</summary>
    ReceiveMaximumExceeded = 147,

    /// <summary>MQTT 5: topic alias invalid.</summary>
    TopicAliasInvalid = 148,

    /// <summary>MQTT 5: packet too large.</summary>
    PacketTooLarge = 149,

    /// <summary>MQTT 5: message rate too high.</summary>
    MessageRateTooHigh = 150,

    /// <summary>MQTT 5: quota exceeded.</summary>
    QuotaExceeded = 151,

    /// <summary>MQTT 5: administrative action.</summary>
    AdministrativeAction = 152,

    /// <summary>MQTT 5: payload format invalid.</summary>
    PayloadFormatInvalid = 153,

    /// <summary>MQTT 5: retain not supported.</summary>
    RetainNotSupported = 154,

    /// <summary>MQTT 5: QoSnot supported.</summary>
    QoSNotSupported = 155,

    /// <summary>MQTT 5: use another server.</summary>
    UseAnotherServer = 156,

    /// <summary>MQTT 5: server moved.</summary>
    ServerMoved = 157,

    /// <summary>MQTT 5: shared subscriptions not supported.</summary>
    SharedSubscriptionsNotSupported = 158,

    /// <summary>MQTT 5: connection rate exceeded.</summary>
    ConnectionRateExceeded = 159,

    /// <summary>MQTT 5: maximum connect time.</summary>
    MaximumConnectTime = 160,

    /// <summary>MQTT 5: subscription identifiers not supported.</summary>
    SubscriptionIdentifiersNotSupported = 161,

    /// <summary>MQTT 5: wildcard subscriptions not supported.</summary>
    WildcardSubscriptionsNotSupported = 162,
}

// nanoFramework.M2Mqtt.Core 5.1: QoS as an enumeration.

namespace nanoFramework.M2Mqtt.Messages;

/// <summary>QoS, and SUBACK's refusal.</summary>
public enum MqttQoSLevel
{
    /// <summary>QoS 0.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1.</summary>
    AtLeastOnce = 1,

    /// <summary>QoS 2.</summary>
    ExactlyOnce = 2,

    /// <summary>The subscription was refused.</summary>
    GrantedFailure = 128,
}

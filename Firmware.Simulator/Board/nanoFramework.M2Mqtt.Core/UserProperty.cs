// nanoFramework.M2Mqtt.Core 5.1: a user property of MQTT 5.

namespace nanoFramework.M2Mqtt.Messages;

/// <summary>A name and a value.</summary>
/// <param name="name">Name.</param>
/// <param name="value">Value.</param>
public class UserProperty(string name, string value)
{
    /// <summary>Name.</summary>
    public string Name { get; set; } = name;

    /// <summary>Value.</summary>
    public string Value { get; set; } = value;
}

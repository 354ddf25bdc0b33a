// nanoFramework.M2Mqtt.Core 5.1: what the events carry.

namespace nanoFramework.M2Mqtt.Messages;

/// <summary>A received message.</summary>
/// <param name="topic">Topic name.</param>
/// <param name="message">Payload.</param>
/// <param name="dupFlag">DUP.</param>
/// <param name="qosLevel">QoS of this delivery.</param>
/// <param name="retain">RETAIN.</param>
public class MqttMsgPublishEventArgs(string topic, byte[] message, bool dupFlag, MqttQoSLevel qosLevel, bool retain) : EventArgs
{
    /// <summary>Topic name.</summary>
    public string Topic { get; } = topic;

    /// <summary>Payload.</summary>
    public byte[] Message { get; } = message;

    /// <summary>DUP.</summary>
    public bool DupFlag { get; } = dupFlag;

    /// <summary>QoS of this delivery.</summary>
    public MqttQoSLevel QosLevel { get; } = qosLevel;

    /// <summary>RETAIN.</summary>
    public bool Retain { get; } = retain;
}

/// <summary>The end of a publish.</summary>
/// <param name="messageId">Its identifier.</param>
/// <param name="isPublished">Whether it was acknowledged.</param>
public class MqttMsgPublishedEventArgs(ushort messageId, bool isPublished) : EventArgs
{
    /// <summary>A publish that was acknowledged.</summary>
    /// <param name="messageId">Its identifier.</param>
    public MqttMsgPublishedEventArgs(ushort messageId)
        : this(messageId, true)
    {
    }

    /// <summary>Its identifier.</summary>
    public ushort MessageId { get; set; } = messageId;

    /// <summary>Whether it was acknowledged.</summary>
    public bool IsPublished { get; set; } = isPublished;
}

/// <summary>A subscription, as a broker sees it.</summary>
/// <param name="messageId">Its identifier.</param>
/// <param name="topics">Topic filters.</param>
/// <param name="qosLevels">The most QoS for each.</param>
public class MqttMsgSubscribeEventArgs(ushort messageId, string[] topics, MqttQoSLevel[] qosLevels) : EventArgs
{
    /// <summary>Its identifier.</summary>
    public ushort MessageId { get; } = messageId;

    /// <summary>Topic filters.</summary>
    public string[] Topics { get; } = topics;

    /// <summary>The most QoS for each.</summary>
    public MqttQoSLevel[] QoSLevels { get; } = qosLevels;
}

/// <summary>The answer to a subscription.</summary>
/// <param name="messageId">Identifier of the request.</param>
/// <param name="grantedQosLevels">What was granted for each filter.</param>
public class MqttMsgSubscribedEventArgs(ushort messageId, MqttQoSLevel[] grantedQosLevels) : EventArgs
{
    /// <summary>Identifier of the request.</summary>
    public ushort MessageId { get; } = messageId;

    /// <summary>What was granted for each filter.</summary>
    public MqttQoSLevel[] GrantedQoSLevels { get; } = grantedQosLevels;
}

/// <summary>The wish to end subscriptions, as a broker sees it.</summary>
/// <param name="messageId">Its identifier.</param>
/// <param name="topics">Topic filters.</param>
public class MqttMsgUnsubscribeEventArgs(ushort messageId, string[] topics) : EventArgs
{
    /// <summary>Its identifier.</summary>
    public ushort MessageId { get; } = messageId;

    /// <summary>Topic filters.</summary>
    public string[] Topics { get; } = topics;
}

/// <summary>The end of subscriptions.</summary>
/// <param name="messageId">Identifier of the request.</param>
public class MqttMsgUnsubscribedEventArgs(ushort messageId) : EventArgs
{
    /// <summary>Identifier of the request.</summary>
    public ushort MessageId { get; } = messageId;
}

// What BrokerRules may find wrong with a packet before it is sent.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>The rule that a packet would break; see <see cref="BrokerRules"/>. The caller must send something else: trying again does not help, but for <see cref="PublishRateExceeded"/>.</summary>
    public enum BrokerRule : byte
    {
        /// <summary>The broker has no objection that is known here.</summary>
        None = 0,

        /// <summary>The topic is missing, empty, not UTF-8, or holds NUL or a misplaced wildcard (MQTT 3.1.1, 4.7).</summary>
        InvalidTopic = 1,

        /// <summary>The topic name or filter has more bytes than <see cref="BrokerRules.MaxTopicBytes"/>.</summary>
        TopicTooLong = 2,

        /// <summary>The topic name or filter has more slashes than <see cref="BrokerRules.MaxTopicSlashes"/>.</summary>
        TooManyLevels = 3,

        /// <summary>The topic begins with $ and is not one that the broker offers for this.</summary>
        ReservedTopic = 4,

        /// <summary>The QoS is above <see cref="BrokerRules.MaxQos"/>, or no QoS at all.</summary>
        QosNotSupported = 5,

        /// <summary>The broker keeps no messages: RETAIN must be 0.</summary>
        RetainNotSupported = 6,

        /// <summary>The broker keeps no messages on topics that begin with $.</summary>
        RetainOnReservedTopic = 7,

        /// <summary>The payload is larger than <see cref="BrokerRules.MaxPayloadBytes"/>, or than its packet can be.</summary>
        PayloadTooLarge = 8,

        /// <summary>SUBSCRIBE without a filter: a violation of the protocol [MQTT-3.8.3-3].</summary>
        NoFilters = 9,

        /// <summary>More filters in a SUBSCRIBE than <see cref="BrokerRules.MaxFiltersPerSubscribe"/>.</summary>
        TooManyFilters = 10,

        /// <summary>More filters on a connection than <see cref="BrokerRules.MaxSubscriptions"/>.</summary>
        TooManySubscriptions = 11,

        /// <summary>The client identifier is empty although the session is to last [MQTT-3.1.3-8].</summary>
        ClientIdMissing = 12,

        /// <summary>The client identifier has more bytes than <see cref="BrokerRules.MaxClientIdBytes"/>.</summary>
        ClientIdTooLong = 13,

        /// <summary>The broker keeps no sessions: CleanSession must be 1.</summary>
        PersistentSessionNotSupported = 14,

        /// <summary>The keepalive is not one that the broker works with.</summary>
        KeepAliveOutOfRange = 15,

        /// <summary>A message now would be one too many: for the owner of a <see cref="PublishRate"/> whose TryTake gave false.</summary>
        PublishRateExceeded = 16,
    }
}

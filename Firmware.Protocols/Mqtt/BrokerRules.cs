// What a broker punishes, as a table to check packets against before they are sent: AWS IoT Core answers most violations by closing the
// connection without a word. MQTT 3.1.1 (OASIS Standard) and AWS IoT Core in two editions; another broker's rules are one more instance.
//
// Sources: [Q] AWS General Reference, "AWS IoT Core endpoints and quotas"; [M] AWS IoT Core Developer Guide, "MQTT" and its differences from
//          the specification; [R] the same, "Reserved topics": unsupported operations on them can end the connection; [2018] both of 2018.
// Left out: 512 KiB/s and 100 unacknowledged messages per connection, shared subscriptions ($share/ is refused at AWS), rights of policies.
// Nothing here allocates but the constructor. Lengths are bytes of UTF-8. The editions share no state with clients: use them anywhere.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>The rules of a broker. A check gives the first rule that is broken and looks no further.</summary>
    public sealed class BrokerRules
    {
        /// <summary>The largest Remaining Length: four bytes of seven bits (MQTT 3.1.1, 2.2.3).</summary>
        public const int MaxRemainingLength = 268435455;

        /// <summary>The longest string or will payload in bytes: its length is written in two (MQTT 3.1.1, 1.5.3 and 3.1.3.3).</summary>
        public const int MaxFieldBytes = 65535;

        /// <summary>In a limit: there is none.</summary>
        public const int Unlimited = int.MaxValue;

        private const byte Dollar = (byte)'$';
        private const byte LevelSeparator = (byte)'/';
        private const byte SingleLevel = (byte)'+';

        private static readonly byte[] BasicIngest = Bytes.FromString("$aws/rules/");

        // Topics for devices in [R], as filters. Those to publish on name the service, since a misspelt one ends the connection. Those to
        // subscribe to are wide enough for filters with wildcards of their own, such as $aws/things/#.

        private static readonly byte[][] AwsPublish2018 =
        {
            Bytes.FromString("$aws/things/+/shadow/+/#"),
            Bytes.FromString("$aws/things/+/jobs/+/#"),
            Bytes.FromString("$aws/things/+/defender/+/#"),
            Bytes.FromString("$aws/things/+/streams/+/#"),
            Bytes.FromString("$aws/rules/+/#"),
        };

        private static readonly byte[][] AwsSubscribe2018 =
        {
            Bytes.FromString("$aws/things/+/#"),
            Bytes.FromString("$aws/events/+/#"),
        };

        private static readonly byte[][] AwsPublishNow =
        {
            AwsPublish2018[0],
            AwsPublish2018[1],
            AwsPublish2018[2],
            AwsPublish2018[3],
            AwsPublish2018[4],
            Bytes.FromString("$aws/certificates/+/#"),
            Bytes.FromString("$aws/provisioning-templates/+/#"),
            Bytes.FromString("$aws/commands/+/#"),
            Bytes.FromString("$aws/device_location/+/#"),
        };

        private static readonly byte[][] AwsSubscribeNow =
        {
            AwsSubscribe2018[0],
            AwsSubscribe2018[1],
            AwsPublishNow[5],
            AwsPublishNow[6],
            AwsPublishNow[7],
            AwsPublishNow[8],
            Bytes.FromString("$aws/sitewise/+/#"),
        };

        /// <summary>MQTT 3.1.1 and no more: what every broker must refuse, and what its packets cannot hold.</summary>
        public static readonly BrokerRules Plain311 = new BrokerRules();

        /// <summary>AWS IoT Core of 2018: no retained messages, no persistent sessions, no fleet provisioning [2018].</summary>
        public static readonly BrokerRules Aws2018 = new BrokerRules(
            maxQos: 1,
            retain: false,
            persistentSessions: false,
            maxClientIdBytes: 128,
            minKeepAliveSeconds: 5,
            maxKeepAliveSeconds: 1200,
            maxTopicBytes: 256,
            maxTopicSlashes: 7,
            uncountedPrefix: BasicIngest,
            maxPayloadBytes: 128 * 1024,
            maxFiltersPerSubscribe: 8,
            maxSubscriptions: 50,
            publishesPerSecond: 100,
            reservedPublish: AwsPublish2018,
            reservedSubscribe: AwsSubscribe2018);

        /// <summary>AWS IoT Core of today: retained messages but on reserved topics, persistent sessions, keepalive from 30 s [Q] [M] [R].</summary>
        public static readonly BrokerRules AwsNow = new BrokerRules(
            maxQos: 1,
            maxClientIdBytes: 128,
            minKeepAliveSeconds: 30,
            maxKeepAliveSeconds: 1200,
            maxTopicBytes: 256,
            maxTopicSlashes: 7,
            uncountedPrefix: BasicIngest,
            maxPayloadBytes: 128 * 1024,
            maxFiltersPerSubscribe: 8,
            maxSubscriptions: 50,
            publishesPerSecond: 100,
            reservedPublish: AwsPublishNow,
            reservedSubscribe: AwsSubscribeNow);

        /// <summary>The highest QoS, 0 to 2. AWS: 1; it answers QoS 2 with neither PUBACK nor SUBACK [M].</summary>
        public readonly int MaxQos;

        /// <summary>Whether RETAIN may be 1. AWS in 2018: no, it ends the connection [2018].</summary>
        public readonly bool Retain;

        /// <summary>Whether CleanSession may be 0. AWS in 2018: no, it ends the connection [2018].</summary>
        public readonly bool PersistentSessions;

        /// <summary>The longest client identifier in bytes. AWS: 128 [Q]. MQTT: 65,535, of which a broker must take 23 [MQTT-3.1.3-5].</summary>
        public readonly int MaxClientIdBytes;

        /// <summary>
        /// The shortest keepalive in seconds; above 0, keepalive 0 (off) is refused, too. AWS: 30 [Q], in 2018 5 [2018]. It takes less for this,
        /// and 0 for the longest, without saying so: the last will would come later than the device was told to expect.
        /// </summary>
        public readonly int MinKeepAliveSeconds;

        /// <summary>The longest keepalive in seconds. AWS: 1,200; it cuts a silent client off after 1.5 times that, whatever CONNECT said [Q].</summary>
        public readonly int MaxKeepAliveSeconds;

        /// <summary>The longest topic name or filter in bytes, without the uncounted prefix. AWS: 256 [Q]. MQTT: 65,535 [MQTT-4.7.3-3].</summary>
        public readonly int MaxTopicBytes;

        /// <summary>The most slashes in a topic name or filter, those of the uncounted prefix left out. AWS: 7, so 8 levels [Q].</summary>
        public readonly int MaxTopicSlashes;

        /// <summary>The largest payload in bytes. AWS: 131,072 [Q]. A will also keeps to <see cref="MaxFieldBytes"/>.</summary>
        public readonly int MaxPayloadBytes;

        /// <summary>The most filters in one SUBSCRIBE. AWS: 8 [Q].</summary>
        public readonly int MaxFiltersPerSubscribe;

        /// <summary>The most filters on one connection. AWS: 50 [Q].</summary>
        public readonly int MaxSubscriptions;

        /// <summary>The most PUBLISH packets in a second on one connection, 0 = no limit; for a <see cref="PublishRate"/>. AWS: 100, it discards more [Q].</summary>
        public readonly int PublishesPerSecond;

        private readonly byte[] _uncountedPrefix;
        private readonly byte[][] _reservedPublish;
        private readonly byte[][] _reservedSubscribe;

        /// <summary>Creates rules of one's own, at start-up. What is not named is as in MQTT 3.1.1. The arrays are referenced, not copied.</summary>
        /// <param name="maxQos">See <see cref="MaxQos"/>.</param>
        /// <param name="retain">See <see cref="Retain"/>.</param>
        /// <param name="persistentSessions">See <see cref="PersistentSessions"/>.</param>
        /// <param name="maxClientIdBytes">See <see cref="MaxClientIdBytes"/>.</param>
        /// <param name="minKeepAliveSeconds">See <see cref="MinKeepAliveSeconds"/>.</param>
        /// <param name="maxKeepAliveSeconds">See <see cref="MaxKeepAliveSeconds"/>.</param>
        /// <param name="maxTopicBytes">See <see cref="MaxTopicBytes"/>.</param>
        /// <param name="maxTopicSlashes">See <see cref="MaxTopicSlashes"/>.</param>
        /// <param name="uncountedPrefix">A topic's beginning that, with the level and the slash after it, counts for neither limit; or null. AWS: $aws/rules/.</param>
        /// <param name="maxPayloadBytes">See <see cref="MaxPayloadBytes"/>.</param>
        /// <param name="maxFiltersPerSubscribe">See <see cref="MaxFiltersPerSubscribe"/>.</param>
        /// <param name="maxSubscriptions">See <see cref="MaxSubscriptions"/>.</param>
        /// <param name="publishesPerSecond">See <see cref="PublishesPerSecond"/>.</param>
        /// <param name="reservedPublish">The topics with $ that may be published on, as filters whose first + is not empty; no others, and none with RETAIN. Null: all, with RETAIN.</param>
        /// <param name="reservedSubscribe">The topics with $ that may be subscribed to, as such filters; no others. Null: all.</param>
        public BrokerRules(
            int maxQos = 2,
            bool retain = true,
            bool persistentSessions = true,
            int maxClientIdBytes = MaxFieldBytes,
            int minKeepAliveSeconds = 0,
            int maxKeepAliveSeconds = 65535,
            int maxTopicBytes = MqttTopic.MaxLength,
            int maxTopicSlashes = Unlimited,
            byte[] uncountedPrefix = null,
            int maxPayloadBytes = Unlimited,
            int maxFiltersPerSubscribe = Unlimited,
            int maxSubscriptions = Unlimited,
            int publishesPerSecond = 0,
            byte[][] reservedPublish = null,
            byte[][] reservedSubscribe = null)
        {
            MaxQos = maxQos;
            Retain = retain;
            PersistentSessions = persistentSessions;
            MaxClientIdBytes = maxClientIdBytes;
            MinKeepAliveSeconds = minKeepAliveSeconds;
            MaxKeepAliveSeconds = maxKeepAliveSeconds;
            MaxTopicBytes = maxTopicBytes;
            MaxTopicSlashes = maxTopicSlashes;
            _uncountedPrefix = uncountedPrefix;
            MaxPayloadBytes = maxPayloadBytes;
            MaxFiltersPerSubscribe = maxFiltersPerSubscribe;
            MaxSubscriptions = maxSubscriptions;
            PublishesPerSecond = publishesPerSecond;
            _reservedPublish = reservedPublish;
            _reservedSubscribe = reservedSubscribe;
        }

        /// <summary>Judges CONNECT: the client identifier, the session, the keepalive, then the last will as a message.</summary>
        /// <param name="clientIdLength">Length of the client identifier in bytes.</param>
        /// <param name="cleanSession">The flag CleanSession.</param>
        /// <param name="keepAliveSeconds">The keepalive in seconds, 0 = off.</param>
        /// <param name="willTopic">All bytes of the will's topic, or null for no will: the rest does not count then.</param>
        /// <param name="willPayloadLength">Length of the will's payload in bytes.</param>
        /// <param name="willQos">QoS of the will.</param>
        /// <param name="willRetain">RETAIN of the will.</param>
        /// <returns>None, or the first rule that is broken.</returns>
        public BrokerRule CheckConnect(
            int clientIdLength, bool cleanSession, int keepAliveSeconds, byte[] willTopic, int willPayloadLength, int willQos, bool willRetain)
        {
            if (clientIdLength < 1 && !cleanSession)
            {
                return BrokerRule.ClientIdMissing;
            }

            if (clientIdLength > MaxClientIdBytes || clientIdLength > MaxFieldBytes)
            {
                return BrokerRule.ClientIdTooLong;
            }

            if (!cleanSession && !PersistentSessions)
            {
                return BrokerRule.PersistentSessionNotSupported;
            }

            if (keepAliveSeconds < MinKeepAliveSeconds || keepAliveSeconds > MaxKeepAliveSeconds)
            {
                return BrokerRule.KeepAliveOutOfRange;
            }

            if (willTopic == null)
            {
                return BrokerRule.None;
            }

            BrokerRule broken = CheckPublish(willTopic, willPayloadLength, willQos, willRetain);
            return broken == BrokerRule.None && willPayloadLength > MaxFieldBytes ? BrokerRule.PayloadTooLarge : broken;
        }

        /// <summary>Judges PUBLISH.</summary>
        /// <param name="topic">All bytes of the topic name.</param>
        /// <param name="payloadLength">Length of the payload in bytes.</param>
        /// <param name="qos">The QoS.</param>
        /// <param name="retain">Whether the broker is asked to keep the message.</param>
        /// <returns>None, or the first rule that is broken: of the topic, then QoS, retain, payload.</returns>
        public BrokerRule CheckPublish(byte[] topic, int payloadLength, int qos, bool retain)
        {
            BrokerRule broken = CheckSize(topic);
            if (broken != BrokerRule.None)
            {
                return broken;
            }

            if (!MqttTopic.IsName(topic, 0, topic.Length))
            {
                return BrokerRule.InvalidTopic;
            }

            if (!IsOffered(topic, _reservedPublish))
            {
                return BrokerRule.ReservedTopic;
            }

            if (qos < 0 || qos > MaxQos)
            {
                return BrokerRule.QosNotSupported;
            }

            if (retain && !Retain)
            {
                return BrokerRule.RetainNotSupported;
            }

            if (retain && _reservedPublish != null && topic[0] == Dollar)
            {
                return BrokerRule.RetainOnReservedTopic;
            }

            // the topic's length, the topic, the packet identifier of QoS 1 and 2, the payload (MQTT 3.1.1, 3.3)
            int room = MaxRemainingLength - 2 - topic.Length - (qos > 0 ? 2 : 0);
            return payloadLength > MaxPayloadBytes || payloadLength > room ? BrokerRule.PayloadTooLarge : BrokerRule.None;
        }

        /// <summary>Judges one filter of SUBSCRIBE.</summary>
        /// <param name="filter">All bytes of the topic filter.</param>
        /// <param name="qos">The QoS asked for.</param>
        /// <returns>None, or the first rule that is broken: of the filter, then QoS.</returns>
        public BrokerRule CheckSubscribe(byte[] filter, int qos)
        {
            BrokerRule broken = CheckSize(filter);
            if (broken != BrokerRule.None)
            {
                return broken;
            }

            if (!MqttTopic.IsFilter(filter))
            {
                return BrokerRule.InvalidTopic;
            }

            // A filter under test is taken for a topic here: its own wildcards pass only where the offer has a wildcard, too.
            if (!IsOffered(filter, _reservedSubscribe))
            {
                return BrokerRule.ReservedTopic;
            }

            return qos < 0 || qos > MaxQos ? BrokerRule.QosNotSupported : BrokerRule.None;
        }

        /// <summary>Judges how many filters a SUBSCRIBE has.</summary>
        /// <param name="filters">How many this SUBSCRIBE has.</param>
        /// <param name="subscriptions">How many the connection already has, those of this SUBSCRIBE not counted.</param>
        /// <returns>None, or the first rule that is broken.</returns>
        public BrokerRule CheckCounts(int filters, int subscriptions)
        {
            if (filters < 1)
            {
                return BrokerRule.NoFilters;
            }

            if (filters > MaxFiltersPerSubscribe)
            {
                return BrokerRule.TooManyFilters;
            }

            return subscriptions > MaxSubscriptions - filters ? BrokerRule.TooManySubscriptions : BrokerRule.None;
        }

        // Bytes and slashes, before the bytes themselves are looked at: what is too long is called so, even if it is no topic at all.

        private BrokerRule CheckSize(byte[] topic)
        {
            if (topic == null)
            {
                return BrokerRule.InvalidTopic;
            }

            int length = topic.Length;
            int start = CountedFrom(topic);
            if (length - start > MaxTopicBytes || length > MqttTopic.MaxLength)
            {
                return BrokerRule.TopicTooLong;
            }

            if (length - start <= MaxTopicSlashes)
            {
                // too short to have too many, or there is no limit
                return BrokerRule.None;
            }

            int slashes = 0;
            for (int i = start; i < length; i++)
            {
                if (topic[i] == LevelSeparator)
                {
                    slashes++;
                }
            }

            return slashes > MaxTopicSlashes ? BrokerRule.TooManyLevels : BrokerRule.None;
        }

        private int CountedFrom(byte[] topic)
        {
            if (_uncountedPrefix == null || !Bytes.StartsWith(topic, 0, topic.Length, _uncountedPrefix))
            {
                return 0;
            }

            int prefix = _uncountedPrefix.Length;
            return Bytes.IndexOf(topic, prefix, topic.Length - prefix, LevelSeparator) + 1; // not found: -1, so all counts
        }

        // The topic holds one byte or more.

        private static bool IsOffered(byte[] topic, byte[][] offers)
        {
            if (offers == null || topic[0] != Dollar)
            {
                return true;
            }

            int length = topic.Length;
            for (int i = 0; i < offers.Length; i++)
            {
                byte[] offer = offers[i];
                if (MqttTopicFilter.Matches(offer, topic, 0, length))
                {
                    // What + stands for in an offer is the name of a thing, a rule ...: MQTT lets it be empty, a registry does not. Up to the
                    // first + the two are equal, so the name begins at the same place.
                    int name = Bytes.IndexOf(offer, 0, offer.Length, SingleLevel);
                    return name < 0 || (name < length && topic[name] != LevelSeparator);
                }
            }

            return false;
        }
    }
}

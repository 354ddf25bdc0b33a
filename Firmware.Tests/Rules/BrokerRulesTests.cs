// BrokerRules at every limit, one below and one above, for all three editions.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Rules
{
    [TestClass]
    public static class BrokerRulesTests
    {
        private const int Plain = 0;
        private const int Aws2018 = 1;
        private const int AwsNow = 2;

        private static readonly BrokerRules[] Editions = { BrokerRules.Plain311, BrokerRules.Aws2018, BrokerRules.AwsNow };
        private static readonly byte[] Topic = Bytes.FromString("t");

        // client identifier
        [DataRow(Plain, 0, true, 60, (int)BrokerRule.None)]
        [DataRow(Plain, 0, false, 60, (int)BrokerRule.ClientIdMissing)]
        [DataRow(Plain, 1, false, 60, (int)BrokerRule.None)]
        [DataRow(Plain, 65534, true, 60, (int)BrokerRule.None)]
        [DataRow(Plain, 65535, true, 60, (int)BrokerRule.None)]
        [DataRow(Plain, 65536, true, 60, (int)BrokerRule.ClientIdTooLong)]
        [DataRow(Aws2018, 0, false, 60, (int)BrokerRule.ClientIdMissing)]
        [DataRow(Aws2018, 127, true, 60, (int)BrokerRule.None)]
        [DataRow(Aws2018, 128, true, 60, (int)BrokerRule.None)]
        [DataRow(Aws2018, 129, true, 60, (int)BrokerRule.ClientIdTooLong)]
        [DataRow(AwsNow, 0, false, 60, (int)BrokerRule.ClientIdMissing)]
        [DataRow(AwsNow, 127, true, 60, (int)BrokerRule.None)]
        [DataRow(AwsNow, 128, true, 60, (int)BrokerRule.None)]
        [DataRow(AwsNow, 129, true, 60, (int)BrokerRule.ClientIdTooLong)]

        // session
        [DataRow(Plain, 5, false, 60, (int)BrokerRule.None)]
        [DataRow(Aws2018, 5, false, 60, (int)BrokerRule.PersistentSessionNotSupported)]
        [DataRow(AwsNow, 5, false, 60, (int)BrokerRule.None)]

        // keepalive
        [DataRow(Plain, 5, true, -1, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(Plain, 5, true, 0, (int)BrokerRule.None)]
        [DataRow(Plain, 5, true, 1, (int)BrokerRule.None)]
        [DataRow(Plain, 5, true, 65534, (int)BrokerRule.None)]
        [DataRow(Plain, 5, true, 65535, (int)BrokerRule.None)]
        [DataRow(Plain, 5, true, 65536, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(Aws2018, 5, true, 0, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(Aws2018, 5, true, 4, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(Aws2018, 5, true, 5, (int)BrokerRule.None)]
        [DataRow(Aws2018, 5, true, 6, (int)BrokerRule.None)]
        [DataRow(Aws2018, 5, true, 1199, (int)BrokerRule.None)]
        [DataRow(Aws2018, 5, true, 1200, (int)BrokerRule.None)]
        [DataRow(Aws2018, 5, true, 1201, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(AwsNow, 5, true, 0, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(AwsNow, 5, true, 29, (int)BrokerRule.KeepAliveOutOfRange)]
        [DataRow(AwsNow, 5, true, 30, (int)BrokerRule.None)]
        [DataRow(AwsNow, 5, true, 31, (int)BrokerRule.None)]
        [DataRow(AwsNow, 5, true, 1199, (int)BrokerRule.None)]
        [DataRow(AwsNow, 5, true, 1200, (int)BrokerRule.None)]
        [DataRow(AwsNow, 5, true, 1201, (int)BrokerRule.KeepAliveOutOfRange)]
        public static void Checks_client_id_session_and_keepalive(int edition, int clientIdLength, bool cleanSession, int keepAlive, int expected)
        {
            // without a will its other fields do not count
            Assert.AreEqual(expected, (int)Editions[edition].CheckConnect(clientIdLength, cleanSession, keepAlive, null, 999999999, 9, true));
        }

        [DataRow(Plain, "t", 65534, 2, true, (int)BrokerRule.None)]
        [DataRow(Plain, "t", 65535, 2, true, (int)BrokerRule.None)]
        [DataRow(Plain, "t", 65536, 2, true, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(Plain, "$SYS/t", 1, 2, true, (int)BrokerRule.None)]
        [DataRow(Plain, "t", 1, 3, false, (int)BrokerRule.QosNotSupported)]
        [DataRow(Plain, "t/+", 1, 0, false, (int)BrokerRule.InvalidTopic)]
        [DataRow(Plain, "", 1, 0, false, (int)BrokerRule.InvalidTopic)]
        [DataRow(Plain, "t/+", 65536, 0, false, (int)BrokerRule.InvalidTopic)]
        [DataRow(Aws2018, "t", 65535, 1, false, (int)BrokerRule.None)]
        [DataRow(Aws2018, "t", 65536, 1, false, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(Aws2018, "t", 1, 2, false, (int)BrokerRule.QosNotSupported)]
        [DataRow(Aws2018, "t", 1, 1, true, (int)BrokerRule.RetainNotSupported)]
        [DataRow(Aws2018, "$SYS/t", 1, 1, false, (int)BrokerRule.ReservedTopic)]
        [DataRow(AwsNow, "t", 65535, 1, true, (int)BrokerRule.None)]
        [DataRow(AwsNow, "t", 65536, 1, true, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(AwsNow, "t", 1, 2, true, (int)BrokerRule.QosNotSupported)]
        [DataRow(AwsNow, "$aws/things/x/shadow/update", 1, 0, true, (int)BrokerRule.RetainOnReservedTopic)]
        [DataRow(AwsNow, "1/2/3/4/5/6/7/8/9", 1, 0, true, (int)BrokerRule.TooManyLevels)]
        public static void Checks_the_last_will_as_a_message(int edition, string topic, int payloadLength, int qos, bool retain, int expected)
        {
            Assert.AreEqual(expected, (int)Editions[edition].CheckConnect(1, true, 60, Bytes.FromString(topic), payloadLength, qos, retain));
        }

        [DataRow(Plain, 0, (int)BrokerRule.InvalidTopic)]
        [DataRow(Plain, 1, (int)BrokerRule.None)]
        [DataRow(Plain, 257, (int)BrokerRule.None)]
        [DataRow(Plain, 65534, (int)BrokerRule.None)]
        [DataRow(Plain, 65535, (int)BrokerRule.None)]
        [DataRow(Plain, 65536, (int)BrokerRule.TopicTooLong)]
        [DataRow(Aws2018, 0, (int)BrokerRule.InvalidTopic)]
        [DataRow(Aws2018, 255, (int)BrokerRule.None)]
        [DataRow(Aws2018, 256, (int)BrokerRule.None)]
        [DataRow(Aws2018, 257, (int)BrokerRule.TopicTooLong)]
        [DataRow(AwsNow, 0, (int)BrokerRule.InvalidTopic)]
        [DataRow(AwsNow, 255, (int)BrokerRule.None)]
        [DataRow(AwsNow, 256, (int)BrokerRule.None)]
        [DataRow(AwsNow, 257, (int)BrokerRule.TopicTooLong)]
        public static void Limits_the_length_of_topics(int edition, int length, int expected)
        {
            CheckBoth(edition, Filled(string.Empty, length), expected);
        }

        // $aws/rules/<rule>/ counts for neither limit; its 65,535 bytes of MQTT remain
        [DataRow(Aws2018, "$aws/rules/r/", 255, (int)BrokerRule.None)]
        [DataRow(Aws2018, "$aws/rules/r/", 256, (int)BrokerRule.None)]
        [DataRow(Aws2018, "$aws/rules/r/", 257, (int)BrokerRule.TopicTooLong)]
        [DataRow(AwsNow, "$aws/rules/r/", 255, (int)BrokerRule.None)]
        [DataRow(AwsNow, "$aws/rules/r/", 256, (int)BrokerRule.None)]
        [DataRow(AwsNow, "$aws/rules/r/", 257, (int)BrokerRule.TopicTooLong)]
        [DataRow(AwsNow, "$aws/rules/a_rule_with_a_long_name/", 256, (int)BrokerRule.None)]
        [DataRow(AwsNow, "$aws/rules/a_rule_with_a_long_name/", 257, (int)BrokerRule.TopicTooLong)]
        [DataRow(AwsNow, "$aws/rules/r/1/2/3/4/5/6/", 1, (int)BrokerRule.None)]
        [DataRow(AwsNow, "$aws/rules/r/1/2/3/4/5/6/7/", 1, (int)BrokerRule.None)]
        [DataRow(AwsNow, "$aws/rules/r/1/2/3/4/5/6/7/8/", 1, (int)BrokerRule.TooManyLevels)]
        [DataRow(Aws2018, "$aws/rules/r/1/2/3/4/5/6/7/", 1, (int)BrokerRule.None)]
        [DataRow(Aws2018, "$aws/rules/r/1/2/3/4/5/6/7/8/", 1, (int)BrokerRule.TooManyLevels)]
        [DataRow(AwsNow, "$aws/rules/", 245, (int)BrokerRule.None)] // no slash after the rule: all 256 count
        [DataRow(AwsNow, "$aws/rules/", 246, (int)BrokerRule.TopicTooLong)]
        [DataRow(AwsNow, "$aws/rule/r/", 245, (int)BrokerRule.TopicTooLong)] // looks alike, is not exempt
        [DataRow(Plain, "$aws/rules/r/", 65522, (int)BrokerRule.None)]
        [DataRow(Plain, "$aws/rules/r/", 65523, (int)BrokerRule.TopicTooLong)]
        public static void Does_not_count_the_prefix_of_basic_ingest(int edition, string prefix, int more, int expected)
        {
            Assert.AreEqual(expected, (int)Editions[edition].CheckPublish(Filled(prefix, more), 0, 0, false));
        }

        [TestMethod]
        public static void Holds_topics_without_counted_bytes_to_the_limit_of_their_packet()
        {
            BrokerRules rules = new BrokerRules(maxTopicBytes: 10, uncountedPrefix: Bytes.FromString("x/"));
            byte[] topic = Filled("x/", 65533);
            topic[65530] = (byte)'/';
            Assert.AreEqual((int)BrokerRule.None, (int)rules.CheckPublish(topic, 0, 0, false));
            topic = Filled("x/", 65534);
            topic[65530] = (byte)'/';
            Assert.AreEqual((int)BrokerRule.TopicTooLong, (int)rules.CheckPublish(topic, 0, 0, false));
        }

        [DataRow(Plain, 7, (int)BrokerRule.None)]
        [DataRow(Plain, 8, (int)BrokerRule.None)]
        [DataRow(Plain, 65534, (int)BrokerRule.None)]
        [DataRow(Aws2018, 6, (int)BrokerRule.None)]
        [DataRow(Aws2018, 7, (int)BrokerRule.None)]
        [DataRow(Aws2018, 8, (int)BrokerRule.TooManyLevels)]
        [DataRow(AwsNow, 6, (int)BrokerRule.None)]
        [DataRow(AwsNow, 7, (int)BrokerRule.None)]
        [DataRow(AwsNow, 8, (int)BrokerRule.TooManyLevels)]
        public static void Limits_the_slashes_of_topics(int edition, int slashes, int expected)
        {
            byte[] topic = new byte[slashes + 1];
            for (int i = 0; i < slashes; i++)
            {
                topic[i] = (byte)'/';
            }

            topic[slashes] = (byte)'t';
            CheckBoth(edition, topic, expected);
        }

        // topic, what AWS of 2018 and AWS now say to publishing on it, and the same for subscribing; plain MQTT lets all pass
        [DataRow("$aws/things/x/shadow/update", true, true, true, true)]
        [DataRow("$aws/things/x/shadow/name/n/get", true, true, true, true)]
        [DataRow("$aws/things/x/jobs/j/update", true, true, true, true)]
        [DataRow("$aws/things/x/jobs/notify-next", true, true, true, true)]
        [DataRow("$aws/things/x/defender/metrics/json", true, true, true, true)]
        [DataRow("$aws/things/x/streams/s/get/json", true, true, true, true)]
        [DataRow("$aws/things/x/tunnels/notify", false, false, true, true)] // subscribe only
        [DataRow("$aws/things/x/shadows/update", false, false, true, true)] // misspelt
        [DataRow("$aws/things/x/shadow", false, false, true, true)]
        [DataRow("$aws/things//shadow/update", false, false, false, false)] // the name is missing
        [DataRow("$aws/things/", false, false, false, false)]
        [DataRow("$aws/things", false, false, false, false)]
        [DataRow("$aws/rules/r", true, true, false, false)] // publish only
        [DataRow("$aws/rules/r/a/b", true, true, false, false)]
        [DataRow("$aws/rules/", false, false, false, false)]
        [DataRow("$aws/rules//a", false, false, false, false)]
        [DataRow("$aws/events/presence/connected/c", false, false, true, true)] // subscribe only
        [DataRow("$aws/certificates/create/json", false, true, false, true)]
        [DataRow("$aws/provisioning-templates/p/provision/json", false, true, false, true)]
        [DataRow("$aws/commands/things/x/executions/e/response/json", false, true, false, true)]
        [DataRow("$aws/device_location/x/get_position_estimate", false, true, false, true)]
        [DataRow("$aws/sitewise/asset-models/m/assets/a/properties/p", false, false, false, true)]
        [DataRow("$aws/other/x", false, false, false, false)]
        [DataRow("$AWS/things/x/shadow/update", false, false, false, false)]
        [DataRow("$aws", false, false, false, false)]
        [DataRow("$SYS/x", false, false, false, false)]
        [DataRow("$share/g/t", false, false, false, false)]
        [DataRow("$", false, false, false, false)]
        [DataRow("x/$aws/y", true, true, true, true)]
        public static void Offers_the_reserved_topics_of_its_broker(string topic, bool publish2018, bool publishNow, bool subscribe2018, bool subscribeNow)
        {
            byte[] bytes = Bytes.FromString(topic);
            CheckBoth(Plain, bytes, (int)BrokerRule.None);
            CheckOffer(publish2018, BrokerRules.Aws2018.CheckPublish(bytes, 1, 1, false));
            CheckOffer(publishNow, BrokerRules.AwsNow.CheckPublish(bytes, 1, 1, false));
            CheckOffer(subscribe2018, BrokerRules.Aws2018.CheckSubscribe(bytes, 1));
            CheckOffer(subscribeNow, BrokerRules.AwsNow.CheckSubscribe(bytes, 1));
        }

        [DataRow("$aws/things/+/shadow/#", true)]
        [DataRow("$aws/things/x/#", true)]
        [DataRow("$aws/things/#", true)]
        [DataRow("$aws/events/#", true)]
        [DataRow("$aws/+/x", false)]
        [DataRow("$aws/#", false)]
        [DataRow("$SYS/#", false)]
        [DataRow("#", true)]
        [DataRow("+/x", true)]
        public static void Takes_wildcards_in_reserved_filters_where_the_offer_has_them(string filter, bool offered)
        {
            byte[] bytes = Bytes.FromString(filter);
            Assert.AreEqual((int)BrokerRule.None, (int)BrokerRules.Plain311.CheckSubscribe(bytes, 1));
            CheckOffer(offered, BrokerRules.Aws2018.CheckSubscribe(bytes, 1));
            CheckOffer(offered, BrokerRules.AwsNow.CheckSubscribe(bytes, 1));
        }

        [DataRow(Plain, -1, (int)BrokerRule.QosNotSupported)]
        [DataRow(Plain, 0, (int)BrokerRule.None)]
        [DataRow(Plain, 1, (int)BrokerRule.None)]
        [DataRow(Plain, 2, (int)BrokerRule.None)]
        [DataRow(Plain, 3, (int)BrokerRule.QosNotSupported)]
        [DataRow(Aws2018, -1, (int)BrokerRule.QosNotSupported)]
        [DataRow(Aws2018, 0, (int)BrokerRule.None)]
        [DataRow(Aws2018, 1, (int)BrokerRule.None)]
        [DataRow(Aws2018, 2, (int)BrokerRule.QosNotSupported)]
        [DataRow(AwsNow, -1, (int)BrokerRule.QosNotSupported)]
        [DataRow(AwsNow, 0, (int)BrokerRule.None)]
        [DataRow(AwsNow, 1, (int)BrokerRule.None)]
        [DataRow(AwsNow, 2, (int)BrokerRule.QosNotSupported)]
        public static void Limits_QoS(int edition, int qos, int expected)
        {
            Assert.AreEqual(expected, (int)Editions[edition].CheckPublish(Topic, 1, qos, false));
            Assert.AreEqual(expected, (int)Editions[edition].CheckSubscribe(Topic, qos));
            Assert.AreEqual(expected, (int)Editions[edition].CheckConnect(1, true, 60, Topic, 1, qos, false));
        }

        [DataRow(Plain, "t", (int)BrokerRule.None)]
        [DataRow(Plain, "$aws/rules/r/t", (int)BrokerRule.None)]
        [DataRow(Aws2018, "t", (int)BrokerRule.RetainNotSupported)]
        [DataRow(Aws2018, "$aws/rules/r/t", (int)BrokerRule.RetainNotSupported)]
        [DataRow(AwsNow, "t", (int)BrokerRule.None)]
        [DataRow(AwsNow, "t/$aws", (int)BrokerRule.None)]
        [DataRow(AwsNow, "$aws/rules/r/t", (int)BrokerRule.RetainOnReservedTopic)]
        [DataRow(AwsNow, "$aws/things/x/shadow/update", (int)BrokerRule.RetainOnReservedTopic)]
        public static void Allows_retain_where_the_broker_keeps_messages(int edition, string topic, int expected)
        {
            byte[] bytes = Bytes.FromString(topic);
            Assert.AreEqual(expected, (int)Editions[edition].CheckPublish(bytes, 1, 1, true));
            Assert.AreEqual(expected, (int)Editions[edition].CheckPublish(bytes, 0, 0, true), "no payload deletes the kept message: a retained one, too");
            Assert.AreEqual((int)BrokerRule.None, (int)Editions[edition].CheckPublish(bytes, 1, 1, false));
        }

        // MQTT's limit is the whole packet's: 268,435,455 less 2 + 1 bytes of topic, and 2 of packet identifier above QoS 0
        [DataRow(Plain, 0, 0, (int)BrokerRule.None)]
        [DataRow(Plain, 131073, 1, (int)BrokerRule.None)]
        [DataRow(Plain, 268435451, 0, (int)BrokerRule.None)]
        [DataRow(Plain, 268435452, 0, (int)BrokerRule.None)]
        [DataRow(Plain, 268435453, 0, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(Plain, 268435449, 1, (int)BrokerRule.None)]
        [DataRow(Plain, 268435450, 1, (int)BrokerRule.None)]
        [DataRow(Plain, 268435451, 1, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(Plain, 268435450, 2, (int)BrokerRule.None)]
        [DataRow(Plain, 268435451, 2, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(Aws2018, 0, 0, (int)BrokerRule.None)]
        [DataRow(Aws2018, 131071, 1, (int)BrokerRule.None)]
        [DataRow(Aws2018, 131072, 1, (int)BrokerRule.None)]
        [DataRow(Aws2018, 131073, 1, (int)BrokerRule.PayloadTooLarge)]
        [DataRow(AwsNow, 0, 0, (int)BrokerRule.None)]
        [DataRow(AwsNow, 131071, 1, (int)BrokerRule.None)]
        [DataRow(AwsNow, 131072, 1, (int)BrokerRule.None)]
        [DataRow(AwsNow, 131073, 1, (int)BrokerRule.PayloadTooLarge)]
        public static void Limits_the_payload(int edition, int payloadLength, int qos, int expected)
        {
            Assert.AreEqual(expected, (int)Editions[edition].CheckPublish(Topic, payloadLength, qos, false));
        }

        // filters of this SUBSCRIBE, and those the connection has already
        [DataRow(Plain, 0, 0, (int)BrokerRule.NoFilters)]
        [DataRow(Plain, 1, 0, (int)BrokerRule.None)]
        [DataRow(Plain, 9, 50, (int)BrokerRule.None)]
        [DataRow(Plain, 2147483647, 0, (int)BrokerRule.None)]
        [DataRow(Aws2018, 0, 0, (int)BrokerRule.NoFilters)]
        [DataRow(Aws2018, 7, 0, (int)BrokerRule.None)]
        [DataRow(Aws2018, 8, 0, (int)BrokerRule.None)]
        [DataRow(Aws2018, 9, 0, (int)BrokerRule.TooManyFilters)]
        [DataRow(Aws2018, 1, 48, (int)BrokerRule.None)]
        [DataRow(Aws2018, 1, 49, (int)BrokerRule.None)]
        [DataRow(Aws2018, 1, 50, (int)BrokerRule.TooManySubscriptions)]
        [DataRow(AwsNow, 0, 0, (int)BrokerRule.NoFilters)]
        [DataRow(AwsNow, 7, 0, (int)BrokerRule.None)]
        [DataRow(AwsNow, 8, 0, (int)BrokerRule.None)]
        [DataRow(AwsNow, 9, 0, (int)BrokerRule.TooManyFilters)]
        [DataRow(AwsNow, 8, 41, (int)BrokerRule.None)]
        [DataRow(AwsNow, 8, 42, (int)BrokerRule.None)]
        [DataRow(AwsNow, 8, 43, (int)BrokerRule.TooManySubscriptions)]
        [DataRow(AwsNow, 8, 2147483647, (int)BrokerRule.TooManySubscriptions)]
        public static void Limits_filters_of_a_SUBSCRIBE_and_of_a_connection(int edition, int filters, int subscriptions, int expected)
        {
            Assert.AreEqual(expected, (int)Editions[edition].CheckCounts(filters, subscriptions));
        }

        [DataRow(Plain, 0)]
        [DataRow(Aws2018, 100)]
        [DataRow(AwsNow, 100)]
        public static void Knows_the_publish_rate_of_its_broker(int edition, int perSecond)
        {
            Assert.AreEqual(perSecond, Editions[edition].PublishesPerSecond);
        }

        // wildcards in a name, misplaced ones in a filter, and bytes that are no text
        [TestMethod]
        public static void Refuses_what_is_no_topic()
        {
            byte[] wildcard = Bytes.FromString("a/+/b/#");
            byte[] misplaced = Bytes.FromString("a#");
            byte[] nul = { (byte)'a', 0 };
            byte[] overlong = { 0xC0, 0x80 };
            for (int i = 0; i < Editions.Length; i++)
            {
                BrokerRules rules = Editions[i];
                Assert.AreEqual((int)BrokerRule.InvalidTopic, (int)rules.CheckPublish(wildcard, 1, 0, false));
                Assert.AreEqual((int)BrokerRule.None, (int)rules.CheckSubscribe(wildcard, 0));
                CheckBoth(i, misplaced, (int)BrokerRule.InvalidTopic);
                CheckBoth(i, nul, (int)BrokerRule.InvalidTopic);
                CheckBoth(i, overlong, (int)BrokerRule.InvalidTopic);
                CheckBoth(i, null, (int)BrokerRule.InvalidTopic);
            }
        }

        [TestMethod]
        public static void Counts_bytes_of_UTF8_and_not_characters()
        {
            byte[] topic = Filled("\u20AC", 253);
            Assert.AreEqual(256, topic.Length);
            CheckBoth(AwsNow, topic, (int)BrokerRule.None);
            CheckBoth(AwsNow, Filled("\u20AC", 254), (int)BrokerRule.TopicTooLong);
        }

        [TestMethod]
        public static void Takes_rules_of_ones_own_and_leaves_the_rest_to_MQTT()
        {
            byte[][] offers = { Bytes.FromString("$mine/+/log"), Bytes.FromString("$log") };
            BrokerRules own = new BrokerRules(maxPayloadBytes: 10, maxQos: 0, maxClientIdBytes: BrokerRules.Unlimited, reservedPublish: offers);
            Assert.AreEqual((int)BrokerRule.None, (int)own.CheckPublish(Topic, 10, 0, true));
            Assert.AreEqual((int)BrokerRule.PayloadTooLarge, (int)own.CheckPublish(Topic, 11, 0, true));
            Assert.AreEqual((int)BrokerRule.QosNotSupported, (int)own.CheckPublish(Topic, 1, 1, true));
            Assert.AreEqual((int)BrokerRule.None, (int)own.CheckPublish(Bytes.FromString("$mine/x/log"), 1, 0, false));
            Assert.AreEqual((int)BrokerRule.None, (int)own.CheckPublish(Bytes.FromString("$log"), 1, 0, false));
            Assert.AreEqual((int)BrokerRule.ReservedTopic, (int)own.CheckPublish(Bytes.FromString("$mine/x"), 1, 0, false));
            Assert.AreEqual((int)BrokerRule.None, (int)own.CheckSubscribe(Bytes.FromString("$any/#"), 0));
            Assert.AreEqual((int)BrokerRule.None, (int)own.CheckConnect(65535, false, 0, null, 0, 0, false));
            Assert.AreEqual((int)BrokerRule.ClientIdTooLong, (int)own.CheckConnect(65536, false, 0, null, 0, 0, false), "no rule is wider than its packet");
        }

        private static void CheckBoth(int edition, byte[] topic, int expected)
        {
            Assert.AreEqual(expected, (int)Editions[edition].CheckPublish(topic, 0, 0, false));
            Assert.AreEqual(expected, (int)Editions[edition].CheckSubscribe(topic, 0));
        }

        private static void CheckOffer(bool offered, BrokerRule answer)
        {
            Assert.AreEqual(offered ? (int)BrokerRule.None : (int)BrokerRule.ReservedTopic, (int)answer);
        }

        private static byte[] Filled(string prefix, int more)
        {
            byte[] start = Bytes.FromString(prefix);
            byte[] result = new byte[start.Length + more];
            System.Array.Copy(start, 0, result, 0, start.Length);
            for (int i = start.Length; i < result.Length; i++)
            {
                result[i] = (byte)'a';
            }

            return result;
        }
    }
}

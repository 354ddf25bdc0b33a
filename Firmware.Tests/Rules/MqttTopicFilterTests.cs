// MqttTopicFilter: the examples of MQTT 3.1.1, 4.7, and a random comparison with a recursion over split levels.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Rules
{
    [TestClass]
    public static class MqttTopicFilterTests
    {
        private const int Pairs = 4000;
        private const int Seed = 20180907;

        private static readonly string[] Levels = { "a", "ab", "b", "", "$a", "\u00E9", "A", "a b" };

        private static int _random;

        // 4.7.1.1 the separator makes levels, empty ones too
        [DataRow("/", "/", true)]
        [DataRow("a//b", "a//b", true)]
        [DataRow("a//b", "a/b", false)]
        [DataRow("a/+/b", "a//b", true)]

        // 4.7.1.2 multi-level wildcard
        [DataRow("sport/tennis/player1/#", "sport/tennis/player1", true)]
        [DataRow("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
        [DataRow("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
        [DataRow("sport/tennis/player1/#", "sport/tennis/player10", false)]
        [DataRow("sport/tennis/player1/#", "sport/tennis", false)]
        [DataRow("sport/#", "sport", true)]
        [DataRow("sport/#", "sport/", true)]
        [DataRow("sport/#", "sports", false)]
        [DataRow("sport/#", "spor", false)]
        [DataRow("#", "sport", true)]
        [DataRow("#", "/", true)]
        [DataRow("#", "sport/tennis/player1", true)]
        [DataRow("sport/tennis/#", "sport/tennis/player1", true)]
        [DataRow("/#", "sport", false)]
        [DataRow("/#", "/sport", true)]

        // 4.7.1.3 single-level wildcard
        [DataRow("sport/tennis/+", "sport/tennis/player1", true)]
        [DataRow("sport/tennis/+", "sport/tennis/player2", true)]
        [DataRow("sport/tennis/+", "sport/tennis/player1/ranking", false)]
        [DataRow("sport/+", "sport", false)]
        [DataRow("sport/+", "sport/", true)]
        [DataRow("+", "sport", true)]
        [DataRow("+", "sport/tennis", false)]
        [DataRow("+/tennis/#", "sport/tennis", true)]
        [DataRow("+/tennis/#", "sport/tennis/player1/ranking", true)]
        [DataRow("+/tennis/#", "sport/golf/player1", false)]
        [DataRow("sport/+/player1", "sport/tennis/player1", true)]
        [DataRow("sport/+/player1", "sport/tennis/player2", false)]
        [DataRow("sport/+/player1", "sport/player1", false)]
        [DataRow("+/+", "/finance", true)]
        [DataRow("/+", "/finance", true)]
        [DataRow("+", "/finance", false)]
        [DataRow("+/#", "finance", true)]
        [DataRow("+/+/#", "finance", false)]

        // 4.7.2 topics beginning with $
        [DataRow("#", "$SYS/monitor/Clients", false)]
        [DataRow("+/monitor/Clients", "$SYS/monitor/Clients", false)]
        [DataRow("$SYS/#", "$SYS/monitor/Clients", true)]
        [DataRow("$SYS/#", "$SYS", true)]
        [DataRow("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
        [DataRow("$SYS/#", "#", false)]
        [DataRow("+", "$", false)]
        [DataRow("+/+", "a/$SYS", true)]
        [DataRow("/#", "/$SYS", true)]

        // 4.7.3 case counts, spaces count, a slash in front or behind makes another topic
        [DataRow("ACCOUNTS", "Accounts", false)]
        [DataRow("Accounts payable", "Accounts payable", true)]
        [DataRow("Accounts payable", "Accounts", false)]
        [DataRow("/finance", "finance", false)]
        [DataRow("finance", "/finance", false)]
        [DataRow("finance", "finance/", false)]
        [DataRow("finance/", "finance", false)]
        [DataRow("\u00E9t\u00E9/+", "\u00E9t\u00E9/20 \u00B0C", true)]
        [DataRow("\u00E9", "\u00E8", false)]
        public static void Matches_as_the_specification_says(string filter, string topic, bool expected)
        {
            byte[] filterBytes = Bytes.FromString(filter);
            Assert.IsTrue(MqttTopic.IsFilter(filterBytes));
            Check(filterBytes, topic, expected);
        }

        // 4.7.1.2, 4.7.1.3, 4.7.3: what may be subscribed to at all
        [DataRow("sport/tennis/#", true)]
        [DataRow("sport/tennis#", false)]
        [DataRow("sport/tennis/#/ranking", false)]
        [DataRow("+/tennis/#", true)]
        [DataRow("sport+", false)]
        [DataRow("sport/+/player1", true)]
        [DataRow("+sport", false)]
        [DataRow("", false)]
        public static void Knows_which_filters_the_specification_allows(string filter, bool expected)
        {
            Assert.AreEqual(expected, MqttTopic.IsFilter(Bytes.FromString(filter)));
        }

        [TestMethod]
        public static void Matches_nothing_to_a_topic_of_no_bytes()
        {
            Check(Bytes.FromString("#"), string.Empty, false);
            Check(Bytes.FromString("+"), string.Empty, false);
            Check(Bytes.FromString("/#"), string.Empty, false);
            Assert.IsFalse(MqttTopicFilter.Matches(Bytes.FromString("#"), Bytes.Empty, 0, 0));
        }

        [TestMethod]
        public static void Agrees_with_a_recursion_over_split_levels()
        {
            _random = Seed;
            int matches = 0;
            for (int i = 0; i < Pairs; i++)
            {
                string topic = RandomTopic();
                string filter = RandomFilter(topic);
                bool expected = topic.Length > 0 && NaiveMatches(filter, topic);
                matches += expected ? 1 : 0;
                if (topic.Length > 0 && filter.Length > 0)
                {
                    byte[] filterBytes = Bytes.FromString(filter);
                    Assert.IsTrue(MqttTopic.IsFilter(filterBytes), filter);
                    Check(filterBytes, topic, expected);
                }
            }

            // with other numbers the comparison would say little
            Assert.IsTrue(matches > Pairs / 5 && matches < Pairs * 4 / 5, matches.ToString());
        }

        // The topic at the end of its buffer, and then among bytes that would go on with it.

        private static void Check(byte[] filter, string topic, bool expected)
        {
            byte[] text = Bytes.FromString(topic);
            byte[] buffer = new byte[text.Length + 3];
            System.Array.Copy(text, 0, buffer, 3, text.Length);
            string pair = "seed " + Seed.ToString() + ", filter of " + filter.Length.ToString() + " bytes, topic " + topic;
            Assert.AreEqual(expected, MqttTopicFilter.Matches(filter, buffer, 3, text.Length), pair);
            byte[] neighbours = { (byte)'/', (byte)'a', (byte)'$', (byte)'#', 0 };
            for (int i = 0; i < neighbours.Length; i++)
            {
                byte[] surrounded = new byte[text.Length + 4];
                for (int j = 0; j < surrounded.Length; j++)
                {
                    surrounded[j] = neighbours[i];
                }

                System.Array.Copy(text, 0, surrounded, 2, text.Length);
                Assert.AreEqual(expected, MqttTopicFilter.Matches(filter, surrounded, 2, text.Length), pair);
            }
        }

        private static bool NaiveMatches(string filter, string topic)
        {
            string[] filterLevels = filter.Split('/');
            string[] topicLevels = topic.Split('/');
            if (topic[0] == '$' && (filterLevels[0] == "+" || filterLevels[0] == "#"))
            {
                return false;
            }

            return NaiveMatches(filterLevels, 0, topicLevels, 0);
        }

        private static bool NaiveMatches(string[] filter, int filterLevel, string[] topic, int topicLevel)
        {
            if (filterLevel == filter.Length)
            {
                return topicLevel == topic.Length;
            }

            if (filter[filterLevel] == "#")
            {
                return true;
            }

            if (topicLevel == topic.Length)
            {
                return false;
            }

            return (filter[filterLevel] == "+" || filter[filterLevel] == topic[topicLevel])
                && NaiveMatches(filter, filterLevel + 1, topic, topicLevel + 1);
        }

        private static string RandomTopic()
        {
            int levels = Next(5) + 1;
            string topic = Levels[Next(Levels.Length)];
            for (int i = 1; i < levels; i++)
            {
                topic += "/" + Levels[Next(Levels.Length)];
            }

            return topic;
        }

        // Mostly made from the topic, a level changed here and there: unrelated ones would hardly ever match.

        private static string RandomFilter(string topic)
        {
            string[] levels = topic.Split('/');
            string filter = string.Empty;
            int length = levels.Length + (Next(8) == 0 ? 1 : 0) - (Next(8) == 0 ? 1 : 0);
            for (int i = 0; i < length; i++)
            {
                string level = i < levels.Length ? levels[i] : Levels[Next(Levels.Length)];
                int change = Next(12);
                if (change == 0)
                {
                    level = Levels[Next(Levels.Length)];
                }
                else if (change < 4)
                {
                    level = "+";
                }

                filter += i == 0 ? level : "/" + level;
            }

            if (Next(4) == 0)
            {
                filter = filter.Length == 0 ? "#" : filter + "/#";
            }

            return filter;
        }

        // The same numbers on every machine, as System.Random does not promise.

        private static int Next(int below)
        {
            _random = (_random * 1103515245) + 12345;
            return ((_random >> 16) & 0x7FFF) % below;
        }
    }
}

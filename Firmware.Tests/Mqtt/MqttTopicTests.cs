// Topic names and topic filters: MQTT 3.1.1 section 4.7, and 1.5.3 for their characters.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttTopicTests
    {
        [DataRow("'a'")]
        [DataRow("'/'")] // 4.7.3
        [DataRow("'//'")]
        [DataRow("'/finance'")] // 4.7.1.1: a leading separator makes another topic
        [DataRow("'finance/'")]
        [DataRow("'sport/tennis/player1'")]
        [DataRow("'$SYS/broker'")] // 4.7.2
        [DataRow("'$aws/things/t/shadow/get'")]
        [DataRow("'Accounts payable'")] // 4.7.3: spaces
        [DataRow("'K' C3 BC 'che'")]
        [DataRow("F0 9F 8D 9E")]
        public static void Is_a_name_and_a_filter(string text)
        {
            byte[] topic = PacketText.Parse(text);
            Assert.IsTrue(MqttTopic.IsName(topic, 0, topic.Length));
            Assert.IsTrue(MqttTopic.IsFilter(topic));
        }

        [DataRow("'#'")] // 4.7.1.2
        [DataRow("'sport/#'")]
        [DataRow("'/#'")]
        [DataRow("'sport/tennis/player1/#'")]
        [DataRow("'+'")] // 4.7.1.3
        [DataRow("'/+'")]
        [DataRow("'+/'")]
        [DataRow("'+/+'")]
        [DataRow("'sport/+'")]
        [DataRow("'sport/+/player1'")]
        [DataRow("'+/tennis/#'")]
        [DataRow("'+/#'")]
        [DataRow("'$SYS/monitor/+'")]
        public static void Is_a_filter_but_no_name(string text)
        {
            byte[] topic = PacketText.Parse(text);
            Assert.IsFalse(MqttTopic.IsName(topic, 0, topic.Length)); // [MQTT-3.3.2-2]
            Assert.IsTrue(MqttTopic.IsFilter(topic));
        }

        [DataRow("")] // [MQTT-4.7.3-1]
        [DataRow("'sport/tennis#'")] // [MQTT-4.7.1-2]
        [DataRow("'sport/tennis/#/ranking'")]
        [DataRow("'#/'")]
        [DataRow("'##'")]
        [DataRow("'a/##'")]
        [DataRow("'sport+'")] // [MQTT-4.7.1-3]
        [DataRow("'+sport'")]
        [DataRow("'sport/+tennis'")]
        [DataRow("'sport/t+/x'")]
        [DataRow("'++'")]
        [DataRow("'+#'")]
        [DataRow("'#+'")]
        [DataRow("00")] // [MQTT-4.7.3-2]
        [DataRow("'a' 00 'b'")]
        [DataRow("'a' C0 80")] // [MQTT-1.5.3-1]
        [DataRow("ED A0 80")]
        [DataRow("'a/' C3")]
        [DataRow("'+/' FF")]
        public static void Is_neither(string text)
        {
            byte[] topic = PacketText.Parse(text);
            Assert.IsFalse(MqttTopic.IsName(topic, 0, topic.Length));
            Assert.IsFalse(MqttTopic.IsFilter(topic));
        }

        [TestMethod]
        public static void A_name_is_only_what_lies_in_the_range()
        {
            byte[] buffer = Bytes.FromString("#a/b+");
            Assert.IsTrue(MqttTopic.IsName(buffer, 1, 3));
            Assert.IsFalse(MqttTopic.IsName(buffer, 0, 4));
            Assert.IsFalse(MqttTopic.IsName(buffer, 1, 4));
            Assert.IsFalse(MqttTopic.IsName(buffer, 1, 0));
        }

        [TestMethod]
        public static void Is_at_most_65535_bytes_long()
        {
            byte[] longest = new byte[65536];
            for (int i = 0; i < longest.Length; i++)
            {
                longest[i] = (byte)'x';
            }

            Assert.IsTrue(MqttTopic.IsName(longest, 0, 65535));
            Assert.IsFalse(MqttTopic.IsName(longest, 0, 65536));
            Assert.IsFalse(MqttTopic.IsFilter(longest));
        }
    }
}

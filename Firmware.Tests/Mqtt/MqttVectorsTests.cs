// What the client sends, byte for byte, against vectors written by hand from MQTT 3.1.1 chapter 3.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttVectorsTests
    {
        private const string None = "-";

        // 3.1: protocol name, level, flags, keepalive; client identifier, will topic, will payload, user name, password
        [DataRow("10 0D 00 04 'MQTT' 04 02 00 3C  00 01 'a'", "a", None, None, None, None, 0, false, true, 60)]
        [DataRow("10 0C 00 04 'MQTT' 04 02 00 00  00 00", "", None, None, None, None, 0, false, true, 0)] // [MQTT-3.1.3-6]
        [DataRow("10 0F 00 04 'MQTT' 04 00 04 B0  00 03 'abc'", "abc", None, None, None, None, 0, false, false, 1200)]
        [DataRow("10 0D 00 04 'MQTT' 04 02 FF FF  00 01 'a'", "a", None, None, None, None, 0, false, true, 65535)]
        [DataRow("10 13 00 04 'MQTT' 04 06 00 3C  00 01 'a'  00 01 'w' 00 01 'x'", "a", None, None, "w", "x", 0, false, true, 60)]
        [DataRow("10 12 00 04 'MQTT' 04 06 00 3C  00 01 'a'  00 01 'w' 00 00", "a", None, None, "w", "", 0, false, true, 60)]
        [DataRow("10 13 00 04 'MQTT' 04 0E 00 3C  00 01 'a'  00 01 'w' 00 01 'x'", "a", None, None, "w", "x", 1, false, true, 60)]
        [DataRow("10 13 00 04 'MQTT' 04 16 00 3C  00 01 'a'  00 01 'w' 00 01 'x'", "a", None, None, "w", "x", 2, false, true, 60)]
        [DataRow("10 13 00 04 'MQTT' 04 26 00 3C  00 01 'a'  00 01 'w' 00 01 'x'", "a", None, None, "w", "x", 0, true, true, 60)]
        [DataRow("10 13 00 04 'MQTT' 04 2C 00 3C  00 01 'a'  00 01 'w' 00 01 'x'", "a", None, None, "w", "x", 1, true, false, 60)]
        [DataRow("10 0D 00 04 'MQTT' 04 02 00 3C  00 01 'a'", "a", None, None, None, "x", 1, true, true, 60)] // [MQTT-3.1.2-13], [MQTT-3.1.2-15]: no will, no will flags
        [DataRow("10 10 00 04 'MQTT' 04 82 00 3C  00 01 'a'  00 01 'u'", "a", "u", None, None, None, 0, false, true, 60)]
        [DataRow("10 0F 00 04 'MQTT' 04 82 00 3C  00 01 'a'  00 00", "a", "", None, None, None, 0, false, true, 60)]
        [DataRow("10 14 00 04 'MQTT' 04 C2 00 3C  00 01 'a'  00 01 'u'  00 02 'pw'", "a", "u", "pw", None, None, 0, false, true, 60)]
        [DataRow("10 12 00 04 'MQTT' 04 C2 00 3C  00 01 'a'  00 01 'u'  00 00", "a", "u", "", None, None, 0, false, true, 60)]
        [DataRow("10 0D 00 04 'MQTT' 04 02 00 3C  00 01 'a'", "a", None, "pw", None, None, 0, false, true, 60)] // [MQTT-3.1.2-22]: no user name, no password
        [DataRow("10 1A 00 04 'MQTT' 04 EE 00 3C  00 01 'a'  00 01 'w' 00 01 'x'  00 01 'u'  00 02 'pw'", "a", "u", "pw", "w", "x", 1, true, true, 60)]
        public static void Sends_connect(string expected, string clientId, string user, string password, string willTopic, string willPayload, int willQos, bool willRetain, bool clean, int keepAlive)
        {
            MqttScenario s = new MqttScenario();
            s.Options.ClientId = Bytes.FromString(clientId);
            s.Options.UserName = BytesOrNull(user);
            s.Options.Password = BytesOrNull(password);
            s.Options.WillTopic = BytesOrNull(willTopic);
            s.Options.WillPayload = willPayload == None ? Bytes.Empty : Bytes.FromString(willPayload);
            s.Options.WillQos = willQos;
            s.Options.WillRetain = willRetain;
            s.Options.CleanSession = clean;
            s.Options.KeepAliveSeconds = keepAlive;
            s.Open();
            s.ExpectSent(expected);
        }

        [TestMethod]
        public static void Sends_a_connect_whose_length_takes_two_bytes()
        {
            MqttScenario s = new MqttScenario(256, 200, 512, 8, 1);
            s.Options.ClientId = PacketText.Parse("'c'*128");
            s.Open();
            s.ExpectSent("10 8C 01  00 04 'MQTT' 04 02 00 3C  00 80 'c'*128");
        }

        [TestMethod]
        public static void A_connect_that_does_not_fit_leaves_the_link_alone()
        {
            MqttScenario s = new MqttScenario(256, 32, 512, 8, 1);
            s.Options.ClientId = PacketText.Parse("'c'*19");
            MqttScenario.RequireError(MqttError.TooLarge, s.Client.Connect(s.Link, s.Options, s.Now));
            Assert.AreEqual((int)MqttState.Closed, (int)s.Client.State);
            MqttScenario.RequireEvent(MqttEvent.None, s.Client.Poll(s.Now));
            Assert.AreEqual(0, s.Link.WaitingForPeer);
            Assert.AreEqual(0, s.Link.CloseCount);

            s.Options.ClientId = PacketText.Parse("'c'*18");
            s.Open();
            s.ExpectSent("10 1E 00 04 'MQTT' 04 02 00 3C  00 12 'c'*18");
        }

        // 3.3
        [DataRow("30 05  00 01 'a'  'hi'", "'a'", "'hi'", 0, false)]
        [DataRow("31 05  00 01 'a'  'hi'", "'a'", "'hi'", 0, true)]
        [DataRow("32 07  00 01 'a' 00 01  'hi'", "'a'", "'hi'", 1, false)]
        [DataRow("33 05  00 01 'a' 00 01", "'a'", "", 1, true)]
        [DataRow("34 07  00 01 'a' 00 01  'hi'", "'a'", "'hi'", 2, false)]
        [DataRow("30 03  00 01 '/'", "'/'", "", 0, false)]
        [DataRow("30 08  00 04 'K' C3 BC '/'  00 FF", "'K' C3 BC '/'", "00 FF", 0, false)]
        [DataRow("30 7F  00 01 'a'  'x'*124", "'a'", "'x'*124", 0, false)]
        [DataRow("30 80 01  00 01 'a'  'x'*125", "'a'", "'x'*125", 0, false)]
        [DataRow("32 80 01  00 01 'a' 00 01  'x'*123", "'a'", "'x'*123", 1, false)]
        public static void Sends_publish(string expected, string topic, string payload, int qos, bool retain)
        {
            MqttScenario s = MqttScenario.Connected();
            byte[] wide = PacketText.Parse("EE EE " + payload + " EE");
            MqttScenario.RequireError(MqttError.None, s.Client.Publish(PacketText.Parse(topic), wide, 2, wide.Length - 3, qos, retain));
            Assert.AreEqual(qos == 0 ? 0 : 1, s.Client.PacketId);
            s.ExpectSent(expected);
        }

        [TestMethod]
        public static void A_published_message_is_copied()
        {
            MqttScenario s = MqttScenario.Connected();
            byte[] topic = Bytes.FromString("ab");
            byte[] payload = Bytes.FromString("cd");
            MqttScenario.RequireError(MqttError.None, s.Client.Publish(topic, payload, 0, 2, 0, false));
            topic[0] = (byte)'x';
            payload[0] = (byte)'x';
            s.ExpectSent("30 06 00 02 'ab' 'cd'");
        }

        // 3.8, 3.10
        [TestMethod]
        public static void Sends_subscribe_and_unsubscribe()
        {
            MqttScenario s = MqttScenario.Connected();
            byte[][] filters = { Bytes.FromString("a/b"), Bytes.FromString("+/c/#"), Bytes.FromString("not sent") };
            MqttScenario.RequireError(MqttError.None, s.Client.Subscribe(filters, new byte[] { 1, 0, 2 }, 2));
            Assert.AreEqual(1, s.Client.PacketId);
            s.ExpectSent("82 10 00 01  00 03 'a/b' 01  00 05 '+/c/#' 00");
            s.Broker.Send("90 04 00 01 01 00");
            s.Expect(MqttEvent.Subscribed);
            MqttScenario.RequireError(MqttError.None, s.Client.Unsubscribe(filters, 2));
            Assert.AreEqual(2, s.Client.PacketId);
            s.ExpectSent("A2 0E 00 02  00 03 'a/b'  00 05 '+/c/#'");
            s.Broker.Send("B0 02 00 02");
            s.Expect(MqttEvent.Unsubscribed);
        }

        // 3.4 with the packet identifier as it came
        [DataRow("00 01")]
        [DataRow("00 FF")]
        [DataRow("12 34")]
        [DataRow("FF FF")]
        public static void Sends_puback(string packetId)
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("32 05  00 01 'a' " + packetId);
            s.Expect(MqttEvent.MessageReceived);
            s.ExpectSent("40 02 " + packetId);
        }

        // 3.12, 3.14
        [TestMethod]
        public static void Sends_pingreq_and_disconnect()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Now = s.Client.NextDeadlineMs;
            s.ExpectSent("C0 00");
            s.Client.Disconnect();
            s.ExpectClosed(MqttError.None, 0);
            s.RequireSent("E0 00");
        }

        private static byte[] BytesOrNull(string text)
        {
            return text == None ? null : Bytes.FromString(text);
        }
    }
}

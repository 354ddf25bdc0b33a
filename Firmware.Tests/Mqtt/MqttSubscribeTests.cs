// SUBSCRIBE, UNSUBSCRIBE and their answers: MQTT 3.1.1 sections 3.8 to 3.11.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttSubscribeTests
    {
        [TestMethod]
        public static void Each_filter_gets_its_answer()
        {
            MqttScenario s = MqttScenario.Connected();
            byte[][] filters = { MqttScenario.TopicA, MqttScenario.TopicA, MqttScenario.TopicA, MqttScenario.TopicA };
            MqttScenario.RequireError(MqttError.None, s.Client.Subscribe(filters, new byte[] { 0, 1, 1, 2 }, 4));
            s.Settle();
            s.Broker.Send("90 06 00 01 00 01 80 02");
            s.Expect(MqttEvent.Subscribed);
            Assert.AreEqual(1, s.Client.PacketId);
            Assert.AreEqual(0, s.Client.SubscribeResult(0));
            Assert.AreEqual(1, s.Client.SubscribeResult(1));
            Assert.AreEqual(0x80, s.Client.SubscribeResult(2)); // refused
            Assert.AreEqual(2, s.Client.SubscribeResult(3));
        }

        [TestMethod]
        public static void One_request_at_a_time()
        {
            MqttScenario s = MqttScenario.Connected();
            byte[][] filters = { MqttScenario.TopicA };
            MqttScenario.RequireError(MqttError.None, s.Subscribe("a"));
            MqttScenario.RequireError(MqttError.RequestPending, s.Subscribe("b"));
            MqttScenario.RequireError(MqttError.RequestPending, s.Client.Unsubscribe(filters, 1));
            s.ExpectSent("82 06 00 01 00 01 'a' 01");
            MqttScenario.RequireError(MqttError.RequestPending, s.Subscribe("b"));
            s.Broker.Send("90 03 00 01 00");
            s.Expect(MqttEvent.Subscribed);
            MqttScenario.RequireError(MqttError.None, s.Client.Unsubscribe(filters, 1));
            MqttScenario.RequireError(MqttError.RequestPending, s.Subscribe("b"));
            s.ExpectSent("A2 05 00 02 00 01 'a'");
            s.Broker.Send("B0 02 00 02");
            s.Expect(MqttEvent.Unsubscribed);
            MqttScenario.RequireError(MqttError.None, s.Subscribe("b"));
            Assert.AreEqual(3, s.Client.PacketId);
        }

        [DataRow("90 03 00 02 00", 0x22)] // the wrong identifier
        [DataRow("90 03 01 00 00", 0x22)]
        [DataRow("B0 02 00 01", 0x22)] // the wrong type
        [DataRow("90 04 00 01 00 00", 0x21)] // the wrong count
        [DataRow("90 02 00 01", 0x21)]
        [DataRow("90 03 00 01 03", 0x21)] // no such code
        [DataRow("90 03 00 01 7F", 0x21)]
        [DataRow("90 03 00 01 FF", 0x21)]
        [DataRow("90 03 00 00 00", 0x21)]
        public static void A_wrong_suback_ends_the_connection(string text, int error)
        {
            MqttScenario s = MqttScenario.Connected();
            s.Subscribe("a");
            s.Settle();
            s.Broker.Send(text);
            s.ExpectClosed((MqttError)error, PacketText.Parse(text)[0]);
        }

        [DataRow("B0 02 00 02", 0x22)]
        [DataRow("90 03 00 01 00", 0x22)]
        [DataRow("B0 03 00 01 00", 0x21)]
        [DataRow("B0 02 00 00", 0x21)]
        public static void A_wrong_unsuback_ends_the_connection(string text, int error)
        {
            MqttScenario s = MqttScenario.Connected();
            s.Client.Unsubscribe(new byte[][] { MqttScenario.TopicA }, 1);
            s.Settle();
            s.Broker.Send(text);
            s.ExpectClosed((MqttError)error, PacketText.Parse(text)[0]);
        }

        [TestMethod]
        public static void An_answer_is_taken_once()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Subscribe("a");
            s.Settle();
            s.Broker.Send("90 03 00 01 00  90 03 00 01 00");
            s.Expect(MqttEvent.Subscribed);
            s.ExpectClosed(MqttError.ProtocolViolation, 0x90);
        }

        [DataRow("", 0x41)]
        [DataRow("a#", 0x41)]
        [DataRow("a+/b", 0x41)]
        public static void Refuses_a_filter_that_is_none(string filter, int error)
        {
            MqttScenario s = MqttScenario.Connected();
            byte[][] filters = { MqttScenario.TopicA, Bytes.FromString(filter) };
            MqttScenario.RequireError((MqttError)error, s.Client.Subscribe(filters, new byte[] { 0, 0 }, 2));
            MqttScenario.RequireError((MqttError)error, s.Client.Unsubscribe(filters, 2));
            s.ExpectSent("");
            MqttScenario.RequireError(MqttError.None, s.Client.Subscribe(filters, new byte[] { 0, 0 }, 1));
        }

        [TestMethod]
        public static void Refuses_a_request_without_filters_or_with_a_qos_that_is_none()
        {
            MqttScenario s = MqttScenario.Connected();
            byte[][] filters = { MqttScenario.TopicA };
            MqttScenario.RequireError(MqttError.InvalidTopic, s.Client.Subscribe(filters, new byte[] { 0 }, 0)); // [MQTT-3.8.3-3]
            MqttScenario.RequireError(MqttError.InvalidTopic, s.Client.Unsubscribe(filters, 0)); // [MQTT-3.10.3-2]
            MqttScenario.RequireError(MqttError.InvalidQos, s.Client.Subscribe(filters, new byte[] { 3 }, 1)); // [MQTT-3-8.3-4]
            s.ExpectSent("");
        }

        [TestMethod]
        public static void A_request_that_never_fits_is_too_large_and_one_that_does_not_fit_now_finds_it_full()
        {
            MqttScenario s = new MqttScenario(256, 32, 512, 8, 1);
            s.Connect();
            MqttScenario.RequireError(MqttError.TooLarge, s.Subscribe("12345678901234567890123456"));
            s.ExpectSent("");
            s.Broker.Send("32 05 00 01 'a' 00 01");
            s.Link.WriteLimit = 0;
            s.Expect(MqttEvent.MessageReceived);
            s.Settle();
            MqttScenario.RequireError(MqttError.Full, s.Subscribe("1234567890123456789012345")); // 32 bytes behind a PUBACK
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.ExpectSent("40 02 00 01");
            MqttScenario.RequireError(MqttError.None, s.Subscribe("12345678901234567890"));
            s.Settle();
            s.Broker.Require(ScriptedBroker.Subscribe);
            s.RequireConnected();
        }

        [TestMethod]
        public static void A_request_does_not_outlive_its_connection()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Subscribe("a");
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Connect();
            s.ExpectSent("");
            MqttScenario.RequireError(MqttError.None, s.Subscribe("a"));
            Assert.AreEqual(2, s.Client.PacketId);
        }

        [TestMethod]
        public static void A_message_may_come_before_the_answer()
        {
            // 3.8.4: the broker may send matching messages before SUBACK
            MqttScenario s = MqttScenario.Connected();
            s.Subscribe("a");
            s.Settle();
            s.Broker.Send("31 04 00 01 'a' 'x'  90 03 00 01 01");
            s.Expect(MqttEvent.MessageReceived);
            s.Expect(MqttEvent.Subscribed);
        }
    }
}

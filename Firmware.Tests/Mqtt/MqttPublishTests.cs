// Outgoing messages: MQTT 3.1.1 sections 2.3.1 (identifiers), 3.3, 3.4, 4.3 and 4.4.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttPublishTests
    {
        [TestMethod]
        public static void A_qos_0_message_is_sent_and_forgotten()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 0);
            Assert.AreEqual(1, s.Client.Held);
            s.ExpectSent("30 04 00 01 'a' 'x'");
            Assert.AreEqual(0, s.Client.Held);
        }

        [TestMethod]
        public static void A_qos_1_message_is_held_until_puback()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 1);
            Assert.AreEqual(1, s.Client.PacketId);
            s.ExpectSent("32 06 00 01 'a' 00 01 'x'");
            Assert.AreEqual(1, s.Client.Held);
            s.Broker.Send("40 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            Assert.AreEqual(1, s.Client.PacketId);
            Assert.AreEqual(0, s.Client.Held);
        }

        [TestMethod]
        public static void A_puback_for_an_unknown_or_unsent_or_acknowledged_message_is_ignored()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("40 02 12 34");
            s.Settle();
            s.Link.WriteLimit = 3;
            s.MustPublish("x", 1);
            s.Settle();
            s.Broker.Send("40 02 00 01");
            s.Settle();
            Assert.AreEqual(1, s.Client.Held);
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.ExpectSent("32 06 00 01 'a' 00 01 'x'");
            s.Broker.Send("40 02 00 01  40 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            s.Settle();
            s.RequireConnected();
        }

        [TestMethod]
        public static void Acknowledgements_may_come_out_of_order()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("1", 1);
            s.MustPublish("2", 1);
            s.MustPublish("3", 1);
            s.Settle();
            s.Broker.Send("40 02 00 03  40 02 00 01  40 02 00 02");
            int[] order = { 3, 1, 2 };
            for (int i = 0; i < 3; i++)
            {
                s.Expect(MqttEvent.PublishAcknowledged);
                Assert.AreEqual(order[i], s.Client.PacketId);
            }

            Assert.AreEqual(0, s.Client.Held);
        }

        [DataRow("a#", 0, 0x41)] // InvalidTopic
        [DataRow("+", 1, 0x41)]
        [DataRow("", 0, 0x41)]
        [DataRow("a", 3, 0x42)] // InvalidQos
        [DataRow("a", -1, 0x42)]
        public static void Refuses_what_may_not_be_published(string topic, int qos, int error)
        {
            MqttScenario s = MqttScenario.Connected();
            MqttScenario.RequireError((MqttError)error, s.Client.Publish(Bytes.FromString(topic), Bytes.Empty, 0, 0, qos, false));
            s.ExpectSent("");
            Assert.AreEqual(0, s.Client.Held);
            s.MustPublish("x", 1);
            Assert.AreEqual(1, s.Client.PacketId, "a refused message takes no identifier");
        }

        [TestMethod]
        public static void Refuses_a_message_that_never_fits_and_takes_one_that_just_fits()
        {
            MqttScenario s = new MqttScenario(256, 64, 100, 4, 1);
            s.Connect();
            byte[] payload = new byte[94];
            MqttScenario.RequireError(MqttError.TooLarge, s.Client.Publish(MqttScenario.TopicA, payload, 0, 94, 1, false));
            MqttScenario.RequireError(MqttError.None, s.Client.Publish(MqttScenario.TopicA, payload, 0, 93, 1, false));
            MqttScenario.RequireError(MqttError.Full, s.Publish("", 0));
            MqttScenario.RequireError(MqttError.TooLarge, s.Client.Publish(MqttScenario.TopicA, payload, 0, 94, 1, false));
            s.ExpectSent("32 62 00 01 'a' 00 01 00*93");
        }

        [TestMethod]
        public static void Is_full_when_the_table_is_and_has_room_again_after_the_acknowledgement()
        {
            MqttScenario s = new MqttScenario(256, 64, 512, 3, 1);
            s.Connect();
            for (int round = 0; round < 5; round++)
            {
                int first = (3 * round) + 1;
                s.MustPublish("1", 1);
                s.MustPublish("2", 1);
                s.MustPublish("3", 1);
                MqttScenario.RequireError(MqttError.Full, s.Publish("4", 1));
                MqttScenario.RequireError(MqttError.Full, s.Publish("4", 0));
                s.Settle();
                MqttScenario.RequireError(MqttError.Full, s.Publish("4", 0));
                for (int id = first; id < first + 3; id++)
                {
                    s.Broker.SendAcknowledgement(ScriptedBroker.Puback, id);
                    s.Expect(MqttEvent.PublishAcknowledged);
                }

                Assert.AreEqual(0, s.Client.Held);
            }
        }

        [TestMethod]
        public static void Is_full_when_the_arena_is_and_has_room_again_after_the_acknowledgement()
        {
            MqttScenario s = new MqttScenario(256, 64, 32, 8, 1);
            s.Connect();
            s.MustPublish("123456789", 1); // 16 bytes
            s.MustPublish("123456789", 1);
            MqttScenario.RequireError(MqttError.Full, s.Publish("", 0));
            s.Settle();
            s.Broker.Send("40 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            s.MustPublish("123456789", 1);
            MqttScenario.RequireError(MqttError.Full, s.Publish("", 0));
        }

        // takes longest of all tests on a device
        [TestMethod]
        public static void Identifiers_skip_the_one_in_flight_and_wrap_at_65535_without_0()
        {
            MqttScenario s = MqttScenario.Connected();
            MqttScenario.RequireError(MqttError.None, s.Subscribe("a"));
            Assert.AreEqual(1, s.Client.PacketId); // stays in flight
            s.Settle();
            s.Broker.Require(ScriptedBroker.Subscribe);

            // straight to the client: 65,534 times
            byte[] puback = { 0x40, 2, 0, 0 };
            byte[] sink = new byte[64];
            for (int i = 0; i < 65534; i++)
            {
                MqttError error = s.Client.Publish(MqttScenario.TopicA, sink, 0, 0, 1, false);
                int id = s.Client.PacketId;
                s.Client.Poll(s.Now);
                int sent = s.Link.Take(sink, 0, sink.Length);
                puback[2] = (byte)(id >> 8);
                puback[3] = (byte)id;
                s.Link.Deliver(puback, 0, 4);
                bool acknowledged = s.Client.Poll(s.Now) == MqttEvent.PublishAcknowledged;
                if (error != MqttError.None || id != i + 2 || !acknowledged || sent != 7 || sink[5] != puback[2] || sink[6] != puback[3])
                {
                    Assert.AreEqual(i + 2, id, "packet identifier, or not acknowledged");
                    Assert.IsTrue(false, "message " + id + " failed");
                }
            }

            s.MustPublish("x", 1);
            Assert.AreEqual(2, s.Client.PacketId);
            s.Settle();
            s.Broker.Require(ScriptedBroker.Publish);
            Assert.AreEqual(2, s.Broker.PacketId);
            s.Broker.Send("90 03 00 01 00");
            s.Expect(MqttEvent.Subscribed);
        }

        [TestMethod]
        public static void A_qos_2_message_is_released_and_completed()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 2);
            s.ExpectSent("34 06 00 01 'a' 00 01 'x'");
            s.Broker.Send("50 02 00 01");
            s.ExpectSent("62 02 00 01");
            Assert.AreEqual(1, s.Client.Held);
            s.Broker.Send("40 02 00 01"); // PUBACK ends nothing here
            s.Settle();
            Assert.AreEqual(1, s.Client.Held);
            s.Broker.Send("50 02 00 01"); // PUBREC again, PUBREL again
            s.ExpectSent("62 02 00 01");
            s.Broker.Send("70 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            Assert.AreEqual(1, s.Client.PacketId);
            Assert.AreEqual(0, s.Client.Held);
        }
    }
}

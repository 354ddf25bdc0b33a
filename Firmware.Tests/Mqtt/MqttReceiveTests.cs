// Incoming messages and what they are answered with: MQTT 3.1.1 sections 3.3 to 3.7 and 4.3.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttReceiveTests
    {
        [TestMethod]
        public static void A_qos_0_message_is_delivered_and_not_answered()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("30 05 00 01 'a' 'hi'");
            s.Expect(MqttEvent.MessageReceived);
            s.ExpectSent("");
        }

        [TestMethod]
        public static void A_qos_1_message_is_paid_only_by_the_next_poll()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("32 07 00 01 'a' 00 0A 'hi'");
            s.Expect(MqttEvent.MessageReceived);
            s.RequireSent("");
            Assert.AreEqual(s.Now, s.Client.NextDeadlineMs, "the debt is to be paid now");
            s.Poll();
            s.RequireSent("40 02 00 0A");
        }

        [TestMethod]
        public static void A_message_is_never_acknowledged_if_the_link_ends_first()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("32 07 00 01 'a' 00 0A 'hi'");
            s.Expect(MqttEvent.MessageReceived);
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Connect();
            s.ExpectSent("");
        }

        [TestMethod]
        public static void One_message_at_a_time_and_each_is_acknowledged_in_order()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("32 06 00 01 'a' 00 01 'x'  30 04 00 01 'b' 'y'  32 06 00 01 'c' 00 02 'z'");
            for (int i = 0; i < 3; i++)
            {
                MqttScenario.RequireEvent(MqttEvent.MessageReceived, s.Poll());
                Assert.AreEqual('a' + i, s.Client.Message.Buffer[s.Client.Message.TopicOffset]);
                Assert.AreEqual('x' + i, s.Client.Message.Buffer[s.Client.Message.PayloadOffset]);
            }

            s.ExpectSent("40 02 00 01  40 02 00 02");
        }

        [TestMethod]
        public static void A_repeated_qos_1_message_is_delivered_and_acknowledged_again()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("32 06 00 01 'a' 00 01 'x'  3A 06 00 01 'a' 00 01 'x'");
            s.Expect(MqttEvent.MessageReceived);
            Assert.IsFalse(s.Client.Message.Dup);
            s.Expect(MqttEvent.MessageReceived);
            Assert.IsTrue(s.Client.Message.Dup);
            s.ExpectSent("40 02 00 01  40 02 00 01");
        }

        // the control buffer has room for the acknowledgement when the message is read; a request must not take it
        [DataRow(1)]
        [DataRow(2)]
        [DataRow(3)]
        [DataRow(4)]
        [DataRow(5)]
        public static void An_acknowledgement_is_not_lost_to_a_request_made_from_the_message(int room)
        {
            MqttScenario s = new MqttScenario(256, 64, 512, 8, 1);
            s.Connect();
            s.Broker.Send("32 06 00 01 'a' 12 34 'x'");
            s.Expect(MqttEvent.MessageReceived);
            byte[] filter = PacketText.Parse("'f'*" + (64 - 7 - room));
            MqttError error = s.Client.Subscribe(new byte[][] { filter }, new byte[] { 1 }, 1);
            s.Settle();
            bool acknowledged = false;
            while (s.Broker.Receive())
            {
                acknowledged |= s.Broker.FirstByte == ScriptedBroker.Puback && s.Broker.PacketId == 0x1234;
            }

            Assert.IsTrue(acknowledged, "no PUBACK for the message; the request gave error " + (int)error);
        }

        [TestMethod]
        public static void An_acknowledgement_is_not_lost_to_a_ping_while_the_link_stalls()
        {
            for (int control = 20; control < 30; control++)
            {
                MqttScenario s = new MqttScenario(256, control, 512, 8, 1);
                s.Timeouts.WriteMs = 1000000;
                s.Timeouts.PingrespMs = 1000000;
                s.Timeouts.AcknowledgementMs = 1000000;
                s.Connect();
                s.Link.WriteLimit = 0;
                s.Subscribe("123456789"); // 16 bytes
                s.Settle();
                int messages = 0;
                for (int i = 1; i < 8; i++)
                {
                    s.Broker.Send("32 05 00 01 'a' 00 0" + i);
                }

                // the ping falls due while acknowledgements wait
                s.Now += 55000;
                while (s.Run() == MqttEvent.MessageReceived)
                {
                    messages++;
                }

                s.Link.WriteLimit = SimulatedLink.Unlimited;
                while (s.Run() == MqttEvent.MessageReceived)
                {
                    messages++;
                }

                int acknowledged = 0;
                while (s.Broker.Receive())
                {
                    acknowledged += s.Broker.FirstByte == ScriptedBroker.Puback ? 1 : 0;
                }

                Assert.AreEqual(7, messages);
                Assert.AreEqual(7, acknowledged, "control buffer of " + control);
            }
        }

        [TestMethod]
        public static void A_flood_is_held_back_by_the_link_while_acknowledgements_cannot_leave()
        {
            MqttScenario s = new MqttScenario(256, 32, 512, 8, 1);
            s.Connect();
            s.Link.WriteLimit = 0;
            for (int i = 1; i <= 40; i++)
            {
                s.Broker.SendPublish(MqttScenario.TopicA, Bytes.Empty, 0, 1, i);
            }

            int before = 0;
            while (s.Run() == MqttEvent.MessageReceived)
            {
                before++;
            }

            Assert.IsTrue(before >= 7 && before < 12, "messages taken while nothing could be sent: " + before);
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            int after = 0;
            while (s.Run() == MqttEvent.MessageReceived)
            {
                after++;
            }

            Assert.AreEqual(40, before + after);
            for (int i = 1; i <= 40; i++)
            {
                s.Broker.Require(ScriptedBroker.Puback);
                Assert.AreEqual(i, s.Broker.PacketId);
            }
        }

        [TestMethod]
        public static void A_qos_2_message_is_delivered_once_whatever_is_repeated()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("34 06 00 01 'a' 00 05 'x'");
            s.Expect(MqttEvent.MessageReceived);
            Assert.AreEqual(2, s.Client.Message.Qos);
            s.RequireSent("");
            s.ExpectSent("50 02 00 05");
            s.Broker.Send("3C 06 00 01 'a' 00 05 'x'");
            s.ExpectSent("50 02 00 05"); // [MQTT-4.3.3-2]: answered, not delivered
            s.Broker.Send("62 02 00 05");
            s.ExpectSent("70 02 00 05");
            s.Broker.Send("62 02 00 05");
            s.ExpectSent("70 02 00 05");
            s.Broker.Send("34 06 00 01 'a' 00 05 'y'");
            s.Expect(MqttEvent.MessageReceived); // a new one under the old identifier
            s.ExpectSent("50 02 00 05");
        }

        [TestMethod]
        public static void More_open_qos_2_messages_than_can_be_remembered_end_the_connection()
        {
            MqttScenario s = MqttScenario.Connected();
            for (int i = 1; i <= MqttScenario.MaxOpen; i++)
            {
                // with gaps: neighbours are remembered as one range
                s.Broker.SendPublish(MqttScenario.TopicA, Bytes.Empty, 0, 2, 2 * i);
                s.Expect(MqttEvent.MessageReceived);
            }

            s.Broker.SendPublish(MqttScenario.TopicA, Bytes.Empty, 0, 2, 999);
            s.ExpectClosed(MqttError.TooManyOpen, MqttScenario.MaxOpen);
        }

        [DataRow("20 02 01 00", false)]
        [DataRow("20 02 00 00", true)]
        public static void A_qos_2_message_is_remembered_as_long_as_its_session(string connack, bool delivered)
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("34 06 00 01 'a' 00 05 'x'");
            s.Expect(MqttEvent.MessageReceived);
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Options.CleanSession = false;
            s.Open();
            s.Settle();
            s.Broker.Require(ScriptedBroker.Connect);
            s.Broker.Send(connack);
            s.Expect(delivered ? MqttEvent.Connected : MqttEvent.Resumed);
            s.Broker.Send("3C 06 00 01 'a' 00 05 'x'");
            MqttScenario.RequireEvent(delivered ? MqttEvent.MessageReceived : MqttEvent.None, s.Run());
            s.ExpectSent("50 02 00 05");
        }
    }
}

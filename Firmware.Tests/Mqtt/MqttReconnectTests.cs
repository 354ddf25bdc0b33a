// The end of a connection and the next one: MQTT 3.1.1 sections 3.14, 4.4 (what is sent again) and 4.6 (in which order).

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttReconnectTests
    {
        private static readonly byte[][] OneFilter = { MqttScenario.TopicA };

        [TestMethod]
        public static void Qos_1_messages_are_sent_again_with_dup_and_their_identifiers_in_order()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("1", 1);
            s.MustPublish("2", 1);
            s.MustPublish("3", 1);
            s.Settle();
            s.Broker.Send("40 02 00 02");
            s.Expect(MqttEvent.PublishAcknowledged);
            s.Link.CloseByPeer();
            s.ExpectClosed(MqttError.LinkClosed, 0);
            s.Connect();
            Assert.AreEqual(2, s.Client.Held - 1); // the room of packet 2 lies between the others
            s.ExpectSent("3A 06 00 01 'a' 00 01 '1'  3A 06 00 01 'a' 00 03 '3'");
            s.MustPublish("4", 1);
            s.ExpectSent("32 06 00 01 'a' 00 04 '4'");
            s.Broker.Send("40 02 00 01  40 02 00 03  40 02 00 04");
            s.Expect(MqttEvent.PublishAcknowledged);
            s.Expect(MqttEvent.PublishAcknowledged);
            s.Expect(MqttEvent.PublishAcknowledged);
            Assert.AreEqual(0, s.Client.Held);
        }

        [TestMethod]
        public static void Qos_0_messages_that_were_not_sent_are_dropped()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Link.WriteLimit = 2;
            s.MustPublish("1", 0);
            s.MustPublish("2", 1);
            s.MustPublish("3", 0);
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Connect();
            s.ExpectSent("32 06 00 01 'a' 00 01 '2'"); // never begun: no DUP [MQTT-3.3.1-3]
            s.Broker.Send("40 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            Assert.AreEqual(0, s.Client.Held);
        }

        [TestMethod]
        public static void A_message_is_sent_again_until_it_is_acknowledged()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 1);
            s.ExpectSent("32 06 00 01 'a' 00 01 'x'");
            for (int i = 0; i < 5; i++)
            {
                s.Link.Break();
                s.ExpectClosed(MqttError.LinkFailed, 0);
                s.Connect();
                s.ExpectSent("3A 06 00 01 'a' 00 01 'x'");
                Assert.AreEqual(1, s.Client.Held);
            }
        }

        [TestMethod]
        public static void A_puback_of_the_last_connection_does_not_pay_before_the_message_is_sent_again()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 1);
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Connect();
            s.Link.WriteLimit = 0;
            s.Broker.Send("40 02 00 01");
            s.Settle();
            Assert.AreEqual(1, s.Client.Held);
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.ExpectSent("3A 06 00 01 'a' 00 01 'x'");
        }

        [TestMethod]
        public static void A_released_qos_2_message_goes_on_with_pubrel_in_the_same_session()
        {
            MqttScenario s = ReleaseAndBreak();
            s.Broker.Send("20 02 01 00");
            s.Expect(MqttEvent.Resumed);
            s.ExpectSent("62 02 00 01  3C 06 00 01 'a' 00 02 'y'");
            s.Broker.Send("70 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            Assert.AreEqual(1, s.Client.PacketId);
        }

        [TestMethod]
        public static void A_released_qos_2_message_counts_as_delivered_in_a_fresh_session()
        {
            MqttScenario s = ReleaseAndBreak();
            s.Broker.Send("20 02 00 00");
            s.Expect(MqttEvent.Connected);
            s.Expect(MqttEvent.PublishAcknowledged);
            Assert.AreEqual(1, s.Client.PacketId);
            s.ExpectSent("3C 06 00 01 'a' 00 02 'y'");
        }

        [TestMethod]
        public static void Disconnect_sends_what_is_queued_first_then_disconnect_then_closes()
        {
            for (int piece = 1; piece < 5; piece++)
            {
                MqttScenario s = MqttScenario.Connected();
                s.Link.LargestPiece = piece;
                s.Link.StallPercent = 30;
                s.Broker.Send("32 05 00 01 'a' 00 07");
                s.Expect(MqttEvent.MessageReceived);
                s.MustPublish("1", 0);
                s.MustPublish("2", 1);
                s.Subscribe("a");
                s.Client.Disconnect();
                Assert.AreEqual((int)MqttState.Disconnecting, (int)s.Client.State);
                MqttScenario.RequireError(MqttError.NotConnected, s.Publish("late", 0));
                MqttScenario.RequireError(MqttError.NotConnected, s.Subscribe("late"));
                s.Client.Disconnect();
                s.ExpectClosed(MqttError.None, 0);
                int puback = 0;
                int subscribe = 0;
                int publishes = 0;
                s.Broker.Receive();
                while (s.Broker.FirstByte != ScriptedBroker.Disconnect)
                {
                    puback += s.Broker.FirstByte == ScriptedBroker.Puback ? 1 : 0;
                    subscribe += s.Broker.FirstByte == ScriptedBroker.Subscribe ? 1 : 0;
                    publishes += s.Broker.FirstByte >> 4 == 3 ? 1 : 0;
                    Assert.IsTrue(s.Broker.Receive(), "no DISCONNECT");
                }

                Assert.IsFalse(s.Broker.Receive(), "a packet behind DISCONNECT [MQTT-3.14.4-2]");
                Assert.IsFalse(s.Broker.IsInsidePacket);
                Assert.IsTrue(puback == 1 && subscribe == 1 && publishes == 2, "something queued was not sent");
            }
        }

        [TestMethod]
        public static void Disconnect_reads_no_more()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("30 03 00 01 'a'");
            s.Client.Disconnect();
            s.ExpectClosed(MqttError.None, 0);
            s.RequireSent("E0 00");
        }

        [TestMethod]
        public static void A_link_that_breaks_during_disconnect_is_an_error()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Link.WriteLimit = 1;
            s.Client.Disconnect();
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
        }

        [TestMethod]
        public static void The_event_before_the_end_is_told_and_then_the_end()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Subscribe("a");
            s.Settle();
            s.MustPublish("x", 1);
            s.Settle();
            s.Now += 30000; // the limit of both passes in the very poll that brings PUBACK
            s.Broker.Send("40 02 00 02");
            MqttScenario.RequireEvent(MqttEvent.PublishAcknowledged, s.Poll());
            Assert.AreEqual(s.Now, s.Client.NextDeadlineMs);
            s.RequireClosed(s.Poll(), MqttError.AcknowledgementTimeout, 1);
        }

        // after a long gap several limits have passed at once: the first one found counts, and a closed link is left alone
        [DataRow(60000)]
        [DataRow(1000000)]
        public static void A_ping_that_is_due_when_the_connection_ends_is_not_sent(int gapMs)
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 1);
            s.ExpectSent("32 06 00 01 'a' 00 01 'x'");
            s.RequireClosed(s.PollAfter(gapMs), MqttError.AcknowledgementTimeout, 1);
            s.RequireSent("");
        }

        // how a connection may end; afterwards the same client works as a new one does
        [DataRow(0)]
        [DataRow(1)]
        [DataRow(2)]
        [DataRow(3)]
        [DataRow(4)]
        [DataRow(5)]
        [DataRow(6)]
        [DataRow(7)]
        [DataRow(8)]
        [DataRow(9)]
        [DataRow(10)]
        [DataRow(11)]
        public static void A_client_works_again_after_every_kind_of_end(int kind)
        {
            MqttScenario s = new MqttScenario();
            for (int round = 0; round < 3; round++)
            {
                s.Open();
                s.Settle();
                MqttError error = kind < 4 ? EndConnecting(s, kind) : EndConnected(s, kind);
                MqttEvent told = s.Run();
                while (told == MqttEvent.MessageReceived || told == MqttEvent.MessageStarted)
                {
                    told = s.Run();
                }

                MqttScenario.RequireEvent(MqttEvent.Closed, told);
                MqttScenario.RequireError(error, s.Client.Error);
                MqttScenario.RequireEvent(MqttEvent.None, s.Poll());

                s.Connect();
                s.ExpectSent("");
                MqttScenario.RequireError(MqttError.None, s.Client.Error);
                Assert.AreEqual(0, s.Client.ErrorDetail);
                MqttScenario.RequireError(MqttError.None, s.Subscribe("a"));
                s.Settle();
                s.Broker.Require(ScriptedBroker.Subscribe);
                int id = s.Client.PacketId;
                byte[] suback = { 0x90, 3, (byte)(id >> 8), (byte)id, 1 };
                s.Link.Deliver(suback, 0, 5);
                s.Expect(MqttEvent.Subscribed);
                s.Broker.Send("32 05 00 01 'a' 00 09");
                s.Expect(MqttEvent.MessageReceived);
                s.ExpectSent("40 02 00 09");
                s.Now += 55000;
                s.ExpectSent("C0 00");
                s.Broker.Send("D0 00");
                s.Settle();
                s.Client.Disconnect();
                s.ExpectClosed(MqttError.None, 0);
                s.RequireSent("E0 00");
            }
        }

        private static MqttError EndConnecting(MqttScenario s, int kind)
        {
            switch (kind)
            {
                case 0:
                    s.Client.Disconnect();
                    return MqttError.None;
                case 1:
                    s.Broker.Send("20 02 00 05");
                    return MqttError.Refused;
                case 2:
                    s.Now += 15000;
                    return MqttError.ConnackTimeout;
                default:
                    s.Broker.Send("20 02");
                    s.Link.CloseByPeer();
                    return MqttError.LinkClosed;
            }
        }

        private static MqttError EndConnected(MqttScenario s, int kind)
        {
            s.Broker.Send("20 02 00 00");
            s.Expect(MqttEvent.Connected);
            s.Settle();
            switch (kind)
            {
                case 4:
                    s.Link.Break();
                    return MqttError.LinkFailed;
                case 5:
                    s.Broker.Send("30 80 80 80 80"); // in the middle of a header
                    return MqttError.MalformedPacket;
                case 6:
                    s.Broker.Send("30 A0 06 00 01 'a'  'x'*400"); // in the middle of a large message
                    s.Link.CloseByPeer();
                    return MqttError.LinkClosed;
                case 7:
                    s.Broker.Send("90 03 00 77 00");
                    return MqttError.ProtocolViolation;
                case 8:
                    s.Now += 55000;
                    s.Settle();
                    s.Now += 10000;
                    return MqttError.PingrespTimeout;
                case 9:
                    s.Client.Unsubscribe(OneFilter, 1);
                    s.Settle();
                    s.Now += 30000;
                    return MqttError.AcknowledgementTimeout;
                case 10:
                    s.Link.WriteLimit = 2; // in the middle of a packet that leaves
                    s.MustPublish("x", 0);
                    s.Settle();
                    s.Now += 30000;
                    return MqttError.WriteTimeout;
                default:
                    s.Broker.Send("32 05 00 01 'a' 00 08"); // with a debt
                    s.Link.CloseByPeer();
                    return MqttError.LinkClosed;
            }
        }

        // packet 1 has got PUBREC, packet 2 has not; CONNECT of the next connection is out
        private static MqttScenario ReleaseAndBreak()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Options.CleanSession = false;
            s.MustPublish("x", 2);
            s.MustPublish("y", 2);
            s.Settle();
            s.Broker.Send("50 02 00 01");
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Open();
            s.Settle();
            s.Broker.Require(ScriptedBroker.Connect);
            return s;
        }
    }
}

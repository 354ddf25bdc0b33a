// Every time limit of MqttTimeouts: nothing happens one millisecond before, the connection ends at the limit.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttTimeoutTests
    {
        [TestMethod]
        public static void No_connack()
        {
            MqttScenario s = new MqttScenario();
            s.Open();
            s.Settle();
            EndsAfter(s, 15000, MqttError.ConnackTimeout, 0);
        }

        [TestMethod]
        public static void A_connack_that_stops_in_the_middle()
        {
            MqttScenario s = new MqttScenario();
            s.Open();
            s.Settle();
            s.Now += 14000;
            s.Broker.Send("20 02 00");
            s.Settle();
            EndsAfter(s, 1000, MqttError.ConnackTimeout, 0);
        }

        [TestMethod]
        public static void A_connect_that_the_link_does_not_take()
        {
            MqttScenario s = new MqttScenario();
            s.Timeouts.WriteMs = 4000;
            s.Open();
            s.Link.WriteLimit = 5;
            s.Settle();
            EndsAfter(s, 4000, MqttError.WriteTimeout, 0);
        }

        [DataRow(1)]
        [DataRow(2)]
        public static void No_acknowledgement_of_a_message(int qos)
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 0);
            s.MustPublish("x", 1);
            s.MustPublish("x", qos);
            s.Settle();
            s.Now += 10000;
            s.Broker.Send("40 02 00 01");
            s.Expect(MqttEvent.PublishAcknowledged);
            s.Settle();
            EndsAfter(s, 20000, MqttError.AcknowledgementTimeout, 2);
        }

        [TestMethod]
        public static void No_pubcomp()
        {
            MqttScenario s = new MqttScenario();
            s.Options.KeepAliveSeconds = 1200;
            s.Connect();
            s.MustPublish("x", 2);
            s.Settle();
            s.Now += 20000;
            s.Broker.Send("50 02 00 01");
            s.Settle();
            EndsAfter(s, 30000, MqttError.AcknowledgementTimeout, 1);
        }

        [TestMethod]
        public static void No_puback_although_an_earlier_message_goes_on()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 2);
            s.MustPublish("y", 1);
            s.Settle();
            s.Now += 20000;
            s.Broker.Send("50 02 00 01");
            s.Settle();
            EndsAfter(s, 10000, MqttError.AcknowledgementTimeout, 2);
        }

        [TestMethod]
        public static void An_acknowledgement_is_awaited_from_the_last_byte_sent()
        {
            MqttScenario s = new MqttScenario();
            s.Options.KeepAliveSeconds = 1200;
            s.Connect();
            s.Link.WriteLimit = 3;
            s.MustPublish("x", 1);
            s.Settle();
            s.Now += 25000;
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.Settle();
            EndsAfter(s, 30000, MqttError.AcknowledgementTimeout, 1);
        }

        [DataRow(true)]
        [DataRow(false)]
        public static void No_answer_to_a_request(bool subscribe)
        {
            MqttScenario s = MqttScenario.Connected();
            Request(s, subscribe);
            s.Settle();
            EndsAfter(s, 30000, MqttError.AcknowledgementTimeout, 1);
        }

        // MqttTimeouts.AcknowledgementMs counts from the last byte of SUBSCRIBE or UNSUBSCRIBE, as for PUBLISH
        [DataRow(true)]
        [DataRow(false)]
        public static void An_answer_to_a_request_is_awaited_from_its_last_byte_sent(bool subscribe)
        {
            MqttScenario s = new MqttScenario();
            s.Options.KeepAliveSeconds = 1200;
            s.Connect();
            s.Settle();
            s.Link.WriteLimit = 3;
            Request(s, subscribe);
            s.Settle();
            s.Now += 25000;
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.Settle();
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(29999));
            s.RequireConnected();
            s.RequireClosed(s.PollAfter(1), MqttError.AcknowledgementTimeout, 1);
        }

        // the last poll may have been long ago: nothing was due
        [TestMethod]
        public static void A_request_made_long_after_the_last_poll_has_its_full_time()
        {
            MqttScenario s = new MqttScenario();
            s.Options.KeepAliveSeconds = 1200;
            s.Connect();
            s.Settle();
            s.Now += 40000;
            s.Subscribe("a");
            s.Settle();
            EndsAfter(s, 30000, MqttError.AcknowledgementTimeout, 1);
        }

        [DataRow(0)]
        [DataRow(1)]
        [DataRow(2)]
        public static void What_begins_to_wait_long_after_the_last_poll_has_its_full_time(int kind)
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Now += 40000;
            s.Link.WriteLimit = 0;
            if (kind == 0)
            {
                s.MustPublish("x", 0);
            }
            else if (kind == 1)
            {
                s.MustPublish("x", 1);
            }
            else
            {
                s.Client.Disconnect();
            }

            s.Settle();
            s.Now += 10000;
            s.Settle();
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            if (kind == 2)
            {
                s.ExpectClosed(MqttError.None, 0);
                s.RequireSent("E0 00");
            }
            else
            {
                s.Settle();
                s.RequireConnected();
            }
        }

        [TestMethod]
        public static void A_message_that_the_link_does_not_take()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Link.WriteLimit = 3;
            s.MustPublish("x", 0);
            s.Settle();
            s.Now += 20000;
            s.Link.WriteLimit = 1; // progress starts the limit anew
            s.Settle();
            EndsAfter(s, 30000, MqttError.WriteTimeout, 0);
        }

        [TestMethod]
        public static void An_acknowledgement_that_the_link_does_not_take()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Now += 10000;
            s.Link.WriteLimit = 0;
            s.Broker.Send("32 05 00 01 'a' 00 07");
            s.Expect(MqttEvent.MessageReceived);
            s.Settle();
            EndsAfter(s, 30000, MqttError.WriteTimeout, 0);
        }

        [TestMethod]
        public static void A_disconnect_that_the_link_does_not_take()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Link.WriteLimit = 1;
            s.Client.Disconnect();
            s.Settle();
            EndsAfter(s, 30000, MqttError.WriteTimeout, 0);
        }

        [DataRow("32")]
        [DataRow("32 07")]
        [DataRow("32 87")]
        [DataRow("32 07 00 01 'a' 00")]
        [DataRow("32 A0 06 00 01 'a' 00 01  'x'*200")]
        [DataRow("32 A0 06 00 01 'a' 00 01  'x'*600")]
        public static void A_packet_that_stops_in_the_middle(string text)
        {
            MqttScenario s = MqttScenario.Connected();
            s.Now += 1000;
            s.Broker.Send(text);
            MqttEvent told = s.Run();
            while (told == MqttEvent.MessageStarted)
            {
                told = s.Run();
            }

            EndsAfter(s, 30000, MqttError.PacketTimeout, 0x32);
        }

        [TestMethod]
        public static void A_packet_may_take_its_time_as_long_as_it_goes_on()
        {
            MqttScenario s = MqttScenario.Connected();
            byte[] packet = PacketText.Parse("30 05 00 01 'a' 'hi'");
            for (int i = 0; i < packet.Length; i++)
            {
                s.Settle();
                s.RequireConnected();
                s.Now += 29999;
                s.Link.Deliver(packet, i, 1);
            }

            s.Expect(MqttEvent.MessageReceived);
        }

        private static void Request(MqttScenario s, bool subscribe)
        {
            MqttScenario.RequireError(MqttError.None, subscribe ? s.Subscribe("a") : s.Client.Unsubscribe(new byte[][] { MqttScenario.TopicA }, 1));
        }

        // all is quiet until the limit, also if it is the only moment of a poll
        private static void EndsAfter(MqttScenario s, int milliseconds, MqttError error, int detail)
        {
            Assert.AreEqual(s.Now + milliseconds, s.Client.NextDeadlineMs);
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(milliseconds - 1));
            Assert.AreNotEqual((int)MqttState.Closed, (int)s.Client.State);
            s.RequireClosed(s.PollAfter(1), error, detail);
        }
    }
}

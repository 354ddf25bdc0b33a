// Keepalive: MQTT 3.1.1 sections 3.1.2.10, 3.12 and 3.13. With 60 s and a lead of 5 s, PINGREQ leaves 55 s after the last packet.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttKeepAliveTests
    {
        [DataRow(60, 55000)]
        [DataRow(1200, 1195000)]
        [DataRow(65535, 65530000)]
        [DataRow(20, 15000)] // the lead is a quarter from here down
        [DataRow(4, 3000)]
        [DataRow(1, 750)]
        public static void Sends_pingreq_before_keepalive_expires(int keepAliveSeconds, int pingAfterMs)
        {
            MqttScenario s = new MqttScenario();
            s.Options.KeepAliveSeconds = keepAliveSeconds;
            s.Connect();
            s.Settle();
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(s.Now + pingAfterMs, s.Client.NextDeadlineMs);
                MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(pingAfterMs - 1));
                s.RequireSent("");
                MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(1));
                s.RequireSent("C0 00");
                s.Broker.Send("D0 00");
                s.Settle();
            }
        }

        [TestMethod]
        public static void Every_packet_sent_puts_the_ping_off_while_the_broker_answers()
        {
            MqttScenario s = MqttScenario.Connected();
            for (int i = 1; i < 20; i++)
            {
                s.Now += 50000;
                s.MustPublish("x", 1);
                s.Settle();
                s.Broker.Require(ScriptedBroker.Publish);
                s.Broker.SendAcknowledgement(ScriptedBroker.Puback, i);
                s.Expect(MqttEvent.PublishAcknowledged);
            }

            s.Settle();
            Assert.AreEqual(s.Now + 55000, s.Client.NextDeadlineMs);
            s.RequireSent("");
        }

        [TestMethod]
        public static void Sends_pingreq_also_while_it_only_receives()
        {
            MqttScenario s = MqttScenario.Connected();
            long connected = s.Now;
            while (s.Now < connected + 50000)
            {
                s.Now += 10000;
                s.Broker.Send("30 03 00 01 'a'");
                s.Expect(MqttEvent.MessageReceived);
                s.ExpectSent("");
            }

            s.Now = connected + 55000;
            s.ExpectSent("C0 00");
        }

        [TestMethod]
        public static void Sends_pingreq_also_while_it_only_sends_and_finds_the_link_half_open()
        {
            MqttScenario s = MqttScenario.Connected();
            long connected = s.Now;
            while (s.Now < connected + 50000)
            {
                s.Now += 10000;
                s.MustPublish("x", 0);
                s.ExpectSent("30 04 00 01 'a' 'x'");
            }

            s.Now = connected + 55000;
            s.ExpectSent("C0 00");
            s.MustPublish("x", 0);
            s.Settle();
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(9999));
            s.RequireClosed(s.PollAfter(1), MqttError.PingrespTimeout, 0);
        }

        [TestMethod]
        public static void A_missing_pingresp_ends_the_connection()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Now += 55000;
            s.ExpectSent("C0 00");
            Assert.AreEqual(s.Now + 10000, s.Client.NextDeadlineMs);
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(9999));
            s.RequireClosed(s.PollAfter(1), MqttError.PingrespTimeout, 0);
        }

        [TestMethod]
        public static void Any_byte_is_a_sign_of_life_while_pingresp_is_awaited()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Now += 55000;
            s.ExpectSent("C0 00");
            s.Now += 9000;
            s.Broker.Send("30 14"); // a message begins before PINGRESP
            s.Settle();
            s.Now += 9000;
            s.Broker.Send("00 01 'a'");
            s.Settle();
            s.Now += 9000;
            s.Broker.Send("'x'*17  D0 00");
            s.Expect(MqttEvent.MessageReceived);
            s.Settle();
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(20000));
            s.RequireConnected();
        }

        // [MQTT-3.1.2-23]: the interval between packets sent must not exceed the keepalive, however long PINGRESP takes
        [TestMethod]
        public static void Sends_pingreq_again_while_pingresp_stands_behind_a_long_message()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("30 C8 01 00 01 'a'");
            int sinceSent = 0;
            int pings = 0;
            for (int second = 0; second < 180; second += 5)
            {
                s.Broker.Send("'x'");
                s.Now += 5000;
                sinceSent += 5;
                s.Settle();
                while (s.Broker.Receive())
                {
                    Assert.AreEqual(ScriptedBroker.Pingreq, s.Broker.FirstByte);
                    sinceSent = 0;
                    pings++;
                }

                Assert.IsTrue(sinceSent <= 60, "seconds without a packet: " + sinceSent + ", pings so far: " + pings);
            }
        }

        [TestMethod]
        public static void Keepalive_0_sends_no_ping()
        {
            MqttScenario s = new MqttScenario();
            s.Options.KeepAliveSeconds = 0;
            s.Connect();
            s.Settle();
            Assert.AreEqual(long.MaxValue, s.Client.NextDeadlineMs);
            for (int i = 0; i < 100; i++)
            {
                s.Now += 100000000;
                s.ExpectSent("");
            }

            s.RequireConnected();
        }

        [TestMethod]
        public static void An_unexpected_pingresp_is_ignored()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("D0 00 D0 00");
            s.Settle();
            s.RequireConnected();
        }

        [TestMethod]
        public static void A_pingreq_that_the_link_takes_a_moment_later_is_no_error()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            s.Link.WriteLimit = 0;
            s.Now += 55000;
            s.Settle();
            s.Now += 1000;
            s.Settle();
            s.RequireConnected();
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.ExpectSent("C0 00");
            s.Broker.Send("D0 00");
            s.Settle();
            s.RequireConnected();
        }

        [TestMethod]
        public static void A_pingreq_never_cuts_a_packet_that_is_under_way()
        {
            for (int cut = 1; cut < 20; cut++)
            {
                MqttScenario s = MqttScenario.Connected();
                s.Timeouts.WriteMs = 100000;
                s.Now += 54000;
                s.Link.WriteLimit = cut;
                s.MustPublish("0123456789ABC", 1);
                s.Settle();
                s.Now += 55000;
                s.Settle();
                s.Link.WriteLimit = SimulatedLink.Unlimited;
                s.Settle();
                s.Broker.Require(ScriptedBroker.Publish);
                Assert.AreEqual(13, s.Broker.PayloadLength);
                s.Broker.Require(ScriptedBroker.Pingreq);
                Assert.IsFalse(s.Broker.Receive());
            }
        }

        [TestMethod]
        public static void A_day_in_silence_needs_a_ping_every_55_seconds_and_nothing_else()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            long end = s.Now + 86400000;
            int pings = 0;
            while (s.Client.NextDeadlineMs < end)
            {
                s.Now = s.Client.NextDeadlineMs;
                s.Settle();
                s.Broker.Require(ScriptedBroker.Pingreq);
                Assert.IsFalse(s.Broker.Receive());
                s.Broker.Send("D0 00");
                s.Settle();
                pings++;
            }

            Assert.AreEqual(86400 / 55, pings);
        }
    }
}

// NextDeadlineMs: a caller that polls at no other time, or whenever bytes arrive, misses nothing and never turns in circles.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttDeadlineTests
    {
        private const int Kinds = 9;

        [TestMethod]
        public static void Polling_at_the_deadlines_alone_ends_a_connection_at_the_same_time_as_polling_always()
        {
            for (int kind = 0; kind < Kinds; kind++)
            {
                MqttScenario always = Prepare(kind);
                long alwaysMs = RunToTheEnd(always, true);
                MqttScenario rarely = Prepare(kind);
                long rarelyMs = RunToTheEnd(rarely, false);
                Assert.AreEqual(alwaysMs, rarelyMs, "time of the end of kind " + kind);
                Assert.AreEqual((int)always.Client.Error, (int)rarely.Client.Error, "error of kind " + kind);
                byte[] a = always.Link.PeekFromClient();
                byte[] b = rarely.Link.PeekFromClient();
                Assert.AreEqual(PacketText.Hex(a, 0, a.Length), PacketText.Hex(b, 0, b.Length), "bytes sent in kind " + kind);
            }
        }

        [TestMethod]
        public static void Every_call_that_gives_work_makes_the_next_poll_due_now()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Settle();
            Assert.IsTrue(s.Client.NextDeadlineMs > s.Now);
            s.MustPublish("x", 0);
            Assert.IsTrue(s.Client.NextDeadlineMs <= s.Now, "publish");
            s.Settle();
            s.Subscribe("a");
            Assert.IsTrue(s.Client.NextDeadlineMs <= s.Now, "subscribe");
            s.Settle();
            s.Client.Disconnect();
            Assert.IsTrue(s.Client.NextDeadlineMs <= s.Now, "disconnect");
            s.ExpectClosed(MqttError.None, 0);
            s.Open();
            Assert.IsTrue(s.Client.NextDeadlineMs <= s.Now, "connect");
        }

        [TestMethod]
        public static void More_bytes_make_the_next_poll_due_now()
        {
            MqttScenario s = MqttScenario.Connected();
            s.Broker.Send("D0 00  D0 00");
            MqttScenario.RequireEvent(MqttEvent.None, s.Poll());
            Assert.AreEqual(s.Now, s.Client.NextDeadlineMs);
        }

        // what is due and cannot be done now must not keep a caller turning until it can
        [TestMethod]
        public static void A_ping_without_room_does_not_make_the_deadline_stay_in_the_past()
        {
            MqttScenario s = new MqttScenario(256, 16, 64, 2, 1);
            s.Timeouts.WriteMs = 600000;
            s.Timeouts.AcknowledgementMs = 600000;
            s.Connect();
            s.Settle();
            s.Link.WriteLimit = 0;
            MqttScenario.RequireError(MqttError.None, s.Subscribe("12345")); // 12 bytes of 16: the rest is spared for an acknowledgement
            s.Settle();
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(55000));
            MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(100));
            s.Link.WriteLimit = SimulatedLink.Unlimited;
            s.Settle();
            s.Broker.Require(ScriptedBroker.Subscribe);
            s.RequireConnected();
        }

        private static MqttScenario Prepare(int kind)
        {
            MqttScenario s = new MqttScenario(256, 64, 256, 4, 1);
            s.Timeouts.ConnackMs = 300;
            s.Timeouts.PingrespMs = 200;
            s.Timeouts.AcknowledgementMs = 250;
            s.Timeouts.WriteMs = 350;
            s.Timeouts.PacketMs = 150;
            s.Timeouts.PingLeadMs = 100;
            s.Options.KeepAliveSeconds = 1;
            if (kind < 2)
            {
                s.Open();
                s.Link.WriteLimit = kind == 0 ? SimulatedLink.Unlimited : 7;
                s.Timeouts.WriteMs = kind == 0 ? 350 : 120;
                return s;
            }

            s.Connect();
            s.Settle();
            switch (kind)
            {
                case 2: // no PINGRESP
                    break;
                case 3:
                    s.MustPublish("x", 1);
                    break;
                case 4:
                    s.Subscribe("a");
                    break;
                case 5:
                    s.Link.WriteLimit = 4;
                    s.MustPublish("x", 0);
                    break;
                case 6:
                    s.Broker.Send("30 10 00");
                    break;
                case 7:
                    s.Link.WriteLimit = 1;
                    s.Client.Disconnect();
                    break;
                default:
                    s.MustPublish("x", 2);
                    s.Settle();
                    s.Now += 100;
                    s.Broker.Send("50 02 00 01");
                    break;
            }

            return s;
        }

        private static long RunToTheEnd(MqttScenario s, bool always)
        {
            long start = s.Now;
            for (int polls = 0; polls < 5000; polls++)
            {
                MqttEvent told = s.Poll();
                if (told == MqttEvent.Closed)
                {
                    return s.Now - start;
                }

                MqttScenario.RequireEvent(MqttEvent.None, told);
                Assert.IsTrue(polls < 20 || always, "turns in circles");
                s.Now = always ? s.Now + 1 : s.Client.NextDeadlineMs;
            }

            return -1;
        }
    }
}

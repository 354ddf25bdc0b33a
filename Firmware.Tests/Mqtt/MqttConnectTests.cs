// From CONNECT to CONNACK: MQTT 3.1.1 sections 3.1, 3.2 and 4.8, and AWS IoT Core's rule that nothing may be sent before CONNACK.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttConnectTests
    {
        private const string Connect = "10 0D 00 04 'MQTT' 04 02 00 3C  00 01 'a'";

        [DataRow("20 02 00 00", false)]
        [DataRow("20 02 01 00", true)]
        [DataRow("20 82 00 00 00", false)]
        public static void Is_connected_after_connack_and_knows_whether_the_session_was_resumed(string connack, bool sessionPresent)
        {
            MqttScenario s = new MqttScenario();
            s.Options.CleanSession = !sessionPresent;
            s.Open();
            Assert.AreEqual((int)MqttState.Connecting, (int)s.Client.State);
            s.Settle();
            s.Broker.Send(connack);
            s.Expect(sessionPresent ? MqttEvent.Resumed : MqttEvent.Connected);
            s.RequireConnected();
            Assert.AreEqual(sessionPresent, s.Client.SessionPresent);
            MqttScenario.RequireError(MqttError.None, s.Client.Error);
        }

        [TestMethod]
        public static void Sends_nothing_but_connect_before_connack()
        {
            MqttScenario s = new MqttScenario();
            s.Timeouts.ConnackMs = 1000000;
            s.Open();
            s.ExpectSent(Connect);
            MqttScenario.RequireError(MqttError.NotConnected, s.Publish("x", 0));
            MqttScenario.RequireError(MqttError.NotConnected, s.Publish("x", 1));
            MqttScenario.RequireError(MqttError.NotConnected, s.Subscribe("a"));
            MqttScenario.RequireError(MqttError.NotConnected, s.Client.Unsubscribe(new byte[][] { MqttScenario.TopicA }, 1));
            for (int i = 0; i < 50; i++)
            {
                // far beyond the keepalive
                MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(10000));
            }

            s.RequireSent("");
        }

        [TestMethod]
        public static void Sends_nothing_at_all_on_disconnect_before_connack()
        {
            MqttScenario s = new MqttScenario();
            s.Open();
            s.ExpectSent(Connect);
            s.Client.Disconnect();
            s.ExpectClosed(MqttError.None, 0);
            s.RequireSent("");
        }

        [TestMethod]
        public static void Sends_nothing_that_waits_from_before_until_connack()
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("x", 1);
            s.Settle();
            s.Link.Break();
            s.ExpectClosed(MqttError.LinkFailed, 0);
            s.Open();
            s.ExpectSent(Connect);
            s.Broker.Send("20 02 00 00");
            s.Expect(MqttEvent.Connected);
            s.ExpectSent("3A 06 00 01 'a' 00 01 'x'");
        }

        [DataRow(1)] // table 3.1
        [DataRow(2)]
        [DataRow(3)]
        [DataRow(4)]
        [DataRow(5)]
        [DataRow(6)] // reserved
        [DataRow(7)] // AWS
        [DataRow(255)]
        public static void Is_refused_with_the_code_of_connack(int code)
        {
            MqttScenario s = new MqttScenario();
            s.Open();
            s.Settle();
            byte[] connack = { 0x20, 2, 0, (byte)code };
            s.Link.Deliver(connack, 0, 4);
            s.Link.CloseByPeer(); // [MQTT-3.2.2-5]
            s.ExpectClosed(MqttError.Refused, code);
            Assert.IsFalse(s.Client.SessionPresent);
        }

        [DataRow("20 00")]
        [DataRow("20 01 00")]
        [DataRow("20 03 00 00 00")]
        [DataRow("20 02 02 00")] // reserved bits of the flags (3.2.2.1)
        [DataRow("20 02 80 00")]
        [DataRow("20 80 80 80 80")]
        public static void A_malformed_connack_ends_the_connection(string connack)
        {
            MqttScenario s = new MqttScenario();
            s.Open();
            s.Settle();
            s.Broker.Send(connack);
            s.ExpectClosed(MqttError.MalformedPacket, 0x20);
        }

        // [MQTT-3.2.0-1]: the first packet is CONNACK
        [DataRow("21 02 00 00")]
        [DataRow("10 00")]
        [DataRow("30 03 00 01 'a'")]
        [DataRow("32 05 00 01 'a' 00 01")]
        [DataRow("40 02 00 01")]
        [DataRow("50 02 00 01")]
        [DataRow("62 02 00 01")]
        [DataRow("70 02 00 01")]
        [DataRow("82 06 00 01 00 01 'a' 00")]
        [DataRow("90 03 00 01 00")]
        [DataRow("A2 05 00 01 00 01 'a'")]
        [DataRow("B0 02 00 01")]
        [DataRow("C0 00")]
        [DataRow("D0 00")]
        [DataRow("E0 00")]
        [DataRow("F0 00")]
        [DataRow("00 00")]
        [DataRow("30 80 04 00 01 'a' 'x'*509")] // larger than the buffer
        public static void Any_other_packet_before_connack_is_a_violation(string text)
        {
            MqttScenario s = new MqttScenario();
            s.Open();
            s.ExpectSent(Connect);
            s.Broker.Send(text);
            s.ExpectClosed(MqttError.ProtocolViolation, PacketText.Parse(text)[0]);
            s.RequireSent("");
        }

        [TestMethod]
        public static void A_connack_that_came_too_early_to_be_honest_is_still_a_connack()
        {
            // the bytes are there before CONNECT has left
            MqttScenario s = new MqttScenario();
            s.Open();
            s.Broker.Send("20 02 00 00");
            s.Expect(MqttEvent.Connected);
            s.ExpectSent(Connect);
        }

        [DataRow(false)]
        [DataRow(true)]
        public static void Tells_the_end_of_the_link_at_every_byte_of_the_handshake(bool breaks)
        {
            byte[] connack = PacketText.Parse("20 02 00 00");
            for (int written = 0; written <= 15; written++)
            {
                for (int read = 0; read < 4; read++)
                {
                    MqttScenario s = new MqttScenario();
                    s.Open();
                    s.Link.WriteLimit = written;
                    s.Link.Deliver(connack, 0, read);
                    s.Settle();
                    if (breaks)
                    {
                        s.Link.Break();
                    }
                    else
                    {
                        s.Link.CloseByPeer();
                    }

                    s.ExpectClosed(breaks ? MqttError.LinkFailed : MqttError.LinkClosed, 0);
                }
            }
        }

        [TestMethod]
        public static void Refuses_publishing_and_requests_without_a_connection()
        {
            MqttScenario s = new MqttScenario();
            Assert.AreEqual((int)MqttState.Closed, (int)s.Client.State);
            MqttScenario.RequireError(MqttError.NotConnected, s.Publish("x", 1));
            MqttScenario.RequireError(MqttError.NotConnected, s.Subscribe("a"));
            s.Client.Disconnect();
            MqttScenario.RequireEvent(MqttEvent.None, s.Client.Poll(s.Now));
            Assert.AreEqual(long.MaxValue, s.Client.NextDeadlineMs);
            Assert.AreEqual(0, s.Client.Held);
        }
    }
}

// Packets from the broker (MQTT 3.1.1 chapter 3) as a table: whole, byte by byte, with the next packet behind, cut off everywhere and spoilt everywhere.
// The client that gets them is connected, has published packet 1 with QoS 1 and packet 2 with QoS 2, and waits for the answer to
// SUBSCRIBE 3 with two filters, or to UNSUBSCRIBE 3.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttIncomingTests
    {
        private const bool Subscribing = true;
        private const bool Unsubscribing = false;

        // the client's words, see Tell
        [DataRow("30 05  00 01 'a'  'hi'", "message 0 61 6869", Subscribing)] // 3.3
        [DataRow("31 05  00 01 'a'  'hi'", "message 0 61 6869 retain", Subscribing)]
        [DataRow("30 03  00 01 'a'", "message 0 61 ", Subscribing)]
        [DataRow("30 85 80 00  00 01 'a'  'hi'", "message 0 61 6869", Subscribing)] // 2.2.3: longer than needed
        [DataRow("32 07  00 01 'a' 12 34  'hi'", "message 1 61 6869 id 4660", Subscribing)]
        [DataRow("3A 07  00 01 'a' FF FF  'hi'", "message 1 61 6869 id 65535 dup", Subscribing)]
        [DataRow("3B 05  00 01 'a' 00 01", "message 1 61  id 1 dup retain", Subscribing)] // the broker's identifiers are its own
        [DataRow("34 07  00 01 'a' 12 34  'hi'", "message 2 61 6869 id 4660", Subscribing)]
        [DataRow("30 08  00 05 'a/' E2 82 AC  00", "message 0 612FE282AC 00", Subscribing)]
        [DataRow("30 81 01  00 01 'a'  'xy'*63", "message 0 61 126 bytes", Subscribing)]
        [DataRow("40 02 00 01", "acknowledged 1", Subscribing)] // 3.4
        [DataRow("40 02 00 02", "nothing", Subscribing)] // that one is QoS 2
        [DataRow("40 02 00 09", "nothing", Subscribing)] // unknown
        [DataRow("50 02 00 02", "nothing", Subscribing)] // 3.5, answered with PUBREL
        [DataRow("70 02 00 02", "nothing", Subscribing)] // 3.7, before PUBREC
        [DataRow("62 02 00 07", "nothing", Subscribing)] // 3.6, answered with PUBCOMP
        [DataRow("90 04 00 03 00 01", "subscribed 3: 0 1", Subscribing)] // 3.9
        [DataRow("90 04 00 03 80 02", "subscribed 3: 128 2", Subscribing)]
        [DataRow("B0 02 00 03", "unsubscribed 3", Unsubscribing)] // 3.11
        [DataRow("D0 00", "nothing", Subscribing)] // 3.13
        [DataRow("D0 80 00", "nothing", Subscribing)]
        public static void Takes_a_packet_however_it_is_cut(string text, string expected, bool subscribing)
        {
            byte[] packet = PacketText.Parse(text);

            MqttScenario s = Prepare(subscribing);
            s.Link.Deliver(packet, 0, packet.Length);
            Assert.AreEqual(expected, Tell(s, s.Run()));
            s.RequireConnected();

            s = Prepare(subscribing);
            string told = "nothing";
            for (int i = 0; i < packet.Length; i++)
            {
                Assert.AreEqual("nothing", told, "told before the last byte");
                s.Link.Deliver(packet, i, 1);
                told = Tell(s, s.Run());
            }

            Assert.AreEqual(expected, told);

            for (int piece = 1; piece < 8; piece++)
            {
                s = Prepare(subscribing);
                s.Link.LargestPiece = piece;
                s.Link.StallPercent = 30;
                s.Link.Deliver(packet, 0, packet.Length);
                s.Broker.Send("30 03 00 01 'z'  30 03 00 01 'y'");
                if (expected != "nothing")
                {
                    Assert.AreEqual(expected, Tell(s, s.Run()));
                    Assert.AreEqual(10, s.Link.WaitingForClient, "bytes of the next packet");
                }

                Assert.AreEqual("message 0 7A ", Tell(s, s.Run()));
                Assert.AreEqual("message 0 79 ", Tell(s, s.Run()));
                s.RequireConnected();
            }

            // every truncation waits for more, however long, and then it is an error
            for (int length = 1; length < packet.Length; length++)
            {
                s = Prepare(subscribing);
                s.Link.Deliver(packet, 0, length);
                s.Settle();
                s.RequireConnected();
                MqttScenario.RequireEvent(MqttEvent.None, s.PollAfter(s.Timeouts.PacketMs - 1));
                s.Link.CloseByPeer();
                s.ExpectClosed(MqttError.LinkClosed, 0);
            }
        }

        [DataRow("30 05  00 01 'a'  'hi'")]
        [DataRow("32 07  00 01 'a' 12 34  'hi'")]
        [DataRow("34 07  00 01 'a' 12 34  'hi'")]
        [DataRow("40 02 00 01")]
        [DataRow("50 02 00 02")]
        [DataRow("62 02 00 07")]
        [DataRow("70 02 00 02")]
        [DataRow("90 04 00 03 00 01")]
        [DataRow("B0 02 00 03")]
        [DataRow("D0 00")]
        public static void A_spoilt_packet_gives_an_event_or_an_error(string text)
        {
            int[] values = { 0x00, 0x01, 0x7F, 0x80, 0xFF };
            for (int at = 0; at < PacketText.Parse(text).Length; at++)
            {
                for (int i = 0; i < 8 + values.Length; i++)
                {
                    byte[] packet = PacketText.Parse(text);
                    packet[at] = (byte)(i < 8 ? packet[at] ^ (1 << i) : values[i - 8]);
                    MqttScenario s = Prepare(text[0] != 'B');
                    s.Link.Deliver(packet, 0, packet.Length);
                    s.Broker.Send("D0 00");
                    MqttEvent last = MqttEvent.None;
                    for (int polls = 0; polls < 8 && last != MqttEvent.Closed; polls++)
                    {
                        last = s.Run();
                        Tell(s, last);
                    }

                    string where = "byte " + at + " changed to " + packet[at];
                    if (last == MqttEvent.Closed)
                    {
                        bool known = s.Client.Error == MqttError.MalformedPacket || s.Client.Error == MqttError.ProtocolViolation;
                        Assert.IsTrue(known, where + ": error " + (int)s.Client.Error);
                    }
                    else
                    {
                        MqttScenario.RequireEvent(MqttEvent.None, last);
                        Assert.AreEqual((int)MqttState.Connected, (int)s.Client.State, where);
                    }
                }
            }
        }

        [DataRow("30 00")] // no topic
        [DataRow("30 01 00")]
        [DataRow("30 02  00 00")] // [MQTT-4.7.3-1]
        [DataRow("30 03  00 02 'a'")] // the topic ends beyond the packet
        [DataRow("30 04  FF FF 'ab'")]
        [DataRow("30 04  00 02 'a#'")] // [MQTT-3.3.2-2]
        [DataRow("30 03  00 01 '+'")]
        [DataRow("30 05  00 03 'a' 00 'b'")] // [MQTT-1.5.3-2]
        [DataRow("30 04  00 02 C0 AF")] // [MQTT-1.5.3-1]
        [DataRow("30 05  00 03 ED A0 80")]
        [DataRow("38 05  00 01 'a' 'hi'")] // DUP with QoS 0 [MQTT-3.3.1-2]
        [DataRow("36 07  00 01 'a' 00 01 'hi'")] // QoS 3 [MQTT-3.3.1-4]
        [DataRow("3E 07  00 01 'a' 00 01 'hi'")]
        [DataRow("32 03  00 01 'a'")] // no room for the identifier
        [DataRow("32 04  00 01 'a' 01")]
        [DataRow("32 05  00 01 'a' 00 00")] // [MQTT-2.3.1-1]
        [DataRow("34 05  00 01 'a' 00 00")]
        [DataRow("40 00")]
        [DataRow("40 01 01")]
        [DataRow("40 02 00 00")]
        [DataRow("40 03 00 01 00")]
        [DataRow("41 02 00 01")] // flags [MQTT-2.2.2-2]
        [DataRow("42 02 00 01")]
        [DataRow("50 03 00 02 00")]
        [DataRow("50 02 00 00")]
        [DataRow("52 02 00 02")]
        [DataRow("60 02 00 07")] // [MQTT-3.6.1-1]
        [DataRow("62 02 00 00")]
        [DataRow("70 01 02")]
        [DataRow("71 02 00 02")]
        [DataRow("90 03 00 03 00")] // one code for two filters
        [DataRow("90 05 00 03 00 00 00")]
        [DataRow("90 02 00 03")]
        [DataRow("90 01 03")]
        [DataRow("90 04 00 00 00 00")]
        [DataRow("90 04 00 03 00 03")] // [MQTT-3.9.3-2]
        [DataRow("90 04 00 03 81 00")]
        [DataRow("92 04 00 03 00 00")]
        [DataRow("B0 00")]
        [DataRow("B0 02 00 00")]
        [DataRow("D0 01 00")]
        [DataRow("D1 00")]
        [DataRow("00 00")] // reserved types, and those that only clients send (table 2.1)
        [DataRow("10 0D 00 04 'MQTT' 04 02 00 3C  00 01 'a'")]
        [DataRow("82 06 00 01 00 01 'a' 00")]
        [DataRow("A2 05 00 01 00 01 'a'")]
        [DataRow("C0 00")]
        [DataRow("E0 00")]
        [DataRow("F0 00")]
        [DataRow("30 80 80 80 80")] // 2.2.3
        [DataRow("90 FF 7F 00*300")] // no SUBACK is so large
        public static void A_malformed_packet_ends_the_connection(string text)
        {
            MqttScenario s = Prepare(Subscribing);
            s.Broker.Send(text);
            s.ExpectClosed(MqttError.MalformedPacket, PacketText.Parse(text)[0]);
            s.RequireSent("");
        }

        [DataRow("20 02 00 00")] // a second CONNACK [MQTT-3.2.0-1]
        [DataRow("90 04 00 04 00 00")] // SUBACK that nobody waits for
        [DataRow("90 04 00 01 00 00")]
        [DataRow("B0 02 00 03")] // UNSUBACK for SUBSCRIBE
        public static void A_packet_out_of_place_ends_the_connection(string text)
        {
            MqttScenario s = Prepare(Subscribing);
            s.Broker.Send(text);
            s.ExpectClosed(MqttError.ProtocolViolation, PacketText.Parse(text)[0]);
        }

        private static MqttScenario Prepare(bool subscribing)
        {
            MqttScenario s = MqttScenario.Connected();
            s.MustPublish("1", 1);
            s.MustPublish("2", 2);
            byte[][] filters = { MqttScenario.TopicA, MqttScenario.TopicA };
            MqttScenario.RequireError(MqttError.None, subscribing ? s.Client.Subscribe(filters, new byte[] { 0, 1 }, 2) : s.Client.Unsubscribe(filters, 2));
            s.Settle();
            byte[] sent = s.Link.PeekFromClient();
            s.Link.Take(sent, 0, sent.Length);
            return s;
        }

        private static string Tell(MqttScenario s, MqttEvent happened)
        {
            switch (happened)
            {
                case MqttEvent.None:
                    return "nothing";
                case MqttEvent.MessageReceived:
                    return TellMessage(s.Client.Message);
                case MqttEvent.PublishAcknowledged:
                    return "acknowledged " + s.Client.PacketId;
                case MqttEvent.Subscribed:
                    return "subscribed " + s.Client.PacketId + ": " + s.Client.SubscribeResult(0) + " " + s.Client.SubscribeResult(1);
                case MqttEvent.Unsubscribed:
                    return "unsubscribed " + s.Client.PacketId;
                default:
                    return "event " + (int)happened;
            }
        }

        private static string TellMessage(MqttMessage message)
        {
            Assert.IsTrue(MqttTopic.IsName(message.Buffer, message.TopicOffset, message.TopicLength), "topic of a message");
            Assert.IsTrue(message.PayloadLength >= 0 && message.PayloadOffset + message.PayloadLength <= message.Buffer.Length, "payload of a message");
            Assert.AreEqual(message.Qos > 0, message.PacketId != 0, "identifier of a message");
            Assert.AreEqual(message.PayloadLength, message.PieceLength);
            Assert.AreEqual(0, message.PiecePosition);
            Assert.IsTrue(message.IsLastPiece);
            return "message " + message.Qos + " " + Join(message.Buffer, message.TopicOffset, message.TopicLength) + " "
                + (message.PayloadLength > 100 ? message.PayloadLength + " bytes" : Join(message.Buffer, message.PayloadOffset, message.PayloadLength))
                + (message.PacketId != 0 ? " id " + message.PacketId : string.Empty) + (message.Dup ? " dup" : string.Empty) + (message.Retain ? " retain" : string.Empty);
        }

        private static string Join(byte[] buffer, int offset, int count)
        {
            string result = string.Empty;
            for (int i = 0; i < count; i++)
            {
                result += PacketText.Hex(buffer, offset + i, 1);
            }

            return result;
        }
    }
}

// Messages that are larger than the receive buffer: in pieces if they are wanted, else skipped; the connection goes on either way.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttLargeMessageTests
    {
        private const int ReceiveSize = 128;

        private static readonly byte[] Payload = PacketText.Parse("'0123456789ABCDEFGHIJKLMNOPQRSTUV'*28");

        [DataRow(0, SimulatedLink.Unlimited, 0)]
        [DataRow(1, SimulatedLink.Unlimited, 0)]
        [DataRow(2, SimulatedLink.Unlimited, 0)]
        [DataRow(1, 1, 0)]
        [DataRow(1, 50, 40)]
        public static void An_unwanted_large_message_is_acknowledged_and_reported_with_its_topic(int qos, int largestPiece, int stallPercent)
        {
            for (int length = ReceiveSize - 20; length < 320; length++)
            {
                MqttScenario s = Make(largestPiece, stallPercent, length);
                int whole = 3 + 2 + 3 + (qos > 0 ? 2 : 0) + length - (length + 5 + (qos > 0 ? 2 : 0) < 128 ? 1 : 0);
                s.Broker.SendPublish(Bytes.FromString("big"), Payload, length, qos, 0x1234);
                s.Broker.Send("30 03 00 01 'n'");
                if (whole <= ReceiveSize)
                {
                    s.Expect(MqttEvent.MessageReceived);
                }
                else
                {
                    s.Expect(MqttEvent.MessageStarted);
                    RequireMessage(s, length, qos);
                    s.Expect(MqttEvent.MessageTooLarge);
                }

                RequireMessage(s, length, qos);
                s.RequireSent("");
                s.Expect(MqttEvent.MessageReceived);
                Assert.IsTrue(s.Client.Message.Buffer[s.Client.Message.TopicOffset] == 'n');
                s.ExpectSent(qos == 0 ? "" : qos == 1 ? "40 02 12 34" : "50 02 12 34");
                s.RequireConnected();
                Assert.AreEqual(whole <= ReceiveSize ? 0 : 1, s.Client.SkippedMessages);
            }
        }

        [DataRow(0, SimulatedLink.Unlimited, 0)]
        [DataRow(1, SimulatedLink.Unlimited, 0)]
        [DataRow(2, SimulatedLink.Unlimited, 0)]
        [DataRow(2, 1, 0)]
        [DataRow(1, 50, 40)]
        public static void A_wanted_large_message_comes_in_pieces_to_its_last_byte(int qos, int largestPiece, int stallPercent)
        {
            for (int length = ReceiveSize; length < 420; length += 3)
            {
                MqttScenario s = Make(largestPiece, stallPercent, length);
                s.Broker.SendPublish(Bytes.FromString("big"), Payload, length, qos, 0x1234);
                s.Broker.Send("30 03 00 01 'n'");
                s.Expect(MqttEvent.MessageStarted);
                Assert.IsTrue(s.Client.AcceptPieces());
                int have = TakePiece(s, 0, length, qos);
                while (have < length)
                {
                    s.RequireSent("");
                    s.Expect(MqttEvent.MessagePiece);
                    have = TakePiece(s, have, length, qos);
                }

                Assert.AreEqual(length, have);
                s.RequireSent("");
                s.Expect(MqttEvent.MessageReceived);
                s.ExpectSent(qos == 0 ? "" : qos == 1 ? "40 02 12 34" : "50 02 12 34");
                Assert.AreEqual(0, s.Client.SkippedMessages);
            }
        }

        [TestMethod]
        public static void Pieces_can_be_asked_for_only_when_a_large_message_has_begun()
        {
            MqttScenario s = Make(SimulatedLink.Unlimited, 0, 1);
            Assert.IsFalse(s.Client.AcceptPieces());
            s.Broker.Send("30 03 00 01 'n'");
            s.Expect(MqttEvent.MessageReceived);
            Assert.IsFalse(s.Client.AcceptPieces());
            s.Broker.SendPublish(Bytes.FromString("big"), Payload, 300, 0, 0);
            s.Expect(MqttEvent.MessageStarted);
            s.Expect(MqttEvent.MessageTooLarge);
            Assert.IsFalse(s.Client.AcceptPieces());
        }

        [DataRow(58)]
        [DataRow(60)]
        [DataRow(62)]
        [DataRow(64)]
        [DataRow(118)]
        [DataRow(121)]
        [DataRow(122)]
        [DataRow(123)]
        [DataRow(124)]
        [DataRow(125)]
        [DataRow(126)]
        [DataRow(127)]
        [DataRow(186)]
        [DataRow(187)]
        [DataRow(188)]
        [DataRow(189)]
        [DataRow(190)]
        [DataRow(400)]
        public static void A_message_whose_topic_does_not_fit_is_acknowledged_all_the_same(int topicLength)
        {
            byte[] topic = PacketText.Parse("'t'*" + topicLength);
            int[] pieces = { 1, 7, SimulatedLink.Unlimited };
            for (int i = 0; i < pieces.Length; i++)
            {
                for (int payload = 0; payload < 140; payload += 69)
                {
                    MqttScenario s = Make(pieces[i], 0, topicLength);
                    s.Broker.SendPublish(topic, Payload, payload, 1, 0xABCD);
                    MqttEvent told = s.Run();
                    if (told == MqttEvent.MessageStarted)
                    {
                        Assert.AreEqual(topicLength, s.Client.Message.TopicLength);
                        told = s.Run();
                    }

                    if (told != MqttEvent.MessageReceived)
                    {
                        MqttScenario.RequireEvent(MqttEvent.MessageTooLarge, told);
                        Assert.IsTrue(s.Client.Message.TopicLength == 0 || s.Client.Message.TopicLength == topicLength, "length of the topic");
                    }

                    Assert.AreEqual(0xABCD, s.Client.Message.PacketId);
                    Assert.AreEqual(payload, s.Client.Message.PayloadLength);
                    s.ExpectSent("40 02 AB CD");
                    s.RequireConnected();
                }
            }
        }

        [DataRow("32 87 02 00 01 'a' 00 00  'x'*258")] // identifier 0
        [DataRow("36 87 02 00 01 'a' 00 01  'x'*258")] // QoS 3
        [DataRow("38 87 02 00 01 'a'  'x'*260")] // DUP with QoS 0
        [DataRow("30 87 02 00 01 '#'  'x'*260")]
        [DataRow("30 87 02 00 00  'x'*261")]
        [DataRow("30 87 02 02 00  'x'*261")] // the topic ends beyond the packet
        [DataRow("32 87 02 00 FF  'x'*255 00 00 'x'*4")] // identifier 0 behind a topic that does not fit
        public static void A_malformed_large_message_ends_the_connection(string text)
        {
            MqttScenario s = Make(SimulatedLink.Unlimited, 0, 1);
            s.Broker.Send(text);
            s.ExpectClosed(MqttError.MalformedPacket, PacketText.Parse(text)[0]);
            s.RequireSent("");
        }

        [DataRow(false)]
        [DataRow(true)]
        public static void A_large_message_that_is_cut_off_is_not_acknowledged_and_leaves_nothing_behind(bool accept)
        {
            for (int cut = 0; cut < 290; cut += 13)
            {
                MqttScenario s = Make(SimulatedLink.Unlimited, 0, cut);
                s.Broker.SendPublish(Bytes.FromString("big"), Payload, 300, 1, 7);
                s.Link.ReadLimit = 10 + cut;
                MqttEvent told = s.Run();
                while (told != MqttEvent.None)
                {
                    if (accept)
                    {
                        s.Client.AcceptPieces();
                    }

                    told = s.Run();
                }

                s.Link.Break();
                s.ExpectClosed(MqttError.LinkFailed, 0);
                s.RequireSent("");
                s.Connect();
                Assert.IsFalse(s.Client.AcceptPieces());
                s.Broker.Send("30 03 00 01 'n'");
                s.Expect(MqttEvent.MessageReceived);
                s.ExpectSent("");
            }
        }

        [TestMethod]
        public static void A_repeated_large_qos_2_message_is_told_once()
        {
            MqttScenario s = Make(SimulatedLink.Unlimited, 0, 1);
            byte[] topic = Bytes.FromString("big");
            s.Broker.SendPublish(topic, Payload, 300, 2, 7);
            s.Expect(MqttEvent.MessageStarted);
            s.Expect(MqttEvent.MessageTooLarge);
            s.ExpectSent("50 02 00 07");
            s.Broker.SendPublish(topic, Payload, 300, 2, 7);
            s.ExpectSent("50 02 00 07");
        }

        private static MqttScenario Make(int largestPiece, int stallPercent, int seed)
        {
            MqttScenario s = new MqttScenario(ReceiveSize, 64, 128, 2, seed);
            s.Link.LargestPiece = largestPiece;
            s.Link.StallPercent = stallPercent;
            s.Connect();
            return s;
        }

        private static void RequireMessage(MqttScenario s, int payloadLength, int qos)
        {
            MqttMessage message = s.Client.Message;
            Assert.AreEqual("62 69 67", PacketText.Hex(message.Buffer, message.TopicOffset, message.TopicLength));
            Assert.AreEqual(payloadLength, message.PayloadLength);
            Assert.AreEqual(qos, message.Qos);
            Assert.AreEqual(qos == 0 ? 0 : 0x1234, message.PacketId);
        }

        private static int TakePiece(MqttScenario s, int have, int length, int qos)
        {
            RequireMessage(s, length, qos);
            MqttMessage message = s.Client.Message;
            Assert.AreEqual(have, message.PiecePosition);
            for (int i = 0; i < message.PieceLength; i++)
            {
                Assert.AreEqual(Payload[have + i], message.Buffer[message.PayloadOffset + i]);
            }

            have += message.PieceLength;
            Assert.AreEqual(have == length, message.IsLastPiece);
            return have;
        }
    }
}

// Cutting the stream into packets: MQTT 3.1.1 section 2.2, with buffers that a packet fills exactly, nearly and not at all.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttFramerTests
    {
        private const int BufferSize = 160;

        // table 2.4; longer than the buffer, so only its beginning is sent
        [DataRow("30 00", 0)]
        [DataRow("30 7F", 127)]
        [DataRow("30 80 01", 128)]
        [DataRow("30 FF 7F", 16383)]
        [DataRow("30 80 80 01", 16384)]
        [DataRow("30 FF FF 7F", 2097151)]
        [DataRow("30 80 80 80 01", 2097152)]
        [DataRow("30 FF FF FF 7F", 268435455)]
        [DataRow("30 80 80 80 00", 0)] // more bytes than needed: 2.2.3 does not forbid it
        [DataRow("30 85 00", 5)]
        public static void Reads_a_remaining_length(string header, int length)
        {
            SimulatedLink link = new SimulatedLink(1, 1024);
            MqttFramer framer = new MqttFramer(new byte[BufferSize]);
            byte[] bytes = PacketText.Parse(header);
            Deliver(link, header);
            MqttFrame frame = framer.Read(link);
            Require(length == 0 ? MqttFrame.Packet : MqttFrame.Incomplete, frame);
            Assert.AreEqual(length, framer.BodyLength);
            Assert.AreEqual(bytes.Length, framer.BodyOffset);
            Assert.AreEqual(0x30, framer.FirstByte);
            Assert.AreEqual(length > 0, framer.IsInsidePacket);
        }

        [DataRow("30 80 80 80 80")] // 2.2.3: the fourth byte says that there is a fifth
        [DataRow("30 FF FF FF FF 7F")]
        [DataRow("D0 80 80 80 80 00")]
        public static void A_remaining_length_of_five_bytes_is_malformed(string header)
        {
            for (int piece = 1; piece < 7; piece++)
            {
                SimulatedLink link = new SimulatedLink(piece, 1024);
                link.LargestPiece = piece;
                MqttFramer framer = new MqttFramer(new byte[BufferSize]);
                Deliver(link, header);
                Require(MqttFrame.Malformed, framer.Read(link));
            }
        }

        [TestMethod]
        public static void Takes_packets_up_to_the_size_of_the_buffer_and_larger_ones_in_pieces()
        {
            for (int body = 0; body < 6 * BufferSize; body++)
            {
                Pass(body, SimulatedLink.Unlimited, 0, 1 + (body % (BufferSize + 9)));
            }
        }

        [DataRow(1, 0)]
        [DataRow(1, 50)]
        [DataRow(3, 30)]
        [DataRow(70, 20)]
        public static void Takes_packets_in_random_pieces(int largestPiece, int stallPercent)
        {
            for (int body = 0; body < 3 * BufferSize; body += body < 120 || body > 220 ? 7 : 1)
            {
                Pass(body, largestPiece, stallPercent, 9);
            }
        }

        [TestMethod]
        public static void Passes_a_very_large_packet_on_without_losing_its_beginning_or_its_end()
        {
            const int Length = 300000;
            SimulatedLink link = new SimulatedLink(9, 4096);
            MqttFramer framer = new MqttFramer(new byte[BufferSize]);
            byte[] part = PacketText.Parse("'0123456789ABCDEF'*64");
            Deliver(link, "33 E0 A7 12");
            int sent = 0;
            int read = 0;
            for (int calls = 0; calls < 10000; calls++)
            {
                MqttFrame frame = framer.Read(link);
                int offset = framer.PieceOffset;
                int length = framer.PieceLength;
                if (frame == MqttFrame.Head)
                {
                    offset = framer.BodyOffset;
                    length = framer.BodyKept;
                    framer.OpenWindow(20);
                }

                for (int i = 0; frame != MqttFrame.Incomplete && i < length; i++)
                {
                    Assert.AreEqual(part[(read + i) % part.Length], framer.Buffer[offset + i]);
                }

                read += frame == MqttFrame.Incomplete ? 0 : length;
                if (frame == MqttFrame.Piece && framer.IsLastPiece)
                {
                    break;
                }

                Assert.IsTrue(framer.IsInsidePacket);
                if (link.WaitingForClient == 0 && sent < Length)
                {
                    int piece = Length - sent < part.Length ? Length - sent : part.Length;
                    link.Deliver(part, 0, piece);
                    sent += piece;
                    if (sent == Length)
                    {
                        Deliver(link, "D0 00");
                    }
                }
            }

            Assert.AreEqual(Length, read);
            Assert.AreEqual(Length, framer.BodyLength);
            Assert.AreEqual("33 E0 A7 12 30 31", PacketText.Hex(framer.Buffer, 0, 6));
            Assert.AreEqual(2, link.WaitingForClient);
            Require(MqttFrame.Packet, framer.Read(link));
            Assert.AreEqual("D0 00", PacketText.Hex(framer.Buffer, 0, 2));
        }

        [DataRow(7)]
        [DataRow(130)]
        [DataRow(400)] // larger than the buffer
        public static void Tells_the_end_of_the_link_at_every_byte(int body)
        {
            byte[] packet = Packet(body);
            for (int cut = 0; cut < packet.Length; cut++)
            {
                for (int kind = 0; kind < 2; kind++)
                {
                    SimulatedLink link = new SimulatedLink(1, 1024);
                    MqttFramer framer = new MqttFramer(new byte[BufferSize]);
                    link.Deliver(packet, 0, cut);
                    ReadToTheCut(framer, link);
                    Assert.AreEqual(cut > 0, framer.IsInsidePacket);
                    if (kind == 0)
                    {
                        link.CloseByPeer();
                    }
                    else
                    {
                        link.Break();
                    }

                    Require(kind == 0 ? MqttFrame.Closed : MqttFrame.Failed, framer.Read(link));
                    Assert.IsFalse(framer.Progressed);

                    // the next connection starts afresh
                    framer.Reset();
                    Assert.IsFalse(framer.IsInsidePacket);
                    link.Reopen();
                    Deliver(link, "D0 00");
                    Require(MqttFrame.Packet, framer.Read(link));
                }
            }
        }

        [TestMethod]
        public static void What_arrived_before_the_end_is_delivered_first()
        {
            SimulatedLink link = new SimulatedLink(1, 64);
            MqttFramer framer = new MqttFramer(new byte[BufferSize]);
            Deliver(link, "D0 00 40 02 00 01");
            link.CloseByPeer();
            Require(MqttFrame.Packet, framer.Read(link));
            Require(MqttFrame.Packet, framer.Read(link));
            Assert.AreEqual("40 02 00 01", PacketText.Hex(framer.Buffer, 0, 4));
            Require(MqttFrame.Closed, framer.Read(link));
        }

        [TestMethod]
        public static void A_flood_does_not_hold_the_loop()
        {
            SimulatedLink link = new SimulatedLink(1, 4096);
            link.LargestPiece = 1;
            MqttFramer framer = new MqttFramer(new byte[2048]);
            byte[] packet = Packet(1500);
            link.Deliver(packet, 0, packet.Length);
            Require(MqttFrame.Incomplete, framer.Read(link));
            Assert.IsTrue(framer.Progressed);
            Assert.IsTrue(link.WaitingForClient > 1400, "one call took " + (packet.Length - link.WaitingForClient) + " pieces");
        }

        [TestMethod]
        public static void Refuses_a_buffer_below_128_bytes()
        {
            Assert.ThrowsException(typeof(System.ArgumentException), () => new MqttFramer(new byte[127]));
            Assert.AreEqual(128, new MqttFramer(new byte[128]).Buffer.Length);
        }

        private static byte[] Packet(int body)
        {
            int header = 1 + MqttWriter.SizeOfRemainingLength(body);
            byte[] packet = new byte[header + body];
            MqttWriter writer = new MqttWriter();
            writer.Reset(packet, 0, packet.Length);
            writer.Byte(0x30);
            writer.RemainingLength(body);
            for (int i = header; i < packet.Length; i++)
            {
                packet[i] = (byte)(i * 7);
            }

            return packet;
        }

        // a packet of this size between two others: nothing of the next one is ever taken, and all bytes are found
        private static void Pass(int body, int largestPiece, int stallPercent, int window)
        {
            SimulatedLink link = new SimulatedLink(body + 1, 4096);
            link.LargestPiece = largestPiece;
            link.StallPercent = stallPercent;
            MqttFramer framer = new MqttFramer(new byte[BufferSize]);
            byte[] packet = Packet(body);
            Deliver(link, "40 02 00 07");
            link.Deliver(packet, 0, packet.Length);
            Deliver(link, "D0 00");

            Require(MqttFrame.Packet, Read(framer, link));
            Assert.AreEqual("40 02 00 07", PacketText.Hex(framer.Buffer, 0, 4));
            Assert.AreEqual(packet.Length + 2, link.WaitingForClient);

            bool fits = packet.Length <= BufferSize;
            Require(fits ? MqttFrame.Packet : MqttFrame.Head, Read(framer, link));
            Assert.AreEqual(body, framer.BodyLength);
            int have = framer.BodyOffset + framer.BodyKept;
            Assert.AreEqual(fits ? packet.Length : BufferSize, have);
            RequireBytes(packet, 0, framer.Buffer, 0, have);
            if (!fits)
            {
                PassPieces(framer, link, packet, window);
            }

            Assert.AreEqual(2, link.WaitingForClient, "bytes of the next packet");
            Assert.IsFalse(framer.IsInsidePacket);
            Require(MqttFrame.Packet, Read(framer, link));
            Assert.AreEqual("D0 00", PacketText.Hex(framer.Buffer, 0, 2));
            Require(MqttFrame.Incomplete, framer.Read(link));
        }

        private static void PassPieces(MqttFramer framer, SimulatedLink link, byte[] packet, int window)
        {
            framer.OpenWindow(window);
            int last = BufferSize - MqttFramer.SmallestWindow;
            Assert.AreEqual(window < last ? window : last, framer.PieceOffset);
            int at = BufferSize;
            while (at < packet.Length)
            {
                Assert.IsTrue(framer.IsInsidePacket);
                Require(MqttFrame.Piece, Read(framer, link));
                Assert.AreEqual(at - framer.BodyOffset, framer.PiecePosition);
                Assert.IsTrue(framer.PieceLength > 0 && framer.PieceOffset + framer.PieceLength <= BufferSize, "a piece lies in the window");
                RequireBytes(packet, at, framer.Buffer, framer.PieceOffset, framer.PieceLength);
                at += framer.PieceLength;
                Assert.AreEqual(at == packet.Length, framer.IsLastPiece);
            }

            Assert.AreEqual(packet.Length, at);
            RequireBytes(packet, 0, framer.Buffer, 0, framer.PieceOffset);
        }

        private static void RequireBytes(byte[] expected, int expectedOffset, byte[] found, int foundOffset, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.AreEqual(expected[expectedOffset + i], found[foundOffset + i]);
            }
        }

        private static void ReadToTheCut(MqttFramer framer, SimulatedLink link)
        {
            MqttFrame frame = framer.Read(link);
            if (frame == MqttFrame.Head)
            {
                framer.OpenWindow(9);
            }

            while (frame == MqttFrame.Head || frame == MqttFrame.Piece)
            {
                frame = framer.Read(link);
            }

            Require(MqttFrame.Incomplete, frame);
        }

        private static MqttFrame Read(MqttFramer framer, SimulatedLink link)
        {
            for (int i = 0; i < 10000; i++)
            {
                MqttFrame frame = framer.Read(link);
                if (frame != MqttFrame.Incomplete)
                {
                    return frame;
                }
            }

            return MqttFrame.Incomplete;
        }

        private static void Deliver(SimulatedLink link, string text)
        {
            byte[] bytes = PacketText.Parse(text);
            link.Deliver(bytes, 0, bytes.Length);
        }

        private static void Require(MqttFrame expected, MqttFrame found)
        {
            Assert.AreEqual((int)expected, (int)found, "frame");
        }
    }
}

// The test kit is tested too: a link that does not split, stall or end would make other tests pass for nothing.

using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class SimulatedLinkTests
    {
        [DataRow(1, 0)]
        [DataRow(5, 0)]
        [DataRow(1, 50)]
        [DataRow(9, 90)]
        [DataRow(SimulatedLink.Unlimited, 30)]
        public static void Bytes_pass_both_ways_in_order_in_pieces_and_stalls(int largestPiece, int stallPercent)
        {
            SimulatedLink link = new SimulatedLink(77, 64);
            link.LargestPiece = largestPiece;
            link.StallPercent = stallPercent;
            byte[] bytes = new byte[40];
            byte[] got = new byte[40];
            int stalls = 0;
            int pieces = 0;
            for (int round = 0; round < 10; round++)
            {
                for (int i = 0; i < bytes.Length; i++)
                {
                    bytes[i] = (byte)link.NextRandom(256);
                }

                link.Deliver(bytes, 0, 40);
                for (int have = 0; have < 40;)
                {
                    int n = link.Read(got, have, 40 - have);
                    Assert.IsTrue(n >= 0 && n <= largestPiece);
                    stalls += n == 0 ? 1 : 0;
                    pieces++;
                    have += n;
                }

                Assert.AreEqual(PacketText.Hex(bytes, 0, 40), PacketText.Hex(got, 0, 40));
                for (int have = 0; have < 40;)
                {
                    int n = link.Write(bytes, have, 40 - have);
                    Assert.IsTrue(n >= 0 && n <= largestPiece);
                    stalls += n == 0 ? 1 : 0;
                    pieces++;
                    have += n;
                }

                byte[] peeked = link.PeekFromClient();
                Assert.AreEqual(40, link.Take(got, 0, 40));
                Assert.AreEqual(PacketText.Hex(bytes, 0, 40), PacketText.Hex(got, 0, 40));
                Assert.AreEqual(PacketText.Hex(bytes, 0, 40), PacketText.Hex(peeked, 0, 40));
            }

            Assert.AreEqual(stallPercent > 0, stalls > 0);
            Assert.IsTrue(largestPiece == SimulatedLink.Unlimited || pieces >= 800 / largestPiece, "pieces: " + pieces);
        }

        [TestMethod]
        public static void A_full_link_takes_no_more()
        {
            SimulatedLink link = new SimulatedLink(1, 10);
            byte[] bytes = new byte[16];
            Assert.AreEqual(10, link.Write(bytes, 0, 16));
            Assert.AreEqual(0, link.Write(bytes, 0, 16));
            Assert.AreEqual(3, link.Take(bytes, 0, 3));
            Assert.AreEqual(3, link.Write(bytes, 0, 16));
        }

        [TestMethod]
        public static void Limits_stop_it_at_an_exact_byte()
        {
            SimulatedLink link = new SimulatedLink(1, 64);
            byte[] bytes = new byte[16];
            link.WriteLimit = 5;
            Assert.AreEqual(5, link.Write(bytes, 0, 16));
            Assert.AreEqual(0, link.Write(bytes, 0, 16));
            link.Deliver(bytes, 0, 16);
            link.ReadLimit = 3;
            Assert.AreEqual(3, link.Read(bytes, 0, 16));
            Assert.AreEqual(0, link.Read(bytes, 0, 16));
        }

        [TestMethod]
        public static void An_orderly_end_comes_behind_the_bytes_and_a_break_before_them()
        {
            SimulatedLink link = new SimulatedLink(1, 64);
            byte[] bytes = new byte[16];
            link.Deliver(bytes, 0, 2);
            link.CloseByPeer();
            Assert.AreEqual(2, link.Read(bytes, 0, 16));
            Assert.AreEqual(TransportResult.Closed, link.Read(bytes, 0, 16));
            Assert.AreEqual(1, link.Write(bytes, 0, 1));
            link.Reopen();
            Assert.AreEqual(0, link.Read(bytes, 0, 16));
            link.Deliver(bytes, 0, 2);
            link.Break();
            Assert.AreEqual(TransportResult.Failed, link.Read(bytes, 0, 16));
            Assert.AreEqual(TransportResult.Failed, link.Write(bytes, 0, 16));
            Assert.IsFalse(link.WasUsedAfterClose);
            link.Close();
            link.Read(bytes, 0, 1);
            Assert.IsTrue(link.WasUsedAfterClose);
            Assert.AreEqual(1, link.CloseCount);
        }

        [DataRow("30 05  00 01 'a'  'hi'", "30 05 00 01 61 68 69")]
        [DataRow("'ab'*3 FF*2 0A", "61 62 61 62 61 62 FF FF 0A")]
        [DataRow("'' 01", "01")]
        [DataRow("", "")]
        public static void Annotated_hex_means_what_it_says(string text, string hex)
        {
            byte[] bytes = PacketText.Parse(text);
            Assert.AreEqual(hex, PacketText.Hex(bytes, 0, bytes.Length));
        }

        [DataRow("90 03 00 01 00")] // the broker's own packets do not come from a client
        [DataRow("36 05 00 01 'a' 00 01")]
        [DataRow("38 03 00 01 'a'")]
        [DataRow("32 05 00 01 'a' 00 00")]
        [DataRow("30 02 00 00")]
        [DataRow("40 03 00 01 00")]
        [DataRow("82 05 00 01 00 01 'a'")]
        [DataRow("80 06 00 01 00 01 'a' 00")]
        [DataRow("C0 01 00")]
        [DataRow("30 80 80 80 80 01")]
        public static void The_broker_refuses_what_a_client_may_not_send(string text)
        {
            SimulatedLink link = new SimulatedLink(1, 64);
            ScriptedBroker broker = new ScriptedBroker(link, 64);
            byte[] bytes = PacketText.Parse(text);
            link.Write(bytes, 0, bytes.Length);
            bool refused = false;
            try
            {
                broker.Receive();
            }
            catch (System.Exception)
            {
                refused = true;
            }

            Assert.IsTrue(refused);
        }
    }
}

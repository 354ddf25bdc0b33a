// The saved form of an outbox: round trips, other configurations, and every kind of damage.

using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    [TestClass]
    public static class OutboxImageTests
    {
        private const int Arena = 200;

        [TestMethod]
        public static void Writes_the_documented_layout()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "d5 a12 d");
            byte[] image = new byte[64];
            byte[] expected =
            {
                (byte)'O', (byte)'B', 1, 2, // two topics
                0, 1, (byte)'d', 0, 1, (byte)'a', // in the order in which messages name them
                0, 0, 1, (byte)'5', // topic 0, one byte
                1, 0, 2, (byte)'1', (byte)'2',
                0, 0, 0,
            };
            Assert.AreEqual(26, outbox.Save(image, 3));
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], image[3 + i]);
            }

            Assert.IsTrue(ReadCrc(image, 3 + 22) == Crc32.Compute(image, 3, 22));
            Assert.AreEqual((byte)0, image[2]);
            Assert.AreEqual((byte)0, image[29]);
        }

        [DataRow("")]
        [DataRow("a1")]
        [DataRow("a")]
        [DataRow("a1 n22 d333 z4444 d a1 a1")]
        [DataRow("a1 n1 d1 a2 s s s c2 d2 n2")] // n1 was confirmed
        public static void Restores_what_it_saved(string script)
        {
            Outbox outbox = OutboxScript.Create(Arena);
            if (script.Length > 0)
            {
                OutboxScript.Run(outbox, script);
            }

            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            string content = OutboxScript.Content(outbox);
            Outbox restored = OutboxScript.Create(Arena);
            Assert.IsTrue(restored.Restore(image, 0, length));
            Assert.AreEqual(0, restored.InFlight);
            Assert.AreEqual(outbox.Used, restored.Used);
            Assert.AreEqual(0, restored.Dropped + restored.Superseded + restored.Refused + restored.UnknownTopics);
            Assert.AreEqual(content, OutboxScript.Content(restored));
            Assert.AreEqual(content, OutboxScript.Drain(restored));
        }

        [TestMethod]
        public static void An_image_does_not_change_when_messages_are_sent()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 n22 d333");
            byte[] before = new byte[outbox.MaxImageLength];
            byte[] after = new byte[outbox.MaxImageLength];
            int length = outbox.Save(before, 0);
            OutboxScript.Run(outbox, "s s");
            Assert.AreEqual(length, outbox.Save(after, 0));
            CollectionAssert.AreEqual(before, after);
        }

        [TestMethod]
        public static void Goes_by_the_names_of_topics_not_by_their_places()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 n1 d1 z1 a2 n2 s");
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);

            // the next firmware has another order, other QoS, and d is gone
            Outbox other = new Outbox(new byte[Arena], 3);
            other.AddTopic(OutboxScript.Bytes("z"), 2, true, OutboxPolicy.KeepAll);
            other.AddTopic(OutboxScript.Bytes("n"), 1, false, OutboxPolicy.KeepAll);
            other.AddTopic(OutboxScript.Bytes("a"), 0, false, OutboxPolicy.NewestOnly);
            Assert.IsTrue(other.Restore(image, 0, length));
            Assert.AreEqual(1, other.UnknownTopics);
            Assert.AreEqual(1, other.Superseded);
            Assert.AreEqual(0, other.Dropped);
            Assert.AreEqual("a2 n2 z1", OutboxScript.Drain(other));
        }

        [TestMethod]
        public static void A_smaller_arena_takes_what_fits_and_counts_the_rest()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 d1 d2 d3 a2 a3 a44444444444444444444444444444444444");
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            Outbox small = OutboxScript.Create(30);
            Assert.IsTrue(small.Restore(image, 0, length));
            Assert.AreEqual("a1 d2 d3", OutboxScript.Content(small));
            Assert.AreEqual(4, small.Dropped); // d1 for d3, then a2, a3 and the long one
            Assert.AreEqual(0, small.Refused);
            Assert.AreEqual(0, small.DroppedByLastPut);
        }

        [TestMethod]
        public static void Restores_only_into_an_empty_outbox()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1");
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            Assert.IsFalse(outbox.Restore(image, 0, length));
            Assert.AreEqual("a1", OutboxScript.Content(outbox));
        }

        [TestMethod]
        public static void Restores_an_image_of_others_after_it_saved_its_own()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "z1");
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            Outbox other = OutboxScript.Create(Arena);
            OutboxScript.Run(other, "a1");
            other.Save(new byte[other.MaxImageLength], 0);
            OutboxScript.Run(other, "s c1");
            Assert.IsTrue(other.Restore(image, 0, length));
            Assert.AreEqual("z1", OutboxScript.Drain(other));
        }

        [TestMethod]
        public static void Refuses_a_message_whose_topic_is_not_in_the_image()
        {
            byte[] image = { (byte)'O', (byte)'B', 1, 1, 0, 1, (byte)'a', 0, 0, 0, 0, 0, 0, 0 };
            for (int index = 0; index < 3; index++)
            {
                image[7] = (byte)index;
                WriteCrc(image, 10, Crc32.Compute(image, 0, 10));
                Outbox outbox = OutboxScript.Create(Arena);
                Assert.AreEqual(index == 0, outbox.Restore(image, 0, image.Length));
                Assert.AreEqual(index == 0 ? 1 : 0, outbox.Count);
                Assert.AreEqual(0, outbox.UnknownTopics);
            }
        }

        [TestMethod]
        public static void Says_when_the_buffer_is_too_small_and_stays_inside_it()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 n22 d333");
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            for (int size = 0; size < length; size++)
            {
                Assert.AreEqual(-1, outbox.Save(new byte[size], 0));
                Assert.AreEqual(-1, outbox.Save(new byte[length], length - size));
            }

            Assert.AreEqual(length, outbox.Save(new byte[length], 0));
            Assert.AreEqual(length, outbox.Save(new byte[length + 5], 5));
            Assert.AreEqual(-1, outbox.Save(image, -1));
            Assert.AreEqual(-1, outbox.Save(image, 2147483647));
        }

        [TestMethod]
        public static void The_largest_image_is_as_large_as_promised_at_the_most()
        {
            // few messages are the worst case: each is smaller in the image than in the arena
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 n2 d3 z4");
            byte[] payload = new byte[outbox.Free - Outbox.OverheadPerMessage];
            Assert.IsTrue(outbox.Put(0, payload, 0, payload.Length) == OutboxResult.Stored);
            Assert.AreEqual(0, outbox.Free);
            int length = outbox.Save(new byte[outbox.MaxImageLength], 0);
            Assert.IsTrue(length > 0 && length <= outbox.MaxImageLength);
        }

        [TestMethod]
        public static void Refuses_every_truncation_extension_and_flipped_bit()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 n22 d333 a s");
            byte[] image = new byte[outbox.MaxImageLength];
            int length = outbox.Save(image, 0);
            Outbox target = OutboxScript.Create(Arena);
            for (int i = 0; i < length; i++)
            {
                Assert.IsFalse(target.Restore(image, 0, i));
                Assert.IsFalse(target.Restore(image, i + 1, length - i - 1));
            }

            Assert.IsFalse(target.Restore(image, 0, length + 1));
            Assert.IsFalse(target.Restore(image, 0, image.Length));
            Assert.IsFalse(target.Restore(image, 0, image.Length + 1));
            Assert.IsFalse(target.Restore(image, -1, length));
            Assert.IsFalse(target.Restore(image, 0, -1));
            Assert.IsFalse(target.Restore(image, 2147483647, length));
            for (int bit = 0; bit < length * 8; bit++)
            {
                image[bit >> 3] ^= (byte)(1 << (bit & 7));
                Assert.IsFalse(target.Restore(image, 0, length));
                image[bit >> 3] ^= (byte)(1 << (bit & 7));
            }

            Assert.AreEqual(0, target.Count + target.UnknownTopics + target.Dropped);
            Assert.IsTrue(target.Restore(image, 0, length));
        }

        [TestMethod]
        public static void Neither_throws_nor_reads_outside_when_the_crc_of_nonsense_is_right()
        {
            Outbox outbox = OutboxScript.Create(Arena);
            OutboxScript.Run(outbox, "a1 n22 d333 a");
            byte[] good = new byte[outbox.MaxImageLength];
            int length = outbox.Save(good, 0);
            byte[] image = new byte[length]; // exactly as long: to read on would throw
            byte[] values = { 0, 1, 2, 3, 4, 5, 10, 20, 50, 127, 128, 254, 255 };
            int taken = 0;
            int refused = 0;
            for (int i = 0; i < length - 4; i++)
            {
                for (int k = 0; k < values.Length; k++)
                {
                    System.Array.Copy(good, 0, image, 0, length);
                    image[i] = values[k];
                    WriteCrc(image, length - 4, Crc32.Compute(image, 0, length - 4));
                    Outbox target = OutboxScript.Create(Arena);
                    if (target.Restore(image, 0, length))
                    {
                        // well-formed, as when a letter of a topic's name is another: what it holds is whole and can be saved again
                        Assert.IsTrue(target.Count <= length / 3);
                        int count = target.Count;
                        byte[] again = new byte[target.MaxImageLength];
                        int size = target.Save(again, 0);
                        Outbox second = OutboxScript.Create(Arena);
                        Assert.IsTrue(second.Restore(again, 0, size));
                        Assert.AreEqual(OutboxScript.Content(target), OutboxScript.Drain(second));
                        Assert.AreEqual(count, target.Count);
                        taken++;
                    }
                    else
                    {
                        Assert.AreEqual(0, target.Count + target.UnknownTopics + target.Dropped);
                        refused++;
                    }
                }
            }

            Assert.IsTrue(taken > 50 && refused > 50);
        }

        private static uint ReadCrc(byte[] buffer, int offset)
        {
            return ((uint)buffer[offset] << 24) | ((uint)buffer[offset + 1] << 16) | ((uint)buffer[offset + 2] << 8) | buffer[offset + 3];
        }

        private static void WriteCrc(byte[] buffer, int offset, uint crc)
        {
            buffer[offset] = (byte)(crc >> 24);
            buffer[offset + 1] = (byte)(crc >> 16);
            buffer[offset + 2] = (byte)(crc >> 8);
            buffer[offset + 3] = (byte)crc;
        }
    }
}

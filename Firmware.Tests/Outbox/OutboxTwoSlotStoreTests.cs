// TwoSlotStore: layout, wear, damage, and drives that fail. OutboxPowerCutTests.cs cuts the power.

using System;
using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    [TestClass]
    public static class OutboxTwoSlotStoreTests
    {
        [DataRow("123456789", 0xCBF43926L)]
        [DataRow("", 0L)]
        [DataRow("a", 0xE8B7BE43L)]
        [DataRow("The quick brown fox jumps over the lazy dog", 0x414FA339L)]
        public static void Crc32_is_that_of_ieee_802_3(string text, long expected)
        {
            byte[] bytes = OutboxScript.Bytes("<" + text + ">");
            Assert.AreEqual(expected, (long)Crc32.Compute(bytes, 1, bytes.Length - 2));
        }

        [TestMethod]
        public static void An_empty_drive_holds_nothing()
        {
            TwoSlotStore store = StoredState.Open(new PowerCutSlots());
            Assert.IsFalse(store.Load());
            Assert.AreEqual(0, store.ContentLength);
            Assert.AreEqual(StoredState.Capacity, store.Capacity);
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new TwoSlotStore(new PowerCutSlots(), new byte[TwoSlotStore.Overhead - 1]));
        }

        [TestMethod]
        public static void Writes_the_documented_layout()
        {
            PowerCutSlots slots = new PowerCutSlots();
            Assert.IsTrue(StoredState.Open(slots).Save(OutboxScript.Bytes("xabcx"), 1, 3));
            byte[] expected = { (byte)'T', (byte)'S', 1, 0, 0, 0, 0, 1, 0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c' };
            Assert.AreEqual(expected.Length + 4, slots.LengthOf(0));
            byte[] bytes = slots.BytesOf(0);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], bytes[i]);
            }

            uint crc = ((uint)bytes[15] << 24) | ((uint)bytes[16] << 16) | ((uint)bytes[17] << 8) | bytes[18];
            Assert.IsTrue(crc == Crc32.Compute(expected, 0, expected.Length));
        }

        [TestMethod]
        public static void Slots_take_turns_and_the_newest_counts()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            for (int i = 0; i < 10; i++)
            {
                byte[] content = StoredState.Content(i, 5 + i);
                Assert.IsTrue(store.Save(content, 0, content.Length));
                Assert.AreEqual(i % 2, slots.LastSlot);
                StoredState.RequireHolds(slots, content);

                // every second time a new boot goes on, which loads by itself
                store = i % 2 == 0 ? store : StoredState.Open(slots);
            }
        }

        [TestMethod]
        public static void An_unchanged_state_is_not_written_again()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            byte[] content = StoredState.Content(1, 50);
            Assert.IsTrue(store.Save(content, 0, 50));
            Assert.IsTrue(store.Save(content, 0, 50));
            Assert.AreEqual(1, store.Writes);
            Assert.AreEqual(1, store.Unchanged);

            // nor after a boot
            store = StoredState.Open(slots);
            Assert.IsTrue(store.Save(content, 0, 50));
            Assert.AreEqual(0, store.Writes);
            Assert.AreEqual(1, store.Unchanged);

            // but a shorter one, and each other byte
            Assert.IsTrue(store.Save(content, 0, 49));
            Assert.AreEqual(1, store.Writes);
            for (int i = 0; i < 49; i++)
            {
                content[i] ^= 0x40;
                Assert.IsTrue(store.Save(content, 0, 49));
                Assert.AreEqual(2 + i, store.Writes);
            }

            StoredState.RequireHolds(slots, content, 49);
        }

        [TestMethod]
        public static void Damage_of_the_newest_record_gives_the_one_before_and_damage_of_both_gives_none()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            byte[] old = StoredState.Content(1, 20);
            byte[] next = StoredState.Content(2, 20);
            store.Save(old, 0, 20);
            store.Save(next, 0, 20);
            for (int bit = 0; bit < slots.LengthOf(1) * 8; bit++)
            {
                slots.BytesOf(1)[bit >> 3] ^= (byte)(1 << (bit & 7));
                StoredState.RequireHolds(slots, old);
                slots.BytesOf(1)[bit >> 3] ^= (byte)(1 << (bit & 7));
            }

            StoredState.RequireHolds(slots, next);
            slots.BytesOf(0)[14] ^= 1;
            StoredState.RequireHolds(slots, next);
            slots.BytesOf(1)[14] ^= 1;
            Assert.IsFalse(StoredState.Open(slots).Load());
        }

        [TestMethod]
        public static void Sequence_numbers_may_wrap()
        {
            PowerCutSlots slots = new PowerCutSlots();
            byte[] record =
            {
                (byte)'T', (byte)'S', 1, 0, 0x7F, 0xFF, 0xFF, 0xFE, 0, 0, 0, 0, 0, 0, 0, 0,
            };
            uint crc = Crc32.Compute(record, 0, 12);
            for (int i = 0; i < 4; i++)
            {
                record[12 + i] = (byte)(crc >> (24 - (8 * i)));
            }

            slots.Set(1, record, record.Length);
            for (int i = 0; i < 5; i++)
            {
                byte[] content = StoredState.Content(i, 10);
                Assert.IsTrue(StoredState.Open(slots).Save(content, 0, 10));
                Assert.AreEqual(i % 2, slots.LastSlot);
                StoredState.RequireHolds(slots, content);
            }
        }

        [TestMethod]
        public static void A_failed_save_says_so_and_keeps_the_state_before()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            byte[] old = StoredState.Content(1, 30);
            byte[] next = StoredState.Content(2, 30);
            Assert.IsTrue(store.Save(old, 0, 30));
            Assert.IsFalse(store.Save(new byte[StoredState.Capacity + 1], 0, StoredState.Capacity + 1));
            Assert.AreEqual(1, store.Writes);
            slots.WritesBadly = true;
            Assert.IsFalse(store.Save(next, 0, 30));
            Assert.IsFalse(store.Save(next, 0, 30)); // and again in the same slot, not in the good one
            Assert.AreEqual(1, slots.LastSlot);
            Assert.AreEqual(3, store.Failures);
            Assert.AreEqual(3, store.Writes);
            StoredState.RequireHolds(slots, old);
            slots.WritesBadly = false;
            Assert.IsTrue(store.Save(next, 0, 30));
            StoredState.RequireHolds(slots, next);
            Assert.IsTrue(store.Save(next, 0, 30));
            Assert.AreEqual(4, store.Writes);
            Assert.AreEqual(1, store.Unchanged);
        }

        [TestMethod]
        public static void A_failed_save_of_another_state_makes_the_same_state_be_written_again()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            byte[] content = StoredState.Content(1, 30);
            byte[] other = StoredState.Content(2, 30);
            Assert.IsTrue(store.Save(content, 0, 30));
            slots.CannotRead = true;
            Assert.IsFalse(store.Save(other, 0, 30)); // whole in its slot, but nobody can tell
            slots.CannotRead = false;
            Assert.IsTrue(store.Save(content, 0, 30));
            Assert.AreEqual(0, store.Unchanged);
            StoredState.RequireHolds(slots, content);
        }

        [TestMethod]
        public static void A_refused_write_is_not_taken_for_the_stored_state()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            byte[] old = StoredState.Content(1, 30);
            byte[] next = StoredState.Content(2, 30);
            Assert.IsTrue(store.Save(old, 0, 30));
            slots.RefusesWrites = true;
            Assert.IsFalse(store.Save(next, 0, 30));
            Assert.IsFalse(store.Save(next, 0, 30));
            StoredState.RequireHolds(slots, old);
            slots.RefusesWrites = false;
            Assert.IsTrue(store.Save(next, 0, 30));
            StoredState.RequireHolds(slots, next);
            Assert.AreEqual(0, store.Unchanged);
        }

        [TestMethod]
        public static void A_write_that_silently_lacks_its_end_is_found_out()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            byte[] old = StoredState.Content(1, 30);
            Assert.IsTrue(store.Save(old, 0, 30));
            slots.WritesShort = true;
            Assert.IsFalse(store.Save(StoredState.Content(2, 30), 0, 30));
            StoredState.RequireHolds(slots, old);
        }

        [TestMethod]
        public static void A_record_of_the_same_content_does_not_stand_for_one_that_was_not_written()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            Assert.IsTrue(store.Save(StoredState.Content(1, 30), 0, 30));
            Assert.IsTrue(store.Save(StoredState.Content(2, 30), 0, 30));
            slots.IgnoresWrites = true;
            Assert.IsFalse(store.Save(StoredState.Content(1, 30), 0, 30)); // as it stands in that slot, with an older number
            StoredState.RequireHolds(slots, StoredState.Content(2, 30));
        }

        [TestMethod]
        public static void A_record_of_the_same_number_does_not_stand_for_one_that_was_not_written()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            Assert.IsTrue(store.Save(StoredState.Content(1, 30), 0, 30));
            slots.CannotRead = true;
            Assert.IsFalse(store.Save(StoredState.Content(2, 30), 0, 30)); // whole in its slot, but nobody can tell
            slots.CannotRead = false;
            slots.IgnoresWrites = true;
            Assert.IsFalse(store.Save(StoredState.Content(3, 30), 0, 30));
            slots.IgnoresWrites = false;
            Assert.IsTrue(store.Save(StoredState.Content(3, 30), 0, 30));
            StoredState.RequireHolds(slots, StoredState.Content(3, 30));
        }

        [TestMethod]
        public static void A_drive_that_could_not_be_read_at_boot_is_read_again_before_a_save()
        {
            PowerCutSlots slots = new PowerCutSlots();
            TwoSlotStore store = StoredState.Open(slots);
            for (int i = 0; i < 4; i++)
            {
                store.Save(StoredState.Content(i, 30), 0, 30);
            }

            slots.CannotRead = true;
            store = StoredState.Open(slots);
            Assert.IsFalse(store.Load());
            slots.CannotRead = false;
            byte[] content = StoredState.Content(9, 30);
            Assert.IsTrue(store.Save(content, 0, 30));
            StoredState.RequireHolds(slots, content); // with number 1 it would lose against the records there
        }

        [TestMethod]
        public static void An_outbox_comes_back_through_the_store()
        {
            PowerCutSlots slots = new PowerCutSlots();
            Outbox outbox = OutboxScript.Create(100);
            OutboxScript.Run(outbox, "a1 n22 d333 s");
            byte[] image = new byte[outbox.MaxImageLength];
            Assert.IsTrue(StoredState.Open(slots).Save(image, 0, outbox.Save(image, 0)));
            TwoSlotStore store = StoredState.Open(slots);
            Assert.IsTrue(store.Load());
            Outbox restored = OutboxScript.Create(100);
            Assert.IsTrue(restored.Restore(store.Buffer, store.ContentOffset, store.ContentLength));
            Assert.AreEqual("a1 n22 d333", OutboxScript.Drain(restored));
        }
    }
}

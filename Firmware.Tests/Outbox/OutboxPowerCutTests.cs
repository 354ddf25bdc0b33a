// TwoSlotStore when the power is cut at every byte of a save, with every kind of remains.

using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    [TestClass]
    public static class OutboxPowerCutTests
    {
        [DataRow(0, 1)]
        [DataRow(0, 7)]
        [DataRow(40, 40)]
        [DataRow(1, 100)]
        [DataRow(100, 1)]
        [DataRow(200, 199)]
        public static void A_cut_at_any_byte_leaves_the_old_or_the_new_state(int oldLength, int newLength)
        {
            for (int boots = 0; boots < 2; boots++)
            {
                // with one state more before, the other slot is the one that is hit
                PowerCutSlots good = new PowerCutSlots();
                TwoSlotStore writer = StoredState.Open(good);
                for (int i = 0; i <= boots; i++)
                {
                    Assert.IsTrue(writer.Save(StoredState.Content(20 + i, newLength / 2), 0, newLength / 2));
                }

                byte[] old = StoredState.Content(1, oldLength);
                Assert.IsTrue(writer.Save(old, 0, oldLength));
                byte[] next = StoredState.Content(2, newLength);
                byte[] third = StoredState.Content(3, 30);
                int total = TwoSlotStore.Overhead + newLength;
                for (int kind = 0; kind < PowerCutSlots.Kinds; kind++)
                {
                    for (int cut = 0; cut <= total; cut++)
                    {
                        RequireCut(good, kind, cut, total, old, next, third);
                    }
                }
            }
        }

        [TestMethod]
        public static void A_second_cut_during_the_repetition_does_no_more_harm()
        {
            PowerCutSlots good = new PowerCutSlots();
            byte[] old = StoredState.Content(1, 6);
            TwoSlotStore writer = StoredState.Open(good);
            writer.Save(StoredState.Content(0, 9), 0, 9);
            writer.Save(old, 0, 6);
            byte[] next = StoredState.Content(2, 8);
            byte[] other = StoredState.Content(3, 7);
            PowerCutSlots slots = new PowerCutSlots();
            for (int kind = 0; kind < PowerCutSlots.Kinds; kind++)
            {
                slots.Kind = kind;
                for (int first = 0; first < TwoSlotStore.Overhead + 8; first++)
                {
                    for (int second = 0; second < TwoSlotStore.Overhead + 7; second++)
                    {
                        slots.CopyFrom(good);
                        slots.CutAfter = first;
                        Assert.IsFalse(StoredState.Open(slots).Save(next, 0, 8));
                        slots.IsOff = false;
                        slots.CutAfter = second;
                        Assert.IsFalse(StoredState.Open(slots).Save(other, 0, 7));
                        slots.IsOff = false;
                        StoredState.RequireHolds(slots, old);
                    }
                }
            }
        }

        [TestMethod]
        public static void A_cut_of_the_very_first_save_leaves_nothing_or_all_of_it()
        {
            byte[] content = StoredState.Content(1, 20);
            for (int kind = 0; kind < PowerCutSlots.Kinds; kind++)
            {
                for (int cut = 0; cut <= TwoSlotStore.Overhead + 20; cut++)
                {
                    PowerCutSlots slots = new PowerCutSlots();
                    slots.Kind = kind;
                    slots.CutAfter = cut;
                    Assert.IsFalse(StoredState.Open(slots).Save(content, 0, 20));
                    slots.IsOff = false;
                    slots.CutAfter = -1;
                    Assert.AreEqual(cut == TwoSlotStore.Overhead + 20, StoredState.Open(slots).Load());
                    Assert.IsTrue(StoredState.Open(slots).Save(content, 0, 20));
                    StoredState.RequireHolds(slots, content);
                }
            }
        }

        private static void RequireCut(PowerCutSlots good, int kind, int cut, int total, byte[] old, byte[] next, byte[] third)
        {
            PowerCutSlots slots = new PowerCutSlots();
            slots.CopyFrom(good);
            slots.Kind = kind;
            slots.CutAfter = cut;
            TwoSlotStore store = StoredState.Open(slots);
            Assert.IsTrue(store.Load());
            Assert.IsFalse(store.Save(next, 0, next.Length));
            Assert.IsTrue(slots.IsOff);
            slots.IsOff = false;
            slots.CutAfter = -1;
            store = StoredState.Open(slots);
            Assert.IsTrue(store.Load());
            bool isOld = StoredState.Holds(store, old);
            bool isNew = StoredState.Holds(store, next);
            if (!(cut < total ? isOld : isNew))
            {
                // a cut record can be whole only where the bytes that lay there were the same
                Assert.IsTrue(isNew && kind == 1, "neither old nor new: kind " + kind.ToString() + ", cut after " + cut.ToString());
            }

            // and it goes on from there
            Assert.IsTrue(store.Save(third, 0, third.Length));
            StoredState.RequireHolds(slots, third);
        }
    }
}

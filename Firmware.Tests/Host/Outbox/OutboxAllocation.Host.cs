// What the outbox and its store cost in memory after construction: nothing.

using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.OutboxTests;

[TestClass]
public static class OutboxAllocation
{
    private const int Messages = 10_000;

    [TestMethod]
    public static void Storing_sending_confirming_and_saving_10000_messages_allocates_nothing()
    {
        Outbox outbox = new(new byte[512], 3);
        int telemetry = outbox.AddTopic("house/kitchen/temperature"u8.ToArray(), 1, false, OutboxPolicy.DropOldest);
        int status = outbox.AddTopic("house/status"u8.ToArray(), 1, true, OutboxPolicy.NewestOnly);
        int events = outbox.AddTopic("house/doorbell"u8.ToArray(), 2, false, OutboxPolicy.KeepAll);
        byte[] payload = new byte[64];
        byte[] image = new byte[outbox.MaxImageLength];
        Outbox restored = new(new byte[512], 1);
        restored.AddTopic("house/kitchen/temperature"u8.ToArray(), 1, false, OutboxPolicy.NewestOnly);
        MemorySlots slots = new(image.Length + TwoSlotStore.Overhead);
        TwoSlotStore store = new(slots, new byte[image.Length + TwoSlotStore.Overhead]);
        OutboxItem item = new();
        int[] answers = new int[256];
        Work(100);
        Array.Clear(answers);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(Messages);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated);

        // otherwise a path was not taken
        Assert.IsTrue(answers[(int)OutboxResult.Stored] > 100);
        Assert.IsTrue(answers[(int)OutboxResult.Replaced] > 100);
        Assert.IsTrue(answers[(int)OutboxResult.StoredDroppingOldest] > 100);
        Assert.IsTrue(answers[(int)OutboxResult.Full] > 100);
        Assert.IsTrue(store.Writes > 100 && store.Failures == 0 && restored.UnknownTopics > 100);

        void Work(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                int topic = i % 7 == 0 ? status : i % 5 == 0 ? events : telemetry;
                answers[(int)outbox.Put(topic, payload, 0, i % 64)]++;
                if (i / 50 % 2 == 0 && outbox.TryPeekUnsent(item))
                {
                    outbox.MarkSent(item.Token, 1 + (i % 1000));
                    outbox.Confirm(1 + ((i - 3) % 1000));
                }

                if (i % 100 == 0)
                {
                    outbox.Rewind();
                    int length = outbox.Save(image, 0);
                    Assert.IsTrue(store.Save(image, 0, length) && store.Load());
                    Assert.IsTrue(restored.Restore(store.Buffer, store.ContentOffset, store.ContentLength));
                    while (restored.TryPeekUnsent(item))
                    {
                        restored.Remove(item.Token);
                    }
                }
            }
        }
    }

    private sealed class MemorySlots(int size) : ISlotStorage
    {
        private readonly byte[][] _slots = [new byte[size], new byte[size]];
        private readonly int[] _lengths = new int[2];

        public int Read(int slot, byte[] buffer, int offset, int max)
        {
            int count = Math.Min(max, _lengths[slot]);
            Array.Copy(_slots[slot], 0, buffer, offset, count);
            return count;
        }

        public bool Write(int slot, byte[] buffer, int offset, int length)
        {
            Array.Copy(buffer, offset, _slots[slot], 0, length);
            _lengths[slot] = length;
            return true;
        }
    }
}

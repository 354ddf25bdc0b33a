// States for the tests of TwoSlotStore, and what a boot finds of them.

using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    /// <summary>Opens stores and compares what they hold.</summary>
    public static class StoredState
    {
        /// <summary>The most content of the stores that are opened here.</summary>
        public const int Capacity = 200;

        /// <summary>A store as after a boot.</summary>
        public static TwoSlotStore Open(PowerCutSlots slots)
        {
            return new TwoSlotStore(slots, new byte[Capacity + TwoSlotStore.Overhead]);
        }

        /// <summary>A state of some length, unlike that of any other seed.</summary>
        public static byte[] Content(int seed, int length)
        {
            byte[] content = new byte[length];
            for (int i = 0; i < length; i++)
            {
                content[i] = (byte)((seed * 59) + (i * 7));
            }

            return content;
        }

        /// <summary>Requires that a boot finds a state.</summary>
        public static void RequireHolds(PowerCutSlots slots, byte[] content)
        {
            RequireHolds(slots, content, content.Length);
        }

        /// <summary>Requires that a boot finds the beginning of a state.</summary>
        public static void RequireHolds(PowerCutSlots slots, byte[] content, int length)
        {
            TwoSlotStore store = Open(slots);
            Assert.IsTrue(store.Load());
            Assert.AreEqual(length, store.ContentLength);
            for (int i = 0; i < length; i++)
            {
                if (content[i] != store.Buffer[store.ContentOffset + i])
                {
                    Assert.AreEqual(content[i], store.Buffer[store.ContentOffset + i]);
                }
            }
        }

        /// <summary>Whether a store has loaded a state.</summary>
        public static bool Holds(TwoSlotStore store, byte[] content)
        {
            if (store.ContentLength != content.Length)
            {
                return false;
            }

            for (int i = 0; i < content.Length; i++)
            {
                if (store.Buffer[store.ContentOffset + i] != content[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}

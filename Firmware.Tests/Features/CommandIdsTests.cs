// The ring of past command identifiers: what it knows, and when it forgets.

using Firmware.Features;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Features
{
    [TestClass]
    public static class CommandIdsTests
    {
        [TestMethod]
        public static void Empty_ring_knows_nothing()
        {
            CommandIds ids = new CommandIds(4, 8);
            Assert.IsFalse(Contains(ids, "a"));
            Assert.IsFalse(ids.Contains(new byte[8], 8), "zeros are no identifier that was added");
        }

        [TestMethod]
        public static void Added_identifier_is_known()
        {
            CommandIds ids = new CommandIds(4, 8);
            Add(ids, "abc");
            Assert.IsTrue(Contains(ids, "abc"));
        }

        [DataRow("ab")]
        [DataRow("abcd")]
        [DataRow("abd")]
        [DataRow("Abc")]
        [DataRow("bc")]
        public static void Similar_identifier_is_another_one(string other)
        {
            CommandIds ids = new CommandIds(4, 8);
            Add(ids, "abc");
            Assert.IsFalse(Contains(ids, other));
        }

        [TestMethod]
        public static void Oldest_is_forgotten_first()
        {
            CommandIds ids = new CommandIds(3, 8);
            for (int i = 0; i < 7; i++)
            {
                Add(ids, "id" + i);
            }

            Assert.IsFalse(Contains(ids, "id3"));
            Assert.IsTrue(Contains(ids, "id4"));
            Assert.IsTrue(Contains(ids, "id5"));
            Assert.IsTrue(Contains(ids, "id6"));
        }

        [TestMethod]
        public static void Short_identifier_in_the_place_of_a_long_one_is_only_itself()
        {
            CommandIds ids = new CommandIds(1, 8);
            Add(ids, "longlong");
            Add(ids, "lo");
            Assert.IsTrue(Contains(ids, "lo"));
            Assert.IsFalse(Contains(ids, "longlong"));
            Assert.IsFalse(Contains(ids, "lon"));
        }

        [TestMethod]
        public static void Identifier_of_full_size_fits()
        {
            CommandIds ids = new CommandIds(Limits.CommandIds, Limits.CommandId);
            byte[] longest = new byte[Limits.CommandId];
            for (int i = 0; i < longest.Length; i++)
            {
                longest[i] = (byte)('a' + (i % 26));
            }

            ids.Add(longest, longest.Length);
            Assert.IsTrue(ids.Contains(longest, longest.Length));
            longest[longest.Length - 1] ^= 1;
            Assert.IsFalse(ids.Contains(longest, longest.Length), "the last byte counts");
        }

        [TestMethod]
        public static void Identifier_is_copied()
        {
            CommandIds ids = new CommandIds(4, 8);
            byte[] id = Bytes.FromString("abc");
            ids.Add(id, 3);
            id[0] = (byte)'x';
            Assert.IsTrue(Contains(ids, "abc"));
            Assert.IsFalse(ids.Contains(id, 3));
        }

        private static void Add(CommandIds ids, string id)
        {
            byte[] bytes = Bytes.FromString(id);
            ids.Add(bytes, bytes.Length);
        }

        private static bool Contains(CommandIds ids, string id)
        {
            byte[] bytes = Bytes.FromString(id);
            return ids.Contains(bytes, bytes.Length);
        }
    }
}

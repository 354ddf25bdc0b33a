// Comparing and searching ranges of bytes.

using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Io
{
    [TestClass]
    public static class BytesTests
    {
        private static readonly byte[] Text = Bytes.FromString("xyabcyz");

        [DataRow("abc", 2, 3, true)]
        [DataRow("abc", 2, 4, false)]
        [DataRow("abc", 2, 2, false)]
        [DataRow("abd", 2, 3, false)]
        [DataRow("abc", 1, 3, false)]
        [DataRow("", 3, 0, true)]
        [DataRow("", 3, 1, false)]
        [DataRow("xyabcyz", 0, 7, true)]
        public static void Equal_ranges_agree_in_length_and_bytes(string expected, int offset, int length, bool equal)
        {
            Assert.AreEqual(equal, Bytes.AreEqual(Text, offset, length, Bytes.FromString(expected)));
        }

        [DataRow("abc", 2, 3, true)]
        [DataRow("abc", 2, 5, true)]
        [DataRow("abc", 2, 2, false)] // the rest stands behind the range
        [DataRow("xb", 0, 7, false)]
        [DataRow("", 7, 0, true)]
        public static void A_prefix_lies_within_the_range(string prefix, int offset, int length, bool expected)
        {
            Assert.AreEqual(expected, Bytes.StartsWith(Text, offset, length, Bytes.FromString(prefix)));
        }

        [DataRow(0, 7, 1)]
        [DataRow(2, 5, 5)] // the first behind the start, as an index of the buffer
        [DataRow(2, 3, -1)] // one before and one behind the range
        [DataRow(5, 1, 5)]
        [DataRow(5, 0, -1)]
        public static void Finds_the_first_byte_within_the_range(int offset, int length, int expected)
        {
            Assert.AreEqual(expected, Bytes.IndexOf(Text, offset, length, (byte)'y'));
        }

        [TestMethod]
        public static void Text_becomes_utf8()
        {
            byte[] expected = PacketText.Parse("'a' C3 A9 E2 82 AC");
            byte[] found = Bytes.FromString("a\u00E9\u20AC");
            Assert.IsTrue(Bytes.AreEqual(found, 0, found.Length, expected));
            Assert.AreEqual(0, Bytes.Empty.Length);
        }
    }
}

// RFC 3629: section 3 (lengths, surrogates, U+10FFFF) and the grammar of section 4; MQTT 3.1.1 section 1.5.3 asks for it.

using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Io
{
    [TestClass]
    public static class Utf8Tests
    {
        [DataRow("")]
        [DataRow("'plain'")]
        [DataRow("00")] // U+0000, which MQTT refuses elsewhere
        [DataRow("7F")] // the last of one byte
        [DataRow("C2 80")] // U+0080, the first of two
        [DataRow("DF BF")] // U+07FF, the last of two
        [DataRow("E0 A0 80")] // U+0800, the first of three
        [DataRow("E1 80 80")]
        [DataRow("EC BF BF")]
        [DataRow("ED 80 80")]
        [DataRow("ED 9F BF")] // U+D7FF, before the surrogates
        [DataRow("EE 80 80")] // U+E000, behind them
        [DataRow("EF BB BF")] // U+FEFF stays what it is [MQTT-1.5.3-3]
        [DataRow("EF BF BF")] // U+FFFF
        [DataRow("F0 90 80 80")] // U+10000, the first of four
        [DataRow("F1 80 80 80")]
        [DataRow("F3 BF BF BF")]
        [DataRow("F4 8F BF BF")] // U+10FFFF, the last of all
        [DataRow("'a' C3 A9 E2 82 AC F0 9F 8D 9E 'z'")]
        public static void Takes_well_formed_bytes(string text)
        {
            Assert.IsTrue(IsWellFormedAnywhere(text));
        }

        [DataRow("80")] // a continuation alone
        [DataRow("BF")]
        [DataRow("'a' 80 'b'")]
        [DataRow("C0 80")] // overlong U+0000
        [DataRow("C0 AF")] // overlong /
        [DataRow("C1 BF")] // overlong U+007F
        [DataRow("E0 80 80")] // overlong U+0000
        [DataRow("E0 9F BF")] // overlong U+07FF
        [DataRow("F0 80 80 80")] // overlong U+0000
        [DataRow("F0 8F BF BF")] // overlong U+FFFF
        [DataRow("ED A0 80")] // U+D800, a surrogate
        [DataRow("ED BF BF")] // U+DFFF
        [DataRow("ED A0 BD ED B8 80")] // a pair of them
        [DataRow("F4 90 80 80")] // U+110000
        [DataRow("F5 80 80 80")]
        [DataRow("F7 BF BF BF")]
        [DataRow("F8 88 80 80 80")] // five bytes, RFC 2279's
        [DataRow("FC 84 80 80 80 80")]
        [DataRow("FE")]
        [DataRow("FF")]
        [DataRow("C2 7F")] // the second byte is none
        [DataRow("C2 C0")]
        [DataRow("E1 80 C0")]
        [DataRow("E1 7F 80")]
        [DataRow("F1 80 80 7F")]
        [DataRow("F1 80 C0 80")]
        [DataRow("C3 'a'")]
        public static void Refuses_ill_formed_bytes(string text)
        {
            Assert.IsFalse(IsWellFormedAnywhere(text));
        }

        [DataRow("C3 A9")]
        [DataRow("E2 82 AC")]
        [DataRow("F0 9F 8D 9E")]
        public static void Refuses_a_sequence_that_is_cut_off(string text)
        {
            byte[] bytes = PacketText.Parse(text);
            for (int length = 1; length < bytes.Length; length++)
            {
                // what would complete it stands in the buffer, behind the range
                Assert.IsFalse(Utf8.IsWellFormed(bytes, 0, length), "first bytes: " + length);
                Assert.IsFalse(Utf8.IsWellFormed(bytes, length, bytes.Length - length), "without the first bytes: " + length);
            }
        }

        // among neighbours that would spoil or complete what stands at the edges of the range
        private static bool IsWellFormedAnywhere(string text)
        {
            byte[] bytes = PacketText.Parse(text);
            bool result = Utf8.IsWellFormed(bytes, 0, bytes.Length);
            byte[] neighbours = { 0xC3, 0x80, 0xFF, (byte)'a' };
            for (int i = 0; i < neighbours.Length; i++)
            {
                byte[] wide = PacketText.Parse("00 " + text + " 00");
                wide[0] = neighbours[i];
                wide[wide.Length - 1] = neighbours[i];
                Assert.AreEqual(result, Utf8.IsWellFormed(wide, 1, bytes.Length), "the range's neighbours count");
            }

            return result;
        }
    }
}

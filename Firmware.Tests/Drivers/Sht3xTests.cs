// What of the SHT3x driver needs no sensor: checksum and conversion (datasheet "SHT3x-DIS", December 2022, 4.12 and 4.13).

using Firmware.Drivers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Drivers
{
    [TestClass]
    public static class Sht3xTests
    {
        // BE EF is the datasheet's own example; the others follow from the definition, bit by bit: with no bytes the initial value stays
        [DataRow(0xBE, 0xEF, 2, 0x92)]
        [DataRow(0x00, 0x00, 2, 0x81)]
        [DataRow(0xFF, 0xFF, 2, 0xAC)]
        [DataRow(0xFF, 0x00, 1, 0x00)]
        [DataRow(0x00, 0x00, 0, 0xFF)]
        public static void Computes_the_checksum_of_the_datasheet(int first, int second, int length, int expected)
        {
            byte[] bytes = { 0x55, (byte)first, (byte)second, 0x55 };
            Assert.AreEqual(expected, (int)Sht3x.Crc8(bytes, 1, length));
        }

        [TestMethod]
        public static void Checksum_sees_every_single_bit()
        {
            byte[] bytes = { 0xBE, 0xEF };
            for (int bit = 0; bit < 16; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.IsTrue(Sht3x.Crc8(bytes, 0, 2) != 0x92);
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            Assert.IsTrue(Sht3x.Crc8(bytes, 0, 2) == 0x92);
        }

        [DataRow(0, -45000)]
        [DataRow(65535, 130000)]
        [DataRow(16852, 0)] // 45 / 175 * 65535 = 16851.9
        [DataRow(24903, 21499)] // 0x6147: -45 + 66.49882 C
        [DataRow(13107, -10000)] // a fifth of the range
        public static void Converts_temperature_to_milli_degrees(int raw, int expected)
        {
            Assert.AreEqual(expected, Sht3x.ToMilliC(raw));
        }

        [DataRow(0, 0)]
        [DataRow(65535, 100000)]
        [DataRow(13107, 20000)]
        [DataRow(32768, 50001)] // 50.00076 %
        [DataRow(29491, 45000)] // 45.00038 %
        public static void Converts_humidity_to_milli_percent(int raw, int expected)
        {
            Assert.AreEqual(expected, Sht3x.ToMilliPercent(raw));
        }
    }
}

// What of the battery driver needs no battery: the voltage behind the divider and the curve of a LiPo cell.

using Firmware.Drivers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Drivers
{
    [TestClass]
    public static class BatteryTests
    {
        // the sum of 8 samples of a 12 bit converter
        [DataRow(0, 3300, 2, 1, 0)]
        [DataRow(32760, 3300, 2, 1, 6600)]
        [DataRow(32760, 3300, 1, 1, 3300)]
        [DataRow(16380, 3300, 2, 1, 3300)]
        [DataRow(19359, 3300, 2, 1, 3900)] // 3900.18
        [DataRow(16380, 2450, 133, 100, 1629)] // 1629.25
        [DataRow(1, 3300, 2, 1, 0)] // 0.20
        [DataRow(3, 3300, 2, 1, 1)] // 0.60
        [DataRow(32760, 10000, 1000, 1, 10000000)] // the largest of everything
        public static void Multiplies_by_the_divider_and_rounds(int rawSum, int fullScaleMilliVolts, int numerator, int denominator, int expected)
        {
            Assert.AreEqual(expected, Battery.ToMilliVolts(rawSum, 4095, fullScaleMilliVolts, numerator, denominator));
        }

        [DataRow(0, 0)]
        [DataRow(3269, 0)]
        [DataRow(3270, 0)]
        [DataRow(3338, 1)] // 68 of the 340 mV between 0 and 5 %
        [DataRow(3337, 0)]
        [DataRow(3610, 5)]
        [DataRow(3840, 50)]
        [DataRow(3845, 52)] // half-way from 50 to 55 %
        [DataRow(3849, 54)]
        [DataRow(3850, 55)]
        [DataRow(4199, 99)]
        [DataRow(4200, 100)]
        [DataRow(4350, 100)]
        public static void Reads_charge_from_the_curve(int milliVolts, int expected)
        {
            Assert.AreEqual(expected, Battery.PercentAt(milliVolts));
        }

        [TestMethod]
        public static void Charge_never_falls_when_the_voltage_rises_and_leaves_out_no_percent()
        {
            int before = 0;
            for (int milliVolts = 3200; milliVolts <= 4300; milliVolts++)
            {
                int percent = Battery.PercentAt(milliVolts);

                // the steepest part of the curve has 10 mV for 5 %
                Assert.IsTrue(percent == before || percent == before + 1);
                before = percent;
            }

            Assert.AreEqual(100, before);
        }
    }
}

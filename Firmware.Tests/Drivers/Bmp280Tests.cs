// What of the BMP280 driver needs no sensor: the compensation (datasheet BST-BMP280-DS001-23, 3.11.3 and the example of 3.12) and the altitude.

using Firmware.Drivers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Drivers
{
    [TestClass]
    public static class Bmp280Tests
    {
        // the registers 0x88 to 0x9F of the example: T1 27504, T2 26435, T3 -1000, P1 36477, P2 -10685, P3 3024, P4 2855, P5 140, P6 -7, P7 15500, P8 -14600, P9 6000
        private static readonly byte[] Example =
        {
            0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B,
            0x27, 0x0B, 0x8C, 0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17,
        };

        [TestMethod]
        public static void Compensates_the_example_of_the_datasheet()
        {
            Bmp280Calibration calibration = new Bmp280Calibration();
            Assert.IsTrue(calibration.Load(Example));
            int fine = calibration.FineTemperature(519888);
            Assert.AreEqual(128422, fine);
            Assert.AreEqual(25082, Bmp280Calibration.ToMilliC(fine)); // 25.08 C

            // 100653.25 Pa; in floating point the datasheet has 100653.27 Pa
            Assert.AreEqual(25767233, (int)calibration.PressureQ8(415148, fine));
        }

        // from the formulas in exact integers, calculated elsewhere: cold and hot, high and low
        [DataRow(310000, 250000, -210839, 29770023)]
        [DataRow(426000, 340000, -22704, 27782394)]
        [DataRow(715000, 500000, 439199, 24064508)]
        [DataRow(519888, 800000, 128422, 8954867)]
        [DataRow(1048575, 0, 960246, 55536661)]
        [DataRow(0, 1048575, -721301, -912172)]
        public static void Compensates_the_whole_range(int rawTemperature, int rawPressure, int fine, int pressureQ8)
        {
            Bmp280Calibration calibration = new Bmp280Calibration();
            calibration.Load(Example);
            Assert.AreEqual(fine, calibration.FineTemperature(rawTemperature));
            Assert.AreEqual(pressureQ8, (int)calibration.PressureQ8(rawPressure, fine));
        }

        [DataRow(0x00)]
        [DataRow(0xFF)]
        public static void Refuses_a_blank_calibration(int value)
        {
            byte[] blank = new byte[Bmp280Calibration.Length];
            for (int i = 0; i < blank.Length; i++)
            {
                blank[i] = (byte)value;
            }

            Assert.IsFalse(new Bmp280Calibration().Load(blank));
        }

        // the table of the standard atmosphere (ISO 2533), whose pressures are rounded to 1 Pa: 0.1 m at sea level, 0.2 m at 9 km
        [DataRow(101325, 101325, 0, 0)]
        [DataRow(107478, 101325, -500000, 50)]
        [DataRow(95461, 101325, 500000, 50)]
        [DataRow(89875, 101325, 1000000, 50)]
        [DataRow(70108, 101325, 3000000, 70)]
        [DataRow(54020, 101325, 5000000, 100)]
        [DataRow(30742, 101325, 9000000, 150)]
        [DataRow(98000, 98000, 0, 0)]
        public static void Altitude_is_that_of_the_standard_atmosphere(int pressurePa, int seaLevelPa, int milliM, int tolerance)
        {
            int altitude = StandardAtmosphere.AltitudeMilliM(pressurePa, seaLevelPa);
            Assert.IsTrue(altitude >= milliM - tolerance && altitude <= milliM + tolerance);
        }
    }
}

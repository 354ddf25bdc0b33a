// The BMP280's trimming parameters and its compensation. Datasheet BST-BMP280-DS001-23, revision 1.23, November 2020, 3.11.
// Pressure by the 64-bit formula (3.11.3), not by the 32-bit one (8.2): that is good to 1 Pa (1 sigma) only and gives 100656 Pa for the datasheet's
// example, where the 64-bit formula gives 100653.25 Pa and the one in floating point 100653.27 Pa.
// Differs from the datasheet's code in three places: the products of the temperature are 64-bit, so that no parameter can make them wrap;
// thousandths of a degree instead of hundredths; a divisor that only spoilt parameters give is refused, the negative ones, too.

namespace Firmware.Drivers
{
    /// <summary>Trimming parameters of one BMP280. Owns no buffer; reloadable.</summary>
    public sealed class Bmp280Calibration
    {
        /// <summary>The length of the parameters in the part's registers 0x88 to 0x9F.</summary>
        public const int Length = 24;

        // what a blank register and a bus that nobody drives read as: no parameter of a real part has these values
        private const int Blank = 0x0000;
        private const int Undriven = 0xFFFF;

        private int _t1;
        private int _t2;
        private int _t3;
        private int _p1;
        private int _p2;
        private int _p3;
        private int _p4;
        private int _p5;
        private int _p6;
        private int _p7;
        private int _p8;
        private int _p9;

        /// <summary>Takes over the parameters (datasheet, table 17).</summary>
        /// <param name="registers">The registers 0x88 to 0x9F; free again after the call.</param>
        /// <returns>False if these cannot be a part's parameters: nothing may be calculated with them.</returns>
        public bool Load(byte[] registers)
        {
            _t1 = Unsigned(registers, 0);
            _t2 = Signed(registers, 2);
            _t3 = Signed(registers, 4);
            _p1 = Unsigned(registers, 6);
            _p2 = Signed(registers, 8);
            _p3 = Signed(registers, 10);
            _p4 = Signed(registers, 12);
            _p5 = Signed(registers, 14);
            _p6 = Signed(registers, 16);
            _p7 = Signed(registers, 18);
            _p8 = Signed(registers, 20);
            _p9 = Signed(registers, 22);
            return _t1 != Blank && _t1 != Undriven && _p1 != Blank && _p1 != Undriven;
        }

        /// <summary>The datasheet's t_fine, which carries the temperature into the pressure.</summary>
        /// <param name="rawTemperature">The register's value, 0 to 0xFFFFF.</param>
        /// <returns>The temperature in 5,120ths of a degree Celsius.</returns>
        public int FineTemperature(int rawTemperature)
        {
            long linear = ((long)((rawTemperature >> 3) - (_t1 << 1)) * _t2) >> 11;
            long offset = (rawTemperature >> 4) - _t1;
            int fine = (int)(linear + ((((offset * offset) >> 12) * _t3) >> 14));
            return fine;
        }

        /// <summary>The temperature of a <see cref="FineTemperature"/>, rounded.</summary>
        /// <param name="fineTemperature">5,120ths of a degree Celsius.</param>
        /// <returns>Thousandths of a degree Celsius.</returns>
        public static int ToMilliC(int fineTemperature)
        {
            // 1000 / 5120 = 25 / 128
            return ((fineTemperature * 25) + 64) >> 7;
        }

        /// <summary>The pressure (datasheet, 3.11.3, bmp280_compensate_P_int64).</summary>
        /// <param name="rawPressure">The register's value, 0 to 0xFFFFF.</param>
        /// <param name="fineTemperature">The <see cref="FineTemperature"/> of the same measurement.</param>
        /// <returns>256ths of a pascal; 0 if the parameters do not allow a result.</returns>
        public long PressureQ8(int rawPressure, int fineTemperature)
        {
            long fine = fineTemperature - 128000L;
            long square = fine * fine;
            long offset = (square * _p6) + ((fine * _p5) << 17) + ((long)_p4 << 35);
            long slope = ((square * _p3) >> 8) + ((fine * _p2) << 12);
            slope = (((1L << 47) + slope) * _p1) >> 33;
            if (slope <= 0)
            {
                return 0;
            }

            long pressure = (((((1048576L - rawPressure) << 31) - offset) * 3125) / slope);
            long second = (_p9 * (pressure >> 13) * (pressure >> 13)) >> 25;
            long first = (_p8 * pressure) >> 19;
            return ((pressure + second + first) >> 8) + ((long)_p7 << 4);
        }

        private static int Unsigned(byte[] registers, int offset)
        {
            return registers[offset] | (registers[offset + 1] << 8);
        }

        private static int Signed(byte[] registers, int offset)
        {
            int value = Unsigned(registers, offset);
            return value < 0x8000 ? value : value - 0x10000;
        }
    }
}

// The international barometric formula: altitude from pressure in the ICAO standard atmosphere (ISO 2533), troposphere, up to 11 km:
//     altitude = 44330.77 m * (1 - (pressure / sea level pressure) ^ 0.190263)
// with 44330.77 m = 288.15 K / 0.0065 K/m and 0.190263 = 287.05287 J/(kg K) * 0.0065 K/m / 9.80665 m/s2. Bosch's notes round to 44330 m and 1 / 5.255.
// Leaves out: the weather (real air is warmer or colder than the standard: about 0.4 % of the height for each degree) and the curve of the earth.
// Fixed point with 30 fractional bits: the error of the arithmetic is below 1 mm over the whole domain, rounding included (Bmp280Tests.Host.cs measures it).

namespace Firmware.Drivers
{
    /// <summary>Altitude from pressure. No floating point, no allocation.</summary>
    public static class StandardAtmosphere
    {
        /// <summary>The pressure at sea level in the standard atmosphere, pascals.</summary>
        public const int SeaLevelPa = 101325;

        private const int FractionBits = 30;

        // 2 * 0.1902631 with 30 fractional bits; the 2 is that of ln(x) = 2 artanh((x - 1) / (x + 1))
        private const long TwiceExponent = 408586902;
        private const long ScaleMilliM = 44330769;

        /// <summary>The height at which the standard atmosphere has this pressure. Error of the arithmetic: below 1 mm.</summary>
        /// <param name="pressurePa">The pressure, pascals, 25,000 to 120,000.</param>
        /// <param name="seaLevelPa">The pressure at sea level, pascals, 85,000 to 110,000.</param>
        /// <returns>Metres above sea level times 1,000; negative below it.</returns>
        public static int AltitudeMilliM(int pressurePa, int seaLevelPa)
        {
            // z = (p0 - p) / (p0 + p), so that ln(p0 / p) = 2 artanh(z) = 2 (z + z^3 / 3 + z^5 / 5 ...); |z| < 0.63 in the domain
            long z = ((long)(seaLevelPa - pressurePa) << FractionBits) / (seaLevelPa + pressurePa);
            long square = (z * z) >> FractionBits;
            long artanh = 0;
            long power = z;
            for (int odd = 1; power > 1 || power < -1; odd += 2)
            {
                artanh += power / odd;
                power = (power * square) >> FractionBits;
            }

            // with u = 0.190263 ln(p0 / p): 1 - (p / p0) ^ 0.190263 = 1 - e^-u = u - u^2 / 2! + u^3 / 3! ...; |u| < 0.29
            long u = (artanh * TwiceExponent) >> FractionBits;
            long sum = 0;
            long term = u;
            for (int n = 2; term > 1 || term < -1; n++)
            {
                sum += term;
                term = -((term * u) >> FractionBits) / n;
            }

            int altitude = (int)(((sum * ScaleMilliM) + (1L << (FractionBits - 1))) >> FractionBits);
            return altitude;
        }
    }
}

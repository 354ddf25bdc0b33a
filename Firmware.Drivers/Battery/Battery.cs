// Part: one lithium-polymer cell (4.2 V full) behind a voltage divider at an ADC channel. No datasheet: the curve is that of a typical cell at rest.
// Leaves out: load, temperature and age of the cell, which shift the curve by some 10 %, and the non-linearity of the ESP32's ADC at both ends.

using System;
using System.Device.Adc;

namespace Firmware.Drivers
{
    /// <summary>Voltage and charge of a LiPo cell. No floating point.</summary>
    /// <remarks>The channel belongs to this driver as long as it lives. Not thread-safe.</remarks>
    public sealed class Battery
    {
        /// <summary>How many conversions are averaged: the ESP32's ADC scatters by some 10 steps.</summary>
        public const int SampleCount = 8;

        /// <summary>The voltage at the pin that gives the ESP32's largest raw value with nanoFramework's attenuation of 11 dB, millivolts (nominal).</summary>
        public const int DefaultFullScaleMilliVolts = 3300;

        // resting voltage in millivolts and charge in percent, falling; straight lines between
        private static readonly int[] CurveMilliVolts = { 4200, 4150, 4110, 4080, 4020, 3980, 3950, 3910, 3870, 3850, 3840, 3820, 3800, 3790, 3770, 3750, 3730, 3710, 3690, 3610, 3270 };
        private const int CurveStepPercent = 5;
        private const int FullPercent = 100;

        private readonly AdcChannel _channel;
        private readonly int _fullScaleMilliVolts;
        private readonly int _dividerNumerator;
        private readonly int _dividerDenominator;
        private readonly int _maxRaw;
        private int _milliVolts;

        /// <summary>Takes the channel behind a divider of two equal resistors at an ESP32. Nothing is measured yet.</summary>
        /// <param name="channel">The open channel.</param>
        public Battery(AdcChannel channel)
            : this(channel, DefaultFullScaleMilliVolts, 2, 1)
        {
        }

        /// <summary>Takes the channel. Nothing is measured yet: call <see cref="ReadMilliVolts"/>.</summary>
        /// <param name="channel">The open channel behind the divider.</param>
        /// <param name="fullScaleMilliVolts">The voltage at the pin that gives the converter's largest value, millivolts, 1 to 10,000.</param>
        /// <param name="dividerNumerator">The battery's voltage is the pin's times this, 1 to 1,000 ...</param>
        /// <param name="dividerDenominator">... divided by this, 1 to 1,000. Two equal resistors: 2 and 1.</param>
        /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
        public Battery(AdcChannel channel, int fullScaleMilliVolts, int dividerNumerator, int dividerDenominator)
        {
            if (fullScaleMilliVolts < 1 || fullScaleMilliVolts > 10000)
            {
                throw new ArgumentOutOfRangeException(nameof(fullScaleMilliVolts));
            }

            if (dividerNumerator < 1 || dividerNumerator > 1000)
            {
                throw new ArgumentOutOfRangeException(nameof(dividerNumerator));
            }

            if (dividerDenominator < 1 || dividerDenominator > 1000)
            {
                throw new ArgumentOutOfRangeException(nameof(dividerDenominator));
            }

            _channel = channel;
            _fullScaleMilliVolts = fullScaleMilliVolts;
            _dividerNumerator = dividerNumerator;
            _dividerDenominator = dividerDenominator;
            _maxRaw = channel.Controller.MaxValue;
        }

        /// <summary>The battery's voltage at the last <see cref="ReadMilliVolts"/>, millivolts; 0 before the first.</summary>
        public int MilliVolts
        {
            get { return _milliVolts; }
        }

        /// <summary>The charge at the last <see cref="ReadMilliVolts"/>, percent, 0 to 100; 0 before the first.</summary>
        public int Percent
        {
            get { return PercentAt(_milliVolts); }
        }

        /// <summary>Converts a sum of samples to the battery's voltage, rounded.</summary>
        /// <param name="rawSum">The sum of <see cref="SampleCount"/> raw values.</param>
        /// <param name="maxRaw">The converter's largest raw value, 4095 on the ESP32.</param>
        /// <param name="fullScaleMilliVolts">The voltage at the pin that gives it, millivolts.</param>
        /// <param name="dividerNumerator">The battery's voltage is the pin's times this ...</param>
        /// <param name="dividerDenominator">... divided by this.</param>
        /// <returns>Millivolts.</returns>
        public static int ToMilliVolts(int rawSum, int maxRaw, int fullScaleMilliVolts, int dividerNumerator, int dividerDenominator)
        {
            long divisor = (long)maxRaw * SampleCount * dividerDenominator;
            return (int)((((long)rawSum * fullScaleMilliVolts * dividerNumerator) + (divisor / 2)) / divisor);
        }

        /// <summary>The charge of a resting LiPo cell.</summary>
        /// <param name="milliVolts">Its voltage, millivolts.</param>
        /// <returns>Percent, 0 to 100, rounded down.</returns>
        public static int PercentAt(int milliVolts)
        {
            if (milliVolts >= CurveMilliVolts[0])
            {
                return FullPercent;
            }

            for (int i = 1; i < CurveMilliVolts.Length; i++)
            {
                int low = CurveMilliVolts[i];
                if (milliVolts >= low)
                {
                    int percent = FullPercent - (i * CurveStepPercent);
                    return percent + ((milliVolts - low) * CurveStepPercent / (CurveMilliVolts[i - 1] - low));
                }
            }

            return 0;
        }

        /// <summary>Measures: converts <see cref="SampleCount"/> times and averages, without a pause.</summary>
        /// <returns>The battery's voltage, millivolts.</returns>
        public int ReadMilliVolts()
        {
            int sum = 0;
            for (int i = 0; i < SampleCount; i++)
            {
                sum += _channel.ReadValue();
            }

            _milliVolts = ToMilliVolts(sum, _maxRaw, _fullScaleMilliVolts, _dividerNumerator, _dividerDenominator);
            return _milliVolts;
        }
    }
}

// The BMP280's part of a measurement: pressure and altitude into their resources. When to measure, and what is published, is Telemetry's.
// A part that fails is reported once; its two readings are left out until it answers again.

using Firmware.Drivers;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>Pressure and altitude of a board that has a BMP280.</summary>
    public sealed class Barometer
    {
        private readonly Bmp280 _sensor;
        private DriverError _lastError;

        /// <summary>Creates the two resources, without values.</summary>
        /// <param name="sensor">The part.</param>
        public Barometer(Bmp280 sensor)
        {
            _sensor = sensor;
            Pressure = new ReadingResource("pressure", 0, "Pa", "pascals");
            Altitude = new ReadingResource("altitude", 1, "m", "metres above sea level");
        }

        /// <summary>The pressure at the board, pascals.</summary>
        public ReadingResource Pressure { get; }

        /// <summary>The altitude that follows from it, tenths of a metre.</summary>
        public ReadingResource Altitude { get; }

        /// <summary>True if the last measurement failed.</summary>
        public bool IsFailing
        {
            get { return _lastError != DriverError.None; }
        }

        /// <summary>Whether a measurement is under way.</summary>
        public bool IsMeasuring
        {
            get { return _sensor.IsMeasuring; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called; long.MaxValue if no measurement is under way.</summary>
        public long NextDeadlineMs
        {
            get { return _sensor.NextDeadlineMs; }
        }

        /// <summary>Starts a measurement.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public void Begin(long nowMs)
        {
            _sensor.Begin(nowMs);
        }

        /// <summary>Goes on with the measurement.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public void Poll(long nowMs)
        {
            _sensor.Poll(nowMs);
        }

        /// <summary>Takes over what was measured, or that it failed.</summary>
        /// <param name="nextMs">When it is tried again.</param>
        public void TakeReadings(long nextMs)
        {
            DriverError error = _sensor.HasReading ? DriverError.None : _sensor.Error;
            if (error == DriverError.None)
            {
                // the noise of one measurement is 0.26 m: more digits would be noise on the air
                int milliM = _sensor.AltitudeMilliM;
                Pressure.Set(_sensor.PressurePa);
                Altitude.Set((milliM + (milliM < 0 ? -50 : 50)) / 100);
            }
            else
            {
                Pressure.Clear(nextMs);
                Altitude.Clear(nextMs);
            }

            if (error != _lastError)
            {
                _lastError = error;
                if (error == DriverError.None)
                {
                    Log.Info("the BMP280 answers again");
                }
                else
                {
                    Log.Warning("no pressure: the BMP280 does not answer as it should (driver error " + ((int)error).ToString()
                        + "): check its wiring, SDA, SCL and address 0x76, and that it is no BME280; without one set parts.bmp280 to false");
                }
            }
        }
    }
}

// Part: Sensirion SHT30, SHT31, SHT35 (SHT3x-DIS), temperature and humidity over I2C. Datasheet "SHT3x-DIS", Sensirion, December 2022.
// Leaves out: periodic mode, clock stretching, lower repeatability, alerts, the heater, the status register.
// Single shots only: between two the sensor idles and does not warm itself.

using System.Device.I2c;

namespace Firmware.Drivers
{
    /// <summary>A temperature and humidity sensor. Integer results; three attempts per measurement, with a soft reset between them.</summary>
    /// <remarks>The device belongs to this driver as long as it lives. Allocates only what the I2C calls cost. Not thread-safe.</remarks>
    public sealed class Sht3x
    {
        /// <summary>The I2C address with the ADDR pin low.</summary>
        public const int DefaultAddress = 0x44;

        /// <summary>Attempts per measurement before it is given up.</summary>
        public const int MaxAttempts = 3;

        // 15 ms at most (datasheet, table 4), and one for the clock's grain
        private const int MeasuringMs = 16;

        // until then a missing acknowledge at the read means "not ready": without clock stretching the sensor answers only when it has finished
        private const int ReadTimeoutMs = 40;
        private const int ReadRetryMs = 2;

        // 1.5 ms at most (datasheet, table 4), rounded up
        private const int ResetMs = 2;
        private const int WordLength = 3;

        private const byte Idle = 0;
        private const byte Resetting = 1;
        private const byte Measuring = 2;

        // single shot, high repeatability, without clock stretching; soft reset (datasheet, section 4)
        private readonly byte[] _measureCommand = { 0x24, 0x00 };
        private readonly byte[] _resetCommand = { 0x30, 0xA2 };
        private readonly byte[] _answer = new byte[2 * WordLength];
        private readonly I2cDevice _device;
        private byte _state;
        private int _attempts;
        private long _startedMs;
        private long _deadlineMs = long.MaxValue;
        private DriverError _error;
        private bool _hasReading;
        private int _temperatureMilliC;
        private int _humidityMilliPercent;

        /// <summary>Takes the device; sends nothing yet.</summary>
        /// <param name="device">The sensor at its address, standard or fast mode.</param>
        public Sht3x(I2cDevice device)
        {
            _device = device;
        }

        /// <summary>Whether a measurement is under way.</summary>
        public bool IsMeasuring
        {
            get { return _state != Idle; }
        }

        /// <summary>Whether the last measurement that ended has succeeded: the values are valid.</summary>
        public bool HasReading
        {
            get { return _hasReading; }
        }

        /// <summary>The temperature of the last good measurement, thousandths of a degree Celsius, -45,000 to 130,000.</summary>
        public int TemperatureMilliC
        {
            get { return _temperatureMilliC; }
        }

        /// <summary>The relative humidity of the last good measurement, thousandths of a percent, 0 to 100,000.</summary>
        public int HumidityMilliPercent
        {
            get { return _humidityMilliPercent; }
        }

        /// <summary>What went wrong in the last attempt; None after a good one.</summary>
        public DriverError Error
        {
            get { return _error; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called, milliseconds; long.MaxValue if no measurement is under way.</summary>
        public long NextDeadlineMs
        {
            get { return _deadlineMs; }
        }

        /// <summary>The checksum of Sensirion's sensors: CRC-8 with polynomial 0x31 and initial value 0xFF, not reflected (datasheet 4.12).</summary>
        /// <param name="buffer">The buffer of the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        /// <returns>The checksum; 0x92 for BE EF.</returns>
        public static byte Crc8(byte[] buffer, int offset, int length)
        {
            int crc = 0xFF;
            for (int i = offset; i < offset + length; i++)
            {
                crc ^= buffer[i];
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 0x80) != 0 ? ((crc << 1) ^ 0x31) & 0xFF : crc << 1;
                }
            }

            return (byte)crc;
        }

        /// <summary>Temperature = -45 + 175 * raw / 65535 (datasheet 4.13), rounded.</summary>
        /// <param name="raw">The sensor's word, 0 to 65535.</param>
        /// <returns>Thousandths of a degree Celsius, -45,000 to 130,000.</returns>
        public static int ToMilliC(int raw)
        {
            return (int)(((175000L * raw) + 32767) / 65535) - 45000;
        }

        /// <summary>Relative humidity = 100 * raw / 65535 (datasheet 4.13), rounded.</summary>
        /// <param name="raw">The sensor's word, 0 to 65535.</param>
        /// <returns>Thousandths of a percent, 0 to 100,000.</returns>
        public static int ToMilliPercent(int raw)
        {
            return (int)(((100000L * raw) + 32767) / 65535);
        }

        /// <summary>Starts a measurement. Its end is told by <see cref="Poll"/>, a failure of the bus included.</summary>
        /// <param name="nowMs">The time now, milliseconds, on a clock that never goes back.</param>
        /// <returns>False if one is under way already, which goes on.</returns>
        public bool Begin(long nowMs)
        {
            if (_state != Idle)
            {
                return false;
            }

            _attempts = 0;
            StartAttempt(nowMs);
            return true;
        }

        /// <summary>Goes on with the measurement: at most one transfer on the bus each call.</summary>
        /// <param name="nowMs">The time now, milliseconds.</param>
        /// <returns>True once at the end of a measurement: then <see cref="HasReading"/> tells whether it has succeeded, and <see cref="Error"/> why not.</returns>
        public bool Poll(long nowMs)
        {
            if (nowMs < _deadlineMs)
            {
                return false;
            }

            if (_state == Resetting)
            {
                StartAttempt(nowMs);
                return false;
            }

            if (_state == Measuring)
            {
                ReadAnswer(nowMs);
            }

            return _state == Idle;
        }

        private void StartAttempt(long nowMs)
        {
            _attempts++;
            _state = Measuring;
            _startedMs = nowMs;
            _error = I2cStatus.ToError(_device.Write(_measureCommand).Status);

            // a command that was not taken ends the attempt at the next Poll: one way for all failures
            _deadlineMs = _error == DriverError.None ? nowMs + MeasuringMs : nowMs;
        }

        private void ReadAnswer(long nowMs)
        {
            if (_error == DriverError.None)
            {
                _error = I2cStatus.ToError(_device.Read(_answer).Status);
                if (_error == DriverError.NoAcknowledge)
                {
                    if (nowMs - _startedMs < ReadTimeoutMs)
                    {
                        _error = DriverError.None;
                        _deadlineMs = nowMs + ReadRetryMs;
                        return;
                    }

                    _error = DriverError.Timeout;
                }
            }

            if (_error == DriverError.None && (!IsWordGood(0) || !IsWordGood(WordLength)))
            {
                _error = DriverError.BadChecksum;
            }

            if (_error == DriverError.None)
            {
                _temperatureMilliC = ToMilliC(WordAt(0));
                _humidityMilliPercent = ToMilliPercent(WordAt(WordLength));
                End(true);
            }
            else if (_attempts == MaxAttempts)
            {
                End(false);
            }
            else
            {
                // whether the reset is acknowledged does not matter: the next attempt shows whether the sensor is there
                _device.Write(_resetCommand);
                _state = Resetting;
                _deadlineMs = nowMs + ResetMs;
            }
        }

        private void End(bool hasReading)
        {
            _hasReading = hasReading;
            _state = Idle;
            _deadlineMs = long.MaxValue;
        }

        private bool IsWordGood(int offset)
        {
            return Crc8(_answer, offset, WordLength - 1) == _answer[offset + WordLength - 1];
        }

        private int WordAt(int offset)
        {
            return (_answer[offset] << 8) | _answer[offset + 1];
        }
    }
}

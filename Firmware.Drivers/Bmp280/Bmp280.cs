// Part: Bosch Sensortec BMP280, pressure and temperature over I2C. Datasheet BST-BMP280-DS001-23, revision 1.23, November 2020.
// Leaves out: normal mode, the IIR filter, oversampling, SPI, and the BME280 (id 0x60), which would need its own handling of humidity.
// Forced mode with both oversamplings at x1 and no filter: the datasheet's recommendation for weather monitoring at lowest power (table 7), and its only
// one with forced mode. It takes 6.4 ms at most, with a noise of 0.26 m (RMS).
// The part sends no checksum. Against a disturbed line: the id before each measurement, the calibration read twice, the settings read back with the
// data, and ranges. A bit that flips in the data and stays in range is not seen; nor is a part exchanged for another between two good measurements.

using System.Device.I2c;

namespace Firmware.Drivers
{
    /// <summary>A pressure, temperature and altitude sensor. Integer results; three attempts per measurement, with a reset between them.</summary>
    /// <remarks>The device belongs to this driver as long as it lives. Allocates only what the I2C calls cost. Not thread-safe.</remarks>
    public sealed class Bmp280
    {
        /// <summary>The I2C address with the SDO pin at ground; 0x77 with SDO at the supply.</summary>
        public const int DefaultAddress = 0x76;

        /// <summary>Attempts per measurement before it is given up.</summary>
        public const int MaxAttempts = 3;

        /// <summary>The lowest pressure at sea level that <see cref="SetSeaLevel"/> takes, pascals.</summary>
        public const int MinSeaLevelPa = 85000;

        /// <summary>The highest pressure at sea level that <see cref="SetSeaLevel"/> takes, pascals.</summary>
        public const int MaxSeaLevelPa = 110000;

        // 6.4 ms at most with both oversamplings at x1 (datasheet 3.8.1), rounded up, and one for the clock's grain
        private const int MeasuringMs = 8;

        // start-up after a reset, 2 ms (datasheet, section 1), and one for the clock's grain
        private const int ResetMs = 3;

        // until then a part that is not ready is asked again: after a reset it copies its calibration, and some take longer than 2 ms
        private const int ReadyTimeoutMs = 40;
        private const int ReadyRetryMs = 2;
        private const int PauseMs = 2;

        private const int ChipId = 0x58;

        // registers (datasheet, table 18): ctrl_meas is osrs_t, osrs_p, mode = 001 001 01; in mode 00 after the measurement
        private const int ControlForced = 0x25;
        private const int ControlDone = 0x24;
        private const int ModeMask = 0x03;
        private const int StatusCopying = 0x01;
        private const int StatusMeasuring = 0x08;

        // one burst from status (0xF3) over ctrl_meas (0xF4) to the end of the data (0xFC)
        private const int ResultLength = 10;
        private const int ResultControl = 1;
        private const int ResultPressure = 4;
        private const int ResultTemperature = 7;

        // -40 to 85 degrees and 300 to 1100 hPa (datasheet, section 1), and what the part may err
        private const int MinMilliC = -45000;
        private const int MaxMilliC = 90000;
        private const int MinPa = 28000;
        private const int MaxPa = 112000;

        private const byte Idle = 0;
        private const byte Pausing = 1;
        private const byte Identified = 2;
        private const byte Resetting = 3;
        private const byte Loading = 4;
        private const byte Verifying = 5;
        private const byte Measuring = 6;

        private readonly byte[] _idRegister = { 0xD0 };
        private readonly byte[] _statusRegister = { 0xF3 };
        private readonly byte[] _calibrationRegister = { 0x88 };
        private readonly byte[] _resetCommand = { 0xE0, 0xB6 };
        private readonly byte[] _measureCommand = { 0xF4, ControlForced };
        private readonly byte[] _one = new byte[1];
        private readonly byte[] _result = new byte[ResultLength];
        private readonly byte[] _first = new byte[Bmp280Calibration.Length];
        private readonly byte[] _second = new byte[Bmp280Calibration.Length];
        private readonly Bmp280Calibration _calibration = new Bmp280Calibration();
        private readonly I2cDevice _device;
        private byte _state;
        private bool _isCalibrated;
        private int _attempts;
        private long _startedMs;
        private long _deadlineMs = long.MaxValue;
        private DriverError _error;
        private bool _hasReading;
        private int _pressurePa;
        private int _temperatureMilliC;
        private int _seaLevelPa = StandardAtmosphere.SeaLevelPa;

        /// <summary>Takes the device; sends nothing yet.</summary>
        /// <param name="device">The sensor at its address, standard or fast mode.</param>
        public Bmp280(I2cDevice device)
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

        /// <summary>The pressure of the last good measurement, pascals, 28,000 to 112,000.</summary>
        public int PressurePa
        {
            get { return _pressurePa; }
        }

        /// <summary>The temperature of the part at the last good measurement, thousandths of a degree Celsius, -45,000 to 90,000. The part warms itself and its board.</summary>
        public int TemperatureMilliC
        {
            get { return _temperatureMilliC; }
        }

        /// <summary>The altitude of the last good measurement, thousandths of a metre, with the pressure at sea level that is set now. Calculated at each call.</summary>
        /// <remarks>The noise is 0.26 m; a pressure at sea level that is wrong by 1 hPa shifts it by 8 m. Without a good measurement before, 0.</remarks>
        public int AltitudeMilliM
        {
            get { return _pressurePa == 0 ? 0 : StandardAtmosphere.AltitudeMilliM(_pressurePa, _seaLevelPa); }
        }

        /// <summary>The pressure at sea level that the altitude refers to, pascals; the standard atmosphere's at first.</summary>
        public int SeaLevelPa
        {
            get { return _seaLevelPa; }
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

        /// <summary>Sets the pressure at sea level, as weather services tell it (QNH).</summary>
        /// <param name="seaLevelPa">Pascals, <see cref="MinSeaLevelPa"/> to <see cref="MaxSeaLevelPa"/>.</param>
        /// <returns>False if it is out of range: the old one stays.</returns>
        public bool SetSeaLevel(int seaLevelPa)
        {
            if (seaLevelPa < MinSeaLevelPa || seaLevelPa > MaxSeaLevelPa)
            {
                return false;
            }

            _seaLevelPa = seaLevelPa;
            return true;
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
            if (_state == Idle || nowMs < _deadlineMs)
            {
                return false;
            }

            if (_state == Pausing)
            {
                StartAttempt(nowMs);
                return false;
            }

            if (_error == DriverError.None)
            {
                GoOn(nowMs);
            }

            if (_error != DriverError.None)
            {
                FailAttempt(nowMs);
            }

            return _state == Idle;
        }

        // nothing is written to a part before it is known to be a BMP280; what goes wrong here ends the attempt at the next Poll
        private void StartAttempt(long nowMs)
        {
            _attempts++;
            _state = Identified;
            _deadlineMs = nowMs;
            _error = ReadRegisters(_idRegister, _one);
            if (_error == DriverError.None && _one[0] != ChipId)
            {
                _error = DriverError.WrongPart;
            }
        }

        private void GoOn(long nowMs)
        {
            switch (_state)
            {
                case Identified:
                    Command(nowMs);
                    break;

                case Resetting:
                    AwaitReset(nowMs);
                    break;

                case Loading:
                    _error = ReadRegisters(_calibrationRegister, _first);
                    _state = Verifying;
                    break;

                case Verifying:
                    VerifyCalibration();
                    break;

                default:
                    ReadResult(nowMs);
                    break;
            }
        }

        private void Command(long nowMs)
        {
            _startedMs = nowMs;
            if (_isCalibrated)
            {
                _state = Measuring;
                _deadlineMs = nowMs + MeasuringMs;
                _error = I2cStatus.ToError(_device.Write(_measureCommand).Status);
            }
            else
            {
                _state = Resetting;
                _deadlineMs = nowMs + ResetMs;
                _error = I2cStatus.ToError(_device.Write(_resetCommand).Status);
            }

            if (_error != DriverError.None)
            {
                _deadlineMs = nowMs;
            }
        }

        // while the calibration is copied its registers read as zero (datasheet 4.3.3, im_update); a part that starts up does not answer at all
        private void AwaitReset(long nowMs)
        {
            _error = ReadRegisters(_statusRegister, _one);
            if (_error == DriverError.NoAcknowledge || (_error == DriverError.None && (_one[0] & StatusCopying) != 0))
            {
                WaitUntilReady(nowMs);
            }
            else
            {
                _state = Loading;
            }
        }

        // a bit that flips here would spoil every later reading, not one
        private void VerifyCalibration()
        {
            _error = ReadRegisters(_calibrationRegister, _second);
            if (_error != DriverError.None)
            {
                return;
            }

            for (int i = 0; i < Bmp280Calibration.Length; i++)
            {
                if (_first[i] != _second[i])
                {
                    _error = DriverError.Implausible;
                    return;
                }
            }

            if (!_calibration.Load(_first))
            {
                _error = DriverError.Implausible;
                return;
            }

            _isCalibrated = true;
            _state = Identified;
        }

        private void ReadResult(long nowMs)
        {
            _error = ReadRegisters(_statusRegister, _result);
            if (_error != DriverError.None)
            {
                return;
            }

            int control = _result[ResultControl];
            if ((_result[0] & (StatusCopying | StatusMeasuring)) != 0 || (control & ModeMask) == (ControlForced & ModeMask))
            {
                WaitUntilReady(nowMs);
                return;
            }

            // a part that was reset in the middle has other settings, and data that look like some 26 degrees
            int fine = _calibration.FineTemperature(RawAt(ResultTemperature));
            int milliC = Bmp280Calibration.ToMilliC(fine);
            if (control != ControlDone || milliC < MinMilliC || milliC > MaxMilliC)
            {
                _error = DriverError.Implausible;
                return;
            }

            long pascals = (_calibration.PressureQ8(RawAt(ResultPressure), fine) + 128) >> 8;
            if (pascals < MinPa || pascals > MaxPa)
            {
                _error = DriverError.Implausible;
                return;
            }

            _temperatureMilliC = milliC;
            _pressurePa = (int)pascals;
            End(true);
        }

        private void WaitUntilReady(long nowMs)
        {
            if (nowMs - _startedMs < ReadyTimeoutMs)
            {
                _error = DriverError.None;
                _deadlineMs = nowMs + ReadyRetryMs;
            }
            else
            {
                _error = DriverError.Timeout;
            }
        }

        private void FailAttempt(long nowMs)
        {
            // perhaps another part by now, or the same without power in between: the next attempt resets it and reads its calibration anew
            _isCalibrated = false;
            if (_attempts == MaxAttempts)
            {
                End(false);
            }
            else
            {
                _state = Pausing;
                _deadlineMs = nowMs + PauseMs;
            }
        }

        private void End(bool hasReading)
        {
            _hasReading = hasReading;
            _state = Idle;
            _deadlineMs = long.MaxValue;
        }

        private DriverError ReadRegisters(byte[] register, byte[] target)
        {
            return I2cStatus.ToError(_device.WriteRead(register, target).Status);
        }

        // 20 bits, the most significant first (datasheet 3.9)
        private int RawAt(int offset)
        {
            return (_result[offset] << 12) | (_result[offset + 1] << 4) | (_result[offset + 2] >> 4);
        }
    }
}

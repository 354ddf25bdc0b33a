// Bosch Sensortec BMP280 at the level of its registers (datasheet BST-BMP280-DS001-23, revision 1.23, November 2020, sections 3 to 5): id, reset,
// calibration, status, forced mode with each oversampling, data. The trimming parameters are those of the datasheet's example (3.12).
// The raw values come from the room through the datasheet's formulas in floating point (8.1), searched backwards: a second opinion for a driver
// that calculates with integers. Left out: normal mode (stored, measures nothing), the IIR filter, noise, SPI.

using System.Buffers.Binary;

namespace Firmware.Simulator.Board;

/// <summary>A pressure and temperature sensor that measures the board's <see cref="RoomEnvironment"/>.</summary>
public sealed class VirtualBmp280 : IVirtualI2cChip
{
    /// <summary>I2C address with the SDO pin at ground.</summary>
    public const int DefaultAddress = 0x76;

    /// <summary>The id of a BMP280.</summary>
    public const byte DefaultChipId = 0x58;

    // start-up time, 2 ms (section 1); the copying of the calibration after it is not specified, but shows on real parts
    private const int ResetMs = 2;

    private const byte Calibration = 0x88;
    private const byte Id = 0xD0;
    private const byte Reset = 0xE0;
    private const byte Status = 0xF3;
    private const byte Control = 0xF4;
    private const byte Config = 0xF5;
    private const byte Pressure = 0xF7;
    private const byte Temperature = 0xFA;
    private const byte ResetWord = 0xB6;
    private const byte StatusMeasuring = 0x08;
    private const byte StatusCopying = 0x01;
    private const byte ModeMask = 0x03;
    private const int RawAfterReset = 0x80000;
    private const int RawMax = 0xFFFFF;

    // T1 to T3, P1 to P9: datasheet, 3.12
    private static readonly int[] Trim = [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000];

    private readonly VirtualBoard _board;
    private readonly byte[] _registers = new byte[256];
    private byte _pointer;
    private long _silentUntilMs;
    private long _copyingUntilMs;
    private long _measuringUntilMs;
    private bool _isMeasuring;
    private int _nextPressure;
    private int _nextTemperature;

    /// <summary>Makes the sensor as after power-on, ready; attach it to the board's bus.</summary>
    /// <param name="board">The board whose room it measures and whose clock it waits on.</param>
    public VirtualBmp280(VirtualBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        _board = board;
        Clear();
    }

    /// <summary>What the chip says it is. Another value than <see cref="DefaultChipId"/> is another part at the address, such as 0x60, a BME280.</summary>
    public byte ChipId { get; set; } = DefaultChipId;

    /// <summary>How long the calibration registers read zero after the start-up, milliseconds.</summary>
    public int CopyMs { get; set; } = 1;

    /// <summary>Whether a measurement never ends: a broken part.</summary>
    public bool NeverReady { get; set; }

    /// <summary>How often it was reset by a command.</summary>
    public int Resets { get; private set; }

    /// <summary>Its power fails for a moment: settings and data are lost, it starts up.</summary>
    public void FailPower()
    {
        Clear();
        StartUp();
    }

    /// <summary>The datasheet's compensation in floating point (8.1) with the parameters of its example.</summary>
    /// <param name="rawTemperature">20 bits.</param>
    /// <param name="rawPressure">20 bits.</param>
    /// <returns>Degrees Celsius and pascals.</returns>
    public static (double Celsius, double Pascals) Compensate(int rawTemperature, int rawPressure) => Compensate(Trim, rawTemperature, rawPressure);

    /// <summary>The datasheet's compensation in floating point (8.1).</summary>
    /// <param name="trim">T1 to T3, P1 to P9.</param>
    /// <param name="rawTemperature">20 bits.</param>
    /// <param name="rawPressure">20 bits.</param>
    /// <returns>Degrees Celsius and pascals.</returns>
    public static (double Celsius, double Pascals) Compensate(ReadOnlySpan<int> trim, int rawTemperature, int rawPressure)
    {
        double far = (rawTemperature / 131072.0) - (trim[0] / 8192.0);
        double fine = (((rawTemperature / 16384.0) - (trim[0] / 1024.0)) * trim[1]) + (far * far * trim[2]);

        double v1 = (fine / 2.0) - 64000.0;
        double v2 = v1 * v1 * trim[8] / 32768.0;
        v2 += v1 * trim[7] * 2.0;
        v2 = (v2 / 4.0) + (trim[6] * 65536.0);
        v1 = ((trim[5] * v1 * v1 / 524288.0) + (trim[4] * v1)) / 524288.0;
        v1 = (1.0 + (v1 / 32768.0)) * trim[3];
        double p = (1048576.0 - rawPressure - (v2 / 4096.0)) * 6250.0 / v1;
        v1 = trim[11] * p * p / 2147483648.0;
        v2 = p * trim[10] / 32768.0;
        return (fine / 5120.0, p + ((v1 + v2 + trim[9]) / 16.0));
    }

    /// <summary>The parameters as a part stores them (table 17).</summary>
    /// <param name="trim">T1 to T3, P1 to P9.</param>
    /// <returns>The registers from 0x88 on.</returns>
    public static byte[] Encode(ReadOnlySpan<int> trim)
    {
        byte[] registers = new byte[2 * trim.Length];
        for (int i = 0; i < trim.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(registers.AsSpan(2 * i), unchecked((ushort)trim[i]));
        }

        return registers;
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (_board.Time.TotalMs < _silentUntilMs)
        {
            return false;
        }

        // pairs of register and value; a register alone is where the next read begins (5.2)
        for (int i = 0; i + 1 < data.Length; i += 2)
        {
            WriteRegister(data[i], data[i + 1]);
        }

        if (data.Length % 2 == 1)
        {
            _pointer = data[^1];
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> data)
    {
        if (_board.Time.TotalMs < _silentUntilMs)
        {
            return false;
        }

        EndMeasurement();
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = ReadRegister(_pointer++);
        }

        return true;
    }

    private void WriteRegister(byte register, byte value)
    {
        switch (register)
        {
            case Reset when value == ResetWord:
                Resets++;
                Clear();
                StartUp();
                break;
            case Control:
                EndMeasurement();
                _registers[Control] = value;

                // forced mode is 01 and 10
                if ((value & ModeMask) is 1 or 2)
                {
                    Measure(value >> 5, (value >> 2) & 7);
                }

                break;
            case Config:
                _registers[Config] = value;
                break;
            default:
                break;
        }
    }

    private byte ReadRegister(byte register)
    {
        bool copying = _board.Time.TotalMs < _copyingUntilMs;
        return register switch
        {
            Id => ChipId,
            Status => (byte)((_isMeasuring ? StatusMeasuring : 0) | (copying ? StatusCopying : 0)),
            >= Calibration and < Calibration + 24 when copying => 0,
            _ => _registers[register],
        };
    }

    private void Clear()
    {
        Array.Clear(_registers);
        Encode(Trim).CopyTo(_registers, Calibration);
        PutRaw(Pressure, RawAfterReset);
        PutRaw(Temperature, RawAfterReset);
        _isMeasuring = false;
    }

    private void StartUp()
    {
        _silentUntilMs = _board.Time.TotalMs + ResetMs;
        _copyingUntilMs = _silentUntilMs + CopyMs;
    }

    private void Measure(int temperatureSetting, int pressureSetting)
    {
        int celsiusTimes = Times(temperatureSetting);
        int pascalTimes = Times(pressureSetting);
        double celsius = _board.Environment.TemperatureMilliC / 1000.0;
        int exact = Search(raw => Compensate(raw, 0).Celsius >= celsius);
        _nextTemperature = Round(exact, temperatureSetting);
        _nextPressure = Round(Search(raw => Compensate(exact, raw).Pascals <= _board.Environment.PressurePa), pressureSetting);

        // the longest time in microseconds: what the datasheet's table of 3.8.1 holds, 6.4 ms for 1 and 1 to 43.2 ms for 2 and 16
        int longestUs = 1250 + (2300 * celsiusTimes) + (pascalTimes == 0 ? 0 : (2300 * pascalTimes) + 575);
        _measuringUntilMs = _board.Time.TotalMs + ((longestUs + 999) / 1000);
        _isMeasuring = true;
    }

    private void EndMeasurement()
    {
        if (_isMeasuring && !NeverReady && _board.Time.TotalMs >= _measuringUntilMs)
        {
            _isMeasuring = false;
            PutRaw(Pressure, _nextPressure);
            PutRaw(Temperature, _nextTemperature);
            _registers[Control] &= unchecked((byte)~ModeMask);
        }
    }

    private void PutRaw(byte register, int raw)
    {
        _registers[register] = (byte)(raw >> 12);
        _registers[register + 1] = (byte)(raw >> 4);
        _registers[register + 2] = (byte)(raw << 4);
    }

    private static int Times(int setting) => setting == 0 ? 0 : 1 << (Math.Min(setting, 5) - 1);

    // 16 bits with oversampling x1, one more with each step (3.3.1)
    private static int Round(int raw, int setting)
    {
        if (setting == 0)
        {
            return RawAfterReset;
        }

        int step = 1 << (5 - Math.Min(setting, 5));
        return Math.Min((raw + (step / 2)) / step * step, RawMax + 1 - step);
    }

    // the first raw value that fulfils a condition which all larger ones fulfil, too
    private static int Search(Predicate<int> condition)
    {
        int low = 0;
        int high = RawMax;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (condition(middle))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}

// Sensirion SHT3x-DIS at the level of its commands (datasheet "SHT3x-DIS", December 2022, section 4): single shot, soft reset, status.
// Left out: periodic measurement, clock stretching, alerts, the heater, noise.

using System.Buffers.Binary;

namespace Firmware.Simulator.Board;

/// <summary>A temperature and humidity sensor that measures the board's <see cref="RoomEnvironment"/>.</summary>
public sealed class VirtualSht3x : IVirtualI2cChip
{
    /// <summary>I2C address with the ADDR pin low.</summary>
    public const int DefaultAddress = 0x44;

    /// <summary>Longest duration of a high repeatability measurement, milliseconds (datasheet table 4).</summary>
    public const int MeasurementMs = 15;

    // soft reset takes 1.5 ms at most; whole milliseconds here
    private const int ResetMs = 2;

    private const ushort SingleShotHighRepeatability = 0x2400;
    private const ushort SoftReset = 0x30A2;
    private const ushort ReadStatus = 0xF32D;
    private const ushort ClearStatus = 0x3041;

    // status register: bit 15 alert pending, bit 4 reset detected, bit 1 last command not processed
    private const ushort StatusAfterReset = 0x8010;
    private const ushort StatusCleared = 0x8C10;
    private const ushort StatusBadCommand = 0x0002;

    private readonly VirtualBoard _board;
    private readonly byte[] _answer = new byte[6];
    private int _answerLength;
    private long _busyUntilMs;
    private ushort _status = StatusAfterReset;

    /// <summary>Makes the sensor; attach it to the board's bus.</summary>
    /// <param name="board">The board whose room it measures and whose clock it waits on.</param>
    public VirtualSht3x(VirtualBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        _board = board;
    }

    /// <summary>CRC-8 of Sensirion: polynomial 0x31, initial value 0xFF, nothing reflected, no final xor (datasheet 4.12).</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>The checksum; 0x92 for BE EF.</returns>
    public static byte Crc8(ReadOnlySpan<byte> data)
    {
        byte crc = 0xFF;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (byte)((crc & 0x80) != 0 ? (crc << 1) ^ 0x31 : crc << 1);
            }
        }

        return crc;
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (_board.Time.TotalMs < _busyUntilMs)
        {
            return false;
        }

        if (data.Length != 2)
        {
            _status |= StatusBadCommand;
            return false;
        }

        _answerLength = 0;
        ushort command = BinaryPrimitives.ReadUInt16BigEndian(data);
        switch (command)
        {
            case SingleShotHighRepeatability:
                Measure();
                break;
            case SoftReset:
                _status = StatusAfterReset;
                _busyUntilMs = _board.Time.TotalMs + ResetMs;
                return true;
            case ReadStatus:
                PutWord(_status);
                break;
            case ClearStatus:
                _status &= unchecked((ushort)~StatusCleared);
                break;
            default:
                _status |= StatusBadCommand;
                return false;
        }

        _status &= unchecked((ushort)~StatusBadCommand);
        return true;
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> data)
    {
        if (_board.Time.TotalMs < _busyUntilMs || _answerLength == 0)
        {
            return false;
        }

        _answer.AsSpan(0, Math.Min(_answerLength, data.Length)).CopyTo(data);
        _answerLength = 0;
        return true;
    }

    private void Measure()
    {
        // T = -45 + 175 * raw / 65535, RH = 100 * raw / 65535 (datasheet 4.13), solved for raw and rounded
        long t = ((_board.Environment.TemperatureMilliC + 45_000L) * 65_535 + 87_500) / 175_000;
        long h = (_board.Environment.HumidityMilliPercent * 65_535L + 50_000) / 100_000;
        PutWord((ushort)Math.Clamp(t, 0, ushort.MaxValue));
        PutWord((ushort)Math.Clamp(h, 0, ushort.MaxValue));
        _busyUntilMs = _board.Time.TotalMs + MeasurementMs;
    }

    private void PutWord(ushort value)
    {
        Span<byte> place = _answer.AsSpan(_answerLength, 3);
        BinaryPrimitives.WriteUInt16BigEndian(place, value);
        place[2] = Crc8(place[..2]);
        _answerLength += 3;
    }
}

// System.Device.I2c.I2cDevice over board.I2c, with the ESP32's ways: buses 1 and 2 on the pins that Configuration names, pins must not be
// open as GPIO, a chip that does not acknowledge gives a status and no exception. Both buses reach the same wires if their pins do.

using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;

namespace System.Device.I2c;

/// <summary>A connection to a chip on an I2C bus.</summary>
public class I2cDevice : IDisposable
{
    private readonly Lock _gate = new();
    private readonly byte[] _one = new byte[1];
    private readonly Boot _boot;
    private readonly int _dataPin;
    private readonly int _clockPin;
    private bool _disposed;

    /// <summary>Opens a connection.</summary>
    /// <param name="settings">Where and how.</param>
    /// <exception cref="ArgumentException">The bus is not 1 or 2.</exception>
    /// <exception cref="Exception">SDA or SCL is open as a GPIO pin (CLR_E_FAIL on the device).</exception>
    public I2cDevice(I2cConnectionSettings settings)
    {
        _boot = Boot.Current;
        ConnectionSettings = settings;
        if (settings.BusId is not (1 or 2))
        {
            throw new ArgumentException($"no such I2C bus: {settings.BusId}", nameof(settings));
        }

        PinFunctions functions = _boot.State<PinFunctions>();
        _dataPin = functions.Get(settings.BusId == 1 ? DeviceFunction.I2C1_DATA : DeviceFunction.I2C2_DATA);
        _clockPin = functions.Get(settings.BusId == 1 ? DeviceFunction.I2C1_CLOCK : DeviceFunction.I2C2_CLOCK);
        Gpio.OpenPins open = _boot.State<Gpio.OpenPins>();
        if (open.IsReserved(_dataPin) || open.IsReserved(_clockPin))
        {
#pragma warning disable CA2201 // the device throws exactly this
            throw new Exception($"GPIO{_dataPin} or GPIO{_clockPin} is open as a pin");
#pragma warning restore CA2201
        }
    }

    /// <summary>Where and how.</summary>
    public I2cConnectionSettings ConnectionSettings { get; }

    /// <summary>Opens a connection.</summary>
    /// <param name="settings">Where and how.</param>
    /// <returns>The connection.</returns>
    public static I2cDevice Create(I2cConnectionSettings settings) => new(settings);

    /// <summary>Reads a byte.</summary>
    /// <returns>The byte; an old one if the chip does not acknowledge.</returns>
    public byte ReadByte()
    {
        lock (_gate)
        {
            Transfer(default, new SpanByte(_one));
            return _one[0];
        }
    }

    /// <summary>Reads as many bytes as the buffer holds.</summary>
    /// <param name="buffer">Where to.</param>
    /// <returns>How it went.</returns>
    public I2cTransferResult Read(SpanByte buffer)
    {
        lock (_gate)
        {
            return Transfer(default, buffer);
        }
    }

    /// <summary>Writes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <returns>How it went.</returns>
    public I2cTransferResult WriteByte(byte value)
    {
        lock (_gate)
        {
            _one[0] = value;
            return Transfer(new SpanByte(_one), default);
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="buffer">The bytes, without the address.</param>
    /// <returns>How it went.</returns>
    public I2cTransferResult Write(SpanByte buffer)
    {
        lock (_gate)
        {
            return Transfer(buffer, default);
        }
    }

    /// <summary>Writes, then reads with a repeated start.</summary>
    /// <param name="writeBuffer">What to write.</param>
    /// <param name="readBuffer">Where to read to.</param>
    /// <returns>How it went.</returns>
    public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer)
    {
        lock (_gate)
        {
            return Transfer(writeBuffer, readBuffer);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        GC.SuppressFinalize(this);
    }

    private I2cTransferResult Transfer(SpanByte write, SpanByte read)
    {
        _boot.ThrowIfDead();
        ObjectDisposedException.ThrowIf(_disposed, this);
        Span<byte> buffer = read.IsEmpty ? default : new byte[read.Length];
        I2cOutcome outcome = _boot.Board.I2c.Transfer(_dataPin, _clockPin, ConnectionSettings.DeviceAddress, write.AsSpan(), buffer);
        switch (outcome)
        {
            case I2cOutcome.Done:
                buffer.CopyTo(read.AsSpan());
                return new I2cTransferResult(I2cTransferStatus.FullTransfer, (uint)(write.Length + read.Length));
            case I2cOutcome.Timeout:
                return new I2cTransferResult(I2cTransferStatus.ClockStretchTimeout, 0);
            default:
                return new I2cTransferResult(I2cTransferStatus.SlaveAddressNotAcknowledged, 0);
        }
    }
}

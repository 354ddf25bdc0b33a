// System.Device.I2c: settings and results.

namespace System.Device.I2c;

/// <summary>Bus speeds.</summary>
public enum I2cBusSpeed
{
    /// <summary>100 kHz.</summary>
    StandardMode = 0,

    /// <summary>400 kHz.</summary>
    FastMode = 1,

    /// <summary>1 MHz.</summary>
    FastModePlus = 2,
}

/// <summary>How a transfer ended.</summary>
public enum I2cTransferStatus
{
    /// <summary>For another reason.</summary>
    UnknownError = 0,

    /// <summary>All bytes were moved.</summary>
    FullTransfer = 1,

    /// <summary>The bus did not come free in time.</summary>
    ClockStretchTimeout = 2,

    /// <summary>The chip stopped in the middle.</summary>
    PartialTransfer = 3,

    /// <summary>No chip acknowledged the address.</summary>
    SlaveAddressNotAcknowledged = 4,
}

/// <summary>Result of a transfer.</summary>
public struct I2cTransferResult
{
    internal I2cTransferResult(I2cTransferStatus status, uint bytesTransferred)
    {
        Status = status;
        BytesTransferred = bytesTransferred;
    }

    /// <summary>Bytes written and read; 0 if it failed.</summary>
    public uint BytesTransferred { get; }

    /// <summary>How it ended.</summary>
    public I2cTransferStatus Status { get; }
}

/// <summary>Where a chip is and how to talk to it.</summary>
public sealed class I2cConnectionSettings
{
    /// <summary>Settings with fast mode.</summary>
    /// <param name="busId">Bus, 1 or 2.</param>
    /// <param name="deviceAddress">7-bit address.</param>
    public I2cConnectionSettings(int busId, int deviceAddress)
        : this(busId, deviceAddress, I2cBusSpeed.FastMode)
    {
    }

    /// <summary>Settings.</summary>
    /// <param name="busId">Bus, 1 or 2.</param>
    /// <param name="deviceAddress">7-bit address.</param>
    /// <param name="busSpeed">Bus speed.</param>
    public I2cConnectionSettings(int busId, int deviceAddress, I2cBusSpeed busSpeed)
    {
        BusId = busId;
        DeviceAddress = deviceAddress;
        BusSpeed = busSpeed;
    }

    /// <summary>Bus, 1 or 2.</summary>
    public int BusId { get; }

    /// <summary>7-bit address.</summary>
    public int DeviceAddress { get; }

    /// <summary>Bus speed.</summary>
    public I2cBusSpeed BusSpeed { get; }
}

// What the end of an I2C transfer means for a driver: one answer for all parts on the bus.

using System.Device.I2c;

namespace Firmware.Drivers
{
    /// <summary>Turns the status of a transfer into an error of a driver.</summary>
    internal static class I2cStatus
    {
        /// <summary>The error that a transfer ended with.</summary>
        /// <param name="status">How the transfer ended.</param>
        /// <returns>None if all bytes were moved.</returns>
        public static DriverError ToError(I2cTransferStatus status)
        {
            switch (status)
            {
                case I2cTransferStatus.FullTransfer:
                    return DriverError.None;

                case I2cTransferStatus.SlaveAddressNotAcknowledged:
                    return DriverError.NoAcknowledge;

                case I2cTransferStatus.ClockStretchTimeout:
                    return DriverError.Timeout;

                default:
                    return DriverError.BusFault;
            }
        }
    }
}

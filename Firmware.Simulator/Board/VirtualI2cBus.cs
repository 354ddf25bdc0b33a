// An I2C bus with chips on it, at the level of whole transfers: a chip acknowledges or it does not. Faults are injected per chip here, so that
// every chip model has them. Left out: clock speeds, arbitration, 10-bit addresses.

namespace Firmware.Simulator.Board;

/// <summary>A chip on a virtual I2C bus. Calls come from one thread at a time.</summary>
public interface IVirtualI2cChip
{
    /// <summary>The controller writes to the chip.</summary>
    /// <param name="data">What it writes, without the address.</param>
    /// <returns>False if the chip does not acknowledge.</returns>
    bool Write(ReadOnlySpan<byte> data);

    /// <summary>The controller reads from the chip.</summary>
    /// <param name="data">To be filled by the chip; what it leaves reads 0xFF as on an idle bus.</param>
    /// <returns>False if the chip does not acknowledge its address.</returns>
    bool Read(Span<byte> data);
}

/// <summary>What is wrong with a chip.</summary>
public enum I2cFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is not there: its address is never acknowledged.</summary>
    Missing,

    /// <summary>A bit of each byte group read from it flips, so that checksums do not fit.</summary>
    CorruptCrc,

    /// <summary>It holds the bus low: every transfer with any chip times out.</summary>
    StuckBus,
}

/// <summary>The I2C bus of a virtual board. Thread-safe.</summary>
public sealed class VirtualI2cBus
{
    private readonly Lock _gate = new();
    private readonly VirtualBoard _board;
    private readonly Dictionary<int, IVirtualI2cChip> _chips = [];
    private readonly Dictionary<int, I2cFault> _faults = [];
    private bool _warned;

    internal VirtualI2cBus(VirtualBoard board)
    {
        _board = board;
    }

    /// <summary>GPIO to which the chips' SDA is wired. Default 21, the usual DevKit wiring (nanoFramework's own default for I2C1 is 18).</summary>
    public int DataPin { get; set; } = 21;

    /// <summary>GPIO to which the chips' SCL is wired. Default 22 (nanoFramework's own default for I2C1 is 19).</summary>
    public int ClockPin { get; set; } = 22;

    /// <summary>Puts a chip on the bus, in the place of one that was there.</summary>
    /// <param name="address">7-bit address.</param>
    /// <param name="chip">The chip.</param>
    public void Attach(int address, IVirtualI2cChip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentOutOfRangeException.ThrowIfNegative(address);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, 0x7F);
        lock (_gate)
        {
            _chips[address] = chip;
        }
    }

    /// <summary>Takes a chip off the bus.</summary>
    /// <param name="address">7-bit address.</param>
    public void Detach(int address)
    {
        lock (_gate)
        {
            _chips.Remove(address);
        }
    }

    /// <summary>Breaks or repairs a chip.</summary>
    /// <param name="address">7-bit address.</param>
    /// <param name="fault">What is wrong from now on.</param>
    public void SetFault(int address, I2cFault fault)
    {
        lock (_gate)
        {
            _faults[address] = fault;
        }
    }

    /// <summary>One transfer: write, read, or write and read with a repeated start.</summary>
    internal I2cOutcome Transfer(int dataPin, int clockPin, int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        bool warn = false;
        try
        {
            lock (_gate)
            {
                if (dataPin != DataPin || clockPin != ClockPin)
                {
                    warn = !_warned;
                    _warned = true;
                    return I2cOutcome.NotAcknowledged;
                }

                if (_faults.ContainsValue(I2cFault.StuckBus))
                {
                    return I2cOutcome.Timeout;
                }

                I2cFault fault = _faults.GetValueOrDefault(address);
                if (fault == I2cFault.Missing || !_chips.TryGetValue(address, out IVirtualI2cChip? chip))
                {
                    return I2cOutcome.NotAcknowledged;
                }

                if (!write.IsEmpty && !chip.Write(write))
                {
                    return I2cOutcome.NotAcknowledged;
                }

                read.Fill(0xFF);
                if (!read.IsEmpty && !chip.Read(read))
                {
                    return I2cOutcome.NotAcknowledged;
                }

                if (fault == I2cFault.CorruptCrc && !read.IsEmpty)
                {
                    read[0] ^= 0x01;
                }

                return I2cOutcome.Done;
            }
        }
        finally
        {
            if (warn)
            {
                _board.ReportWarning($"I2C: the firmware uses GPIO{dataPin}/GPIO{clockPin} (SDA/SCL), but the chips are wired to GPIO{DataPin}/GPIO{ClockPin}");
            }
        }
    }
}

/// <summary>How a transfer ended.</summary>
internal enum I2cOutcome
{
    /// <summary>All bytes were moved.</summary>
    Done,

    /// <summary>Nobody acknowledged.</summary>
    NotAcknowledged,

    /// <summary>The bus did not come free.</summary>
    Timeout,
}

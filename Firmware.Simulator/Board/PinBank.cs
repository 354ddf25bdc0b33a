// The pads of an ESP32: GPIO0 to 39 with the gaps that the chip has (20, 24 and 28 to 31 do not exist).

using System.Collections;

namespace Firmware.Simulator.Board;

/// <summary>All pins of a board, by GPIO number.</summary>
public sealed class PinBank : IEnumerable<VirtualPin>
{
    /// <summary>GPIO numbers that the chip counts, with its gaps: 40.</summary>
    public const int Count = 40;

    private readonly VirtualPin?[] _pins = new VirtualPin?[Count];

    internal PinBank(VirtualBoard board)
    {
        for (int i = 0; i < Count; i++)
        {
            if (Exists(i))
            {
                _pins[i] = new VirtualPin(board, i);
            }
        }
    }

    /// <summary>The pin of a GPIO number.</summary>
    /// <param name="gpio">0 to 39.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ESP32 has no such GPIO.</exception>
    public VirtualPin this[int gpio] => Exists(gpio)
        ? _pins[gpio]!
        : throw new ArgumentOutOfRangeException(nameof(gpio), gpio, "the ESP32 has no such GPIO (0-19, 21-23, 25-27, 32-39)");

    /// <summary>Whether the chip has this GPIO.</summary>
    /// <param name="gpio">Any number.</param>
    /// <returns>True if it does.</returns>
    public static bool Exists(int gpio) => gpio is (>= 0 and <= 19) or (>= 21 and <= 23) or (>= 25 and <= 27) or (>= 32 and <= 39);

    /// <inheritdoc/>
    public IEnumerator<VirtualPin> GetEnumerator() => _pins.OfType<VirtualPin>().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

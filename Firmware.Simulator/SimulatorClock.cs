// The firmware's clock on the virtual board: its time can be scaled or moved by hand, and a board without power no longer waits.

using Firmware.Simulator.Board;

namespace Firmware.Simulator;

/// <summary>A <see cref="Clock"/> that asks the virtual board.</summary>
/// <param name="time">The board's time.</param>
public sealed class SimulatorClock(BoardTime time) : Clock
{
    /// <inheritdoc />
    public override long NowMs => time.UptimeMs;

    /// <inheritdoc />
    public override DateTime UtcNow => time.UtcNow;

    /// <inheritdoc />
    public override bool Wait(WaitHandle signal, int milliseconds) => time.Wait(signal, milliseconds);
}

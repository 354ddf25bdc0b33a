// A virtual board with every sensor that runs the real firmware: one in the main command, several in the drone sample.

using Firmware.Features.Coap;
using Firmware.Simulator.Board;

namespace Firmware.Simulator;

/// <summary>Makes boards and boots the firmware on them.</summary>
internal static class FirmwareBoard
{
    /// <summary>Makes a board without power, with its sensors on the I2C bus.</summary>
    /// <param name="stateFolder">The state folder, in which the board has its storage.</param>
    /// <param name="thing">The thing name.</param>
    /// <param name="time">The board's clock.</param>
    /// <returns>The board.</returns>
    internal static VirtualBoard Create(string stateFolder, string thing, BoardTime time)
    {
        VirtualBoard board = new(thing, BoardProvisioner.StorageOf(stateFolder, thing), time);
        board.I2c.Attach(Firmware.Drivers.Sht3x.DefaultAddress, new VirtualSht3x(board));
        board.I2c.Attach(Firmware.Drivers.Bmp280.DefaultAddress, new VirtualBmp280(board));
        return board;
    }

    /// <summary>Switches a provisioned board on.</summary>
    /// <param name="board">The board.</param>
    /// <param name="guests">What it serves over CoAP besides the Thing; null for nothing. Made anew at each boot.</param>
    internal static void Start(VirtualBoard board, Func<ICoapGuests>? guests = null)
    {
        BoardConsole.Install();
        board.Start(() =>
        {
            Storage storage = new(board.StorageFolder + Path.DirectorySeparatorChar);
            Firmware.Program.Run(new SimulatorClock(board.Time), storage, new Random(), guests?.Invoke()!);
        });
    }
}

// A virtual ESP32 board: pins, buses, radio, clock and room, and (in VirtualBoard.Power.cs) the power switch that boots the firmware, in threads or (VirtualBoard.Inline.cs) in one.
// Many boards live in one process; a firmware thread finds its own through VirtualBoard.Current.
// Left out: flash wear, brown-out, cores and clock speeds, and all timing of instructions.

namespace Firmware.Simulator.Board;

/// <summary>What a board is doing.</summary>
public enum BoardState
{
    /// <summary>Without power.</summary>
    Off,

    /// <summary>Its program runs.</summary>
    Running,

    /// <summary>Powered, but its main thread has ended, by itself or by an unhandled exception. The pins keep their levels.</summary>
    Halted,

    /// <summary>In deep sleep: only timer and wake-up pins are alive.</summary>
    DeepSleep,
}

/// <summary>A virtual ESP32 board. Thread-safe.</summary>
public sealed partial class VirtualBoard
{
    private readonly LineDispatcher _console;

    /// <summary>Makes a board without power.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="storageFolder">Folder of the PC that is the board's <c>I:\</c>; made if it is missing.</param>
    /// <param name="time">Its clock; null for the PC's.</param>
    public VirtualBoard(string name, string storageFolder, BoardTime? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(storageFolder);
        FirmwareThreads.EndOnUnhandledException();
        Name = name;
        StorageFolder = Path.GetFullPath(storageFolder);
        Directory.CreateDirectory(StorageFolder);
        Time = time ?? new RealBoardTime();
        Environment = new RoomEnvironment();
        Pins = new PinBank(this);
        I2c = new VirtualI2cBus(this);
        Adc = new VirtualAdc(Environment);
        Wifi = new VirtualWifi(this);
        Sntp = new VirtualSntp(this);
        _console = new LineDispatcher(line => ConsoleLine?.Invoke(line));
    }

    /// <summary>Raised for each line that the firmware prints to its UART, in order, on a pool thread, so that a handler may block; on a board without
    /// threads, on the printing thread.</summary>
    public event Action<string>? ConsoleLine;

    /// <summary>Raised when an exception ended a firmware thread. The CLR's line about it goes to <see cref="ConsoleLine"/> as well.</summary>
    public event Action<Exception>? UnhandledException;

    /// <summary>Raised for what a person at the bench would notice, such as an I2C bus on the wrong pins.</summary>
    public event Action<string>? Warning;

    /// <summary>Raised for every change of any pin.</summary>
    public event EventHandler<VirtualPinChange>? PinChanged;

    /// <summary>The board on which the calling firmware thread runs.</summary>
    /// <exception cref="InvalidOperationException">The thread belongs to no board.</exception>
    /// <exception cref="BoardPoweredOffException">The thread's boot has lost power.</exception>
    public static VirtualBoard Current => Boot.Current.Board;

    /// <summary>The calling thread's board, even if its boot has lost power, or null if the thread belongs to none.</summary>
    public static VirtualBoard? OfThisThread => Boot.Ambient?.Board;

    /// <summary>Name in messages.</summary>
    public string Name { get; }

    /// <summary>Full path of the folder that is the board's <c>I:\</c>.</summary>
    public string StorageFolder { get; }

    /// <summary>The clock.</summary>
    public BoardTime Time { get; }

    /// <summary>The room around the board.</summary>
    public RoomEnvironment Environment { get; }

    /// <summary>The pins.</summary>
    public PinBank Pins { get; }

    /// <summary>The I2C bus, to which chips can be attached.</summary>
    public VirtualI2cBus I2c { get; }

    /// <summary>The analogue inputs.</summary>
    public VirtualAdc Adc { get; }

    /// <summary>The radio and the access point it talks to.</summary>
    public VirtualWifi Wifi { get; }

    /// <summary>The time server and the firmware's SNTP client.</summary>
    public VirtualSntp Sntp { get; }

    /// <summary>A finger on a button that pulls its pin low: presses now, lets go later. Does not block.</summary>
    /// <param name="gpio">The button's GPIO number.</param>
    /// <param name="holdMs">How long it is held, in milliseconds of the board's clock.</param>
    public void PressButton(int gpio, int holdMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(holdMs);
        VirtualPin pin = Pins[gpio];
        pin.Drive(false);
        Time.After(holdMs, pin.Release);
    }

    /// <summary>Waits until the firmware's handlers have returned from every pin event so far. An interrupt takes no time on a clock moved by hand,
    /// but its thread takes real time: whoever moves the clock waits here first. Not for the firmware's own threads.</summary>
    /// <param name="realTimeoutMs">The longest wait, in real milliseconds.</param>
    /// <returns>Whether they have.</returns>
    public bool AwaitEvents(int realTimeoutMs = 5000) => SpinWait.SpinUntil(HasDeliveredEvents, realTimeoutMs);

    /// <summary>Prints a line on the UART as if the firmware had.</summary>
    internal void PrintLine(string line)
    {
        if (IsInline)
        {
            OutsideWorld.Run(() => ConsoleLine?.Invoke(line));
        }
        else
        {
            _console.Post(line);
        }
    }

    internal void ReportWarning(string text) => OutsideWorld.Run(() => Warning?.Invoke(text));

    internal void RaisePinChanged(VirtualPinChange change) => PinChanged?.Invoke(this, change);

    /// <summary>What the CLR does with an exception that nobody caught; silent for the way in which a dead boot unwinds.</summary>
    internal void ReportUnhandled(Boot boot, Exception exception, string where)
    {
        if (!boot.IsAlive)
        {
            return;
        }

        PrintLine($"unhandled exception in {where}: {exception.GetType().FullName}: {exception.Message}");
        foreach (string frame in (exception.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            PrintLine("  " + frame.Trim());
        }

        OutsideWorld.Run(() => UnhandledException?.Invoke(exception));
    }
}

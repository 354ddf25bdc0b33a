// What a firmware thread gets when the board under it has lost power: the way in which threads of a dead boot unwind.
// .NET cannot abort a thread, so this exception comes out of the thread's next hardware access, Sleep or Wait.

namespace Firmware.Simulator.Board;

/// <summary>Why a boot of a virtual board ended.</summary>
public enum PowerOffReason
{
    /// <summary>Not ended.</summary>
    None,

    /// <summary><see cref="VirtualBoard.CutPower"/>: the plug was pulled.</summary>
    PowerCut,

    /// <summary><see cref="VirtualBoard.Reset"/>: the reset button.</summary>
    Reset,

    /// <summary><c>Power.RebootDevice</c>: the firmware restarted itself.</summary>
    Reboot,

    /// <summary><c>Sleep.StartDeepSleep</c>: only the wake-up sources are alive.</summary>
    DeepSleep,

    /// <summary><see cref="VirtualBoard.Stop"/>: switched off in an orderly way.</summary>
    Stopped,
}

/// <summary>Thrown out of every hardware access by a thread whose boot has lost power. Firmware has no equivalent: on a board the thread just stops.</summary>
public sealed class BoardPoweredOffException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="boardName">Name of the board that lost power.</param>
    /// <param name="reason">Why it did.</param>
    public BoardPoweredOffException(string boardName, PowerOffReason reason)
        : base($"board {boardName} is without power ({reason})")
    {
        Reason = reason;
    }

    /// <summary>Why the boot ended.</summary>
    public PowerOffReason Reason { get; }
}

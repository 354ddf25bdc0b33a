// The time server, and the SNTP client that nanoFramework's ESP32 firmware starts by itself once the network is there.

namespace Firmware.Simulator.Board;

/// <summary>Network time for a virtual board. Thread-safe.</summary>
public sealed class VirtualSntp
{
    private readonly VirtualBoard _board;
    private volatile bool _reachable = true;

    internal VirtualSntp(VirtualBoard board)
    {
        _board = board;
    }

    /// <summary>Whether the time server answers. Default true; when it becomes true a waiting client is served.</summary>
    public bool Reachable
    {
        get => _reachable;
        set
        {
            _reachable = value;
            if (value)
            {
                Query();
            }
        }
    }

    /// <summary>Time from asking to the clock being set. Default 20 ms.</summary>
    public TimeSpan AnswerTime { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>What the server says. Default: the PC's clock, UTC.</summary>
    public Func<DateTime> Clock { get; set; } = static () => DateTime.UtcNow;

    /// <summary>Whether the firmware's client runs; nanoFramework starts it at boot.</summary>
    internal bool ClientStarted { get; set; } = true;

    /// <summary>Asks the server once, if there is a link, a client and an answer.</summary>
    internal void Query()
    {
        _board.Time.After((long)AnswerTime.TotalMilliseconds, () =>
        {
            if (_reachable && ClientStarted && _board.Wifi.Connected)
            {
                _board.Time.SetUtc(Clock());
            }
        });
    }
}

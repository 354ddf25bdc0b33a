// nanoFramework.Networking.Sntp: the client's switch. The time comes from board.Sntp.

using Firmware.Simulator.Board;

namespace nanoFramework.Networking;

/// <summary>SNTP client; the firmware starts it by itself at boot.</summary>
public class Sntp
{
    /// <summary>Whether the client runs.</summary>
    public static bool IsStarted => VirtualBoard.Current.Sntp.ClientStarted;

    /// <summary>First server. Kept, but there is only one server in the virtual world.</summary>
    public static string Server1
    {
        get => Boot.Current.State<SntpServers>().Server1;
        set => Boot.Current.State<SntpServers>().Server1 = value;
    }

    /// <summary>Second server.</summary>
    public static string Server2
    {
        get => Boot.Current.State<SntpServers>().Server2;
        set => Boot.Current.State<SntpServers>().Server2 = value;
    }

    /// <summary>Starts the client; it asks at once if there is a link.</summary>
    public static void Start()
    {
        VirtualSntp sntp = VirtualBoard.Current.Sntp;
        sntp.ClientStarted = true;
        sntp.Query();
    }

    /// <summary>Stops the client.</summary>
    public static void Stop() => VirtualBoard.Current.Sntp.ClientStarted = false;

    /// <summary>Asks the server now. Does not wait for the answer.</summary>
    public static void UpdateNow() => VirtualBoard.Current.Sntp.Query();
}

/// <summary>Server names of one boot, beginning with nanoFramework's defaults.</summary>
internal sealed class SntpServers
{
    internal string Server1 { get; set; } = "0.pool.ntp.org";

    internal string Server2 { get; set; } = "1.pool.ntp.org";
}

// System.Device.Wifi: the adapter, as far as the network helper needs it. Scanning is left out.

using Firmware.Simulator.Board;

namespace System.Device.Wifi;

/// <summary>Whether the radio comes back by itself after a lost link or a boot.</summary>
public enum WifiReconnectionKind
{
    /// <summary>It does.</summary>
    Automatic = 0,

    /// <summary>The firmware must ask.</summary>
    Manual = 1,
}

/// <summary>Result of asking for a connection.</summary>
public enum WifiConnectionStatus
{
    /// <summary>Access was revoked.</summary>
    AccessRevoked = 0,

    /// <summary>Wrong password.</summary>
    InvalidCredential = 1,

    /// <summary>No such network.</summary>
    NetworkNotAvailable = 2,

    /// <summary>Connected.</summary>
    Success = 3,

    /// <summary>Took too long.</summary>
    Timeout = 4,

    /// <summary>Anything else.</summary>
    UnspecifiedFailure = 5,

    /// <summary>Unknown authentication.</summary>
    UnsupportedAuthenticationProtocol = 6,
}

/// <summary>Result of <see cref="WifiAdapter.Connect"/>.</summary>
public class WifiConnectionResult
{
    internal WifiConnectionResult(WifiConnectionStatus status)
    {
        ConnectionStatus = status;
    }

    /// <summary>How it went.</summary>
    public WifiConnectionStatus ConnectionStatus { get; }
}

/// <summary>The Wi-Fi adapter.</summary>
public sealed class WifiAdapter : IDisposable
{
    private readonly Boot _boot;
    private bool _disposed;

    internal WifiAdapter(Boot boot)
    {
        _boot = boot;
    }

    /// <summary>Index of the network interface: 0, the ESP32's station.</summary>
    public int NetworkInterface => 0;

    /// <summary>The board's adapters.</summary>
    /// <returns>Exactly one.</returns>
    public static WifiAdapter[] FindAllAdapters() => [new WifiAdapter(Boot.Current)];

    /// <summary>Asks for a network, stores it, and waits a little longer than the association time for the link.</summary>
    /// <param name="ssid">Name of the network.</param>
    /// <param name="reconnectionKind">What happens after a lost link.</param>
    /// <param name="passwordCredential">Password.</param>
    /// <returns>Success or NetworkNotAvailable.</returns>
    /// <exception cref="ObjectDisposedException">The adapter is closed.</exception>
    public WifiConnectionResult Connect(string ssid, WifiReconnectionKind reconnectionKind, string passwordCredential)
    {
        CheckOpen();
        VirtualWifi wifi = _boot.Board.Wifi;
        wifi.Connect(ssid, passwordCredential, reconnectionKind == WifiReconnectionKind.Automatic);
        bool up = _boot.Board.Time.Wait(wifi.LinkUp, ((int)wifi.AssociationTime.TotalMilliseconds * 2) + 100);
        return new WifiConnectionResult(up ? WifiConnectionStatus.Success : WifiConnectionStatus.NetworkNotAvailable);
    }

    /// <summary>Lets go of the network.</summary>
    /// <exception cref="ObjectDisposedException">The adapter is closed.</exception>
    public void Disconnect()
    {
        CheckOpen();
        _boot.Board.Wifi.Disconnect();
    }

    /// <summary>Closes the adapter. The link stays.</summary>
    public void Dispose()
    {
        _disposed = true;
    }

    private void CheckOpen()
    {
        _boot.ThrowIfDead();
        ObjectDisposedException.ThrowIf(_disposed, this);
    }
}

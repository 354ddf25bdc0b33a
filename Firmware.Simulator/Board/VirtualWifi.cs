// The radio of a board and the one access point in its range. Sockets are the PC's own: the code that opens them asks Connected first
// and closes them when Changed says that the link went. Credentials given by the firmware outlive boots, as they do in flash.
// Left out: signal strength, scanning, roaming, DHCP leases.

namespace Firmware.Simulator.Board;

/// <summary>Wi-Fi of a virtual board. Thread-safe.</summary>
public sealed class VirtualWifi
{
    private readonly Lock _gate = new();
    private readonly VirtualBoard _board;
    private readonly ManualResetEvent _linkUp = new(false);
    private bool _powered;
    private bool _accessPointOn = true;
    private bool _connected;
    private bool _wanted;
    private bool _automatic;
    private string? _password;
    private IDisposable? _pending;

    internal VirtualWifi(VirtualBoard board)
    {
        _board = board;
    }

    /// <summary>Raised after <see cref="Connected"/> changed, on the thread that changed it; ask <see cref="Connected"/>.</summary>
    public event EventHandler? Changed;

    /// <summary>Name of the access point's network. Default "virtual". A board that looks for another one never connects.</summary>
    public string Ssid { get; set; } = "virtual";

    /// <summary>Its password; null (the default) takes any.</summary>
    public string? Password { get; set; }

    /// <summary>Time from asking for the link to having it with an address. Default 50 ms.</summary>
    public TimeSpan AssociationTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>True while the board is associated and has an address.</summary>
    public bool Connected
    {
        get
        {
            lock (_gate)
            {
                return _connected;
            }
        }
    }

    /// <summary>Network that the firmware stored in flash, or null.</summary>
    public string? StoredSsid { get; private set; }

    /// <summary>Whether the access point is on. Default true. Off: the link is lost at once. On: a board with automatic reconnection comes back.</summary>
    public bool AccessPointOn
    {
        get
        {
            lock (_gate)
            {
                return _accessPointOn;
            }
        }

        set
        {
            lock (_gate)
            {
                _accessPointOn = value;
            }

            if (value)
            {
                Associate();
            }
            else
            {
                LoseLink();
            }
        }
    }

    /// <summary>Set while <see cref="Connected"/>: what the network helper waits for.</summary>
    internal WaitHandle LinkUp => _linkUp;

    /// <summary>The firmware asks for a network and stores it.</summary>
    internal void Connect(string ssid, string? password, bool automatic)
    {
        lock (_gate)
        {
            StoredSsid = ssid;
            _password = password;
            _automatic = automatic;
            _wanted = true;
        }

        Associate();
    }

    /// <summary>The firmware lets go of the network; nothing reconnects until it asks again.</summary>
    internal void Disconnect()
    {
        lock (_gate)
        {
            _wanted = false;
        }

        LoseLink();
    }

    /// <summary>Boot: the ESP32 connects by itself to a network stored with automatic reconnection.</summary>
    internal void PowerOn()
    {
        lock (_gate)
        {
            _powered = true;
            _wanted = _automatic && StoredSsid is not null;
        }

        _board.Sntp.ClientStarted = true;
        Associate();
    }

    internal void PowerOff()
    {
        lock (_gate)
        {
            _powered = false;
            _wanted = false;
        }

        LoseLink();
    }

    private void Associate()
    {
        lock (_gate)
        {
            if (!_powered || !_wanted || !_accessPointOn || _connected)
            {
                return;
            }

            _pending?.Dispose();
            _pending = _board.Time.After((long)AssociationTime.TotalMilliseconds, Associated);
        }
    }

    private void Associated()
    {
        lock (_gate)
        {
            _pending = null;
            bool welcome = StoredSsid == Ssid && (Password is null || Password == _password);
            if (!_powered || !_wanted || !_accessPointOn || _connected || !welcome)
            {
                return;
            }

            _connected = true;
            _linkUp.Set();
        }

        _board.Sntp.Query();
        OutsideWorld.Run(() => Changed?.Invoke(this, EventArgs.Empty));
    }

    private void LoseLink()
    {
        lock (_gate)
        {
            _pending?.Dispose();
            _pending = null;

            // reconnection by the radio itself needs the automatic kind; the manual kind waits for the firmware
            if (!_automatic)
            {
                _wanted = false;
            }

            if (!_connected)
            {
                return;
            }

            _connected = false;
            _linkUp.Reset();
        }

        OutsideWorld.Run(() => Changed?.Invoke(this, EventArgs.Empty));
    }
}

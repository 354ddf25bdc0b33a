// nanoFramework.Networking.WifiNetworkHelper over board.Wifi, per boot. As on the device the connecting methods return false and keep the
// exception, Reconnect only waits (the radio itself connects to what is stored), and without a token they wait for ever.
// Left out: ScanAndConnectDhcp, fixed addresses.

using System.Device.Wifi;
using Firmware.Simulator.Board;

namespace nanoFramework.Networking;

/// <summary>Connects to Wi-Fi.</summary>
public static class WifiNetworkHelper
{
    // the device polls for address and date with this period
    private const int PollMs = 200;
    private const int FirstValidYear = 2021;

    /// <summary>Set when the network that SetupNetworkHelper asked for is ready; cleared when the link is lost.</summary>
    public static ManualResetEvent NetworkReady => State.NetworkReady;

    /// <summary>State of the helper.</summary>
    public static NetworkHelperStatus Status => State.Status;

    /// <summary>What went wrong in the last call that returned false because of an exception, or null.</summary>
    public static Exception? HelperException => State.HelperException;

    /// <summary>The adapter in use, or null.</summary>
    public static WifiAdapter? WifiAdapter => State.Adapter;

    private static HelperState State => Boot.Current.State<HelperState>();

    /// <summary>Waits in the background for the stored network; see <see cref="NetworkReady"/>.</summary>
    /// <param name="requiresDateTime">Whether ready includes a valid date.</param>
    /// <exception cref="InvalidOperationException">Called before without <see cref="Reset"/> in between.</exception>
    public static void SetupNetworkHelper(bool requiresDateTime = false)
    {
        Setup(null, null, WifiReconnectionKind.Automatic, requiresDateTime);
    }

    /// <summary>Connects in the background; see <see cref="NetworkReady"/>.</summary>
    /// <param name="ssid">Name of the network.</param>
    /// <param name="password">Password.</param>
    /// <param name="reconnectionKind">What happens after a lost link.</param>
    /// <param name="requiresDateTime">Whether ready includes a valid date.</param>
    /// <exception cref="InvalidOperationException">Called before without <see cref="Reset"/> in between.</exception>
    public static void SetupNetworkHelper(
        string ssid,
        string password,
        WifiReconnectionKind reconnectionKind = WifiReconnectionKind.Automatic,
        bool requiresDateTime = false)
    {
        Setup(ssid, password, reconnectionKind, requiresDateTime);
    }

    /// <summary>Connects and waits for an address. Stores the network in flash.</summary>
    /// <param name="ssid">Name of the network.</param>
    /// <param name="password">Password.</param>
    /// <param name="reconnectionKind">What happens after a lost link.</param>
    /// <param name="requiresDateTime">Whether to wait for a valid date as well.</param>
    /// <param name="wifiAdapterId">0.</param>
    /// <param name="token">Ends the waiting; without it the method waits for ever.</param>
    /// <returns>True when connected; else see <see cref="Status"/> and <see cref="HelperException"/>.</returns>
    public static bool ConnectDhcp(
        string ssid,
        string password,
        WifiReconnectionKind reconnectionKind = WifiReconnectionKind.Automatic,
        bool requiresDateTime = false,
        int wifiAdapterId = 0,
        CancellationToken token = default)
    {
        Boot boot = Boot.Current;
        return Guard(boot, state =>
        {
            VirtualWifi wifi = boot.Board.Wifi;
            state.Adapter = System.Device.Wifi.WifiAdapter.FindAllAdapters()[wifiAdapterId];
            if (!wifi.Connected || wifi.StoredSsid != ssid)
            {
                wifi.Disconnect();
                wifi.Connect(ssid, password, reconnectionKind == WifiReconnectionKind.Automatic);
            }

            return Await(boot, state, requiresDateTime, token);
        });
    }

    /// <summary>Waits until the radio is back on the stored network.</summary>
    /// <param name="requiresDateTime">Whether to wait for a valid date as well.</param>
    /// <param name="wifiAdapterId">0.</param>
    /// <param name="token">Ends the waiting; without it the method waits for ever.</param>
    /// <returns>True when connected; else see <see cref="Status"/> and <see cref="HelperException"/>.</returns>
    public static bool Reconnect(bool requiresDateTime = false, int wifiAdapterId = 0, CancellationToken token = default)
    {
        Boot boot = Boot.Current;
        return Guard(boot, state =>
        {
            state.Adapter = System.Device.Wifi.WifiAdapter.FindAllAdapters()[wifiAdapterId];
            return Await(boot, state, requiresDateTime, token);
        });
    }

    /// <summary>Lets go of the network, if a method of this class connected to it.</summary>
    public static void Disconnect()
    {
        HelperState state = State;
        state.Adapter?.Disconnect();
        state.Adapter?.Dispose();
        state.Adapter = null;
    }

    /// <summary>Forgets the set-up, so that SetupNetworkHelper can be called again. The link stays.</summary>
    public static void Reset()
    {
        HelperState state = State;
        state.Unsubscribe?.Invoke();
        state.Unsubscribe = null;
        state.Clear();
    }

    private static void Setup(string? ssid, string? password, WifiReconnectionKind kind, bool requiresDateTime)
    {
        Boot boot = Boot.Current;
        HelperState state = State;
        if (!state.TryClaim())
        {
            throw new InvalidOperationException("SetupNetworkHelper was called before; call Reset first");
        }

        VirtualWifi wifi = boot.Board.Wifi;
        state.Adapter = System.Device.Wifi.WifiAdapter.FindAllAdapters()[0];
        ManualResetEvent ready = state.NetworkReady;
        void OnChanged(object? sender, EventArgs e)
        {
            if (!wifi.Connected)
            {
                ready.Reset();
                state.Status = NetworkHelperStatus.Reconnecting;
            }
            else if (!requiresDateTime || boot.Board.Time.UtcNow.Year >= FirstValidYear)
            {
                ready.Set();
                state.Status = NetworkHelperStatus.NetworkIsReady;
            }
        }

        state.Status = NetworkHelperStatus.Started;
        if (!string.IsNullOrEmpty(ssid) && !string.IsNullOrEmpty(password) && (!wifi.Connected || wifi.StoredSsid != ssid))
        {
            wifi.Disconnect();
            wifi.Connect(ssid, password, kind == WifiReconnectionKind.Automatic);
        }

        wifi.Changed += OnChanged;
        IDisposable powerLost = boot.OnPowerLost(() => wifi.Changed -= OnChanged);
        state.Unsubscribe = () =>
        {
            wifi.Changed -= OnChanged;
            powerLost.Dispose();
        };

        Thread worker = new(() =>
        {
            try
            {
                if (Await(boot, state, requiresDateTime, default))
                {
                    ready.Set();
                }
            }
            catch (BoardPoweredOffException)
            {
                // this thread ends with its boot
            }
        })
        {
            IsBackground = true,
        };
        worker.Start();
    }

    private static bool Guard(Boot boot, Func<HelperState, bool> connect)
    {
        HelperState state = boot.State<HelperState>();
        try
        {
            return connect(state);
        }
        catch (Exception e) when (e is not BoardPoweredOffException)
        {
            state.Status = NetworkHelperStatus.ExceptionOccurred;
            state.HelperException = e;
            return false;
        }
    }

    private static bool Await(Boot boot, HelperState state, bool requiresDateTime, CancellationToken token)
    {
        BoardTime time = boot.Board.Time;
        state.Status = NetworkHelperStatus.Started;
        while (!token.IsCancellationRequested && !time.Wait(boot.Board.Wifi.LinkUp, PollMs))
        {
        }

        if (token.IsCancellationRequested)
        {
            state.Status = NetworkHelperStatus.TokenExpiredWaitingIPAddress;
            return false;
        }

        while (requiresDateTime && !token.IsCancellationRequested && time.UtcNow.Year < FirstValidYear)
        {
            time.Sleep(PollMs);
        }

        if (token.IsCancellationRequested)
        {
            state.Status = NetworkHelperStatus.TokenExpiredWaitingDateTime;
            return false;
        }

        state.Status = NetworkHelperStatus.NetworkIsReady;
        return true;
    }

    /// <summary>What nanoFramework keeps in static fields.</summary>
    internal sealed class HelperState
    {
        private int _claimed;

        internal ManualResetEvent NetworkReady { get; private set; } = new(false);

        internal NetworkHelperStatus Status { get; set; }

        internal Exception? HelperException { get; set; }

        internal WifiAdapter? Adapter { get; set; }

        internal Action? Unsubscribe { get; set; }

        internal bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

        internal void Clear()
        {
            NetworkReady = new ManualResetEvent(false);
            Status = NetworkHelperStatus.None;
            HelperException = null;
            Volatile.Write(ref _claimed, 0);
        }
    }
}

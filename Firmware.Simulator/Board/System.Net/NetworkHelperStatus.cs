// nanoFramework.Networking.NetworkHelperStatus, which lives in nanoFramework's System.Net assembly.

namespace nanoFramework.Networking;

/// <summary>State of the network helper. The spelling is nanoFramework's.</summary>
public enum NetworkHelperStatus
{
    /// <summary>Not used yet.</summary>
    None = 0,

    /// <summary>Set up, waiting.</summary>
    Started = 1,

    /// <summary>All conditions are met.</summary>
    NetworkIsReady = 2,

    /// <summary>There is no network interface.</summary>
    FailedNoNetworkInterface = 3,

    /// <summary>The token ran out before there was an address.</summary>
    TokenExpiredWaitingIPAddress = 4,

    /// <summary>The token ran out before the clock was set.</summary>
    TokenExpiredWaitingDateTime = 5,

    /// <summary>Connecting failed after a scan.</summary>
    ErrorConnetingToWiFiWhileScanning = 6,

    /// <summary>See HelperException.</summary>
    ExceptionOccurred = 7,

    /// <summary>The link was lost and is awaited again.</summary>
    Reconnecting = 8,
}

// Joins the Wi-Fi network and waits for the date, with a limit. Uses nanoFramework's helper, which reports failure as false.

using System;
using System.Device.Wifi;
using System.Threading;
using Firmware.Settings;
using nanoFramework.Networking;

namespace Firmware.Connectivity
{
    /// <summary>The station side of Wi-Fi.</summary>
    public sealed class Wifi
    {
        private readonly DeviceConfiguration _configuration;
        private bool _credentialsStored;

        /// <summary>Creates the station.</summary>
        /// <param name="configuration">SSID and password; without an SSID the network that nanoff provisioned is used.</param>
        public Wifi(DeviceConfiguration configuration)
        {
            _configuration = configuration;
        }

        /// <summary>Blocks until the network is there and the date is set, at most <see cref="Limits.WifiMs"/>.</summary>
        /// <exception cref="ConnectException">No network in time.</exception>
        public void EnsureConnected()
        {
            CancellationTokenSource limit = new CancellationTokenSource(Limits.WifiMs);
            try
            {
                // ConnectDhcp writes the credentials to flash: once a boot is enough, then the stored ones serve
                // a Thing that sleeps must not join the network each time it wakes up to sense: then the radio does nothing by itself
                bool sleeps = _configuration.SleepPolicy != SleepPolicy.AlwaysOn;
                bool connected = _configuration.WifiSsid != null && (sleeps || !_credentialsStored)
                    ? WifiNetworkHelper.ConnectDhcp(_configuration.WifiSsid, _configuration.WifiPassword, sleeps ? WifiReconnectionKind.Manual : WifiReconnectionKind.Automatic, true, 0, limit.Token)
                    : WifiNetworkHelper.Reconnect(true, 0, limit.Token);
                if (!connected)
                {
                    throw new ConnectException(Explain());
                }

                _credentialsStored = true;
            }
            finally
            {
                limit.Dispose();
            }
        }

        private string Explain()
        {
            if (WifiNetworkHelper.Status == NetworkHelperStatus.TokenExpiredWaitingDateTime)
            {
                return "Wi-Fi is there, but the date did not come: the device needs an SNTP server (UDP port 123) on its network";
            }

            string network = _configuration.WifiSsid != null ? "\"" + _configuration.WifiSsid + "\"" : "(the one stored by nanoff)";
            Exception cause = WifiNetworkHelper.HelperException;
            return "no Wi-Fi network " + network + ": check that the access point is on, near, and that its password is right"
                + (cause != null ? " (" + cause.Message + ")" : "");
        }
    }
}

// All that blocks on the way to a connection, in order: Wi-Fi, the date, DNS, TCP, TLS. Runs in the connector's thread.

using Firmware.Settings;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>Opens TLS connections to the configured endpoint.</summary>
    public sealed class Dialer
    {
        private readonly DeviceConfiguration _configuration;
        private readonly Credentials _credentials;
        private readonly Wifi _wifi;
        private readonly Clock _clock;

        /// <summary>Creates a dialer.</summary>
        /// <param name="configuration">Endpoint, port and Wi-Fi.</param>
        /// <param name="credentials">The device's certificate and the CA.</param>
        /// <param name="clock">Tells whether the date is good enough for certificates.</param>
        public Dialer(DeviceConfiguration configuration, Credentials credentials, Clock clock)
        {
            _configuration = configuration;
            _credentials = credentials;
            _clock = clock;
            _wifi = new Wifi(configuration);
        }

        /// <summary>Connects, blocking. The host is resolved afresh each time: AWS moves its addresses.</summary>
        /// <returns>An open, verified transport.</returns>
        /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
        public ITransport Dial()
        {
            _wifi.EnsureConnected();
            if (!_clock.IsDateSet)
            {
                throw new ConnectException("the date is not set, so no certificate can be checked: the device needs an SNTP server (UDP port 123) on its network");
            }

            return TlsTransport.Open(_configuration.Endpoint, _configuration.Port, _configuration.Alpn, _credentials, _clock);
        }
    }
}

// All that blocks on the way to a connection, in order: Wi-Fi, the date, DNS, TCP, TLS. Runs in the connector's thread. Which TLS, SslStream or the
// native engine, is the configuration's choice.

using System;
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
        private readonly TlsEngineConnection _engine;
        private readonly MqttWebSocket _webSocket;
        private readonly HttpsPublish _https;
        private readonly Clock _clock;

        /// <summary>Creates a dialer.</summary>
        /// <param name="configuration">Endpoint, port and Wi-Fi.</param>
        /// <param name="credentials">The device's certificate and the CA.</param>
        /// <param name="clock">Tells whether the date is good enough for certificates.</param>
        /// <param name="storage">Where TLS sessions are kept, if the configuration says so, and the access key for MQTT over WebSocket.</param>
        /// <param name="random">Makes keys.</param>
        /// <exception cref="ConfigurationException">The access key is wanted and cannot be read.</exception>
        public Dialer(DeviceConfiguration configuration, Credentials credentials, Clock clock, Storage storage, Random random)
        {
            _configuration = configuration;
            _credentials = credentials;
            _clock = clock;
            _wifi = new Wifi(configuration);
            _https = configuration.HttpsPublish ? new HttpsPublish(configuration) : null;
            _webSocket = configuration.WebSocketRegion == null ? null : new MqttWebSocket(configuration, CredentialsReader.ReadAws(configuration, storage), clock, random);
            if (configuration.TlsKind == TlsKind.Engine)
            {
                TlsSessions sessions = configuration.TlsSession == TlsSessionPolicy.None ? null
                    : new TlsSessions(configuration.TlsSession == TlsSessionPolicy.Storage ? storage : null);
                _engine = new TlsEngineConnection(configuration, credentials, clock, sessions);
            }
        }

        /// <summary>Connects, blocking. The host is resolved afresh each time: AWS moves its addresses.</summary>
        /// <returns>An open, verified transport. With the engine it is the same object each time, so it must be closed before the next call.</returns>
        /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
        public ITransport Dial()
        {
            _wifi.EnsureConnected();
            if (!_clock.IsDateSet)
            {
                throw new ConnectException("the date is not set, so no certificate can be checked: the device needs an SNTP server (UDP port 123) on its network");
            }

            ITransport tls = DialTls();
            return _https != null ? _https.Open(tls) : _webSocket != null ? _webSocket.Open(tls) : tls;
        }

        private ITransport DialTls()
        {
            if (_engine != null)
            {
                _engine.Open();
                return _engine;
            }

            return TlsTransport.Open(_configuration.Endpoint, _configuration.Port, _configuration.Alpn, _credentials, _clock);
        }
    }
}

// MQTT over WebSocket with Signature Version 4, the door of AWS IoT Core's port 443 for who has an access key instead of a certificate. Over a TLS
// connection that shows no certificate: a signed GET /mqtt, and then MQTT in binary frames. AWS ends such a connection after 24 hours, and the next
// one is signed anew. Open belongs to the connector's thread, the rest to whoever has the transport.

using System;
using System.Threading;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Io;
using Firmware.Protocols.WebSocket;
using Firmware.Settings;

namespace Firmware.Connectivity
{
    /// <summary>Opens the WebSocket below MQTT. One object serves all connections of a boot, one after the other.</summary>
    public sealed class MqttWebSocket
    {
        private const int Forbidden = 403;

        private readonly string _endpoint;
        private readonly AwsCredentials _credentials;
        private readonly Clock _clock;
        private readonly AwsClock _awsClock = new AwsClock();
        private readonly SigV4Signer _signer;
        private readonly WebSocketTransport _socket;
        private readonly byte[] _host;
        private readonly byte[] _early = new byte[1];

        /// <summary>Creates it with its buffers; nothing is opened.</summary>
        /// <param name="configuration">Endpoint, port and region.</param>
        /// <param name="credentials">The access key.</param>
        /// <param name="clock">The date that is signed, and the time limit.</param>
        /// <param name="random">The key of masks and nonces.</param>
        public MqttWebSocket(DeviceConfiguration configuration, AwsCredentials credentials, Clock clock, Random random)
        {
            _endpoint = configuration.Endpoint;
            _credentials = credentials;
            _clock = clock;
            _host = Bytes.FromString(configuration.Port == 443 ? _endpoint : _endpoint + ":" + configuration.Port);
            _signer = new SigV4Signer(Bytes.FromString(configuration.WebSocketRegion), SigV4Signer.IotDeviceGateway);
            byte[] key = new byte[SipHash.KeyLength];
            random.NextBytes(key);
            _socket = new WebSocketTransport(new byte[Limits.WebSocketReceive], new byte[Limits.WebSocketSend], Bytes.FromString("mqtt"), new WebSocketNoise(key));
        }

        /// <summary>Opens the WebSocket, blocking this thread only.</summary>
        /// <param name="tls">An open, verified connection to the endpoint; closed if this fails.</param>
        /// <returns>The transport of MQTT; the same object each time.</returns>
        /// <exception cref="ConnectException">It was refused; the message says what to do.</exception>
        public ITransport Open(ITransport tls)
        {
            long now = _clock.UnixSeconds;
            _signer.WriteMqttTarget(_socket.BeginRequest().Out, _credentials, _host, _awsClock.Now(now), Limits.WebSocketExpirySeconds);
            if (!_socket.Open(tls, _host))
            {
                tls.Close();
                throw new ConnectException("the signed request is longer than " + Limits.WebSocketSend + " bytes: the session token in \"websocket.credentials\" is too long for this device");
            }

            long startMs = _clock.NowMs;
            while (_socket.State == WebSocketState.Opening && _clock.NowMs - startMs < Limits.ConnectMs)
            {
                if (_socket.Read(_early, 0, _early.Length) == 0 && _socket.State == WebSocketState.Opening)
                {
                    Thread.Sleep(Limits.TlsPauseMs);
                }
            }

            if (_socket.State == WebSocketState.Open)
            {
                return _socket;
            }

            int status = _socket.HandshakeStatus;
            bool wasClock = status == Forbidden && _awsClock.Learn(_socket.ServerDate, now);
            _socket.Close();
            throw new ConnectException(wasClock
                ? "the date of this device is off that of " + _endpoint + " by " + _awsClock.OffsetSeconds + " s, so the signature was refused (403): the next one has the right date"
                : status == Forbidden ? _endpoint + " refuses the signature: check the access key, its policy, and \"region\" in \"websocket\""
                : status != 0 ? _endpoint + " answers " + status + " instead of opening a WebSocket: check endpoint and port"
                : _endpoint + " does not open a WebSocket within " + (Limits.ConnectMs / 1000) + " s, or ended the connection: check endpoint and port");
        }
    }
}

// The connection to the broker through the native TLS engine: plain TCP, the handshake with its time limit, and the session for the next time. One object
// with one pair of windows serves all connections of a boot, one after the other: the Connector sees to it that the last one is closed before the next begins.
// Open belongs to the connector's thread, the rest to whoever has the transport.

using System;
using System.Text;
using System.Threading;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;
using Firmware.Settings;

namespace Firmware.Connectivity
{
    /// <summary>A TLS connection with a client certificate and a verified server, through the engine. Can be opened again after <see cref="Close"/>.</summary>
    public sealed class TlsEngineConnection : ITransport
    {
        private const int Tls13 = 0x0304;

        private readonly string _host;
        private readonly int _port;
        private readonly string _alpn;
        private readonly Clock _clock;
        private readonly TlsSessions _sessions;
        private readonly TlsEngineTransport _tls = new TlsEngineTransport(Limits.TlsInput, Limits.TlsOutput);
        private readonly TlsOptions _options = new TlsOptions();
        private bool _isOffered;
        private bool _isOpen;
        private bool _isResumed;
        private bool _hasAnswered;

        /// <summary>Creates the connection; nothing is opened.</summary>
        /// <param name="configuration">Endpoint, port and ALPN.</param>
        /// <param name="credentials">Certificate, key and CA, as files; those stored in the device are out of the engine's reach.</param>
        /// <param name="clock">The date that certificates are checked against, and the time limit.</param>
        /// <param name="sessions">Keeps the session from one connection to the next; null for a full handshake each time.</param>
        public TlsEngineConnection(DeviceConfiguration configuration, Credentials credentials, Clock clock, TlsSessions sessions)
        {
            _host = configuration.Endpoint;
            _port = configuration.Port;
            _alpn = configuration.Alpn;
            _clock = clock;
            _sessions = sessions;
            _options.Host = Bytes.FromString(_host);
            _options.Alpn = _alpn == null ? null : Bytes.FromString(_alpn);
            _options.Ca = credentials.Ca;
            _options.Certificate = credentials.Certificate;
            _options.Key = credentials.Key;
        }

        /// <summary>Whether the last connection resumed a session.</summary>
        public bool IsResumed
        {
            get { return _isResumed; }
        }

        /// <summary>Connects, blocking this thread only: DNS, TCP to each address in turn, TLS with SNI, and ALPN if asked for.</summary>
        /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
        public void Open()
        {
            if (!TlsEngineTransport.IsEngineThere)
            {
                throw new ConnectException("this image has no TLS engine: flash one with it (docs/custom-image.md), or set \"transport\": \"sslstream\" in \"tls\"");
            }

            Close();
            try
            {
                Dial();
            }
            catch (ConnectException) when (_isOffered && _tls.Error != 0)
            {
                // not every server goes on with a full handshake when it does not want the session: it is forgotten, and must not cost the connection
                Log.Info("the handshake with the session of the last connection failed, error " + _tls.Error + ": once more without");
                Dial();
            }
        }

        /// <inheritdoc />
        public int Read(byte[] buffer, int offset, int count)
        {
            int got = _tls.Read(buffer, offset, count);
            if (got > 0)
            {
                _hasAnswered = true;
            }

            if (_sessions != null && _tls.HasSession)
            {
                // TLS 1.3 hands sessions out after the handshake; they go to storage when the connection is closed
                _sessions.Take(_tls, _isResumed ? 0 : _options.UnixSeconds);
            }

            return got;
        }

        /// <inheritdoc />
        public int Write(byte[] buffer, int offset, int count)
        {
            return _tls.Write(buffer, offset, count);
        }

        /// <inheritdoc />
        public void Close()
        {
            if (!_isOpen)
            {
                return;
            }

            _isOpen = false;
            if (_tls.Error != 0 && _tls.Error != TlsError.Truncated)
            {
                // a refusal of TLS 1.3 comes this late, and MQTT knows only that the link is gone
                Log.Info(Explain(_tls.Error));
            }

            _tls.Close();
            if (_sessions == null)
            {
                return;
            }

            if (_isResumed && !_hasAnswered)
            {
                // a server that resumes a session and then does not serve it must see certificates next time
                _sessions.Drop();
            }
            else
            {
                _sessions.Save();
            }
        }

        private void Dial()
        {
            _isOffered = false;
            ITransport link = TcpTransport.Connect(_host, _port);
            try
            {
                _options.UnixSeconds = _clock.UnixSeconds;
                _isOffered = _sessions != null && _sessions.Offer(_options);
                long startMs = _clock.NowMs;
                int error = _tls.Begin(link, _options);
                link = _tls;
                if (_isOffered && _tls.SessionError != 0)
                {
                    _isOffered = false;
                    _sessions.Drop();
                }

                error = error != 0 ? error : Handshake(startMs);
                if (error != 0)
                {
                    throw new ConnectException(Explain(error));
                }

                _isOpen = true;
                _hasAnswered = false;
                _isResumed = _tls.IsResumed;
                Keep();
                Log.Info(Describe(_clock.NowMs - startMs));
            }
            catch (Exception)
            {
                _isOpen = false;
                link.Close();
                if (_isOffered)
                {
                    // whatever it was: the next attempt must not fail for the same reason
                    _sessions.Drop();
                }

                throw;
            }
        }

        private int Handshake(long startMs)
        {
            while (!_tls.IsReady)
            {
                bool moved = _tls.Handshake();
                if (_tls.Error != 0)
                {
                    return _tls.Error;
                }

                if (_clock.NowMs - startMs >= Limits.ConnectMs)
                {
                    return TlsError.Timeout;
                }

                if (!moved)
                {
                    Thread.Sleep(Limits.TlsPauseMs);
                }
            }

            return 0;
        }

        private void Keep()
        {
            if (_sessions == null)
            {
                return;
            }

            if (_isOffered && (!_isResumed || _tls.Version == Tls13))
            {
                _sessions.Spend();
            }

            _sessions.Take(_tls, _isResumed ? 0 : _options.UnixSeconds);
            if (_tls.Version != Tls13)
            {
                // here it may block; TLS 1.3 hands its sessions out later
                _sessions.Save();
            }
        }

        private string Explain(int error)
        {
            DateTime now = _clock.UtcNow;
            string date = now.Year.ToString("D4") + "-" + now.Month.ToString("D2") + "-" + now.Day.ToString("D2");
            return TlsErrorText.Explain(error, _tls.Detail, _tls.Alert, _host, _alpn, date);
        }

        private string Describe(long milliseconds)
        {
            byte[] name = new byte[64];
            int length = _tls.Get(TlsItem.GetAlpn, name);
            return "TLS " + (_tls.Version == Tls13 ? "1.3" : "1.2") + (length > 0 ? ", ALPN " + Encoding.UTF8.GetString(name, 0, length) : "")
                + (_isResumed ? ", resumed" : ", full handshake") + ", " + _tls.WireIn + "/" + _tls.WireOut + " bytes, " + milliseconds + " ms";
        }
    }
}

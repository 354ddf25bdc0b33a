// The host half of TlsTransport, on .NET's SslStream: mutual TLS with SNI and ALPN, verified against the given CA alone, at the board's
// own date. .NET's stream blocks and cannot be asked for data, so a thread pumps what it decrypts into a fixed ring.
// The virtual board's Wi-Fi and power reach the socket here: without Wi-Fi nothing moves, and a cut of power drops the link unsaid.

using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using Firmware.Protocols.Io;
using Firmware.Simulator.Board;

namespace Firmware.Connectivity
{
    public sealed partial class TlsTransport
    {
        private const int RingSize = 8192;

        private readonly Socket _socket;
        private readonly SslStream _stream;
        private readonly VirtualBoard _board;
        private readonly IDisposable _powerLost;
        private readonly byte[] _ring = new byte[RingSize];
        private readonly object _ringLock = new object();
        private int _ringStart;
        private int _ringCount;
        private int _end;
        private bool _closed;

        private TlsTransport(Socket socket, SslStream stream)
        {
            _socket = socket;
            _stream = stream;
            _board = VirtualBoard.Current;
            _powerLost = _board.OnPowerLost(Drop);
            Thread pump = new Thread(Pump);
            pump.IsBackground = true;
            pump.Start();
        }

        private static partial void RefuseWhatThePlatformLacks(string alpn)
        {
        }

        private static partial TlsTransport Handshake(Socket socket, string host, string alpn, Credentials credentials, Clock clock)
        {
            if (credentials.IsStoredInDevice || credentials.Ca == null)
            {
                throw new ConnectException("the virtual board has no certificates stored in the device: name files in \"tls\" (ca, certificate, key)");
            }

            string refusal = null;
            socket.ReceiveTimeout = Limits.ConnectMs;
            socket.SendTimeout = Limits.ConnectMs;
            SslStream stream = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: false);
            try
            {
                X509ChainPolicy policy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    VerificationTime = clock.UtcNow,
                    VerificationTimeIgnored = false,

                    // a certificate must not make the board fetch what it names
                    DisableCertificateDownloads = true,
                };
                policy.CustomTrustStore.ImportFromPem(Text(credentials.Ca));
                SslClientAuthenticationOptions options = new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    CertificateChainPolicy = policy,
                    RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                    {
                        refusal = Explain(host, certificate, chain, errors, clock);
                        return errors == SslPolicyErrors.None;
                    },
                    ClientCertificateContext = credentials.ShowsNoCertificate ? null : SslStreamCertificateContext.Create(
                        X509Certificate2.CreateFromPem(Text(credentials.Certificate), Text(credentials.Key)), null, offline: true),
                };
                if (alpn != null)
                {
                    options.ApplicationProtocols = new List<SslApplicationProtocol> { new SslApplicationProtocol(alpn) };
                }

                stream.AuthenticateAsClient(options);
                if (alpn != null && stream.NegotiatedApplicationProtocol.ToString() != alpn)
                {
                    throw new ConnectException(host + " does not know the ALPN protocol " + alpn + ": this port does not serve MQTT; use the broker's MQTT port without ALPN");
                }

                socket.ReceiveTimeout = 0;
                return new TlsTransport(socket, stream);
            }
            catch (ConnectException)
            {
                stream.Dispose();
                throw;
            }
            catch (Exception e) when (e is CryptographicException || e is ArgumentException)
            {
                stream.Dispose();
                throw new ConnectException("certificate, key or CA file cannot be used: they must be PEM, and the key must belong to the certificate (" + e.Message + ")");
            }
            catch (Exception e) when (e is AuthenticationException || e is IOException)
            {
                stream.Dispose();
                throw new ConnectException(refusal ?? "TLS with " + host + " failed: the broker refused the device's certificate"
                    + (alpn != null ? ", does not know the ALPN protocol " + alpn + "," : "") + " or speaks no TLS on this port ("
                    + (e.InnerException ?? e).Message + ")");
            }
        }

        private static string Text(byte[] pem)
        {
            return Encoding.ASCII.GetString(pem).TrimEnd('\0');
        }

        private static string Explain(string host, X509Certificate certificate, X509Chain chain, SslPolicyErrors errors, Clock clock)
        {
            if (errors == SslPolicyErrors.None)
            {
                return null;
            }

            if (certificate == null || (errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
            {
                return host + " shows no certificate: this is not the broker";
            }

            if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            {
                return "the certificate of the server (" + certificate.Subject + ") is not for " + host + ": check \"endpoint\" in the configuration";
            }

            X509ChainStatusFlags flags = X509ChainStatusFlags.NoError;
            foreach (X509ChainStatus status in chain.ChainStatus)
            {
                flags |= status.Status;
            }

            if ((flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
            {
                return "the certificate of " + host + " comes from an unknown CA (" + certificate.Issuer + "): put the CA of the broker into the \"ca\" file";
            }

            if ((flags & X509ChainStatusFlags.NotTimeValid) != 0)
            {
                return "the certificate of " + host + " is expired or not yet valid (" + certificate.GetEffectiveDateString() + " to " + certificate.GetExpirationDateString()
                    + "; the device's date is " + clock.UtcNow.ToString("u") + "): renew it, or correct the date";
            }

            return "the certificate of " + host + " cannot be verified (" + flags + ")";
        }

        /// <inheritdoc />
        public partial int Read(byte[] buffer, int offset, int count)
        {
            if (!_board.Wifi.Connected)
            {
                return 0;
            }

            lock (_ringLock)
            {
                if (_ringCount == 0)
                {
                    return _end;
                }

                int got = Math.Min(count, Math.Min(_ringCount, RingSize - _ringStart));
                Array.Copy(_ring, _ringStart, buffer, offset, got);
                _ringStart = (_ringStart + got) % RingSize;
                _ringCount -= got;
                Monitor.PulseAll(_ringLock);
                return got;
            }
        }

        /// <inheritdoc />
        public partial int Write(byte[] buffer, int offset, int count)
        {
            if (!_board.Wifi.Connected)
            {
                return 0;
            }

            try
            {
                _stream.Write(buffer, offset, count);
                return count;
            }
            catch (Exception e) when (IsLinkFailure(e))
            {
                return TransportResult.Failed;
            }
        }

        /// <inheritdoc />
        public partial void Close()
        {
            if (_closed)
            {
                return;
            }

            _powerLost.Dispose();
            try
            {
                // says the end in order, so that the last bytes are not lost to a reset
                _socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (IsLinkFailure(e))
            {
                // the peer was faster
            }

            Drop();
        }

        private static bool IsLinkFailure(Exception e)
        {
            return e is IOException || e is SocketException || e is ObjectDisposedException || e is InvalidOperationException;
        }

        private void Drop()
        {
            lock (_ringLock)
            {
                _closed = true;
                _end = TransportResult.Failed;
                Monitor.PulseAll(_ringLock);
            }

            _socket.Close();
        }

        private void Pump()
        {
            byte[] piece = new byte[RingSize / 2];
            int end = TransportResult.Failed;
            try
            {
                while (true)
                {
                    int got = _stream.Read(piece, 0, piece.Length);
                    if (got == 0)
                    {
                        end = TransportResult.Closed;
                        break;
                    }

                    lock (_ringLock)
                    {
                        while (RingSize - _ringCount < got && !_closed)
                        {
                            Monitor.Wait(_ringLock);
                        }

                        if (_closed)
                        {
                            return;
                        }

                        for (int i = 0; i < got; i++)
                        {
                            _ring[(_ringStart + _ringCount++) % RingSize] = piece[i];
                        }
                    }
                }
            }
            catch (Exception e) when (IsLinkFailure(e))
            {
                end = TransportResult.Failed;
            }

            lock (_ringLock)
            {
                _end = end;
            }
        }
    }
}

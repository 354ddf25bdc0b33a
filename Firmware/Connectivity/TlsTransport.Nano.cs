// The device half of TlsTransport, on nanoFramework's SslStream (mbedTLS). Facts of the platform that show here: no ALPN, no limit for the
// handshake (it stops every thread), reads that block, so readability is asked first.

using System;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    public sealed partial class TlsTransport
    {
        private readonly Socket _socket;
        private readonly SslStream _stream;

        private TlsTransport(Socket socket, SslStream stream)
        {
            _socket = socket;
            _stream = stream;
        }

        private static partial void RefuseWhatThePlatformLacks(string alpn)
        {
            if (alpn != null)
            {
                throw new ConnectException("port 443 needs the ALPN protocol " + alpn + ", which SslStream cannot offer and a stock image has no TLS engine for: flash an image with the engine (docs/custom-image.md)"
                    + " and set \"tls\": {\"transport\": \"engine\"}, or use port 8883, or an AWS IoT domain configuration"
                    + " with application protocol SECURE_MQTT and authentication type AWS_X509 together with \"alpn\": \"\"");
            }
        }

        private static partial TlsTransport Handshake(Socket socket, string host, string alpn, Credentials credentials, Clock clock)
        {
            SslStream stream = null;
            try
            {
                // bounds a record that stops in the middle, and a peer that takes nothing: both then count as a broken link
                socket.ReceiveTimeout = Limits.ConnectMs;
                socket.SendTimeout = Limits.ConnectMs;
                X509Certificate ca = credentials.Ca == null ? null : new X509Certificate(credentials.Ca);
                stream = new SslStream(socket);
                stream.SslVerification = SslVerification.CertificateRequired;
                if (credentials.ShowsNoCertificate)
                {
                    stream.AuthenticateAsClient(host, null, ca, SslProtocols.Tls12 | SslProtocols.Tls13);
                }
                else if (credentials.IsStoredInDevice)
                {
                    stream.UseStoredDeviceCertificate = true;
                    stream.AuthenticateAsClient(host, null, ca, SslProtocols.Tls12 | SslProtocols.Tls13);
                }
                else
                {
                    X509Certificate2 certificate = new X509Certificate2(credentials.Certificate, credentials.Key, "");
                    stream.AuthenticateAsClient(host, certificate, ca, SslProtocols.Tls12 | SslProtocols.Tls13);
                }

                return new TlsTransport(socket, stream);
            }
            catch (Exception e)
            {
                if (stream != null)
                {
                    stream.Dispose();
                }

                // SocketException on older firmware, CryptographicException on newer; neither says which check failed
                throw new ConnectException("TLS with " + host + " failed: check that the CA file is the one of the broker, that host name and date are right, and that certificate and key belong together ("
                    + e.Message + ")");
            }
        }

        /// <inheritdoc />
        public partial int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                // DataAvailable counts only what is decrypted already, Poll only what is not
                if (!_stream.DataAvailable && !_socket.Poll(0, SelectMode.SelectRead))
                {
                    return 0;
                }

                int got = _stream.Read(buffer, offset, count);
                return got > 0 ? got : TransportResult.Closed;
            }
            catch (Exception)
            {
                return TransportResult.Failed;
            }
        }

        /// <inheritdoc />
        public partial int Write(byte[] buffer, int offset, int count)
        {
            try
            {
                _stream.Write(buffer, offset, count);
                return count;
            }
            catch (Exception)
            {
                return TransportResult.Failed;
            }
        }

        /// <inheritdoc />
        public partial void Close()
        {
            try
            {
                _stream.Dispose();
            }
            catch (Exception)
            {
                // a broken link cannot be closed in order; the socket below goes in any case
            }

            _socket.Close();
        }
    }
}

// A verified TLS connection as an ITransport, through the platform's SslStream. What both machines share is here: connect, hand over to TLS.
// SslStream is where nanoFramework and .NET differ, so the rest is in two halves: TlsTransport.Nano.cs (device) and TlsTransport.Host.cs.
// There is no way through this class to an unverified or unencrypted connection.

using System;
using System.Net.Sockets;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A TLS connection with a client certificate and a verified server.</summary>
    public sealed partial class TlsTransport : ITransport
    {
        /// <summary>Connects, blocking: DNS, TCP to each address in turn, TLS with SNI, and ALPN if asked for.</summary>
        /// <param name="host">The endpoint's name; sent as SNI and compared with the server's certificate.</param>
        /// <param name="port">TCP port.</param>
        /// <param name="alpn">The ALPN protocol to demand, or null for none.</param>
        /// <param name="credentials">The device's identity and the trusted CA.</param>
        /// <param name="clock">The date that certificates are checked against.</param>
        /// <returns>The open transport.</returns>
        /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
        public static TlsTransport Open(string host, int port, string alpn, Credentials credentials, Clock clock)
        {
            RefuseWhatThePlatformLacks(alpn);
            Socket socket = TcpTransport.ConnectSocket(host, port);
            try
            {
                return Handshake(socket, host, alpn, credentials, clock);
            }
            catch (Exception)
            {
                socket.Close();
                throw;
            }
        }

        private static partial void RefuseWhatThePlatformLacks(string alpn);

        private static partial TlsTransport Handshake(Socket socket, string host, string alpn, Credentials credentials, Clock clock);

        /// <inheritdoc />
        public partial int Read(byte[] buffer, int offset, int count);

        /// <inheritdoc />
        public partial int Write(byte[] buffer, int offset, int count);

        /// <inheritdoc />
        public partial void Close();
    }
}

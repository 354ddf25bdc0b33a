// A verified TLS connection as an ITransport. The steps that both machines share are here: resolve, connect, hand over to TLS.
// SslStream is where nanoFramework and .NET differ, so the rest is in two halves: TlsTransport.Nano.cs (device) and TlsTransport.Host.cs.
// There is no way through this class to an unverified or unencrypted connection.

using System;
using System.Net;
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
            IPAddress[] addresses = Resolve(host);
            Exception cause = null;
            for (int i = 0; i < addresses.Length; i++)
            {
                Socket socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    ConnectSocket(socket, new IPEndPoint(addresses[i], port));
                }
                catch (Exception e)
                {
                    cause = e;
                    socket.Close();
                    continue;
                }

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

            throw new ConnectException("cannot reach " + host + " on port " + port
                + ": check that the broker runs, the port, and that the network lets it out" + (cause != null ? " (" + cause.Message + ")" : ""));
        }

        private static IPAddress[] Resolve(string host)
        {
            string cause;
            try
            {
                IPAddress[] addresses = Dns.GetHostEntry(host).AddressList;
                if (addresses.Length > 0)
                {
                    return addresses;
                }

                cause = "no address";
            }
            catch (Exception e)
            {
                cause = e.Message;
            }

            throw new ConnectException("cannot resolve " + host + ": check \"endpoint\" in the configuration and the network's DNS (" + cause + ")");
        }

        private static partial void RefuseWhatThePlatformLacks(string alpn);

        private static partial void ConnectSocket(Socket socket, IPEndPoint endPoint);

        private static partial TlsTransport Handshake(Socket socket, string host, string alpn, Credentials credentials, Clock clock);

        /// <inheritdoc />
        public partial int Read(byte[] buffer, int offset, int count);

        /// <inheritdoc />
        public partial int Write(byte[] buffer, int offset, int count);

        /// <inheritdoc />
        public partial void Close();
    }
}

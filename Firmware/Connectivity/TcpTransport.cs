// A plain TCP connection as an ITransport, and the way to one: resolve, then connect to each address in turn, with a limit for each.
// TLS comes above it (TlsEngineTransport), or takes the connected socket (TlsTransport). What nanoFramework and .NET do differently with sockets is in
// TcpTransport.Nano.cs and TcpTransport.Host.cs.

using System;
using System.Net;
using System.Net.Sockets;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A TCP connection that never blocks its user. Read, Write and Close belong to one thread at a time.</summary>
    public sealed partial class TcpTransport : ITransport
    {
        private readonly Socket _socket;
        private bool _closed;

        /// <summary>Takes a connected socket over: one of <see cref="Connect"/>, or one that a server has accepted.</summary>
        /// <param name="socket">Connected; closed with this transport.</param>
        public TcpTransport(Socket socket)
        {
            _socket = socket;
            Prepare(socket);
            Attach();
        }

        /// <summary>Connects, blocking: DNS, then TCP to each address in turn, at most <see cref="Limits.ConnectMs"/> each.</summary>
        /// <param name="host">The name or address.</param>
        /// <param name="port">TCP port.</param>
        /// <returns>The open transport.</returns>
        /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
        public static TcpTransport Connect(string host, int port)
        {
            Socket socket = ConnectSocket(host, port);
            try
            {
                return new TcpTransport(socket);
            }
            catch (Exception)
            {
                socket.Close();
                throw;
            }
        }

        /// <summary>The same, but gives the socket itself, for a TLS that wants one.</summary>
        /// <param name="host">The name or address.</param>
        /// <param name="port">TCP port.</param>
        /// <returns>A connected socket; the caller's to close.</returns>
        /// <exception cref="ConnectException">A step failed; the message says which and what to do.</exception>
        public static Socket ConnectSocket(string host, int port)
        {
            IPAddress[] addresses = Resolve(host);
            Exception cause = null;
            for (int i = 0; i < addresses.Length; i++)
            {
                Socket socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    ConnectWithin(socket, new IPEndPoint(addresses[i], port));
                    return socket;
                }
                catch (Exception e)
                {
                    cause = e;
                    socket.Close();
                }
            }

            throw new ConnectException("cannot reach " + host + " on port " + port
                + ": check that the broker runs, the port, and that the network lets it out" + (cause != null ? " (" + cause.Message + ")" : ""));
        }

        /// <inheritdoc />
        public int Read(byte[] buffer, int offset, int count)
        {
            if (_closed)
            {
                return TransportResult.Failed;
            }

            if (count <= 0 || !IsLinkUp())
            {
                return 0;
            }

            try
            {
                if (!_socket.Poll(0, SelectMode.SelectRead))
                {
                    return 0;
                }

                int got = _socket.Receive(buffer, offset, count, SocketFlags.None);
                return got > 0 ? got : TransportResult.Closed;
            }
            catch (Exception)
            {
                return TransportResult.Failed;
            }
        }

        /// <inheritdoc />
        public int Write(byte[] buffer, int offset, int count)
        {
            if (_closed)
            {
                return TransportResult.Failed;
            }

            int sent = 0;
            try
            {
                while (sent < count && IsLinkUp() && _socket.Poll(0, SelectMode.SelectWrite))
                {
                    int piece = count - sent < LongestSend ? count - sent : LongestSend;
                    int taken = _socket.Send(buffer, offset + sent, piece, SocketFlags.None);
                    if (taken <= 0)
                    {
                        break;
                    }

                    sent += taken;
                }
            }
            catch (Exception)
            {
                // how much of the piece had gone is not known, so the link is of no use any more
                return TransportResult.Failed;
            }

            return sent;
        }

        /// <inheritdoc />
        public void Close()
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            Detach();
            End(_socket);
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

        private static partial void ConnectWithin(Socket socket, IPEndPoint endPoint);

        private static partial void Prepare(Socket socket);

        private static partial void End(Socket socket);

        private partial bool IsLinkUp();

        private partial void Attach();

        private partial void Detach();
    }
}

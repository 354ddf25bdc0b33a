// Datagrams over UDP (IPv4) as an IDatagramTransport. Two sockets: one bound to the board's own address, from which everything is sent, so
// that replies have a unicast source (RFC 7252 section 8.2), and one bound to the CoAP group, so that it is known what was sent to the group
// without IP_PKTINFO, which nanoFramework lacks. A watcher thread tells the loop at once when a datagram has come.
// What the machines do differently is in UdpTransport.Nano.cs (device) and UdpTransport.Host.cs. Left out: IPv6, broadcast.
// The platform allocates in its own calls (an end point for each datagram on a device); the end point to send to is kept.

using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A UDP port of the board. Receive, Send and Close belong to one thread; <see cref="Arrived"/> comes from another.</summary>
    public sealed partial class UdpTransport : IDatagramTransport
    {
        /// <summary>The group "All CoAP Nodes", RFC 7252 section 12.8.</summary>
        public static readonly byte[] AllCoapNodes = { 224, 0, 1, 187 };

        // datagrams that are passed over in one call: empty ones and the ICMP errors of earlier sends
        private const int Attempts = 8;
        private const int WatchUs = 500000;
        private const int RetryMs = 500;

        private readonly Socket _own;
        private readonly byte[] _address;
        private readonly byte[] _mask;
        private readonly AutoResetEvent _drained = new AutoResetEvent(false);
        private readonly ManualResetEvent _ended = new ManualResetEvent(false);
        private readonly DatagramAddress _peerAddress = new DatagramAddress();
        private Socket _group;
        private EndPoint _peer = new IPEndPoint(IPAddress.Any, 0);
        private bool _groupFirst;
        private bool _closed;

        private UdpTransport(Socket own, string address, string mask)
        {
            _own = own;
            LocalAddress = address;
            _address = IPAddress.Parse(address).GetAddressBytes();
            _mask = IPAddress.Parse(mask).GetAddressBytes();
            Port = ((IPEndPoint)own.LocalEndPoint).Port;
        }

        /// <summary>Handles <see cref="Arrived"/>.</summary>
        public delegate void ArrivedHandler();

        /// <summary>A datagram can be received. Raised on the watcher's thread, once until Receive has returned 0; must not block. For Loop.Wake.</summary>
        public event ArrivedHandler Arrived;

        /// <summary>The board's address when the port was opened.</summary>
        public string LocalAddress { get; }

        /// <summary>The UDP port.</summary>
        public int Port { get; }

        /// <summary>Whether datagrams to <see cref="AllCoapNodes"/> arrive.</summary>
        public bool HasGroup
        {
            get { return _group != null; }
        }

        /// <summary>Why the group could not be joined although it was wanted; else null.</summary>
        public string GroupFailure { get; private set; }

        /// <summary>Opens a port.</summary>
        /// <param name="port">1 to 65535; 0 takes any free one.</param>
        /// <param name="multicast">Whether to join <see cref="AllCoapNodes"/> on the same port. If that fails the port works without, see <see cref="GroupFailure"/>.</param>
        /// <returns>The open port, or null while the board has no address.</returns>
        /// <exception cref="ConnectException">The port cannot be opened.</exception>
        public static UdpTransport Open(int port, bool multicast)
        {
            string address = FindAddress();
            if (address == null)
            {
                return null;
            }

            Socket own = null;
            UdpTransport transport;
            try
            {
                own = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                Prepare(own);
                own.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                transport = new UdpTransport(own, address, FindMask());
            }
            catch (SocketException e)
            {
                Release(own);
                throw new ConnectException("cannot open UDP port " + port + " on " + address + ": another program or part of the firmware may have it (" + e.Message + ")");
            }

            if (multicast)
            {
                transport.Join();
            }

            transport.Attach();
            new Thread(transport.Watch).Start();
            return transport;
        }

        /// <summary>The board's IPv4 address.</summary>
        /// <returns>Four decimals with dots, or null while it has none. Allocates.</returns>
        public static partial string FindAddress();

        private static partial string FindMask();

        /// <summary>Whether the board's address is another one than when the port was opened, or is gone: then this transport is deaf and must be closed. Allocates: ask every few seconds only.</summary>
        /// <returns>True if a new transport is needed.</returns>
        public bool HasMoved()
        {
            return FindAddress() != LocalAddress;
        }

        /// <summary>Whether a peer is in the board's own subnet.</summary>
        /// <param name="peer">The peer.</param>
        /// <returns>False also if the subnet is not known, or for IPv6.</returns>
        public bool IsLocal(DatagramAddress peer)
        {
            byte[] address = peer.Address;
            if (peer.Length != 4 || _mask[0] == 0)
            {
                return false;
            }

            for (int i = 0; i < 4; i++)
            {
                if ((address[i] & _mask[i]) != (_address[i] & _mask[i]))
                {
                    return false;
                }
            }

            return true;
        }

        /// <inheritdoc />
        public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
        {
            int got = 0;
            if (_closed)
            {
                return TransportResult.Failed;
            }

            if (IsLinkUp())
            {
                // in turns, so that a flood of one kind leaves room for the other
                _groupFirst = !_groupFirst;
                got = Take(_groupFirst ? _group : _own, buffer, offset, count, from);
                if (got == 0)
                {
                    got = Take(_groupFirst ? _own : _group, buffer, offset, count, from);
                }
            }
            else
            {
                LoseArrived();
            }

            if (got == 0)
            {
                _drained.Set();
            }

            return got;
        }

        /// <inheritdoc />
        public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
        {
            if (_closed)
            {
                return TransportResult.Failed;
            }

            if (to.Length != 4 || !IsLinkUp())
            {
                return 0;
            }

            try
            {
                if (!to.Matches(_peerAddress))
                {
                    byte[] a = to.Address;
                    _peer = new IPEndPoint(a[0] | (long)a[1] << 8 | (long)a[2] << 16 | (long)a[3] << 24, to.Port);
                    _peerAddress.Set(to);
                }

                return _own.SendTo(buffer, offset, count, SocketFlags.None, _peer);
            }
            catch (Exception)
            {
                // no route, no buffer, no network, too large: lost, as on the way; the next one may do
                return _closed ? TransportResult.Failed : 0;
            }
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
            Release(_own);
            Release(_group);
            _ended.Set();
            _drained.Set();
        }

        private static partial void Prepare(Socket socket);

        private static partial void BindGroup(Socket socket, int port);

        private static partial bool IsCut(SocketException e);

        private partial bool IsLinkUp();

        private partial void LoseArrived();

        private partial void Attach();

        private partial void Detach();

        private static void Release(Socket socket)
        {
            if (socket != null)
            {
                socket.Close();
            }
        }

        private void Join()
        {
            Socket group = null;
            try
            {
                group = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                Prepare(group);
                BindGroup(group, Port);

                // struct ip_mreq: group and interface
                byte[] membership = new byte[8];
                Array.Copy(AllCoapNodes, membership, 4);
                Array.Copy(_address, 0, membership, 4, 4);
                group.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, membership);
                _group = group;
            }
            catch (SocketException e)
            {
                GroupFailure = e.Message;
                Release(group);
            }
        }

        private int Take(Socket socket, byte[] buffer, int offset, int count, DatagramAddress from)
        {
            if (socket == null)
            {
                return 0;
            }

            for (int i = 0; i < Attempts; i++)
            {
                EndPoint peer = _peer;
                try
                {
                    if (!socket.Poll(0, SelectMode.SelectRead))
                    {
                        return 0;
                    }
                }
                catch (Exception)
                {
                    // a device says in this way that the network is down, both that the socket was closed meanwhile
                    break;
                }

                int got = 0;
                try
                {
                    got = socket.ReceiveFrom(buffer, offset, count, SocketFlags.None, ref peer);
                }
                catch (SocketException e)
                {
                    // what is not a cut datagram is an ICMP error for one that was sent before: the socket is as good as ever (RFC 1122 4.1.3.3)
                    got = IsCut(e) ? count : 0;
                }
                catch (Exception)
                {
                    break;
                }

                if (got > 0)
                {
                    Remember(peer);
                    from.Set(_peerAddress);
                    from.IsMulticast = socket == _group;
                    return got;
                }
            }

            return _closed ? TransportResult.Failed : 0;
        }

        // .NET gives the same object back for the same peer; a device makes a new one each time
        private void Remember(EndPoint peer)
        {
            if (peer != _peer)
            {
                IPEndPoint endPoint = (IPEndPoint)peer;
                byte[] address = endPoint.Address.GetAddressBytes();
                _peerAddress.SetIPv4(address[0], address[1], address[2], address[3], endPoint.Port);
                _peer = peer;
            }
        }

        // the group is not watched: its answers wait for the leisure of RFC 7252 section 8.2 anyhow, and the loop looks often enough
        private void Watch()
        {
            try
            {
                while (!_closed)
                {
                    if (!AwaitDatagram())
                    {
                        continue;
                    }

                    if (!IsLinkUp())
                    {
                        LoseArrived();
                        continue;
                    }

                    // before the loop is told, so that its answer cannot be missed
                    _drained.Reset();
                    if (_closed)
                    {
                        // and after the reset: it may have swallowed the signal of Close, for which nobody would wait then without end
                        break;
                    }

                    ArrivedHandler handler = Arrived;
                    if (handler != null)
                    {
                        handler();
                    }

                    _drained.WaitOne();
                }
            }
            catch (Exception)
            {
                // a handler that throws: from here on the loop finds datagrams when it looks by itself
            }
        }

        private bool AwaitDatagram()
        {
            try
            {
                return _own.Poll(WatchUs, SelectMode.SelectRead);
            }
            catch (Exception)
            {
                // the network is down, or the port is closed
                _ended.WaitOne(RetryMs, false);
                return false;
            }
        }
    }
}

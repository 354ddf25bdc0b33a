// The host half of UdpTransport. The virtual board's network is this machine's loopback interface, and its Wi-Fi and power reach the sockets
// here: without Wi-Fi what arrives and what is sent is lost, and a cut of power closes the port.

using System;
using System.Net;
using System.Net.Sockets;
using Firmware.Simulator.Board;

namespace Firmware.Connectivity
{
    public sealed partial class UdpTransport
    {
        private readonly VirtualBoard _board = VirtualBoard.Current;
        private readonly object _lossLock = new object();
        private readonly byte[] _lost = new byte[1];
        private IDisposable _powerLost;

        /// <inheritdoc />
        public static partial string FindAddress()
        {
            return VirtualBoard.Current.Wifi.Connected ? "127.0.0.1" : null;
        }

        private static partial string FindMask()
        {
            return "255.0.0.0";
        }

        // Poll says that something is there, but the watcher may have been faster: no call may block
        private static partial void Prepare(Socket socket)
        {
            socket.Blocking = false;
        }

        // other programs of this machine may be in the group as well; Windows cannot bind to a group and delivers by membership instead
        private static partial void BindGroup(Socket socket, int port)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(OperatingSystem.IsWindows() ? IPAddress.Any : new IPAddress(AllCoapNodes), port));
        }

        // Windows reports a datagram that does not fit as an error and fills the buffer; others cut it as a device does
        private static partial bool IsCut(SocketException e)
        {
            return e.SocketErrorCode == SocketError.MessageSize;
        }

        private partial bool IsLinkUp()
        {
            return _board.Wifi.Connected;
        }

        private partial void LoseArrived()
        {
            lock (_lossLock)
            {
                Lose(_own);
                if (_group != null)
                {
                    Lose(_group);
                }
            }
        }

        private void Lose(Socket socket)
        {
            EndPoint anyone = new IPEndPoint(IPAddress.Any, 0);
            for (int i = 0; i < Attempts; i++)
            {
                try
                {
                    if (!socket.Poll(0, SelectMode.SelectRead))
                    {
                        return;
                    }

                    socket.ReceiveFrom(_lost, ref anyone);
                }
                catch (SocketException)
                {
                    // cut, or an ICMP error: lost as well
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private partial void Attach()
        {
            _powerLost = _board.OnPowerLost(Close);
        }

        private partial void Detach()
        {
            if (_powerLost != null)
            {
                _powerLost.Dispose();
            }
        }
    }
}

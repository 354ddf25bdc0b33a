// The host half of TcpTransport. The virtual board's Wi-Fi and power reach the socket here: without Wi-Fi nothing moves, and a cut of power drops the
// link unsaid.

using System;
using System.Net;
using System.Net.Sockets;
using Firmware.Simulator.Board;

namespace Firmware.Connectivity
{
    public sealed partial class TcpTransport
    {
        private const int LongestSend = int.MaxValue;

        private VirtualBoard _board;
        private IDisposable _powerLost;

        private static partial void ConnectWithin(Socket socket, IPEndPoint endPoint)
        {
            socket.NoDelay = true;
            IAsyncResult attempt = socket.BeginConnect(endPoint, null, null);
            if (!attempt.AsyncWaitHandle.WaitOne(Limits.ConnectMs))
            {
                throw new TimeoutException("no answer within " + (Limits.ConnectMs / 1000) + " s");
            }

            socket.EndConnect(attempt);
        }

        private static partial void Prepare(Socket socket)
        {
            socket.NoDelay = true;
            socket.Blocking = false;
        }

        private static partial void End(Socket socket)
        {
            try
            {
                // says the end in order, so that the last bytes are not lost to a reset
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException || e is ObjectDisposedException)
            {
                // the peer was faster, or the power is gone
            }

            socket.Close();
        }

        private partial bool IsLinkUp()
        {
            return _board.Wifi.Connected;
        }

        private partial void Attach()
        {
            _board = VirtualBoard.Current;
            _powerLost = _board.OnPowerLost(Drop);
        }

        private partial void Detach()
        {
            _powerLost.Dispose();
        }

        // on the thread that cuts the power
        private void Drop()
        {
            _closed = true;
            _socket.Close();
        }
    }
}

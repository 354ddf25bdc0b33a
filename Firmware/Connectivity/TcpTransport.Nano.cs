// The device half of TcpTransport, on nanoFramework's sockets (lwIP). Facts of the platform that show here: no limit for Connect, so a timer closes
// the socket, which ends the call; no Socket.Blocking, and Send goes on until all is sent, so it gets only what lwIP surely has room for.

using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace Firmware.Connectivity
{
    public sealed partial class TcpTransport
    {
        // lwIP calls a socket writable from 2 x TCP_MSS + 1 bytes of room on: one segment never waits
        private const int LongestSend = 1440;

        private static partial void ConnectWithin(Socket socket, IPEndPoint endPoint)
        {
            Timer limit = new Timer(GiveUp, socket, Limits.ConnectMs, Timeout.Infinite);
            try
            {
                socket.Connect(endPoint);
            }
            finally
            {
                limit.Dispose();
            }
        }

        private static void GiveUp(object socket)
        {
            ((Socket)socket).Close();
        }

        private static partial void Prepare(Socket socket)
        {
            // bounds a call that waits against all expectation: it then counts as a broken link
            socket.ReceiveTimeout = Limits.ConnectMs;
            socket.SendTimeout = Limits.ConnectMs;
            try
            {
                // a command is one small segment, and is not to wait for the acknowledgement of the last one
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.NoDelay, true);
            }
            catch (Exception)
            {
                // a port of nanoFramework without this option is slower, no more
            }
        }

        private static partial void End(Socket socket)
        {
            socket.Close();
        }

        private partial bool IsLinkUp()
        {
            return true;
        }

        private partial void Attach()
        {
        }

        private partial void Detach()
        {
        }
    }
}

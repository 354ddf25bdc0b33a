// The device half of UdpTransport, on nanoFramework's sockets (lwIP). Facts of the platform that show here: no Socket.Blocking, so that time-outs
// bound the calls instead; a datagram that is longer than the buffer is cut without an error; ICMP errors never reach a UDP socket.

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Firmware.Connectivity
{
    public sealed partial class UdpTransport
    {
        private const string NoAddress = "0.0.0.0";
        private const int CallMs = 20;

        /// <inheritdoc />
        public static partial string FindAddress()
        {
            NetworkInterface[] interfaces = NetworkInterface.GetAllNetworkInterfaces();
            string address = interfaces.Length == 0 ? NoAddress : interfaces[0].IPv4Address;
            return address == NoAddress ? null : address;
        }

        private static partial string FindMask()
        {
            string mask = NetworkInterface.GetAllNetworkInterfaces()[0].IPv4SubnetMask;
            return mask == null ? NoAddress : mask;
        }

        private static partial void Prepare(Socket socket)
        {
            socket.ReceiveTimeout = CallMs;
            socket.SendTimeout = CallMs;
        }

        // without ReuseAddress: lwIP would then give what is sent to the group to every socket of the port that has it
        private static partial void BindGroup(Socket socket, int port)
        {
            socket.Bind(new IPEndPoint(new IPAddress(AllCoapNodes), port));
        }

        private static partial bool IsCut(SocketException e)
        {
            return false;
        }

        private partial bool IsLinkUp()
        {
            return true;
        }

        private partial void LoseArrived()
        {
        }

        private partial void Attach()
        {
        }

        private partial void Detach()
        {
        }
    }
}

// A TCP port on the platform's sockets. It lives from one network connection to the next; what it accepts becomes a TcpTransport.

using System;
using System.Net;
using System.Net.Sockets;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A TCP port of the board.</summary>
    public sealed partial class TcpPort : IStreamPort
    {
        private const int Backlog = 4;

        private readonly int _port;
        private Socket _listener;
        private string _address;

        /// <summary>Describes a port; nothing is opened yet.</summary>
        /// <param name="port">1 to 65535; 0 takes any free one.</param>
        public TcpPort(int port)
        {
            _port = port;
        }

        /// <inheritdoc />
        public string Place { get; private set; }

        /// <inheritdoc />
        public string Failure { get; private set; }

        /// <inheritdoc />
        public bool Open()
        {
            Close();
            Place = null;
            Failure = null;
            _address = UdpTransport.FindAddress();
            if (_address == null)
            {
                return false;
            }

            Socket listener = null;
            try
            {
                listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                listener.Bind(new IPEndPoint(IPAddress.Parse(_address), _port));
                listener.Listen(Backlog);
            }
            catch (SocketException e)
            {
                if (listener != null)
                {
                    listener.Close();
                }

                Failure = "cannot open TCP port " + _port + " on " + _address + ": another program or part of the firmware may have it (" + e.Message + ")";
                return false;
            }

            _listener = listener;
            Attach();
            Place = "http://" + _address + ":" + ((IPEndPoint)listener.LocalEndPoint).Port;
            return true;
        }

        /// <inheritdoc />
        public ITransport Accept()
        {
            if (_listener == null)
            {
                return null;
            }

            try
            {
                return _listener.Poll(0, SelectMode.SelectRead) ? new TcpTransport(_listener.Accept()) : null;
            }
            catch (Exception)
            {
                // whoever came is gone already, or the port is: HasMoved tells
                return null;
            }
        }

        /// <inheritdoc />
        public bool HasMoved()
        {
            return UdpTransport.FindAddress() != _address;
        }

        /// <inheritdoc />
        public void Close()
        {
            if (_listener != null)
            {
                Detach();
                _listener.Close();
                _listener = null;
            }
        }

        private partial void Attach();

        private partial void Detach();
    }
}

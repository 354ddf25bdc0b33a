// A port on UdpTransport, which lives from one network connection to the next.

using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A UDP port of the board.</summary>
    public sealed class UdpPort : IDatagramPort
    {
        private readonly int _port;
        private readonly bool _multicast;
        private UdpTransport _transport;

        /// <summary>Describes a port; nothing is opened yet.</summary>
        /// <param name="port">1 to 65535; 0 takes any free one.</param>
        /// <param name="multicast">Whether to join the group "All CoAP Nodes" as well.</param>
        public UdpPort(int port, bool multicast)
        {
            _port = port;
            _multicast = multicast;
        }

        /// <summary>A datagram has come: raised on another thread; must not block. For Loop.Wake.</summary>
        public event UdpTransport.ArrivedHandler Arrived;

        /// <inheritdoc />
        public string Place { get; private set; }

        /// <inheritdoc />
        public string Failure { get; private set; }

        /// <inheritdoc />
        public IDatagramTransport Open()
        {
            Place = null;
            Failure = null;
            try
            {
                _transport = UdpTransport.Open(_port, _multicast);
            }
            catch (ConnectException e)
            {
                _transport = null;
                Failure = e.Message;
            }

            if (_transport == null)
            {
                return null;
            }

            // a datagram that came before this line is found by the poll that follows each opening
            _transport.Arrived += RaiseArrived;
            Place = "coap://" + _transport.LocalAddress + ":" + _transport.Port
                + (_transport.HasGroup ? " and the group 224.0.1.187" : _multicast ? ", without the group 224.0.1.187: " + _transport.GroupFailure : string.Empty);
            return _transport;
        }

        /// <inheritdoc />
        public bool HasMoved()
        {
            return _transport != null && _transport.HasMoved();
        }

        /// <inheritdoc />
        public bool IsLocal(DatagramAddress peer)
        {
            return _transport != null && _transport.IsLocal(peer);
        }

        private void RaiseArrived()
        {
            UdpTransport.ArrivedHandler handler = Arrived;
            if (handler != null)
            {
                handler();
            }
        }
    }
}

// Datagrams to and from many peers, as the protocol engines see them: never blocking, never throwing.
// Implemented by UdpTransport on the device and on the host, and by the simulated network in the tests.

namespace Firmware.Protocols.Io
{
    /// <summary>A socket for datagrams that never blocks and never throws.</summary>
    public interface IDatagramTransport
    {
        /// <summary>Takes one datagram that has arrived. Empty ones are dropped by the transport.</summary>
        /// <param name="buffer">The caller's buffer; the transport keeps no reference to it.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="count">The most bytes that are wanted; of a longer datagram the first <paramref name="count"/> are given and the rest is lost.</param>
        /// <param name="from">Filled with the sender, and with whether the datagram was sent to a group.</param>
        /// <returns>More than 0: bytes put. 0: nothing now. Less than 0: the socket is dead, see <see cref="TransportResult"/>.</returns>
        int Receive(byte[] buffer, int offset, int count, DatagramAddress from);

        /// <summary>Sends one datagram, or loses it.</summary>
        /// <param name="buffer">The caller's buffer; the transport keeps no reference to it.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="count">How many bytes, 1 or more.</param>
        /// <param name="to">The receiver.</param>
        /// <returns>More than 0: sent. 0: lost on this side, as it may be on the way. Less than 0: the socket is dead, see <see cref="TransportResult"/>.</returns>
        int Send(byte[] buffer, int offset, int count, DatagramAddress to);

        /// <summary>Gives the socket up and frees what it holds. May be called more than once.</summary>
        void Close();
    }
}

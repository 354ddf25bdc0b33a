// A stream of bytes to one peer, as the protocol engines see it: never blocking, never throwing.
// Implemented by TlsTransport on the device and on the host, and by the simulated link in the tests.

namespace Firmware.Protocols.Io
{
    /// <summary>A connected stream of bytes that never blocks and never throws.</summary>
    public interface ITransport
    {
        /// <summary>Reads what has arrived, at most <paramref name="count"/> bytes.</summary>
        /// <param name="buffer">The caller's buffer; the transport keeps no reference to it.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="count">The most bytes wanted, 1 or more.</param>
        /// <returns>More than 0: bytes read. 0: nothing now. Less than 0: the link is dead, see <see cref="TransportResult"/>.</returns>
        int Read(byte[] buffer, int offset, int count);

        /// <summary>Writes at most <paramref name="count"/> bytes; may take fewer.</summary>
        /// <param name="buffer">The caller's buffer; the transport keeps no reference to it.</param>
        /// <param name="offset">The first byte to send.</param>
        /// <param name="count">The most bytes to send, 1 or more.</param>
        /// <returns>More than 0: bytes taken. 0: none now. Less than 0: the link is dead, see <see cref="TransportResult"/>.</returns>
        int Write(byte[] buffer, int offset, int count);

        /// <summary>Gives the link up and frees what it holds. May be called more than once.</summary>
        void Close();
    }

    /// <summary>The negative results of <see cref="ITransport.Read"/> and <see cref="ITransport.Write"/>.</summary>
    public static class TransportResult
    {
        /// <summary>The peer closed the link in order.</summary>
        public const int Closed = -1;

        /// <summary>The link broke: reset, time-out of the stack, TLS alert.</summary>
        public const int Failed = -2;
    }
}

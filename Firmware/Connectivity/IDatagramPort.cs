// How the CoAP door gets its socket: opened again whenever the network comes back.

using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A UDP port of the board that can be opened again and again. Called from the loop's thread only.</summary>
    public interface IDatagramPort
    {
        /// <summary>Opens the port.</summary>
        /// <returns>The open transport, which belongs to the caller; null if there is none, see <see cref="Failure"/>.</returns>
        IDatagramTransport Open();

        /// <summary>After an <see cref="Open"/> that gave a transport: one line for the user, where it is; else null.</summary>
        string Place { get; }

        /// <summary>After an <see cref="Open"/> that gave none: one line for the user, what failed; null while there is only no network yet.</summary>
        string Failure { get; }

        /// <summary>Whether the open transport is of no use any more, since the network is gone or has given another address. Ask every few seconds only.</summary>
        /// <returns>True if it must be closed.</returns>
        bool HasMoved();

        /// <summary>Whether a peer is in the board's own subnet.</summary>
        /// <param name="peer">The peer.</param>
        /// <returns>False also if that is not known.</returns>
        bool IsLocal(DatagramAddress peer);
    }
}

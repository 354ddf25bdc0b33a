// How the HTTP door gets its connections: the port is opened again whenever the network comes back.

using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A TCP port of the board that others connect to. Called from the loop's thread only.</summary>
    public interface IStreamPort
    {
        /// <summary>Opens the port.</summary>
        /// <returns>False if that failed, see <see cref="Failure"/>, or while there is no network.</returns>
        bool Open();

        /// <summary>Takes the next connection, without waiting.</summary>
        /// <returns>The connection, which belongs to the caller; null if there is none now.</returns>
        ITransport Accept();

        /// <summary>Whether the open port is of no use any more, since the network is gone or has given another address. Ask every few seconds only.</summary>
        /// <returns>True if it must be closed.</returns>
        bool HasMoved();

        /// <summary>Takes no more connections. May be called more than once.</summary>
        void Close();

        /// <summary>After an <see cref="Open"/> that went well: one line for the user, where it is; else null.</summary>
        string Place { get; }

        /// <summary>After an <see cref="Open"/> that failed: one line for the user; null while there is only no network yet.</summary>
        string Failure { get; }
    }
}

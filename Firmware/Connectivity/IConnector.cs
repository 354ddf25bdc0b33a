// How the connection to the cloud gets its transports without blocking the loop.

using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>Opens one transport at a time in the background. Called from the loop's thread only.</summary>
    public interface IConnector
    {
        /// <summary>Starts an attempt. Must not be called while one is under way.</summary>
        void Begin();

        /// <summary>Looks whether the attempt has ended; after true <see cref="Transport"/> or <see cref="Failure"/> is set.</summary>
        /// <returns>True once per attempt.</returns>
        bool TryEnd();

        /// <summary>Gives the attempt up: its transport, if one comes after all, is closed.</summary>
        void Cancel();

        /// <summary>The open transport, which belongs to the caller; null if the attempt failed.</summary>
        ITransport Transport { get; }

        /// <summary>One line for the user: what failed and what to do; null after success.</summary>
        string Failure { get; }
    }
}

// The reason why a connection could not be opened, in the user's words.

using System;

namespace Firmware.Connectivity
{
    /// <summary>A step of connecting failed; the message is one line that says what is wrong and what to do.</summary>
    public sealed class ConnectException : Exception
    {
        /// <summary>Creates the exception.</summary>
        /// <param name="message">One line for the user.</param>
        public ConnectException(string message)
            : base(message)
        {
        }
    }
}

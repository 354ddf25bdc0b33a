// The configuration is wrong: the message says in which file and field, and what would be right.

using System;

namespace Firmware.Settings
{
    /// <summary>The device cannot start with this configuration. The message is one line for the user.</summary>
    public sealed class ConfigurationException : Exception
    {
        /// <summary>Creates the exception.</summary>
        /// <param name="message">One line: file, field, what is wrong, what would be right.</param>
        public ConfigurationException(string message)
            : base(message)
        {
        }
    }
}

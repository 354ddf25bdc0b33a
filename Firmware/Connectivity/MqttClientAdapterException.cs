// What MqttClientAdapter throws where M2Mqtt throws MqttClientException: that one lives in nanoFramework.M2Mqtt, whose 45 KB nobody needs here.

using System;
using Firmware.Protocols.Mqtt;

namespace Firmware.Connectivity
{
    /// <summary>The client refused a call; nothing was sent.</summary>
    public sealed class MqttClientAdapterException : Exception
    {
        /// <summary>Creates the exception.</summary>
        /// <param name="error">What the client answered.</param>
        /// <param name="rule">The rule, with <see cref="MqttError.BrokenRule"/> and <see cref="MqttError.InvalidTopic"/>.</param>
        public MqttClientAdapterException(MqttError error, BrokerRule rule)
            : base("MQTT: the call was refused with error " + ((int)error).ToString() + ", rule " + ((int)rule).ToString())
        {
            Error = error;
            Rule = rule;
        }

        /// <summary>Why; <see cref="MqttError.Full"/> is the only one that passes by itself, when acknowledgements arrive.</summary>
        public MqttError Error { get; }

        /// <summary>The rule that the call would have broken, or None.</summary>
        public BrokerRule Rule { get; }
    }
}

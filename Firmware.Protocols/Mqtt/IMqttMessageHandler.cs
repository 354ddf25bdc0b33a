// Where MqttRouter delivers messages.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Takes messages of one or more topics.</summary>
    public interface IMqttMessageHandler
    {
        /// <summary>Takes a message. Called from <see cref="MqttRouter.Dispatch"/>; must not block, change the message, or add to the router.</summary>
        /// <param name="message">Topic and payload as a view; valid until this returns.</param>
        /// <param name="nowMs">The time in milliseconds, on the clock that Dispatch was given.</param>
        void Handle(MqttMessage message, long nowMs);
    }
}

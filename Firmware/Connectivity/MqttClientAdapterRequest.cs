// SUBSCRIBE and UNSUBSCRIBE of MqttClientAdapter until they are answered. MqttClient takes one at a time; M2Mqtt's users send several in a row.

namespace Firmware.Connectivity
{
    /// <summary>A request; its arrays are its own.</summary>
    internal sealed class MqttClientAdapterRequest
    {
        // the number that the caller got; MqttClient chooses the identifier on the wire only when the request's turn comes
        internal ushort Id;

        internal byte[][] Filters;

        // null: UNSUBSCRIBE
        internal byte[] Qos;
    }
}

// Why the broker or the link ended a connection, in words for the user: what happened, and what to do.

using Firmware.Protocols.Mqtt;

namespace Firmware.Connectivity
{
    /// <summary>Turns the errors of the MQTT client into one line each.</summary>
    public static class MqttErrorText
    {
        /// <summary>Explains the end of a connection.</summary>
        /// <param name="error">The client's error.</param>
        /// <param name="detail">Its number.</param>
        /// <param name="wasAccepted">Whether CONNACK 0 had come.</param>
        /// <returns>One line without full stop.</returns>
        public static string Explain(MqttError error, int detail, bool wasAccepted)
        {
            switch (error)
            {
                case MqttError.LinkClosed:
                case MqttError.LinkFailed:
                    return wasAccepted
                        ? "the broker closed the connection: it does so if another client uses the same name, if a rule of the broker was broken, or when it restarts"
                        : "the broker closed the connection before it answered: the device's certificate is unknown, expired or inactive there, or its policy does not allow iot:Connect";
                case MqttError.ConnackTimeout:
                    return "the broker did not answer CONNECT: check that the port serves MQTT";
                case MqttError.PingrespTimeout:
                    return "the broker no longer answers: the link is half open";
                case MqttError.AcknowledgementTimeout:
                    return "the broker did not acknowledge packet " + detail;
                case MqttError.WriteTimeout:
                    return "the link takes no more data";
                case MqttError.PacketTimeout:
                    return "the broker stopped in the middle of a packet";
                case MqttError.Refused:
                    return Refusal(detail);
                case MqttError.MalformedPacket:
                    return "the broker sent a malformed packet (first byte 0x" + detail.ToString("X2") + ")";
                case MqttError.ProtocolViolation:
                    return "the broker sent a packet where none may come (first byte 0x" + detail.ToString("X2") + ")";
                case MqttError.TooManyOpen:
                    return "the open QoS 2 messages of the broker form more than " + detail + " ranges of identifiers: lower its in-flight limit, or raise Limits.MqttOpen";
                default:
                    return "the connection ended with error " + ((int)error).ToString();
            }
        }

        // MQTT 3.1.1 table 3.1; 7 is AWS IoT Core's own
        private static string Refusal(int code)
        {
            switch (code)
            {
                case 1:
                    return "the broker refused (1): it does not speak MQTT 3.1.1";
                case 2:
                    return "the broker refused (2): it does not take the thing name as client identifier; check \"thing\"";
                case 3:
                    return "the broker refused (3): the service is unavailable now";
                case 4:
                    return "the broker refused (4): it wants a user name and password; AWS IoT Core does not, so check \"endpoint\"";
                case 5:
                case 7:
                    return "the broker refused (" + code + "): not authorised; attach a policy to the certificate that allows iot:Connect for the thing name";
                default:
                    return "the broker refused with the unknown code " + code;
            }
        }
    }
}

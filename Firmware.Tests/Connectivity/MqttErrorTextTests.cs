// Every end of a connection gives one line that says what happened; each CONNACK code (MQTT 3.1.1 table 3.1) one of its own.

using Firmware.Connectivity;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Connectivity
{
    [TestClass]
    public static class MqttErrorTextTests
    {
        [DataRow(1, "does not speak MQTT 3.1.1")]
        [DataRow(2, "client identifier; check \"thing\"")]
        [DataRow(3, "unavailable")]
        [DataRow(4, "user name and password")]
        [DataRow(5, "policy")]
        [DataRow(6, "unknown code 6")]
        [DataRow(7, "policy")]
        [DataRow(255, "unknown code 255")]
        public static void Each_refusal_has_its_code_and_what_to_do(int code, string part)
        {
            string text = MqttErrorText.Explain(MqttError.Refused, code, false);
            RequireOneLine(text);
            Assert.Contains("refused", text);
            Assert.Contains(code.ToString(), text);
            Assert.Contains(part, text);
        }

        [DataRow(false, "certificate")]
        [DataRow(true, "same name")]
        public static void Link_that_ends_is_explained_by_what_came_before(bool wasAccepted, string part)
        {
            string closed = MqttErrorText.Explain(MqttError.LinkClosed, 0, wasAccepted);
            RequireOneLine(closed);
            Assert.Contains(part, closed);
            Assert.AreEqual(closed, MqttErrorText.Explain(MqttError.LinkFailed, 0, wasAccepted));
        }

        [DataRow((int)MqttError.ConnackTimeout, "did not answer CONNECT")]
        [DataRow((int)MqttError.PingrespTimeout, "half open")]
        [DataRow((int)MqttError.AcknowledgementTimeout, "packet 48")]
        [DataRow((int)MqttError.WriteTimeout, "takes no more data")]
        [DataRow((int)MqttError.PacketTimeout, "middle of a packet")]
        [DataRow((int)MqttError.MalformedPacket, "0x30")]
        [DataRow((int)MqttError.ProtocolViolation, "0x30")]
        [DataRow((int)MqttError.TooManyOpen, "48")]
        public static void Each_other_end_says_what_happened(int error, string part)
        {
            string text = MqttErrorText.Explain((MqttError)error, 48, true);
            RequireOneLine(text);
            Assert.Contains(part, text);
            Assert.DoesNotContains("ended with error", text);
        }

        [TestMethod]
        public static void Unknown_error_keeps_its_number()
        {
            string text = MqttErrorText.Explain((MqttError)0xFE, 0, true);
            RequireOneLine(text);
            Assert.Contains("254", text);
        }

        private static void RequireOneLine(string text)
        {
            Assert.IsTrue(text.Length > 10, text);
            Assert.IsTrue(text.IndexOf('\n') < 0 && text.IndexOf('\r') < 0, text);
            Assert.DoesNotContains("  ", text);
        }
    }
}

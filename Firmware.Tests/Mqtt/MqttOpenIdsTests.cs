// Open QoS 2 messages are remembered as ranges (MQTT 3.1.1, 4.3.3): seen through the client, which delivers each message once.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttOpenIdsTests
    {
        [TestMethod]
        public static void Hundreds_of_open_messages_in_a_row_need_one_range()
        {
            MqttScenario s = MqttScenario.Connected();
            for (int id = 1; id <= 300; id++)
            {
                Send(s, id, true);
            }

            for (int id = 1; id <= 300; id++)
            {
                Send(s, id, false);
            }

            for (int id = 1; id <= 300; id++)
            {
                Release(s, id);
            }

            Send(s, 150, true);
        }

        // ids in the order in which they come; -id releases
        [DataRow("1 3 2 -2 -1 -3")]
        [DataRow("5 4 3 -4 -3 -5")]
        [DataRow("1 2 3 -2 2 -1 -2 -3")]
        [DataRow("65534 65535 1 2 -65535 -1 -65534 -2")]
        [DataRow("7 -7 7 -7")]
        public static void Each_message_is_delivered_once_in_whatever_order_it_is_released(string steps)
        {
            MqttScenario s = MqttScenario.Connected();
            bool[] open = new bool[65536];
            string[] words = steps.Split(' ');
            for (int i = 0; i < words.Length; i++)
            {
                int id = int.Parse(words[i]);
                if (id > 0)
                {
                    Send(s, id, true);
                    open[id] = true;
                }
                else
                {
                    Release(s, -id);
                    open[-id] = false;
                }

                // what is open is known, what is not is new
                for (int j = 0; j < words.Length; j++)
                {
                    int other = int.Parse(words[j]);
                    if (other > 0 && open[other])
                    {
                        Send(s, other, false);
                    }
                }
            }
        }

        private static void Send(MqttScenario s, int id, bool isNew)
        {
            s.Broker.SendPublish(MqttScenario.TopicA, Bytes.Empty, 0, 2, id);
            if (isNew)
            {
                s.Expect(MqttEvent.MessageReceived);
            }
            else
            {
                s.Settle();
            }

            s.ExpectSent("50 02 " + Hex(id));
        }

        private static void Release(MqttScenario s, int id)
        {
            s.Broker.Send("62 02 " + Hex(id));
            s.ExpectSent("70 02 " + Hex(id));
        }

        private static string Hex(int id)
        {
            return (id >> 8).ToString("X2") + " " + (id & 255).ToString("X2");
        }
    }
}

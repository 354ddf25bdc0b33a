// Thousands of random steps over a link that splits, stalls and breaks: nothing that the client promises is ever lost, cut or told twice.
// Seeded; a failure names its seed. The broker's strict decoder proves that no packet is cut by another one.

using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttSoakTests
    {
        private const int Steps = 3000;
        private const int MostMessages = 2000;

        private static readonly byte[] Payload = new byte[20];
        private static readonly int[] QosOf = new int[MostMessages];
        private static readonly int[] SeenOf = new int[MostMessages];
        private static MqttScenario _s;
        private static int _published;
        private static int _acknowledged;
        private static int _lastFirstSeen;
        private static int _sentToClient;
        private static int _lastFromBroker;
        private static int _connections;
        private static bool _isAccepted;
        private static string _where;

        [DataRow(1, 1, 0, 0)] // one byte at a time
        [DataRow(2, 1, 40, 5)]
        [DataRow(3, 7, 20, 20)]
        [DataRow(4, SimulatedLink.Unlimited, 20, 50)]
        [DataRow(5, 30, 60, 10)]
        public static void Nothing_is_lost_over_a_hostile_link(int seed, int largestPiece, int stallPercent, int breaksPerThousand)
        {
            _where = "seed " + seed;
            _s = new MqttScenario(128, 64, 160, 6, seed);
            _s.Link.LargestPiece = largestPiece;
            _s.Link.StallPercent = stallPercent;
            _published = 0;
            _acknowledged = 0;
            _lastFirstSeen = -1;
            _sentToClient = 0;
            _lastFromBroker = 0;
            _connections = 0;
            Open();
            for (int step = 0; step < Steps; step++)
            {
                Step(breaksPerThousand, true);
            }

            for (int step = 0; step < 20000 && _s.Client.Held > 0; step++)
            {
                Step(0, false);
            }

            Assert.AreEqual(0, _s.Client.Held, _where + ": messages are left");
            int promised = 0;
            for (int i = 0; i < _published; i++)
            {
                promised += QosOf[i];
                Assert.IsTrue(QosOf[i] == 0 ? SeenOf[i] <= 1 : SeenOf[i] >= 1, _where + ": message " + i + " arrived " + SeenOf[i] + " times");
            }

            Assert.AreEqual(promised, _acknowledged, _where + ": acknowledgements told");
            Assert.IsTrue(promised > 30 && _lastFromBroker > 50, _where + ": published " + promised + ", received " + _lastFromBroker);
            Assert.AreEqual(breaksPerThousand > 0, _connections > 1, _where + ": connections " + _connections);
        }

        private static void Open()
        {
            _isAccepted = false;
            _connections++;
            _s.Open();
        }

        private static void Step(int breaksPerThousand, bool publishes)
        {
            SimulatedLink link = _s.Link;
            _s.Now += link.NextRandom(100);
            if (link.NextRandom(1000) < breaksPerThousand)
            {
                link.Break();
            }

            if (publishes && _published < MostMessages && link.NextRandom(3) == 0)
            {
                Publish();
            }

            if (publishes && _isAccepted && link.NextRandom(8) == 0)
            {
                _sentToClient++;
                Number(_sentToClient);
                _s.Broker.SendPublish(MqttScenario.TopicA, Payload, 4 + link.NextRandom(16), 1, 1 + (_sentToClient % 65535));
            }

            Serve();
            TakeEvent(_s.Poll());
        }

        private static void Publish()
        {
            int qos = _s.Link.NextRandom(2);
            Number(_published);
            MqttError error = _s.Client.Publish(MqttScenario.TopicA, Payload, 0, 4 + _s.Link.NextRandom(16), qos, false);
            if (error == MqttError.None)
            {
                QosOf[_published] = qos;
                SeenOf[_published] = 0;
                _published++;
            }
            else
            {
                Assert.IsTrue(error == MqttError.Full || error == MqttError.NotConnected, _where + ": error " + (int)error);
            }
        }

        private static void Serve()
        {
            ScriptedBroker broker = _s.Broker;
            while (broker.Receive())
            {
                switch (broker.FirstByte)
                {
                    case ScriptedBroker.Connect:
                        broker.Send("20 02 00 00");
                        _isAccepted = true;
                        break;
                    case ScriptedBroker.Pingreq:
                        broker.Send("D0 00");
                        break;
                    case ScriptedBroker.Puback:
                        break;
                    default:
                        ServePublish(broker);
                        break;
                }
            }
        }

        private static void ServePublish(ScriptedBroker broker)
        {
            Assert.AreEqual(ScriptedBroker.Publish, broker.FirstByte & 0xF0, _where);
            int number = NumberAt(broker.Packet, broker.PayloadOffset);
            Assert.IsTrue(number < _published, _where + ": a message that was never published");
            if (SeenOf[number]++ == 0)
            {
                // whatever is lost between, first deliveries keep their order [MQTT-4.6.0-1]
                Assert.IsTrue(number > _lastFirstSeen, _where + ": out of order");
                _lastFirstSeen = number;
            }
            else
            {
                Assert.IsTrue((broker.FirstByte & 0x08) != 0, _where + ": repeated without DUP");
            }

            if (broker.PacketId != 0)
            {
                broker.SendAcknowledgement(ScriptedBroker.Puback, broker.PacketId);
            }
        }

        private static void TakeEvent(MqttEvent told)
        {
            switch (told)
            {
                case MqttEvent.MessageReceived:
                    int number = NumberAt(_s.Client.Message.Buffer, _s.Client.Message.PayloadOffset);
                    Assert.IsTrue(number > _lastFromBroker && number <= _sentToClient, _where + ": messages from the broker out of order");
                    _lastFromBroker = number;
                    break;
                case MqttEvent.PublishAcknowledged:
                    _acknowledged++;
                    break;
                case MqttEvent.Closed:
                    Assert.AreEqual((int)MqttError.LinkFailed, (int)_s.Client.Error, _where + ": detail " + _s.Client.ErrorDetail);
                    Open();
                    break;
            }
        }

        private static void Number(int value)
        {
            Payload[0] = (byte)(value >> 24);
            Payload[1] = (byte)(value >> 16);
            Payload[2] = (byte)(value >> 8);
            Payload[3] = (byte)value;
        }

        private static int NumberAt(byte[] buffer, int offset)
        {
            return (buffer[offset] << 24) | (buffer[offset + 1] << 16) | (buffer[offset + 2] << 8) | buffer[offset + 3];
        }
    }
}

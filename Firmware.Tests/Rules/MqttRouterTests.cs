// MqttRouter: order, overlap, capacity, and what it keeps for SUBSCRIBE and SUBACK.

using System;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Rules
{
    [TestClass]
    public static class MqttRouterTests
    {
        private static readonly Recorder First = new Recorder('1');
        private static readonly Recorder Second = new Recorder('2');
        private static readonly Recorder Third = new Recorder('3');

        private static string _calls;
        private static MqttMessage _lastMessage;
        private static long _lastNowMs;

        // one letter per call, in order: entries are a/b for 1, a/+ for 2, # for 3, a/b again for 2
        [DataRow("a/b", "1232")]
        [DataRow("a/c", "23")]
        [DataRow("a", "3")]
        [DataRow("a/b/c", "3")]
        [DataRow("$SYS/a", "")]
        [DataRow("", "")]
        public static void Calls_every_matching_entry_once_in_the_order_of_registration(string topic, string expected)
        {
            MqttRouter router = new MqttRouter(4);
            Assert.AreEqual(0, router.Add(Bytes.FromString("a/b"), 0, First));
            Assert.AreEqual(1, router.Add(Bytes.FromString("a/+"), 1, Second));
            Assert.AreEqual(2, router.Add(Bytes.FromString("#"), 0, Third));
            Assert.AreEqual(3, router.Add(Bytes.FromString("a/b"), 1, Second));
            _calls = string.Empty;
            Assert.AreEqual(expected.Length, router.Dispatch(Message(topic), 5));
            Assert.AreEqual(expected, _calls);
        }

        [TestMethod]
        public static void Hands_on_the_very_message_and_the_time()
        {
            MqttRouter router = new MqttRouter(1);
            router.Add(Bytes.FromString("a"), 0, First);
            MqttMessage message = Message("a");
            _lastMessage = null;
            Assert.AreEqual(1, router.Dispatch(message, 12345678901L));
            Assert.AreSame(message, _lastMessage);
            Assert.AreEqual(12345678901L, _lastNowMs);
        }

        [TestMethod]
        public static void Delivers_nothing_from_an_empty_table()
        {
            Assert.AreEqual(0, new MqttRouter(3).Dispatch(Message("a"), 0));
        }

        [DataRow(1)]
        [DataRow(2)]
        [DataRow(50)]
        public static void Takes_as_many_filters_as_its_capacity_and_no_more(int capacity)
        {
            MqttRouter router = new MqttRouter(capacity);
            Assert.AreEqual(capacity, router.Capacity);
            for (int i = 0; i < capacity; i++)
            {
                Assert.AreEqual(i, router.Count);
                Assert.AreEqual(i, router.Add(Bytes.FromString("t/" + i.ToString()), 1, First));
            }

            Assert.AreEqual(-1, router.Add(Bytes.FromString("one/more"), 1, Second));
            Assert.AreEqual(capacity, router.Count);
            _calls = string.Empty;
            Assert.AreEqual(0, router.Dispatch(Message("one/more"), 0));
            Assert.AreEqual(1, router.Dispatch(Message("t/" + (capacity - 1).ToString()), 0));
            Assert.AreEqual("1", _calls);
        }

        [DataRow(0)]
        [DataRow(-1)]
        public static void Cannot_be_made_without_room(int capacity)
        {
            bool refused = false;
            try
            {
                Assert.IsNotNull(new MqttRouter(capacity));
            }
            catch (ArgumentOutOfRangeException)
            {
                refused = true;
            }

            Assert.IsTrue(refused);
        }

        [DataRow("a#", 0)]
        [DataRow("", 0)]
        [DataRow("a/#/b", 0)]
        [DataRow("a", -1)]
        [DataRow("a", 3)]
        public static void Refuses_what_cannot_be_subscribed_to(string filter, int qos)
        {
            MqttRouter router = new MqttRouter(1);
            Assert.AreEqual(-1, router.Add(Bytes.FromString(filter), qos, First));
            Assert.AreEqual(-1, router.Add(null, 0, First));
            Assert.AreEqual(-1, router.Add(Bytes.FromString("a"), 0, null));
            Assert.AreEqual(0, router.Count);
            Assert.AreEqual(0, router.Add(Bytes.FromString("a"), 2, First), "what was refused must leave its place free");
        }

        [TestMethod]
        public static void Keeps_filters_QoS_and_answers_for_batches_of_SUBSCRIBE()
        {
            MqttRouter router = new MqttRouter(3);
            byte[] filter = Bytes.FromString("a/#");
            router.Add(Bytes.FromString("x"), 0, First);
            router.Add(filter, 2, First);
            router.Add(Bytes.FromString("y"), 1, First);
            Assert.AreSame(filter, router.FilterAt(1));
            Assert.AreEqual(0, router.QosAt(0));
            Assert.AreEqual(2, router.QosAt(1));
            Assert.AreEqual(1, router.QosAt(2));
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(MqttRouter.NotAnswered, router.GrantedAt(i));
            }

            router.SetGranted(0, 0);
            router.SetGranted(1, 1);
            router.SetGranted(2, MqttRouter.Refused);
            Assert.AreEqual(0, router.GrantedAt(0));
            Assert.AreEqual(1, router.GrantedAt(1));
            Assert.AreEqual(0x80, router.GrantedAt(2));
            Assert.AreEqual(2, router.QosAt(1), "what is asked for does not change with the answer");
            Assert.AreEqual(1, router.Dispatch(Message("y"), 0), "what arrives is delivered, whatever was granted");
            router.ResetGranted();
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(0xFF, router.GrantedAt(i));
            }
        }

        private static MqttMessage Message(string topic)
        {
            byte[] text = Bytes.FromString("??" + topic + "/payload");
            return new MqttMessage { Buffer = text, TopicOffset = 2, TopicLength = text.Length - 10, PayloadOffset = text.Length - 8, PayloadLength = 8 };
        }

        private sealed class Recorder : IMqttMessageHandler
        {
            private readonly char _letter;

            public Recorder(char letter)
            {
                _letter = letter;
            }

            public void Handle(MqttMessage message, long nowMs)
            {
                _calls += _letter.ToString();
                _lastMessage = message;
                _lastNowMs = nowMs;
            }
        }
    }
}

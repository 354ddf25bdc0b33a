// One client, one broker, one link and a clock that is a number: what every scenario test starts from.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    /// <summary>A client on a simulated link, with the steps that tests are made of. Every poll is checked for what must always hold.</summary>
    public sealed class MqttScenario
    {
        /// <summary>Polls that bring everything to rest, whatever the link does.</summary>
        private const int ManyPolls = 3000;

        /// <summary>Polls without effect after which a link that stalls now and then counts as being at rest.</summary>
        private const int QuietPolls = 40;

        /// <summary>How many incoming QoS 2 messages the client remembers.</summary>
        public const int MaxOpen = 3;

        /// <summary>The topic that most tests use.</summary>
        public static readonly byte[] TopicA = { (byte)'a' };

        private static readonly byte[] Connack = { 0x20, 2, 0, 0 };

        /// <summary>Time limits, as shipped unless a test changes them.</summary>
        public readonly MqttTimeouts Timeouts = new MqttTimeouts();

        /// <summary>What CONNECT says.</summary>
        public readonly MqttConnectOptions Options = new MqttConnectOptions();

        /// <summary>The link; the same object for every connection.</summary>
        public readonly SimulatedLink Link;

        /// <summary>The broker's end.</summary>
        public readonly ScriptedBroker Broker;

        /// <summary>The client under test.</summary>
        public readonly MqttClient Client;

        /// <summary>The time: 58 days after boot, beyond the range of int.</summary>
        public long Now = 5000000000L;

        private int _closedEvents;

        /// <summary>A client with room for what tests usually do: packets of 256 bytes in, 8 messages in 512 bytes out.</summary>
        public MqttScenario()
            : this(256, 128, 512, 8, 1)
        {
        }

        /// <summary>A client with buffers of these sizes in bytes.</summary>
        public MqttScenario(int receive, int control, int arena, int maxPublishes, int seed)
        {
            Link = new SimulatedLink(seed, 4096);
            Broker = new ScriptedBroker(Link, 1024);
            Client = new MqttClient(new byte[receive], new byte[control], new byte[arena], maxPublishes, MaxOpen, Timeouts);
            Options.ClientId = TopicA;
        }

        /// <summary>A client that is connected.</summary>
        public static MqttScenario Connected()
        {
            MqttScenario scenario = new MqttScenario();
            scenario.Connect();
            return scenario;
        }

        /// <summary>Opens a link and starts the client on it; nothing is polled yet.</summary>
        public void Open()
        {
            Link.Reopen();
            Broker.Reset();
            _closedEvents = 0;
            RequireError(MqttError.None, Client.Connect(Link, Options, Now));
        }

        /// <summary>Opens a link and goes on until the broker has accepted; CONNECT is taken from the link.</summary>
        public void Connect()
        {
            Open();
            Settle();
            Broker.Require(ScriptedBroker.Connect);
            Link.Deliver(Connack, 0, Connack.Length);
            Expect(MqttEvent.Connected);
        }

        /// <summary>Polls once, now.</summary>
        public MqttEvent Poll()
        {
            MqttEvent result = Client.Poll(Now);
            Assert.IsTrue(Client.NextDeadlineMs >= Now, "NextDeadlineMs lies in the past");
            Assert.IsFalse(Link.WasUsedAfterClose, "the link was used after Close");
            if (result == MqttEvent.Closed)
            {
                _closedEvents++;
                Assert.AreEqual(1, _closedEvents, "events Closed");
                Assert.AreEqual((int)MqttState.Closed, (int)Client.State, "state after Closed");
                Assert.AreEqual(1, Link.CloseCount, "the link is closed once");
                Assert.AreEqual(long.MaxValue, Client.NextDeadlineMs, "deadline after Closed");
            }

            return result;
        }

        /// <summary>Lets time pass, then polls once.</summary>
        public MqttEvent PollAfter(int milliseconds)
        {
            Now += milliseconds;
            return Poll();
        }

        /// <summary>Polls at this very time until something happened or everything is at rest.</summary>
        public MqttEvent Run()
        {
            int quiet = 0;
            for (int i = 0; i < ManyPolls; i++)
            {
                int waiting = Link.WaitingForClient + Link.WaitingForPeer;
                MqttEvent result = Poll();
                if (result != MqttEvent.None)
                {
                    return result;
                }

                quiet = waiting == Link.WaitingForClient + Link.WaitingForPeer && Client.NextDeadlineMs > Now ? quiet + 1 : 0;
                if (quiet > (Link.StallPercent == 0 ? 0 : QuietPolls))
                {
                    return MqttEvent.None;
                }
            }

            Assert.IsTrue(false, "the client does not come to rest");
            return MqttEvent.None;
        }

        /// <summary>Comes to rest without any event.</summary>
        public void Settle()
        {
            RequireEvent(MqttEvent.None, Run());
        }

        /// <summary>Runs to the next event, which must be this one.</summary>
        public void Expect(MqttEvent expected)
        {
            RequireEvent(expected, Run());
        }

        /// <summary>Runs to the end of the connection, which must have this cause, and sees that it is told once.</summary>
        public void ExpectClosed(MqttError error, int detail)
        {
            RequireClosed(Run(), error, detail);
        }

        /// <summary>Checks that an event is the end of the connection, has this cause, and is not told again.</summary>
        public void RequireClosed(MqttEvent found, MqttError error, int detail)
        {
            RequireEvent(MqttEvent.Closed, found);
            RequireError(error, Client.Error);
            Assert.AreEqual(detail, Client.ErrorDetail, "detail of the error");
            RequireEvent(MqttEvent.None, Poll());
            RequireEvent(MqttEvent.None, PollAfter(1000000));
            Assert.AreEqual(long.MaxValue, Client.NextDeadlineMs);
        }

        /// <summary>Comes to rest without an event; the client must have sent exactly these bytes since the last look.</summary>
        public void ExpectSent(string text)
        {
            Settle();
            RequireSent(text);
        }

        /// <summary>The client must have sent exactly these bytes since the last look.</summary>
        public void RequireSent(string text)
        {
            byte[] expected = PacketText.Parse(text);
            byte[] found = Link.PeekFromClient();
            Assert.AreEqual(PacketText.Hex(expected, 0, expected.Length), PacketText.Hex(found, 0, found.Length), "bytes sent");
            Link.Take(found, 0, found.Length);
        }

        /// <summary>Publishes text to topic a.</summary>
        public MqttError Publish(string payload, int qos)
        {
            byte[] bytes = Bytes.FromString(payload);
            return Client.Publish(TopicA, bytes, 0, bytes.Length, qos, false);
        }

        /// <summary>Publishes a payload to topic a, which must be taken.</summary>
        public void MustPublish(string payload, int qos)
        {
            RequireError(MqttError.None, Publish(payload, qos));
        }

        /// <summary>Asks for one filter with QoS 1.</summary>
        public MqttError Subscribe(string filter)
        {
            return Client.Subscribe(new byte[][] { Bytes.FromString(filter) }, new byte[] { 1 }, 1);
        }

        /// <summary>Compares events.</summary>
        public static void RequireEvent(MqttEvent expected, MqttEvent found)
        {
            Assert.AreEqual((int)expected, (int)found, "event");
        }

        /// <summary>Compares errors.</summary>
        public static void RequireError(MqttError expected, MqttError found)
        {
            Assert.AreEqual((int)expected, (int)found, "error");
        }

        /// <summary>The client must be connected still.</summary>
        public void RequireConnected()
        {
            Assert.AreEqual((int)MqttState.Connected, (int)Client.State, "state");
        }
    }
}

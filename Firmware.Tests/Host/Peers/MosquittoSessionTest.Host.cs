// Connections that end, sessions that do not: last will, persistent session, a broker that is killed, restarted or frozen, keepalive, and two
// clients with one identifier.

using System.Net.Sockets;
using System.Text;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Peers;

[TestClass]
[RunsBeside]
public static class MosquittoSessionTest
{
    [Setup]
    public static void NeedsMosquitto() => MosquittoBroker.Require();

    [TestMethod]
    [DataRow(0, false)]
    [DataRow(1, true)]
    [DataRow(2, false)]
    public static void Will_is_published_when_the_link_breaks(int qos, bool retain)
    {
        string topic = $"session/will/{qos}";
        using MosquittoSubscriber subscriber = MosquittoSubscriber.Start(MosquittoBroker.Shared, topic);
        using PeerClient client = WithWill(topic, qos, retain);
        client.Connect(Plain());
        client.Break();
        MosquittoBroker.Wait(() => subscriber.Heard.Length > 0, "the will");
        Assert.AreEqual($"{qos} 0 {topic} gone", subscriber.Heard[0]);

        using PeerClient late = new PeerClient().Connect(Plain());
        late.Subscribe(topic, 0);
        late.PublishAndWait(topic, "", 1, retain: true);
        late.Until(() => late.Messages.Exists(m => m.Payload.Length == 0), "the own message");
        Assert.AreEqual(retain ? 1 : 0, late.Messages.Count(m => m.Retain));
    }

    [TestMethod]
    public static void Will_is_not_published_after_disconnect()
    {
        const string Topic = "session/no-will";
        using MosquittoSubscriber subscriber = MosquittoSubscriber.Start(MosquittoBroker.Shared, Topic);
        using PeerClient client = WithWill(Topic, 2, retain: false);
        client.Connect(Plain());
        client.Publish(Topic, "last words", 0);
        client.Disconnect();

        // the same identifier: the broker is done with the first connection before it accepts the second
        client.Options.WillTopic = null;
        client.Connect(Plain());
        client.PublishAndWait(Topic, "end", 2);
        MosquittoBroker.Wait(() => subscriber.Heard.Length > 1, "the end");
        Assert.AreEqual($"0 0 {Topic} last words, 2 0 {Topic} end", string.Join(", ", subscriber.Heard));
    }

    [TestMethod]
    public static void Messages_published_while_away_arrive_after_reconnect()
    {
        using PeerClient client = Persistent();
        client.Connect(Plain());
        Assert.IsFalse(client.Mqtt.SessionPresent, "first time");
        client.Subscribe("session/away/#", 2);
        client.Disconnect();
        for (int i = 0; i < 6; i++)
        {
            MosquittoPublisher.Publish(MosquittoBroker.Shared, $"session/away/{i}", $"{i}", i % 3);
        }

        client.Connect(Plain());
        Assert.IsTrue(client.Mqtt.SessionPresent, "resumed");
        client.Until(() => client.Messages.Count >= 4, "the messages");
        client.PublishAndWait("session/away/end", "end", 2);
        client.Until(() => client.Messages.Exists(m => m.Text == "end"), "the end");

        // QoS 0 is not kept by mosquitto (queue_qos0_messages false)
        Assert.AreEqual("1/1 2/2 4/1 5/2 end/2", string.Join(' ', client.Messages.Select(m => $"{m.Text}/{m.Qos}")));
    }

    [TestMethod]
    public static void Own_unacknowledged_publishes_are_completed_after_reconnect()
    {
        const string Topic = "session/own";
        using MosquittoSubscriber subscriber = MosquittoSubscriber.Start(MosquittoBroker.Shared, Topic);
        using PeerClient client = Persistent();
        var link = new BreakingTransport(Plain(), int.MaxValue, int.MaxValue);
        client.Connect(link);

        // everything leaves, nothing is heard of it
        link.BreakAfterReading(0);
        int[] packetIds = [client.Publish(Topic, "one", 1), client.Publish(Topic, "two", 2), client.Publish(Topic, "one more", 1)];
        client.UntilClosed();
        Assert.AreEqual(3, client.Mqtt.Held);

        client.Connect(Plain());
        Assert.IsTrue(client.Mqtt.SessionPresent, "resumed");
        client.Until(() => client.Mqtt.Held == 0, "the acknowledgements");
        Assert.AreEqual(string.Join(' ', packetIds), string.Join(' ', client.Acknowledged.Order()));
        client.PublishAndWait(Topic, "end", 2);
        MosquittoBroker.Wait(() => subscriber.Heard.Any(h => h.EndsWith("end", StringComparison.Ordinal)), "the end");
        Assert.AreEqual(1, subscriber.Heard.Count(h => h.EndsWith("two", StringComparison.Ordinal)), "QoS 2");
        Assert.IsTrue(subscriber.Heard.Count(h => h.EndsWith("one", StringComparison.Ordinal)) is 1 or 2, "QoS 1");
    }

    [TestMethod]
    public static void Broker_that_was_killed_resumes_the_session_from_its_database()
    {
        using MosquittoBroker broker = MosquittoBroker.Start();
        using PeerClient client = Persistent();
        client.Connect(SocketTransport.Open(broker.PlainPort));
        client.Subscribe("session/killed", 2);
        client.PublishAndWait("session/kept", "kept", 1, retain: true);
        broker.Save();
        broker.Kill();
        MqttError error = client.UntilClosed();
        Assert.IsTrue(error is MqttError.LinkClosed or MqttError.LinkFailed, error.ToString());
        Assert.ThrowsException(typeof(SocketException), () => SocketTransport.Open(broker.PlainPort));

        broker.Restart();
        client.Connect(SocketTransport.Open(broker.PlainPort));
        Assert.IsTrue(client.Mqtt.SessionPresent, "resumed");
        MosquittoPublisher.Publish(broker, "session/killed", "back", 2);
        client.Until(() => client.Messages.Count > 0, "a message for the old subscription");
        Assert.AreEqual("back", client.Messages[0].Text);
        client.Subscribe("session/kept", 1);
        client.Until(() => client.Messages.Count > 1, "the retained message");
        Assert.IsTrue(client.Messages[1].Retain, "RETAIN");
    }

    [TestMethod]
    public static void Broker_that_is_stopped_and_started_gets_what_was_held()
    {
        using MosquittoBroker broker = MosquittoBroker.Start();
        using PeerClient client = Persistent();
        client.Connect(SocketTransport.Open(broker.PlainPort));
        client.Subscribe("session/stopped", 2);
        broker.Pause();
        client.Publish("session/stopped", "one", 1);
        client.Publish("session/stopped", "two", 2);
        client.Poll();
        broker.Kill();
        client.UntilClosed();
        Assert.AreEqual(2, client.Mqtt.Held);

        // it was never saved: the broker starts without the session
        broker.Restart();
        client.Connect(SocketTransport.Open(broker.PlainPort));
        Assert.IsFalse(client.Mqtt.SessionPresent, "fresh");
        client.Until(() => client.Mqtt.Held == 0, "the acknowledgements");
        Assert.AreEqual(2, client.Acknowledged.Count);

        client.Subscribe("session/stopped", 2);
        broker.Stop();
        client.UntilClosed();
        broker.Restart();
        client.Connect(SocketTransport.Open(broker.PlainPort));
        Assert.IsTrue(client.Mqtt.SessionPresent, "saved at its orderly end");
        client.PublishAndWait("session/stopped", "three", 2);
        client.Until(() => client.Messages.Count > 0, "the message");
        Assert.AreEqual("three", client.Messages[0].Text);
    }

    [TestMethod]
    public static void Frozen_broker_is_found_out_and_the_client_recovers()
    {
        using MosquittoBroker broker = MosquittoBroker.Start();
        using PeerClient client = Persistent();
        client.Options.KeepAliveSeconds = 2;
        client.Timeouts.PingrespMs = 800;
        client.Timeouts.ConnackMs = 300;
        client.Connect(SocketTransport.Open(broker.PlainPort));
        client.Subscribe("session/frozen", 1);
        broker.Pause();
        long start = PeerClient.NowMs;
        Assert.AreEqual(MqttError.PingrespTimeout, client.UntilClosed());
        long took = PeerClient.NowMs - start;

        // PINGREQ 1.5 s after the last packet, then 0.8 s; what is more is the machine's
        Assert.IsTrue(took is > 1800 and < 3300, $"found out after {took} ms");

        // the kernel of a frozen broker still accepts
        client.Begin(SocketTransport.Open(broker.PlainPort));
        Assert.AreEqual(MqttError.ConnackTimeout, client.UntilClosed());

        broker.Continue();
        client.Timeouts.ConnackMs = 5000;
        client.Connect(SocketTransport.Open(broker.PlainPort));
        Assert.IsTrue(client.Mqtt.SessionPresent, "resumed");
        client.PublishAndWait("session/frozen", "thawed", 1);
        client.Until(() => client.Messages.Count > 0, "the message");
    }

    [TestMethod]
    public static void Keepalive_holds_an_idle_connection_that_the_broker_would_end()
    {
        using PeerClient client = new();
        client.Options.KeepAliveSeconds = 2;
        client.Connect(Plain());
        using PeerClient mute = new();
        mute.Options.KeepAliveSeconds = 2;
        mute.Connect(Plain());
        long start = PeerClient.NowMs;

        // the other one is not polled, so it sends no PINGREQ: the broker must end it, and by then it would have ended ours
        byte[] nothing = new byte[1];
        client.Until(() => mute.Transport!.Read(nothing, 0, 1) < 0, "the end of the connection without PINGREQ", 15000);
        Assert.IsTrue(PeerClient.NowMs - start >= 3000, $"ended after {PeerClient.NowMs - start} ms: not before 1.5 keepalives");
        Assert.AreEqual(MqttState.Connected, client.Mqtt.State);
        client.PublishAndWait("session/idle", "alive", 1);
    }

    [TestMethod]
    public static void Second_client_with_the_same_identifier_ends_the_first()
    {
        using PeerClient first = new PeerClient().Connect(Plain());
        using PeerClient second = new();
        second.Options.ClientId = first.Options.ClientId;
        second.Connect(Plain());
        Assert.AreEqual(MqttError.LinkClosed, first.UntilClosed());
        second.PublishAndWait("session/second", "x", 1);
    }

    private static PeerClient Persistent()
    {
        var client = new PeerClient();
        client.Options.CleanSession = false;
        return client;
    }

    private static PeerClient WithWill(string topic, int qos, bool retain)
    {
        var client = new PeerClient();
        client.Options.WillTopic = Bytes.FromString(topic);
        client.Options.WillPayload = Encoding.ASCII.GetBytes("gone");
        client.Options.WillQos = qos;
        client.Options.WillRetain = retain;
        return client;
    }

    private static SocketTransport Plain() => SocketTransport.Open(MosquittoBroker.Shared.PlainPort);
}

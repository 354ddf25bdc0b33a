// Messages and subscriptions against mosquitto: retained, large, many at once, and links that break at every byte of an exchange.

using System.Diagnostics;
using System.Globalization;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Peers;

[TestClass]
[RunsBeside]
public static class MosquittoDeliveryTest
{
    private const int Many = 500;

    [Setup]
    public static void NeedsMosquitto() => MosquittoBroker.Require();

    [TestMethod]
    public static void Retained_message_comes_with_retain_set_until_it_is_deleted()
    {
        const string Topic = "delivery/retained";
        using PeerClient publisher = Plain();
        publisher.PublishAndWait(Topic, "kept", 1, retain: true);

        using PeerClient late = Plain();
        late.Subscribe(Topic, 1);
        late.Until(() => late.Messages.Count == 1, "the retained message");
        Assert.AreEqual("kept", late.Messages[0].Text);
        Assert.IsTrue(late.Messages[0].Retain, "RETAIN on subscribe");

        // to one who is there already it is a message as any other [MQTT-3.3.1-9]
        publisher.PublishAndWait(Topic, "", 1, retain: true);
        late.Until(() => late.Messages.Count == 2, "the empty message");
        Assert.AreEqual(0, late.Messages[1].Payload.Length);
        Assert.IsFalse(late.Messages[1].Retain, "RETAIN on a live message");

        using PeerClient afterwards = Plain();
        afterwards.Subscribe(Topic, 1);
        publisher.PublishAndWait(Topic, "live", 1);
        afterwards.Until(() => afterwards.Messages.Count > 0, "the live message");
        Assert.AreEqual("live", afterwards.Messages[0].Text);
    }

    [TestMethod]
    public static void Eight_filters_in_one_subscribe_are_granted_each_for_itself()
    {
        using PeerClient client = Plain();
        byte[][] filters = [.. Enumerable.Range(0, 8).Select(i => Bytes.FromString($"delivery/eight/{i}"))];
        byte[] qos = [0, 1, 2, 0, 2, 1, 0, 2];
        Assert.AreEqual(MqttError.None, client.Mqtt.Subscribe(filters, qos, 8));
        int packetId = client.Mqtt.PacketId;
        client.Until(() => client.Count(MqttEvent.Subscribed) == 1, "SUBACK");
        Assert.AreEqual(packetId, client.Mqtt.PacketId);
        Assert.AreEqual("0 1 2 0 2 1 0 2", string.Join(' ', Enumerable.Range(0, 8).Select(client.Mqtt.SubscribeResult)));

        using PeerClient publisher = Plain();
        for (int i = 0; i < 8; i++)
        {
            publisher.PublishAndWait($"delivery/eight/{i}", "x", 2);
        }

        client.Until(() => client.Messages.Count == 8, "a message for each filter");
        Assert.AreEqual("0 1 2 0 2 1 0 2", string.Join(' ', client.Messages.OrderBy(m => m.Topic).Select(m => m.Qos)));
    }

    [TestMethod]
    public static void Nothing_comes_after_unsubscribe()
    {
        using PeerClient client = Plain();
        client.Subscribe("delivery/left", 1);
        client.Subscribe("delivery/right", 1);
        Assert.AreEqual(MqttError.None, client.Mqtt.Unsubscribe([Bytes.FromString("delivery/left")], 1));
        int packetId = client.Mqtt.PacketId;
        client.Until(() => client.Count(MqttEvent.Unsubscribed) == 1, "UNSUBACK");
        Assert.AreEqual(packetId, client.Mqtt.PacketId);

        client.PublishAndWait("delivery/left", "unheard", 2);
        client.PublishAndWait("delivery/right", "heard", 2);
        client.Until(() => client.Messages.Count > 0, "the message that is still wanted");
        Assert.AreEqual("heard", client.Messages[0].Text);
    }

    [TestMethod]
    [DataRow(0, "plain")]
    [DataRow(1, "plain")]
    [DataRow(2, "plain")]
    [DataRow(1, "tls")]
    public static void Message_of_200_kb_is_taken_in_pieces(int qos, string door)
    {
        using PeerClient client = door == "plain" ? Plain() : Tls();
        client.AcceptLarge = true;
        byte[] content = SendLarge(client, qos, out string topic);
        client.Until(() => client.Messages.Count == 1, "the large message");
        Assert.AreEqual(topic, client.Messages[0].Topic);
        Assert.IsTrue(content.AsSpan().SequenceEqual(client.Messages[0].Payload), "content");
        Assert.IsTrue(client.Pieces > 400, $"{client.Pieces} pieces");
        ExpectGoesOn(client, topic, qos);
        Assert.AreEqual(0, client.Mqtt.SkippedMessages);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public static void Message_of_200_kb_is_skipped_and_acknowledged(int qos)
    {
        using PeerClient client = Plain();
        byte[] content = SendLarge(client, qos, out string topic);
        client.Until(() => client.TooLarge.Count == 1, "the report");
        Assert.AreEqual(topic, client.TooLarge[0].Topic);
        Assert.AreEqual(content.Length, client.TooLarge[0].Payload.Length);
        Assert.AreEqual(1, client.Mqtt.SkippedMessages);
        ExpectGoesOn(client, topic, qos);

        // an unacknowledged message would come again with the session
        client.Disconnect();
        client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        Assert.IsTrue(client.Mqtt.SessionPresent, "session present");
        ExpectGoesOn(client, topic, qos);
        Assert.AreEqual(1, client.TooLarge.Count);
        EndSession(client);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public static void Many_messages_out_through_a_small_arena_are_heard_once(int qos)
    {
        string topic = $"delivery/out/{qos}";
        using MosquittoSubscriber subscriber = MosquittoSubscriber.Start(MosquittoBroker.Shared, topic, qos);
        using PeerClient client = Plain(arena: 256);
        int full = 0;
        byte[] name = Bytes.FromString(topic);
        for (int i = 0; i < Many; i++)
        {
            byte[] payload = Bytes.FromString(Text(i));
            while (true)
            {
                MqttError error = client.Mqtt.Publish(name, payload, 0, payload.Length, qos, false);
                if (error == MqttError.None)
                {
                    break;
                }

                Assert.AreEqual(MqttError.Full, error);
                full++;
                int held = client.Mqtt.Held;
                client.Until(() => client.Mqtt.Held < held, "room");
            }
        }

        client.Until(() => client.Mqtt.Held == 0, "all acknowledgements");
        MosquittoBroker.Wait(() => subscriber.Heard.Length >= Many, "all messages");
        Assert.IsTrue(full > 0, "the arena was full at times");
        Assert.AreEqual(Many, client.Acknowledged.Count);
        client.PublishAndWait(topic, "end", qos);
        MosquittoBroker.Wait(() => subscriber.Heard.Length > Many, "the end");
        Assert.AreEqual(string.Join('\n', Lines(Many).Append("end").Select(t => $"{qos} 0 {topic} {t}")), string.Join('\n', subscriber.Heard));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public static void Many_messages_in_at_once_are_delivered_once(int qos)
    {
        // mosquitto 2.0 does not keep its own max_inflight_messages (20) with QoS 2: more than 100 were seen open at once
        string topic = $"delivery/in/{qos}";
        using PeerClient client = new PeerClient().Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        client.Subscribe(topic, qos);
        using Process publisher = MosquittoPublisher.BeginLines(MosquittoBroker.Shared, topic, Lines(Many), qos);
        client.Until(() => client.Messages.Count >= Many, "all messages");
        MosquittoPublisher.End(publisher);
        client.PublishAndWait(topic, "end", qos);
        client.Until(() => client.Messages.Count > Many, "the end");
        Assert.AreEqual(string.Join('\n', Lines(Many).Append("end")), string.Join('\n', client.Messages.Select(m => m.Text)));
    }

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(1, false)]
    [DataRow(2, true)]
    [DataRow(2, false)]
    public static void Publish_is_completed_wherever_the_link_breaks(int qos, bool inWriting)
    {
        // PUBLISH 23 bytes, PUBREL 4 bytes; PUBACK, PUBREC, PUBCOMP 4 bytes
        int positions = inWriting ? 23 + 4 : 4 + 4;
        string topic = $"broken/out/{(inWriting ? 'w' : 'r')}/{qos}";
        using MosquittoSubscriber subscriber = MosquittoSubscriber.Start(MosquittoBroker.Shared, topic);
        using PeerClient client = Session();
        for (int i = 0; i <= positions; i++)
        {
            BreakingTransport link = Breakable();
            client.Connect(link);
            Break(link, inWriting, i);
            client.Publish(topic, Text(i), qos);
            client.Until(() => client.Mqtt.Held == 0 || link.IsBroken, "the acknowledgement or the break");
            if (client.Mqtt.Held > 0)
            {
                client.UntilClosed();
                client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
                client.Until(() => client.Mqtt.Held == 0, "the acknowledgement after the break");
            }

            client.Break();
        }

        client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        client.PublishAndWait(topic, "end", 2);
        MosquittoBroker.Wait(() => subscriber.Heard.Length > 0 && subscriber.Heard[^1].EndsWith("end", StringComparison.Ordinal), "the end");
        string[] heard = [.. subscriber.Heard.SkipLast(1).Select(h => h[(h.LastIndexOf(' ') + 1)..])];
        ExpectPromise(qos, [.. Enumerable.Range(0, positions + 1).Select(Text)], heard);
        Assert.AreEqual(positions + 2, client.Acknowledged.Count);
        EndSession(client);
    }

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(1, false)]
    [DataRow(2, true)]
    [DataRow(2, false)]
    public static void Message_is_delivered_wherever_the_link_breaks(int qos, bool inWriting)
    {
        // PUBLISH 23 bytes, PUBREL 4 bytes; PUBACK, PUBREC, PUBCOMP 4 bytes
        int positions = inWriting ? 4 + 4 : 23 + 4;
        string topic = $"broken/in/{(inWriting ? 'w' : 'r')}/{qos}";
        using PeerClient speaker = Plain();
        using PeerClient client = Session();
        client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        client.Subscribe(topic, qos);
        client.Break();
        for (int i = 0; i <= positions; i++)
        {
            BreakingTransport link = Breakable();
            client.Connect(link);
            Break(link, inWriting, i);
            speaker.PublishAndWait(topic, Text(i), 2);
            speaker.PublishAndWait(topic, "next " + Text(i), 2);
            client.Until(() => link.IsBroken || client.Messages.Exists(m => m.Text == "next " + Text(i)), "the message or the break");
            client.Break();
            client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
            client.Until(() => client.Messages.Exists(m => m.Text == "next " + Text(i)), "the message after the break");
            client.PublishAndWait("broken/sign-of-life", "x", 1);
            client.Break();
        }

        client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        speaker.PublishAndWait(topic, "end", 2);
        client.Until(() => client.Messages.Exists(m => m.Text == "end"), "the end");
        IEnumerable<string> sent = Enumerable.Range(0, positions + 1).SelectMany(i => (string[])[Text(i), "next " + Text(i)]);
        ExpectPromise(qos, [.. sent, "end"], [.. client.Messages.Select(m => m.Text)]);
        EndSession(client);
    }

    private static void Break(BreakingTransport link, bool inWriting, int position)
    {
        if (inWriting)
        {
            link.BreakAfterWriting(position);
        }
        else
        {
            link.BreakAfterReading(position);
        }
    }

    // QoS 1: all of them, perhaps again; QoS 2: each once; both in order of their first coming
    private static void ExpectPromise(int qos, string[] sent, string[] heard)
    {
        string[] counted = qos == 2 ? heard : [.. heard.Distinct()];
        Assert.AreEqual(string.Join('\n', sent), string.Join('\n', counted));
    }

    private static byte[] SendLarge(PeerClient client, int qos, out string topic)
    {
        byte[] content = new byte[200 * 1024];
        new Random(qos).NextBytes(content);
        topic = "delivery/large/" + Guid.NewGuid().ToString("N");
        client.Options.CleanSession = false;
        client.Break();
        client.Connect(client.Transport is TlsPeerTransport ? OpenTls() : SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        client.Subscribe(topic, qos);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            MosquittoPublisher.PublishFile(MosquittoBroker.Shared, topic, path, qos);
        }
        finally
        {
            File.Delete(path);
        }

        return content;
    }

    private static void ExpectGoesOn(PeerClient client, string topic, int qos)
    {
        int before = client.Messages.Count;
        client.PublishAndWait(topic, "small", qos);
        client.Until(() => client.Messages.Count == before + 1, "a small message behind the large one");
        Assert.AreEqual("small", client.Messages[^1].Text);
    }

    // leaves nothing behind for the other tests
    private static void EndSession(PeerClient client)
    {
        client.Disconnect();
        client.Options.CleanSession = true;
        client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));
        Assert.IsFalse(client.Mqtt.SessionPresent, "session present after a clean start");
        client.Disconnect();
    }

    private static PeerClient Session()
    {
        var client = new PeerClient();
        client.Options.CleanSession = false;
        return client;
    }

    private static BreakingTransport Breakable() => new(SocketTransport.Open(MosquittoBroker.Shared.PlainPort), int.MaxValue, int.MaxValue);

    private static PeerClient Plain(int arena = 4096) => new PeerClient(arena: arena).Connect(SocketTransport.Open(MosquittoBroker.Shared.PlainPort));

    private static PeerClient Tls() => new PeerClient().Connect(OpenTls());

    private static TlsPeerTransport OpenTls() => TlsPeerTransport.Open(MosquittoBroker.Shared.TlsPort, MosquittoBroker.Shared.Certificates.Authority);

    private static string Text(int number) => number.ToString("000", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Lines(int count) => Enumerable.Range(0, count).Select(Text);
}

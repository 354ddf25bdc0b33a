// Messages and requests through MqttClientAdapter, both ways, and what handlers may do.

using System.Collections;
using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.TestFramework;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Adapter;

/// <summary>What goes through a connection.</summary>
[TestClass]
public static class AdapterDeliveryTest
{
    [TestMethod]
    public static void Publishes_of_every_qos_arrive_and_those_above_0_are_confirmed()
    {
        using AdapterBench bench = AdapterBench.Connected();
        Assert.AreEqual((ushort)0, bench.Client.Publish("a", Encoding.UTF8.GetBytes("zero")));
        Assert.AreEqual((ushort)0, bench.Client.Publish("a", null, ""));
        ushort one = bench.Publish("b", "one", MqttQoSLevel.AtLeastOnce, retain: true);
        ushort two = bench.Publish("c", "two", MqttQoSLevel.ExactlyOnce);
        bench.WaitFor($"published {one} True");
        bench.WaitFor($"published {two} True");
        Assert.AreEqual(new Heard("a", "zero", 0, false, false, 0), bench.Broker.Messages[0]);
        Assert.AreEqual(new Heard("a", "", 0, false, false, 0), bench.Broker.Messages[1]);
        Assert.AreEqual(new Heard("b", "one", 1, true, false, one), bench.Broker.Messages[2]);
        Assert.AreEqual(new Heard("c", "two", 2, false, false, two), bench.Broker.Messages[3]);
        Assert.AreEqual(2, bench.Events.Length);
    }

    [TestMethod]
    public static void Messages_of_every_qos_come_with_all_that_they_carry()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Broker.Send("a", "zero");
        bench.Broker.Send("b/\u00e4", Encoding.UTF8.GetBytes("one"), 1, 7, retain: true);
        bench.Broker.Send("c", Encoding.UTF8.GetBytes("two"), 2, 8, dup: true);
        bench.Broker.Send("d", [], 0);
        bench.WaitFor("received d  0");
        Assert.AreEqual("received a zero 0|received b/\u00e4 one 1 retained|received c two 2 dup|received d  0", string.Join("|", bench.Events));
        bench.Wait(() => bench.Broker.Count("PUBACK") == 1 && bench.Broker.Count("PUBCOMP") == 1, "acknowledgements");
    }

    [TestMethod]
    public static void A_message_is_a_copy_that_outlives_its_event()
    {
        using AdapterBench bench = AdapterBench.Connected();
        List<MqttMsgPublishEventArgs> kept = [];
        bench.Client.MqttMsgPublishReceived += (_, e) => kept.Add(e);
        bench.Broker.Send("a", "first");
        bench.Broker.Send("b", "other");
        bench.WaitFor("received b other 0");
        bench.Wait(() => kept.Count == 2, "both");
        Assert.AreEqual("first", Encoding.UTF8.GetString(kept[0].Message));
        Assert.AreEqual("a", kept[0].Topic);
    }

    [TestMethod]
    public static void Large_messages_are_put_together_up_to_the_limit_and_else_skipped_and_acknowledged()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Adapter.MaxMessageBytes = 5000;
        byte[]? received = null;
        bench.Client.MqttMsgPublishReceived += (_, e) => received = e.Message.Length == 5000 ? e.Message : received;
        byte[] sent = new byte[5000];
        new Random(1).NextBytes(sent);
        bench.Broker.Send("large", new byte[5001], 1, 1);
        bench.Broker.Send("large", sent, 1, 2);
        bench.Broker.Send("large", new byte[20000], 2, 3);
        bench.Broker.Send("small", "end", 1, 4);
        bench.WaitFor("received small end 1");
        Assert.AreEqual(2, bench.Events.Length);
        Assert.IsTrue(sent.AsSpan().SequenceEqual(received), "every byte");
        Assert.AreEqual(2, bench.Adapter.SkippedMessages);
        bench.Wait(() => bench.Broker.Count("PUBACK") == 3 && bench.Broker.Count("PUBCOMP") == 1, "acknowledgements");
    }

    [TestMethod]
    public static void Requests_in_a_row_are_answered_in_order_with_what_was_granted()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Broker.Grant(1, 0x80, 0);
        ushort first = bench.Client.Subscribe(
            ["a/+", "b", "c/#"], [MqttQoSLevel.AtLeastOnce, MqttQoSLevel.ExactlyOnce, MqttQoSLevel.AtMostOnce]);
        ushort second = bench.Client.Subscribe(["d"], [MqttQoSLevel.ExactlyOnce]);
        ushort third = bench.Client.Unsubscribe(["a/+", "b"]);
        ushort fourth = bench.Client.Subscribe(["e"], [MqttQoSLevel.AtMostOnce]);
        bench.WaitFor($"subscribed {fourth} AtMostOnce");
        string expected = $"subscribed {first} AtLeastOnce,GrantedFailure,AtMostOnce|subscribed {second} ExactlyOnce|unsubscribed {third}|subscribed {fourth} AtMostOnce";
        Assert.AreEqual(expected, string.Join("|", bench.Events));
        Assert.AreEqual(4, new HashSet<ushort> { first, second, third, fourth }.Count, "each has its own number");
    }

    [TestMethod]
    public static void Requests_wait_up_to_their_number_and_then_are_refused()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Broker.AnswersRequests = false;
        bench.Client.Subscribe(["sent"], [MqttQoSLevel.AtMostOnce]);
        bench.Wait(() => bench.Broker.Count("SUBSCRIBE") == 1, "SUBSCRIBE");
        for (int i = 0; i < MqttClientAdapter.MaxWaitingRequests; i++)
        {
            bench.Client.Subscribe(["waits"], [MqttQoSLevel.AtMostOnce]);
        }

        AssertRefused(MqttError.Full, () => bench.Client.Unsubscribe(["a"]));
    }

    [TestMethod]
    public static void A_subscription_too_many_for_the_broker_is_answered_with_failure()
    {
        using AdapterBench bench = new();
        bench.Adapter.Rules = BrokerRules.Aws2018;
        bench.Connect();
        string[] filters = [.. Enumerable.Range(0, 8).Select(i => $"f/{i}")];
        MqttQoSLevel[] qos = [.. filters.Select(_ => MqttQoSLevel.AtMostOnce)];
        ushort last = 0;
        for (int i = 0; i < 7; i++)
        {
            last = bench.Client.Subscribe(filters, qos);
        }

        bench.Wait(() => bench.Events.Length == 7, "seven answers");
        Assert.AreEqual($"subscribed {last} {string.Join(",", filters.Select(_ => "GrantedFailure"))}", bench.Events[6]);
        Assert.AreEqual(6, bench.Broker.Count("SUBSCRIBE"), "AWS takes 50 on a connection");
    }

    [TestMethod]
    public static void A_handler_that_throws_stops_nothing()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Client.MqttMsgPublishReceived += (_, _) => throw new InvalidOperationException("handler");
        bench.Client.MqttMsgPublished += (_, _) => throw new InvalidOperationException("handler");
        bench.Client.ConnectionClosed += (_, _) => throw new InvalidOperationException("handler");
        bench.Broker.Send("a", "one", 1, 1);
        bench.Broker.Send("a", "two", 1, 2);
        ushort id = bench.Publish("b", "three", MqttQoSLevel.AtLeastOnce);
        bench.WaitFor("received a two 1");
        bench.WaitFor($"published {id} True");
        bench.Wait(() => bench.Broker.Count("PUBACK") == 2, "acknowledgements");
        bench.Adapter.Close();
        Assert.AreEqual(4, bench.Adapter.HandlerFailures);
        Assert.AreEqual((int)MqttReasonCode.Success, (int)bench.Connect());
    }

    [TestMethod]
    public static void A_handler_may_publish_and_subscribe()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Client.MqttMsgPublishReceived += (_, e) =>
        {
            bench.Client.Subscribe(["more/" + e.Topic], [MqttQoSLevel.AtLeastOnce]);
            bench.Publish("answer", "to " + e.Topic, MqttQoSLevel.AtLeastOnce);
        };
        bench.Broker.Send("a", "x", 1, 1);
        bench.Broker.Send("b", "x", 1, 2);
        bench.Wait(() => bench.Broker.Messages.Length == 2 && bench.Broker.Count("SUBSCRIBE") == 2, "both answers");
        bench.Wait(() => bench.Events.Count(e => e.StartsWith("published", StringComparison.Ordinal)) == 2, "both confirmed");
        Assert.AreEqual("to a,to b", string.Join(",", bench.Broker.Messages.Select(m => m.Text)));
    }

    [TestMethod]
    public static void Many_threads_may_publish_at_once()
    {
        using AdapterBench bench = AdapterBench.Connected();
        const int Threads = 8;
        const int Each = 50;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int i = 0; i < Each;)
            {
                try
                {
                    bench.Publish($"t/{thread}", $"{i}", (MqttQoSLevel)(1 + (i % 2)));
                    i++;
                }
                catch (MqttClientAdapterException e) when (e.Error == MqttError.Full)
                {
                    Thread.Sleep(1);
                }
            }
        });
        bench.Wait(() => bench.Events.Length == Threads * Each, "all confirmed");
        foreach (IGrouping<string, Heard> topic in bench.Broker.Messages.GroupBy(m => m.Topic))
        {
            Assert.AreEqual(string.Join(",", Enumerable.Range(0, Each)), string.Join(",", topic.Select(m => m.Text)), "order of " + topic.Key);
        }
    }

    [TestMethod]
    public static void What_mqtt_3_1_1_cannot_carry_is_not_supported()
    {
        using AdapterBench bench = AdapterBench.Connected();
        ArrayList properties = [new UserProperty("name", "value")];
        Assert.ThrowsException(typeof(NotSupportedException), () => bench.Client.Publish("a", [], "text/plain"));
        Assert.ThrowsException(typeof(NotSupportedException), () => bench.Client.Publish("a", [], null, properties, MqttQoSLevel.AtMostOnce, false));
        ushort id = bench.Client.Publish("a", [], "", [], MqttQoSLevel.AtLeastOnce, false);
        bench.WaitFor($"published {id} True");
        Assert.AreEqual(1, bench.Broker.Messages.Length, "nothing else was sent");
    }

    [TestMethod]
    public static void Refused_calls_say_why()
    {
        using AdapterBench bench = new();
        AssertRefused(MqttError.NotConnected, () => bench.Publish("a", "x", MqttQoSLevel.AtMostOnce));
        AssertRefused(MqttError.NotConnected, () => bench.Client.Subscribe(["a"], [MqttQoSLevel.AtMostOnce]));
        bench.Connect();
        bench.Broker.Acknowledges = false;
        AssertRefused(MqttError.InvalidTopic, () => bench.Publish("a/+", "x", MqttQoSLevel.AtMostOnce));
        AssertRefused(MqttError.InvalidQos, () => bench.Publish("a", "x", MqttQoSLevel.GrantedFailure));
        AssertRefused(MqttError.TooLarge, () => bench.Publish("a", new string('x', Limits.MqttArena), MqttQoSLevel.AtMostOnce));
        AssertRefused(MqttError.InvalidTopic, () => bench.Client.Subscribe(["a/#/b"], [MqttQoSLevel.AtMostOnce]));
        AssertRefused(MqttError.InvalidTopic, () => bench.Client.Unsubscribe([]));
        AssertRefused(MqttError.InvalidTopic, () => bench.Client.Unsubscribe([null!]));
        AssertRefused(MqttError.InvalidQos, () => bench.Client.Subscribe(["a"], [MqttQoSLevel.GrantedFailure]));
        AssertRefused(MqttError.TooLarge, () => bench.Client.Unsubscribe([new string('x', Limits.MqttControl)]));
        Assert.ThrowsException(typeof(ArgumentException), () => bench.Client.Subscribe(["a"], []));
        Assert.ThrowsException(typeof(ArgumentException), () => bench.Client.Publish(null!, []));
        AssertRefused(MqttError.Full, () =>
        {
            for (int i = 0; i <= Limits.MqttPublishes; i++)
            {
                bench.Publish("a", "x", MqttQoSLevel.AtLeastOnce);
            }
        });
        Assert.IsTrue(bench.Client.IsConnected);
    }

    private static void AssertRefused(MqttError expected, Action action)
    {
        try
        {
            action();
        }
        catch (MqttClientAdapterException e)
        {
            Assert.AreEqual((int)expected, (int)e.Error);
            return;
        }

        throw new AssertFailedException($"not refused: {expected}");
    }
}

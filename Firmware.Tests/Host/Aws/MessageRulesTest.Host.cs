// AWS IoT Core's rules on publishing, subscribing, retained messages and sessions, in both editions. One test per rule.

using System.Text;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class MessageRulesTest
{
    [TestMethod]
    [DataRow(AwsRules.Rules2018)]
    [DataRow(AwsRules.Now)]
    public static void Qos_2_publish_gets_no_answer(AwsRules rules)
    {
        using var bench = StandInBench.Start(rules);
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Publish("a", "x", qos: 2, id: 7));
        device.ExpectOnlyPingResponses();
        Assert.IsTrue(bench.Wait<RuleViolated>().Consequence == RuleConsequence.Ignored);
        Assert.AreEqual(0, bench.Count<MessagePublished>());
    }

    [TestMethod]
    [DataRow(AwsRules.Rules2018)]
    [DataRow(AwsRules.Now)]
    public static void Qos_2_subscribe_gets_no_suback(AwsRules rules)
    {
        using var bench = StandInBench.Start(rules);
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Subscribe(7, ("a", 1), ("b", 2)));
        device.ExpectOnlyPingResponses();
        Assert.Contains("no SUBACK", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Qos_1_publish_gets_puback_and_qos_0_gets_nothing()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Publish("a", "x", qos: 1, id: 258));
        Assert.AreEqual("40020102", Convert.ToHexString(device.Expect("PUBACK")));
        device.Send(Packets.Publish("a", "x"));
        device.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Retain_is_dropped_in_2018()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Publish("a", "x", qos: 1, retain: true));
        device.ExpectClosed();
        Assert.Contains("retain=1 ends the connection", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Retain_is_kept_now_also_over_broker_off_and_on_until_an_empty_payload()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using (RawDevice device = bench.Connect("one"))
        {
            device.Send(Packets.Publish("a/b", "kept", qos: 1, retain: true));
            device.Expect("PUBACK");
        }

        bench.StandIn.StopAsync().Wait();
        bench.StandIn.StartAsync().Wait();
        using RawDevice late = bench.Connect("two");
        late.Send(Packets.Subscribe(1, ("a/#", 0)));
        byte[][] first = [late.Read()!, late.Read()!]; // SUBACK and PUBLISH, in either order (MQTT 3.1.1 3.8.4)
        (string topic, string payload, _, int flags) = Packets.Published(first.Single(p => Packets.Name(p) == "PUBLISH"));
        Assert.AreEqual("a/b kept 1", $"{topic} {payload} {flags}");

        late.Send(Packets.Publish("a/b", string.Empty, qos: 1, retain: true));
        string[] answers = [Packets.Name(late.Read()), Packets.Name(late.Read())]; // in any order
        Assert.IsTrue(answers.Contains("PUBLISH") && answers.Contains("PUBACK"));
        using RawDevice later = bench.Connect("three");
        later.Send(Packets.Subscribe(1, ("a/#", 0)));
        later.Expect("SUBACK");
        later.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Retain_on_a_reserved_topic_is_dropped_now()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Publish("$aws/things/one/shadow/update", "{}", retain: true));
        device.ExpectClosed();
        Assert.Contains("reserved topics are not retained", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    [DataRow(256, true)]
    [DataRow(257, false)]
    public static void Topic_has_at_most_256_bytes_of_utf_8(int bytes, bool good)
    {
        string topic = "ä" + new string('x', bytes - 2);
        Assert.AreEqual(bytes, Encoding.UTF8.GetByteCount(topic));
        Publish(topic, good, "at most 256 bytes");
    }

    [TestMethod]
    [DataRow("1/2/3/4/5/6/7/8", true)]
    [DataRow("1/2/3/4/5/6/7/8/9", false)]
    [DataRow("$aws/rules/rule/1/2/3/4/5/6/7/8", true)]
    [DataRow("$aws/rules/rule/1/2/3/4/5/6/7/8/9", false)]
    public static void Topic_has_at_most_7_slashes(string topic, bool good) => Publish(topic, good, "at most 7 slashes");

    [TestMethod]
    [DataRow("$SYS/a", false)]
    [DataRow("$other", false)]
    [DataRow("$aws/nonsense", false)]
    [DataRow("$aws/things/one/shadow/update", true)]
    [DataRow("$aws/things/one/jobs/get", true)]
    public static void Topic_that_begins_with_dollar_is_reserved(string topic, bool good) => Publish(topic, good, "reserved for AWS");

    [TestMethod]
    [DataRow("a/+")]
    [DataRow("#")]
    public static void Topic_to_publish_on_has_no_wildcards(string topic) => Publish(topic, false, "no wildcards");

    [TestMethod]
    [DataRow(131072, true)]
    [DataRow(131073, false)]
    public static void Payload_has_at_most_128_kb(int bytes, bool good)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Publish("a", new byte[bytes], qos: 1));
        Assert.AreEqual(good ? "PUBACK" : "closed", Packets.Name(device.Read()));
        Assert.AreEqual(good ? 0 : 1, bench.Count<RuleViolated>());
    }

    [TestMethod]
    public static void Basic_ingest_is_acknowledged_and_reaches_no_subscriber()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Subscribe(1, ("$aws/rules/rule/#", 0)));
        device.Expect("SUBACK");
        device.Send(Packets.Publish("$aws/rules/rule/a", "x", qos: 1));
        device.Expect("PUBACK");
        device.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Publishes_above_100_a_second_are_discarded_and_reported_once()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        for (int second = 0; second < 2; second++)
        {
            device.Send([.. Enumerable.Range(1, 120).Select(i => Packets.Publish("a", "x", qos: 1, id: i))]);
            for (int i = 1; i <= 100; i++)
            {
                Assert.AreEqual(i, (int)device.Expect("PUBACK")[3]);
            }

            device.ExpectOnlyPingResponses();
            Assert.AreEqual(second + 1, bench.Count<RuleViolated>());
            bench.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [TestMethod]
    public static void Suback_codes_are_in_the_order_of_the_filters()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Subscribe(9, ("a", 0), ("b", 1), ("c", 0), ("d", 1)));
        Assert.AreEqual("9006000900010001", Convert.ToHexString(device.Expect("SUBACK")));
    }

    [TestMethod]
    [DataRow(8, true)]
    [DataRow(9, false)]
    public static void Subscribe_has_at_most_8_filters(int count, bool good)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Subscribe(1, Filters(0, count)));
        Assert.AreEqual(good ? "SUBACK" : "closed", Packets.Name(device.Read()));
    }

    [TestMethod]
    public static void Connection_has_at_most_50_filters()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        for (int i = 0; i < 48; i += 8)
        {
            device.Send(Packets.Subscribe(1, Filters(i, 8)));
            device.Expect("SUBACK");
        }

        device.Send(Packets.Subscribe(2, Filters(48, 2)));
        device.Expect("SUBACK");
        device.Send(Packets.Subscribe(3, Filters(0, 1)));
        device.Expect("SUBACK");
        device.Send(Packets.Unsubscribe(4, "f0"));
        device.Expect("UNSUBACK");
        device.Send(Packets.Subscribe(5, Filters(50, 1)));
        device.Expect("SUBACK");
        device.Send(Packets.Subscribe(6, Filters(51, 1)));
        device.ExpectClosed();
        Assert.Contains("at most 50 subscriptions", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    [DataRow("a/#/b")]
    [DataRow("a#")]
    [DataRow("a+/b")]
    [DataRow("1/2/3/4/5/6/7/8/9")]
    [DataRow("$SYS/#")]
    [DataRow("$share/g/a")]
    [DataRow("")]
    public static void Bad_topic_filter_is_dropped(string filter)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Subscribe(1, (filter, 0)));
        device.ExpectClosed();
        bench.Wait<RuleViolated>();
    }

    [TestMethod]
    [DataRow("sensor/#", "sensor", false)]
    [DataRow("sensor/#", "sensor/1", true)]
    [DataRow("sensor/#", "sensor/1/2", true)]
    [DataRow("sensor/#", "sensor/", true)]
    [DataRow("sensor/+", "sensor/1", true)]
    [DataRow("sensor/+", "sensor/1/2", false)]
    [DataRow("#", "sensor", true)]
    [DataRow("#", "$aws/things/one/shadow/get", false)]
    [DataRow("+/1", "sensor/1", true)]
    public static void Filter_matches_as_at_aws(string filter, string topic, bool matches)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Subscribe(1, (filter, 0)));
        device.Expect("SUBACK");
        bench.StandIn.PublishAsync(topic, "x"u8.ToArray(), 0).Wait();
        if (matches)
        {
            Assert.AreEqual(topic, Packets.Published(device.Expect("PUBLISH")).Topic);
        }

        device.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Unacknowledged_message_is_repeated_without_dup_under_another_packet_id()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one", keepAlive: 1200);
        device.Send(Packets.Subscribe(1, ("a", 1)));
        device.Expect("SUBACK");
        bench.StandIn.PublishAsync("a", "x"u8.ToArray(), 1).Wait();
        int firstId = Packets.Published(device.Expect("PUBLISH")).Id;

        bench.Time.Advance(bench.Options.RepeatAfter);
        (_, string payload, int secondId, int flags) = Packets.Published(device.Expect("PUBLISH"));
        Assert.AreEqual("x", payload);
        Assert.AreEqual(2, flags, "QoS 1, no DUP, no retain");
        Assert.AreNotEqual(firstId, secondId);

        device.Send(Packets.PubAck(secondId));
        device.ExpectOnlyPingResponses();
        bench.Time.Advance(bench.Options.RepeatAfter);
        device.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Persistent_session_is_resumed_now_with_its_qos_1_messages()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        SubscribeAndLeave(bench);
        bench.StandIn.PublishAsync("a", "0"u8.ToArray(), 0).Wait();
        bench.StandIn.PublishAsync("a", "1"u8.ToArray(), 1).Wait();
        bench.Time.Advance(TimeSpan.FromSeconds(3599));
        using RawDevice back = bench.Open();
        back.Send(Packets.Connect("one", cleanSession: false));
        Assert.AreEqual(1, (int)back.Expect("CONNACK")[2], "session present");
        Assert.AreEqual("1", Packets.Published(back.Expect("PUBLISH")).Payload);
        bench.StandIn.PublishAsync("a", "2"u8.ToArray(), 0).Wait();
        Assert.AreEqual("2", Packets.Published(back.Expect("PUBLISH")).Payload);
    }

    [TestMethod]
    public static void Persistent_session_is_forgotten_after_an_hour()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        SubscribeAndLeave(bench);
        bench.Time.Advance(TimeSpan.FromSeconds(3600));
        using RawDevice back = bench.Open();
        back.Send(Packets.Connect("one", cleanSession: false));
        Assert.AreEqual(0, (int)back.Expect("CONNACK")[2], "session present");
        bench.StandIn.PublishAsync("a", "x"u8.ToArray(), 0).Wait();
        back.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Persistent_session_outlives_broker_off_and_on()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        SubscribeAndLeave(bench);
        bench.StandIn.StopAsync().Wait();
        bench.StandIn.StartAsync().Wait();
        using RawDevice back = bench.Open();
        back.Send(Packets.Connect("one", cleanSession: false));
        Assert.AreEqual(1, (int)back.Expect("CONNACK")[2], "session present");
    }

    [TestMethod]
    public static void Clean_session_forgets_subscriptions()
    {
        using var bench = StandInBench.Start();
        using (RawDevice device = bench.Connect("one"))
        {
            device.Send(Packets.Subscribe(1, ("a", 0)));
            device.Expect("SUBACK");
        }

        using RawDevice back = bench.Connect("one");
        bench.StandIn.PublishAsync("a", "x"u8.ToArray(), 0).Wait();
        back.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Publish_async_refuses_what_aws_refuses()
    {
        using var bench = StandInBench.Start();
        Assert.ThrowsException(typeof(ArgumentException), () => bench.StandIn.PublishAsync("a/#", [], 0));
        Assert.ThrowsException(typeof(ArgumentException), () => bench.StandIn.PublishAsync("a", [], 2));
        bench.StandIn.StopAsync().Wait();
        Assert.ThrowsException(typeof(InvalidOperationException), () => bench.StandIn.PublishAsync("a", [], 0));
    }

    private static void Publish(string topic, bool good, string rule)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Publish(topic, "x", qos: 1));
        Assert.AreEqual(good ? "PUBACK" : "closed", Packets.Name(device.Read()));
        if (!good)
        {
            Assert.Contains(rule, bench.Wait<RuleViolated>().Rule);
            Assert.AreEqual(1, bench.Count<RuleViolated>());
        }
    }

    private static void SubscribeAndLeave(StandInBench bench)
    {
        using RawDevice device = bench.Connect("one", cleanSession: false);
        device.Send(Packets.Subscribe(1, ("a", 1)));
        device.Expect("SUBACK");
        device.Send(Packets.Disconnect);
        device.ExpectClosed();
        bench.Wait<ClientDisconnected>();
    }

    private static (string Filter, int Qos)[] Filters(int from, int count) => [.. Enumerable.Range(from, count).Select(i => ("f" + i, 0))];
}

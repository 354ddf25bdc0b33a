// AWS IoT Core's rules on connecting and on the life of a connection, in both editions. One test per rule.

using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class ConnectRulesTest
{
    [TestMethod]
    public static void First_packet_that_is_not_connect_is_dropped()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Open();
        device.Send(Packets.PingReq);
        device.ExpectClosed();
        Assert.Contains("first packet is CONNECT", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Packet_before_connack_is_dropped()
    {
        using var bench = StandInBench.Start(connackDelayMs: 1000);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one"), Packets.Publish("a", "too early"));
        device.ExpectClosed();
        Assert.Contains("before CONNACK", bench.Wait<RuleViolated>().Rule);
        Assert.AreEqual(0, bench.Count<MessagePublished>());
    }

    [TestMethod]
    public static void Disconnect_before_connack_is_dropped_too()
    {
        using var bench = StandInBench.Start(connackDelayMs: 1000);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one"));
        device.Send(Packets.Disconnect);
        device.ExpectClosed();
        Assert.Contains("before CONNACK", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Second_connect_is_dropped()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Packets.Connect("one"));
        device.ExpectClosed();
        Assert.Contains("CONNECT is sent once", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Clean_session_0_is_dropped_in_2018()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", cleanSession: false));
        device.ExpectClosed();
        Assert.Contains("cleanSession=0", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Will_with_retain_is_dropped_in_2018()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", willTopic: "one/status", willRetain: true));
        device.ExpectClosed();
        Assert.Contains("retain=1", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Will_with_qos_2_is_dropped()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", willTopic: "one/status", willQos: 2));
        device.ExpectClosed();
        Assert.Contains("a will has QoS 0 or 1", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    [DataRow(128, 0)]
    [DataRow(129, 2)]
    public static void Client_id_has_at_most_128_bytes(int bytes, int code)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect(new string('x', bytes)));
        Assert.AreEqual(code, (int)device.Expect("CONNACK")[3]);
    }

    [TestMethod]
    public static void Empty_client_id_gets_one_with_a_clean_session()
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect(string.Empty);
        Assert.StartsWith("auto-", bench.Wait<ClientConnected>().ClientId);
    }

    [TestMethod]
    public static void Empty_client_id_without_clean_session_gets_connack_2()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect(string.Empty, cleanSession: false));
        Assert.AreEqual(2, (int)device.Expect("CONNACK")[3]);
        device.ExpectClosed();
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(5)]
    public static void Other_protocol_level_gets_connack_1(int level)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", level: level));
        Assert.AreEqual(1, (int)device.Expect("CONNACK")[3]);
        device.ExpectClosed();
        Assert.Contains("MQTT 3.1.1", bench.Wait<ConnectionRefused>().Advice);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public static void Connack_override_refuses_with_its_code(int code)
    {
        using var bench = StandInBench.Start();
        ConnectRequest? asked = null;
        bench.Options.ConnackOverride = request =>
        {
            asked = request;
            return (byte)code;
        };
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", keepAlive: 7, willTopic: "one/status"));
        Assert.AreEqual(code, (int)device.Expect("CONNACK")[3]);
        device.ExpectClosed();
        Assert.AreEqual(code, bench.Wait<ConnectionRefused>().ConnackCode ?? 0);
        Assert.IsTrue(asked is { ClientId: "one", Door: "mqtt", KeepAliveSeconds: 7, WillTopic: "one/status", CleanSession: true });

        bench.Options.ConnackOverride = null;
        bench.Connect("one").Dispose();
        Assert.AreEqual(0, bench.Count<MessagePublished>(), "no will of a client that was refused");
    }

    [TestMethod]
    public static void Same_client_id_takes_over_and_the_old_will_is_published()
    {
        using var bench = StandInBench.Start();
        using RawDevice listener = bench.Connect("listener");
        listener.Send(Packets.Subscribe(1, ("one/status", 0)));
        listener.Expect("SUBACK");
        using RawDevice old = bench.Open();
        old.Send(Packets.Connect("one", willTopic: "one/status", will: "offline"));
        old.Expect("CONNACK");

        using RawDevice young = bench.Connect("one");
        old.ExpectClosed();
        Assert.AreEqual("offline", Packets.Published(listener.Expect("PUBLISH")).Payload);
        ClientDisconnected gone = bench.Wait<ClientDisconnected>();
        Assert.IsTrue(gone.Kind == DisconnectKind.TakenOver && gone.WillPublished);
        young.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Will_is_published_after_a_lost_connection()
    {
        using var bench = StandInBench.Start();
        using RawDevice listener = Listener(bench);
        using (RawDevice device = bench.Open())
        {
            device.Send(Packets.Connect("one", willTopic: "one/status", will: "offline", willQos: 1));
            device.Expect("CONNACK");
        }

        Assert.AreEqual("offline", Packets.Published(listener.Expect("PUBLISH")).Payload);
        Assert.IsTrue(bench.Wait<ClientDisconnected>().Kind == DisconnectKind.Abrupt);
    }

    [TestMethod]
    public static void Will_is_published_after_a_broken_rule()
    {
        using var bench = StandInBench.Start();
        using RawDevice listener = Listener(bench);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", willTopic: "one/status", will: "offline"));
        device.Expect("CONNACK");
        device.Send(Packets.Publish("a/+", "wildcard"));
        Assert.AreEqual("offline", Packets.Published(listener.Expect("PUBLISH")).Payload);
    }

    [TestMethod]
    public static void Will_is_published_after_drop_client()
    {
        using var bench = StandInBench.Start();
        using RawDevice listener = Listener(bench);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", willTopic: "one/status", will: "offline"));
        device.Expect("CONNACK");
        Assert.IsTrue(bench.StandIn.DropClient("one"));
        device.ExpectClosed();
        Assert.AreEqual("offline", Packets.Published(listener.Expect("PUBLISH")).Payload);
        Assert.IsFalse(bench.StandIn.DropClient("nobody"));
    }

    [TestMethod]
    public static void Will_is_not_published_after_disconnect()
    {
        using var bench = StandInBench.Start();
        using RawDevice listener = Listener(bench);
        using RawDevice device = bench.Open();
        device.Send(Packets.Connect("one", willTopic: "one/status", will: "offline"));
        device.Expect("CONNACK");
        device.Send(Packets.Disconnect);
        device.ExpectClosed();
        ClientDisconnected gone = bench.Wait<ClientDisconnected>();
        Assert.IsTrue(gone.Kind == DisconnectKind.Clean && !gone.WillPublished);
        listener.ExpectOnlyPingResponses();
    }

    [TestMethod]
    [DataRow(AwsRules.Rules2018, 0, 1200)]
    [DataRow(AwsRules.Rules2018, 1, 5)]
    [DataRow(AwsRules.Rules2018, 5, 5)]
    [DataRow(AwsRules.Rules2018, 1200, 1200)]
    [DataRow(AwsRules.Rules2018, 1201, 1200)]
    [DataRow(AwsRules.Now, 0, 1200)]
    [DataRow(AwsRules.Now, 29, 30)]
    [DataRow(AwsRules.Now, 31, 31)]
    [DataRow(AwsRules.Now, 65535, 1200)]
    public static void Keepalive_is_kept_in_range_and_cut_at_one_and_a_half(AwsRules rules, int asked, int granted)
    {
        using var bench = StandInBench.Start(rules);
        using RawDevice device = bench.Connect("one", keepAlive: asked);
        Assert.AreEqual(granted, bench.Wait<ClientConnected>().KeepAliveSeconds);

        bench.Time.Advance(TimeSpan.FromSeconds(granted * 1.5 - 0.1));
        device.ExpectOnlyPingResponses();
        bench.Time.Advance(TimeSpan.FromSeconds(granted * 1.5 - 0.1));
        device.ExpectOnlyPingResponses();
        bench.Time.Advance(TimeSpan.FromSeconds(granted * 1.5));
        device.ExpectClosed();
        Assert.Contains("keepalive", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Two_connects_of_a_client_id_within_a_second_are_a_warning()
    {
        using var bench = StandInBench.Start();
        bench.Connect("one").Dispose();
        bench.Time.Advance(TimeSpan.FromSeconds(1.1));
        bench.Connect("one").Dispose();
        Assert.AreEqual(0, bench.Count<RuleViolated>());
        bench.Connect("one").Dispose();
        Assert.IsTrue(bench.Wait<RuleViolated>().Consequence == RuleConsequence.Allowed);
    }

    [TestMethod]
    [DataRow("F0 00", "this type")]
    [DataRow("C1 00", "low bits")]
    [DataRow("80 06 00 01 00 01 61 00", "low bits")]
    [DataRow("82 06 00 00 00 01 61 00", "packet id")]
    [DataRow("82 06 00 01 00 01 61 03", "requested QoS")]
    [DataRow("82 02 00 01", "topic filter")]
    [DataRow("36 05 00 01 61 00 01", "QoS is 0, 1 or 2")]
    [DataRow("38 03 00 01 61", "DUP is 0")]
    [DataRow("30 03 00 01 FF", "UTF-8")]
    [DataRow("30 03 00 01 00", "U+0000")]
    [DataRow("30 03 00 09 61", "all of its fields")]
    [DataRow("40 03 00 01 00", "last field")]
    [DataRow("62 02 00 01", "QoS 2")]
    [DataRow("30 FF FF FF FF 01", "remaining length")]
    [DataRow("30 FF FF FF 7F", "131072 bytes")]
    public static void Malformed_packet_is_dropped(string bytes, string rule)
    {
        using var bench = StandInBench.Start();
        using RawDevice device = bench.Connect("one");
        device.Send(Convert.FromHexString(bytes.Replace(" ", string.Empty, StringComparison.Ordinal)));
        device.ExpectClosed();
        Assert.Contains(rule, bench.Wait<RuleViolated>().Text);
    }

    private static RawDevice Listener(StandInBench bench)
    {
        RawDevice listener = bench.Connect("listener");
        listener.Send(Packets.Subscribe(1, ("one/status", 0)));
        listener.Expect("SUBACK");
        return listener;
    }
}

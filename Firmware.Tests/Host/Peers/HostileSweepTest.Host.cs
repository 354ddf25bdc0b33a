// The hostile broker where a table would be too long: every cut of every packet, every first byte, every return code, every size of piece; a flood;
// and three situations that need more than a script.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Peers;

[TestClass]
public static class HostileSweepTest
{
    private const string AllIsWell =
        "goes on: Connected, Subscribed (0x00), MessageReceived, MessageReceived, MessageReceived, PublishAcknowledged, PublishAcknowledged, Unsubscribed";

    private const string Connack = "20020000";

    [TestMethod]
    [DataRow("connack pub1", "40020001")]
    [DataRow("connack pub2", "50020001")]
    [DataRow("connack 34050001610009", "62020009")]
    [DataRow("connack pub2 50020001", "70020001")]
    [DataRow("connack sub", "9003000100")]
    [DataRow("connack unsub", "B0020001")]
    [DataRow("connack", "D000")]
    [DataRow("connack", "3007000161626364")]
    [DataRow("connack", "3207000161000A6263")]
    public static void Packet_cut_at_any_byte_ends_in_order_or_at_the_limit(string before, string packet)
    {
        for (int cut = 2; cut < packet.Length; cut += 2)
        {
            string part = packet[..cut];
            string script = $"{before} {part}";
            Assert.AreEqual("LinkClosed 0, at once", new HostileBroker().Outcome(script + " close"), script);
            Assert.AreEqual("LinkFailed 0, at once", new HostileBroker().Outcome(script + " break"), script);
            Assert.AreEqual($"PacketTimeout 0x{packet[..2]}, after 30000 ms", new HostileBroker().Outcome(script + " silence"), script);
        }
    }

    [TestMethod]
    public static void Connack_cut_at_any_byte_ends_in_order_or_at_its_own_limit()
    {
        for (int cut = 2; cut < Connack.Length; cut += 2)
        {
            string part = Connack[..cut];
            Assert.AreEqual("LinkClosed 0, at once", new HostileBroker().Outcome(part + " close"), part);
            Assert.AreEqual("LinkFailed 0, at once", new HostileBroker().Outcome(part + " break"), part);
            Assert.AreEqual("ConnackTimeout 0, after 15000 ms", new HostileBroker().Outcome(part + " silence"), part);
        }
    }

    [TestMethod]
    public static void Nothing_but_connack_comes_before_connack()
    {
        for (int first = 0; first < 256; first++)
        {
            if (first != 0x20)
            {
                Assert.AreEqual($"ProtocolViolation 0x{first:X2}, at once", new HostileBroker().Outcome($"{first:X2}020007"), $"{first:X2}");
            }
        }
    }

    [TestMethod]
    public static void Every_first_byte_has_its_outcome_on_a_connection()
    {
        for (int first = 0; first < 256; first++)
        {
            // a body that each type could have: topic "a" and an identifier, or the identifier 7
            string body = first >> 4 == 3 ? "050001610007" : first == 0xD0 ? "00" : "020007";
            string expected = first switch
            {
                0x30 or 0x31 => "goes on: MessageReceived",
                0x32 or 0x33 or 0x3A or 0x3B => "goes on: MessageReceived; answers PUBACK 7",
                0x34 or 0x35 or 0x3C or 0x3D => "goes on: MessageReceived; answers PUBREC 7",
                0x40 or 0x70 or 0xD0 => "goes on",
                0x50 => "goes on: answers PUBREL 7",
                0x62 => "goes on: answers PUBCOMP 7",
                0x20 or 0xB0 => $"ProtocolViolation 0x{first:X2}, at once",
                0x90 => "ProtocolViolation 0x90, at once",
                _ => $"MalformedPacket 0x{first:X2}, at once",
            };
            Assert.AreEqual(expected, new HostileBroker().Outcome($"connack {first:X2}{body}"), $"{first:X2}");
        }
    }

    [TestMethod]
    public static void Every_suback_code_has_its_outcome()
    {
        for (int code = 0; code < 256; code++)
        {
            string expected = code is 0 or 1 or 2 or 0x80 ? $"goes on: Subscribed (0x{code:X2})" : "MalformedPacket 0x90, at once";
            Assert.AreEqual(expected, new HostileBroker().Outcome($"connack sub 90030001{code:X2}"), $"{code:X2}");
        }
    }

    [TestMethod]
    public static void Every_connack_code_but_0_is_told()
    {
        for (int code = 1; code < 256; code++)
        {
            Assert.AreEqual($"Refused {code}, at once", new HostileBroker().Outcome($"200200{code:X2}"), $"{code}");
        }
    }

    [TestMethod]
    [DataRow("20")]
    [DataRow("40")]
    [DataRow("50")]
    [DataRow("62")]
    [DataRow("70")]
    [DataRow("90")]
    [DataRow("B0")]
    [DataRow("D0")]
    [DataRow("E0")]
    public static void Packet_larger_than_the_buffer_that_is_no_publish_is_malformed(string first)
    {
        string large = first + "E807" + string.Concat(Enumerable.Repeat("00", 1000));
        Assert.AreEqual($"MalformedPacket 0x{first}, at once", new HostileBroker().Outcome("connack " + large));
        Assert.AreEqual($"MalformedPacket 0x{first}, at once", new HostileBroker().Outcome(large));
    }

    [TestMethod]
    public static void Large_publish_before_connack_is_a_violation() =>
        Assert.AreEqual("ProtocolViolation 0x30, at once", new HostileBroker().Outcome("30E807000161" + string.Concat(Enumerable.Repeat("00", 1000))));

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(7)]
    public static void Session_in_pieces_of_any_size_is_understood(int pieceSize)
    {
        var broker = new HostileBroker(pieceSize);
        foreach (string word in "connack sub".Split(' '))
        {
            broker.Say(word);
            broker.Settle();
        }

        broker.Say("9003000100" + "3003000161" + "32050001610007" + "34050001610008" + "62020008" + "D000");
        broker.Settle();
        foreach (string word in "pub1 40020002 pub2 50020003 70020003 unsub B0020004".Split(' '))
        {
            broker.Say(word);
            broker.Settle();
        }

        Assert.AreEqual(AllIsWell, "goes on: " + string.Join(", ", broker.Events));
        Assert.IsFalse(broker.IsClosed);
        Assert.AreEqual("0x10, 0x82, PUBACK 7, PUBREC 8, PUBCOMP 8, 0x32, 0x34, PUBREL 3, 0xA2", broker.Answers());
    }

    [TestMethod]
    public static void Flood_of_qos_0_starves_neither_keepalive_nor_publishes()
    {
        const int Messages = 10000;
        int pings = 0;
        var broker = new HostileBroker();
        broker.Say("connack");
        broker.Settle();
        for (int i = 0; i < Messages; i++)
        {
            broker.Link.ToClient.AddRange([0x30, 3, 0, 1, (byte)'a']);
        }

        broker.Link.Written.Clear();
        for (int i = 0; i < Messages; i++)
        {
            if (i == Messages / 2)
            {
                broker.Say("pub0");
            }

            Assert.AreEqual(MqttEvent.MessageReceived, broker.Poll());
            broker.Later(20);
            if (broker.Answers().Split("PINGREQ").Length - 1 > pings)
            {
                pings++;
                broker.Link.ToClient.InsertRange(0, [0xD0, 0]);
                Assert.AreEqual(MqttEvent.None, broker.Poll());
            }
        }

        // 10,000 messages take 200 s: PINGREQ after 55 s, the own message after 100 s, PINGREQ 55 s later
        Assert.AreEqual("PINGREQ, 0x30, PINGREQ", broker.Answers());
    }

    [TestMethod]
    public static void Silence_without_keepalive_is_no_error() =>
        Assert.AreEqual("waits for ever", new HostileBroker(keepAliveSeconds: 0).Outcome("connack silence"));

    // a message in the time between two polls of a busy link: the program answers it with a request that fills the control buffer
    [TestMethod]
    public static void Acknowledgement_finds_room_behind_a_request_that_fills_the_control_buffer()
    {
        for (int free = 0; free < 4; free++)
        {
            var broker = new HostileBroker();
            broker.Say("connack");
            broker.Settle();
            broker.Say("32050001610007");
            Assert.AreEqual(MqttEvent.MessageReceived, broker.Poll());
            broker.Link.Written.Clear();

            // SUBSCRIBE: 3 bytes of fixed header, 2 of identifier, 2 of length, the filter, 1 of QoS
            byte[] filter = Bytes.FromString(new string('f', HostileBroker.ControlBuffer - 8 - free));
            MqttError error = broker.Client.Subscribe([filter], [0], 1);
            Assert.IsTrue(error is MqttError.None or MqttError.Full or MqttError.TooLarge, error.ToString());
            broker.Settle();
            Assert.IsTrue(Convert.ToHexString([.. broker.Link.Written]).Contains("40020007", StringComparison.Ordinal), $"PUBACK with {free} bytes free behind SUBSCRIBE");
        }
    }

    // [MQTT-3.1.2-23]: the interval between packets sent must not exceed the keepalive, whatever is received meanwhile
    [TestMethod]
    public static void Keepalive_is_kept_while_a_large_message_arrives_slowly()
    {
        const int StepMs = 5000;
        var broker = new HostileBroker();
        broker.Say("connack");
        broker.Settle();
        broker.Say("30FFFF03000161");
        long lastSent = broker.NowMs;
        for (int i = 0; i < 60; i++)
        {
            broker.Link.Written.Clear();
            broker.Say("00");
            broker.Settle();
            broker.Pass(StepMs);
            Assert.IsFalse(broker.IsClosed, $"{broker.Client.Error}");
            lastSent = broker.Link.Written.Count > 0 ? broker.NowMs : lastSent;
            Assert.IsTrue(broker.NowMs - lastSent <= 60000, $"nothing sent for {broker.NowMs - lastSent} ms with a keepalive of 60 s");
        }
    }

    // [MQTT-3.2.2-1]: after a clean start there is no session to resume; what the client remembers of an old one must not swallow messages
    [TestMethod]
    public static void Session_present_after_a_clean_start_does_not_swallow_messages()
    {
        var broker = new HostileBroker();
        Assert.AreEqual("goes on: MessageReceived; answers PUBREC 9", broker.Outcome("connack 34050001610009"));
        broker.Say("close");
        broker.Settle();
        var link = new HostileBroker.MemoryLink { PieceSize = int.MaxValue };
        Assert.AreEqual(MqttError.None, broker.Client.Connect(link, new MqttConnectOptions { ClientId = Bytes.FromString("c"), CleanSession = true }, broker.NowMs));
        link.ToClient.AddRange([0x20, 2, 1, 0, 0x34, 5, 0, 1, (byte)'a', 0, 9]);
        MqttEvent happened = MqttEvent.None;
        for (int i = 0; i < 10 && happened is not (MqttEvent.MessageReceived or MqttEvent.Closed); i++)
        {
            happened = broker.Client.Poll(broker.NowMs);
        }

        Assert.IsTrue(happened is MqttEvent.MessageReceived or MqttEvent.Closed, "neither delivered nor refused");
    }
}

// The broker in memory, where it does more than the application's tests ask of it: last will, latency, counting, vanishing.

using Firmware.Protocols.Io;
using Firmware.Simulator.Board;
using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Tests of MemoryBroker.</summary>
[TestClass]
public static class MemoryBrokerTests
{
    // MQTT 3.1.1, keepalive 20 s, client "c", will "w" = "gone" with QoS 1
    private static readonly byte[] Connect =
        [0x10, 22, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 0x0E, 0, 20, 0, 1, (byte)'c', 0, 1, (byte)'w', 0, 4, (byte)'g', (byte)'o', (byte)'n', (byte)'e'];

    [TestMethod]
    public static void A_goodbye_leaves_no_will()
    {
        (MemoryBroker broker, InlineBoardTime time, ITransport link) = Connected();
        Write(link, 0xE0, 0);
        link.Close();
        time.Sleep(1_000_000);
        Assert.AreEqual(0, broker.Wills.Length);
        CollectionAssert.AreEqual(new[] { "CONNECT", "DISCONNECT" }, broker.Packets);
    }

    [TestMethod]
    public static void An_end_without_goodbye_publishes_the_will()
    {
        foreach (string end in new[] { "close", "drop", "takeover" })
        {
            (MemoryBroker broker, InlineBoardTime time, ITransport link) = Connected();
            time.Sleep(1000);
            switch (end)
            {
                case "close":
                    link.Close();
                    break;
                case "drop":
                    broker.Drop();
                    break;
                default:
                    broker.Open();
                    break;
            }

            Assert.AreEqual(1, broker.Wills.Length, end);
            Assert.AreEqual(new Heard(1000, "w", "gone", 1, false), broker.Wills[0]);
        }
    }

    [TestMethod]
    public static void A_lost_link_publishes_the_will_after_one_and_a_half_keepalives_or_at_the_next_connect()
    {
        (MemoryBroker broker, InlineBoardTime time, ITransport link) = Connected();
        broker.Lose();
        Assert.AreEqual(TransportResult.Failed, link.Read(new byte[1], 0, 1));
        time.Sleep(29_999);
        Assert.AreEqual(0, broker.Wills.Length);
        time.Sleep(60_000);
        Assert.AreEqual(30_000L, broker.Wills[0].AtMs);
        Write(broker.Open(), Connect);
        broker.Lose();
        time.Sleep(1);
        broker.Open();
        Assert.AreEqual(90_000L, broker.Wills[1].AtMs);
    }

    [TestMethod]
    public static void Answers_come_after_the_round_trip_and_bytes_are_counted()
    {
        (MemoryBroker broker, InlineBoardTime time, ITransport link) = Connected();
        Assert.AreEqual((long)Connect.Length, broker.BytesUp);
        Assert.AreEqual(4L, broker.BytesDown);
        broker.RoundTripMs = 200;
        string arrived = "";
        broker.Arrived = m => arrived += m.Payload;
        Write(link, 0x32, 6, 0, 1, (byte)'t', 0, 7, (byte)'x');
        Assert.AreEqual("x", arrived);
        time.Sleep(199);
        Assert.AreEqual(0, link.Read(new byte[4], 0, 4));
        time.Sleep(1);
        CollectionAssert.AreEqual(new byte[] { 0x40, 2, 0, 7 }, ReadAll(link));
        Assert.AreEqual(8L, broker.BytesDown);
    }

    [TestMethod]
    public static void A_broker_that_is_gone_hears_and_says_nothing()
    {
        (MemoryBroker broker, InlineBoardTime time, ITransport link) = Connected();
        broker.IsGone = true;
        broker.Send("t", "x");
        Write(link, 0xC0, 0);
        Assert.AreEqual(0, ReadAll(link).Length);
        CollectionAssert.AreEqual(new[] { "CONNECT" }, broker.Packets);
        link.Close();
        Assert.AreEqual(0, broker.Wills.Length, "it does not hear the end");
        time.Sleep(30_000);
        Assert.AreEqual(1, broker.Wills.Length);
    }

    [TestMethod]
    public static void A_refused_connect_has_no_will()
    {
        MemoryBroker broker = new(() => 0) { ConnackCode = 5 };
        ITransport link = broker.Open();
        Write(link, Connect);
        CollectionAssert.AreEqual(new byte[] { 0x20, 2, 0, 5 }, ReadAll(link));
        link.Close();
        Assert.AreEqual(0, broker.Wills.Length);
    }

    private static (MemoryBroker Broker, InlineBoardTime Time, ITransport Link) Connected()
    {
        InlineBoardTime time = new();
        MemoryBroker broker = new(() => time.TotalMs);
        ITransport link = broker.Open();
        Write(link, Connect);
        CollectionAssert.AreEqual(new byte[] { 0x20, 2, 0, 0 }, ReadAll(link));
        return (broker, time, link);
    }

    private static void Write(ITransport link, params byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            at += link.Write(bytes, at, bytes.Length - at);
        }
    }

    private static byte[] ReadAll(ITransport link)
    {
        List<byte> all = [];
        byte[] buffer = new byte[16];
        for (int got = link.Read(buffer, 0, 16); got > 0; got = link.Read(buffer, 0, 16))
        {
            all.AddRange(buffer.AsSpan(0, got));
        }

        return [.. all];
    }
}

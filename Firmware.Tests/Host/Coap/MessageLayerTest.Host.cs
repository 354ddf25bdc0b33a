// The message layer (RFC 7252 section 4) as the server uses it: lifetimes of message IDs, copies, separate responses and their repeats, NSTART,
// Reset; and the arithmetic of the parameters (section 4.8).

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class MessageLayerTest
{
    private static readonly DatagramAddress Other = CoapBench.Address(2);

    // ---- section 4.8: parameters ----

    [DataRow(2000, 150, 4, 45_000, 93_000, 247_000, 145_000)]
    [DataRow(2000, 100, 4, 30_000, 62_000, 232_000, 130_000)]
    [DataRow(1000, 200, 2, 6_000, 14_000, 207_000, 106_000)]
    [DataRow(10_000, 150, 4, 225_000, 465_000, 435_000, 325_000)]
    [DataRow(2000, 150, 0, 0, 3_000, 202_000, 100_000)]
    [TestMethod]
    public static void Derived_times_follow_from_the_parameters(int timeout, int factor, int repeats, int span, int wait, int exchange, int non)
    {
        CoapParameters parameters = new() { AckTimeoutMs = timeout, AckRandomFactorPercent = factor, MaxRetransmit = repeats };
        Assert.AreEqual(span, parameters.MaxTransmitSpanMs);
        Assert.AreEqual(wait, parameters.MaxTransmitWaitMs);
        Assert.AreEqual(exchange, parameters.ExchangeLifetimeMs);
        Assert.AreEqual(non, parameters.NonLifetimeMs);
    }

    [TestMethod]
    public static void The_defaults_are_those_of_the_RFC()
    {
        CoapParameters parameters = new();
        Assert.AreEqual(2000, parameters.AckTimeoutMs);
        Assert.AreEqual(150, parameters.AckRandomFactorPercent);
        Assert.AreEqual(4, parameters.MaxRetransmit);
        Assert.AreEqual(1, parameters.NStart);
        Assert.AreEqual(5000, parameters.LeisureMs);
        Assert.AreEqual(100_000, parameters.MaxLatencyMs);
        Assert.AreEqual(45_000, parameters.MaxTransmitSpanMs);
        Assert.AreEqual(93_000, parameters.MaxTransmitWaitMs);
        Assert.AreEqual(247_000, parameters.ExchangeLifetimeMs);
        Assert.AreEqual(145_000, parameters.NonLifetimeMs);
    }

    [TestMethod]
    public static void The_first_wait_is_spread_between_2_and_3_seconds()
    {
        CoapParameters parameters = new();
        Random random = new(CoapBench.Seed);
        int[] waits = [.. Enumerable.Range(0, 10_000).Select(_ => parameters.FirstTimeoutMs(random))];
        Assert.IsTrue(waits.Min() is >= 2000 and < 2010);
        Assert.IsTrue(waits.Max() is > 2990 and <= 3000);
        Assert.IsTrue(waits.Average() is > 2490 and < 2510);
    }

    // ---- section 4.5: copies ----

    [DataRow(CoapType.Con, 247_000)]
    [DataRow(CoapType.Non, 145_000)]
    [TestMethod]
    public static void A_message_id_may_come_back_when_its_lifetime_is_over(int type, int lifetime)
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource]);
        CoapDatagram request = new CoapDatagram(type, CoapCode.Post, 7, 1).Path("r");
        bench.Ask(request, "2.04");
        bench.Pass(lifetime - 1);
        Assert.AreEqual(type == CoapType.Con ? 1 : 0, bench.Send(request).Length);
        Assert.AreEqual(1, resource.Changes);

        // a copy does not prolong the lifetime
        bench.Pass(1);
        bench.Ask(request, "2.04");
        Assert.AreEqual(2, resource.Changes);
    }

    // what gives way first: safe requests, then idempotent ones; copies of those run again, with a fresh answer
    [DataRow(CoapCode.Get, true)]
    [DataRow(CoapCode.Put, true)]
    [DataRow(CoapCode.Delete, true)]
    [DataRow(CoapCode.Post, false)]
    [TestMethod]
    public static void A_copy_whose_reply_gave_way_runs_again_only_if_that_does_no_harm(int method, bool runsAgain)
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 4, Spent = 16 });
        CoapDatagram request = bench.Con(method, "r").Payload("x");
        bench.Ask(request);
        for (int i = 0; i < 8; i++)
        {
            bench.Ask(bench.Con(CoapCode.Post, "r"), "2.04", CoapBench.Address(10 + i));
        }

        int done = resource.Reads + resource.Changes;
        Assert.AreEqual(runsAgain ? 1 : 0, bench.Send(request).Length);
        Assert.AreEqual(runsAgain ? done + 1 : done, resource.Reads + resource.Changes);
    }

    [TestMethod]
    public static void Safe_requests_do_not_push_out_the_replies_of_unsafe_ones()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 4, Spent = 4 });
        CoapDatagram[] posts = [.. Enumerable.Range(0, 3).Select(_ => bench.Con(CoapCode.Post, "r"))];
        byte[][] replies = [.. posts.Select(post => bench.Ask(post, "2.04").Bytes)];
        for (int i = 0; i < 100; i++)
        {
            bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05", CoapBench.Address(10 + i));
        }

        for (int i = 0; i < posts.Length; i++)
        {
            CollectionAssert.AreEqual(replies[i], bench.Ask(posts[i]).Bytes);
        }

        Assert.AreEqual(3, resource.Changes);
    }

    // the arena is as long as one message: each long reply drives the others out
    [TestMethod]
    public static void A_safe_request_whose_reply_found_no_room_is_answered_again()
    {
        TestResource resource = new TestResource("r", new string('x', 1000));
        TestResource posted = new("p") { Answer = new byte[900] };
        CoapBench bench = new([resource, posted], new BenchOptions { Exchanges = 8, ReplyBytes = 1152, Spent = 1 });
        bench.Ask(bench.Con(CoapCode.Post, "p"), "2.04");
        CoapDatagram get = bench.Con(CoapCode.Get, "r");
        bench.Ask(get, "2.05");
        bench.Ask(get, "2.05");
        bench.Ask(get, "2.05");
    }

    [TestMethod]
    public static void A_copy_of_a_refused_request_is_refused_the_same_way()
    {
        CoapBench bench = new([new TestResource("r")]);
        foreach ((CoapDatagram request, string code) in new[]
        {
            (bench.Con(CoapCode.Get, "none"), "4.04"), (bench.Con(31, "r"), "4.05"), (bench.Con(CoapCode.Get, "r").Option(13), "4.02"),
            (bench.Con(CoapCode.Get, "r").UInt(CoapOption.Accept, 60), "4.06"), (bench.Con(CoapCode.Put, "r").Option(CoapOption.IfNoneMatch), "4.12"),
        })
        {
            byte[] reply = bench.Ask(request, code).Bytes;
            CollectionAssert.AreEqual(reply, bench.Ask(request, code).Bytes);
        }
    }

    // ---- sections 4.2 and 5.2.2: separate responses ----

    [TestMethod]
    public static void A_separate_response_is_repeated_four_times_with_doubling_waits_and_given_up_after_93_s_at_most()
    {
        for (int run = 0; run < 20; run++)
        {
            TestResource resource = new("r") { ChangeCode = CoapCode.Empty, DelayMs = 1000 + run };
            CoapBench bench = new([resource]);
            bench.Pass(run * 17);
            CoapDatagram request = bench.Con(CoapCode.Post, "r");
            long asked = bench.Now;
            Assert.AreEqual("ACK 0.00", bench.Ask(request).ToString());
            CoapReply[] tries = bench.Advance(1_000_000);
            Assert.AreEqual(5, tries.Length);
            Assert.AreEqual(asked + resource.DelayMs, tries[0].AtMs);
            long wait = tries[1].AtMs - tries[0].AtMs;
            Assert.IsTrue(wait is >= 2000 and <= 3000, "first wait " + wait);
            for (int i = 0; i < 5; i++)
            {
                CollectionAssert.AreEqual(tries[0].Bytes, tries[i].Bytes);
                Assert.IsTrue(i == 0 || tries[i].AtMs - tries[i - 1].AtMs == wait << (i - 1));
            }

            Assert.AreEqual("CON 2.04", tries[0].ToString());
            CollectionAssert.AreEqual(request.Token, tries[0].Token);
            Assert.AreEqual(1, resource.Changes);
        }
    }

    // NSTART 1: the next Confirmable message to the same endpoint waits until the first is given up, not longer
    [TestMethod]
    public static void A_separate_response_that_nobody_acknowledges_holds_its_endpoint_for_31_times_its_first_wait()
    {
        TestResource resource = new("r") { ChangeCode = CoapCode.Empty, DelayMs = 100 };
        CoapBench bench = new([resource]);
        CoapDatagram first = bench.Con(CoapCode.Post, "r");
        CoapDatagram second = bench.Con(CoapCode.Post, "r");
        bench.Ask(first);
        bench.Ask(second);
        CoapReply[] sent = bench.Advance(100_000);
        CoapReply[] ofFirst = [.. sent.Where(r => r.Token.SequenceEqual(first.Token))];
        CoapReply[] ofSecond = [.. sent.Where(r => r.Token.SequenceEqual(second.Token))];
        long wait = ofFirst[1].AtMs - ofFirst[0].AtMs;
        long end = ofFirst[0].AtMs + (31 * wait);
        Assert.AreEqual(5, ofFirst.Length);
        Assert.IsTrue(ofSecond[0].AtMs >= end && ofSecond[0].AtMs <= end + 500, $"{ofSecond[0].AtMs - ofFirst[0].AtMs} ms, wait {wait}");
        Assert.IsTrue(end - ofFirst[0].AtMs <= 93_000);
    }

    [TestMethod]
    public static void NSTART_counts_for_each_endpoint_and_lets_the_next_go_with_the_acknowledgement()
    {
        TestResource resource = new("r") { ChangeCode = CoapCode.Empty, DelayMs = 100 };
        CoapBench bench = new([resource]);
        bench.Ask(bench.Con(CoapCode.Post, "r"));
        bench.Ask(bench.Con(CoapCode.Post, "r"));
        bench.Ask(bench.Con(CoapCode.Post, "r"), Other);
        CoapReply[] sent = bench.Advance(200);
        Assert.AreEqual(2, sent.Length);
        CoapReply mine = sent.Single(r => r.To == CoapBench.NameOf(CoapBench.Client));
        bench.Acknowledge(mine);
        CoapReply next = bench.Next(600);
        Assert.AreEqual(mine.To, next.To);
        Assert.AreNotEqual(mine.MessageId, next.MessageId);
        Assert.AreEqual(3, resource.Changes);
    }

    [TestMethod]
    public static void A_Reset_ends_a_separate_response_and_one_from_elsewhere_does_not()
    {
        CoapBench bench = new([new TestResource("r") { ChangeCode = CoapCode.Empty }]);
        bench.Ask(bench.Con(CoapCode.Post, "r"));
        CoapReply response = bench.Next(2000);
        bench.Reset(response, Other);
        bench.Acknowledge(response, Other);
        bench.Send(new CoapDatagram(CoapType.Ack, 0, response.MessageId + 1));

        // with anything behind the message ID it is no acknowledgement, but a format error (section 4.1)
        bench.Send([0x60, 0, response.Bytes[2], response.Bytes[3], 0xFF, 1]);
        bench.Send([0x71, 0, response.Bytes[2], response.Bytes[3], 1]);
        CollectionAssert.AreEqual(response.Bytes, bench.Next(3000).Bytes);
        bench.Reset(response);
        Assert.AreEqual(0, bench.Advance(200_000).Length);
    }

    [TestMethod]
    public static void A_separate_response_to_a_Non_confirmable_request_is_Non_confirmable_and_sent_once()
    {
        CoapBench bench = new([new TestResource("r") { ChangeCode = CoapCode.Empty }]);
        Assert.AreEqual(0, bench.Send(bench.Non(CoapCode.Post, "r")).Length);
        Assert.AreEqual("NON 2.04", bench.Next(2000).ToString());
        Assert.AreEqual(0, bench.Advance(200_000).Length);
    }

    [TestMethod]
    public static void A_handler_that_is_never_ready_ends_in_5_03()
    {
        CoapBench bench = new([new TestResource("r") { ReadCode = CoapCode.Empty }]);
        bench.Ask(bench.Con(CoapCode.Get, "r"));
        CoapReply response = bench.Next(100_000);
        Assert.AreEqual("CON 5.03", response.ToString());
        Assert.IsTrue(response.UInt(CoapOption.MaxAge) > 0);
    }

    [TestMethod]
    public static void With_all_places_for_waiting_requests_taken_a_further_one_is_5_03_with_Max_Age()
    {
        CoapBench bench = new([new TestResource("r") { ReadCode = CoapCode.Empty }, new TestResource("s")]);
        for (int i = 0; i < 4; i++)
        {
            bench.Ask(bench.Con(CoapCode.Get, "r"), "0.00", CoapBench.Address(10 + i));
        }

        Assert.IsTrue(bench.Ask(bench.Con(CoapCode.Get, "r"), "5.03").UInt(CoapOption.MaxAge) > 0);
        bench.Ask(bench.Con(CoapCode.Get, "s"), "2.05");
    }

    // a body in blocks is not put off: 5.03, once, and nothing later
    [TestMethod]
    public static void A_single_block_for_a_handler_that_needs_time_is_5_03_and_nothing_else()
    {
        TestResource resource = new("r") { ChangeCode = CoapCode.Empty };
        CoapBench bench = new([resource]);
        for (int i = 0; i < 6; i++)
        {
            bench.Ask(bench.Con(CoapCode.Post, "r").Block1(0, false, 2).Payload("x"), "5.03");
        }

        Assert.AreEqual(0, bench.Advance(300_000).Length);
        Assert.AreEqual(0, resource.Changes);
        Assert.AreEqual("ACK 0.00", bench.Ask(bench.Con(CoapCode.Post, "r")).ToString());
    }

    // the reply may have been lost with the socket (Wi-Fi, another address): the copies that follow come to the next one
    [TestMethod]
    public static void A_copy_that_comes_to_the_next_socket_does_not_run_again()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource]);
        CoapDatagram post = bench.Con(CoapCode.Post, "r").Payload("x");
        CoapReply first = bench.Ask(post, "2.04");
        bench.Endpoint.Close();
        bench.Pass(5000);
        bench.Endpoint.Open(bench, bench.Now);
        CollectionAssert.AreEqual(first.Bytes, bench.Ask(post).Bytes);
        Assert.AreEqual(1, resource.Changes);

        // what is safe runs again, and after EXCHANGE_LIFETIME a message ID is a new one
        CoapDatagram get = bench.Con(CoapCode.Get, "r");
        bench.Ask(get, "2.05");
        bench.Endpoint.Close();
        bench.Endpoint.Open(bench, bench.Now);
        bench.Ask(get, "2.05");
        Assert.AreEqual(2, resource.Reads);
        bench.Pass(247_000);
        bench.Ask(post, "2.04");
        Assert.AreEqual(2, resource.Changes);
    }

    // ---- sections 4.4 and 5.3 ----

    [TestMethod]
    public static void Own_message_ids_do_not_repeat_within_their_lifetime()
    {
        CoapBench bench = new([new TestResource("r")]);
        HashSet<int> ids = [];
        for (int i = 0; i < 10_000; i++)
        {
            Assert.IsTrue(ids.Add(bench.Ask(bench.Non(CoapCode.Get, "r")).MessageId));
        }
    }

    [TestMethod]
    public static void An_acknowledgement_or_Reset_of_nothing_is_ignored()
    {
        CoapBench bench = new([new TestResource("r")]);
        for (int id = 0; id < 65536; id += 7)
        {
            Assert.AreEqual(0, bench.Send(new CoapDatagram(CoapType.Ack, 0, id)).Length);
            Assert.AreEqual(0, bench.Send(new CoapDatagram(CoapType.Rst, 0, id)).Length);
        }

        bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05");
    }
}

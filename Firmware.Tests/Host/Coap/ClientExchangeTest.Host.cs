// The client's exchanges (RFC 7252 sections 4.2, 4.5, 4.7, 5.2, 5.3, 5.4.1, 5.9) and Echo (RFC 9175 section 2), message by message.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ClientExchangeTest
{
    private const int UnknownCritical = 65001;
    private const int UnknownElective = 65000;

    [TestMethod]
    public static void Writes_all_options_of_a_request_in_order()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Put, "a/bb");
        request.FlatPath = [1, (byte)'c', 0, 9, 9];
        request.FlatPathLength = 3;
        request.Query = ["x=1"u8.ToArray(), "y"u8.ToArray()];
        request.Host = "h"u8.ToArray();
        request.IfMatch = [1, 2];
        request.ETag = [3];
        request.IfNoneMatch = true;
        request.ContentFormat = CoapFormat.Json;
        request.Accept = CoapFormat.Cbor;
        request.Payload = "-payload-"u8.ToArray();
        request.PayloadOffset = 1;
        request.PayloadLength = 7;
        bench.Begin(request);
        CoapTestMessage sent = bench.Take();
        Assert.AreEqual(CoapType.Con, sent.Type);
        Assert.AreEqual(CoapCode.Put, sent.Code);
        Assert.AreEqual("a/bb/c/", sent.Path);
        Assert.AreEqual("x=1&y", sent.Query);
        Assert.AreEqual("1 3 4 5 11 11 11 11 12 15 15 17", string.Join(" ", sent.Options.Select(o => o.Number)));
        Assert.AreEqual(50, sent.UInt(CoapOption.ContentFormat));
        Assert.AreEqual(60, sent.UInt(CoapOption.Accept));
        Assert.AreEqual("payload", Encoding.UTF8.GetString(sent.Payload));
        Assert.IsTrue(bench.Server.Matches(sent.To));
        bench.Piggyback(sent, CoapCode.Changed, "");
        bench.Told("2.04 @0 last ''");
        Assert.IsFalse(request.IsBusy);
    }

    // RFC 7252 section 4.2 and 4.8: 2 to 3 s, then twice as long each time, four repeats, given up after MAX_TRANSMIT_WAIT at the most
    [TestMethod]
    public static void Repeats_with_doubling_waits_and_gives_up()
    {
        HashSet<long> firsts = [];
        for (int seed = 1; seed <= 20; seed++)
        {
            ClientBench bench = new(seed: seed);
            bench.Begin(bench.Request(CoapCode.Get, "x"));
            CoapTestMessage first = bench.Take();
            long wait = bench.PassToDeadline();
            Assert.IsTrue(wait >= 2000 && wait <= 3000, $"seed {seed}: {wait}");
            firsts.Add(wait);
            for (int repeat = 1; repeat <= 4; repeat++)
            {
                Assert.AreEqual(Convert.ToHexString(first.Bytes), Convert.ToHexString(bench.Take().Bytes));
                bench.Told();
                Assert.AreEqual(wait << repeat, bench.PassToDeadline());
            }

            bench.NothingSent();
            bench.Told("failed Timeout");
            Assert.IsTrue(bench.Now - first.AtMs <= new CoapParameters().MaxTransmitWaitMs);
            Assert.AreEqual(long.MaxValue, bench.Endpoint.NextDeadlineMs);
        }

        Assert.IsTrue(firsts.Count > 15, "the first wait is not random");
    }

    // 5.3.1: tokens are random, and so are they from one request to the next
    [TestMethod]
    public static void Tokens_have_32_random_bits()
    {
        HashSet<string> tokens = [];
        for (int seed = 1; seed <= 50; seed++)
        {
            ClientBench bench = new(seed: seed);
            for (int i = 0; i < 4; i++)
            {
                bench.Begin(bench.Request(CoapCode.Get, "x"));
                CoapTestMessage sent = bench.Take();
                Assert.AreEqual(4, sent.Token.Length);
                Assert.IsTrue(tokens.Add(Convert.ToHexString(sent.Token)));
                bench.Piggyback(sent, CoapCode.Content, "");
            }
        }
    }

    // 5.2.2, 4.2
    [TestMethod]
    public static void A_separate_confirmable_response_is_acknowledged_and_a_copy_acknowledged_again_but_delivered_once()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "slow"));
        CoapTestMessage request = bench.Take();
        bench.Empty(CoapType.Ack, request);
        bench.Pass(30_000);
        bench.NothingSent();
        bench.Told();
        byte[] response = bench.Separate(CoapType.Con, request, CoapCode.Content, "done");
        bench.Told("2.05 @0 last 'done'");
        CoapTestMessage acknowledgement = bench.Take();
        Assert.AreEqual(CoapType.Ack, acknowledgement.Type);
        Assert.AreEqual(CoapCode.Empty, acknowledgement.Code);
        for (int i = 0; i < 3; i++)
        {
            bench.Pass(20_000);
            bench.Deliver(response);
            bench.Told();
            Assert.AreEqual(Convert.ToHexString(acknowledgement.Bytes), Convert.ToHexString(bench.Take().Bytes));
        }

        // EXCHANGE_LIFETIME over: nobody waits for it
        bench.Pass(247_000);
        bench.Deliver(response);
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Told();
    }

    // 5.2.2: the acknowledgement may be lost, or come after the response
    [TestMethod]
    public static void A_separate_response_ends_the_repeating_even_without_acknowledgement()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "slow"));
        CoapTestMessage request = bench.Take();
        bench.Separate(CoapType.Con, request, CoapCode.Content, "done");
        bench.Told("2.05 @0 last 'done'");
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        bench.Empty(CoapType.Ack, request);
        bench.Pass(200_000);
        bench.NothingSent();
        bench.Told();
    }

    // 5.2.3, 4.3, 4.5
    [TestMethod]
    public static void A_separate_non_confirmable_response_is_taken_and_its_copy_ignored()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "slow"));
        CoapTestMessage request = bench.Take();
        bench.Empty(CoapType.Ack, request);
        byte[] response = bench.Separate(CoapType.Non, request, CoapCode.Content, "done");
        bench.Told("2.05 @0 last 'done'");
        bench.Deliver(response);
        bench.NothingSent();
        bench.Told();
    }

    [TestMethod]
    public static void After_an_acknowledgement_the_wait_for_the_response_has_an_end()
    {
        CoapParameters parameters = new() { SeparateWaitMs = 50_000 };
        ClientBench bench = new(parameters: parameters);
        bench.Begin(bench.Request(CoapCode.Get, "slow"));
        CoapTestMessage request = bench.Take();
        bench.Empty(CoapType.Ack, request);
        Assert.AreEqual(50_000L, bench.PassToDeadline());
        bench.Told("failed NoResponse");
        bench.NothingSent();
        bench.Separate(CoapType.Con, request, CoapCode.Content, "late");
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Told();
    }

    // 5.3.2: source, token and, in an acknowledgement, the message ID must match
    [TestMethod]
    public static void What_does_not_match_is_no_answer()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "x"));
        CoapTestMessage request = bench.Take();
        byte[] other = [.. request.Token];
        other[3] ^= 1;
        DatagramAddress elsewhere = new();
        elsewhere.SetIPv4(192, 0, 2, 1, 5684);
        bench.Deliver(ClientBench.Build(CoapType.Ack, CoapCode.Content, request.Id, other, "token"));
        bench.Deliver(ClientBench.Build(CoapType.Ack, CoapCode.Content, request.Id, request.Token[..3], "short"));
        bench.Deliver(ClientBench.Build(CoapType.Ack, CoapCode.Content, request.Id, [.. request.Token, 0], "long"));
        bench.Deliver(ClientBench.Build(CoapType.Ack, CoapCode.Content, request.Id ^ 1, request.Token, "id"));
        bench.Deliver(ClientBench.Build(CoapType.Ack, CoapCode.Content, request.Id, request.Token, "source"), elsewhere);
        bench.NothingSent();
        bench.Deliver(ClientBench.Build(CoapType.Con, CoapCode.Content, 77, other, "token"));
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Deliver(ClientBench.Build(CoapType.Con, CoapCode.Content, 78, request.Token, "source"), elsewhere);
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Told();
        bench.PassToDeadline();
        Assert.AreEqual(request.Id, bench.Take().Id);
        bench.Piggyback(request, CoapCode.Content, "right");
        bench.Told("2.05 @0 last 'right'");
    }

    [DataRow(true)]
    [DataRow(false)]
    public static void A_reset_ends_a_request(bool isConfirmable)
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        request.IsConfirmable = isConfirmable;
        bench.Begin(request);
        bench.Empty(CoapType.Rst, bench.Take());
        bench.Told("failed Reset");
        bench.Pass(300_000);
        bench.NothingSent();
    }

    [TestMethod]
    public static void A_non_confirmable_request_is_sent_once_and_given_up_after_MAX_TRANSMIT_WAIT()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        request.IsConfirmable = false;
        bench.Begin(request);
        Assert.AreEqual(CoapType.Non, bench.Take().Type);
        Assert.AreEqual(93_000L, bench.PassToDeadline());
        bench.NothingSent();
        bench.Told("failed NoResponse");
        bench.Begin(request);
        bench.Separate(CoapType.Con, bench.Take(), CoapCode.Content, "yes");
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        bench.Told("2.05 @0 last 'yes'");
    }

    // 4.7: one outstanding with an endpoint; an acknowledged one is not outstanding any more; a Non-confirmable one is, until it is answered
    [DataRow(true)]
    [DataRow(false)]
    public static void Waits_for_NSTART_per_endpoint_and_in_order(bool isConfirmable)
    {
        ClientBench bench = new(requests: 4);
        CoapClientRequest first = bench.Request(CoapCode.Get, "1");
        first.IsConfirmable = isConfirmable;
        CoapClientRequest second = bench.Request(CoapCode.Get, "2");
        CoapClientRequest third = bench.Request(CoapCode.Get, "3");
        CoapClientRequest other = bench.Request(CoapCode.Get, "4");
        other.Destination.SetIPv4(192, 0, 2, 9, 5683);
        bench.Begin(first);
        CoapTestMessage sent = bench.Take();
        Assert.AreEqual("1", sent.Path);
        bench.Begin(second);
        bench.Begin(third);
        bench.NothingSent();
        bench.Begin(other);
        CoapTestMessage elsewhere = bench.Take();
        Assert.AreEqual("4", elsewhere.Path);
        bench.Deliver(ClientBench.Build(CoapType.Ack, CoapCode.Content, elsewhere.Id, elsewhere.Token, "4"), other.Destination);
        bench.NothingSent();
        if (isConfirmable)
        {
            bench.Empty(CoapType.Ack, sent);
        }
        else
        {
            bench.Separate(CoapType.Non, sent, CoapCode.Content, "1");
        }

        sent = bench.Take();
        Assert.AreEqual("2", sent.Path);
        bench.NothingSent();

        // the second is given up: the third's turn
        while (bench.Log.LastOrDefault() != "failed Timeout")
        {
            bench.PassToDeadline();
        }

        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual("2", bench.Take().Path);
        }

        bench.PassToDeadline();
        Assert.AreEqual("3", bench.Take().Path);
    }

    // 5.4.1: a critical option that is not known rejects a response: CON with Reset, others silently. 5.4.3, 5.4.5: a bad length, or one too many, likewise.
    [TestMethod]
    public static void A_response_with_an_unknown_critical_option_is_rejected()
    {
        CoapTestOption[][] bad =
        [
            [new(UnknownCritical, [])],
            [CoapTestOption.Text(CoapOption.UriPath, "x")],
            [new(CoapOption.Oscore, [1])],
            [new(CoapOption.Block2, [0, 0, 0, 6])],
            [CoapTestOption.Block(CoapOption.Block2, 0, false, 7)],
            [CoapTestOption.Block(CoapOption.Block2, 0, false, 6), CoapTestOption.Block(CoapOption.Block2, 0, false, 6)],
        ];
        foreach (CoapTestOption[] options in bad)
        {
            foreach (int type in new[] { CoapType.Con, CoapType.Non, CoapType.Ack })
            {
                ClientBench bench = new();
                bench.Begin(bench.Request(CoapCode.Get, "x"));
                CoapTestMessage request = bench.Take();
                int id = type == CoapType.Ack ? request.Id : 99;
                bench.Deliver(ClientBench.Build(type, CoapCode.Content, id, request.Token, "no", options));
                bench.Told($"failed BadResponse {options[0].Number}");
                if (type == CoapType.Ack)
                {
                    bench.NothingSent();
                }
                else
                {
                    CoapTestMessage reset = bench.Take();
                    Assert.IsTrue(reset.Type == CoapType.Rst && reset.Id == 99);
                }

                bench.Pass(300_000);
                bench.NothingSent();
            }
        }
    }

    // 5.4.1
    [TestMethod]
    public static void Elective_options_that_are_unknown_or_malformed_are_ignored()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        int age = -1;
        int format = 0;
        bench.OnAnswer = r => (age, format) = (r.MaxAgeSeconds, r.ContentFormat);
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.Content, "yes", new(UnknownElective, [1, 2]), new(CoapOption.MaxAge, [1, 0, 0, 0, 0]), new(CoapOption.ContentFormat, [0, 0, 50]), new(CoapOption.ETag, []));
        bench.Told("2.05 @0 last 'yes'");
        Assert.AreEqual(60, age);
        Assert.AreEqual(CoapFormat.None, format);
    }

    // 5.9.3.4, 5.5.2
    [TestMethod]
    public static void Errors_are_answers_with_a_text_and_503_says_how_long_to_wait()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        int wait = 0;
        bench.OnAnswer = r => wait = r.MaxAgeSeconds;
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.ServiceUnavailable, "busy", CoapTestOption.UInt(CoapOption.MaxAge, 17));
        bench.Told("5.03 @0 last 'busy'");
        Assert.AreEqual(17, wait);
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.ServiceUnavailable, "");
        Assert.AreEqual(60, wait);
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "no such thing", CoapTestOption.UInt(CoapOption.MaxAge, 0));
        bench.Told("5.03 @0 last ''", "4.04 @0 last 'no such thing'");
        Assert.AreEqual(0, wait);
    }

    [TestMethod]
    public static void A_request_that_cannot_be_begun_is_refused_with_the_reason()
    {
        ClientBench bench = new(requests: 1, maxMessage: 128);
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        Assert.AreEqual(-(int)CoapClientError.Invalid, bench.Client.Begin(new CoapClientRequest(bench), bench.Now));
        CoapClientRequest group = bench.Request(CoapCode.Get, "x");
        group.Destination.IsMulticast = true;
        Assert.AreEqual(-(int)CoapClientError.Invalid, bench.Client.Begin(group, bench.Now));
        CoapClientRequest observe = bench.Request(CoapCode.Put, "x");
        observe.Observe = true;
        Assert.AreEqual(-(int)CoapClientError.Invalid, bench.Client.Begin(observe, bench.Now));
        CoapClientRequest odd = bench.Request(CoapCode.Get, "x");
        odd.BlockSize = 100;
        Assert.AreEqual(-(int)CoapClientError.Invalid, bench.Client.Begin(odd, bench.Now));
        Assert.AreEqual(-(int)CoapClientError.TooLarge, bench.Client.Begin(bench.Request(CoapCode.Get, new string('x', 130)), bench.Now));
        bench.Begin(request);
        Assert.AreEqual(-(int)CoapClientError.Busy, bench.Client.Begin(request, bench.Now));
        Assert.AreEqual(-(int)CoapClientError.Full, bench.Client.Begin(bench.Request(CoapCode.Get, "y"), bench.Now));
        bench.Endpoint.Close();
        bench.Told("failed Closed");
        Assert.AreEqual(-(int)CoapClientError.NotOpen, bench.Client.Begin(request, bench.Now));
        bench.Take();
        bench.NothingSent();
    }

    [TestMethod]
    public static void The_death_of_the_socket_ends_every_request()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "1"));
        bench.Begin(bench.Request(CoapCode.Get, "2"));
        bench.IsDead = true;
        bench.Endpoint.Poll(bench.Now);
        bench.Told("failed Closed", "failed Closed");
        Assert.AreEqual(0, bench.Client.Busy);
        Assert.AreEqual(long.MaxValue, bench.Endpoint.NextDeadlineMs);
    }

    [TestMethod]
    public static void A_cancelled_request_is_not_repeated_and_its_answer_not_delivered()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        int handle = bench.Begin(request);
        CoapTestMessage sent = bench.Take();
        bench.Client.Cancel(handle, bench.Now);
        Assert.IsFalse(request.IsBusy);
        bench.Client.Cancel(handle, bench.Now);
        bench.Piggyback(sent, CoapCode.Content, "late");
        bench.Pass(300_000);
        bench.NothingSent();
        bench.Told();
        int next = bench.Begin(request);
        bench.Client.Cancel(handle, bench.Now);
        Assert.IsTrue(request.IsBusy && next != handle);
    }

    [TestMethod]
    public static void A_handler_may_begin_the_next_request()
    {
        ClientBench bench = new(requests: 1);
        CoapClientRequest request = bench.Request(CoapCode.Get, "x");
        bench.OnAnswer = _ => Assert.IsTrue(bench.Log.Count > 2 || bench.Client.Begin(request, bench.Now) >= 0);
        bench.Begin(request);
        for (int i = 0; i < 3; i++)
        {
            bench.Piggyback(bench.Take(), CoapCode.Content, "again");
        }

        Assert.AreEqual(3, bench.Log.Count);
        bench.NothingSent();
    }

    // RFC 9175 section 2.3
    [TestMethod]
    public static void A_401_with_Echo_is_repeated_once_with_the_value_and_before_other_requests()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Put, "1"));
        bench.Begin(bench.Request(CoapCode.Put, "2"));
        CoapTestMessage first = bench.Take();
        Assert.IsFalse(first.Has(CoapOption.Echo));
        bench.Piggyback(first, CoapCode.Unauthorized, "prove it", new CoapTestOption(CoapOption.Echo, [1, 2, 3]));
        bench.Told();
        CoapTestMessage repeated = bench.Take();
        Assert.AreEqual("1", repeated.Path);
        Assert.AreEqual("010203", Convert.ToHexString(repeated.Value(CoapOption.Echo)));
        Assert.IsTrue(repeated.Id != first.Id && !repeated.Token.SequenceEqual(first.Token));
        bench.Piggyback(repeated, CoapCode.Unauthorized, "no", new CoapTestOption(CoapOption.Echo, [4]));
        bench.Told("4.01 @0 last 'no'");

        // the newer value goes with the next request to this endpoint, and only with that
        CoapTestMessage second = bench.Take();
        Assert.AreEqual("2 04", second.Path + " " + Convert.ToHexString(second.Value(CoapOption.Echo)));
        bench.Piggyback(second, CoapCode.Changed, "");
        bench.Begin(bench.Request(CoapCode.Get, "3"));
        Assert.IsFalse(bench.Take().Has(CoapOption.Echo));
    }

    // RFC 9175 section 2.3: a value in a success is kept for the next request, and for this endpoint only
    [TestMethod]
    public static void An_Echo_in_a_success_goes_with_the_next_request_to_the_same_endpoint()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "1"));
        byte[] value = Enumerable.Range(1, 40).Select(i => (byte)i).ToArray();
        bench.Piggyback(bench.Take(), CoapCode.Content, "yes", new CoapTestOption(CoapOption.Echo, value));
        CoapClientRequest other = bench.Request(CoapCode.Get, "2");
        other.Destination.Port++;
        bench.Begin(other);
        Assert.IsFalse(bench.Take().Has(CoapOption.Echo));
        bench.Begin(bench.Request(CoapCode.Get, "3"));
        Assert.AreEqual(Convert.ToHexString(value), Convert.ToHexString(bench.Take().Value(CoapOption.Echo)));
    }
}

// Observation by the client (RFC 7641), message by message.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ClientObserveTest
{
    private const int B2 = CoapOption.Block2;

    // 3.1, 3.2
    [TestMethod]
    public static void Notifications_are_delivered_and_confirmable_ones_acknowledged()
    {
        ClientBench bench = new();
        (CoapTestMessage registration, _) = Register(bench, 5);
        Assert.AreEqual(0, registration.UInt(CoapOption.Observe));
        bench.Separate(CoapType.Non, registration, CoapCode.Content, "21", Sequence(6));
        bench.NothingSent();
        byte[] confirmable = bench.Separate(CoapType.Con, registration, CoapCode.Content, "22", Sequence(9));
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        bench.Told("2.05 @0 last observing '21'", "2.05 @0 last observing '22'");

        // a copy
        bench.Deliver(confirmable);
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        bench.Told();
    }

    // 3.4: the three conditions, and their borders
    [DataRow(5, 6, 0, true)]
    [DataRow(5, 5, 0, false)]
    [DataRow(5, 4, 0, false)]
    [DataRow(5, 8388612, 0, true)] // 5 + 2^23 - 1
    [DataRow(5, 8388613, 0, false)] // 5 + 2^23
    [DataRow(5, 8388614, 0, false)]
    [DataRow(16777215, 0, 0, true)] // around the end of 24 bits
    [DataRow(8388614, 5, 0, true)] // 2^23 + 1 before
    [DataRow(8388613, 5, 0, false)] // 2^23 before
    [DataRow(5, 4, 128000, false)]
    [DataRow(5, 4, 128001, true)]
    public static void A_notification_is_taken_if_it_is_newer(int last, int next, int afterMs, bool isTaken)
    {
        foreach (int type in new[] { CoapType.Non, CoapType.Con })
        {
            ClientBench bench = new();
            (CoapTestMessage registration, _) = Register(bench, last, maxAge: 600);
            bench.Pass(afterMs);
            bench.Separate(type, registration, CoapCode.Content, "new", Sequence(next), CoapTestOption.UInt(CoapOption.MaxAge, 600));
            bench.Told(isTaken ? ["2.05 @0 last observing 'new'"] : []);
            if (type == CoapType.Con)
            {
                Assert.AreEqual(CoapType.Ack, bench.Take().Type);
            }

            bench.NothingSent();
            Assert.AreEqual(1, bench.Client.Busy);
        }
    }

    // 3.3.1: Max-Age and 5 to 15 s more without a word: registers again, with the same token
    [TestMethod]
    public static void Registers_again_when_notifications_stay_away()
    {
        HashSet<long> waits = [];
        for (int seed = 1; seed <= 10; seed++)
        {
            ClientBench bench = new(seed: seed);
            (CoapTestMessage registration, _) = Register(bench, 5, maxAge: 30);
            bench.Pass(20_000);
            bench.Separate(CoapType.Non, registration, CoapCode.Content, "21", Sequence(6), CoapTestOption.UInt(CoapOption.MaxAge, 40));
            bench.Log.Clear();
            long wait = bench.PassToDeadline();
            Assert.IsTrue(wait >= 45_000 && wait <= 55_000, $"{wait}");
            waits.Add(wait);
            CoapTestMessage again = bench.Take();
            Assert.AreEqual(CoapType.Con, again.Type);
            Assert.AreEqual(0, again.UInt(CoapOption.Observe));
            Assert.IsTrue(again.Token.SequenceEqual(registration.Token) && again.Id != registration.Id);

            // the server has begun anew: its answer counts, whatever its number
            bench.Piggyback(again, CoapCode.Content, "22", Sequence(1));
            bench.Told("2.05 @0 last observing '22'");
            wait = bench.PassToDeadline();
            Assert.IsTrue(wait >= 65_000 && wait <= 75_000, $"{wait}: Max-Age is 60 without the option");
        }

        Assert.IsTrue(waits.Count > 5);
    }

    // 3.4: while it is asked for again, an older state may still be under way
    [TestMethod]
    public static void A_late_notification_is_no_answer_to_a_registration()
    {
        ClientBench bench = new();
        (CoapTestMessage registration, _) = Register(bench, 5, maxAge: 30);
        bench.PassToDeadline();
        CoapTestMessage again = bench.Take();
        bench.Separate(CoapType.Non, registration, CoapCode.Content, "old", Sequence(4));
        bench.Told();
        bench.PassToDeadline();
        Assert.AreEqual(again.Id, bench.Take().Id);

        // a newer one will do: the server knows the observer
        bench.Separate(CoapType.Non, registration, CoapCode.Content, "new", Sequence(6));
        bench.Told("2.05 @0 last observing 'new'");
        Assert.IsTrue(bench.PassToDeadline() > 60_000);
    }

    [TestMethod]
    public static void A_registration_that_is_not_answered_ends_the_observation()
    {
        ClientBench bench = new();
        Register(bench, 5, maxAge: 30);
        bench.Pass(200_000);
        bench.Told("failed Timeout");
        Assert.AreEqual(0, bench.Client.Busy);
    }

    // 3.1: a response without the option
    [TestMethod]
    public static void A_server_that_does_not_observe_answers_once()
    {
        ClientBench bench = new();
        CoapClientRequest request = Observation(bench);
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.Content, "20");
        bench.Told("2.05 @0 last '20'");
        Assert.IsFalse(request.IsBusy);
    }

    // 4.2: an error, or a success without the option, is the last notification
    [DataRow(CoapCode.NotFound, false, "4.04 @0 last 'end'")]
    [DataRow(CoapCode.NotFound, true, "4.04 @0 last 'end'")]
    [DataRow(CoapCode.Content, false, "2.05 @0 last 'end'")]
    public static void An_error_ends_the_observation(int code, bool hasOption, string expected)
    {
        ClientBench bench = new();
        (CoapTestMessage registration, CoapClientRequest request) = Register(bench, 5);
        bench.Separate(CoapType.Con, registration, code, "end", hasOption ? [Sequence(6)] : []);
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        bench.Told(expected);
        Assert.IsFalse(request.IsBusy);

        // 3.6: a server that goes on is told to stop
        bench.Separate(CoapType.Con, registration, CoapCode.Content, "more", Sequence(7));
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Separate(CoapType.Non, registration, CoapCode.Content, "more", Sequence(8));
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Told();
    }

    // 3.6
    [TestMethod]
    public static void Cancelling_tells_the_server_with_the_same_token()
    {
        ClientBench bench = new();
        CoapClientRequest request = Observation(bench);
        int handle = bench.Begin(request);
        CoapTestMessage registration = bench.Take();
        bench.Piggyback(registration, CoapCode.Content, "20", Sequence(5));
        bench.Log.Clear();
        bench.Client.Cancel(handle, bench.Now);
        Assert.IsTrue(request.IsBusy);
        bench.PassToDeadline();
        CoapTestMessage leave = bench.Take();
        Assert.AreEqual(1, leave.UInt(CoapOption.Observe));
        Assert.AreEqual("temp", leave.Path);
        Assert.IsTrue(leave.Token.SequenceEqual(registration.Token));

        // a last notification has crossed it
        bench.Separate(CoapType.Con, registration, CoapCode.Content, "21", Sequence(6));
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        Assert.IsTrue(request.IsBusy);
        bench.Piggyback(leave, CoapCode.Content, "21");
        Assert.IsFalse(request.IsBusy);
        bench.Told();
        bench.Separate(CoapType.Non, registration, CoapCode.Content, "22", Sequence(7));
        Assert.AreEqual(CoapType.Rst, bench.Take().Type);
        bench.Pass(300_000);
        bench.NothingSent();
    }

    // the registration may have reached the server although no answer came
    [TestMethod]
    public static void Cancelling_an_unanswered_registration_tells_the_server_too()
    {
        ClientBench bench = new();
        int handle = bench.Begin(Observation(bench));
        bench.Take();
        bench.Client.Cancel(handle, bench.Now);
        bench.PassToDeadline();
        Assert.AreEqual(1, bench.Take().UInt(CoapOption.Observe));
        bench.Pass(100_000);
        bench.Told();
        Assert.AreEqual(0, bench.Client.Busy);
    }

    // RFC 7959 section 2.6: the first block is the notification, the rest is fetched
    [TestMethod]
    public static void A_notification_in_blocks_is_completed_with_plain_requests()
    {
        ClientBench bench = new();
        (CoapTestMessage registration, _) = Register(bench, 5);
        string body = ClientBlockTest.Text(150);
        bench.Separate(CoapType.Non, registration, CoapCode.Content, body[..64], Sequence(6), CoapTestOption.Block(B2, 0, true, 2), new(CoapOption.ETag, [1]));
        for (int i = 1; i < 3; i++)
        {
            CoapTestMessage next = bench.Take();
            Assert.AreEqual($"{i}/0/64", next.Block(B2));
            Assert.IsFalse(next.Has(CoapOption.Observe));
            Assert.IsFalse(next.Token.SequenceEqual(registration.Token));
            bench.Piggyback(next, CoapCode.Content, i < 2 ? body[64..128] : body[128..], CoapTestOption.Block(B2, i, i < 2, 2), new(CoapOption.ETag, [1]));
        }

        bench.Told("2.05 @0 observing 64 bytes", "2.05 @64 observing 64 bytes", "2.05 @128 last observing 'ghijklmnopqrstuvxyzabc'");
        bench.Separate(CoapType.Non, registration, CoapCode.Content, "small", Sequence(7));
        bench.Told("2.05 @0 last observing 'small'");
        bench.NothingSent();
    }

    // the newest state counts
    [TestMethod]
    public static void A_newer_notification_ends_the_fetching_of_an_older_one()
    {
        ClientBench bench = new();
        (CoapTestMessage registration, _) = Register(bench, 5);
        string body = ClientBlockTest.Text(100);
        bench.Separate(CoapType.Non, registration, CoapCode.Content, body[..64], Sequence(6), CoapTestOption.Block(B2, 0, true, 2), new(CoapOption.ETag, [1]));
        CoapTestMessage old = bench.Take();
        bench.Separate(CoapType.Non, registration, CoapCode.Content, body[..64], Sequence(7), CoapTestOption.Block(B2, 0, true, 2), new(CoapOption.ETag, [2]));
        CoapTestMessage next = bench.Take();
        bench.Piggyback(old, CoapCode.Content, body[64..], CoapTestOption.Block(B2, 1, false, 2), new(CoapOption.ETag, [1]));
        bench.Told("2.05 @0 observing 64 bytes", "2.05 @0 observing 64 bytes");
        bench.Piggyback(next, CoapCode.Content, body[64..], CoapTestOption.Block(B2, 1, false, 2), new(CoapOption.ETag, [2]));
        bench.Told("2.05 @64 last observing 36 bytes");
        bench.Pass(50_000);
        bench.NothingSent();
    }

    [TestMethod]
    public static void A_state_that_changes_faster_than_it_is_fetched_is_asked_for_again()
    {
        ClientBench bench = new();
        (CoapTestMessage registration, _) = Register(bench, 5, maxAge: 1000);
        string body = ClientBlockTest.Text(100);
        bench.Separate(CoapType.Non, registration, CoapCode.Content, body[..64], Sequence(6), CoapTestOption.UInt(CoapOption.MaxAge, 1000), CoapTestOption.Block(B2, 0, true, 2), new(CoapOption.ETag, [1]));
        bench.Piggyback(bench.Take(), CoapCode.Content, body[64..], CoapTestOption.Block(B2, 1, false, 2), new(CoapOption.ETag, [2]));
        CoapTestMessage again = bench.Take();
        Assert.AreEqual("0/0/64", again.Block(B2));
        bench.Piggyback(again, CoapCode.Content, body[..64], CoapTestOption.Block(B2, 0, true, 2), new(CoapOption.ETag, [2]));
        bench.Piggyback(bench.Take(), CoapCode.Content, body[64..], CoapTestOption.Block(B2, 1, false, 2), new(CoapOption.ETag, [3]));
        bench.Told("2.05 @0 observing 64 bytes", "2.05 @0 observing 64 bytes");
        Assert.IsTrue(bench.PassToDeadline() <= 15_000);
        CoapTestMessage register = bench.Take();
        Assert.AreEqual(0, register.UInt(CoapOption.Observe));
        Assert.IsTrue(register.Token.SequenceEqual(registration.Token));
    }

    // two observations of one server do not hold each other up
    [TestMethod]
    public static void Observations_do_not_count_for_NSTART()
    {
        ClientBench bench = new();
        Register(bench, 5);
        Register(bench, 6);
        bench.Begin(bench.Request(CoapCode.Get, "x"));
        bench.Piggyback(bench.Take(), CoapCode.Content, "yes");
        bench.Told("2.05 @0 last 'yes'");
        Assert.AreEqual(2, bench.Client.Busy);
    }

    [TestMethod]
    public static void A_registration_that_was_challenged_is_repeated_with_Echo_and_its_token()
    {
        ClientBench bench = new();
        bench.Begin(Observation(bench));
        CoapTestMessage first = bench.Take();
        bench.Piggyback(first, CoapCode.Unauthorized, "", new CoapTestOption(CoapOption.Echo, [1]));
        CoapTestMessage again = bench.Take();
        Assert.IsTrue(again.Has(CoapOption.Echo) && again.UInt(CoapOption.Observe) == 0);
        bench.Piggyback(again, CoapCode.Content, "20", Sequence(1));
        bench.Told("2.05 @0 last observing '20'");
    }

    private static CoapClientRequest Observation(ClientBench bench)
    {
        CoapClientRequest request = bench.Request(CoapCode.Get, "temp");
        request.Observe = true;
        return request;
    }

    private static (CoapTestMessage Registration, CoapClientRequest Request) Register(ClientBench bench, int sequence, int maxAge = 60)
    {
        CoapClientRequest request = Observation(bench);
        bench.Begin(request);
        CoapTestMessage registration = bench.Take();
        bench.Piggyback(registration, CoapCode.Content, "20", Sequence(sequence), CoapTestOption.UInt(CoapOption.MaxAge, (uint)maxAge));
        bench.Told("2.05 @0 last observing '20'");
        return (registration, request);
    }

    private static CoapTestOption Sequence(int value) => CoapTestOption.UInt(CoapOption.Observe, (uint)value);
}

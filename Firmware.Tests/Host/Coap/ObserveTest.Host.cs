// Observe (RFC 7641) beyond the plugtest descriptions: the order of values, which notifications are Confirmable, what happens to changes while one
// is outstanding, Max-Age, and what ends an observation.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ObserveTest
{
    private static readonly DatagramAddress Other = CoapBench.Address(2);

    // ---- section 4.1: registration ----

    [DataRow(CoapType.Con)]
    [DataRow(CoapType.Non)]
    [TestMethod]
    public static void A_registration_is_answered_with_Observe_and_the_token_returns_with_each_notification(int type)
    {
        (CoapBench bench, TestResource resource) = Create();
        byte[] token = [1, 2, 3, 4, 5, 6, 7, 8];
        CoapReply reply = bench.Ask(new CoapDatagram(type, CoapCode.Get, 7, token).Path("r").Observe(0), "2.05");
        Assert.IsTrue(reply.Has(CoapOption.Observe));
        resource.Set("new");
        CoapReply notification = bench.Next(1);
        CollectionAssert.AreEqual(token, notification.Token);
        Assert.AreEqual("new", notification.Text);
    }

    // Observe 2 and more mean nothing; a resource that cannot be observed answers without it
    [DataRow("r", 2u)]
    [DataRow("r", 0xFFFFFFu)]
    [DataRow("plain", 0u)]
    [TestMethod]
    public static void What_is_no_registration_is_a_plain_GET(string path, uint value)
    {
        TestResource plain = new TestResource("plain").With(observable: false);
        CoapBench bench = new([new TestResource("r"), plain]);
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, path).Observe(value), "2.05");
        Assert.IsFalse(reply.Has(CoapOption.Observe));
        Assert.AreEqual(0, bench.Server.Observers);
    }

    [DataRow(CoapCode.NotFound, "4.04")]
    [DataRow(CoapCode.ServiceUnavailable, "5.03")]
    [DataRow(CoapCode.InternalServerError, "5.00")]
    [TestMethod]
    public static void A_registration_that_fails_registers_nothing(int code, string dotted)
    {
        (CoapBench bench, TestResource resource) = Create();
        resource.ReadCode = code;
        Assert.IsFalse(bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0), dotted).Has(CoapOption.Observe));
        Assert.AreEqual(0, bench.Server.Observers);
    }

    [TestMethod]
    public static void A_registration_longer_than_its_place_is_a_plain_GET()
    {
        (CoapBench bench, _) = Create();
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r").Query(new string('q', 60)).Observe(0), "2.05");
        Assert.IsFalse(reply.Has(CoapOption.Observe));
    }

    [TestMethod]
    public static void An_observation_may_begin_with_a_separate_response()
    {
        (CoapBench bench, TestResource resource) = Create();
        resource.ReadCode = CoapCode.Empty;
        Assert.AreEqual("ACK 0.00", bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0)).ToString());
        resource.ReadCode = CoapCode.Content;
        CoapReply first = bench.Next(2000);
        Assert.AreEqual("CON 2.05", first.ToString());
        Assert.IsTrue(first.Has(CoapOption.Observe));
        bench.Acknowledge(first);
        resource.Set("new");
        CoapReply second = bench.Next(1);
        Assert.IsTrue(PlugtestBench.IsFresher(first, second));
    }

    // ---- section 3.6: cancellation ----

    [TestMethod]
    public static void Observe_1_cancels_only_what_has_its_token_and_endpoint()
    {
        (CoapBench bench, _) = Create();
        foreach (byte token in new byte[] { 1, 2 })
        {
            bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), token).Path("r").Observe(0), "2.05");
        }

        bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), 1).Path("r").Observe(1), "2.05", Other);
        bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), 3).Path("r").Observe(1), "2.05");
        Assert.AreEqual(2, bench.Server.Observers);
        bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), 1).Path("r").Observe(1), "2.05");
        Assert.AreEqual(1, bench.Server.Observers);
    }

    [TestMethod]
    public static void A_Reset_of_a_Non_confirmable_notification_or_of_the_one_before_ends_the_observation()
    {
        foreach (bool previous in new[] { false, true })
        {
            (CoapBench bench, TestResource resource) = Create();
            Register(bench);
            List<CoapReply> notifications = [];
            for (int i = 0; i < 4; i++)
            {
                resource.Set("v" + i);
                notifications.Add(bench.Next(3001));
                if (notifications[^1].Type == CoapType.Con)
                {
                    bench.Acknowledge(notifications[^1]);
                }
            }

            Assert.AreEqual("NON 2.05", notifications[3].ToString());
            bench.Reset(notifications[previous ? 2 : 3]);
            Assert.AreEqual(0, bench.Server.Observers);
        }
    }

    // ---- sections 4.2 and 4.4: content and order ----

    [TestMethod]
    public static void Observe_values_grow_through_the_end_of_24_bits()
    {
        (CoapBench bench, TestResource resource) = Create();
        System.Reflection.FieldInfo sequence = typeof(CoapServer).GetField("_sequence", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!;
        sequence.SetValue(bench.Server, 0xFFFFF0);
        CoapReply last = Register(bench);
        bool wrapped = false;
        for (int i = 0; i < 40; i++)
        {
            resource.Set("v" + i);
            CoapReply reply = bench.Next(3001);
            Assert.IsTrue(PlugtestBench.IsFresher(last, reply));
            wrapped |= reply.UInt(CoapOption.Observe) < last.UInt(CoapOption.Observe);
            last = reply;
            if (reply.Type == CoapType.Con)
            {
                bench.Acknowledge(reply);
            }
        }

        Assert.IsTrue(wrapped);
    }

    [TestMethod]
    public static void A_notification_keeps_the_format_that_was_asked_for()
    {
        TestResource resource = new("r", "content", CoapFormat.Text, CoapFormat.Json);
        CoapBench bench = new([resource]);
        bench.Ask(bench.Con(CoapCode.Get, "r").UInt(CoapOption.Accept, CoapFormat.Json).Observe(0), "2.05");
        resource.Set("new");
        Assert.AreEqual((long)CoapFormat.Json, bench.Next(1).UInt(CoapOption.ContentFormat));
    }

    [TestMethod]
    public static void An_ETag_of_the_registration_makes_a_notification_2_03()
    {
        TestResource resource = new TestResource("r").With(sendsETag: true);
        CoapBench bench = new([resource]);
        byte[] etag = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Value(CoapOption.ETag);
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, etag).Observe(0), "2.03");
        Assert.IsTrue(reply.Has(CoapOption.Observe));
        resource.Set("other");
        CoapReply other = bench.Next(1);
        Assert.AreEqual("CON 2.05", other.ToString());
        bench.Acknowledge(other);
        resource.Set("content");
        CoapReply valid = bench.Next(3001);
        Assert.AreEqual("2.03", valid.Dotted);
        CollectionAssert.AreEqual(etag, valid.Value(CoapOption.ETag));
        Assert.IsTrue(valid.Has(CoapOption.Observe));
        Assert.AreEqual(0, valid.Payload.Length);
    }

    [DataRow(CoapCode.NotFound, "4.04")]
    [DataRow(CoapCode.InternalServerError, "5.00")]
    [DataRow(CoapCode.ServiceUnavailable, "5.03")]
    [TestMethod]
    public static void An_error_is_the_last_notification(int code, string dotted)
    {
        (CoapBench bench, TestResource resource) = Create();
        Register(bench);
        resource.ReadCode = code;
        resource.Touch();
        CoapReply end = bench.Next(1);
        Assert.AreEqual("CON " + dotted, end.ToString());
        Assert.IsFalse(end.Has(CoapOption.Observe));
        bench.Acknowledge(end);
        resource.ReadCode = CoapCode.Content;
        resource.Touch();
        Assert.AreEqual(0, bench.Advance(2_000_000).Length);
        Assert.AreEqual(0, bench.Server.Observers);
    }

    // 5.03 is not told while the handler only asks for time: the notification comes when it is ready
    [TestMethod]
    public static void A_resource_that_needs_time_defers_the_notification()
    {
        (CoapBench bench, TestResource resource) = Create();
        Register(bench);
        resource.ReadCode = CoapCode.Empty;
        resource.Set("measured");
        Assert.AreEqual(0, bench.Advance(10_500).Length);
        resource.ReadCode = CoapCode.Content;
        CoapReply reply = bench.Next(1001);
        Assert.AreEqual("measured", reply.Text);
        Assert.AreEqual(1, bench.Server.Observers);
    }

    // ---- section 4.3.1: Max-Age ----

    [TestMethod]
    public static void An_unchanged_state_is_told_again_when_its_Max_Age_ends()
    {
        (CoapBench bench, _) = Create();
        CoapReply last = Register(bench);
        Assert.AreEqual(900L, last.UInt(CoapOption.MaxAge));
        for (int i = 0; i < 20; i++)
        {
            CoapReply reply = bench.Next(900_001);
            Assert.AreEqual(last.AtMs + 900_000, reply.AtMs);
            Assert.AreEqual(900L, reply.UInt(CoapOption.MaxAge));
            Assert.AreEqual("content", reply.Text);
            Assert.IsTrue(PlugtestBench.IsFresher(last, reply));
            bench.Acknowledge(reply);
            last = reply;
        }
    }

    [TestMethod]
    public static void A_change_starts_Max_Age_anew_and_a_longer_one_of_the_resource_counts()
    {
        TestResource resource = new("r") { MaxAge = 1000 };
        CoapBench bench = new([resource]);
        Assert.AreEqual(1000L, Register(bench).UInt(CoapOption.MaxAge));
        bench.Pass(500_000);
        resource.Set("new");
        CoapReply changed = bench.Next(1);
        bench.Acknowledge(changed);
        Assert.AreEqual(changed.AtMs + 1_000_000, bench.Next(1_000_001).AtMs);
    }

    // ---- section 4.5: transmission ----

    [TestMethod]
    public static void The_first_notification_is_Confirmable_and_every_tenth_after_a_confirmation()
    {
        (CoapBench bench, TestResource resource) = Create();
        Register(bench);
        string types = "";
        for (int i = 0; i < 41; i++)
        {
            resource.Set("v" + i);
            CoapReply reply = bench.Next(3001);
            types += reply.Type == CoapType.Con ? 'C' : 'n';
            if (reply.Type == CoapType.Con)
            {
                bench.Acknowledge(reply);
            }
        }

        Assert.AreEqual("CnnnnnnnnnCnnnnnnnnnCnnnnnnnnnCnnnnnnnnnC", types);
    }

    [TestMethod]
    public static void After_ten_minutes_without_a_confirmation_the_next_notification_is_Confirmable()
    {
        (CoapBench bench, TestResource resource) = Create();
        Register(bench);
        resource.Set("first");
        bench.Acknowledge(bench.Next(1));
        bench.Pass(599_990);
        resource.Set("second");
        Assert.AreEqual(CoapType.Non, bench.Next(1).Type);
        bench.Pass(3001);
        resource.Set("third");
        Assert.AreEqual(CoapType.Con, bench.Next(1).Type);
    }

    // never longer than 24 hours, even if nothing changes
    [TestMethod]
    public static void In_24_hours_there_is_a_Confirmable_notification()
    {
        (CoapBench bench, _) = Create();
        Register(bench);
        long last = bench.Now;
        for (int i = 0; i < 200; i++)
        {
            CoapReply reply = bench.Next(900_001);
            if (reply.Type == CoapType.Con)
            {
                Assert.IsTrue(reply.AtMs - last <= 86_400_000);
                last = reply.AtMs;
                bench.Acknowledge(reply);
            }
        }

        Assert.IsTrue(bench.Now - last <= 86_400_000);
    }

    [TestMethod]
    public static void Non_confirmable_notifications_keep_three_seconds_between_them_and_tell_the_newest_state()
    {
        (CoapBench bench, TestResource resource) = Create();
        Register(bench);
        resource.Set("first");
        bench.Acknowledge(bench.Next(1));
        List<CoapReply> sent = [];
        for (int i = 0; i < 200; i++)
        {
            resource.Set("v" + i);
            sent.AddRange(bench.Advance(100));
        }

        Assert.IsTrue(sent.Count is 7 or 8, sent.Count + " notifications in 20 s");
        for (int i = 1; i < sent.Count; i++)
        {
            Assert.IsTrue(sent[i].AtMs - sent[i - 1].AtMs >= 3000 || sent[i - 1].Type == CoapType.Con);
        }

        // and the last state is told at the end, whatever came before
        CoapReply[] rest = bench.Advance(5000);
        Assert.AreEqual("v199", rest.Length > 0 ? rest[^1].Text : sent[^1].Text);
    }

    // section 4.5.2: what changes while a Confirmable notification is outstanding waits for its acknowledgement or takes its place when it is repeated
    [TestMethod]
    public static void While_one_is_outstanding_the_newest_value_takes_its_place_at_the_next_repeat()
    {
        (CoapBench bench, TestResource resource) = Create(confirms: true);
        Register(bench);
        resource.Set("one");
        CoapReply one = bench.Next(1);
        resource.Set("two");
        Assert.AreEqual(0, bench.Advance(1000).Length);
        resource.Set("three");
        CoapReply second = bench.Next(3000);
        long wait = second.AtMs - one.AtMs;
        Assert.IsTrue(wait is >= 2000 and <= 3000, "wait " + wait);
        Assert.AreEqual("three", second.Text);
        Assert.AreEqual("CON 2.05", second.ToString());
        Assert.AreNotEqual(one.MessageId, second.MessageId);
        Assert.IsTrue(PlugtestBench.IsFresher(one, second));

        // unchanged since: the same message; the waits and the count go on
        CoapReply third = bench.Next(6001);
        Assert.AreEqual(2 * wait, third.AtMs - second.AtMs);
        CollectionAssert.AreEqual(second.Bytes, third.Bytes);
        resource.Set("four");
        CoapReply fourth = bench.Next(12_001);
        Assert.AreEqual(4 * wait, fourth.AtMs - third.AtMs);
        Assert.AreEqual("four", fourth.Text);
        CoapReply fifth = bench.Next(24_001);
        Assert.AreEqual(8 * wait, fifth.AtMs - fourth.AtMs);
        Assert.AreEqual(0, bench.Advance((16 * wait) - 1).Length);
        Assert.AreEqual(1, bench.Server.Observers);
        bench.Pass(1);
        Assert.AreEqual(0, bench.Server.Observers);
        Assert.AreEqual(0, bench.Advance(2_000_000).Length);
    }

    [TestMethod]
    public static void What_changed_while_one_was_outstanding_is_told_with_its_acknowledgement()
    {
        (CoapBench bench, TestResource resource) = Create(confirms: true);
        Register(bench);
        resource.Set("one");
        CoapReply one = bench.Next(1);
        resource.Set("two");
        resource.Set("three");
        CoapReply[] next = bench.Acknowledge(one);
        Assert.AreEqual("three", next.Single().Text);
        Assert.AreEqual("CON 2.05", next[0].ToString());
        bench.Acknowledge(next[0]);
        Assert.AreEqual(0, bench.Advance(100_000).Length);
    }

    [TestMethod]
    public static void A_deletion_while_one_is_outstanding_ends_with_a_Confirmable_4_04_that_is_repeated()
    {
        (CoapBench bench, TestResource resource) = Create(confirms: true);
        Register(bench);
        resource.Set("one");
        bench.Next(1);
        resource.IsThere = false;
        resource.Touch();
        CoapReply end = bench.Next(3001);
        Assert.AreEqual("CON 4.04", end.ToString());
        CollectionAssert.AreEqual(end.Bytes, bench.Next(3001).Bytes);
        bench.Acknowledge(end);
        Assert.AreEqual(0, bench.Advance(200_000).Length);
    }

    // NSTART: two observations of one client, both Confirmable: one after the other
    [TestMethod]
    public static void One_client_has_one_Confirmable_notification_outstanding_over_all_its_observations()
    {
        TestResource r = new TestResource("r").With(confirms: true);
        TestResource s = new TestResource("s").With(confirms: true);
        CoapBench bench = new([r, s]);
        bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0), "2.05");
        bench.Ask(bench.Con(CoapCode.Get, "s").Observe(0), "2.05");
        bench.Ask(bench.Con(CoapCode.Get, "s").Observe(0), "2.05", Other);
        r.Touch();
        s.Touch();
        CoapReply[] sent = bench.Advance(1000);
        Assert.AreEqual(2, sent.Length);
        CoapReply mine = sent.Single(x => x.To == CoapBench.NameOf(CoapBench.Client));
        bench.Acknowledge(mine);
        CoapReply next = bench.Next(600);
        Assert.AreEqual(mine.To, next.To);
        Assert.IsFalse(mine.Token.SequenceEqual(next.Token));
    }

    [TestMethod]
    public static void Observers_of_one_resource_are_told_each_with_a_token_and_a_message_id_of_their_own()
    {
        (CoapBench bench, TestResource resource) = Create();
        for (int i = 0; i < 8; i++)
        {
            bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0), "2.05", CoapBench.Address(10 + i));
        }

        resource.Set("new");
        CoapReply[] sent = bench.Advance(1);
        Assert.AreEqual(8, sent.Length);
        Assert.AreEqual(8, sent.Select(r => r.MessageId).Distinct().Count());
        Assert.AreEqual(8, sent.Select(r => r.To).Distinct().Count());
        Assert.AreEqual(8, sent.Select(r => Convert.ToHexString(r.Token)).Distinct().Count());
    }

    private static (CoapBench Bench, TestResource Resource) Create(bool confirms = false)
    {
        TestResource resource = new TestResource("r").With(confirms: confirms);
        return (new CoapBench([resource]), resource);
    }

    private static CoapReply Register(CoapBench bench) => bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0), "2.05");
}

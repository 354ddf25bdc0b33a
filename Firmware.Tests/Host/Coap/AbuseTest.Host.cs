// What it takes several datagrams to try: full tables, forged addresses, floods. Whatever comes, nothing is allocated and others are served.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class AbuseTest
{
    private static readonly DatagramAddress Other = CoapBench.Address(2);

    [TestMethod]
    public static void A_copy_of_a_Confirmable_request_gets_the_same_reply_and_runs_once()
    {
        foreach (int method in new[] { CoapCode.Get, CoapCode.Put, CoapCode.Post, CoapCode.Delete })
        {
            TestResource resource = new("r");
            CoapBench bench = new([resource]);
            CoapDatagram request = bench.Con(method, "r").Payload("x");
            byte[] reply = bench.Ask(request).Bytes;
            resource.Set("changed meanwhile");
            for (int i = 0; i < 4; i++)
            {
                bench.Pass(10_000);
                CollectionAssert.AreEqual(reply, bench.Ask(request).Bytes);
            }

            Assert.AreEqual(1, resource.Reads + resource.Changes);
            Assert.AreEqual(4, bench.Endpoint.Duplicates);

            // another endpoint with the same message ID and token is another request
            bench.Ask(request, Other);
            Assert.AreEqual(2, resource.Reads + resource.Changes);
        }
    }

    [TestMethod]
    public static void A_copy_of_a_Non_confirmable_request_is_silent_and_runs_once()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource]);
        CoapDatagram request = bench.Non(CoapCode.Post, "r");
        bench.Ask(request, "2.04");
        Assert.AreEqual(0, bench.Send(request).Length);
        Assert.AreEqual(1, resource.Changes);
    }

    [TestMethod]
    public static void A_block_that_comes_again_under_a_new_message_id_is_answered_again()
    {
        foreach (bool takesBlocks in new[] { false, true })
        {
            TestResource resource = new TestResource("r") { KeepsBody = true }.With(takesBlocks);
            CoapBench bench = new([resource]);
            byte[] body = [.. Enumerable.Range(0, 40).Select(i => (byte)i)];
            CoapDatagram Block(int number, bool more) => bench.Con(CoapCode.Post, "r").Block1(number, more, 0).Payload(body.AsSpan(number * 16, Math.Min(16, 40 - (number * 16))));
            bench.Ask(Block(0, true), "2.31");
            bench.Ask(Block(1, true), "2.31");
            CoapReply again = bench.Ask(Block(1, true), "2.31");
            Assert.AreEqual("1/1/0", again.Block(CoapOption.Block1));
            bench.Ask(Block(2, false), "2.04");
            again = bench.Ask(Block(2, false), "2.04");
            Assert.AreEqual("2/0/0", again.Block(CoapOption.Block1));
            Assert.AreEqual(1, resource.Changes);
            CollectionAssert.AreEqual(body, resource.Body.ToArray());
        }
    }

    [TestMethod]
    public static void With_all_exchanges_taken_what_must_not_run_twice_is_5_03_with_Max_Age_and_GET_is_served()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 4, Spent = 4 });
        for (int i = 0; i < 8; i++)
        {
            Assert.AreEqual("2.04", PostProved(bench, CoapBench.Address(10 + i)).Dotted);
            bench.Pass(1000);
        }

        CoapReply reply = PostProved(bench, CoapBench.Client);
        Assert.AreEqual("5.03", reply.Dotted);
        Assert.IsTrue(reply.UInt(CoapOption.MaxAge) is >= 238 and <= 240, "Max-Age " + reply.UInt(CoapOption.MaxAge));
        Assert.AreEqual(8, resource.Changes);
        for (int i = 0; i < 20; i++)
        {
            bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05");
        }

        // when the time has come that it named, there is room
        bench.Pass(reply.UInt(CoapOption.MaxAge) * 1000);
        Assert.AreEqual("2.04", PostProved(bench, CoapBench.Client).Dotted);
        Assert.AreEqual(9, resource.Changes);
    }

    // the last quarter of the places is for those who return an Echo value; what was asked for one does not run when a copy of it comes
    [TestMethod]
    public static void Forged_POSTs_cannot_lock_out_who_proves_his_address()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 8, Spent = 8 });
        for (int i = 0; i < 200; i++)
        {
            bench.Send(bench.Con(CoapCode.Post, "r"), CoapBench.Address(100 + i));
        }

        Assert.AreEqual(12, resource.Changes);
        CoapDatagram first = bench.Con(CoapCode.Post, "r");
        byte[] echo = bench.Ask(first, "4.01").Value(CoapOption.Echo);
        bench.Ask(bench.Con(CoapCode.Post, "r").Option(CoapOption.Echo, echo), "2.04");
        Assert.AreEqual(13, resource.Changes);
        for (int i = 0; i < 8; i++)
        {
            // although the address is proved now, and the others' places become free meanwhile
            Assert.AreEqual("4.01", bench.Ask(first).Dotted);
            bench.Pass(30_000);
        }

        Assert.AreEqual(13, resource.Changes);
        // an exchange lifetime after the last of them all is forgotten
        bench.Pass(247_000);
        bench.Ask(bench.Con(CoapCode.Post, "r"), "2.04");
    }

    [TestMethod]
    public static void What_lost_its_reply_to_others_still_does_not_run_twice()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 4, Spent = 8 });
        CoapDatagram first = bench.Con(CoapCode.Post, "r");
        bench.Ask(first, "2.04");
        for (int i = 0; i < 5; i++)
        {
            bench.Ask(bench.Con(CoapCode.Post, "r"), "2.04", CoapBench.Address(10 + i));
        }

        Assert.AreEqual(0, bench.Send(first).Length);
        Assert.AreEqual(6, resource.Changes);

        // the message ID is free again after EXCHANGE_LIFETIME
        bench.Pass(247_000);
        bench.Ask(first, "2.04");
        Assert.AreEqual(7, resource.Changes);
    }

    [TestMethod]
    public static void One_endpoint_holds_half_of_the_protection_at_the_most()
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 8, Spent = 8 });
        int served = 0;
        for (int i = 0; i < 100; i++)
        {
            served += bench.Ask(bench.Con(CoapCode.Post, "r")).Dotted == "2.04" ? 1 : 0;
        }

        Assert.AreEqual(8, served);
        bench.Ask(bench.Con(CoapCode.Post, "r"), "2.04", Other);
    }

    [TestMethod]
    public static void With_all_transfers_taken_a_further_one_is_5_03_with_Max_Age()
    {
        CoapBench bench = new([new TestResource("r"), new TestResource("s").With(takesBlocks: true)]);
        byte[] block = new byte[16];
        for (int i = 0; i < 2; i++)
        {
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(block), "2.31", CoapBench.Address(10 + i));
        }

        foreach (string path in new[] { "r", "s" })
        {
            CoapReply reply = bench.Ask(bench.Con(CoapCode.Put, path).Block1(0, true, 0).Payload(block), "5.03");
            Assert.AreEqual(93L, reply.UInt(CoapOption.MaxAge));
        }

        bench.Ask(bench.Con(CoapCode.Put, "r").Payload("short"), "2.04");
        bench.Pass(93_000);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(block), "2.31");
    }

    [TestMethod]
    public static void With_all_observers_taken_a_registration_is_a_plain_GET()
    {
        CoapBench bench = new([new TestResource("r")]);
        for (int i = 0; i < 8; i++)
        {
            Assert.IsTrue(bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0), "2.05", CoapBench.Address(10 + i)).Has(CoapOption.Observe));
        }

        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r").Observe(0), "2.05");
        Assert.AreEqual("content", reply.Text);
        Assert.IsFalse(reply.Has(CoapOption.Observe));
        Assert.AreEqual(8, bench.Server.Observers);
    }

    [TestMethod]
    public static void The_same_endpoint_and_token_registers_in_place()
    {
        CoapBench bench = new([new TestResource("r"), new TestResource("s")]);
        long last = -1;
        for (int i = 0; i < 20; i++)
        {
            string path = i % 2 == 0 ? "r" : "s";
            CoapReply reply = bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), 1, 2).Path(path).Observe(0), "2.05");
            Assert.IsTrue(reply.UInt(CoapOption.Observe) > last);
            last = reply.UInt(CoapOption.Observe);
            Assert.AreEqual(1, bench.Server.Observers);
        }

        // another token is another observation, and so is another endpoint
        bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), 1).Path("r").Observe(0), "2.05");
        bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), 1, 2).Path("r").Observe(0), "2.05", Other);
        Assert.AreEqual(3, bench.Server.Observers);
    }

    [TestMethod]
    public static void An_address_that_is_not_proved_gets_136_bytes_or_three_times_its_request()
    {
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        CoapBench bench = PlugtestBench.Create(options);
        foreach (string path in new[] { "large", ".well-known/core", "obs-large", "obs-pumping", "test", "query", "separate", "large-update", "path" })
        {
            foreach (int length in new[] { 0, 1, 8 })
            {
                foreach (int szx in new[] { -1, 0, 3, 6 })
                {
                    foreach (bool observes in new[] { false, true })
                    {
                        CoapDatagram request = new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), new byte[length]).Path(path);
                        request = szx < 0 ? request : request.Block2(0, szx);
                        request = observes ? request.Observe(0) : request;
                        DatagramAddress victim = CoapBench.Address(100 + bench.NextId());
                        CoapReply[] replies = bench.Send(request, victim);
                        Assert.AreEqual(1, replies.Length);
                        Assert.IsTrue(replies[0].Bytes.Length <= 136, $"{path}: {replies[0].Bytes.Length} B for {request.ToBytes().Length} B");
                        if (replies[0].Has(CoapOption.Observe))
                        {
                            CoapReply[] later = bench.Advance(PlugtestBench.Period);
                            Assert.IsTrue(later.All(r => r.Bytes.Length <= 136));
                            bench.Reset(later.Last(r => r.To == replies[0].To), victim);
                        }
                    }
                }
            }
        }
    }

    [TestMethod]
    public static void What_cannot_be_made_short_is_4_01_with_Echo_and_served_with_it()
    {
        // a query of 120 bytes comes back, and is more than 136 with the rest, but less than three times the request
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 1;
        options.Parameters.FreeReplyBytes = 40;
        CoapBench bench = PlugtestBench.Create(options);
        CoapReply refused = bench.Ask(bench.Con(CoapCode.Get, "query").Query("a"), "4.01");
        Assert.IsTrue(refused.Bytes.Length <= 40);
        byte[] echo = refused.Value(CoapOption.Echo);
        CoapReply served = bench.Ask(bench.Con(CoapCode.Get, "query").Query("a").Option(CoapOption.Echo, echo), "2.05");
        Assert.AreEqual("query: a", served.Text);
    }

    // ---- floods ----

    [DataRow("one endpoint", 1)]
    [DataRow("10,000 endpoints", 10_000)]
    [TestMethod]
    public static void A_flood_allocates_nothing_and_others_are_served(string from, int endpoints)
    {
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        TestResource resource = new TestResource("r").With(takesBlocks: false);
        CoapBench bench = new([resource, new TestResource("s")], options) { IsSilent = true };
        byte[] block = new byte[16];
        byte[][] flood =
        [
            bench.Con(CoapCode.Post, "r").Payload("x").ToBytes(),
            bench.Non(CoapCode.Put, "r").Payload("x").ToBytes(),
            bench.Con(CoapCode.Get, "r").Observe(0).ToBytes(),
            bench.Non(CoapCode.Get, "r").Observe(0).ToBytes(),
            bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(block).ToBytes(),
            bench.Con(CoapCode.Put, "r").Block1(3, true, 0).Payload(block).ToBytes(),
            bench.Con(CoapCode.Delete, "none").ToBytes(),
            bench.Con(31, "r").ToBytes(),
            CoapHex.Parse("40 00 12 34"),
            CoapHex.Parse("40 45 12 34 FF 'x'"),
            CoapHex.Parse("40 01 12 34 F0"),
            [.. CoapHex.Parse("40 01 12 34 B1 'r' 40"), .. new byte[200]],
        ];
        byte[] legitimate = bench.Con(CoapCode.Get, "s").ToBytes();
        DatagramAddress attacker = CoapBench.Address(1000);
        Run(2000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int served = Run(40_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated, from);
        Assert.AreEqual(400, served, from);

        int Run(int datagrams)
        {
            int answered = 0;
            for (int i = 0; i < datagrams; i++)
            {
                byte[] datagram = flood[i % flood.Length];
                datagram[2] = (byte)(i >> 8);
                datagram[3] = (byte)i;
                int number = 1000 + (i * 7919 % endpoints);
                attacker.Address[2] = (byte)(number >> 8);
                attacker.Address[3] = (byte)number;
                bench.Deliver(datagram, attacker);
                if (i % 10 == 0)
                {
                    bench.Pass(1);
                    resource.Touch();
                }

                if (i % 100 == 0)
                {
                    legitimate[2] = (byte)(i >> 12);
                    legitimate[3] = (byte)(i >> 4);
                    bench.Deliver(legitimate, CoapBench.Client);
                    ReadOnlySpan<byte> last = bench.Last;
                    answered += last[1] == CoapCode.Content && last[2] == legitimate[2] && last[3] == legitimate[3] ? 1 : 0;
                }
            }

            return answered;
        }
    }

    // what a flood of forged registrations leaves of the observer table: who proves his address takes the place of one who never answered
    [TestMethod]
    public static void Forged_registrations_give_way_to_an_observer_who_proves_his_address()
    {
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        CoapBench bench = PlugtestBench.Create(options);
        for (int i = 0; i < 50; i++)
        {
            bench.Ask(bench.Con(CoapCode.Get, "obs").Observe(0), "2.05", CoapBench.Address(100 + i));
        }

        CoapReply full = bench.Ask(bench.Con(CoapCode.Get, "obs").Observe(0), "2.05");
        Assert.IsFalse(full.Has(CoapOption.Observe));
        byte[] echo = full.Value(CoapOption.Echo);
        CoapReply registered = bench.Ask(bench.Con(CoapCode.Get, "obs").Observe(0).Option(CoapOption.Echo, echo), "2.05");
        Assert.IsTrue(registered.Has(CoapOption.Observe));
    }

    // after all of it: what was taken by a flood is free again, unsafe requests, registrations and uploads included
    [TestMethod]
    public static void After_a_flood_everything_is_free_again()
    {
        CoapBench bench = PlugtestBench.Create();
        byte[] block = new byte[16];
        for (int i = 0; i < 300; i++)
        {
            DatagramAddress attacker = CoapBench.Address(1000 + i);
            bench.Send(bench.Con(CoapCode.Post, "test").Payload("x"), attacker);
            bench.Send(bench.Con(CoapCode.Get, "obs").Observe(0), attacker);
            bench.Send(bench.Con(CoapCode.Put, "large-update").Block1(0, true, 0).Payload(block), attacker);
            bench.Send(bench.Con(CoapCode.Get, "separate"), attacker);
        }

        bench.Ask(bench.Con(CoapCode.Post, "test").Payload("x"), "4.01");
        bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05");
        bench.Pass(250_000);
        bench.Ask(bench.Con(CoapCode.Post, "test").Payload("mine"), "2.01");
        Assert.AreEqual("2.04", PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Put, "large-update"), new byte[200], 2).Dotted);
        PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        Assert.AreEqual("ACK 0.00", bench.Ask(bench.Con(CoapCode.Get, "separate")).ToString());
        Assert.AreEqual("CON 2.05", bench.Next(4000).ToString());
    }

    private static CoapReply PostProved(CoapBench bench, DatagramAddress from)
    {
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Post, "r"), from);
        return reply.Dotted == "4.01" ? bench.Ask(bench.Con(CoapCode.Post, "r").Option(CoapOption.Echo, reply.Value(CoapOption.Echo)), from) : reply;
    }
}

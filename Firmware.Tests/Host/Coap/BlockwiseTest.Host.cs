// Block-wise transfers (RFC 7959, RFC 8132 section 2, RFC 9175 section 3) beyond the plugtest descriptions.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class BlockwiseTest
{
    private static readonly DatagramAddress Other = CoapBench.Address(2);

    // ---- section 2.2 and 2.4: blocks of a response ----

    // length of the body, size exponent: how many blocks
    [DataRow(0, 0, 1)]
    [DataRow(1, 0, 1)]
    [DataRow(15, 0, 1)]
    [DataRow(16, 0, 1)]
    [DataRow(17, 0, 2)]
    [DataRow(32, 0, 2)]
    [DataRow(33, 1, 2)]
    [DataRow(1024, 6, 1)]
    [DataRow(1025, 6, 2)]
    [DataRow(1024, 5, 2)]
    [DataRow(1000, 2, 16)]
    [TestMethod]
    public static void A_body_has_as_many_blocks_as_it_takes(int length, int szx, int blocks)
    {
        TestResource resource = new("r") { Content = Body(length) };
        CoapBench bench = new([resource]);
        List<byte> body = [];
        for (int i = 0; i < blocks; i++)
        {
            CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r").Block2(i, szx), "2.05");
            Assert.AreEqual($"{i}/{(i < blocks - 1 ? 1 : 0)}/{szx}", reply.Block(CoapOption.Block2));
            Assert.AreEqual(i == 0 && blocks > 1 ? (long)length : -1L, reply.UInt(CoapOption.Size2));
            body.AddRange(reply.Payload);
        }

        CollectionAssert.AreEqual(resource.Content, body.ToArray());

        // behind the end there is nothing
        bench.Ask(bench.Con(CoapCode.Get, "r").Block2(blocks, szx), "4.00");
    }

    [DataRow(1024, false)]
    [DataRow(1025, true)]
    [TestMethod]
    public static void The_server_begins_blocks_when_one_message_is_not_enough(int length, bool blocks)
    {
        CoapBench bench = new([new TestResource("r") { Content = Body(length) }]);
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05");
        Assert.AreEqual(blocks ? "0/1/6" : "-", reply.Block(CoapOption.Block2));
        Assert.AreEqual(1024, reply.Payload.Length);
        Assert.AreEqual(blocks ? (long)length : -1L, reply.UInt(CoapOption.Size2));
    }

    // a server with small messages answers with smaller blocks, from the same byte
    [DataRow(128, 1)]
    [DataRow(200, 3)]
    [DataRow(400, 4)]
    [DataRow(700, 5)]
    [TestMethod]
    public static void The_size_is_what_fits_the_servers_messages(int maxMessage, int szx)
    {
        TestResource resource = new("r") { Content = Body(2000) };
        CoapBench bench = new([resource], new BenchOptions { MaxMessage = maxMessage });
        (byte[] body, int used, _) = PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "r"), 6);
        Assert.AreEqual(szx, used);
        CollectionAssert.AreEqual(resource.Content, body);
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r").Block2(1, 6), "2.05");
        Assert.AreEqual($"{1 << (6 - szx)}/1/{szx}", reply.Block(CoapOption.Block2));
        CollectionAssert.AreEqual(resource.Content[1024..(1024 + (16 << szx))], reply.Payload);
    }

    // section 2.4: the client sees by the ETag that blocks do not belong together
    [TestMethod]
    public static void A_change_between_two_blocks_shows_in_the_ETag()
    {
        TestResource resource = new("r") { Content = Body(100) };
        CoapBench bench = new([resource]);
        byte[] Tag(int number) => bench.Ask(bench.Con(CoapCode.Get, "r").Block2(number, 0), "2.05").Value(CoapOption.ETag);
        string first = Convert.ToHexString(Tag(0));
        Assert.AreEqual(first, Convert.ToHexString(Tag(1)));
        resource.Content[99]++;
        Assert.AreNotEqual(first, Convert.ToHexString(Tag(2)));
        Assert.AreEqual(Convert.ToHexString(Tag(0)), Convert.ToHexString(Tag(6)));
    }

    [TestMethod]
    public static void An_ETag_of_the_request_makes_a_block_wise_answer_2_03_without_a_block()
    {
        CoapBench bench = new([new TestResource("r") { Content = Body(2000) }]);
        byte[] etag = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Value(CoapOption.ETag);
        CoapReply valid = bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, etag), "2.03");
        Assert.AreEqual("-", valid.Block(CoapOption.Block2));
        Assert.AreEqual(0, valid.Payload.Length);
    }

    // ---- section 2.5: blocks of a request ----

    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [TestMethod]
    public static void A_body_in_blocks_reaches_the_resource_whole(int szx)
    {
        foreach (bool takesBlocks in new[] { false, true })
        {
            foreach (int length in new[] { 1, 16 << szx, (16 << szx) + 1, 3 * (16 << szx), 4000 })
            {
                if (takesBlocks || length <= 1024)
                {
                    TestResource resource = new TestResource("r") { KeepsBody = true }.With(takesBlocks, maxBody: 4096);
                    CoapBench bench = new([resource]);
                    CoapReply last = PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Put, "r").UInt(CoapOption.Size1, (uint)length), Body(length), szx);
                    Assert.AreEqual("2.04", last.Dotted);
                    CollectionAssert.AreEqual(Body(length), resource.Body.ToArray());
                    Assert.AreEqual(1, resource.Changes);
                }
            }
        }
    }

    // a long POST in the smallest blocks: more of them than there are exchanges to remember
    [TestMethod]
    public static void A_POST_may_have_more_blocks_than_there_are_exchanges()
    {
        TestResource resource = new TestResource("r") { KeepsBody = true }.With(takesBlocks: true, maxBody: 4096);
        CoapBench bench = new([resource], new BenchOptions { Exchanges = 4, Spent = 4 });
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual("2.04", PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Post, "r"), Body(4096), 0).Dotted);
        }

        Assert.AreEqual(3, resource.Changes);
    }

    [TestMethod]
    public static void Nothing_is_done_before_the_last_block()
    {
        foreach (bool takesBlocks in new[] { false, true })
        {
            TestResource resource = new TestResource("r") { KeepsBody = true }.With(takesBlocks);
            CoapBench bench = new([resource]);
            for (int i = 0; i < 5; i++)
            {
                bench.Ask(bench.Con(CoapCode.Put, "r").Block1(i, true, 0).Payload(Body(16)), "2.31");
            }

            Assert.AreEqual(0, resource.Changes);
        }
    }

    [TestMethod]
    public static void Block_0_begins_anew()
    {
        foreach (bool takesBlocks in new[] { false, true })
        {
            TestResource resource = new TestResource("r") { KeepsBody = true }.With(takesBlocks);
            CoapBench bench = new([resource]);
            byte[] old = [.. Enumerable.Repeat((byte)'o', 16)];
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(old), "2.31");
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(1, true, 0).Payload(old), "2.31");
            Assert.AreEqual("2.04", PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Put, "r"), Body(40), 0).Dotted);
            CollectionAssert.AreEqual(Body(40), resource.Body.ToArray());
        }
    }

    // what is sent, after block 0 with szx 1 was taken
    [DataRow(2, true, 1, 32, "4.08")]
    [DataRow(5, false, 1, 5, "4.08")]
    [DataRow(1, true, 1, 31, "4.00")]
    [DataRow(1, true, 1, 33, "4.00")]
    [DataRow(1, false, 1, 33, "4.00")]
    [DataRow(1, true, 1, 32, "2.31")]
    [DataRow(1, false, 1, 32, "2.04")]
    [DataRow(2, true, 0, 16, "2.31")]
    [DataRow(1, true, 0, 16, "2.31")]
    [DataRow(3, true, 0, 16, "4.08")]
    [TestMethod]
    public static void A_block_must_follow_the_last_one_and_have_its_size(int number, bool more, int szx, int length, string code)
    {
        TestResource resource = new("r");
        CoapBench bench = new([resource]);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 1).Payload(Body(32)), "2.31");
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Put, "r").Block1(number, more, szx).Payload(Body(length)), code);
        Assert.AreEqual($"{number}/{(more ? 1 : 0)}/{szx}", reply.Block(CoapOption.Block1));
    }

    // a client may make its blocks smaller on the way (section 2.3), not leave bytes out
    [TestMethod]
    public static void The_size_may_shrink_within_a_body()
    {
        TestResource resource = new("r") { KeepsBody = true };
        CoapBench bench = new([resource]);
        byte[] body = Body(200);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 3).Payload(body.AsSpan(0, 128)), "2.31");
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(4, true, 1).Payload(body.AsSpan(128, 32)), "2.31");
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(10, true, 0).Payload(body.AsSpan(160, 16)), "2.31");
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(11, true, 0).Payload(body.AsSpan(176, 16)), "2.31");
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(12, false, 0).Payload(body.AsSpan(192, 8)), "2.04");
        CollectionAssert.AreEqual(body, resource.Body.ToArray());
    }

    // the limit of the resource, of the server's buffer; by Size1, by the body that grows too long, in one message
    [DataRow(true, 100, 1024)]
    [DataRow(false, 100, 1024)]
    [DataRow(false, 1024, 100)]
    [TestMethod]
    public static void A_body_that_is_too_long_is_4_13_with_Size1(bool takesBlocks, int maxBody, int transferBytes)
    {
        TestResource resource = new TestResource("r").With(takesBlocks, maxBody);
        BenchOptions options = new();
        options.Server.TransferBytes = transferBytes;
        CoapBench bench = new([resource], options);
        CoapReply announced = bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 1).UInt(CoapOption.Size1, 101).Payload(Body(32)), "4.13");
        Assert.AreEqual(100L, announced.UInt(CoapOption.Size1));
        Assert.AreEqual("0/1/1", announced.Block(CoapOption.Block1));
        for (int i = 0; i < 3; i++)
        {
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(i, true, 1).Payload(Body(32)), "2.31");
        }

        CoapReply grown = bench.Ask(bench.Con(CoapCode.Put, "r").Block1(3, true, 1).Payload(Body(32)), "4.13");
        Assert.AreEqual(100L, grown.UInt(CoapOption.Size1));
        if (maxBody == 100)
        {
            Assert.AreEqual(100L, bench.Ask(bench.Con(CoapCode.Put, "r").Payload(Body(101)), "4.13").UInt(CoapOption.Size1));
            bench.Ask(bench.Con(CoapCode.Put, "r").Payload(Body(100)), "2.04");
        }
    }

    [TestMethod]
    public static void Two_clients_send_bodies_to_one_resource_at_the_same_time_if_the_server_puts_them_together()
    {
        TestResource resource = new("r") { KeepsBody = true };
        CoapBench bench = new([resource]);
        byte[] mine = Body(48);
        byte[] theirs = [.. mine.Reverse()];
        for (int i = 0; i < 3; i++)
        {
            string code = i < 2 ? "2.31" : "2.04";
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(i, i < 2, 0).Payload(mine.AsSpan(16 * i, 16)), code);
            if (i == 2)
            {
                CollectionAssert.AreEqual(mine, resource.Body.ToArray());
            }

            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(i, i < 2, 0).Payload(theirs.AsSpan(16 * i, 16)), code, Other);
        }

        CollectionAssert.AreEqual(theirs, resource.Body.ToArray());
    }

    [TestMethod]
    public static void A_resource_that_takes_blocks_takes_one_body_at_a_time()
    {
        TestResource resource = new TestResource("r") { KeepsBody = true }.With(takesBlocks: true);
        CoapBench bench = new([resource]);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "2.31");
        Assert.AreEqual(93L, bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "5.03", Other).UInt(CoapOption.MaxAge));
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(1, false, 0).Payload(Body(3)), "2.04");
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "2.31", Other);
    }

    // what makes two bodies of one client different ones: Request-Tag, method, path, query, Content-Format; Size1 and the blocks do not
    [TestMethod]
    public static void Request_Tag_and_the_cache_key_tell_bodies_apart()
    {
        Func<CoapDatagram, CoapDatagram>[] others =
        [
            m => m.Option(CoapOption.RequestTag, 1), m => m.Option(CoapOption.RequestTag), m => m.Query("a"), m => m.UInt(CoapOption.ContentFormat, 50), m => m.Option(CoapOption.IfMatch),
        ];
        foreach (Func<CoapDatagram, CoapDatagram> other in others)
        {
            TestResource resource = new("r") { KeepsBody = true };
            CoapBench bench = new([resource]);
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "2.31");
            bench.Ask(other(bench.Con(CoapCode.Put, "r")).Block1(1, false, 0).Payload(Body(4)), "4.08");
            bench.Ask(other(bench.Con(CoapCode.Put, "r")).Block1(0, true, 0).Payload(Body(16)), "2.31");
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(1, false, 0).UInt(CoapOption.Size1, 18).Payload(Body(2)), "2.04");
            Assert.AreEqual(18, resource.Body.Count);
            bench.Ask(other(bench.Con(CoapCode.Put, "r")).Block1(1, false, 0).Payload(Body(4)), "2.04");
            Assert.AreEqual(20, resource.Body.Count);
        }

        CoapBench methods = new([new TestResource("r"), new TestResource("s")]);
        methods.Ask(methods.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "2.31");
        methods.Ask(methods.Con(CoapCode.Post, "r").Block1(1, false, 0).Payload(Body(4)), "4.08");
        methods.Ask(methods.Con(CoapCode.Put, "s").Block1(1, false, 0).Payload(Body(4)), "4.08");
        methods.Ask(methods.Con(CoapCode.Put, "r").Block1(1, false, 0).Payload(Body(4)), "4.08", Other);
    }

    [TestMethod]
    public static void A_body_that_rests_for_EXCHANGE_LIFETIME_is_forgotten()
    {
        CoapBench bench = new([new TestResource("r")]);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "2.31");
        bench.Pass(246_999);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(1, true, 0).Payload(Body(16)), "2.31");
        bench.Pass(247_000);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(2, false, 0).Payload(Body(16)), "4.08");
    }

    // ---- section 3.3: blocks both ways ----

    [TestMethod]
    public static void An_answer_to_a_short_POST_may_be_long()
    {
        TestResource resource = new("r") { Answer = Body(3000) };
        CoapBench bench = new([resource]);
        CoapReply first = bench.Ask(bench.Con(CoapCode.Post, "r").Payload("x"), "2.04");
        Assert.AreEqual("0/1/6", first.Block(CoapOption.Block2));
        Assert.AreEqual((long)CoapFormat.Octets, first.UInt(CoapOption.ContentFormat));
        CollectionAssert.AreEqual(resource.Answer, PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Post, "r").UInt(CoapOption.ContentFormat, 0), -1, "2.04", first).Body);
        Assert.AreEqual(1, resource.Changes);
    }

    [TestMethod]
    public static void A_further_block_of_an_answer_that_nobody_began_is_4_08_and_does_nothing()
    {
        TestResource resource = new("r") { Answer = Body(3000) };
        CoapBench bench = new([resource]);
        bench.Ask(bench.Con(CoapCode.Post, "r").Block2(1, 6), "4.08");
        bench.Ask(bench.Con(CoapCode.Post, "r"), "2.04");
        bench.Ask(bench.Con(CoapCode.Post, "r").Block2(1, 6), "4.08", Other);
        Assert.AreEqual(1, resource.Changes);
    }

    // ---- RFC 8132: FETCH ----

    [TestMethod]
    public static void A_FETCH_has_a_long_answer_with_its_payload_repeated_or_left_out()
    {
        foreach (bool repeats in new[] { true, false })
        {
            TestResource resource = new("r") { Content = Body(2500) };
            CoapBench bench = new([resource]);
            CoapDatagram Request() => bench.Con(CoapCode.Fetch, "r").UInt(CoapOption.ContentFormat, 0);
            CoapReply first = bench.Ask(Request().Payload("select "u8), "2.05");
            byte[] body = PlugtestBench.ReadBlocks(bench, () => repeats ? Request().Payload("select "u8) : Request(), -1, first: first).Body;
            CollectionAssert.AreEqual((byte[])[.. "select "u8, .. resource.Content], body);
        }
    }

    [TestMethod]
    public static void A_FETCH_without_its_payload_and_without_a_beginning_is_4_08()
    {
        CoapBench bench = new([new TestResource("r") { Content = Body(2500) }]);
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Block2(1, 6), "4.08");
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Payload("a"u8), "2.05");
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Block2(1, 6), "4.08", Other);
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Query("q").Block2(1, 6), "4.08");
    }

    [TestMethod]
    public static void FETCHes_that_are_too_long_to_be_kept_take_no_place_from_uploads()
    {
        CoapBench bench = new([new TestResource("r") { Content = Body(2500) }]);
        for (int i = 0; i < 4; i++)
        {
            bench.Ask(bench.Con(CoapCode.Fetch, "r").Payload(Body(200)), "2.05", CoapBench.Address(10 + i));
        }

        for (int i = 0; i < 2; i++)
        {
            bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(Body(16)), "2.31", CoapBench.Address(10 + i));
        }
    }

    [TestMethod]
    public static void A_FETCH_with_its_selection_in_blocks_is_4_13()
    {
        CoapBench bench = new([new TestResource("r")]);
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Block1(0, true, 0).Payload(Body(16)), "4.13");
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Block1(1, false, 0).Payload(Body(16)), "4.13");
        bench.Ask(bench.Con(CoapCode.Fetch, "r").Block1(0, false, 0).Payload(Body(16)), "2.05");
    }

    private static byte[] Body(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i ^ (i >> 8)))];
}

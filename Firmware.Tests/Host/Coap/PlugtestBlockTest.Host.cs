// The ETSI plugtest descriptions TD_COAP_BLOCK_01 to 06.

using System.Text;
using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class PlugtestBlockTest
{
    private const int LargeLength = 50 * 32;

    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [TestMethod]
    public static void TD_COAP_BLOCK_01_06_GET_of_a_large_resource_with_the_size_that_the_client_wishes(int szx)
    {
        CoapBench bench = PlugtestBench.Create();
        (byte[] body, int used, int blocks) = PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "large"), szx);
        Assert.AreEqual(szx, used);
        Assert.AreEqual((LargeLength + (16 << szx) - 1) / (16 << szx), blocks);
        CheckLarge(body);
    }

    [TestMethod]
    public static void TD_COAP_BLOCK_02_GET_of_a_large_resource_with_the_size_that_the_server_chooses()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply first = bench.Ask(bench.Con(CoapCode.Get, "large"), "2.05");
        Assert.AreEqual("0/1/6", first.Block(CoapOption.Block2));
        Assert.AreEqual((long)LargeLength, first.UInt(CoapOption.Size2));
        CheckLarge(PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "large"), -1, first: first).Body);
    }

    // late negotiation: the first block of 1024 stays, the client goes on behind it with a smaller size
    [DataRow(0)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(5)]
    [TestMethod]
    public static void TD_COAP_BLOCK_02_GET_of_a_large_resource_with_a_smaller_size_from_the_second_request_on(int szx)
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "large"), "2.05");
        List<byte> body = [.. reply.Payload];
        int number = 1 << (6 - szx);
        bool more = true;
        for (; more; number++)
        {
            reply = bench.Ask(bench.Con(CoapCode.Get, "large").Block2(number, szx), "2.05");
            more = body.Count + (16 << szx) < LargeLength;
            Assert.AreEqual($"{number}/{(more ? 1 : 0)}/{szx}", reply.Block(CoapOption.Block2));
            body.AddRange(reply.Payload);
        }

        CheckLarge([.. body]);
    }

    [DataRow(0)]
    [DataRow(2)]
    [DataRow(6)]
    [TestMethod]
    public static void TD_COAP_BLOCK_03_PUT_of_a_large_body(int szx)
    {
        CoapBench bench = PlugtestBench.Create();
        byte[] body = Body(2000);
        CoapReply last = PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Put, "large-update").UInt(CoapOption.ContentFormat, 0), body, szx);
        Assert.AreEqual("2.04", last.Dotted);
        CollectionAssert.AreEqual(body, PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "large-update"), 6).Body);
    }

    [DataRow(1)]
    [DataRow(6)]
    [TestMethod]
    public static void TD_COAP_BLOCK_04_POST_of_a_large_body_creates_a_resource(int szx)
    {
        CoapBench bench = PlugtestBench.Create();
        byte[] body = Body(1500);
        CoapReply last = PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Post, "large-create").UInt(CoapOption.ContentFormat, 0), body, szx);
        Assert.AreEqual("2.01", last.Dotted);
        string[] location = last.Texts(CoapOption.LocationPath);
        Assert.AreEqual(2, location.Length);
        Assert.AreEqual("large-create", location[0]);
        Assert.IsFalse(location[1].Contains('/') || location[1].Length == 0);
        CollectionAssert.AreEqual(body, PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, string.Join('/', location)), szx).Body);
    }

    // the size of the request's blocks, of the response's first, and of its further ones
    [DataRow(6, -1, 6)]
    [DataRow(5, -1, 2)]
    [DataRow(2, 2, 2)]
    [DataRow(0, 0, 0)]
    [TestMethod]
    public static void TD_COAP_BLOCK_05_POST_with_blocks_both_ways(int szx, int wished, int further)
    {
        CoapBench bench = PlugtestBench.Create();
        byte[] body = Body(1800);
        CoapDatagram Request() => bench.Con(CoapCode.Post, "large-post").UInt(CoapOption.ContentFormat, 0);
        CoapReply reply = PlugtestBench.WriteBlocks(bench, () => wished < 0 ? Request() : Request().Block2(0, wished), body, szx);
        int used = wished < 0 ? 6 : wished;
        Assert.AreEqual("2.04", reply.Dotted);
        Assert.AreEqual($"0/1/{used}", reply.Block(CoapOption.Block2));
        Assert.AreEqual(16 << used, reply.Payload.Length);
        List<byte> answer = [.. reply.Payload];
        for (bool more = true; more;)
        {
            int number = answer.Count >> (further + 4);
            reply = bench.Ask(Request().Block2(number, further), "2.04");
            more = answer.Count + (16 << further) < body.Length;
            Assert.AreEqual($"{number}/{(more ? 1 : 0)}/{further}", reply.Block(CoapOption.Block2));
            Assert.IsFalse(reply.Has(CoapOption.Block1));
            answer.AddRange(reply.Payload);
        }

        Assert.AreEqual(Encoding.UTF8.GetString(body).ToUpperInvariant(), Encoding.UTF8.GetString([.. answer]));
    }

    // an address that is not proved gets smaller blocks, and the whole body all the same
    [TestMethod]
    public static void TD_COAP_BLOCK_01_to_06_work_within_the_amplification_limit()
    {
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        CoapBench bench = PlugtestBench.Create(options);
        (byte[] body, int used, _) = PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "large"), 6);
        Assert.AreEqual(2, used);
        CheckLarge(body);
        CheckLarge(PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "large"), 0).Body);
        byte[] posted = Body(700);
        CoapReply reply = PlugtestBench.WriteBlocks(bench, () => bench.Con(CoapCode.Post, "large-post"), posted, 2);
        Assert.AreEqual("2.04", reply.Dotted);
        CollectionAssert.AreEqual(
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(posted).ToUpperInvariant()),
            PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Post, "large-post"), -1, "2.04", reply).Body);
    }

    private static byte[] Body(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)('a' + (i * 7 / 16 % 26)))];

    private static void CheckLarge(byte[] body)
    {
        Assert.AreEqual(LargeLength, body.Length);
        for (int i = 0; i < 50; i++)
        {
            Assert.StartsWith($"line {i:D4} ", Encoding.UTF8.GetString(body, i * 32, 32));
        }
    }
}

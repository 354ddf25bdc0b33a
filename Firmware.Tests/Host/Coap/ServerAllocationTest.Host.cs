// What an exchange costs in memory: nothing, of any kind, over 10,000 of each.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ServerAllocationTest
{
    private const int Exchanges = 10_000;

    [DataRow("GET")]
    [DataRow("GET with ETag")]
    [DataRow("GET in blocks")]
    [DataRow("discovery with a filter")]
    [DataRow("PUT")]
    [DataRow("PUT with If-Match")]
    [DataRow("PUT in blocks")]
    [DataRow("POST")]
    [DataRow("FETCH in blocks")]
    [DataRow("notification")]
    [DataRow("separate")]
    [DataRow("copy")]
    [DataRow("group")]
    [DataRow("hostile")]
    [DataRow("forged")]
    [TestMethod]
    public static void An_exchange_allocates_nothing(string kind)
    {
        TestResource resource = new TestResource("r", new string('x', kind.Contains("blocks") ? 1500 : 20)).With(takesBlocks: kind == "PUT in blocks");
        TestResource separate = new("s") { ReadCode = CoapCode.Empty };
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = kind == "forged" ? 3 : 0;
        CoapBench bench = new([resource, separate, new Later()], options) { IsSilent = true };
        DatagramAddress peer = new();
        peer.Set(CoapBench.Client);
        byte[][] messages = kind switch
        {
            "GET" => [bench.Con(CoapCode.Get, "r").ToBytes(), bench.Non(CoapCode.Get, "r").ToBytes()],
            "GET with ETag" => [bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, 1, 2, 3, 4).Option(CoapOption.ETag, 5).ToBytes()],
            "GET in blocks" => [bench.Con(CoapCode.Get, "r").ToBytes(), bench.Con(CoapCode.Get, "r").Block2(3, 4).ToBytes(), bench.Con(CoapCode.Get, "r").Block2(90, 0).ToBytes()],
            "discovery with a filter" => [bench.Con(CoapCode.Get, ".well-known/core").Query("rt=*").Query("href=/*").ToBytes()],
            "PUT" => [bench.Con(CoapCode.Put, "r").Payload("on").ToBytes(), bench.Non(CoapCode.Put, "r").Payload("on").ToBytes()],
            "PUT with If-Match" => [bench.Con(CoapCode.Put, "r").Option(CoapOption.IfMatch, 1).Payload("on").ToBytes(), bench.Con(CoapCode.Put, "r").Option(CoapOption.IfNoneMatch).ToBytes()],
            "PUT in blocks" => [.. Enumerable.Range(0, 4).Select(i => bench.Con(CoapCode.Put, "r").Block1(i, i < 3, 2).Payload(new byte[64]).ToBytes())],
            "POST" => [bench.Con(CoapCode.Post, "r").Payload("toggle").ToBytes()],
            "FETCH in blocks" => [bench.Con(CoapCode.Fetch, "r").Payload("s"u8).ToBytes(), bench.Con(CoapCode.Fetch, "r").Block2(1, 6).ToBytes()],
            "notification" => [bench.Con(CoapCode.Get, "r").Observe(0).ToBytes(), CoapHex.Parse("60 00 00 00")],
            "separate" => [bench.Con(CoapCode.Get, "later").ToBytes(), CoapHex.Parse("60 00 00 00")],
            "copy" => [bench.Con(CoapCode.Get, "r").ToBytes()],
            "group" => [bench.Non(CoapCode.Get, "r").ToBytes(), bench.Non(CoapCode.Get, ".well-known/core").ToBytes()],
            "forged" => [bench.Con(CoapCode.Get, "r").Option(CoapOption.Echo, new byte[12]).ToBytes(), bench.Con(CoapCode.Get, "r").Observe(0).ToBytes()],
            _ => [CoapHex.Parse("49 01 00 00 01"), CoapHex.Parse("40 00 00 00 01"), CoapHex.Parse("40 45 00 00 FF 'x'"), CoapHex.Parse("40 1F 00 00 B1 'r'"), CoapHex.Parse("40 01 00 00 B1 'r' 21 00"), CoapHex.Parse("40 03 00 00 B1 'r' D1 03 5E FF 'x'*1024"), [.. CoapHex.Parse("40 03 00 00 B1 'r' FF"), .. new byte[60_000]]],
        };
        peer.IsMulticast = kind == "group";
        Run(200);
        int sent = bench.SentCount;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(Exchanges);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated, kind);

        // and it was done: at the least one datagram for each exchange
        Assert.IsTrue(bench.SentCount - sent >= Exchanges, $"{kind}: {bench.SentCount - sent} datagrams");

        void Run(int exchanges)
        {
            for (int i = 0; i < exchanges; i++)
            {
                byte[] message = messages[i % messages.Length];
                bool isAcknowledgement = message[0] == 0x60;
                if (isAcknowledgement)
                {
                    // of what came last, if that was Confirmable; there is one datagram for the request and one for what follows
                    resource.Touch();
                    bench.Pass(3000);
                    message[2] = bench.Last[2];
                    message[3] = bench.Last[3];
                }
                else if (kind != "copy")
                {
                    message[2] = (byte)(i >> 8);
                    message[3] = (byte)i;
                }

                if (kind is "POST" or "group")
                {
                    // the exchanges of each must not be in the way of the next
                    bench.Pass(kind == "POST" ? 15_000 : 5001);
                }

                bench.Deliver(message, peer);
            }

            bench.Pass(kind == "group" ? 5001 : 1);
        }
    }

    private sealed class Later : CoapResource
    {
        private readonly byte[] _content = "later"u8.ToArray();

        internal Later()
            : base("later")
        {
            Formats = [CoapFormat.Text];
        }

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            response.RetryAtMs = nowMs + 1000;
            response.Body.Raw(_content);
            return request.WasDeferred ? CoapCode.Content : CoapCode.Empty;
        }
    }
}

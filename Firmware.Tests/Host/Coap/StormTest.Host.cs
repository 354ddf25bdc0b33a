// A seeded storm: valid requests of every kind, mutated byte by byte, from a few addresses, with time passing and acknowledgements and Resets
// coming or not. Whatever comes, the server does not throw, sends only well-formed messages, keeps the amplification limit and serves a client.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class StormTest
{
    private const int Datagrams = 20_000;

    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [TestMethod]
    public static void In_a_storm_of_mutated_requests_every_rule_holds(int seed)
    {
        Random random = new(seed);
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        CoapBench bench = PlugtestBench.Create(options);
        string[] paths = ["test", "separate", "seg1/seg2/seg3", "query", "validate", "create1", "location-query", "multi-format", "large", "large-update", "large-create", "large-post", "obs", "obs-non", "obs-large", "obs-pumping", "path", ".well-known/core", "none"];
        DatagramAddress peer = new();
        CoapReply? last = null;
        int answered = 0;
        for (int i = 0; i < Datagrams; i++)
        {
            peer.Set(CoapBench.Address(10 + random.Next(6)));
            peer.IsMulticast = random.Next(20) == 0;
            byte[] datagram;
            if (last != null && random.Next(4) == 0)
            {
                datagram = [(byte)(random.Next(3) == 0 ? 0x70 : 0x60), 0, last.Bytes[2], last.Bytes[3]];
            }
            else
            {
                datagram = Request(random, paths[random.Next(paths.Length)]).ToBytes();
                for (int mutations = random.Next(3); mutations > 0; mutations--)
                {
                    datagram[random.Next(datagram.Length)] = (byte)random.Next(256);
                }

                datagram = random.Next(20) == 0 ? datagram[..random.Next(1, datagram.Length)] : datagram;
            }

            // the decoder of the bench throws on what is not well-formed
            CoapReply[] replies = bench.Send(datagram, peer);
            CoapReply[] direct = [.. replies.Where(r => r.To == CoapBench.NameOf(peer) && r.Type is CoapType.Ack or CoapType.Rst)];
            Assert.IsTrue(direct.Length <= 1, "two answers to one message");
            Assert.IsTrue(direct.Length == 0 || !peer.IsMulticast, "an answer at once to a group request");
            Assert.IsTrue(direct.All(r => r.Bytes.Length <= Math.Max(136, 3 * datagram.Length)), $"seed {seed}, datagram {i}: {Convert.ToHexString(datagram)}");
            CoapReply[] later = bench.Advance(random.Next(10) == 0 ? random.Next(10_000) : random.Next(50));
            Assert.IsTrue(later.All(r => r.Type is CoapType.Con or CoapType.Non && r.Bytes.Length <= 1152));
            last = replies.Concat(later).LastOrDefault(r => r.Type is CoapType.Con or CoapType.Non) ?? last;
            if (i % 50 == 0)
            {
                answered += bench.Ask(bench.Con(CoapCode.Get, "link1")).Dotted == "2.05" ? 1 : 0;
            }
        }

        Assert.AreEqual(Datagrams / 50, answered);
        Assert.IsTrue(bench.Server.Requests > Datagrams / 3);
        Assert.IsTrue(bench.Endpoint.Malformed > Datagrams / 100);
        Assert.IsTrue(bench.Server.Notifications > 100);
    }

    private static CoapDatagram Request(Random random, string path)
    {
        int type = random.Next(3) == 0 ? CoapType.Non : CoapType.Con;
        CoapDatagram request = new CoapDatagram(type, random.Next(3) == 0 ? random.Next(1, 9) : CoapCode.Get, random.Next(2000), new byte[random.Next(9)]).Path(path);
        int szx = random.Next(8);
        switch (random.Next(12))
        {
            case 0:
                return request.Observe((uint)random.Next(3));
            case 1:
                return request.Block2(random.Next(6), szx);
            case 2:
                return request.Block1(random.Next(4), random.Next(2) == 0, szx).Payload(new byte[Math.Min(1024, random.Next(4) == 0 ? random.Next(1100) : 16 << szx)]);
            case 3:
                return request.Block1(random.Next(4), random.Next(2) == 0, szx).Block2(random.Next(3), szx).Payload(new byte[16]);
            case 4:
                return request.Option(CoapOption.ETag, 1, 2, 3, 4).Option(CoapOption.IfMatch);
            case 5:
                return request.UInt(CoapOption.Accept, (uint)(random.Next(3) * 41)).Query("rt=*");
            case 6:
                return request.UInt(CoapOption.NoResponse, (uint)random.Next(32)).Payload("x");
            case 7:
                return request.Option(random.Next(3000), new byte[random.Next(300)]);
            case 8:
                return request.Option(CoapOption.Echo, new byte[12]).Observe(0);
            case 9:
                return request.Payload(new byte[random.Next(1200)]);
            case 10:
                return request.UInt(CoapOption.Size1, (uint)random.Next()).Block1(0, true, 0).Payload(new byte[16]);
            default:
                return request;
        }
    }
}

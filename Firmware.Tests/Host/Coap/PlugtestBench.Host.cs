// The plugtest profile on the bench, and the loops that the test descriptions ask of a client.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Simulator.Plugtest;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

/// <summary>Sets benches up for the TD_COAP tests and reads and writes bodies in blocks.</summary>
internal static class PlugtestBench
{
    internal const int Period = 5000;

    internal static readonly byte[] Token = [0xC0, 0xA9];

    internal static CoapBench Create(BenchOptions? options = null)
    {
        PlugtestProfile profile = new();
        CoapBench bench = new(profile.CreateResources(1_000_000), options)
        {
            Ticked = profile.Poll,
            NextTickMs = () => profile.NextDeadlineMs,
        };
        Assert.AreEqual(1_000_000L, bench.Now);
        return bench;
    }

    /// <summary>A body in the blocks that the server gives; each block is checked.</summary>
    /// <param name="bench">The bench.</param>
    /// <param name="request">Makes the request without Block2.</param>
    /// <param name="szx">The size that the client wishes; -1 to leave it to the server.</param>
    /// <param name="code">The code that each response has.</param>
    /// <param name="first">Where to start: block 0 was received already, as this message.</param>
    internal static (byte[] Body, int Szx, int Blocks) ReadBlocks(CoapBench bench, Func<CoapDatagram> request, int szx, string code = "2.05", CoapReply? first = null)
    {
        CoapReply reply = first ?? bench.Ask(szx < 0 ? request() : request().Block2(0, szx), code);
        Assert.IsTrue(reply.Has(CoapOption.Block2), "no Block2 in the first answer");
        int used = (int)reply.UInt(CoapOption.Block2) & 7;
        Assert.IsTrue(szx < 0 || used <= szx, "the server answers with larger blocks than it was asked for");
        byte[] etag = reply.Value(CoapOption.ETag);
        List<byte> body = [];
        for (int blocks = 1; ; blocks++)
        {
            Assert.IsTrue(blocks < 10000, "no end");
            Assert.AreEqual(code, reply.Dotted);
            bool more = (reply.UInt(CoapOption.Block2) & 8) != 0;

            // the server may go on with smaller blocks, from the same byte (RFC 7959 section 2.4)
            int size = (int)reply.UInt(CoapOption.Block2) & 7;
            Assert.IsTrue(size <= used, "the blocks become larger");
            used = size;
            int number = body.Count >> (used + 4);
            Assert.AreEqual($"{number}/{(more ? 1 : 0)}/{used}", reply.Block(CoapOption.Block2));
            CollectionAssert.AreEqual(etag, reply.Value(CoapOption.ETag));
            Assert.IsTrue(more ? reply.Payload.Length == 16 << used : reply.Payload.Length > 0 && reply.Payload.Length <= 16 << used, "a block of another size");
            body.AddRange(reply.Payload);
            if (!more)
            {
                return ([.. body], used, blocks);
            }

            reply = bench.Ask(request().Block2(body.Count >> (used + 4), used), code);
        }
    }

    /// <summary>Sends a body in blocks; 2.31 must answer each but the last, whose answer is returned.</summary>
    internal static CoapReply WriteBlocks(CoapBench bench, Func<CoapDatagram> request, byte[] body, int szx)
    {
        for (int number = 0; ; number++)
        {
            int size = 16 << szx;
            int offset = number * size;
            bool more = body.Length - offset > size;
            CoapReply reply = bench.Ask(request().Block1(number, more, szx).Payload(body.AsSpan(offset, Math.Min(size, body.Length - offset))));
            Assert.AreEqual($"{number}/{(more ? 1 : 0)}/{szx}", reply.Block(CoapOption.Block1));
            if (!more)
            {
                return reply;
            }

            Assert.AreEqual("2.31", reply.Dotted);
            Assert.AreEqual(0, reply.Payload.Length);
        }
    }

    /// <summary>A registration for a resource, and its answer checked as the descriptions say.</summary>
    internal static CoapReply Register(CoapBench bench, string path, DatagramAddress? client = null)
    {
        CoapReply reply = bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, bench.NextId(), Token).Path(path).Observe(0), "2.05", client);
        Assert.IsTrue(reply.Has(CoapOption.Observe), "no Observe: not registered");
        Assert.IsTrue(reply.Value(CoapOption.Observe).Length <= 3);
        return reply;
    }

    /// <summary>The next notification within a period, checked against the one before and acknowledged.</summary>
    internal static CoapReply Notification(CoapBench bench, CoapReply last, bool acknowledge = true)
    {
        CoapReply reply = bench.Next(Period + 1);
        CheckNotification(last, reply);
        Assert.AreEqual("CON 2.05", reply.ToString());
        if (acknowledge)
        {
            Assert.AreEqual(0, bench.Acknowledge(reply).Length);
        }

        return reply;
    }

    internal static void CheckNotification(CoapReply last, CoapReply reply)
    {
        CollectionAssert.AreEqual(Token, reply.Token);
        Assert.AreNotEqual(last.MessageId, reply.MessageId);
        Assert.AreEqual(last.Has(CoapOption.ContentFormat), reply.Has(CoapOption.ContentFormat));
        Assert.AreEqual(last.UInt(CoapOption.ContentFormat), reply.UInt(CoapOption.ContentFormat));
        Assert.IsTrue(IsFresher(last, reply), $"Observe {reply.UInt(CoapOption.Observe)} after {last.UInt(CoapOption.Observe)}");
    }

    // RFC 7641 section 3.4
    internal static bool IsFresher(CoapReply first, CoapReply second)
    {
        long v1 = first.UInt(CoapOption.Observe);
        long v2 = second.UInt(CoapOption.Observe);
        Assert.IsTrue(v1 >= 0 && v2 >= 0, "no Observe option");
        return (v1 < v2 && v2 - v1 < 1 << 23) || (v1 > v2 && v1 - v2 > 1 << 23) || second.AtMs > first.AtMs + 128000;
    }
}

// No-Response (RFC 7967): bit 1 is "no 2.xx", bit 3 "no 4.xx", bit 4 "no 5.xx"; the acknowledgement of a Confirmable request comes all the same.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class NoResponseTest
{
    [TestMethod]
    public static void Each_combination_of_bits_silences_its_classes_and_no_other()
    {
        int[] codes = [CoapCode.Changed, CoapCode.BadRequest, CoapCode.InternalServerError];
        for (int mask = 0; mask < 32; mask++)
        {
            for (int i = 0; i < codes.Length; i++)
            {
                bool silent = (mask & (i == 0 ? 2 : i == 1 ? 8 : 16)) != 0;
                foreach (bool later in new[] { false, true })
                {
                    TestResource resource = new("r") { ChangeCode = codes[i] };
                    CoapBench bench = new([new Deferring(resource, later)]);
                    CoapReply[] non = bench.Send(bench.Non(CoapCode.Post, "r").UInt(CoapOption.NoResponse, (uint)mask));
                    CoapReply[] all = [.. non, .. bench.Advance(1000)];
                    Assert.AreEqual(silent ? 0 : 1, all.Length, $"NON, mask {mask}, code {codes[i]}");

                    CoapDatagram con = bench.Con(CoapCode.Post, "r").UInt(CoapOption.NoResponse, (uint)mask);
                    CoapReply[] now = bench.Send(con);
                    Assert.AreEqual(1, now.Length);
                    Assert.AreEqual(CoapType.Ack, now[0].Type);
                    Assert.AreEqual(silent || later ? 0 : codes[i], now[0].Code);
                    Assert.AreEqual(silent || !later ? 0 : 1, bench.Advance(1000).Length);
                    Assert.AreEqual(2, resource.Changes);

                    // and a copy is acknowledged the same way
                    CollectionAssert.AreEqual(now[0].Bytes, bench.Send(con).Single().Bytes);
                    Assert.AreEqual(2, resource.Changes);
                }
            }
        }
    }

    [DataRow("4.04", "none", 8)]
    [DataRow("2.05", "r", 2)]
    [TestMethod]
    public static void It_counts_for_what_the_server_says_itself(string code, string path, int mask)
    {
        CoapBench bench = new([new TestResource("r")]);
        bench.Ask(bench.Con(CoapCode.Get, path), code);
        Assert.AreEqual(0, bench.Send(bench.Non(CoapCode.Get, path).UInt(CoapOption.NoResponse, (uint)mask)).Length);
        bench.Ask(bench.Con(CoapCode.Get, path).UInt(CoapOption.NoResponse, (uint)mask), "0.00");
    }

    private sealed class Deferring(TestResource inner, bool later) : CoapResource("r")
    {
        public override int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            if (later && !request.WasDeferred)
            {
                response.RetryAtMs = nowMs + 500;
                return CoapCode.Empty;
            }

            return inner.Change(request, response, nowMs);
        }
    }
}

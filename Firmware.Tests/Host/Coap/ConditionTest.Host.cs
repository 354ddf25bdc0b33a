// Conditional requests and negotiation (RFC 7252 sections 5.5.4, 5.9.1, 5.10): If-Match, If-None-Match, ETag, Accept, Max-Age, access.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ConditionTest
{
    // does it exist; which condition; is it met
    [DataRow(true, "match current", true)]
    [DataRow(true, "match other", false)]
    [DataRow(true, "match empty", true)]
    [DataRow(true, "match other and current", true)]
    [DataRow(true, "none", false)]
    [DataRow(false, "match current", false)]
    [DataRow(false, "match empty", false)]
    [DataRow(false, "none", true)]
    [TestMethod]
    public static void If_Match_and_If_None_Match_decide_before_anything_is_done(bool exists, string condition, bool met)
    {
        foreach (int method in new[] { CoapCode.Put, CoapCode.Post, CoapCode.Delete, CoapCode.Patch, CoapCode.IPatch })
        {
            TestResource resource = new TestResource("r").With(sendsETag: true);
            CoapBench bench = new([resource]);
            byte[] current = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Value(CoapOption.ETag);
            resource.IsThere = exists;
            CoapDatagram request = bench.Con(method, "r").Payload("x");
            request = condition switch
            {
                "match current" => request.Option(CoapOption.IfMatch, current),
                "match other" => request.Option(CoapOption.IfMatch, 1, 2, 3, 4),
                "match empty" => request.Option(CoapOption.IfMatch),
                "match other and current" => request.Option(CoapOption.IfMatch, 1).Option(CoapOption.IfMatch, current),
                _ => request.Option(CoapOption.IfNoneMatch),
            };
            bench.Ask(request, met ? "2.04" : "4.12");
            Assert.AreEqual(met ? 1 : 0, resource.Changes);
        }
    }

    [DataRow(0)]
    [DataRow(77)]
    [TestMethod]
    public static void An_ETag_of_either_format_names_the_state(int ownETag)
    {
        TestResource resource = new TestResource("r", "content", CoapFormat.Text, CoapFormat.Json) { OwnETag = ownETag }.With(sendsETag: true);
        CoapBench bench = new([resource]);
        byte[] text = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Value(CoapOption.ETag);
        byte[] json = bench.Ask(bench.Con(CoapCode.Get, "r").UInt(CoapOption.Accept, CoapFormat.Json), "2.05").Value(CoapOption.ETag);
        Assert.AreNotEqual(Convert.ToHexString(text), Convert.ToHexString(json));
        bench.Ask(bench.Con(CoapCode.Put, "r").Option(CoapOption.IfMatch, text), "2.04");
        bench.Ask(bench.Con(CoapCode.Put, "r").Option(CoapOption.IfMatch, json), "2.04");

        // and the tag of one format does not validate the other
        bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, text), "2.03");
        bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, json), "2.05");
    }

    [DataRow(-1, "2.05", 0)]
    [DataRow(0, "2.05", 0)]
    [DataRow(50, "2.05", 50)]
    [DataRow(60, "4.06", -1)]
    [DataRow(65535, "4.06", -1)]
    [TestMethod]
    public static void Accept_is_served_or_4_06(int accept, string code, int format)
    {
        CoapBench bench = new([new TestResource("r", "content", CoapFormat.Text, CoapFormat.Json)]);
        CoapDatagram request = bench.Con(CoapCode.Get, "r");
        CoapReply reply = bench.Ask(accept < 0 ? request : request.UInt(CoapOption.Accept, (uint)accept), code);
        Assert.AreEqual((long)format, reply.UInt(CoapOption.ContentFormat));
    }

    // 60 is what Max-Age is without the option
    [DataRow(60, -1)]
    [DataRow(0, 0)]
    [DataRow(5, 5)]
    [DataRow(100_000, 100_000)]
    [TestMethod]
    public static void Max_Age_is_said_unless_it_is_the_default(int seconds, int option)
    {
        TestResource resource = new TestResource("r") { MaxAge = seconds };
        CoapBench bench = new([resource]);
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05");
        Assert.AreEqual((long)option, reply.UInt(CoapOption.MaxAge));
        CoapReply valid = bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, [.. TagOf(bench)]), "2.03");
        Assert.AreEqual((long)option, valid.UInt(CoapOption.MaxAge));
    }

    [TestMethod]
    public static void Without_access_every_change_is_4_01_and_reading_goes_on()
    {
        TestResource resource = new("r");
        BenchOptions options = new() { Exchanges = 4, Spent = 4 };
        options.Server.Access = new Closed();
        CoapBench bench = new([resource], options);
        for (int i = 0; i < 40; i++)
        {
            foreach (int method in new[] { CoapCode.Post, CoapCode.Put, CoapCode.Delete, CoapCode.Patch, CoapCode.IPatch })
            {
                // always 4.01, never 5.03: what is refused takes no place
                Assert.AreEqual("not from here", bench.Ask(bench.Con(method, "r"), "4.01").Text);
                bench.Ask(bench.Con(method, "r").Block1(0, true, 0).Payload(new byte[16]), "4.01");
            }
        }

        Assert.AreEqual(0, resource.Changes);
        bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05");
    }

    private static byte[] TagOf(CoapBench bench) => bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.ETag, 1), "2.05").Value(CoapOption.ETag);

    private sealed class Closed : ICoapAccess
    {
        public byte[] Refuse(CoapRequest request) => "not from here"u8.ToArray();
    }
}

// /.well-known/core (RFC 6690): what stands in a link, and the filters of section 4.1.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class DiscoveryTest
{
    [TestMethod]
    public static void A_link_has_the_attributes_of_its_resource()
    {
        Assert.AreEqual(
            "</sensors/t>;rt=\"temperature ucum:Cel\";if=\"core.s\";title=\"Outside\";ct=\"0 50\";obs,</sensors/h>;rt=\"humidity\";if=\"core.s\";sz=1200;ct=60,</a>;rt=\"temp\";ct=0;obs,</>;ct=0",
            Ask(null));
    }

    // section 4.1: equal or, with a star at the end, beginning the same; rt and if hold several values; several filters must all match
    [DataRow("rt=temperature", "/sensors/t")]
    [DataRow("rt=ucum:Cel", "/sensors/t")]
    [DataRow("rt=temp", "/a")]
    [DataRow("rt=temp*", "/sensors/t /a")]
    [DataRow("rt=ucum*", "/sensors/t")]
    [DataRow("rt=*", "/sensors/t /sensors/h /a")]
    [DataRow("rt=temperature ucum:Cel", "")]
    [DataRow("rt=TEMP", "")]
    [DataRow("rt=", "")]
    [DataRow("if=core.s", "/sensors/t /sensors/h")]
    [DataRow("if=core.*", "/sensors/t /sensors/h")]
    [DataRow("if=core", "")]
    [DataRow("sz=1200", "/sensors/h")]
    [DataRow("sz=12*", "/sensors/h")]
    [DataRow("sz=120", "")]
    [DataRow("sz=*", "/sensors/h")]
    [DataRow("ct=50", "/sensors/t")]
    [DataRow("ct=0", "/sensors/t /a /")]
    [DataRow("ct=6*", "/sensors/h")]
    [DataRow("title=Outside", "/sensors/t")]
    [DataRow("title=Out*", "/sensors/t")]
    [DataRow("href=/sensors/t", "/sensors/t")]
    [DataRow("href=/sensors/*", "/sensors/t /sensors/h")]
    [DataRow("href=/sensors", "")]
    [DataRow("href=/a", "/a")]
    [DataRow("href=/", "/")]
    [DataRow("href=/*", "/sensors/t /sensors/h /a /")]
    [DataRow("href=*", "/sensors/t /sensors/h /a /")]
    [DataRow("href=a", "")]
    [DataRow("href=/hidden", "")]
    [DataRow("unknown=1", "")]
    [DataRow("unknown=*", "")]
    [DataRow("rt", "")]
    [DataRow("=", "")]
    [DataRow("", "")]
    [DataRow("rt=temp*&if=core.s", "/sensors/t")]
    [DataRow("rt=*&sz=*", "/sensors/h")]
    [DataRow("rt=temp&rt=humidity", "")]
    [TestMethod]
    public static void A_filter_selects_links(string filter, string targets)
    {
        string links = Ask(filter);
        Assert.AreEqual(targets, string.Join(' ', links.Split(",<").Where(link => link.Length > 0).Select(link => link.TrimStart('<').Split('>')[0])));
    }

    [DataRow(-1, "2.05")]
    [DataRow(40, "2.05")]
    [DataRow(50, "4.06")]
    [TestMethod]
    public static void The_format_is_link_format(int accept, string code)
    {
        CoapBench bench = Create();
        CoapDatagram request = bench.Con(CoapCode.Get, ".well-known/core");
        CoapReply reply = bench.Ask(accept < 0 ? request : request.UInt(CoapOption.Accept, (uint)accept), code);
        Assert.AreEqual(code == "2.05" ? 40L : -1L, reply.UInt(CoapOption.ContentFormat));
    }

    [DataRow(CoapCode.Put)]
    [DataRow(CoapCode.Post)]
    [DataRow(CoapCode.Delete)]
    [TestMethod]
    public static void It_cannot_be_changed(int method)
    {
        CoapBench bench = Create();
        bench.Ask(bench.Con(method, ".well-known/core"), "4.05");
    }

    [TestMethod]
    public static void What_does_not_exist_or_is_not_listed_has_no_link()
    {
        CoapBench bench = Create();
        Assert.DoesNotContains("hidden", Ask(null));
        ((TestResource)bench.Server.ResourceAt(2)).IsThere = false;
        Assert.DoesNotContains("</a>", bench.Ask(bench.Con(CoapCode.Get, ".well-known/core"), "2.05").Text);
    }

    [TestMethod]
    public static void A_long_list_comes_in_blocks_with_the_filter_applied_to_the_whole()
    {
        CoapResource[] many = [.. Enumerable.Range(0, 80).Select(i => new TestResource($"resource/number/{i}").With(rt: i % 2 == 0 ? "even" : "odd"))];
        CoapBench bench = new(many);
        byte[] body = PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, ".well-known/core").Query("rt=odd"), 2).Body;
        string[] links = System.Text.Encoding.UTF8.GetString(body).Split(",<");
        Assert.AreEqual(40, links.Length);
        Assert.IsTrue(links.All(link => link.Contains("rt=\"odd\"")));
    }

    private static CoapBench Create() => new(
    [
        new TestResource("sensors/t", "1", CoapFormat.Text, CoapFormat.Json).With(rt: "temperature ucum:Cel", interfaces: "core.s", title: "Outside"),
        new TestResource("sensors/h", "2", CoapFormat.Cbor).With(rt: "humidity", interfaces: "core.s", size: 1200, observable: false),
        new TestResource("a", "3").With(rt: "temp"),
        new TestResource("", "4").With(observable: false),
        new TestResource("hidden", "5").With(rt: "hidden").Unlisted(),
    ]);

    private static string Ask(string? filter)
    {
        CoapBench bench = Create();
        CoapDatagram request = bench.Con(CoapCode.Get, ".well-known/core");
        foreach (string query in filter == null ? [] : filter.Split('&'))
        {
            request.Query(query);
        }

        return bench.Ask(request, "2.05").Text;
    }
}

// The ETSI plugtest descriptions TD_COAP_LINK_01 to 09.

using System.Text;
using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class PlugtestLinkTest
{
    private const string All = "create-nothing";

    [TestMethod]
    public static void TD_COAP_LINK_01_all_links()
    {
        string[] links = Links(PlugtestBench.Create());
        foreach (string path in "/test /separate /seg1/seg2/seg3 /query /validate /location-query /multi-format /large /large-update /large-create /large-post /obs /obs-non /obs-large /obs-pumping /link1 /link2 /link3 /path".Split(' '))
        {
            Assert.AreEqual(1, links.Count(link => Target(link) == path), path);
        }

        // what is not there yet has no link
        Assert.IsFalse(links.Any(link => Target(link) is "/create1" or "/.well-known/core"));
    }

    [DataRow("02", "rt=Type1", "/link1 /link3")]
    [DataRow("04", "rt=Type2", "/link1 /link2")]
    [DataRow("05", "if=If*", "/link1 /link2")]
    [DataRow("07", "href=/link1", "/link1")]
    [DataRow("08", "href=/link*", "/link1 /link2 /link3")]
    [TestMethod]
    public static void TD_COAP_LINK_02_04_05_07_08_filters(string description, string query, string targets)
    {
        Assert.AreEqual(targets, string.Join(' ', Links(PlugtestBench.Create(), query).Select(Target)), description);
    }

    [DataRow("03", "rt=*", "rt")]
    [DataRow("06", "sz=*", "sz")]
    [TestMethod]
    public static void TD_COAP_LINK_03_06_links_that_have_an_attribute(string description, string query, string attribute)
    {
        CoapBench bench = PlugtestBench.Create();
        string[] all = Links(bench);
        string[] with = Links(bench, query);
        Assert.IsTrue(with.Length > 2 && with.Length < all.Length, description);
        CollectionAssert.AreEqual(all.Where(link => link.Contains($";{attribute}=")).ToArray(), with);
    }

    [TestMethod]
    public static void TD_COAP_LINK_09_hierarchy()
    {
        CoapBench bench = PlugtestBench.Create();
        Assert.AreEqual("</path>;ct=40", Links(bench).Single(link => Target(link) == "/path"));
        CoapReply below = bench.Ask(bench.Con(CoapCode.Get, "path"), "2.05");
        Assert.AreEqual((long)CoapFormat.Link, below.UInt(CoapOption.ContentFormat));
        string[] targets = [.. below.Text.Split(',').Select(Target)];
        Assert.AreEqual("/path/sub1 /path/sub2 /path/sub3", string.Join(' ', targets));
        foreach (string target in targets)
        {
            Assert.AreEqual(target, bench.Ask(bench.Con(CoapCode.Get, target[1..]), "2.05").Text);
        }
    }

    private static string Target(string link) => link[1..link.IndexOf('>')];

    private static string[] Links(CoapBench bench, string query = All)
    {
        CoapDatagram Request() => query == All ? bench.Con(CoapCode.Get, ".well-known/core") : bench.Con(CoapCode.Get, ".well-known/core").Query(query);
        CoapReply first = bench.Ask(Request(), "2.05");
        Assert.AreEqual((long)CoapFormat.Link, first.UInt(CoapOption.ContentFormat));
        byte[] body = first.Has(CoapOption.Block2) ? PlugtestBench.ReadBlocks(bench, Request, -1, first: first).Body : first.Payload;
        return Encoding.UTF8.GetString(body).Split(",<").Select((link, i) => i == 0 ? link : "<" + link).ToArray();
    }
}

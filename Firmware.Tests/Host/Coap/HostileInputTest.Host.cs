// Hostile input one datagram at a time, each with the answer that the RFCs give it. What needs several is in AbuseTest.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class HostileInputTest
{
    private const string Silence = "";
    private const string Reset = "RST 0.00";

    // fewer bytes than a header, other versions
    [DataRow("40", Silence)]
    [DataRow("40 01", Silence)]
    [DataRow("40 01 12", Silence)]
    [DataRow("00 01 12 34", Silence)]
    [DataRow("80 01 12 34", Silence)]
    [DataRow("C0 01 12 34", Silence)]
    [DataRow("FF FF FF FF FF", Silence)]
    // token length 9 to 15, token cut
    [DataRow("49 01 12 34 01 02 03 04 05 06 07 08 09", Reset)]
    [DataRow("4F 01 12 34 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", Reset)]
    [DataRow("59 01 12 34 01 02 03 04 05 06 07 08 09", Silence)]
    [DataRow("44 01 12 34 01 02 03", Reset)]
    [DataRow("54 01 12 34 01 02 03", Silence)]
    [DataRow("69 45 12 34 01 02 03 04 05 06 07 08 09", Silence)]
    // delta 15, length 15, extensions cut, length past the end, marker without payload
    [DataRow("40 01 12 34 F0", Reset)]
    [DataRow("40 01 12 34 F1 00", Reset)]
    [DataRow("40 01 12 34 BF 'test'", Reset)]
    [DataRow("40 01 12 34 D0", Reset)]
    [DataRow("40 01 12 34 E0 00", Reset)]
    [DataRow("40 01 12 34 BD", Reset)]
    [DataRow("40 01 12 34 BE 00", Reset)]
    [DataRow("40 01 12 34 B5 'test'", Reset)]
    [DataRow("40 01 12 34 B4 'test' FF", Reset)]
    [DataRow("40 01 12 34 E0 FF FF", Reset)]
    [DataRow("50 01 12 34 F0", Silence)]
    [DataRow("50 01 12 34 BF 'test'", Silence)]
    [DataRow("50 01 12 34 BE 00", Silence)]
    [DataRow("50 01 12 34 B5 'test'", Silence)]
    [DataRow("50 01 12 34 B4 'test' FF", Silence)]
    // ping, also with stray bytes; empty NON, ACK, RST
    [DataRow("40 00 12 34", Reset)]
    [DataRow("40 00 12 34 B4 'test'", Reset)]
    [DataRow("40 00 12 34 FF 00", Reset)]
    [DataRow("41 00 12 34 01", Reset)]
    [DataRow("50 00 12 34", Silence)]
    [DataRow("50 00 12 34 01", Silence)]
    [DataRow("60 00 12 34", Silence)]
    [DataRow("70 00 12 34", Silence)]
    [DataRow("60 00 12 34 01", Silence)]
    // responses that nobody expects, reserved classes, requests in ACK and RST
    [DataRow("40 45 12 34 FF 'x'", Reset)]
    [DataRow("40 84 12 34", Reset)]
    [DataRow("40 A0 12 34", Reset)]
    [DataRow("40 20 12 34", Reset)]
    [DataRow("40 3F 12 34", Reset)]
    [DataRow("40 60 12 34", Reset)]
    [DataRow("40 C0 12 34", Reset)]
    [DataRow("40 E1 12 34", Reset)]
    [DataRow("40 FF 12 34", Reset)]
    [DataRow("50 45 12 34 FF 'x'", Silence)]
    [DataRow("50 20 12 34", Silence)]
    [DataRow("50 FF 12 34", Silence)]
    [DataRow("60 45 12 34 FF 'x'", Silence)]
    [DataRow("70 45 12 34 FF 'x'", Silence)]
    [DataRow("60 01 12 34 B4 'test'", Silence)]
    [DataRow("70 01 12 34 B4 'test'", Silence)]
    // methods that nobody knows, on a resource and on none
    [DataRow("40 1F 12 34 B4 'test'", "ACK 4.05")]
    [DataRow("40 08 12 34 B4 'test'", "ACK 4.05")]
    [DataRow("40 1F 12 34 B4 'none'", "ACK 4.05")]
    [DataRow("40 1F 12 34", "ACK 4.05")]
    [DataRow("50 1F 12 34 B4 'test'", "NON 4.05")]
    // critical options that nobody knows: 9 (OSCORE), 13, 2053; elective ones: 2, 2048
    [DataRow("40 01 12 34 91 00 24 'test'", "ACK 4.02")]
    [DataRow("40 01 12 34 B4 'test' 21 00", "ACK 4.02")]
    [DataRow("40 01 12 34 B4 'test' E1 06 ED 'x'", "ACK 4.02")]
    [DataRow("50 01 12 34 B4 'test' 21 00", Silence)]
    [DataRow("40 01 12 34 21 'x' 94 'test'", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' E1 06 E8 'x'", "ACK 2.05")]
    [DataRow("50 01 12 34 B4 'test' E1 06 E8 'x'", "NON 2.05")]
    // critical options of a bad length: Accept 3, If-Match 9, If-None-Match 1, Block2 4, Block1 4, Uri-Host 0, Uri-Port 3, Uri-Path 256
    [DataRow("40 01 12 34 B4 'test' 63 00 00 00", "ACK 4.02")]
    [DataRow("40 03 12 34 19 '123456789' A4 'test' FF 'x'", "ACK 4.02")]
    [DataRow("40 03 12 34 51 00 64 'test' FF 'x'", "ACK 4.02")]
    [DataRow("40 01 12 34 B4 'test' C4 00 00 00 06", "ACK 4.02")]
    [DataRow("40 03 12 34 B4 'test' D4 03 00 00 00 06 FF 'x'", "ACK 4.02")]
    [DataRow("40 01 12 34 30 84 'test'", "ACK 4.02")]
    [DataRow("40 01 12 34 73 00 00 00 44 'test'", "ACK 4.02")]
    [DataRow("40 01 12 34 BE FF F3 'x'*256", Reset)]
    [DataRow("40 01 12 34 BD F3 'x'*256", "ACK 4.02")]
    [DataRow("50 01 12 34 B4 'test' 63 00 00 00", Silence)]
    // critical options that may stand once, twice: Accept, Uri-Host
    [DataRow("40 01 12 34 B4 'test' 60 00", "ACK 4.02")]
    [DataRow("40 01 12 34 31 'a' 01 'a' 84 'test'", "ACK 4.02")]
    // elective options of a bad length are ignored: ETag 9, Content-Format 3, Observe 4, Max-Age 5, Size1 5, Echo 41
    [DataRow("40 01 12 34 49 '123456789' 74 'test'", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' 13 00 00 00", "ACK 2.05")]
    [DataRow("40 01 12 34 64 00 00 00 00 54 'test'", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' 35 00 00 00 00 00", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' D5 24 00 00 00 00 00", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' DD E4 1C 'x'*41", "ACK 2.05")]
    // what cannot be served: Accept 50 for a text resource, Proxy-Uri, Proxy-Scheme
    [DataRow("40 01 12 34 B4 'test' 61 32", "ACK 4.06")]
    [DataRow("40 01 12 34 DD 16 06 'coap://x/y'*1 ", Reset)]
    [DataRow("40 01 12 34 DA 16 'coap://x/y'", "ACK 5.05")]
    [DataRow("50 01 12 34 DA 16 'coap://x/y'", "NON 5.05")]
    [DataRow("40 01 12 34 B4 'test' D4 0F 'coap'", "ACK 5.05")]
    // blocks: SZX 7, a short payload with M=1, a long one with M=0, a start at NUM 5, at the largest NUM, a size of 4 GiB
    [DataRow("40 01 12 34 B4 'test' C1 07", "ACK 4.00")]
    [DataRow("40 03 12 34 B4 'test' D1 03 07 FF 'x'*16", "ACK 4.00")]
    [DataRow("40 03 12 34 B4 'test' D1 03 08 FF 'x'*15", "ACK 4.00")]
    [DataRow("40 03 12 34 B4 'test' D1 03 08", "ACK 4.00")]
    [DataRow("40 03 12 34 B4 'test' D0 03 FF 'x'*17", "ACK 4.00")]
    [DataRow("40 03 12 34 B4 'test' D1 03 58 FF 'x'*16", "ACK 4.08")]
    [DataRow("40 03 12 34 B4 'test' D1 03 5E FF 'x'*1024", "ACK 4.08")]
    [DataRow("40 03 12 34 B4 'test' D3 03 FF FF F8 FF 'x'*16", "ACK 4.08")]
    [DataRow("40 01 12 34 B4 'test' C3 FF FF F6", "ACK 4.00")]
    [DataRow("40 03 12 34 B4 'test' D4 24 FF FF FF FF FF 'x'", "ACK 4.13")]
    [DataRow("40 03 12 34 B4 'test' D1 03 08 D4 14 FF FF FF FF FF 'x'*16", "ACK 4.13")]
    // no such resource, no such method here; paths that look like one
    [DataRow("40 01 12 34", "ACK 4.04")]
    [DataRow("40 01 12 34 B4 'tesT'", "ACK 4.04")]
    [DataRow("40 01 12 34 B5 'test/'", "ACK 4.04")]
    [DataRow("40 01 12 34 B4 'test' 00", "ACK 4.04")]
    [DataRow("40 01 12 34 B0 04 'test'", "ACK 4.04")]
    [DataRow("40 02 12 34 B5 'query'", "ACK 4.05")]
    [DataRow("40 05 12 34 B4 'test' FF 'x'", "ACK 4.05")]
    [TestMethod]
    public static void Answers_one_datagram_as_the_RFCs_say(string datagram, string answer)
    {
        foreach (bool limited in new[] { false, true })
        {
            BenchOptions options = new();
            options.Parameters.AmplificationFactor = limited ? 3 : 0;
            CoapBench bench = PlugtestBench.Create(options);
            byte[] bytes = CoapHex.Parse(datagram);
            CoapReply[] replies = bench.Send(bytes);
            Assert.AreEqual(answer, string.Join(", ", replies.Select(r => r.ToString())));
            if (replies.Length == 1)
            {
                CoapReply reply = replies[0];
                Assert.IsTrue(reply.Type == CoapType.Non || reply.MessageId == 0x1234);
                Assert.IsTrue(reply.Bytes.Length <= Math.Max(136, 3 * bytes.Length));

                // a refused option is never echoed, Block1 of the request and Size1 aside
                int[] refused = [CoapOption.IfMatch, CoapOption.UriHost, CoapOption.IfNoneMatch, CoapOption.UriPort, CoapOption.Oscore, 13, CoapOption.Accept, CoapOption.ProxyUri, CoapOption.ProxyScheme, 2053];
                Assert.IsFalse(reply.Options.Any(o => refused.Contains(o.Number)));
                if (reply.Dotted == "4.13")
                {
                    Assert.AreEqual(1024L, reply.UInt(CoapOption.Size1));
                }
            }

            // nothing comes later, and the server goes on
            bench.Pass(300_000);
            Assert.AreEqual(replies.Length, bench.SentCount);
            bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05");
        }
    }

    [DataRow("50 01 12 34 B4 'test'", "NON 2.05")]
    [DataRow("50 01 12 34 B4 'none'", Silence)]
    [DataRow("40 01 12 34 B4 'test'", Silence)]
    [DataRow("40 00 12 34", Silence)]
    [DataRow("40 45 12 34", Silence)]
    [DataRow("50 45 12 34", Silence)]
    [DataRow("40 FF 12 34", Silence)]
    [DataRow("49 01 12 34 00", Silence)]
    [DataRow("50 01 12 34 F0", Silence)]
    [DataRow("50 1F 12 34 B4 'test'", Silence)]
    [DataRow("50 02 12 34 B4 'test' FF 'x'", Silence)]
    [DataRow("50 03 12 34 B4 'test' FF 'x'", Silence)]
    [DataRow("50 04 12 34 B4 'test'", Silence)]
    [DataRow("50 01 12 34 B4 'test' 21 00", Silence)]
    [DataRow("50 01 12 34 B4 'test' 61 32", Silence)]
    [DataRow("50 01 12 34 DA 16 'coap://x/y'", Silence)]
    [DataRow("50 01 12 34 B4 'test' C1 07", Silence)]
    [DataRow("50 01 12 34 BB '.well-known' 04 'core' 47 'rt=none'", Silence)]
    [DataRow("50 01 12 34 BB '.well-known' 04 'core' 48 'rt=Type1'", "NON 2.05")]
    [TestMethod]
    public static void Answers_a_group_request_after_leisure_or_not_at_all(string datagram, string answer)
    {
        CoapBench bench = PlugtestBench.Create();
        DatagramAddress asker = CoapBench.Address(3);
        asker.IsMulticast = true;
        Assert.AreEqual(0, bench.Send(CoapHex.Parse(datagram), asker).Length);
        CoapReply[] replies = bench.Advance(5001);
        Assert.AreEqual(answer, string.Join(", ", replies.Select(r => r.ToString())));
        Assert.IsTrue(replies.All(r => r.To == CoapBench.NameOf(asker) && r.MessageId != 0x1234));
        Assert.AreEqual(0, bench.Advance(300_000).Length);

        // nothing was changed by it
        Assert.AreEqual("the test resource", bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05").Text);
        Assert.AreEqual(0, bench.Server.Observers);
    }

    [TestMethod]
    public static void Leisure_is_spread_over_five_seconds()
    {
        CoapBench bench = PlugtestBench.Create();
        DatagramAddress asker = CoapBench.Address(3);
        asker.IsMulticast = true;
        List<long> waits = [];
        for (int i = 0; i < 200; i++)
        {
            long asked = bench.Now;
            bench.Send(bench.Non(CoapCode.Get, "test"), asker);
            waits.Add(bench.Advance(5001).Single().AtMs - asked);
        }

        Assert.IsTrue(waits.Min() is >= 0 and < 250);
        Assert.IsTrue(waits.Max() is > 4750 and <= 5000);
        Assert.IsTrue(waits.Average() is > 2200 and < 2800);
    }

    [TestMethod]
    public static void A_registration_by_a_group_request_is_an_answer_without_Observe()
    {
        CoapBench bench = PlugtestBench.Create();
        DatagramAddress asker = CoapBench.Address(3);
        asker.IsMulticast = true;
        bench.Send(bench.Non(CoapCode.Get, "obs").Observe(0), asker);
        CoapReply reply = bench.Advance(5001).Single();
        Assert.AreEqual("NON 2.05", reply.ToString());
        Assert.IsFalse(reply.Has(CoapOption.Observe));
        Assert.AreEqual(0, bench.Server.Observers);
    }

    // 200 empty options, of one kind or of many (among which, with a step of 7 or 3, are Proxy-Scheme and Proxy-Uri)
    [DataRow("40 01 12 34 B4 'test' 70*200", "ACK 5.05")]
    [DataRow("40 01 12 34 B4 'test' 20 00*199", "ACK 4.02")]
    [DataRow("40 01 12 34 B4 'test' 40 00*199", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' 00*199", "ACK 4.04")]
    [DataRow("40 01 12 34 B4 'test' 41 'q' 01 'q' 01 'q' D1 F8 'x' 01 'x' 01 'x' 01 'x'", "ACK 2.05")]
    [DataRow("40 01 12 34 B4 'test' 30*66", "ACK 5.05")]
    [DataRow("40 03 12 34 10 00*199 A4 'test' FF 'x'", "ACK 2.04")]
    [DataRow("40 01 12 34 41 'e' 01 'e'*1 74 'test'", "ACK 2.05")]
    [TestMethod]
    public static void Survives_200_options(string datagram, string answer)
    {
        CoapBench bench = PlugtestBench.Create();
        Assert.AreEqual(answer, bench.Send(CoapHex.Parse(datagram)).Single().ToString());
        bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05");
    }

    // the datagram is cut by the transport: 64 KB of payload, of options, of Block1
    [DataRow("40 03 12 34 B4 'test' FF 'x'*60000", "ACK 4.13")]
    [DataRow("50 03 12 34 B4 'test' FF 'x'*60000", "NON 4.13")]
    [DataRow("40 03 12 34 B4 'test' D1 03 0E FF 'x'*60000", "ACK 4.13")]
    [DataRow("40 01 12 34 B4 'test' 00*60000", "ACK 4.13")]
    [DataRow("40 01 12 34 B4 'test' 4E EA 60 'x'*60269", Reset)]
    [DataRow("40 00 12 34 FF 'x'*60000", Reset)]
    [DataRow("50 00 12 34 FF 'x'*60000", Silence)]
    [TestMethod]
    public static void A_datagram_that_was_cut_is_refused(string datagram, string answer)
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply[] replies = bench.Send(CoapHex.Parse(datagram));
        Assert.AreEqual(answer, string.Join(", ", replies.Select(r => r.ToString())));
        if (answer.EndsWith("4.13"))
        {
            // what would fit: the size, or a block that is not larger than the one that came
            bool isBlock = replies[0].Has(CoapOption.Block1);
            Assert.IsTrue(isBlock ? replies[0].Block(CoapOption.Block1) == "0/1/6" : replies[0].UInt(CoapOption.Size1) is > 1000 and < 1152);
        }

        Assert.AreEqual("the test resource", bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05").Text);
    }

    [TestMethod]
    public static void Messages_of_exactly_the_longest_length_are_taken()
    {
        CoapBench bench = PlugtestBench.Create(new BenchOptions { MaxMessage = 600, ReplyBytes = 1200 });
        byte[] head = CoapHex.Parse("40 03 12 34 B4 'test' FF");
        byte[] longest = [.. head, .. new byte[600 - head.Length]];
        Assert.AreEqual("ACK 2.04", bench.Send(longest).Single().ToString());
        longest[3]++;
        Assert.AreEqual("ACK 4.13", bench.Send([.. longest, 0]).Single().ToString());
    }
}

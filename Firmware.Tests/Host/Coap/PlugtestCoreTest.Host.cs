// The ETSI plugtest descriptions TD_COAP_CORE_01 to 23 and 31, each step that they ask of the server.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class PlugtestCoreTest
{
    [TestMethod]
    public static void TD_COAP_CORE_01_GET_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckContent(bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05"));
    }

    [TestMethod]
    public static void TD_COAP_CORE_02_DELETE_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckFormatIfPayload(bench.Ask(bench.Con(CoapCode.Delete, "test"), "2.02"));
        bench.Ask(bench.Con(CoapCode.Get, "test"), "4.04");
    }

    [TestMethod]
    public static void TD_COAP_CORE_03_PUT_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckFormatIfPayload(bench.Ask(bench.Con(CoapCode.Put, "test").Payload("put"), "2.04"));
        Assert.AreEqual("put", bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05").Text);
        bench.Ask(bench.Con(CoapCode.Delete, "test"), "2.02");
        CheckFormatIfPayload(bench.Ask(bench.Con(CoapCode.Put, "test").Payload("again"), "2.01"));
        Assert.AreEqual("again", bench.Ask(bench.Con(CoapCode.Get, "test"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_04_POST_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckFormatIfPayload(bench.Ask(bench.Con(CoapCode.Post, "test").Payload("posted"), "2.01"));
        Assert.AreEqual("posted", bench.Ask(bench.Con(CoapCode.Get, "location1/location2/location3"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_05_GET_non_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckContent(bench.Ask(bench.Non(CoapCode.Get, "test"), "2.05"));
    }

    [TestMethod]
    public static void TD_COAP_CORE_06_DELETE_non_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckFormatIfPayload(bench.Ask(bench.Non(CoapCode.Delete, "test"), "2.02"));
        bench.Ask(bench.Non(CoapCode.Get, "test"), "4.04");
    }

    [TestMethod]
    public static void TD_COAP_CORE_07_PUT_non_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckFormatIfPayload(bench.Ask(bench.Non(CoapCode.Put, "test").Payload("put"), "2.04"));
        Assert.AreEqual("put", bench.Ask(bench.Non(CoapCode.Get, "test"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_08_POST_non_confirmable()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckFormatIfPayload(bench.Ask(bench.Non(CoapCode.Post, "test").Payload("posted"), "2.01"));
        Assert.AreEqual("posted", bench.Ask(bench.Non(CoapCode.Get, "location1/location2/location3"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_09_GET_with_a_separate_response()
    {
        CheckSeparate([]);
    }

    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(8)]
    [TestMethod]
    public static void TD_COAP_CORE_10_GET_with_a_token(int length)
    {
        CoapBench bench = PlugtestBench.Create();
        CheckContent(bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, 7, TokenOf(length)).Path("test"), "2.05"));
    }

    [DataRow(1)]
    [DataRow(8)]
    [TestMethod]
    public static void TD_COAP_CORE_11_GET_with_a_token_and_a_separate_response(int length)
    {
        CheckSeparate(TokenOf(length));
    }

    [TestMethod]
    public static void TD_COAP_CORE_12_GET_with_an_empty_token()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckContent(bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, 7).Path("test"), "2.05"));
    }

    [TestMethod]
    public static void TD_COAP_CORE_13_GET_with_several_Uri_Path_options()
    {
        CoapBench bench = PlugtestBench.Create();
        CheckContent(bench.Ask(bench.Con(CoapCode.Get, "seg1/seg2/seg3"), "2.05"));
        bench.Ask(bench.Con(CoapCode.Get, "seg1/seg2"), "4.04");
        bench.Ask(bench.Con(CoapCode.Get, "seg1/seg2/seg3/seg4"), "4.04");
    }

    [TestMethod]
    public static void TD_COAP_CORE_14_GET_with_several_Uri_Query_options()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "query").Query("first=1").Query("second=2").Query("third=3"), "2.05");
        CheckContent(reply);
        Assert.AreEqual("query: first=1 second=2 third=3", reply.Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_15_GET_over_a_lossy_link_with_a_piggybacked_response()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapDatagram request = bench.Con(CoapCode.Get, "test");

        // the first transmission is lost on the way here: the server never knows. The second is answered, but the answer is lost: the third gets the same
        bench.Pass(2500);
        CoapReply lost = bench.Ask(request, "2.05");
        CheckContent(lost);
        bench.Pass(5000);
        CoapReply second = bench.Ask(request, "2.05");
        CollectionAssert.AreEqual(lost.Bytes, second.Bytes);
        Assert.AreEqual(1, bench.Server.Requests);
        Assert.AreEqual(1, bench.Endpoint.Duplicates);
        Assert.AreEqual(0, bench.Advance(300_000).Length);
    }

    [TestMethod]
    public static void TD_COAP_CORE_16_GET_over_a_lossy_link_with_a_separate_response()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapDatagram request = bench.Con(CoapCode.Get, "separate");

        // dropped request ACK: the client repeats, the server acknowledges again and works once
        CoapReply acknowledgement = bench.Ask(request);
        Assert.AreEqual("ACK 0.00", acknowledgement.ToString());
        bench.Pass(2000);
        CollectionAssert.AreEqual(acknowledgement.Bytes, bench.Ask(request).Bytes);

        // dropped response: the server repeats it
        CoapReply response = bench.Next(3000);
        Assert.AreEqual("CON 2.05", response.ToString());
        CheckContent(response);
        CoapReply again = bench.Next(3000);
        CollectionAssert.AreEqual(response.Bytes, again.Bytes);
        Assert.IsTrue(again.AtMs - response.AtMs is >= 2000 and <= 3000, "first repeat after " + (again.AtMs - response.AtMs));

        // dropped response ACK and its retransmission
        CoapReply third = bench.Next(6000);
        CollectionAssert.AreEqual(response.Bytes, third.Bytes);
        Assert.AreEqual(2 * (again.AtMs - response.AtMs), third.AtMs - again.AtMs);
        Assert.AreEqual(0, bench.Acknowledge(third).Length);
        Assert.AreEqual(0, bench.Advance(300_000).Length);
        Assert.AreEqual(1, bench.Server.Requests);
    }

    [TestMethod]
    public static void TD_COAP_CORE_17_GET_non_confirmable_with_a_separate_response()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapDatagram request = bench.Non(CoapCode.Get, "separate");
        Assert.AreEqual(0, bench.Send(request).Length);
        CoapReply response = bench.Next(5000);
        Assert.AreEqual("NON 2.05", response.ToString());
        CollectionAssert.AreEqual(request.Token, response.Token);
        CheckContent(response);
        Assert.AreEqual(0, bench.Advance(300_000).Length);
    }

    [TestMethod]
    public static void TD_COAP_CORE_18_POST_answered_with_several_Location_Path_options()
    {
        CoapBench bench = PlugtestBench.Create();
        bench.Ask(bench.Con(CoapCode.Get, "location1/location2/location3"), "4.04");
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Post, "test").Payload("new"), "2.01");
        Assert.AreEqual("location1 location2 location3", string.Join(' ', reply.Texts(CoapOption.LocationPath)));
        Assert.AreEqual("new", bench.Ask(bench.Con(CoapCode.Get, "location1/location2/location3"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_19_POST_answered_with_several_Location_Query_options()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Post, "location-query").Payload("new"), "2.01");
        CheckFormatIfPayload(reply);
        Assert.AreEqual("first=1 second=2", string.Join(' ', reply.Texts(CoapOption.LocationQuery)));
    }

    [DataRow(CoapFormat.Text)]
    [DataRow(CoapFormat.Xml)]
    [TestMethod]
    public static void TD_COAP_CORE_20_GET_with_Accept(int format)
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Get, "multi-format").UInt(CoapOption.Accept, (uint)format), "2.05");
        CheckContent(reply);
        Assert.AreEqual((long)format, reply.UInt(CoapOption.ContentFormat));
        Assert.AreEqual(format == CoapFormat.Xml, reply.Text.StartsWith('<'));
    }

    [TestMethod]
    public static void TD_COAP_CORE_21_GET_with_ETag()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply first = bench.Ask(bench.Con(CoapCode.Get, "validate"), "2.05");
        CheckContent(first);
        byte[] etag = first.Value(CoapOption.ETag);

        CoapReply valid = bench.Ask(bench.Con(CoapCode.Get, "validate").Option(CoapOption.ETag, etag), "2.03");
        CollectionAssert.AreEqual(etag, valid.Value(CoapOption.ETag));
        Assert.AreEqual(0, valid.Payload.Length);
        Assert.IsFalse(valid.Has(CoapOption.ContentFormat));

        bench.Ask(bench.Con(CoapCode.Put, "validate").Payload("updated"), "2.04");
        CoapReply changed = bench.Ask(bench.Con(CoapCode.Get, "validate").Option(CoapOption.ETag, etag), "2.05");
        Assert.AreNotEqual(Convert.ToHexString(etag), Convert.ToHexString(changed.Value(CoapOption.ETag)));
        Assert.AreEqual("updated", changed.Text);

        // any of several will do
        byte[] newer = changed.Value(CoapOption.ETag);
        CoapReply either = bench.Ask(bench.Con(CoapCode.Get, "validate").Option(CoapOption.ETag, etag).Option(CoapOption.ETag, newer), "2.03");
        CollectionAssert.AreEqual(newer, either.Value(CoapOption.ETag));
    }

    [TestMethod]
    public static void TD_COAP_CORE_22_PUT_with_If_Match()
    {
        CoapBench bench = PlugtestBench.Create();
        byte[] etag1 = bench.Ask(bench.Con(CoapCode.Get, "validate"), "2.05").Value(CoapOption.ETag);
        CheckFormatIfPayload(bench.Ask(bench.Con(CoapCode.Put, "validate").Option(CoapOption.IfMatch, etag1).Payload("second"), "2.04"));
        CoapReply second = bench.Ask(bench.Con(CoapCode.Get, "validate"), "2.05");
        Assert.AreEqual("second", second.Text);
        byte[] etag2 = second.Value(CoapOption.ETag);
        Assert.AreNotEqual(Convert.ToHexString(etag1), Convert.ToHexString(etag2));
        bench.Ask(bench.Con(CoapCode.Put, "validate").Payload("third"), "2.04");
        bench.Ask(bench.Con(CoapCode.Put, "validate").Option(CoapOption.IfMatch, etag2).Payload("fourth"), "4.12");
        Assert.AreEqual("third", bench.Ask(bench.Con(CoapCode.Get, "validate"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_23_PUT_with_If_None_Match()
    {
        CoapBench bench = PlugtestBench.Create();
        bench.Ask(bench.Con(CoapCode.Get, "create1"), "4.04");
        CheckFormatIfPayload(bench.Ask(bench.Con(CoapCode.Put, "create1").Option(CoapOption.IfNoneMatch).Payload("one"), "2.01"));
        bench.Ask(bench.Con(CoapCode.Put, "create1").Option(CoapOption.IfNoneMatch).Payload("two"), "4.12");
        Assert.AreEqual("one", bench.Ask(bench.Con(CoapCode.Get, "create1"), "2.05").Text);
    }

    [TestMethod]
    public static void TD_COAP_CORE_31_ping()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply[] replies = bench.Send(new CoapDatagram(CoapType.Con, 0, 0xBEEF));
        Assert.AreEqual(1, replies.Length);
        Assert.AreEqual("7000BEEF", Convert.ToHexString(replies[0].Bytes));
    }

    private static void CheckSeparate(byte[] token)
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply acknowledgement = bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, 7, token).Path("separate"));
        Assert.AreEqual("60000007", Convert.ToHexString(acknowledgement.Bytes));
        CoapReply response = bench.Next(5000);
        Assert.AreEqual("CON 2.05", response.ToString());
        CollectionAssert.AreEqual(token, response.Token);
        CheckContent(response);
        Assert.AreEqual(0, bench.Acknowledge(response).Length);
        Assert.AreEqual(0, bench.Advance(300_000).Length);
    }

    private static byte[] TokenOf(int length) => [.. Enumerable.Range(0xA0, length).Select(i => (byte)i)];

    private static void CheckContent(CoapReply reply)
    {
        Assert.IsTrue(reply.Has(CoapOption.ContentFormat), "no Content-Format");
        Assert.IsTrue(reply.Payload.Length > 0, "no payload");
    }

    private static void CheckFormatIfPayload(CoapReply reply)
    {
        Assert.AreEqual(reply.Payload.Length > 0, reply.Has(CoapOption.ContentFormat));
    }
}

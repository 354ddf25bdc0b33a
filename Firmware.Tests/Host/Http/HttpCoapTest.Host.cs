// HTTP in the words of CoAP: methods, codes, formats, negotiation, conditions.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Http;
using nanoFramework.TestFramework;
using HttpMethod = Firmware.Protocols.Http.HttpMethod;

namespace Firmware.Tests.Host.Http;

[TestClass]
public static class HttpCoapTest
{
    private static readonly int[] Formats = [CoapFormat.Text, CoapFormat.Json, CoapFormat.SenMlJson, 65000];

    // RFC 8075, table 2, but for the three codes where the origin knows more than a proxy
    [DataRow(CoapCode.Created, 201, 201)]
    [DataRow(CoapCode.Deleted, 204, 200)]
    [DataRow(CoapCode.Valid, 304, 304)]
    [DataRow(CoapCode.Changed, 204, 200)]
    [DataRow(CoapCode.Content, 200, 200)]
    [DataRow(CoapCode.BadRequest, 400, 400)]
    [DataRow(CoapCode.Unauthorized, 401, 401)]
    [DataRow(CoapCode.BadOption, 400, 400)]
    [DataRow(CoapCode.Forbidden, 403, 403)]
    [DataRow(CoapCode.NotFound, 404, 404)]
    [DataRow(CoapCode.MethodNotAllowed, 405, 405)]
    [DataRow(CoapCode.NotAcceptable, 406, 406)]
    [DataRow(CoapCode.RequestEntityIncomplete, 400, 400)]
    [DataRow(CoapCode.Conflict, 409, 409)]
    [DataRow(CoapCode.PreconditionFailed, 412, 412)]
    [DataRow(CoapCode.RequestEntityTooLarge, 413, 413)]
    [DataRow(CoapCode.UnsupportedContentFormat, 415, 415)]
    [DataRow(CoapCode.UnprocessableEntity, 422, 422)]
    [DataRow(CoapCode.InternalServerError, 500, 500)]
    [DataRow(CoapCode.ServiceUnavailable, 503, 503)]
    [DataRow(CoapCode.ProxyingNotSupported, 502, 502)]
    [DataRow(CoapCode.Continue, 502, 502)]
    [DataRow(CoapCode.Empty, 502, 502)]
    public static void Every_code_has_a_status_with_a_phrase(int code, int empty, int full)
    {
        Assert.AreEqual(empty, HttpCoap.StatusOf(code, false));
        Assert.AreEqual(full, HttpCoap.StatusOf(code, true));
        HttpWriter writer = new();
        writer.Reset(new byte[100], 0, 100);
        writer.Response(empty);
        string line = Encoding.ASCII.GetString(writer.Out.Buffer, 0, writer.Length);
        Assert.AreEqual($"HTTP/1.1 {empty} {Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(empty)}\r\n", line
            .Replace("Content Too Large", "Payload Too Large", StringComparison.Ordinal).Replace("Unprocessable Content", "Unprocessable Entity", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Methods_and_formats_have_their_counterparts()
    {
        Assert.AreEqual("-1,1,1,2,3,4,6,-1", string.Join(',', Enumerable.Range(0, 8).Select(m => HttpCoap.MethodOf((HttpMethod)m))));
        foreach (int format in new[] { CoapFormat.Text, CoapFormat.Link, CoapFormat.Xml, CoapFormat.Octets, CoapFormat.Json, CoapFormat.Cbor, CoapFormat.SenMlJson })
        {
            byte[] name = HttpCoap.MediaTypeOf(format);
            Assert.AreEqual(format, HttpCoap.FormatOf(name, 0, name.Length));
        }

        Assert.IsNull(HttpCoap.MediaTypeOf(65000));
        Assert.AreEqual(CoapFormat.Json, Format("Application/JSON ; charset=utf-8"));
        Assert.AreEqual(CoapFormat.None, Format("application/json5"));
        Assert.AreEqual(CoapFormat.None, Format(""));

        static int Format(string type) => HttpCoap.FormatOf(HttpText.Bytes("x" + type), 1, type.Length);
    }

    [DataRow("", CoapFormat.Text)]
    [DataRow("*/*", CoapFormat.Text)]
    [DataRow("application/json", CoapFormat.Json)]
    [DataRow("application/json, text/plain", CoapFormat.Text)]
    [DataRow("application/json, text/plain;q=0.9", CoapFormat.Json)]
    [DataRow("text/*;q=0.1, application/*;q=0.2", CoapFormat.Json)]
    [DataRow("application/*, application/json;q=0", CoapFormat.SenMlJson)]
    [DataRow("*/*;q=0.5, application/SENML+json ; x=y ; q=0.501", CoapFormat.SenMlJson)]
    [DataRow("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", CoapFormat.Text)]
    [DataRow("text/html", CoapFormat.None)]
    [DataRow("text/plain;q=0", CoapFormat.None)]
    [DataRow("text/plain;q=0.0001", CoapFormat.None)]
    [DataRow("text/plain;q=1.001", CoapFormat.None)]
    [DataRow("text/plain;q=2", CoapFormat.None)]
    [DataRow("text/plain;q=.5", CoapFormat.None)]
    [DataRow("text/plain;q=0.x", CoapFormat.None)]
    [DataRow("text/plain;q=1.000", CoapFormat.Text)]
    [DataRow("*", CoapFormat.None)]
    [DataRow(",,;,/*,", CoapFormat.None)]
    public static void Accept_chooses_the_format(string accept, int expected) =>
        Assert.AreEqual(expected, HttpAccept.Choose(Read(accept.Length > 0 ? $"Accept: {accept}\r\n" : ""), Formats));

    // If-Match, If-None-Match; the tag is 01AB
    [DataRow("", true, false)]
    [DataRow("*", true, true)]
    [DataRow("\"01ab\"", true, true)]
    [DataRow("\"01AB\"", true, true)]
    [DataRow("\"x\", W/\"00\" ,\"01ab\"", true, true)]
    [DataRow("W/\"01ab\"", false, true)]
    [DataRow("\"01\"", false, false)]
    [DataRow("\"01ab00\"", false, false)]
    [DataRow("\"01a\"", false, false)]
    [DataRow("01ab", false, false)]
    [DataRow("\"01ab", false, false)]
    [DataRow("*, \"01ab\"", false, false)]
    [DataRow("W/", false, false)]
    public static void Conditions_compare_etags(string tags, bool mayChange, bool isKnown)
    {
        byte[] tag = [0, 1, 0xAB];
        HttpRequestReader request = Read(tags.Length > 0 ? $"If-Match: {tags}\r\nIf-None-Match: {tags}\r\n" : "");
        Assert.AreEqual(mayChange, HttpETag.MayChange(request, true, tag, 1, 2));
        Assert.AreEqual(isKnown, HttpETag.IsKnown(request, true, tag, 1, 2));
        Assert.AreEqual(tags.Length == 0, HttpETag.MayChange(request, false, tag, 1, 2), "what does not exist matches nothing");
        Assert.IsFalse(HttpETag.IsKnown(request, false, tag, 1, 2));
        HttpWriter writer = new();
        writer.Reset(new byte[100], 0, 100);
        HttpETag.Write(writer, tag, 1, 2);
        Assert.AreEqual("etag: \"01ab\"\r\n", Encoding.ASCII.GetString(writer.Out.Buffer, 0, writer.Length));
    }

    private static HttpRequestReader Read(string fields)
    {
        HttpRequestReader reader = HttpText.Requests();
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes($"GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"), () => 999)), reader.Error.ToString());
        return reader;
    }
}

// What HttpRequestReader takes, what it refuses and with which status, and that it does not matter in which pieces the bytes come.

using System.Text;
using Firmware.Protocols.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Http;

[TestClass]
public static class HttpRequestReaderTest
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n";

    [DataRow("GET / HTTP/1.1\r\nHost: toaster.local\r\n\r\n", "Get / @toaster.local\n")]
    [DataRow("\r\nGET /sensors/temperature?a=b&c HTTP/1.1\r\nHOST:\t h:8080 \t\r\n\r\n", "Get /sensors/temperature?a=b&c @h:8080\n")]
    [DataRow("GET /a HTTP/1.0\r\n\r\n", "Get /a close\n")]
    [DataRow("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "Get /a\n")]
    [DataRow("GET /a HTTP/1.9\r\nHost:\r\nConnection: foo , CLOSE\r\n\r\n", "Get /a close\n")]
    [DataRow("GET http://example.com/a?b HTTP/1.1\r\nHost: other\r\n\r\n", "Get /a?b @example.com\n")]
    [DataRow("GET HTTPS://[::1]:8443 HTTP/1.1\r\nHost: other\r\n\r\n", "Get  @[::1]:8443\n")]
    [DataRow("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "Options * @h\n")]
    [DataRow("PUT /a%2Fb/%e4;x=1,!$&'()*+:@_~ HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\non", "Put /a%2Fb/%e4;x=1,!$&'()*+:@_~ @h content-type=[text/plain] {on}\n")]
    [DataRow("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "Post / @h\n")]
    [DataRow("DELETE / HTTP/1.1\r\nHost: h\r\nContent-Length: 003\r\n\r\nabc", "Delete / @h {abc}\n")]
    [DataRow("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n00A;ext=\"x y\"\r\n0123456789\r\n0\r\nExpires: never\r\n\r\n", "Post / @h {abc0123456789}\n")]
    [DataRow("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n8\r\na\nb\r\nc\r\n\r\n3\r\n\r\n\n\r\n0\r\n\r\n", "Post / @h {a\nb\r\nc\r\n\r\n\n}\n")]
    [DataRow("PATCH / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHEAD / HTTP/1.1\r\nHost: i\r\n\r\n", "Patch / @h\nHead / @i\n")]
    [DataRow("GET /events HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: a\r\nSec-WebSocket-Extensions: b\r\nOrigin: http://h\r\n\r\n",
        "Get /events @h upgrade origin=[http://h] sec-websocket-extensions=[a] sec-websocket-key=[dGhlIHNhbXBsZSBub25jZQ==] sec-websocket-version=[13] upgrade=[websocket]\n")]
    [DataRow("GET / HTTP/1.1\r\nHost: h\r\nX: \x80\xFF \t:\r\nIf-None-Match: \"1\", W/\"2\"\r\nIf-Match: *\r\nAccept:\r\n\r\n", "Get / @h accept=[] if-match=[*] if-none-match=[\"1\", W/\"2\"]\n")]
    [DataRow("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nConnection: x\r\n\r\n", "Get / @h close\n")]
    public static void Takes_requests_in_whatever_pieces(string text, string expected)
    {
        foreach (Func<int> piece in Pieces(text.Length))
        {
            Assert.AreEqual(expected, HttpText.Trace(HttpText.Requests(), HttpText.Bytes(text), piece));
            string twice = HttpText.Trace(HttpText.Requests(), HttpText.Bytes(text + text), piece, closes: true);
            Assert.AreEqual(expected + expected + "Closed", twice, "pipelined, and closed behind them");
        }

        // every beginning waits for more; a link that ends there was cut
        byte[] bytes = HttpText.Bytes(text);
        int first = expected.IndexOf("Head / @i", StringComparison.Ordinal) is var at and > 0 ? at : expected.Length;
        for (int length = 1; length < bytes.Length; length++)
        {
            string trace = HttpText.Trace(HttpText.Requests(), bytes[..length], () => int.MaxValue, closes: true);
            Assert.IsTrue(trace is "Truncated" || (trace.StartsWith(expected[..first], StringComparison.Ordinal) && trace[first..] is "Closed" or "Truncated"), $"{length} bytes: {trace}");
        }
    }

    [DataRow("GET  / HTTP/1.1\r\n", HttpError.BadStartLine, 400)]
    [DataRow(" GET / HTTP/1.1\r\n", HttpError.BadStartLine, 400)]
    [DataRow("GET /\r\n", HttpError.BadStartLine, 400)]
    [DataRow("GET / HTTP/1.1 \r\n", HttpError.BadStartLine, 400)]
    [DataRow("GET / http/1.1\r\n", HttpError.BadStartLine, 400)]
    [DataRow("GET / HTTP/11\r\n", HttpError.BadStartLine, 400)]
    [DataRow("GET\t/ HTTP/1.1\r\n", HttpError.BadStartLine, 400)]
    [DataRow("G(T / HTTP/1.1\r\n", HttpError.BadStartLine, 400)]
    [DataRow("\r\n\r\nGET / HTTP/1.1\r\n", HttpError.BadStartLine, 400)]
    [DataRow("\x16\x03\x01\x02\r\n", HttpError.BadStartLine, 400)]
    [DataRow("GET / HTTP/1.1\n", HttpError.BareLineFeed, 400)]
    [DataRow("\nGET / HTTP/1.1\r\n", HttpError.BareLineFeed, 400)]
    [DataRow("GET / HTTP/1.1\r\nHost: h\n\r\n", HttpError.BareLineFeed, 400)]
    [DataRow("GET / HTTP/1.1\r\nHost: h\r\n\n", HttpError.BareLineFeed, 400)]
    [DataRow("GET a HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET * HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /a#b HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /a%4 HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /a%zz HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /\xE4 HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /a\\b HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /a\0 HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET /a\rb HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET http:///a HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET http://user@h/ HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET ftp://h/ HTTP/1.1\r\n", HttpError.BadTarget, 400)]
    [DataRow("GET / HTTP/2.0\r\n", HttpError.VersionNotSupported, 505)]
    [DataRow("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HttpError.VersionNotSupported, 505)]
    [DataRow("GET / HTTP/0.9\r\n", HttpError.VersionNotSupported, 505)]
    [DataRow("BREW / HTTP/1.1\r\n", HttpError.MethodNotImplemented, 501)]
    [DataRow("get / HTTP/1.1\r\n", HttpError.MethodNotImplemented, 501)]
    [DataRow("CONNECT h:80 HTTP/1.1\r\n", HttpError.MethodNotImplemented, 501)]
    [DataRow("GET / HTTP/1.1\r\n\r\n", HttpError.BadHost, 400)]
    [DataRow("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HttpError.BadHost, 400)]
    [DataRow("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HttpError.BadHost, 400)]
    [DataRow("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", HttpError.BadHost, 400)]
    [DataRow(Get + "Host: h\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X : y\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "Content-Length : 5\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + ": y\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X: a\r\n b\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X: a\r\n\tb: c\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X: a\0b\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X: a\rContent-Length: 5\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X: a\x7F\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "X\xE4: a\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "If-Match: \"1\"\r\nIf-Match: \"2\"\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: 1, 1\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: +1\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: -1\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: 0x1\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: 1 1\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length:\r\n\r\na", HttpError.BadLength, 400)]
    [DataRow(Get + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HttpError.BadLength, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", HttpError.BadLength, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HttpError.BadCoding, 400)]
    [DataRow(Get + "Transfer-Encoding:\r\n\r\n", HttpError.BadCoding, 400)]
    [DataRow(Get + "Transfer-Encoding: \x0B" + "chunked\r\n\r\n", HttpError.BadField, 400)]
    [DataRow(Get + "Transfer-Encoding: {chunked}\r\n\r\n", HttpError.BadCoding, 400)]
    [DataRow("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HttpError.BadCoding, 400)]
    [DataRow(Get + "Transfer-Encoding: gzip, chunked\r\n\r\n", HttpError.CodingNotImplemented, 501)]
    [DataRow(Get + "Transfer-Encoding: xchunked\r\n\r\n", HttpError.CodingNotImplemented, 501)]
    [DataRow(Get + "Transfer-Encoding: identity\r\n\r\n", HttpError.CodingNotImplemented, 501)]
    [DataRow(Get + "Expect: the-unexpected\r\n\r\n", HttpError.ExpectationFailed, 417)]
    [DataRow("POST / HTTP/1.1\r\nHost: h\r\n\r\n", HttpError.LengthRequired, 411)]
    [DataRow("PUT / HTTP/1.1\r\nHost: h\r\n\r\non", HttpError.LengthRequired, 411)]
    [DataRow(Get + "Content-Length: 257\r\n\r\n", HttpError.BodyTooLarge, 413)]
    [DataRow(Get + "Content-Length: 99999999999999999999999999999999\r\n\r\n", HttpError.BodyTooLarge, 413)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n101\r\n", HttpError.BodyTooLarge, 413)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", HttpError.BodyTooLarge, 413)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n7FFFFFFF\r\n", HttpError.BodyTooLarge, 413)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n100000001\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n 1\r\na\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n;a\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n", HttpError.BareLineFeed, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\na\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", HttpError.BadChunk, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n", HttpError.BareLineFeed, 400)]
    [DataRow(Get + "Transfer-Encoding: chunked\r\n\r\n0\r\n a: b\r\n\r\n", HttpError.BadField, 400)]
    public static void Refuses_with_the_right_status_in_whatever_pieces(string text, HttpError error, int status)
    {
        foreach (Func<int> piece in Pieces(text.Length))
        {
            HttpRequestReader reader = HttpText.Requests();
            Assert.AreEqual(error.ToString(), HttpText.Trace(reader, HttpText.Bytes(text), piece));
            Assert.AreEqual(status, reader.Status);
            Assert.IsFalse(reader.KeepsAlive, "where the next message begins is lost");
            Assert.AreEqual(HttpRead.Error, reader.Read(new PieceTransport(HttpText.Bytes(Get + "\r\n"), () => 99)), "sticky");
        }
    }

    [TestMethod]
    public static void Limits_are_exact_in_whatever_pieces()
    {
        string start = "GET /" + new string('a', HttpText.HeadLimit - 16) + " HTTP/1.1\r\n";
        string fields = Get + "X: " + new string('a', HttpText.HeadLimit - Get.Length - 7) + "\r\n\r\n";
        Assert.AreEqual(HttpText.HeadLimit, fields.Length);
        string body = new('b', 256);
        string chunks = "Transfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1;" + new string('e', 60) + "\r\nx\r\n", 256));
        string trailers = "0\r\n" + string.Concat(Enumerable.Repeat("a: " + new string('t', 59) + "\r\n", 16));
        foreach (Func<int> piece in Pieces(fields.Length))
        {
            Check("Get / @h\n", fields);
            Check("FieldsTooLarge", fields.Replace("X: ", "X: a", StringComparison.Ordinal));
            Check("StartLineTooLong", start.Insert(5, "a"));
            Check("FieldsTooLarge", start);
            Check($"Get / @h {{{body}}}\n", Get + "Content-Length: 256\r\n\r\n" + body);
            Check($"Get / @h {{{new string('x', 256)}}}\n", Get + chunks + "0\r\n\r\n");
            Check("BodyTooLarge", Get + chunks + "1\r\n");
            Check("BadChunk", Get + chunks.Replace("1;", "1;e", StringComparison.Ordinal));
            Check($"Get / @h {{{new string('x', 256)}}}\n", Get + chunks + trailers + "\r\n");
            Check("FieldsTooLarge", Get + chunks + trailers + "a: b\r\n\r\n");
            Check("FieldsTooLarge", Get + chunks + "0\r\na: t" + new string('t', 59) + "\r\n\r\n");

            void Check(string expected, string text) => Assert.AreEqual(expected, HttpText.Trace(HttpText.Requests(), HttpText.Bytes(text), piece));
        }
    }

    [TestMethod]
    public static void Tells_once_that_the_client_waits_for_continue()
    {
        HttpRequestReader reader = HttpText.Requests();
        string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
        Assert.AreEqual(HttpRead.Incomplete, reader.Read(new PieceTransport(HttpText.Bytes(head[..^1]), () => 99)));
        Assert.IsFalse(reader.TakeContinue(), "the head is not whole");
        Assert.AreEqual(HttpRead.Incomplete, reader.Read(new PieceTransport(HttpText.Bytes("\n"), () => 99)));
        Assert.IsTrue(reader.TakeContinue());
        Assert.IsFalse(reader.TakeContinue(), "once");
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes("on"), () => 99)));
        Assert.IsFalse(reader.TakeContinue());

        // a client that does not wait needs no answer
        Assert.AreEqual(HttpRead.Incomplete, reader.Read(new PieceTransport(HttpText.Bytes(head + "o"), () => 99)));
        Assert.IsFalse(reader.TakeContinue());
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes("n"), () => 99)));
    }

    [DataRow("Bearer secret", true)]
    [DataRow("bEARER   secret", true)]
    [DataRow("Bearer secre", false)]
    [DataRow("Bearer secrets", false)]
    [DataRow("Bearer secretsecret", false)]
    [DataRow("Bearer Secret", false)]
    [DataRow("Bearer", false)]
    [DataRow("Basic secret", false)]
    [DataRow("Bearersecret", false)]
    [DataRow("", false)]
    public static void Compares_the_bearer_token(string value, bool expected)
    {
        HttpRequestReader reader = HttpText.Requests();
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes(Get + $"Authorization: {value}\r\n\r\n"), () => 999)));
        Assert.AreEqual(expected, reader.IsBearer("secret"u8.ToArray()));
        Assert.IsFalse(reader.IsBearer([]), "no token is never right");
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes(Get + "\r\n"), () => 999)));
        Assert.IsFalse(reader.IsBearer("secret"u8.ToArray()), "none was sent");
    }

    [DataRow("/", "", "")]
    [DataRow("/a", "a", "")]
    [DataRow("/a/", "a|", "")]
    [DataRow("//", "|", "")]
    [DataRow("/sensors/t%65mp/%2F%25?a=b%20c&&d&e=&f=g%3Dh=i&=j", "sensors|temp|/%", "a=b c|d=|e=|f=g=h=i|=j")]
    [DataRow("http://h?x=y", "", "x=y")]
    [DataRow("/?%61=+", "", "a=+")]
    public static void Walks_through_path_and_query(string target, string segments, string parameters)
    {
        HttpRequestReader reader = HttpText.Requests();
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes($"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"), () => 999)));
        HttpTarget walk = new();
        walk.Reset(reader);
        List<string> found = [];
        while (walk.NextSegment())
        {
            found.Add(Encoding.Latin1.GetString(reader.Buffer, walk.Offset, walk.Length));
        }

        Assert.AreEqual(segments, string.Join('|', found));
        Assert.AreEqual(segments.Length > 0 || target.StartsWith("/a", StringComparison.Ordinal), found.Count > 0);
        found.Clear();
        while (walk.NextParameter())
        {
            found.Add(Encoding.Latin1.GetString(reader.Buffer, walk.Offset, walk.Length) + "=" + Encoding.Latin1.GetString(reader.Buffer, walk.ValueOffset, walk.ValueLength));
        }

        Assert.AreEqual(parameters, string.Join('|', found));
    }

    /// <summary>All at once, one by one, and at random.</summary>
    internal static IEnumerable<Func<int>> Pieces(int seed)
    {
        Random random = new(seed);
        return [() => int.MaxValue, () => 1, () => random.Next(1, 20), () => random.Next(1, 4)];
    }
}

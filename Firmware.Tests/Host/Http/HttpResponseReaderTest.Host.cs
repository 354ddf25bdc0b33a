// What HttpResponseReader takes and refuses, what HttpWriter writes, and what IotPublish makes of both.

using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Http;

[TestClass]
public static class HttpResponseReaderTest
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 16\r\nContent-Type: application/json\r\n\r\n{\"message\":\"OK\"}", "200 content-type=[application/json] {{\"message\":\"OK\"}}\n")]
    [DataRow("HTTP/1.1 204 \r\n\r\n", "204\n")]
    [DataRow("HTTP/1.1 304\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n", "304 etag=[\"x\"]\n")]
    [DataRow("HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "403 close {no}\n")]
    [DataRow("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 429 Too Many\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", "429 retry-after=[30]\n")]
    [DataRow("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "101 upgrade sec-websocket-accept=[s3pPLMBiTxaQ9kYGzzhZRbK+xOo=] upgrade=[websocket]\n")]
    [DataRow("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "200 close {abc}\n")]
    [DataRow("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n", "200\n")]
    public static void Takes_responses_in_whatever_pieces(string text, string expected)
    {
        foreach (Func<int> piece in HttpRequestReaderTest.Pieces(text.Length))
        {
            Assert.AreEqual(expected, HttpText.Trace(HttpText.Responses(), HttpText.Bytes(text), piece));
            Assert.AreEqual(expected + expected + "Closed", HttpText.Trace(HttpText.Responses(), HttpText.Bytes(text + text), piece, closes: true));
        }
    }

    [TestMethod]
    public static void A_body_without_a_length_ends_with_the_link()
    {
        foreach (Func<int> piece in HttpRequestReaderTest.Pieces(1))
        {
            byte[] text = HttpText.Bytes(Ok + "\r\nuntil the end");
            Assert.AreEqual("...", HttpText.Trace(HttpText.Responses(), text, piece));
            Assert.AreEqual("200 close {until the end}\nClosed", HttpText.Trace(HttpText.Responses(), text, piece, closes: true));
            Assert.AreEqual("BodyTooLarge", HttpText.Trace(HttpText.Responses(12), text, piece, closes: true));
            Assert.AreEqual("200 close {until the end}\nClosed", HttpText.Trace(HttpText.Responses(13), text, piece, closes: true));
        }
    }

    [TestMethod]
    public static void The_answer_to_head_has_no_body_and_what_follows_an_upgrade_is_kept()
    {
        HttpResponseReader reader = HttpText.Responses();
        reader.IsHeadOnly = true;
        Assert.AreEqual("200\n200\n", HttpText.Trace(reader, HttpText.Bytes(Ok + "Content-Length: 5\r\n\r\n" + Ok + "Transfer-Encoding: chunked\r\n\r\n"), () => 99));
        reader.Reset();
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n\x81\x01z"), () => 99)));
        Assert.AreEqual("\x81\x01z", Encoding.Latin1.GetString(reader.Buffer, reader.RestOffset, reader.RestLength));
    }

    [DataRow("HTTP/2 200 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1  200 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1 20 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1 2000 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1 2x0 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1 099 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1 600 OK\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.1 200 O\0\r\n", HttpError.BadStartLine)]
    [DataRow("HTTP/1.x 200 OK\r\n", HttpError.BadStartLine)]
    [DataRow("SSH-2.0-OpenSSH\r\n", HttpError.BadStartLine)]
    [DataRow(Ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", HttpError.BadLength)]
    [DataRow(Ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HttpError.BadLength)]
    [DataRow(Ok + "Transfer-Encoding: gzip\r\n\r\n", HttpError.CodingNotImplemented)]
    [DataRow("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HttpError.BadCoding)]
    [DataRow(Ok + "Content-Length: 300\r\n\r\n", HttpError.BodyTooLarge)]
    [DataRow(Ok + "Date: a\r\nDate: b\r\n\r\n", HttpError.BadField)]
    [DataRow(Ok + "X: a\r\n b\r\n\r\n", HttpError.BadField)]
    public static void Refuses_in_whatever_pieces(string text, HttpError error)
    {
        foreach (Func<int> piece in HttpRequestReaderTest.Pieces(text.Length))
        {
            HttpResponseReader reader = HttpText.Responses();
            Assert.AreEqual(error.ToString(), HttpText.Trace(reader, HttpText.Bytes(text), piece));
            Assert.AreEqual(error == HttpError.BadStartLine ? 0 : 200, reader.Status, "a status that came is told");
        }
    }

    [TestMethod]
    public static void Interim_responses_are_limited()
    {
        string interim = string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\nDate: x\r\n\r\n", 8));
        Assert.AreEqual("200 close date=[y]\nClosed", HttpText.Trace(HttpText.Responses(), HttpText.Bytes(interim + Ok + "Date: y\r\n\r\n"), () => 7, closes: true));
        Assert.AreEqual("TooManyInterim", HttpText.Trace(HttpText.Responses(), HttpText.Bytes(interim + "HTTP/1.1 102 Processing\r\n\r\n"), () => 7));
    }

    [TestMethod]
    public static void Reads_the_date()
    {
        HttpResponseReader reader = HttpText.Responses();
        HttpText.Trace(reader, HttpText.Bytes("HTTP/1.1 403 Forbidden\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"), () => 999);
        Assert.AreEqual(-1L, reader.ReadDate(), "given up by the read after it");
        reader.Reset();
        reader.Read(new PieceTransport(HttpText.Bytes("HTTP/1.1 403 Forbidden\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"), () => 999));
        Assert.AreEqual(784111777L, reader.ReadDate());
    }

    [TestMethod]
    public static void Writes_messages_and_tells_when_they_do_not_fit()
    {
        const string Expected = "HTTP/1.1 405 Method Not Allowed\r\nallow: GET\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: -9223372036854775808\r\ncontent-length: 2\r\n\r\nno";
        for (int room = 0; room <= Expected.Length; room++)
        {
            byte[] buffer = new byte[400];
            HttpWriter writer = new();
            writer.Reset(buffer, 3, room);
            writer.Response(405);
            writer.Field(HttpField.Allow, "GET"u8.ToArray());
            writer.DateField(784111777);
            writer.NumberField(HttpField.RetryAfter, long.MinValue);
            writer.Body("xnox"u8.ToArray(), 1, 2);
            Assert.AreEqual(room < Expected.Length, writer.Overflowed);
            Assert.IsFalse(buffer.AsSpan(3 + room).ContainsAnyExcept((byte)0), "nothing behind its room");
            Assert.IsTrue(writer.Overflowed || Encoding.ASCII.GetString(buffer, 3, writer.Length) == Expected);
        }
    }

    [DataRow("a\r\nSet-Cookie: b")]
    [DataRow("a\nb")]
    [DataRow("a\0")]
    public static void A_value_cannot_break_out_of_its_line(string value)
    {
        HttpWriter writer = new();
        writer.Reset(new byte[400], 0, 400);
        writer.Response(200);
        writer.Field(HttpField.ETag, HttpText.Bytes(value));
        writer.EndHead();
        Assert.IsTrue(writer.Overflowed);
        writer.Reset(new byte[400], 0, 400);
        byte[] target = HttpText.Bytes("/" + value);
        writer.Request("GET"u8.ToArray(), target, 0, target.Length);
        Assert.IsTrue(writer.Overflowed);
    }

    [TestMethod]
    public static void Every_error_has_a_status_with_a_phrase()
    {
        ByteWriter writer = new();
        for (HttpError error = HttpError.None; error <= HttpError.TooManyInterim; error++)
        {
            writer.Reset(new byte[60], 0, 60);
            HttpStatus.WriteReason(writer, HttpRequestReader.StatusOf(error));
            Assert.IsTrue(writer.Length > 0, error.ToString());
        }

        writer.Reset(new byte[60], 0, 60);
        HttpStatus.WriteReason(writer, 505);
        Assert.AreEqual("HTTP Version Not Supported", Encoding.ASCII.GetString(writer.Buffer, 0, writer.Length));
        HttpStatus.WriteReason(writer, 299);
        Assert.AreEqual(26, writer.Length, "none");
    }

    [DataRow("toaster-01/commands", 1, false, "POST /topics/toaster-01%2Fcommands?qos=1 HTTP/1.1\r\nhost: h\r\n")]
    [DataRow("a+ä#", 0, true, "POST /topics/a%2B%C3%A4%23?qos=0&retain=true HTTP/1.1\r\nhost: h\r\n")]
    [DataRow("...", 0, false, "POST /topics/...?qos=0 HTTP/1.1\r\nhost: h\r\n")]
    [DataRow(".", 0, false, "")]
    [DataRow("..", 0, false, "")]
    [DataRow("", 0, false, "")]
    [DataRow("a", 2, false, "")]
    public static void Writes_the_publish_request_of_aws(string topic, int qos, bool retain, string expected)
    {
        HttpWriter writer = new();
        writer.Reset(new byte[400], 0, 400);
        IotPublish.Begin(writer, "h"u8.ToArray(), Encoding.UTF8.GetBytes(topic), qos, retain);
        Assert.AreEqual(expected.Length == 0, writer.Overflowed, "an empty row stands for refused");
        Assert.IsTrue(expected.Length == 0 || expected == Encoding.ASCII.GetString(writer.Out.Buffer, 0, writer.Length));
    }

    [DataRow(200, IotPublishOutcome.Delivered)]
    [DataRow(400, IotPublishOutcome.Drop)]
    [DataRow(404, IotPublishOutcome.Drop)]
    [DataRow(405, IotPublishOutcome.Drop)]
    [DataRow(413, IotPublishOutcome.Drop)]
    [DataRow(301, IotPublishOutcome.Drop)]
    [DataRow(401, IotPublishOutcome.Forbidden)]
    [DataRow(403, IotPublishOutcome.Forbidden)]
    [DataRow(408, IotPublishOutcome.Retry)]
    [DataRow(429, IotPublishOutcome.Retry)]
    [DataRow(500, IotPublishOutcome.Retry)]
    [DataRow(503, IotPublishOutcome.Retry)]
    [DataRow(0, IotPublishOutcome.Retry)]
    public static void Every_status_has_its_outcome(int status, IotPublishOutcome outcome) => Assert.AreEqual(outcome, IotPublish.Judge(status));

    [TestMethod]
    public static void Serving_10000_requests_allocates_nothing()
    {
        HttpRequestReader reader = HttpText.Requests();
        HttpResponseReader client = HttpText.Responses();
        HttpWriter writer = new();
        HttpTarget target = new();
        Loop loop = new();
        byte[] json = "application/json"u8.ToArray();
        byte[] put = "PUT"u8.ToArray();
        byte[] path = "/actuators/led?x=1"u8.ToArray();
        byte[] host = "h"u8.ToArray();
        byte[] chunked = HttpText.Bytes("POST /a/b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\non\r\n0\r\n\r\n");
        Assert.AreEqual(10 * 6, Work(10));
        int done = 0;
        Assert.AreEqual(0L, Allocation.Of(() => done = Work(10_000)));
        Assert.AreEqual(10_000 * 6, done);

        int Work(int count)
        {
            int right = 0;
            for (int i = 0; i < count; i++)
            {
                writer.Reset(loop.Buffer, 0, loop.Buffer.Length);
                writer.Request(put, path, 0, path.Length);
                writer.Field(HttpField.Host, host);
                writer.Body(json, 0, 2);
                loop.Restart(writer.Length);
                right += Serve(2);
                Array.Copy(chunked, loop.Buffer, chunked.Length);
                loop.Restart(chunked.Length);
                right += Serve(2);
                writer.Reset(loop.Buffer, 0, loop.Buffer.Length);
                writer.Response(200);
                writer.DateField(1_700_000_000);
                writer.Field(HttpField.ContentType, json);
                writer.Body(json, 0, json.Length);
                loop.Restart(writer.Length);
                right += client.Read(loop) == HttpRead.Message && client.ReadDate() == 1_700_000_000 ? 2 : 0;
            }

            return right;
        }

        int Serve(int expected)
        {
            if (reader.Read(loop) != HttpRead.Message || reader.BodyLength != 2)
            {
                return 0;
            }

            target.Reset(reader);
            int segments = 0;
            while (target.NextSegment())
            {
                segments++;
            }

            return segments == expected ? 2 : 0;
        }
    }

    private sealed class Loop : ITransport
    {
        private int _at;
        private int _length;

        internal byte[] Buffer { get; } = new byte[1000];

        public int Read(byte[] buffer, int offset, int count)
        {
            int n = Math.Min(count, Math.Min(17, _length - _at));
            Array.Copy(Buffer, _at, buffer, offset, n);
            _at += n;
            return n;
        }

        public int Write(byte[] buffer, int offset, int count) => count;

        public void Close()
        {
        }

        internal void Restart(int length)
        {
            _at = 0;
            _length = length;
        }
    }
}

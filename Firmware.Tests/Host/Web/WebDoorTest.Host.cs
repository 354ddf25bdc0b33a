// The HTTP door: what each request gets, who may switch, what hostile clients get, and that all that costs no allocation.

using System.Text;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Web;

[TestClass]
public static class WebDoorTest
{
    private const string Host = "Host: 192.168.1.2\r\n";
    private const string Auth = "Authorization: Bearer " + WebBench.Token + "\r\n";

    // Request line and fields, body, status, and what the answer contains. RFC 9110, 8075.
    [TestMethod]
    [DataRow("GET /sensors/temperature", "", "", 200, "application/json|{\"temperature\":21.5}")]
    [DataRow("GET /sensors/temperature", "Accept: text/plain\r\n", "", 200, "text/plain; charset=utf-8|21.5")]
    [DataRow("GET /sensors/temperature", "Accept: text/html, text/*;q=0.5, application/json;q=0.1\r\n", "", 200, "text/plain|21.5")]
    [DataRow("GET /sensors/temperature", "Accept: application/senml+json\r\n", "", 200, "[{\"n\":\"sensors/temperature\",\"u\":\"Cel\",\"v\":21.5}]")]
    [DataRow("GET /sensors/temperature", "Accept: */*\r\n", "", 200, "application/json")]
    [DataRow("GET /sensors/temperature", "Accept: image/png\r\n", "", 406, "none of the formats")]
    [DataRow("GET /sensors/temperature", "Accept: application/json;q=0, */*;q=0\r\n", "", 406, "")]
    [DataRow("HEAD /sensors/temperature", "", "", 200, "content-length: 20")]
    [DataRow("GET /sensors/humidity", "", "", 503, "retry-after: |no reading now")]
    [DataRow("GET /sensors", "Accept: application/json\r\n", "", 200, "{\"temperature\":21.5,\"doorbell\":")]
    [DataRow("GET /actuators", "Accept: application/json\r\n", "", 200, "{\"led\":\"off\",\"toaster\":\"off\"}")]
    [DataRow("GET /system", "", "", 200, "{\"thing\":\"lamp-01\",\"uptime\":1000")]
    [DataRow("GET /.well-known/core", "", "", 200, "application/link-format|</actuators/led>;rt=\"led\"")]
    [DataRow("GET /", "", "", 200, "text/html; charset=utf-8|content-security-policy: default-src 'none'|<!doctype html>|</html>")]
    [DataRow("HEAD /", "", "", 200, "content-type: text/html")]
    [DataRow("GET /nothing", "", "", 404, "/.well-known/core lists them")]
    [DataRow("GET /sensors/temperature/", "", "", 404, "")]
    [DataRow("GET /sensors/%74emperature", "", "", 404, "")]
    [DataRow("DELETE /actuators/led", Auth, "", 405, "allow: GET, HEAD, PUT, POST, PATCH, OPTIONS")]
    [DataRow("PUT /sensors/temperature", Auth, "on", 405, "allow: GET, HEAD, OPTIONS")]
    [DataRow("OPTIONS /actuators/led", "", "", 204, "allow: GET, HEAD, PUT, POST, PATCH, OPTIONS")]
    [DataRow("TRACE /", "", "", 501, "")]
    [DataRow("PUT /actuators/led", "", "on", 401, "www-authenticate: Bearer|give the token")]
    [DataRow("PUT /actuators/led", "Authorization: Bearer 0123456789abcdeg\r\n", "on", 401, "")]
    [DataRow("PUT /actuators/led", Auth + "Origin: http://evil.example\r\n", "on", 403, "a page of another server")]
    [DataRow("PUT /actuators/led", Auth + "Origin: http://192.168.1.2\r\n", "on", 204, "")]
    [DataRow("PUT /actuators/led", Auth, "on", 204, "")]
    [DataRow("PUT /actuators/led", Auth + "Content-Type: application/json\r\n", "{\"led\":\"on\"}", 204, "")]
    [DataRow("PUT /actuators/led", Auth, "toggle", 400, "toggle and dim are no states: POST them")]
    [DataRow("POST /actuators/led", Auth, "toggle", 200, "{\"led\":\"on\"}")]
    [DataRow("POST /actuators/led", Auth + "Accept: text/plain\r\n", "on", 200, "on")]
    [DataRow("PUT /actuators/led", Auth, "loud", 400, "unknown action")]
    [DataRow("PUT /actuators/led", Auth + "Content-Type: image/png\r\n", "on", 415, "use application/json")]
    [DataRow("PUT /actuators/toaster", Auth, "on", 409, "the toaster rests")]
    [DataRow("PATCH /actuators", Auth + "Content-Type: application/senml-etch+json\r\n", "[{\"n\":\"actuators/led\",\"vb\":true}]", 204, "")]
    [DataRow("PATCH /actuators", Auth + "Content-Type: application/senml-etch+json\r\n", "[{\"n\":\"actuators/radio\",\"vb\":true}]", 422, "there is no actuator of this name")]
    [DataRow("PUT /actuators/led", Auth + "If-Match: \"00000000\"\r\n", "on", 412, "If-Match")]
    [DataRow("PUT /actuators/led", Auth + "If-Match: *\r\n", "on", 204, "")]
    [DataRow("GET /events", "", "", 426, "this is a WebSocket")]
    [DataRow("GET /events", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 8\r\n", "", 426, "sec-websocket-version: 13")]
    [DataRow("GET /events", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n", "", 403, "")]
    public static void Request_gets_its_answer(string line, string fields, string body, int status, string contains)
    {
        WebBench bench = new();
        string length = body.Length > 0 || line[0] == 'P' ? $"Content-Length: {body.Length}\r\n" : "";
        string answer = bench.Ask($"{line} HTTP/1.1\r\n{Host}{fields}{length}\r\n{body}");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        foreach (string part in contains.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Contains(part, answer);
        }

        bool switched = status is 200 or 204 && line[0] == 'P';
        Assert.AreEqual(switched ? 1 : 0, bench.Lamp.Switched, "switched");
        if (line.StartsWith("HEAD", StringComparison.Ordinal))
        {
            Assert.IsTrue(answer.EndsWith("\r\n\r\n", StringComparison.Ordinal), "no body");
        }
    }

    // RFC 9112: what makes request smuggling, and what is too large; each ends the connection.
    [TestMethod]
    [DataRow("POST /actuators/led HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400)]
    [DataRow("POST /actuators/led HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", 400)]
    [DataRow("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400)]
    [DataRow("GET / HTTP/1.1\nHost: a\n\n", 400)]
    [DataRow("GET / HTTP/1.1\r\n\r\n", 400)]
    [DataRow("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505)]
    [DataRow("PUT /actuators/led HTTP/1.1\r\nHost: a\r\n\r\n", 411)]
    [DataRow("PUT /actuators/led HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n", 413)]
    [DataRow("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\n", 400)]
    public static void Hostile_request_is_refused_and_the_connection_ends(string request, int status)
    {
        WebBench bench = new();
        WebClient client = bench.Connect();
        string answer = client.Ask(request + "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("connection: close", answer);
        Assert.IsTrue(client.IsClosed);
        Assert.AreEqual(1, answer.Split("HTTP/1.1 ").Length - 1, "answers");
        Assert.AreEqual(0, bench.Lamp.Switched);
    }

    [TestMethod]
    public static void Long_head_is_431_and_a_long_target_414()
    {
        WebBench bench = new();
        Assert.StartsWith("HTTP/1.1 431 ", bench.Ask("GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('x', 2000)));
        Assert.StartsWith("HTTP/1.1 414 ", bench.Ask("GET /" + new string('x', 2000)));
    }

    [TestMethod]
    public static void Without_a_token_in_the_configuration_nobody_switches()
    {
        WebBench bench = new(token: null);
        Assert.StartsWith("HTTP/1.1 403 ", bench.Ask($"PUT /actuators/led HTTP/1.1\r\n{Host}{Auth}Content-Length: 2\r\n\r\non"));
        Assert.StartsWith("HTTP/1.1 403 ", bench.Ask($"PUT /actuators/led HTTP/1.1\r\n{Host}Authorization: Bearer \r\nContent-Length: 2\r\n\r\non"));
        Assert.AreEqual(0, bench.Lamp.Switched);
    }

    [TestMethod]
    public static void Etag_saves_the_body_until_the_state_changes()
    {
        WebBench bench = new();
        string first = bench.Ask($"GET /sensors/temperature HTTP/1.1\r\n{Host}\r\n");
        int at = first.IndexOf("etag: ", StringComparison.Ordinal) + 6;
        string tag = first.Substring(at, 10);
        string again = bench.Ask($"GET /sensors/temperature HTTP/1.1\r\n{Host}If-None-Match: \"other\", {tag}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 304 ", again);
        Assert.IsFalse(again.Contains("21.5", StringComparison.Ordinal));
        bench.Temperature.Set(220);
        Assert.Contains("{\"temperature\":22}", bench.Ask($"GET /sensors/temperature HTTP/1.1\r\n{Host}If-None-Match: {tag}\r\n\r\n"));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(int.MaxValue)]
    public static void Several_requests_in_any_pieces_are_answered_in_order_on_one_connection(int piece)
    {
        WebBench bench = new();
        WebClient client = bench.Connect();
        client.Piece = piece;
        client.Send($"GET /sensors/temperature HTTP/1.1\r\n{Host}\r\nPUT /actuators/led HTTP/1.1\r\n{Host}{Auth}Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nn\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n");
        for (int i = 0; i < 1000 && !client.IsClosed; i++)
        {
            bench.Settle();
        }

        string answers = client.Text;
        Assert.AreEqual("200, 204, 200", string.Join(", ", answers.Split("HTTP/1.1 ").Skip(1).Select(a => a[..3])));
        Assert.Contains("</html>", answers);
        Assert.IsTrue(client.IsClosed, "HTTP/1.0 without keep-alive ends the connection");
        Assert.IsTrue(bench.Lamp.IsOn);
    }

    [TestMethod]
    public static void Slow_silent_and_stuck_clients_lose_their_place()
    {
        WebBench bench = new();
        WebClient slow = bench.Connect();
        for (int i = 0; i < 12; i++)
        {
            slow.Send("G"[..1]);
            bench.Pass(1000);
        }

        Assert.StartsWith("HTTP/1.1 408 ", slow.Text);
        Assert.IsTrue(slow.IsClosed, "slow");

        WebClient stuck = bench.Connect();
        stuck.IsStuck = true;
        stuck.Send($"GET / HTTP/1.1\r\n{Host}\r\n");
        bench.Pass(9_900);
        Assert.IsFalse(stuck.IsClosed, "not yet");
        bench.Pass(200);
        Assert.IsTrue(stuck.IsClosed, "stuck");

        WebClient silent = bench.Connect();
        silent.Ask($"GET /system HTTP/1.1\r\n{Host}\r\n");
        bench.Pass(29_900);
        Assert.IsFalse(silent.IsClosed, "not yet");
        bench.Pass(200);
        Assert.IsTrue(silent.IsClosed, "silent");
    }

    [TestMethod]
    public static void Full_table_gives_up_who_only_waits_and_else_says_503()
    {
        WebBench bench = new();
        WebClient[] busy = [.. Enumerable.Range(0, 3).Select(_ => bench.Connect())];
        foreach (WebClient client in busy)
        {
            client.Send("GET /sys");
        }

        WebClient waiting = bench.Connect();
        waiting.Ask($"GET /system HTTP/1.1\r\n{Host}\r\n");
        WebClient next = bench.Connect();
        Assert.IsTrue(waiting.IsClosed, "who only waited");
        next.Send("GET /sys");
        WebClient refused = bench.Connect();
        Assert.StartsWith("HTTP/1.1 503 ", refused.Text);
        Assert.IsTrue(refused.IsClosed);
        Assert.Contains("lamp-01", busy[0].Ask($"tem HTTP/1.1\r\n{Host}\r\n"));
    }

    [TestMethod]
    public static void Nothing_is_switched_any_more_once_the_device_stops()
    {
        WebBench bench = new();
        WebClient client = bench.Connect();
        client.Send($"PUT /actuators/led HTTP/1.1\r\n{Host}{Auth}Content-Length: 2\r\n\r\n");
        bench.Door.Stop(bench.NowMs);
        client.Send("on");
        Assert.IsTrue(client.IsClosed);
        Assert.AreEqual(0, bench.Lamp.Switched);
        Assert.AreEqual(long.MaxValue, bench.Door.NextDeadlineMs);
    }

    [TestMethod]
    public static void Expect_100_continue_is_answered_before_the_body_comes()
    {
        WebBench bench = new();
        WebClient client = bench.Connect();
        Assert.AreEqual("HTTP/1.1 100 Continue\r\n\r\n", client.Ask($"PUT /actuators/led HTTP/1.1\r\n{Host}{Auth}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 204 ", client.Ask("on"));
    }
}

/// <summary>Measures allocations, so it runs when nothing else does.</summary>
[TestClass]
[RunsAlone]
public static class WebAllocationTest
{
    [TestMethod]
    public static void Requests_and_pushes_allocate_nothing()
    {
        WebBench bench = new();
        QuietClient client = new($"GET /sensors/temperature HTTP/1.1\r\nHost: a\r\n\r\nPUT /actuators/led HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {WebBench.Token}\r\nContent-Length: 6\r\n\r\ntoggle"
            + $"POST /actuators/led HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {WebBench.Token}\r\nContent-Length: 6\r\n\r\ntoggleGET /.well-known/core HTTP/1.1\r\nHost: a\r\n\r\n");
        bench.Offer(client);
        for (int i = 0; i < 200; i++)
        {
            bench.Door.Poll(bench.NowMs);
        }

        long answers = client.Answered;
        long allocated = Allocation.Of(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                bench.Door.Poll(bench.NowMs);
            }
        });
        Assert.AreEqual(0L, allocated);
        Assert.IsTrue(client.Answered - answers > 1_000_000, $"{client.Answered - answers} bytes were answered");
    }

    /// <summary>Asks the same again and again, and keeps nothing.</summary>
    private sealed class QuietClient(string requests) : Firmware.Protocols.Io.ITransport
    {
        private readonly byte[] _requests = Encoding.ASCII.GetBytes(requests);
        private int _at;

        internal long Answered { get; private set; }

        public int Read(byte[] buffer, int offset, int count)
        {
            int got = Math.Min(count, _requests.Length - _at);
            Array.Copy(_requests, _at, buffer, offset, got);
            _at = (_at + got) % _requests.Length;
            return got;
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            Answered += count;
            return count;
        }

        public void Close() => throw new InvalidOperationException("the door closed the connection");
    }
}

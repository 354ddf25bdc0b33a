// The opening handshake of both sides, and SHA-1 below it.

using System.Security.Cryptography;
using System.Text;
using Firmware.Protocols.Http;
using Firmware.Protocols.WebSocket;
using Firmware.Tests.Host.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.WebSocket;

[TestClass]
public static class WebSocketHandshakeTest
{
    private const string Request = "GET /events HTTP/1.1\r\nHost: Toaster.local:8080\r\nUpgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\nOrigin: http://toaster.local:8080\r\n\r\n";

    [TestMethod]
    public static void Answers_the_request_of_the_rfc()
    {
        WebSocketHandshake handshake = new();
        HttpRequestReader request = Read(Request);
        Assert.AreEqual(101, handshake.Check(request));
        Assert.IsTrue(WebSocketHandshake.IsSameOrigin(request));
        HttpWriter writer = NewWriter();
        handshake.WriteResponse(writer, request, null);
        Assert.AreEqual("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", Text(writer));
        writer = NewWriter();
        handshake.WriteResponse(writer, request, "mqtt"u8.ToArray());
        Assert.IsTrue(Text(writer).EndsWith("=\r\nsec-websocket-protocol: mqtt\r\n\r\n", StringComparison.Ordinal));
        writer = NewWriter();
        handshake.WriteOtherVersion(writer);
        Assert.AreEqual("HTTP/1.1 426 Upgrade Required\r\nsec-websocket-version: 13\r\ncontent-length: 0\r\n\r\n", Text(writer));
    }

    [DataRow("GET /", "POST /", 400)]
    [DataRow("HTTP/1.1", "HTTP/1.0", 400)]
    [DataRow("Upgrade: WebSocket", "Upgrade: h2c", 400)]
    [DataRow("Upgrade: WebSocket", "X: WebSocket", 400)]
    [DataRow("keep-alive, upgrade", "keep-alive", 400)]
    [DataRow("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400)]
    [DataRow("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=", 400)]
    [DataRow("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ===", 400)]
    [DataRow("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQAB", 400)]
    [DataRow("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25!ZQ==", 400)]
    [DataRow("Version: 13", "Version: 8", 426)]
    [DataRow("Version: 13", "Version: 13, 8", 426)]
    [DataRow("Sec-WebSocket-Version: 13\r\n", "", 426)]
    [DataRow("Upgrade: WebSocket", "Upgrade: h2c, websocket", 101)]
    public static void Checks_requests(string old, string changed, int status)
    {
        string text = Request.Replace(old, changed, StringComparison.Ordinal);
        Assert.AreNotEqual(Request, text);
        text = text.StartsWith("POST", StringComparison.Ordinal) ? text[..^2] + "Content-Length: 0\r\n\r\n" : text;
        Assert.AreEqual(status, new WebSocketHandshake().Check(Read(text)));
    }

    [DataRow("http://toaster.local:8080", true)]
    [DataRow("https://TOASTER.local:8080", true)]
    [DataRow("http://toaster.local", false)]
    [DataRow("http://toaster.local:80800", false)]
    [DataRow("http://toaster-local:8080", false)]
    [DataRow("http://evil.example", false)]
    [DataRow("null", false)]
    [DataRow("", false)]
    [DataRow("http:", false)]
    [DataRow("xtoaster.local:8080", false)]
    public static void Compares_the_origin(string origin, bool expected) =>
        Assert.AreEqual(expected, WebSocketHandshake.IsSameOrigin(Read(Request.Replace("http://toaster.local:8080", origin, StringComparison.Ordinal))));

    [TestMethod]
    public static void Without_an_origin_no_page_asks() =>
        Assert.IsTrue(WebSocketHandshake.IsSameOrigin(Read(Request.Replace("Origin", "X", StringComparison.Ordinal))));

    [DataRow("", "", true)]
    [DataRow("101", "200", false)]
    [DataRow("websocket", "h2c", false)]
    [DataRow("Upgrade: websocket\r\n", "", false)]
    [DataRow("Connection: Upgrade", "Connection: close", false)]
    [DataRow("Sec-WebSocket-Accept", "X", false)]
    [DataRow("=\r\n", "A\r\n", false)]
    [DataRow("Protocol: mqtt", "Protocol: mqttv3.1", false)]
    [DataRow("Sec-WebSocket-Protocol: mqtt\r\n", "", false)]
    [DataRow("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", false)]
    public static void A_client_checks_the_answer(string old, string changed, bool expected)
    {
        WebSocketHandshake handshake = new();
        WebSocketNoise noise = new(FrameText.Key);
        string first = Ask(handshake, noise);
        string second = Ask(handshake, noise);
        Assert.AreNotEqual(first, second, "a new nonce each time");
        string key = second.Split("sec-websocket-key: ")[1][..24];
        Assert.AreEqual(16, Convert.FromBase64String(key).Length);
        string answer = $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accept(key)}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
        if (old.Length > 0)
        {
            string replaced = answer.Replace(old, changed, StringComparison.Ordinal);
            Assert.AreNotEqual(answer, replaced);
            answer = replaced;
        }

        HttpResponseReader response = HttpText.Responses();
        response.IsHeadOnly = true;
        Assert.AreEqual(HttpRead.Message, response.Read(new PieceTransport(HttpText.Bytes(answer), () => 999)));
        Assert.AreEqual(expected, handshake.IsAccepted(response, "mqtt"u8.ToArray()));
        Assert.IsFalse(answer.Contains("Protocol: ", StringComparison.Ordinal) && handshake.IsAccepted(response, null), "a protocol that nobody asked for");
    }

    [TestMethod]
    public static void The_hash_agrees_with_dotnet_on_every_length()
    {
        Random random = new(1);
        byte[] data = new byte[300];
        random.NextBytes(data);
        byte[] hash = new byte[Sha1.HashLength];
        Sha1 sha = new();
        for (int length = 0; length < 200; length++)
        {
            sha.Compute(data, length / 2, length, hash);
#pragma warning disable CA5350 // no security function: RFC 6455 asks for it
            Assert.AreEqual(Convert.ToHexString(SHA1.HashData(data.AsSpan(length / 2, length))), Convert.ToHexString(hash), $"{length} bytes");
#pragma warning restore CA5350
        }
    }

    private static string Ask(WebSocketHandshake handshake, WebSocketNoise noise)
    {
        HttpWriter writer = NewWriter();
        byte[] target = "/mqtt"u8.ToArray();
        writer.Request("GET"u8.ToArray(), target, 0, target.Length);
        handshake.WriteRequest(writer, "h"u8.ToArray(), "mqtt"u8.ToArray(), noise);
        return Text(writer);
    }

    private static string Accept(string key)
    {
#pragma warning disable CA5350 // as above
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private static HttpRequestReader Read(string text)
    {
        HttpRequestReader reader = HttpText.Requests();
        Assert.AreEqual(HttpRead.Message, reader.Read(new PieceTransport(HttpText.Bytes(text), () => 999)), reader.Error.ToString());
        return reader;
    }

    private static HttpWriter NewWriter()
    {
        HttpWriter writer = new();
        writer.Reset(new byte[1000], 0, 1000);
        return writer;
    }

    private static string Text(HttpWriter writer)
    {
        Assert.IsFalse(writer.Overflowed);
        return Encoding.ASCII.GetString(writer.Out.Buffer, writer.Out.Offset, writer.Length);
    }
}

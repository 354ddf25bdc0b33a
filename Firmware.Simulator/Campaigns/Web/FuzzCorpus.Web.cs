// Valid HTTP messages and WebSocket frames that mutations start from.

using System.Text;

namespace Firmware.Simulator.Campaigns;

/// <summary>Streams of requests, of responses, of frames of either side.</summary>
internal static partial class FuzzCorpus
{
    internal static byte[][] HttpRequests() =>
    [
        .. new[]
        {
            "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /sensors/temperature?a=b&c=%20 HTTP/1.1\r\nHost: toaster.local:80\r\nAccept: */*\r\nIf-None-Match: \"1\"\r\n\r\n",
            "PUT /actuators/led HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer secret\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"led\":\"on\"}GET /x HTTP/1.0\r\n\r\n",
            "POST /a%2Fb/./../c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0A\r\n0123456789\r\n0\r\nA: b\r\n\r\nDELETE /z HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /events HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://h\r\n\r\n",
            "\r\nPATCH http://h:1/p?q HTTP/1.1\r\nHost: other\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            "OPTIONS * HTTP/1.1\r\nHost:\r\nX: " + new string('v', 250) + "\r\n\r\nHEAD / HTTP/1.1\r\nHost: i\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 120\r\n\r\n" + new string('b', 120) + "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1\r\nx\r\n", 120)) + "0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n8\r\na\nb\r\nc\r\n\r\n3\r\n\r\n\n\r\n0\r\n\r\n",
            "GET /" + new string('p', 366) + " HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: " + new string('v', 366) + "\r\n\r\n",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    internal static byte[][] HttpResponses() =>
    [
        .. new[]
        {
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"message\":\"OK\"}HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;e\r\nd\r\n0\r\nT: t\r\n\r\nHTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
            "HTTP/1.0 500\r\n\r\nuntil the end",
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    // each is legal for a server (masked) or for a client (not)
    internal static byte[][] WebSocket()
    {
        List<byte[]> streams = [];
        foreach (bool isMasked in new[] { true, false })
        {
            byte[] Frame(int first, string text)
            {
                byte[] payload = Encoding.UTF8.GetBytes(text);
                List<byte> frame = [(byte)first];
                int mask = isMasked ? 0x80 : 0;
                frame.AddRange(payload.Length < 126 ? [(byte)(mask | payload.Length)] : [(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
                byte[] key = [0x37, 0xFA, 0x21, 0x3D];
                frame.AddRange(isMasked ? key : []);
                frame.AddRange(payload.Select((b, i) => isMasked ? (byte)(b ^ key[i & 3]) : b));
                return [.. frame];
            }

            Add(Frame(0x81, "{\"led\":\"on\"}"), Frame(0x89, "ping"), Frame(0x8A, ""), Frame(0x88, ""));
            Add(Frame(0x01, "frag"), Frame(0x89, ""), Frame(0x00, ""), Frame(0x00, "men"), Frame(0x80, "t\u00e4\u4e2d\ud83d\ude00"), Frame(0x82, "\0\u0001"));
            Add(Frame(0x82, new string('b', 126)), Frame(0x81, new string('t', 200)), Frame(0x81, ""));
            Add(Frame(0x8A, new string('p', 125)), Frame(0x89, new string('p', 125)), Frame(0x81, "x"));

            Add(Frame(0x02, new string('a', 120)), Frame(0x00, new string('b', 60)), Frame(0x80, new string('c', 20)), Frame(0x81, new string('d', 200)));

            // 0x03E8, 1000, would not be UTF-8 as text: made by hand
            Add(Frame(0x81, "last"), isMasked ? [0x88, 0x85, 0, 0, 0, 0, 3, 0xE8, (byte)'b', (byte)'y', (byte)'e'] : [0x88, 5, 3, 0xE8, (byte)'b', (byte)'y', (byte)'e']);
        }

        return [.. streams];

        void Add(params byte[][] frames) => streams.Add([.. frames.SelectMany(f => f)]);
    }
}

// WebSocketTransport: the handshake and its failures, the stream of bytes over a link that takes a few at a time, and what neither side of it costs in memory.

using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using Firmware.Protocols.WebSocket;
using Firmware.Tests.Host.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.WebSocket;

[TestClass]
public static class WebSocketTransportTest
{
    private static readonly byte[] Host = "h"u8.ToArray();

    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public static void Bytes_pass_in_order_over_a_slow_link(int seed)
    {
        Random random = new(seed);
        PairedLink link = new(() => random.Next(seed == 1 ? 2 : seed == 2 ? 9 : 400));
        WebSocketTransport client = NewClient();
        Peer peer = new(link);
        client.BeginRequest().Out.Raw("/mqtt"u8.ToArray());
        Assert.IsTrue(client.Open(link.Client, Host));
        byte[] sent = new byte[6000];
        random.NextBytes(sent);
        byte[] read = new byte[sent.Length];
        int written = 0;
        int have = 0;
        for (int i = 0; i < 200_000 && (have < read.Length || peer.Received.Count < sent.Length); i++)
        {
            // a caller may offer more or less than last time, but always goes on where it was
            int offer = Math.Min(random.Next(1, 300), sent.Length - written);
            if (offer > 0)
            {
                int put = client.Write(sent, written, offer);
                Assert.IsTrue(put >= 0 && put <= offer);
                written += put;
            }

            peer.Poll(random);
            int room = Math.Min(random.Next(1, 300), read.Length - have);
            int got = room > 0 ? client.Read(read, have, room) : 0;
            Assert.IsTrue(got >= 0);
            have += got;
        }

        Assert.AreEqual(WebSocketState.Open, client.State);
        Assert.AreEqual(Convert.ToHexString(sent), Convert.ToHexString([.. peer.Received]));
        Assert.AreEqual(Convert.ToHexString(sent), Convert.ToHexString(read), "the echo");
    }

    [DataRow("HTTP/1.1 403 Forbidden\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 23\r\n\r\n{\"message\":\"Forbidden\"}", 403, 784111777, TransportResult.Failed)]
    [DataRow("HTTP/1.1 403 Forbidden\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 99999\r\n\r\n", 403, 784111777, TransportResult.Failed)]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, -1, TransportResult.Failed)]
    [DataRow("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n", 101, -1, TransportResult.Failed)]
    [DataRow("SSH-2.0-x\r\n", 0, -1, TransportResult.Failed)]
    [DataRow("", 0, -1, TransportResult.Closed)]
    public static void A_refused_handshake_tells_status_and_date(string answer, int status, int date, int result)
    {
        PairedLink link = new(() => 7);
        WebSocketTransport client = NewClient();
        client.BeginRequest().Out.Raw("/mqtt"u8.ToArray());
        Assert.IsTrue(client.Open(link.Client, Host));
        byte[] buffer = new byte[10];
        for (int i = 0; i < 100; i++)
        {
            Assert.AreEqual(0, client.Write(buffer, 0, 10), "nothing is sent before the answer");
            Assert.AreEqual(0, client.Read(buffer, 0, 10));
        }

        link.Server.Put(HttpText.Bytes(answer));
        if (answer.Length == 0)
        {
            link.Server.Close();
        }

        int got = 0;
        for (int i = 0; i < 100 && got == 0; i++)
        {
            got = client.Read(buffer, 0, 10);
        }

        Assert.AreEqual(result, got);
        Assert.AreEqual(result, client.Write(buffer, 0, 10), "sticky");
        Assert.AreEqual(WebSocketState.Refused, client.State);
        Assert.AreEqual(status, client.HandshakeStatus);
        Assert.AreEqual((long)date, client.ServerDate);
        client.Close();
        client.Close();
        Assert.IsTrue(link.Client.IsClosed);
    }

    [DataRow("m81-41", 1003, TransportResult.Failed)]
    [DataRow("838141", 1002, TransportResult.Failed)]
    [DataRow("880203E8", 1000, TransportResult.Closed)]
    [DataRow("8800", 1005, TransportResult.Closed)]
    [DataRow("", 1006, TransportResult.Closed)]
    public static void The_end_is_told_with_its_code(string frame, int code, int result)
    {
        PairedLink link = new(() => 50);
        WebSocketTransport client = Opened(link, out Peer peer);
        peer.Answer();
        if (frame.Length == 0)
        {
            link.Server.Close();
        }

        link.Server.Put(Convert.FromHexString(frame.Replace("m81-41", "810141", StringComparison.Ordinal)));
        byte[] buffer = new byte[10];
        int got = 0;
        for (int i = 0; i < 20 && got == 0; i++)
        {
            got = client.Read(buffer, 0, 10);
        }

        Assert.AreEqual(result, got);
        Assert.AreEqual(result, client.Read(buffer, 0, 10), "sticky");
        Assert.AreEqual(code, client.CloseCode);
        Assert.AreEqual(WebSocketState.Ended, client.State);
    }

    [DataRow(false)]
    [DataRow(true)]
    public static void A_close_frame_is_sent_only_if_it_is_asked_for(bool goodbye)
    {
        PairedLink link = new(() => 500);
        WebSocketTransport client = Opened(link, out Peer peer);
        peer.Answer();
        Assert.AreEqual(0, client.Read(new byte[1], 0, 1));
        Assert.AreEqual(WebSocketState.Open, client.State);
        client.SaysGoodbye = goodbye;
        int before = link.Client.Sent.Count;
        client.Close();
        Assert.AreEqual(goodbye ? 8 : 0, link.Client.Sent.Count - before, "a masked frame of two bytes");
        Assert.IsTrue(link.Client.IsClosed);
        Assert.AreEqual(TransportResult.Closed, client.Read(new byte[1], 0, 1));
    }

    [TestMethod]
    public static void A_request_that_does_not_fit_or_is_not_signed_leaves_the_link_alone()
    {
        PairedLink link = new(() => 500);
        WebSocketTransport client = NewClient();
        client.BeginRequest().Out.Raw(new byte[900]);
        Assert.IsFalse(client.Open(link.Client, Host));
        SigV4Signer signer = new("us-east-1"u8.ToArray(), SigV4Signer.IotDeviceGateway);
        AwsCredentials key = new("AKID"u8.ToArray(), new byte[200], null);
        signer.WriteMqttTarget(client.BeginRequest().Out, key, Host, 1_700_000_000, 60);
        Assert.IsFalse(client.Open(link.Client, Host), "a secret that is too long");
        Assert.AreEqual(0, link.Client.Sent.Count);
        Assert.AreEqual(TransportResult.Failed, client.Read(new byte[1], 0, 1));
        Assert.AreEqual(TransportResult.Failed, client.Write(new byte[1], 0, 1));
        signer.WriteMqttTarget(client.BeginRequest().Out, new AwsCredentials("AKID"u8.ToArray(), "secret"u8.ToArray(), null), Host, 1_700_000_000, 60);
        Assert.IsTrue(client.Open(link.Client, Host), "the next one");
        client.Read(new byte[1], 0, 1);
        string request = Encoding.ASCII.GetString([.. link.Client.Sent]);
        Assert.IsTrue(request.StartsWith("GET /mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20231114%2Fus-east-1%2Fiotdevicegateway%2Faws4_request&", StringComparison.Ordinal), request);
        Assert.IsFalse(request.Contains("secret", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Reopening_and_10000_messages_each_way_allocate_nothing()
    {
        RingLink link = new();
        WebSocketTransport client = NewClient();
        HttpRequestReader request = HttpText.Requests();
        HttpWriter writer = new();
        WebSocketHandshake handshake = new();
        WebSocketConnection server = new(new byte[300], new byte[700], null);
        byte[] answer = new byte[300];
        byte[] payload = new byte[200];
        byte[] mqtt = "mqtt"u8.ToArray();
        byte[] path = "/mqtt"u8.ToArray();
        Work(3, 10);
        int passed = 0;
        Assert.AreEqual(0L, Allocation.Of(() => passed = Work(100, 100)));
        Assert.AreEqual(100 * 100 * 2 * payload.Length, passed);

        int Work(int links, int messages)
        {
            int bytes = 0;
            for (int i = 0; i < links; i++)
            {
                link.Restart();
                client.BeginRequest().Out.Raw(path);
                client.Open(link.Client, Host);
                client.Read(payload, 0, 1);
                request.Reset();
                if (request.Read(link.Server) != HttpRead.Message || handshake.Check(request) != 101)
                {
                    return -1;
                }

                writer.Reset(answer, 0, answer.Length);
                handshake.WriteResponse(writer, request, mqtt);
                link.Server.Write(answer, 0, writer.Length);
                server.Open(link.Server, request.Buffer, request.RestOffset, request.RestLength);
                client.Read(payload, 0, 1);
                for (int k = 0; k < messages; k++)
                {
                    for (int at = 0; at < payload.Length;)
                    {
                        at += client.Write(payload, at, payload.Length - at);
                        bytes += server.Poll() == WebSocketEvent.Binary ? server.Length : 0;
                    }

                    server.Send(false, payload, 0, payload.Length);
                    server.Ping();
                    server.Poll();
                    for (int at = 0, got = 1; at < payload.Length && got > 0; at += got)
                    {
                        got = client.Read(payload, at, payload.Length - at);
                        bytes += got;
                    }

                    // the ping
                    client.Read(payload, 0, 1);
                    if (server.Poll() != WebSocketEvent.Pong)
                    {
                        return -2;
                    }
                }
            }

            return bytes;
        }
    }

    private static WebSocketTransport NewClient() => new(new byte[600], new byte[700], "mqtt"u8.ToArray(), new WebSocketNoise(FrameText.Key));

    private static WebSocketTransport Opened(PairedLink link, out Peer peer)
    {
        WebSocketTransport client = NewClient();
        peer = new Peer(link);
        client.BeginRequest().Out.Raw("/mqtt"u8.ToArray());
        Assert.IsTrue(client.Open(link.Client, Host));
        client.Read(new byte[1], 0, 1);
        return client;
    }

    // the server's end: takes the request, then echoes and pings
    private sealed class Peer(PairedLink link)
    {
        private readonly HttpRequestReader _request = HttpText.Requests();
        private readonly WebSocketConnection _connection = new(new byte[1000], new byte[1500], null);

        private int _echoed;

        internal List<byte> Received { get; } = [];

        internal void Answer()
        {
            while (_request.Read(link.Server) != HttpRead.Message)
            {
                Assert.AreEqual(HttpError.None, _request.Error);
            }

            Accept();
        }

        internal void Poll(Random random)
        {
            if (!_connection.IsOpen)
            {
                if (_request.Read(link.Server) == HttpRead.Message)
                {
                    Accept();
                }

                return;
            }

            if (random.Next(5) == 0)
            {
                _connection.Ping();
            }

            if (_connection.Poll() == WebSocketEvent.Binary)
            {
                Received.AddRange(_connection.Buffer.AsSpan(0, _connection.Length));
            }

            // goes back in messages of its own size
            int size = Math.Min(Received.Count - _echoed, random.Next(1, 100));
            if (size > 0 && _connection.Send(false, [.. Received[_echoed..(_echoed + size)]], 0, size))
            {
                _echoed += size;
            }
        }

        private void Accept()
        {
            WebSocketHandshake handshake = new();
            Assert.AreEqual(101, handshake.Check(_request));
            HttpWriter writer = new();
            writer.Reset(new byte[300], 0, 300);
            handshake.WriteResponse(writer, _request, "mqtt"u8.ToArray());
            link.Server.Put(writer.Out.Buffer[..writer.Length]);
            _connection.Open(link.Server, _request.Buffer, _request.RestOffset, _request.RestLength);
        }
    }

    // a link that allocates nothing
    private sealed class RingLink
    {
        private readonly byte[] _toServer = new byte[4000];
        private readonly byte[] _toClient = new byte[4000];

        internal RingLink()
        {
            Client = new End(_toClient, _toServer);
            Server = new End(_toServer, _toClient);
            Client.Other = Server;
            Server.Other = Client;
        }

        internal End Client { get; }

        internal End Server { get; }

        internal void Restart()
        {
            Client.Have = 0;
            Server.Have = 0;
        }

        internal sealed class End(byte[] incoming, byte[] outgoing) : ITransport
        {
            internal End? Other { get; set; }

            internal int Have { get; set; }

            public int Read(byte[] buffer, int offset, int count)
            {
                int n = Math.Min(count, Have);
                Array.Copy(incoming, 0, buffer, offset, n);
                Array.Copy(incoming, n, incoming, 0, Have - n);
                Have -= n;
                return n;
            }

            public int Write(byte[] buffer, int offset, int count)
            {
                Array.Copy(buffer, offset, outgoing, Other!.Have, count);
                Other.Have += count;
                return count;
            }

            public void Close()
            {
            }
        }
    }
}

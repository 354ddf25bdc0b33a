// The transport that makes HTTPS of MQTT, alone: packets in any pieces, answers in any pieces, and answers that nobody asked for.

using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Connectivity;

[TestClass]
public static class HttpsPublishTest
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"message\":\"OK\"}";
    private static readonly byte[] Connect = [0x10, 13, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 1, (byte)'b'];

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(int.MaxValue)]
    public static void Packets_and_answers_in_any_pieces_become_requests_and_acknowledgements_in_order(int piece)
    {
        Server server = new() { Piece = piece };
        HttpsPublish mqtt = Open(server);
        Assert.AreEqual("20020000", Send(mqtt, Connect));
        server.Answers.Enqueue(Ok);
        Assert.AreEqual("40020007", Send(mqtt, Publish("a/b c", "on", 1, 7)));
        server.Answers.Enqueue(Ok);
        Assert.AreEqual("", Send(mqtt, Publish("t", "", 0, 0)), "QoS 0 has no acknowledgement");
        Assert.AreEqual("D000", Send(mqtt, [0xC0, 0]));
        server.Answers.Enqueue("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.AreEqual("40020008", Send(mqtt, Publish("t", "x", 1, 8)), "what will never be taken is dropped");
        Assert.AreEqual(TransportResult.Closed, mqtt.Read(new byte[4], 0, 4));
        Assert.AreEqual("POST /topics/a%2Fb%20c?qos=1 HTTP/1.1\r\nhost: broker:8443\r\ncontent-length: 2\r\n\r\non"
            + "POST /topics/t?qos=0 HTTP/1.1\r\nhost: broker:8443\r\ncontent-length: 0\r\n\r\n"
            + "POST /topics/t?qos=1 HTTP/1.1\r\nhost: broker:8443\r\ncontent-length: 1\r\n\r\nx", server.Asked);
    }

    [TestMethod]
    [DataRow("HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n")]
    [DataRow("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n")]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n")]
    [DataRow("SSH-2.0-OpenSSH\r\n")]
    [DataRow("")]
    public static void What_is_no_answer_acknowledges_nothing(string answer)
    {
        Server server = new();
        HttpsPublish mqtt = Open(server);
        Send(mqtt, Connect);
        server.Answers.Enqueue(answer);
        server.EndsAfterAnswer = answer.Length == 0;
        Assert.AreEqual("ended", Send(mqtt, Publish("t", "x", 1, 7)));
    }

    [TestMethod]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [DataRow("HTTP/1.1 404 Not Found\r\nContent-Length: 5000\r\n\r\n<html>")]
    public static void Acknowledgement_is_told_before_the_end_also_to_who_writes_first(string answer)
    {
        Server server = new();
        HttpsPublish mqtt = Open(server);
        Send(mqtt, Connect);
        server.Answers.Enqueue(answer);
        byte[] first = Publish("t", "x", 1, 7);
        Assert.AreEqual(first.Length, mqtt.Write(first, 0, first.Length));
        byte[] second = Publish("t", "y", 1, 8);
        Assert.AreEqual(0, mqtt.Write(second, 0, second.Length), "wait");
        byte[] reply = new byte[4];
        Assert.AreEqual(4, mqtt.Read(reply, 0, 4));
        Assert.AreEqual("40020007", Convert.ToHexString(reply));
        Assert.IsTrue(mqtt.Write(second, 0, second.Length) < 0, "and now the end");
    }

    [TestMethod]
    public static void Answer_that_nobody_asked_for_is_not_that_to_the_next_message()
    {
        Server server = new();
        HttpsPublish mqtt = Open(server);
        Send(mqtt, Connect);
        server.Answers.Enqueue(Ok + Ok);
        Assert.AreEqual("40020007", Send(mqtt, Publish("t", "x", 1, 7)));
        Assert.AreEqual("ended", Send(mqtt, Publish("t", "y", 1, 8)));
        server = new Server { Unasked = Ok };
        mqtt.Open(server);
        Send(mqtt, Connect);
        Assert.AreEqual("ended", Send(mqtt, Publish("t", "y", 1, 8)));
        Assert.AreEqual("", server.Asked);
    }

    [TestMethod]
    public static void Packet_that_has_no_counterpart_or_is_too_long_ends_the_connection()
    {
        Assert.AreEqual("ended", Send(Open(new Server()), [0x82, 6, 0, 1, 0, 1, (byte)'t', 0]));
        Assert.AreEqual("ended", Send(Open(new Server()), Publish("t", new string('x', 2000), 1, 7)));
    }

    private static HttpsPublish Open(Server server)
    {
        HttpsPublish mqtt = new(new DeviceConfiguration { Endpoint = "broker", Port = 8443, HttpsPublish = true });
        mqtt.Open(server);
        return mqtt;
    }

    // what comes back, in hexadecimal; "ended" if the connection does
    private static string Send(HttpsPublish mqtt, byte[] packet)
    {
        byte[] reply = new byte[16];
        int have = 0;
        int sent = 0;
        for (int i = 0; i < 2000; i++)
        {
            int taken = sent < packet.Length ? mqtt.Write(packet, sent, packet.Length - sent) : 0;
            int got = mqtt.Read(reply, have, reply.Length - have);
            if (taken < 0 || (got < 0 && have == 0))
            {
                return "ended";
            }

            sent += taken;
            have += Math.Max(0, got);
        }

        Assert.AreEqual(packet.Length, sent);
        return Convert.ToHexString(reply, 0, have);
    }

    private static byte[] Publish(string topic, string payload, int qos, int id)
    {
        byte[] rest = [(byte)(topic.Length >> 8), (byte)topic.Length, .. Encoding.ASCII.GetBytes(topic), .. qos > 0 ? (byte[])[(byte)(id >> 8), (byte)id] : [], .. Encoding.ASCII.GetBytes(payload)];
        byte[] length = rest.Length < 128 ? [(byte)rest.Length] : [(byte)(0x80 | (rest.Length & 0x7F)), (byte)(rest.Length >> 7)];
        return [(byte)(0x30 | (qos << 1)), .. length, .. rest];
    }

    /// <summary>Answers each request that it has whole, with what the test wants.</summary>
    private sealed class Server : ITransport
    {
        private readonly Queue<byte> _out = [];
        private string _open = "";

        internal Queue<string> Answers { get; } = [];

        internal int Piece { get; init; } = int.MaxValue;

        internal bool EndsAfterAnswer { get; set; }

        internal string Asked { get; private set; } = "";

        internal string Unasked
        {
            init => Say(value);
        }

        public int Read(byte[] buffer, int offset, int count)
        {
            int got = 0;
            while (got < Math.Min(count, Piece) && _out.TryDequeue(out byte value))
            {
                buffer[offset + got++] = value;
            }

            return got > 0 ? got : EndsAfterAnswer && Asked.Length > 0 ? TransportResult.Closed : 0;
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            int taken = Math.Min(count, Piece);
            string text = Encoding.ASCII.GetString(buffer, offset, taken);
            Asked += text;
            _open += text;
            int head = _open.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head >= 0)
            {
                int at = _open.IndexOf("content-length: ", StringComparison.Ordinal) + 16;
                int length = int.Parse(_open[at..head], System.Globalization.CultureInfo.InvariantCulture);
                if (_open.Length == head + 4 + length)
                {
                    _open = "";
                    Say(Answers.TryDequeue(out string? answer) ? answer : "");
                }
            }

            return taken;
        }

        public void Close()
        {
        }

        private void Say(string text)
        {
            foreach (byte value in Encoding.ASCII.GetBytes(text))
            {
                _out.Enqueue(value);
            }
        }
    }
}

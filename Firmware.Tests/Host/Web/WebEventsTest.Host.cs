// The WebSocket /events: what is pushed when, who may switch, and what wrong frames get.

using System.Text;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Web;

[TestClass]
public static class WebEventsTest
{
    private const string Upgrade = "GET /events HTTP/1.1\r\nHost: 192.168.1.2\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://192.168.1.2\r\n\r\n";

    [TestMethod]
    public static void States_come_first_and_then_each_change_once()
    {
        WebBench bench = new();
        WebClient client = Open(bench);
        Assert.AreEqual("{\"led\":\"off\"} {\"temperature\":21.5} {\"toaster\":\"off\"}", Messages(client));
        bench.Temperature.Set(230);
        bench.Settle();
        Assert.AreEqual("{\"temperature\":23}", Messages(client));
        bench.Settle();
        Assert.AreEqual("", Messages(client));
    }

    [TestMethod]
    public static void Doorbell_is_told_when_it_rings_and_not_to_who_comes_later()
    {
        WebBench bench = new();
        bench.Bell.Ring();
        bench.Settle();
        WebClient client = Open(bench);
        Assert.IsFalse(Messages(client).Contains("doorbell", StringComparison.Ordinal));
        bench.Bell.Ring();
        bench.Settle();
        Assert.AreEqual("{\"doorbell\":\"pressed\"}", Messages(client));
    }

    [TestMethod]
    public static void Change_through_http_reaches_every_listener()
    {
        WebBench bench = new();
        WebClient one = Open(bench);
        WebClient two = Open(bench);
        Messages(one);
        Messages(two);
        bench.Ask($"PUT /actuators/led HTTP/1.1\r\nHost: 192.168.1.2\r\nAuthorization: Bearer {WebBench.Token}\r\nContent-Length: 2\r\n\r\non");
        bench.Settle();
        Assert.AreEqual("{\"led\":\"on\"}", Messages(one));
        Assert.AreEqual("{\"led\":\"on\"}", Messages(two));
    }

    [TestMethod]
    public static void Commands_are_taken_once_the_token_was_shown()
    {
        WebBench bench = new();
        WebClient client = Open(bench);
        Messages(client);
        Assert.AreEqual("{\"rejected\":\"send {\\\"token\\\":\\\"...\\\"} first\"}", Say(client, "{\"led\":\"on\"}"));
        Assert.AreEqual("{\"rejected\":\"this is not the token of device.json\"}", Say(client, "{\"token\":\"0123456789abcdeX\"}"));
        Assert.AreEqual(0, bench.Lamp.Switched);
        Assert.AreEqual("{\"accepted\":{}}", Say(client, $"{{\"token\":\"{WebBench.Token}\"}}"));
        Assert.AreEqual("{\"accepted\":{\"led\":\"on\"}} {\"led\":\"on\"}", Say(client, "{\"led\":\"on\",\"id\":\"7\"}"));
        Assert.AreEqual("{\"accepted\":{\"led\":\"on\"}}", Say(client, "{\"led\":\"on\",\"id\":\"7\"}"), "the same command again");
        Assert.AreEqual(1, bench.Lamp.Switched);
        Assert.AreEqual("{\"rejected\":\"the toaster rests\"}", Say(client, "{\"toaster\":\"on\"}"));
        Assert.AreEqual("{\"rejected\":\"the payload is not a JSON object, such as {\\\"led\\\":\\\"on\\\"}\"}", Say(client, "on"));
    }

    [TestMethod]
    public static void Token_of_one_connection_is_not_that_of_the_next()
    {
        WebBench bench = new();
        WebClient first = Open(bench);
        Say(first, $"{{\"token\":\"{WebBench.Token}\"}}");
        first.Send(Frame(8, [0x03, 0xE8]));
        Assert.IsTrue(first.IsClosed);
        WebClient second = Open(bench);
        Messages(second);
        Assert.Contains("rejected", Say(second, "{\"led\":\"on\"}"));
        Assert.AreEqual(0, bench.Lamp.Switched);
    }

    // RFC 6455 5.1, 5.2, 5.5: each ends the connection with its code.
    [TestMethod]
    [DataRow("818000000000", -1)]
    [DataRow("8100", 1002)]
    [DataRow("C18000000000", 1002)]
    [DataRow("838000000000", 1002)]
    [DataRow("81FE001000000000", 1002)]
    [DataRow("81FE200000000000", 1009)]
    [DataRow("81FF7FFFFFFFFFFFFFFF00000000", 1009)]
    [DataRow("8181000000000000", -1)]
    [DataRow("818100000000FF", 1007)]
    [DataRow("09800000000081800000000000", 1002)]
    public static void Wrong_frame_ends_the_connection_with_its_code(string hex, int code)
    {
        WebBench bench = new();
        WebClient client = Open(bench);
        Messages(client);
        client.Send(Convert.FromHexString(hex));
        byte[] bytes = [.. client.Bytes];
        if (code < 0)
        {
            Assert.IsFalse(client.IsClosed);
            return;
        }

        int close = Array.IndexOf(bytes, (byte)0x88);
        Assert.IsTrue(close >= 0, "a Close frame");
        Assert.AreEqual(code, (bytes[close + 2] << 8) | bytes[close + 3]);
        Assert.IsTrue(client.IsClosed);
    }

    [TestMethod]
    public static void Silent_listener_is_asked_and_then_dropped_and_its_place_is_free_again()
    {
        WebBench bench = new();
        WebClient silent = Open(bench);
        WebClient alive = Open(bench);
        Assert.StartsWith("HTTP/1.1 503 ", bench.Ask(Upgrade), "two at most");
        silent.Take();
        alive.Take();
        bench.Pass(30_100);
        Assert.AreEqual("\u0089\0", silent.Text, "a ping");
        alive.Send(Frame(10, []));
        bench.Pass(30_100);
        Assert.IsTrue(silent.IsClosed);
        Assert.IsFalse(alive.IsClosed);
        Open(bench);
    }

    [TestMethod]
    public static void Listener_that_does_not_read_gets_the_newest_state_later()
    {
        WebBench bench = new();
        WebClient client = Open(bench);
        Messages(client);
        client.IsStuck = true;
        for (int i = 0; i < 200; i++)
        {
            bench.Temperature.Set(300 + i);
            bench.Settle();
        }

        client.IsStuck = false;
        bench.Settle();
        string[] messages = Messages(client).Split(' ');
        Assert.AreEqual("{\"temperature\":49.9}", messages[^1]);
        Assert.IsTrue(messages.Length < 60, $"{messages.Length} messages were kept");
    }

    private static WebClient Open(WebBench bench)
    {
        WebClient client = bench.Connect();
        client.Send(Upgrade);
        Assert.StartsWith("HTTP/1.1 101 ", client.Text);

        // RFC 6455 1.3
        Assert.Contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", client.Text);
        return client;
    }

    private static string Say(WebClient client, string text)
    {
        client.Send(Frame(1, Encoding.UTF8.GetBytes(text)));
        return Messages(client);
    }

    private static byte[] Frame(int opcode, byte[] payload)
    {
        Assert.IsTrue(payload.Length < 126);
        return [(byte)(0x80 | opcode), (byte)(0x80 | payload.Length), 1, 2, 3, 4, .. payload.Select((b, i) => (byte)(b ^ (1 + (i % 4))))];
    }

    // the text messages that came, behind the handshake if that is there, too
    private static string Messages(WebClient client)
    {
        byte[] bytes = [.. client.Bytes];
        string all = client.Take();
        int at = all.StartsWith("HTTP/", StringComparison.Ordinal) ? all.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4 : 0;
        List<string> messages = [];
        while (at < bytes.Length)
        {
            int length = bytes[at + 1];
            int head = 2;
            if (length == 126)
            {
                length = (bytes[at + 2] << 8) | bytes[at + 3];
                head = 4;
            }

            if ((bytes[at] & 0xF) == 1)
            {
                messages.Add(Encoding.UTF8.GetString(bytes, at + head, length));
            }

            at += head + length;
        }

        return string.Join(' ', messages);
    }
}

// Frames by hand: what is taken, what is refused and with which code, in whatever pieces the bytes come.

using System.Text;
using Firmware.Protocols.WebSocket;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.WebSocket;

[TestClass]
public static class WebSocketConnectionTest
{
    // RFC 6455, 5.7, and around it; hexadecimal, spaces mean nothing; "m:" makes masked frames of "first byte-payload"
    [DataRow("818537FA213D7F9F4D5158", "text Hello")]
    [DataRow("m:01-48656C m:80-6C6F", "text Hello")]
    [DataRow("m:89-48656C6C6F", " > 8A0548656C6C6F")]
    [DataRow("m:8A-48656C6C6F", "Pong")]
    [DataRow("m:01-48656C m:89-3F m:00- m:8A- m:80-6C6F m:82-00FF", "Pong, text Hello, binary 00FF > 8A013F")]
    [DataRow("m:81- m:82- m:01- m:80-", "text , binary , text ")]
    [DataRow("m:88-", "closed 1005 > 880203E8")]
    [DataRow("m:88-03E8", "closed 1000 > 880203E8")]
    [DataRow("m:88-03E9627965", "closed 1001 > 880203E9")]
    [DataRow("m:88-1387 m:81-41", "closed 4999 > 88021387")]
    [DataRow("m:81-C3A4E282AC", "text ä€")]
    [DataRow("m:01-C3 m:80-A4", "text ä")]
    public static void Takes_frames_as_a_server(string frames, string expected) => Check(frames, expected);

    // each is answered with the code that says why, and the link is closed
    [DataRow("810548656C6C6F", 1002)]
    [DataRow("m:C1-41", 1002)]
    [DataRow("m:A1-41", 1002)]
    [DataRow("m:91-41", 1002)]
    [DataRow("m:83-41", 1002)]
    [DataRow("m:87-", 1002)]
    [DataRow("m:8B-", 1002)]
    [DataRow("m:8F-", 1002)]
    [DataRow("m:09-41", 1002)]
    [DataRow("m:08-", 1002)]
    [DataRow("89FE007E00000000", 1002)]
    [DataRow("m:80-41", 1002)]
    [DataRow("m:01-41 m:81-42", 1002)]
    [DataRow("m:01-41 m:82-42", 1002)]
    [DataRow("81FE007D00000000", 1002)]
    [DataRow("81FE000100000000", 1002)]
    [DataRow("81FF000000000000FFFF00000000", 1002)]
    [DataRow("81FF000000000000000100000000", 1002)]
    [DataRow("81FF800000000000000000000000", 1002)]
    [DataRow("81FFFFFFFFFFFFFFFFFF00000000", 1002)]
    [DataRow("81FF7FFFFFFFFFFFFFFF00000000", 1009)]
    [DataRow("82FF000000008000000000000000", 1009)]
    [DataRow("82FE012D00000000", 1009)]
    [DataRow("m:81-C3", 1007)]
    [DataRow("m:81-C080", 1007)]
    [DataRow("m:01-41 m:80-EDA080", 1007)]
    [DataRow("m:88-03", 1002)]
    [DataRow("m:88-03E7", 1002)]
    [DataRow("m:88-03EC", 1002)]
    [DataRow("m:88-03ED", 1002)]
    [DataRow("m:88-03EE", 1002)]
    [DataRow("m:88-03F7", 1002)]
    [DataRow("m:88-07D0", 1002)]
    [DataRow("m:88-0BB7", 1002)]
    [DataRow("m:88-1388", 1002)]
    [DataRow("m:88-0000", 1002)]
    [DataRow("m:88-03E8FF", 1007)]
    public static void Refuses_frames_as_a_server(string frames, int code) => Check(frames, $"closed {code} > 8802{code:X4}");

    [DataRow("810548656C6C6F", "text Hello")]
    [DataRow("010348656C 8900 80026C6F", "text Hello")]
    [DataRow("818537FA213D7F9F4D5158", "closed 1002")]
    [DataRow("880203E8", "closed 1000")]
    public static void As_a_client_it_wants_no_masks_and_masks_itself(string frames, string expected)
    {
        foreach (Func<int> piece in Http.HttpRequestReaderTest.Pieces(frames.Length))
        {
            WebSocketConnection connection = new(new byte[300], new byte[300], new WebSocketNoise(FrameText.Key));
            string trace = FrameText.Trace(connection, Bytes(frames), piece, isServer: false);
            Assert.AreEqual(expected, trace.Split(" > ")[0]);
            Assert.IsTrue(!trace.Contains(" > 8", StringComparison.Ordinal) || trace.Contains(" > 8882", StringComparison.Ordinal) || trace.Contains(" > 8A80", StringComparison.Ordinal), "masked: " + trace);
        }
    }

    [TestMethod]
    public static void Messages_up_to_the_buffer_are_taken_in_one_frame_or_in_many()
    {
        byte[] whole = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        foreach (Func<int> piece in Http.HttpRequestReaderTest.Pieces(1))
        {
            foreach (int size in new[] { 1, 125, 126, 127, 299, 300 })
            {
                byte[] part = whole[..size];
                string expected = "binary " + Convert.ToHexString(part);
                Assert.AreEqual(expected, FrameText.Trace(Server(), FrameText.Frame(0x82, part, true), piece, true));
                byte[] fragments = [.. part.SelectMany((b, i) => FrameText.Frame((i == size - 1 ? 0x80 : 0) | (i == 0 ? 2 : 0), [b], true))];
                Assert.AreEqual(expected, FrameText.Trace(Server(), fragments, piece, true));
            }

            byte[] tooMany = [.. FrameText.Frame(0x02, whole, true), .. FrameText.Frame(0x00, [], true), .. FrameText.Frame(0x80, [1], true)];
            Assert.AreEqual("closed 1009 > 880203F1", FrameText.Trace(Server(), tooMany, piece, true));
        }
    }

    [TestMethod]
    public static void Closing_first_waits_for_the_peer_and_drops_what_comes_meanwhile()
    {
        WebSocketConnection server = Server();
        PairedLink link = new(() => 5);
        server.Open(link.Server, [], 0, 0);
        Assert.IsTrue(server.Send(true, "last"u8.ToArray(), 0, 4));
        server.Close(WebSocketClose.GoingAway);
        Assert.IsFalse(server.Send(true, "x"u8.ToArray(), 0, 1), "nothing behind a Close frame");
        Assert.IsFalse(server.Ping());
        link.Client.Put([.. FrameText.Frame(0x81, "late"u8.ToArray(), true), .. FrameText.Frame(0x89, [], true)]);
        for (int i = 0; i < 20; i++)
        {
            Assert.AreEqual(WebSocketEvent.None, server.Poll());
        }

        Assert.AreEqual("81046C617374880203E9", Convert.ToHexString([.. link.Server.Sent]));
        link.Client.Put(FrameText.Frame(0x88, [3, 0xE9], true));
        List<WebSocketEvent> told = [.. Enumerable.Range(0, 20).Select(_ => server.Poll()).Where(e => e != WebSocketEvent.None)];
        Assert.AreEqual("Closed", string.Join(',', told));
        Assert.AreEqual(1001, server.CloseCode);
        Assert.IsTrue(link.Server.IsClosed);
        Assert.AreEqual("81046C617374880203E9", Convert.ToHexString([.. link.Server.Sent]), "one Close frame, no pong");

        // the next connection starts anew
        link = new(() => 50);
        server.Open(link.Server, [], 0, 0);
        link.Client.Put(FrameText.Frame(0x81, "new"u8.ToArray(), true));
        Assert.AreEqual(WebSocketEvent.Text, server.Poll());
        Assert.AreEqual(0, server.CloseCode);
        link.Client.Close();
        Assert.AreEqual(WebSocketEvent.Closed, server.Poll());
        Assert.AreEqual(WebSocketClose.Abnormal, server.CloseCode);
        Assert.AreEqual(WebSocketEvent.None, server.Poll(), "told once");
    }

    [TestMethod]
    public static void What_does_not_fit_is_refused_and_pings_are_never_lost()
    {
        WebSocketConnection server = Server();
        int room = 0;
        PairedLink link = new(() => room);
        server.Open(link.Server, [], 0, 0);
        byte[] text = new byte[100];
        int sent = 0;
        while (server.Send(false, text, 0, text.Length))
        {
            sent++;
        }

        Assert.AreEqual(2, sent, "of 500 bytes 266 are kept");
        Assert.IsTrue(server.IsSending);

        // the peer does not read and pings on: the pings wait on the link
        for (int i = 0; i < 40; i++)
        {
            link.Client.Put(FrameText.Frame(0x89, [(byte)i, .. new byte[99]], true));
        }

        room = 10_000;
        for (int i = 0; i < 60; i++)
        {
            Assert.AreEqual(WebSocketEvent.None, server.Poll());
        }

        byte[] all = [.. link.Server.Sent];
        int at = 2 * 102;
        for (int i = 0; i < 40; i++, at += 102)
        {
            Assert.AreEqual($"8A64{i:X2}", Convert.ToHexString(all, at, 3));
        }

        Assert.AreEqual(at, all.Length);
    }

    private static WebSocketConnection Server() => new(new byte[300], new byte[500], null);

    private static void Check(string frames, string expected)
    {
        foreach (Func<int> piece in Http.HttpRequestReaderTest.Pieces(frames.Length))
        {
            Assert.AreEqual(expected, FrameText.Trace(Server(), Bytes(frames), piece, isServer: true));
        }
    }

    private static byte[] Bytes(string frames)
    {
        return [.. frames.Split(' ').SelectMany(One)];

        static byte[] One(string frame)
        {
            string[] parts = frame.Split(':', '-');
            return parts[0] == "m" ? FrameText.Frame(Convert.ToByte(parts[1], 16), Convert.FromHexString(parts[2]), true) : Convert.FromHexString(frame);
        }
    }
}

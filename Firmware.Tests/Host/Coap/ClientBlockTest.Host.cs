// Bodies in blocks (RFC 7959), both ways, message by message; Request-Tag (RFC 9175 section 3).

using System.Text;
using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ClientBlockTest
{
    private const int B1 = CoapOption.Block1;
    private const int B2 = CoapOption.Block2;

    // 3.2 figure 2, with the size that the server chooses
    [TestMethod]
    public static void A_body_in_blocks_is_delivered_block_by_block()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        string body = Text(300);
        CoapTestMessage first = bench.Take();
        Assert.AreEqual("-", first.Block(B2));
        HashSet<string> tokens = [];
        Answer(bench, first, body, 0, 3, Tag(7));
        for (int i = 1; i < 3; i++)
        {
            CoapTestMessage next = bench.Take();
            Assert.AreEqual($"{i}/0/128", next.Block(B2));
            Assert.AreEqual("big", next.Path);
            Assert.IsTrue(tokens.Add(Convert.ToHexString(next.Token)));
            Answer(bench, next, body, i, 3, Tag(7));
        }

        bench.Told("2.05 @0 128 bytes", "2.05 @128 128 bytes", "2.05 @256 last 44 bytes");
        Assert.AreEqual(body, Encoding.UTF8.GetString(bench.Body.ToArray()));
        bench.NothingSent();
        Assert.AreEqual(0, bench.Client.Busy);
    }

    // 2.4: early negotiation, then a server that wants smaller blocks (3.2 figure 3)
    [TestMethod]
    public static void A_server_may_choose_smaller_blocks_than_asked_for()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "big");
        request.BlockSize = 256;
        request.ETag = [9];
        bench.Begin(request);
        string body = Text(100);
        CoapTestMessage message = bench.Take();
        Assert.AreEqual("0/0/256", message.Block(B2));
        Answer(bench, message, body, 0, 2);
        message = bench.Take();
        Assert.AreEqual("1/0/64", message.Block(B2));
        Assert.IsFalse(message.Has(CoapOption.ETag));

        // and smaller still
        Answer(bench, message, body, 4, 0);
        message = bench.Take();
        Assert.AreEqual("5/0/16", message.Block(B2));
        Answer(bench, message, body, 5, 0);
        Answer(bench, bench.Take(), body, 6, 0);
        Assert.AreEqual(body, Encoding.UTF8.GetString(bench.Body.ToArray()));
    }

    // 2.2, 2.4
    [DataRow(1, false, 3, 128, 0)] // not the block that was asked for
    [DataRow(0, true, 3, 100, 0)] // a short block that is not the last
    [DataRow(0, false, 0, 17, 0)] // a last block longer than its size
    [DataRow(0, true, 4, 256, 128)] // larger than asked for
    public static void A_block_that_cannot_be_right_ends_the_request(int number, bool hasMore, int szx, int length, int wanted)
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Get, "big");
        request.BlockSize = wanted;
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.Content, Text(length), CoapTestOption.Block(B2, number, hasMore, szx));
        bench.Told("failed BadResponse 23");
        bench.NothingSent();
    }

    // 2.4
    [DataRow(true)]
    [DataRow(false)]
    public static void A_body_that_changes_begins_again_once(bool settles)
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        string old = Text(100);
        string changed = old.ToUpperInvariant();
        Answer(bench, bench.Take(), old, 0, 2, Tag(1));
        Answer(bench, bench.Take(), changed, 1, 2, Tag(2));
        bench.Told("2.05 @0 64 bytes");
        CoapTestMessage again = bench.Take();
        Assert.AreEqual("0/0/64", again.Block(B2));
        Answer(bench, again, changed, 0, 2, Tag(2));
        if (settles)
        {
            Answer(bench, bench.Take(), changed, 1, 2, Tag(2));
            bench.Told("2.05 @0 64 bytes", "2.05 @64 last 36 bytes");
            Assert.AreEqual(changed, Encoding.UTF8.GetString(bench.Body.ToArray()));
        }
        else
        {
            // a tag that is missing is another one, too
            Answer(bench, bench.Take(), changed, 1, 2);
            bench.Told("2.05 @0 64 bytes", "failed BodyChanged");
        }

        bench.NothingSent();
        Assert.AreEqual(0, bench.Client.Busy);
    }

    // a server that gives a tag from the second block on has another body now
    [TestMethod]
    public static void A_tag_that_appears_is_a_change()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        Answer(bench, bench.Take(), Text(100), 0, 2);
        Answer(bench, bench.Take(), Text(100), 1, 2, Tag(2));
        Assert.AreEqual("0/0/64", bench.Take().Block(B2));
        bench.Told("2.05 @0 64 bytes");
    }

    // what came was not acted upon by the caller yet, but the action itself must not run twice
    [TestMethod]
    public static void The_changed_answer_of_a_POST_is_not_asked_for_again()
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Post, "do"));
        Answer(bench, bench.Take(), Text(100), 0, 2, Tag(1));
        CoapTestMessage next = bench.Take();
        Assert.AreEqual("1/0/64", next.Block(B2));
        Answer(bench, next, Text(100), 1, 2, Tag(2));
        bench.Told("2.05 @0 64 bytes", "failed BodyChanged");
        bench.NothingSent();
    }

    [DataRow(CoapCode.BadRequest)]
    [DataRow(CoapCode.RequestEntityIncomplete)]
    public static void A_body_that_became_shorter_begins_again(int code)
    {
        ClientBench bench = new();
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        Answer(bench, bench.Take(), Text(100), 0, 2);
        bench.Piggyback(bench.Take(), code, "no such block");
        CoapTestMessage again = bench.Take();
        Assert.AreEqual("0/0/64", again.Block(B2));
        Answer(bench, again, "short", 0, 2);
        bench.Told("2.05 @0 64 bytes", "2.05 @0 last 'short'");
    }

    // a response that is longer than our messages: asked for in blocks (RFC 7959 section 2.4), once
    [TestMethod]
    public static void A_response_that_does_not_fit_is_asked_for_in_blocks()
    {
        ClientBench bench = new(maxMessage: 1152);
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        string body = Text(1200);
        CoapTestMessage first = bench.Take();
        bench.Piggyback(first, CoapCode.Content, body);
        CoapTestMessage again = bench.Take();
        Assert.AreEqual("0/0/1024", again.Block(B2));
        Answer(bench, again, body, 0, 6);
        Answer(bench, bench.Take(), body, 1, 6);
        Assert.AreEqual(body, Encoding.UTF8.GetString(bench.Body.ToArray()));
        bench.Told("2.05 @0 1024 bytes", "2.05 @1024 last 176 bytes");

        // a server that knows no blocks
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        bench.Piggyback(bench.Take(), CoapCode.Content, body);
        bench.Separate(CoapType.Con, bench.Take(), CoapCode.Content, body);
        bench.Told("failed ResponseTooLarge");
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);

        // what changes something does not run twice
        bench.Begin(bench.Request(CoapCode.Post, "do"));
        bench.Piggyback(bench.Take(), CoapCode.Changed, body);
        bench.Told("failed ResponseTooLarge");

        // a long text with an error is delivered as far as it came
        bench.Begin(bench.Request(CoapCode.Get, "big"));
        bench.Piggyback(bench.Take(), CoapCode.NotFound, body);
        Assert.IsTrue(bench.Log.Single().StartsWith("4.04 @0 last 11", StringComparison.Ordinal));
        bench.NothingSent();
    }

    // 4.6 of RFC 7252: servers may assume 1152 bytes; who takes less says so from the beginning
    [DataRow(1152, "-")]
    [DataRow(1000, "0/0/512")]
    [DataRow(576, "0/0/512")]
    [DataRow(200, "0/0/128")]
    [DataRow(128, "0/0/64")]
    public static void A_client_with_short_messages_asks_for_blocks_at_once(int maxMessage, string expected)
    {
        ClientBench bench = new(maxMessage: maxMessage);
        bench.Begin(bench.Request(CoapCode.Get, "x"));
        Assert.AreEqual(expected, bench.Take().Block(B2));
    }

    // 3.3 figure 7; Request-Tag: RFC 9175 section 3
    [DataRow(true)]
    [DataRow(false)]
    public static void A_body_is_sent_in_blocks(bool fromSource)
    {
        ClientBench bench = new();
        CoapClientRequest request = Upload(bench, 150, 64, fromSource);
        bench.Begin(request);
        List<string> blocks = [];
        MemoryStream body = new();
        HashSet<string> tags = [];
        HashSet<string> tokens = [];
        for (int i = 0; i < 3; i++)
        {
            CoapTestMessage message = bench.Take();
            blocks.Add(message.Block(B1));
            body.Write(message.Payload);
            tags.Add(Convert.ToHexString(message.Value(CoapOption.RequestTag)));
            tokens.Add(Convert.ToHexString(message.Token));
            Assert.AreEqual(i == 0 && !fromSource ? 150 : -1, message.UInt(CoapOption.Size1));
            Assert.AreEqual(CoapFormat.Text, message.UInt(CoapOption.ContentFormat));
            Assert.AreEqual("-", message.Block(B2));
            bench.Piggyback(message, i < 2 ? CoapCode.Continue : CoapCode.Changed, "", CoapTestOption.Block(B1, i, i < 2, 2));
        }

        Assert.AreEqual("0/1/64 1/1/64 2/0/64", string.Join(" ", blocks));
        Assert.AreEqual(Text(150), Encoding.UTF8.GetString(body.ToArray()));
        Assert.AreEqual(1, tags.Count);
        Assert.AreEqual(1, tokens.Count);
        bench.Told("2.04 @0 last ''");

        // the next body has another tag
        bench.Begin(request);
        Assert.IsTrue(tags.Add(Convert.ToHexString(bench.Take().Value(CoapOption.RequestTag))));
    }

    [DataRow(0)]
    [DataRow(1)]
    [DataRow(64)]
    public static void A_body_that_fits_in_one_block_is_sent_without_Block1(int length)
    {
        for (int source = 0; source < 2; source++)
        {
            ClientBench bench = new();
            bench.Begin(Upload(bench, length, 64, source == 1));
            CoapTestMessage message = bench.Take();
            Assert.IsFalse(message.Has(B1) || message.Has(CoapOption.RequestTag) || message.Has(CoapOption.Size1));
            Assert.AreEqual(length, message.Payload.Length);
        }
    }

    // the largest block that leaves room for the options
    [DataRow(1152, "0/1/1024")]
    [DataRow(600, "0/1/512")]
    [DataRow(128, "0/1/64")]
    public static void Blocks_are_as_large_as_messages_allow(int maxMessage, string expected)
    {
        for (int source = 0; source < 2; source++)
        {
            ClientBench bench = new(maxMessage: maxMessage);
            bench.Begin(Upload(bench, 2000, 0, source == 1));
            CoapTestMessage message = bench.Take();
            Assert.AreEqual(expected, message.Block(B1));
            Assert.AreEqual(Text(2000)[..message.Payload.Length], Encoding.UTF8.GetString(message.Payload));
            Assert.IsTrue(message.Bytes.Length <= maxMessage);
        }
    }

    // 3.3 figure 8: the server wants smaller blocks from the second on
    [TestMethod]
    public static void A_server_may_ask_for_smaller_blocks_with_231()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 200, 128, true));
        CoapTestMessage message = bench.Take();
        Assert.AreEqual("0/1/128", message.Block(B1));
        bench.Piggyback(message, CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 1));
        MemoryStream rest = new();
        for (int i = 4; i < 7; i++)
        {
            message = bench.Take();
            rest.Write(message.Payload);
            Assert.AreEqual(i < 6 ? $"{i}/1/32" : "6/0/32", message.Block(B1));
            bench.Piggyback(message, i < 6 ? CoapCode.Continue : CoapCode.Changed, "", CoapTestOption.Block(B1, i, i < 6, 1));
        }

        Assert.AreEqual(Text(200)[128..], Encoding.UTF8.GetString(rest.ToArray()));
        bench.Told("2.04 @0 last ''");
    }

    // 2.9.3: 4.13 with a smaller size, for a body in blocks and for one in a single message; Size1 alone as the hint of who cannot take the message
    [DataRow(100, 64, 1, -1, "0/1/32")]
    [DataRow(60, 64, 1, -1, "0/1/32")]
    [DataRow(60, 64, -1, 40, "0/1/32")]
    public static void A_413_with_a_smaller_size_begins_again_with_it(int length, int blockSize, int szx, int size1, string expected)
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, length, blockSize, false));
        CoapTestMessage message = bench.Take();
        CoapTestOption hint = szx >= 0 ? CoapTestOption.Block(B1, 0, true, szx) : CoapTestOption.UInt(CoapOption.Size1, (uint)size1);
        bench.Piggyback(message, CoapCode.RequestEntityTooLarge, "", hint);
        CoapTestMessage again = bench.Take();
        Assert.AreEqual(expected, again.Block(B1));
        Assert.IsTrue(!message.Has(B1) || !again.Value(CoapOption.RequestTag).SequenceEqual(message.Value(CoapOption.RequestTag)));
        bench.Told();

        // not smaller: it is the answer
        bench.Piggyback(again, CoapCode.RequestEntityTooLarge, "no", hint);
        bench.Told("4.13 @0 last 'no'");
    }

    // 2.9.2
    [TestMethod]
    public static void A_408_begins_the_body_again_once()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 100, 64, true));
        for (int round = 0; round < 2; round++)
        {
            CoapTestMessage message = bench.Take();
            Assert.AreEqual("0/1/64", message.Block(B1));
            bench.Piggyback(message, CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 2));
            message = bench.Take();
            Assert.AreEqual("1/0/64", message.Block(B1));
            bench.Told();
            bench.Piggyback(message, CoapCode.RequestEntityIncomplete, "lost", CoapTestOption.Block(B1, 1, false, 2));
        }

        bench.Told("4.08 @0 last 'lost'");
        bench.NothingSent();
    }

    // 2.3: without M in the response, each block is an action of its own; the body goes on
    [TestMethod]
    public static void A_server_may_act_on_each_block()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 100, 64, true));
        bench.Piggyback(bench.Take(), CoapCode.Changed, "", CoapTestOption.Block(B1, 0, false, 2));
        CoapTestMessage last = bench.Take();
        Assert.AreEqual("1/0/64", last.Block(B1));
        bench.Piggyback(last, CoapCode.Changed, "", CoapTestOption.Block(B1, 1, false, 2));
        bench.Told("2.04 @0 last ''");
    }

    [TestMethod]
    public static void An_acknowledged_block_that_was_not_sent_ends_the_request()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 200, 64, true));
        bench.Piggyback(bench.Take(), CoapCode.Continue, "", CoapTestOption.Block(B1, 5, true, 2));
        bench.Told("failed BadResponse 27");

        // 2.31 where nothing can go on
        bench.Begin(bench.Request(CoapCode.Get, "x"));
        bench.Piggyback(bench.Take(), CoapCode.Continue, "");
        bench.Told("failed BadResponse 27");
        bench.Begin(Upload(bench, 10, 64, true));
        bench.Piggyback(bench.Take(), CoapCode.Continue, "");
        bench.Told("failed BadResponse 27");
    }

    [TestMethod]
    public static void A_late_answer_to_an_earlier_block_is_acknowledged_and_no_answer()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 200, 64, true));
        CoapTestMessage first = bench.Take();
        bench.Separate(CoapType.Con, first, CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 2));
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        CoapTestMessage second = bench.Take();
        Assert.AreEqual("1/1/64", second.Block(B1));

        // under another message ID: no copy by that
        bench.Separate(CoapType.Con, first, CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 2));
        Assert.AreEqual(CoapType.Ack, bench.Take().Type);
        bench.NothingSent();
        bench.Piggyback(second, CoapCode.Continue, "", CoapTestOption.Block(B1, 1, true, 2));
        Assert.AreEqual("2/1/64", bench.Take().Block(B1));
        bench.Told();
    }

    // any other error ends the body
    [TestMethod]
    public static void An_error_in_the_middle_is_the_answer()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 200, 64, true));
        bench.Piggyback(bench.Take(), CoapCode.Unauthorized, "no", CoapTestOption.Block(B1, 0, true, 2));
        bench.Told("4.01 @0 last 'no'");
        bench.NothingSent();
    }

    // RFC 9175 section 2.3, in the middle of a body: the same block again
    [TestMethod]
    public static void A_401_with_Echo_in_the_middle_repeats_the_block()
    {
        ClientBench bench = new();
        bench.Begin(Upload(bench, 100, 64, true));
        bench.Piggyback(bench.Take(), CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 2));
        bench.Piggyback(bench.Take(), CoapCode.Unauthorized, "", new CoapTestOption(CoapOption.Echo, [5]));
        CoapTestMessage again = bench.Take();
        Assert.AreEqual("1/0/64", again.Block(B1));
        Assert.IsTrue(again.Has(CoapOption.Echo));
        bench.Piggyback(again, CoapCode.Changed, "", CoapTestOption.Block(B1, 1, false, 2));
        bench.Told("2.04 @0 last ''");
    }

    // 3.3 figure 11: both ways
    [TestMethod]
    public static void Body_and_answer_may_both_come_in_blocks()
    {
        ClientBench bench = new();
        CoapClientRequest request = Upload(bench, 100, 64, true);
        request.Method = CoapCode.Post;
        bench.Begin(request);
        CoapTestMessage message = bench.Take();
        Assert.AreEqual("0/1/64 -", message.Block(B1) + " " + message.Block(B2));
        bench.Piggyback(message, CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 2));
        message = bench.Take();
        byte[] tag = message.Value(CoapOption.RequestTag);
        Assert.AreEqual("1/0/64 0/0/64", message.Block(B1) + " " + message.Block(B2));
        string answer = Text(90);
        bench.Piggyback(message, CoapCode.Changed, answer[..64], CoapTestOption.Block(B1, 1, false, 2), CoapTestOption.Block(B2, 0, true, 2), Tag(1));
        message = bench.Take();
        Assert.AreEqual("- 1/0/64", message.Block(B1) + " " + message.Block(B2));
        Assert.AreEqual(0, message.Payload.Length);
        Assert.AreEqual(CoapFormat.Text, message.UInt(CoapOption.ContentFormat));
        Assert.IsTrue(tag.SequenceEqual(message.Value(CoapOption.RequestTag)));
        bench.Piggyback(message, CoapCode.Changed, answer[64..], CoapTestOption.Block(B2, 1, false, 2), Tag(1));
        bench.Told("2.04 @0 64 bytes", "2.04 @64 last 26 bytes");
    }

    // RFC 8132: what is selected goes with each request, so that the server needs to keep nothing
    [TestMethod]
    public static void A_FETCH_repeats_its_selection_for_each_block_of_the_answer()
    {
        ClientBench bench = new();
        CoapClientRequest request = Upload(bench, 20, 64, true);
        request.Method = CoapCode.Fetch;
        bench.Begin(request);
        Answer(bench, bench.Take(), Text(100), 0, 2);
        CoapTestMessage next = bench.Take();
        Assert.AreEqual("1/0/64", next.Block(B2));
        Assert.AreEqual(Text(20), Encoding.UTF8.GetString(next.Payload));
    }

    [TestMethod]
    public static void A_source_that_fails_ends_the_request()
    {
        ClientBench bench = new();
        CoapClientRequest request = bench.Request(CoapCode.Put, "x");
        request.Source = new TextSource(300) { FailsAt = 128 };
        request.BlockSize = 64;
        bench.Begin(request);
        bench.Piggyback(bench.Take(), CoapCode.Continue, "", CoapTestOption.Block(B1, 0, true, 2));
        bench.Piggyback(bench.Take(), CoapCode.Continue, "", CoapTestOption.Block(B1, 1, true, 2));
        bench.NothingSent();
        bench.Told("failed SourceFailed -5");
    }

    [TestMethod]
    public static void A_handler_may_cancel_in_the_middle_of_a_body()
    {
        ClientBench bench = new();
        int handle = bench.Begin(bench.Request(CoapCode.Get, "big"));
        bench.OnAnswer = _ => bench.Client.Cancel(handle, bench.Now);
        Answer(bench, bench.Take(), Text(100), 0, 2);
        bench.Told("2.05 @0 64 bytes");
        bench.NothingSent();
        Assert.AreEqual(0, bench.Client.Busy);
    }

    // the options may leave no room for a block although they alone fit
    [TestMethod]
    public static void A_body_without_room_for_its_smallest_block_is_refused()
    {
        ClientBench bench = new(maxMessage: 128);
        CoapClientRequest request = Upload(bench, 140, 0, true);
        request.Path = [new byte[90]];
        Assert.AreEqual(-(int)CoapClientError.TooLarge, bench.Client.Begin(request, bench.Now));
        request.Path = [new byte[78]];
        bench.Begin(request);
        Assert.AreEqual("0/1/16", bench.Take().Block(B1));
    }

    internal static string Text(int length) => string.Create(length, 0, (span, _) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = (char)('a' + ((i / 16) + i) % 26);
        }
    });

    private static CoapTestOption Tag(int value) => new(CoapOption.ETag, [(byte)value]);

    private static void Answer(ClientBench bench, CoapTestMessage request, string body, int number, int szx, params CoapTestOption[] more)
    {
        int size = 16 << szx;
        string block = body.Substring(number * size, Math.Min(size, body.Length - (number * size)));
        bench.Piggyback(request, CoapCode.Content, block, [CoapTestOption.Block(B2, number, body.Length > (number + 1) * size, szx), .. more]);
    }

    private static CoapClientRequest Upload(ClientBench bench, int length, int blockSize, bool fromSource)
    {
        CoapClientRequest request = bench.Request(CoapCode.Put, "big");
        request.BlockSize = blockSize;
        request.ContentFormat = length > 0 ? CoapFormat.Text : CoapFormat.None;
        if (fromSource)
        {
            request.Source = new TextSource(length);
        }
        else
        {
            request.Payload = Encoding.UTF8.GetBytes("--" + Text(length));
            request.PayloadOffset = 2;
            request.PayloadLength = length;
        }

        return request;
    }

    /// <summary>A body that is not held.</summary>
    internal sealed class TextSource(int length) : ICoapBodySource
    {
        internal int FailsAt { get; init; } = int.MaxValue;

        public int Read(int offset, byte[] buffer, int bufferOffset, int count)
        {
            if (offset >= FailsAt)
            {
                return -5;
            }

            int given = Math.Min(count, length - offset);
            for (int i = 0; i < given; i++)
            {
                buffer[bufferOffset + i] = (byte)('a' + (((offset + i) / 16) + offset + i) % 26);
            }

            return given;
        }
    }
}

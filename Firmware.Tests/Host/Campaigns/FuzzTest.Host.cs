// The fuzz campaigns in small. The counts prove that the inputs get past the first check of the code under test.

using Firmware.Simulator.Campaigns;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Campaigns;

[TestClass]
public static class FuzzTest
{
    private const int Inputs = 200_000;

    [TestMethod]
    public static void Mutated_packets_end_in_events_or_in_a_reported_error()
    {
        FuzzResult result = Run(FuzzTarget.Mqtt);
        foreach (string name in new[]
        {
            "event MessageReceived", "event MessageStarted", "event MessagePiece", "event MessageTooLarge", "event PublishAcknowledged", "event Subscribed",
            "closed with MalformedPacket", "closed with ProtocolViolation", "closed with Refused", "closed with TooManyOpen", "frame Malformed", "frame Head", "inputs without a mutation",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void Mutated_texts_end_in_tokens_or_in_a_reported_error()
    {
        FuzzResult result = Run(FuzzTarget.Json);
        foreach (string name in new[] { "token End", "error BadEscape", "error BadUtf8", "error BadNumber", "error DepthExceeded", "error UnexpectedEnd", "error TrailingData", "inputs without a mutation" })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void Mutated_coap_messages_are_read_and_written_again_or_refused()
    {
        FuzzResult result = Run(FuzzTarget.CoapCodec);
        foreach (string name in new[] { "result Ok", "result Malformed", "result NotCoap", "code class 0", "code class 2", "code class 7", "options of a length that the registry refuses", "payloads", "inputs without a mutation" })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void Mutated_cbor_items_end_in_tokens_or_in_a_reported_error()
    {
        FuzzResult result = Run(FuzzTarget.Cbor);
        foreach (string name in new[]
        {
            "token End", "items written again", "error UnexpectedEnd", "error Malformed", "error IndefiniteLength", "error DepthExceeded", "error BadUtf8",
            "error UnsupportedTag", "error UnsupportedSimpleValue", "error UnsupportedKey", "error TrailingData", "inputs without a mutation",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void Mutated_http_requests_end_in_messages_or_in_a_reported_error()
    {
        FuzzResult result = Run(FuzzTarget.HttpRequest);
        foreach (string name in new[]
        {
            "messages", "bodies", "messages that end the link", "end Closed", "error BadStartLine", "error BadTarget", "error BareLineFeed", "error BadField", "error BadHost",
            "error BadLength", "error BadCoding", "error BadChunk", "error Truncated", "error LengthRequired", "error BodyTooLarge", "error FieldsTooLarge", "error ExpectationFailed",
            "error MethodNotImplemented", "error CodingNotImplemented", "error VersionNotSupported", "inputs without a mutation",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 20, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void Mutated_http_responses_end_in_messages_or_in_a_reported_error()
    {
        FuzzResult result = Run(FuzzTarget.HttpResponse);
        foreach (string name in new[]
        {
            "messages", "bodies", "messages that end the link", "end Closed", "error BadStartLine", "error BareLineFeed", "error BadField", "error BadLength", "error BadChunk",
            "error Truncated", "error BodyTooLarge", "error CodingNotImplemented", "inputs without a mutation",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }

    [TestMethod]
    public static void Mutated_websocket_frames_end_in_messages_or_in_a_close_with_its_code()
    {
        FuzzResult result = Run(FuzzTarget.WebSocket);
        foreach (string name in new[]
        {
            "event Text", "event Binary", "event Pong", "closed with 1000", "closed with 1002", "closed with 1005", "closed with 1006", "closed with 1007", "closed with 1009",
            "inputs to a server", "inputs without a mutation",
        })
        {
            Assert.IsTrue(result.Counts.TryGetValue(name, out long count) && count > 100, "hardly ever happened: " + name);
        }
    }

    private static FuzzResult Run(FuzzTarget target)
    {
        FuzzResult result = FuzzCampaign.Run(target, Inputs);
        string failures = string.Join('\n', result.Failures.Select(f => $"input {f.Input}: {f.Rule}: {Convert.ToHexString([.. f.Bytes])}"));
        Assert.AreEqual(0, result.Failures.Count, failures);
        return result;
    }
}

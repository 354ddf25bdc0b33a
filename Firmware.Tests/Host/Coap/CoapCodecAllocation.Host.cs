// What CoapMessage and CoapWriter cost in memory: nothing.

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class CoapCodecAllocation
{
    private const int Messages = 10_000;

    [TestMethod]
    public static void Reading_and_writing_10000_messages_allocates_nothing()
    {
        byte[] request = [0x44, 1, 0, 1, 9, 8, 7, 6, 0xB7, .. "sensors"u8, 0x0B, .. "temperature"u8, 0x61, 50, 0x61, 2, 0xFF, .. "payload"u8];
        byte[] malformed = [0x40, 1, 0, 1, 0xF0, 0, 0, 0];
        byte[] path = "temperature"u8.ToArray();
        byte[] reply = new byte[128];
        CoapMessage message = new();
        CoapWriter writer = new();
        Assert.AreEqual(100 * 4, Work(100));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int options = Work(Messages);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated);
        Assert.AreEqual(Messages * 4, options);

        int Work(int messages)
        {
            int found = 0;
            for (int i = 0; i < messages; i++)
            {
                if (message.Parse(malformed, 0, malformed.Length) != CoapParseResult.Malformed || message.Parse(request, 0, request.Length) != CoapParseResult.Ok)
                {
                    return -1;
                }

                writer.Begin(reply, 0, reply.Length, CoapType.Ack, CoapCode.Content, message.MessageId, request, message.TokenOffset, message.TokenLength);
                while (message.NextOption())
                {
                    found += CoapOption.IsLengthAllowed(message.OptionNumber, message.OptionLength) && message.OptionUInt() >= 0 ? 1 : 0;
                    writer.Option(message.OptionNumber, request, message.OptionOffset, message.OptionLength);
                }

                message.RewindOptions();
                writer.OptionUInt(CoapOption.Size1, message.NextOption(CoapOption.ContentFormat) ? uint.MaxValue : 0);
                writer.Option(CoapOption.RequestTag, path);
                writer.Payload(request, message.PayloadOffset, message.PayloadLength);
                if (writer.Overflowed)
                {
                    return -1;
                }
            }

            return found;
        }
    }
}

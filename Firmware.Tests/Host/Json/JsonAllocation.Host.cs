// What JsonReader and JsonWriter cost in memory: nothing.

using Firmware.Protocols.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Json;

[TestClass]
public static class JsonAllocation
{
    private const int Messages = 10_000;

    [TestMethod]
    public static void Reading_and_writing_10000_messages_allocates_nothing()
    {
        byte[] text = """{"toaster":"on","seconds":90,"id":"\u0078-1","x":[1.5,{"a":null}],"t":21.5}"""u8.ToArray();
        byte[] name = "toaster"u8.ToArray();
        byte[] copied = new byte[32];
        JsonReader reader = new();
        JsonWriter writer = new(new byte[512]);
        int values = Work(100);
        Assert.AreEqual(100 * 5, values);
        long before = GC.GetAllocatedBytesForCurrentThread();
        values = Work(Messages);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated);
        Assert.AreEqual(Messages * 5, values);

        int Work(int messages)
        {
            int found = 0;
            for (int i = 0; i < messages; i++)
            {
                reader.Reset(text, 0, text.Length);
                writer.Reset();
                writer.BeginObject();
                JsonToken token;
                while ((token = reader.Read()) < JsonToken.End)
                {
                    if (token is JsonToken.Name or JsonToken.String)
                    {
                        found += reader.TokenIs(name) ? 1 : 0;
                        int length = reader.CopyString(copied, 0, copied.Length);
                        writer.Name(name);
                        writer.String(copied, 0, length);
                    }
                    else if (token == JsonToken.Number)
                    {
                        found += reader.TryGetFixed(3, out int value) ? 1 : 0;
                        found += reader.TryGetInt32(out _) ? 1 : 0;
                        writer.Name(name);
                        writer.Fixed(value, 3);
                        writer.Name(name);
                        writer.Long(long.MinValue);
                    }
                }

                writer.EndObject();
            }

            return writer.Overflowed ? -1 : found;
        }
    }
}

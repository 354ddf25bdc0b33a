// What CborReader, CborWriter, SenMlReader and SenMlWriter cost in memory: nothing.

using Firmware.Protocols.Cbor;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Cbor;

[TestClass]
public static class CborAllocation
{
    private const int Messages = 10_000;

    [TestMethod]
    public static void Writing_and_reading_10000_items_allocates_nothing()
    {
        byte[] name = "toaster"u8.ToArray();
        byte[] noText = [0x80, 0x41];
        byte[] copied = new byte[32];
        CborWriter writer = new(new byte[256]);
        CborReader reader = new();
        Assert.AreEqual(100 * 6, Work(100));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int values = Work(Messages);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated);
        Assert.AreEqual(Messages * 6, values);

        int Work(int messages)
        {
            int found = 0;
            for (int i = 0; i < messages; i++)
            {
                writer.Reset();
                writer.BeginMap(3);
                writer.Text(name);
                writer.BeginArray(4);
                writer.Fixed(21500, 3);
                writer.Fixed(21, 0);
                writer.Fixed(1, 9);
                writer.Double(-3);
                writer.Int(1);
                writer.Bool(true);
                writer.Text(noText);
                writer.Bytes(name, 0, 7);
                reader.Reset(writer.Buffer, writer.Offset, writer.Length);
                while (reader.Read() < CborToken.End)
                {
                    found += reader.TokenIs(name) ? 1 : 0;
                    found += reader.CopyString(copied, 0, copied.Length) > 0 ? 1 : 0;
                    found += reader.TryGetInt32(out _) ? 1 : 0;
                }

                found += reader.Token == CborToken.End ? 0 : -1000;
            }

            return writer.Overflowed ? -1 : found;
        }
    }

    [TestMethod]
    public static void Writing_and_reading_10000_senml_packs_allocates_nothing()
    {
        byte[] name = "actuators/led"u8.ToArray();
        byte[] unit = "Cel"u8.ToArray();
        JsonWriter json = new(new byte[256]);
        SenMlWriter writer = new(json);
        SenMlReader reader = new(new JsonReader(), 64, 32);
        Assert.AreEqual(100 * 3, Work(100));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int values = Work(Messages);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated);
        Assert.AreEqual(Messages * 3, values);

        int Work(int messages)
        {
            int found = 0;
            for (int i = 0; i < messages; i++)
            {
                json.Reset();
                writer.BeginPack();
                writer.BeginRecord();
                writer.BaseName(name);
                writer.Unit(unit);
                writer.Value(21000, 3);
                writer.Time(1_800_000_000);
                writer.EndRecord();
                writer.BeginRecord();
                writer.Name(name);
                writer.StringValue(unit);
                writer.EndRecord();
                writer.BeginRecord();
                writer.BooleanValue(true);
                writer.EndRecord();
                writer.EndPack();
                reader.Reset(json.Buffer, json.Offset, json.Length);
                while (reader.Next())
                {
                    found += reader.Kind is SenMlValueKind.Number or SenMlValueKind.Text or SenMlValueKind.True ? 1 : 0;
                }

                found += reader.Error == SenMlError.None ? 0 : -1000;
            }

            return json.Overflowed ? -1 : found;
        }
    }
}

// SenMlReader over damaged packs: records or an error, never an exception, and never more records than the text can hold.

using System.Text;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.SenMl;

[TestClass]
public static class SenMlDamage
{
    private static readonly byte[][] Packs =
    [
        .. new[]
        {
            """[{"bn":"a/","bt":1.27e9,"bu":"A","bv":5,"bver":10,"n":"b","u":"V","v":120.1},{"n":"c","t":-5,"v":7},{"n":"d","vs":"\u0041x"}]""",
            """[{"n":"a","vb":true,"x":{"y":[1]}},{"n":"b","vd":"aGkg"},{"n":"c","v":null},{"n":"d","s":1,"ut":2,"bs":3}]""",
            """[{"bn":"2001:db8::2/3311/0/","n":"5850"},{"n":"5851"}]""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [TestMethod]
    public static void Damaged_packs_end_in_records_or_in_a_reported_error()
    {
        Random random = new(1);
        SenMlReader reader = new(new JsonReader(), 24, 2);
        byte[] alphabet = "{}[]:,\"\\bnvustdex_0123-.a/ \u0080"u8.ToArray();
        int[] errors = new int[(int)SenMlError.TextTooLong + 1];
        int records = 0;
        for (int i = 0; i < 200_000; i++)
        {
            List<byte> pack = [.. Packs[random.Next(Packs.Length)]];
            for (int damage = random.Next(4); damage > 0; damage--)
            {
                int at = random.Next(pack.Count);
                byte other = alphabet[random.Next(alphabet.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        pack[at] = other;
                        break;
                    case 1:
                        pack.Insert(at, other);
                        break;
                    case 2:
                        pack.RemoveAt(at);
                        break;
                    default:
                        pack.InsertRange(at, pack.GetRange(at, Math.Min(random.Next(40), pack.Count - at)));
                        break;
                }
            }

            byte[] bytes = [.. pack];
            reader.Reset(bytes, 0, bytes.Length);
            int found = 0;
            while (reader.Next())
            {
                found++;
                Assert.IsTrue(found <= bytes.Length && reader.NameLength is > 0 and <= 24 && reader.TextLength <= 2 && reader.Error == SenMlError.None);
                Assert.IsTrue(reader.Kind == SenMlValueKind.Number || reader.Number == 0);
            }

            Assert.IsFalse(reader.Next());
            records += found;
            errors[(int)reader.Error]++;
        }

        Assert.IsTrue(records > 100_000 && errors.All(n => n > 50), string.Join(' ', errors));
    }
}

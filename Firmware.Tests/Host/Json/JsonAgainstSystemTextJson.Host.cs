// A second opinion: System.Text.Json must take and refuse the same texts as JsonReader, token by token, over random damage.

using System.Text.Json;
using Firmware.Protocols.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Json;

[TestClass]
public static class JsonAgainstSystemTextJson
{
    private const int Texts = 30_000;

    private static readonly string[] Seeds =
    [
        """{"toaster":"on","seconds":90,"id":"x-1"}""",
        """[-1.5e+3,0,-0,true,false,null,"",{},[],[[[[[[[]]]]]]]]""",
        """ { "\u0061\n\uD834\uDD1E" : "é€𝄞" , "b" : [ 1 , 2.50 , { "c" : 1E-2 } ] } """,
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    ];

    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public static void Takes_and_refuses_the_same_texts(int seed)
    {
        Random random = new(seed);
        JsonReader reader = new(8);
        byte[] alphabet = "{}[]:,\"\\/bfnrtuaeE+-.0159 dD8cC\n\t\0\u007F\u0080\u00BF"u8.ToArray();
        int taken = 0;
        for (int i = 0; i < Texts; i++)
        {
            List<byte> text = [.. System.Text.Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)])];
            for (int damage = random.Next(4); damage > 0 && text.Count > 0; damage--)
            {
                int at = random.Next(text.Count);
                byte other = random.Next(4) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        text[at] = other;
                        break;
                    case 1:
                        text.Insert(at, other);
                        break;
                    case 2:
                        text.RemoveAt(at);
                        break;
                    default:
                        text[at] = text[random.Next(text.Count)];
                        break;
                }
            }

            byte[] bytes = [.. text];
            string? expected = TraceOfSystemTextJson(bytes);
            string? actual = TraceOfJsonReader(reader, bytes);
            if (expected != actual)
            {
                Assert.AreEqual(expected, actual, $"seed {seed}, text {i}: {Convert.ToHexString(bytes)}, {reader.Error} at {reader.ErrorOffset}");
            }

            taken += expected is null ? 0 : 1;
        }

        // otherwise the damage says nothing about one of the two
        Assert.IsTrue(taken > Texts / 10 && taken < Texts * 9 / 10, $"{taken} of {Texts} are JSON");
    }

    private static string? TraceOfJsonReader(JsonReader reader, byte[] text)
    {
        System.Text.StringBuilder trace = new();
        byte[] copied = new byte[200];
        reader.Reset(text, 0, text.Length);
        while (true)
        {
            JsonToken token = reader.Read();
            switch (token)
            {
                case JsonToken.Error:
                    return null;
                case JsonToken.End:
                    return trace.ToString();
                case JsonToken.Name:
                case JsonToken.String:
                    trace.Append(token == JsonToken.Name ? 'N' : 'S').Append(Convert.ToHexString(copied, 0, reader.CopyString(copied, 0, copied.Length)));
                    break;
                case JsonToken.Number:
                    trace.Append('#').Append(System.Text.Encoding.UTF8.GetString(text, reader.TokenOffset, reader.TokenLength));
                    trace.Append(reader.TryGetInt32(out int integer) ? $" {integer}" : " -");
                    trace.Append(reader.TryGetFixed(3, out int value) ? $" {value}" : " -");
                    break;
                default:
                    trace.Append((int)token);
                    break;
            }
        }
    }

    private static string? TraceOfSystemTextJson(byte[] text)
    {
        try
        {
            System.Text.StringBuilder trace = new();
            Utf8JsonReader reader = new(text, new JsonReaderOptions { MaxDepth = 8 });
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                    case JsonTokenType.String:
                        string value = reader.GetString()!;
                        trace.Append(reader.TokenType == JsonTokenType.PropertyName ? 'N' : 'S').Append(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(value)));
                        break;
                    case JsonTokenType.Number:
                        AppendNumber(trace, System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
                        break;
                    default:
                        trace.Append((int)(reader.TokenType switch
                        {
                            JsonTokenType.StartObject => JsonToken.BeginObject,
                            JsonTokenType.EndObject => JsonToken.EndObject,
                            JsonTokenType.StartArray => JsonToken.BeginArray,
                            JsonTokenType.EndArray => JsonToken.EndArray,
                            JsonTokenType.True => JsonToken.True,
                            JsonTokenType.False => JsonToken.False,
                            _ => JsonToken.Null,
                        }));
                        break;
                }
            }

            return trace.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // GetString says so about ill-formed UTF-8 and lone surrogates
            return null;
        }
    }

    /// <summary>What TryGetInt32 and TryGetFixed(3) must say, by big integers.</summary>
    private static void AppendNumber(System.Text.StringBuilder trace, string number)
    {
        trace.Append('#').Append(number);
        trace.Append(int.TryParse(number, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out int integer) ? $" {integer}" : " -");
        string[] parts = number.Split('.');
        string fraction = parts.Length > 1 ? parts[1].TrimEnd('0') : "";
        bool isPlain = !number.Contains('e', StringComparison.OrdinalIgnoreCase) && fraction.Length <= 3;
        System.Numerics.BigInteger scaled = isPlain ? System.Numerics.BigInteger.Parse(parts[0] + fraction.PadRight(3, '0'), System.Globalization.CultureInfo.InvariantCulture) : 0;
        trace.Append(isPlain && scaled >= int.MinValue && scaled <= int.MaxValue ? $" {scaled}" : " -");
    }
}

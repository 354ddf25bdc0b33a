// A second opinion: System.Formats.Cbor must write the same bytes as CborWriter, and must take and refuse the same items as CborReader, but for
// what CborReader leaves out on purpose: that is refused here, too, by hand.

using System.Formats.Cbor;
using System.Globalization;
using System.Text;
using Firmware.Protocols.Cbor;
using nanoFramework.TestFramework;
using NetReader = System.Formats.Cbor.CborReader;
using NetWriter = System.Formats.Cbor.CborWriter;
using OwnReader = Firmware.Protocols.Cbor.CborReader;
using OwnWriter = Firmware.Protocols.Cbor.CborWriter;

namespace Firmware.Tests.Host.Cbor;

[TestClass]
public static class CborAgainstSystemFormatsCbor
{
    private const int Items = 15_000;
    private const int MaxDepth = 6;

    [DataRow(1)]
    [DataRow(2)]
    public static void Writes_the_same_bytes(int seed)
    {
        Random random = new(seed);
        OwnWriter own = new(new byte[1 << 18]);
        int[] heads = new int[256];
        for (int i = 0; i < Items; i++)
        {
            NetWriter net = new(CborConformanceMode.Strict, allowMultipleRootLevelValues: true);
            own.Reset();
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                WriteBoth(random, own, net, 4);
            }

            byte[] expected = net.Encode();
            Assert.IsFalse(own.Overflowed);
            ReadOnlySpan<byte> actual = own.Buffer.AsSpan(own.Offset, own.Length);
            Assert.IsTrue(actual.SequenceEqual(expected), $"seed {seed}, item {i}: {Convert.ToHexString(expected)} but {Convert.ToHexString(actual)}");
            heads[expected[0]]++;
        }

        // all heads of integers, and all formats of floats
        foreach (int head in new[] { 0x18, 0x19, 0x1A, 0x1B, 0x38, 0x39, 0x3A, 0x3B, 0xF4, 0xF5, 0xF6, 0xF9, 0xFA, 0xFB })
        {
            Assert.IsTrue(heads[head] > 20, $"hardly ever written: {head:X2}");
        }
    }

    [TestMethod]
    public static void A_generic_reader_reads_fixed_point_as_the_double_that_its_decimal_digits_are()
    {
        Random random = new(3);
        OwnWriter own = new(new byte[16]);
        int[] lengths = new int[10];
        for (int i = 0; i < 200_000; i++)
        {
            int value = random.Next(4) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(-100_000, 100_000);
            int decimals = random.Next(10);
            if (random.Next(4) == 0)
            {
                // eighths
                value = 125 * (random.Next(-4_000_000, 4_000_000) >> (random.Next(2) * 10));
                decimals = 3;
            }

            own.Reset();
            own.Fixed(value, decimals);
            ReadOnlyMemory<byte> written = own.Buffer.AsMemory(0, own.Length);
            NetReader reader = new(written);
            double expected = double.Parse($"{value}E-{decimals}", CultureInfo.InvariantCulture);
            bool isWhole = expected == Math.Floor(expected);
            double actual = isWhole ? reader.ReadInt32() : reader.ReadDouble();
            Assert.IsTrue(actual.Equals(expected) && reader.BytesRemaining == 0, $"{value} with {decimals} decimals: {Convert.ToHexString(written.Span)}");
            lengths[isWhole ? 0 : own.Length]++;

            // shortest: no shorter format holds it
            Assert.IsTrue(isWhole || own.Length == ((double)(Half)expected == expected ? 3 : (float)expected == expected ? 5 : 9));
        }

        Assert.IsTrue(lengths[0] > 1000 && lengths[3] > 1000 && lengths[5] > 1000 && lengths[9] > 1000, string.Join(' ', lengths));
    }

    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public static void Takes_and_refuses_the_same_items(int seed)
    {
        Random random = new(seed);
        OwnReader reader = new(MaxDepth);
        int taken = 0;
        int tokens = 0;
        long errors = 0;
        for (int i = 0; i < Items; i++)
        {
            byte[] item = Damaged(random);
            string? expected = TraceOfSystemFormatsCbor(item);
            string? actual = TraceOfCborReader(reader, item);
            Assert.AreEqual(expected, actual, $"seed {seed}, item {i}: {Convert.ToHexString(item)}, {reader.Error} at {reader.ErrorOffset}");
            taken += expected is null ? 0 : 1;
            tokens += expected?.Length ?? 0;
            errors |= 1L << (int)reader.Error;
        }

        // otherwise the damage says nothing about one of the two
        Assert.IsTrue(taken > Items / 10 && taken < Items * 9 / 10 && tokens > Items, $"{taken} of {Items} are taken");
        Assert.AreEqual((1L << ((int)CborError.TrailingData + 1)) - 1, errors, "not every error was seen");
    }

    [TestMethod]
    public static void Garbage_never_makes_it_throw()
    {
        Random random = new(4);
        OwnReader reader = new(MaxDepth);
        byte[] garbage = new byte[64];
        int taken = 0;
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(garbage);
            int length = random.Next(garbage.Length + 1);
            reader.Reset(garbage, garbage.Length - length, length);
            int tokens = 0;
            while (reader.Read() < CborToken.End)
            {
                reader.TryGetInt32(out _);
                Assert.IsTrue(++tokens <= 2 * length);
            }

            taken += reader.Token == CborToken.End ? 1 : 0;
        }

        Assert.IsTrue(taken > 0);
    }

    private static void WriteBoth(Random random, OwnWriter own, NetWriter net, int depth)
    {
        switch (random.Next(depth > 0 ? 10 : 8))
        {
            case 0:
                long value = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
                own.Long(value);
                net.WriteInt64(value);
                break;
            case 1:
                double number = Number(random);
                own.Double(number);
                net.WriteDouble(number);
                break;
            case 2:
                string text = new('\u00e4', random.Next(40));
                text += new string('a', random.Next(250));
                own.Text(Encoding.UTF8.GetBytes(text));
                net.WriteTextString(text);
                break;
            case 3:
                byte[] bytes = new byte[random.Next(30)];
                random.NextBytes(bytes);
                own.Bytes(bytes, 0, bytes.Length);
                net.WriteByteString(bytes);
                break;
            case 4:
                own.Null();
                net.WriteNull();
                break;
            case 5:
                bool isTrue = random.Next(2) == 0;
                own.Bool(isTrue);
                net.WriteBoolean(isTrue);
                break;
            case 6:
            case 7:
                int small = random.Next(-300, 300);
                own.Int(small);
                net.WriteInt32(small);
                break;
            case 8:
                int count = random.Next(30);
                own.BeginArray(count);
                net.WriteStartArray(count);
                for (int i = 0; i < count; i++)
                {
                    WriteBoth(random, own, net, random.Next(4) == 0 ? depth - 1 : 0);
                }

                net.WriteEndArray();
                break;
            default:
                int pairs = random.Next(6);
                own.BeginMap(pairs);
                net.WriteStartMap(pairs);
                for (int i = 0; i < pairs; i++)
                {
                    if ((i & 1) == 0)
                    {
                        own.Int(i);
                        net.WriteInt32(i);
                    }
                    else
                    {
                        own.Text([(byte)('a' + i)]);
                        net.WriteTextString($"{(char)('a' + i)}");
                    }

                    WriteBoth(random, own, net, depth - 1);
                }

                net.WriteEndMap();
                break;
        }
    }

    private static double Number(Random random) => random.Next(5) switch
    {
        0 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        1 => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
        2 => (double)BitConverter.UInt16BitsToHalf((ushort)random.Next(0x10000)),

        // around the ends of the shorter formats
        3 => Math.ScaleB(1 + (random.Next(4096) / 4096.0), random.Next(-150, 130)),
        _ => random.Next(-100_000, 100_000) / 1000.0,
    };

    private static byte[] Damaged(Random random)
    {
        OwnWriter own = new(new byte[8192]);
        NetWriter net = new(CborConformanceMode.Lax);
        WriteBoth(random, own, net, random.Next(9));
        List<byte> item = [.. net.Encode()];
        for (int damage = random.Next(4); damage > 0 && item.Count > 0; damage--)
        {
            int at = random.Next(Math.Min(item.Count, 12));
            byte other = random.Next(3) == 0 ? (byte)((random.Next(8) << 5) | random.Next(24, 32)) : (byte)random.Next(256);
            switch (random.Next(5))
            {
                case 0:
                    item[at] = other;
                    break;
                case 1:
                    item.Insert(at, other);
                    break;
                case 2:
                    item.RemoveAt(at);
                    break;
                case 3:
                    // one more level around it
                    item.Insert(0, 0x81);
                    break;
                default:
                    item.Add(other);
                    break;
            }
        }

        return [.. item];
    }

    private static string? TraceOfCborReader(OwnReader reader, byte[] item)
    {
        StringBuilder trace = new();
        reader.Reset(item, 0, item.Length);
        while (true)
        {
            CborToken token = reader.Read();
            switch (token)
            {
                case CborToken.Error:
                    return null;
                case CborToken.End:
                    return trace.ToString();
                case CborToken.Text:
                    Assert.IsTrue(reader.TokenIs(item.AsSpan(reader.TokenOffset, reader.TokenLength).ToArray()));
                    goto case CborToken.ByteString;
                case CborToken.ByteString:
                    trace.Append(token == CborToken.Text ? 'T' : 'B').Append(Convert.ToHexString(item, reader.TokenOffset, reader.TokenLength));
                    break;
                case CborToken.Integer:
                case CborToken.Float:
                    trace.Append(token == CborToken.Integer ? 'I' : 'F').Append(reader.TokenLength);
                    trace.Append(reader.TryGetInt32(out int value) ? $" {value}" : " -");
                    break;
                default:
                    trace.Append('#').Append((int)token);
                    break;
            }

            trace.Append(reader.IsKey ? ':' : ',');
        }
    }

    private static string? TraceOfSystemFormatsCbor(byte[] item)
    {
        try
        {
            StringBuilder trace = new();
            NetReader reader = new(item, CborConformanceMode.Lax);
            AppendItem(trace, reader, item, 0, isKey: false);
            return reader.BytesRemaining == 0 ? trace.ToString() : null;
        }
        catch (CborContentException)
        {
            return null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static void AppendItem(StringBuilder trace, NetReader reader, byte[] item, int depth, bool isKey)
    {
        int start = item.Length - reader.BytesRemaining;
        CborReaderState state = reader.PeekState();
        byte initial = item[start];
        Refuse((initial & 0x1F) == 31 || initial == 0xF8);
        Refuse(isKey && state is not (CborReaderState.TextString or CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger));
        char end = isKey ? ':' : ',';
        switch (state)
        {
            case CborReaderState.UnsignedInteger:
                ulong value = reader.ReadUInt64();
                trace.Append('I').Append(item.Length - reader.BytesRemaining - start).Append(value <= int.MaxValue ? $" {value}" : " -");
                break;
            case CborReaderState.NegativeInteger:
                ulong negative = reader.ReadCborNegativeIntegerRepresentation();
                trace.Append('I').Append(item.Length - reader.BytesRemaining - start).Append(negative <= int.MaxValue ? $" {-1 - (long)negative}" : " -");
                break;
            case CborReaderState.HalfPrecisionFloat:
            case CborReaderState.SinglePrecisionFloat:
            case CborReaderState.DoublePrecisionFloat:
                double number = reader.ReadDouble();
                bool isInt = number == Math.Floor(number) && number >= int.MinValue && number <= int.MaxValue;
                trace.Append('F').Append(item.Length - reader.BytesRemaining - start).Append(isInt ? $" {(int)number}" : " -");
                break;
            case CborReaderState.TextString:
                ReadOnlyMemory<byte> text = reader.ReadDefiniteLengthTextStringBytes();
                new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(text.Span);
                trace.Append('T').Append(Convert.ToHexString(text.Span));
                break;
            case CborReaderState.ByteString:
                trace.Append('B').Append(Convert.ToHexString(reader.ReadDefiniteLengthByteString().Span));
                break;
            case CborReaderState.Boolean:
                trace.Append('#').Append((int)(reader.ReadBoolean() ? CborToken.True : CborToken.False));
                break;
            case CborReaderState.Null:
                reader.ReadNull();
                trace.Append('#').Append((int)CborToken.Null);
                break;
            case CborReaderState.StartArray:
                Refuse(depth == MaxDepth);
                int count = reader.ReadStartArray() ?? -1;
                trace.Append('#').Append((int)CborToken.BeginArray).Append(',');
                for (int i = 0; i < count; i++)
                {
                    AppendItem(trace, reader, item, depth + 1, isKey: false);
                }

                reader.ReadEndArray();
                trace.Append('#').Append((int)CborToken.EndArray);
                break;
            case CborReaderState.StartMap:
                Refuse(depth == MaxDepth);
                int pairs = reader.ReadStartMap() ?? -1;
                trace.Append('#').Append((int)CborToken.BeginMap).Append(',');
                for (int i = 0; i < 2 * pairs; i++)
                {
                    AppendItem(trace, reader, item, depth + 1, isKey: (i & 1) == 0);
                }

                reader.ReadEndMap();
                trace.Append('#').Append((int)CborToken.EndMap);
                break;
            default:
                Refuse(true);
                break;
        }

        trace.Append(end);
    }

    // what CborReader leaves out
    private static void Refuse(bool isLeftOut)
    {
        if (isLeftOut)
        {
            throw new CborContentException("left out");
        }
    }
}

// Messages as the tests write and read them: an encoder and a decoder of their own, so that a fault of the engine's codec cannot hide itself.
// The encoder writes wrong messages, too; the decoder throws on everything that RFC 7252 section 3 forbids.

using System.Text;
using Firmware.Protocols.Coap;

namespace Firmware.Tests.Host.Coap;

/// <summary>One option.</summary>
internal sealed record CoapOptionValue(int Number, byte[] Value)
{
    internal uint UInt => Value.Aggregate(0u, (sum, b) => (sum << 8) | b);

    internal string Text => Encoding.UTF8.GetString(Value);
}

/// <summary>A message to be sent.</summary>
internal sealed class CoapDatagram(int type, int code, int messageId, params byte[] token)
{
    private readonly List<CoapOptionValue> _options = [];
    private byte[] _payload = [];

    internal int Type => type;

    internal int MessageId => messageId;

    internal byte[] Token => token;

    internal CoapDatagram Path(string path)
    {
        foreach (string segment in path.Split('/'))
        {
            Option(CoapOption.UriPath, Encoding.UTF8.GetBytes(segment));
        }

        return this;
    }

    internal CoapDatagram Query(string query) => Option(CoapOption.UriQuery, Encoding.UTF8.GetBytes(query));

    internal CoapDatagram Option(int number, params byte[] value)
    {
        _options.Add(new CoapOptionValue(number, value));
        return this;
    }

    internal CoapDatagram UInt(int number, uint value)
    {
        byte[] bytes = [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
        return Option(number, [.. bytes.SkipWhile(b => b == 0)]);
    }

    internal CoapDatagram Block1(int number, bool more, int szx) => UInt(CoapOption.Block1, (uint)((number << 4) | (more ? 8 : 0) | szx));

    internal CoapDatagram Block2(int number, int szx) => UInt(CoapOption.Block2, (uint)((number << 4) | szx));

    internal CoapDatagram Observe(uint value) => UInt(CoapOption.Observe, value);

    internal CoapDatagram Payload(string text, int format = CoapFormat.Text) => UInt(CoapOption.ContentFormat, (uint)format).Payload(Encoding.UTF8.GetBytes(text));

    internal CoapDatagram Payload(ReadOnlySpan<byte> bytes)
    {
        _payload = bytes.ToArray();
        return this;
    }

    internal byte[] ToBytes()
    {
        List<byte> bytes = [(byte)(0x40 | (type << 4) | token.Length), (byte)code, (byte)(messageId >> 8), (byte)messageId, .. token];
        int last = 0;
        foreach (CoapOptionValue option in _options.OrderBy(o => o.Number))
        {
            int delta = option.Number - last;
            int length = option.Value.Length;
            last = option.Number;
            bytes.Add((byte)((Nibble(delta) << 4) | Nibble(length)));
            bytes.AddRange(Extension(delta));
            bytes.AddRange(Extension(length));
            bytes.AddRange(option.Value);
        }

        if (_payload.Length > 0)
        {
            bytes.Add(0xFF);
            bytes.AddRange(_payload);
        }

        return [.. bytes];
    }

    private static int Nibble(int value) => value < 13 ? value : value < 269 ? 13 : 14;

    private static byte[] Extension(int value) => value < 13 ? [] : value < 269 ? [(byte)(value - 13)] : [(byte)((value - 269) >> 8), (byte)(value - 269)];
}

/// <summary>A message that was received.</summary>
internal sealed class CoapReply
{
    internal CoapReply(byte[] bytes, long atMs, string to)
    {
        Bytes = bytes;
        AtMs = atMs;
        To = to;
        if (bytes.Length < 4 || bytes[0] >> 6 != 1 || (bytes[0] & 15) > 8)
        {
            throw new FormatException("no CoAP: " + Convert.ToHexString(bytes));
        }

        int tokenLength = bytes[0] & 15;
        Token = bytes[4..(4 + tokenLength)];
        int at = 4 + tokenLength;
        int number = 0;
        List<CoapOptionValue> options = [];
        while (at < bytes.Length && bytes[at] != 0xFF)
        {
            int delta = bytes[at] >> 4;
            int length = bytes[at++] & 15;
            number += Extended(bytes, delta, ref at);
            length = Extended(bytes, length, ref at);
            options.Add(new CoapOptionValue(number, bytes[at..(at + length)]));
            at += length;
        }

        Options = options;
        Payload = at < bytes.Length ? bytes[(at + 1)..] : [];
        if ((at < bytes.Length && Payload.Length == 0) || (Code == 0 && bytes.Length > 4))
        {
            throw new FormatException("marker without payload, or an empty message that is not: " + Convert.ToHexString(bytes));
        }
    }

    internal byte[] Bytes { get; }

    internal long AtMs { get; }

    internal string To { get; }

    internal int Type => (Bytes[0] >> 4) & 3;

    internal int Code => Bytes[1];

    internal int MessageId => (Bytes[2] << 8) | Bytes[3];

    internal byte[] Token { get; }

    internal IReadOnlyList<CoapOptionValue> Options { get; }

    internal byte[] Payload { get; }

    internal string Text => Encoding.UTF8.GetString(Payload);

    internal string Dotted => $"{Code >> 5}.{Code & 31:D2}";

    internal bool Has(int number) => Options.Any(option => option.Number == number);

    internal byte[] Value(int number) => Options.Single(option => option.Number == number).Value;

    /// <summary>The only option of a number; -1 without.</summary>
    internal long UInt(int number) => Has(number) ? Options.Single(option => option.Number == number).UInt : -1;

    internal string[] Texts(int number) => [.. Options.Where(option => option.Number == number).Select(option => option.Text)];

    /// <summary>A block option as "number/more/szx"; "-" without.</summary>
    internal string Block(int number) => UInt(number) is long value and >= 0 ? $"{value >> 4}/{(value >> 3) & 1}/{value & 7}" : "-";

    /// <summary>What a table of expectations says of a message: type, code and, if there, the options that matter.</summary>
    public override string ToString() => $"{"CON NON ACK RST".Split(' ')[Type]} {Dotted}";

    private static int Extended(byte[] bytes, int nibble, ref int at)
    {
        switch (nibble)
        {
            case 13:
                return 13 + bytes[at++];
            case 14:
                at += 2;
                return 269 + ((bytes[at - 2] << 8) | bytes[at - 1]);
            case 15:
                throw new FormatException("reserved nibble: " + Convert.ToHexString(bytes));
            default:
                return nibble;
        }
    }
}

/// <summary>Datagrams as annotated hex, as in the device's tests: pairs of digits, text in single quotes, spaces; "*20" repeats what stands before it.</summary>
internal static class CoapHex
{
    internal static byte[] Parse(string text)
    {
        List<byte> bytes = [];
        byte[] item = [];
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
            }
            else if (text[at] == '\'')
            {
                int end = text.IndexOf('\'', at + 1);
                item = Encoding.UTF8.GetBytes(text[(at + 1)..end]);
                bytes.AddRange(item);
                at = end + 1;
            }
            else if (text[at] == '*')
            {
                int end = at + 1;
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                {
                    end++;
                }

                for (int i = int.Parse(text[(at + 1)..end], System.Globalization.CultureInfo.InvariantCulture); i > 1; i--)
                {
                    bytes.AddRange(item);
                }

                at = end;
            }
            else
            {
                item = Convert.FromHexString(text[at..(at + 2)]);
                bytes.AddRange(item);
                at += 2;
            }
        }

        return [.. bytes];
    }
}

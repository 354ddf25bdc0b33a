// Says in words what a datagram says, for traces and their tests. Written from RFC 7252 section 3 and without the engine's codec, so that it
// can judge it; what is no CoAP is shown as bytes.

using System.Globalization;
using System.Text;

namespace Firmware.Tests.Host.Coap;

/// <summary>A datagram as a line of text.</summary>
internal static class CoapText
{
    private static readonly string[] Types = ["CON", "NON", "ACK", "RST"];
    private static readonly string[] Methods = ["Empty", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"];

    private enum Form
    {
        Opaque,
        Text,
        Number,
        Block,
    }

    /// <summary>Type, code, message id, token, options and the length of the payload: <c>CON GET 43ed t=01 Uri-Path=time Block2=2/0/64</c>.</summary>
    /// <remarks>A Block option is number/M/size. The payload is <c>| 15 B</c>; its bytes are not shown.</remarks>
    internal static string Of(ReadOnlySpan<byte> datagram)
    {
        try
        {
            return Parse(datagram);
        }
        catch (ArgumentOutOfRangeException)
        {
            return "no CoAP: " + Convert.ToHexStringLower(datagram);
        }
    }

    private static string Parse(ReadOnlySpan<byte> datagram)
    {
        int first = datagram.Length < 4 ? 0 : datagram[0];
        int tokenLength = first & 15;
        ArgumentOutOfRangeException.ThrowIfNotEqual(first >> 6, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenLength, 8);
        int code = datagram[1];
        string codeText = code < Methods.Length ? Methods[code] : $"{code >> 5}.{code & 31:00}";
        var text = new StringBuilder($"{Types[(first >> 4) & 3]} {codeText} {datagram[2]:x2}{datagram[3]:x2}");
        if (tokenLength > 0)
        {
            text.Append(" t=").Append(Convert.ToHexStringLower(datagram.Slice(4, tokenLength)));
        }

        int at = 4 + tokenLength;
        int number = 0;
        while (at < datagram.Length && datagram[at] != 0xFF)
        {
            int head = datagram[at++];
            number += Extended(datagram, head >> 4, ref at);
            int length = Extended(datagram, head & 15, ref at);
            text.Append(' ').Append(Option(number, datagram.Slice(at, length)));
            at += length;
        }

        if (at < datagram.Length)
        {
            text.Append(CultureInfo.InvariantCulture, $" | {datagram.Length - at - 1} B");
        }

        return text.ToString();
    }

    private static int Extended(ReadOnlySpan<byte> datagram, int nibble, ref int at)
    {
        if (nibble < 13)
        {
            return nibble;
        }

        ArgumentOutOfRangeException.ThrowIfEqual(nibble, 15);
        int bytes = nibble - 12;
        int value = (int)Number(datagram.Slice(at, bytes)) + (nibble == 13 ? 13 : 269);
        at += bytes;
        return value;
    }

    private static string Option(int number, ReadOnlySpan<byte> value)
    {
        (string name, Form form) = number switch
        {
            1 => ("If-Match", Form.Opaque),
            3 => ("Uri-Host", Form.Text),
            4 => ("ETag", Form.Opaque),
            5 => ("If-None-Match", Form.Opaque),
            6 => ("Observe", Form.Number),
            7 => ("Uri-Port", Form.Number),
            8 => ("Location-Path", Form.Text),
            11 => ("Uri-Path", Form.Text),
            12 => ("Content-Format", Form.Number),
            14 => ("Max-Age", Form.Number),
            15 => ("Uri-Query", Form.Text),
            17 => ("Accept", Form.Number),
            20 => ("Location-Query", Form.Text),
            23 => ("Block2", Form.Block),
            27 => ("Block1", Form.Block),
            28 => ("Size2", Form.Number),
            35 => ("Proxy-Uri", Form.Text),
            39 => ("Proxy-Scheme", Form.Text),
            60 => ("Size1", Form.Number),
            252 => ("Echo", Form.Opaque),
            258 => ("No-Response", Form.Number),
            292 => ("Request-Tag", Form.Opaque),
            _ => (number.ToString(CultureInfo.InvariantCulture), Form.Opaque),
        };
        if (form != Form.Text && form != Form.Opaque && value.Length > 4)
        {
            form = Form.Opaque;
        }

        long n = form is Form.Number or Form.Block ? Number(value) : 0;
        return name + "=" + form switch
        {
            Form.Text => Encoding.UTF8.GetString(value),
            Form.Number => n.ToString(CultureInfo.InvariantCulture),
            Form.Block => $"{n >> 4}/{(n >> 3) & 1}/{16 << (int)(n & 7)}",
            _ => Convert.ToHexStringLower(value),
        };
    }

    private static long Number(ReadOnlySpan<byte> value)
    {
        long number = 0;
        foreach (byte b in value)
        {
            number = (number << 8) | b;
        }

        return number;
    }
}

// CoAP messages as the campaigns' own side reads and writes them (RFC 7252 section 3): strict, and without a line of the code under test.

namespace Firmware.Simulator.Campaigns;

/// <summary>What a datagram is, by the strict reader.</summary>
internal enum CoapPacketKind : byte
{
    NotCoap,
    Malformed,
    Ok,
}

/// <summary>A datagram taken apart. Reused: the next one is read into the same object.</summary>
internal sealed class CoapPacket
{
    internal const int Con = 0;
    internal const int Non = 1;
    internal const int Ack = 2;
    internal const int Rst = 3;

    private readonly int[] _numbers;
    private readonly int[] _offsets;
    private readonly int[] _lengths;
    private byte[] _bytes = [];

    internal CoapPacket(int maxOptions = 1536)
    {
        _numbers = new int[maxOptions];
        _offsets = new int[maxOptions];
        _lengths = new int[maxOptions];
    }

    internal CoapPacketKind Kind { get; private set; }

    internal int Length { get; private set; }

    internal int Type { get; private set; }

    internal int Code { get; private set; }

    internal int CodeClass => Code >> 5;

    internal bool IsRequest => Code is > 0 and < 32;

    internal bool IsResponse => CodeClass is >= 2 and <= 5;

    internal int MessageId { get; private set; }

    internal ulong Token { get; private set; }

    internal int TokenLength { get; private set; }

    internal int Options { get; private set; }

    internal ReadOnlySpan<byte> Payload => _bytes.AsSpan(Length - PayloadLength, PayloadLength);

    internal int PayloadLength { get; private set; }

    internal int NumberAt(int index) => _numbers[index];

    internal ReadOnlySpan<byte> ValueAt(int index) => _bytes.AsSpan(_offsets[index], _lengths[index]);

    // the first option of a number, or -1
    internal int IndexOf(int number)
    {
        for (int i = 0; i < Options; i++)
        {
            if (_numbers[i] == number)
            {
                return i;
            }
        }

        return -1;
    }

    internal bool Has(int number) => IndexOf(number) >= 0;

    // -1 without the option
    internal long UIntOf(int number)
    {
        int index = IndexOf(number);
        return index < 0 ? -1 : UIntAt(index);
    }

    internal long UIntAt(int index)
    {
        long value = 0;
        foreach (byte b in ValueAt(index))
        {
            value = (value << 8) | b;
        }

        return value;
    }

    // the datagram begins at the array's first byte
    internal CoapPacketKind Parse(byte[] bytes, int length)
    {
        _bytes = bytes;
        Length = length;
        Options = 0;
        PayloadLength = 0;
        TokenLength = 0;
        Token = 0;
        return Kind = Take(bytes, length);
    }

    private CoapPacketKind Take(byte[] bytes, int length)
    {
        if (length < 4 || bytes[0] >> 6 != 1)
        {
            return CoapPacketKind.NotCoap;
        }

        Type = (bytes[0] >> 4) & 3;
        Code = bytes[1];
        MessageId = (bytes[2] << 8) | bytes[3];
        int tokenLength = bytes[0] & 15;
        if (tokenLength > 8 || 4 + tokenLength > length || (Code == 0 && length != 4))
        {
            return CoapPacketKind.Malformed;
        }

        TokenLength = tokenLength;
        for (int i = 0; i < tokenLength; i++)
        {
            Token = (Token << 8) | bytes[4 + i];
        }

        int at = 4 + tokenLength;
        int number = 0;
        while (at < length)
        {
            if (bytes[at] == 0xFF)
            {
                PayloadLength = length - at - 1;
                return PayloadLength > 0 ? CoapPacketKind.Ok : CoapPacketKind.Malformed;
            }

            int delta = bytes[at] >> 4;
            int size = bytes[at++] & 15;
            if (!Extend(bytes, length, ref at, ref delta) || !Extend(bytes, length, ref at, ref size) || size > length - at || number + delta > 65535)
            {
                return CoapPacketKind.Malformed;
            }

            number += delta;
            _numbers[Options] = number;
            _offsets[Options] = at;
            _lengths[Options++] = size;
            at += size;
        }

        return CoapPacketKind.Ok;
    }

    private static bool Extend(byte[] bytes, int length, ref int at, ref int value)
    {
        if (value == 13 && at < length)
        {
            value = 13 + bytes[at++];
            return true;
        }

        if (value == 14 && at + 1 < length)
        {
            value = 269 + (bytes[at] << 8) + bytes[at + 1];
            at += 2;
            return true;
        }

        return value < 13;
    }
}

/// <summary>Writes a datagram.</summary>
internal sealed class CoapPacketWriter
{
    private int _number;

    internal byte[] Bytes { get; } = new byte[2048];

    internal int Length { get; private set; }

    internal void Begin(int type, int code, int messageId, ulong token, int tokenLength)
    {
        Bytes[0] = (byte)(0x40 | (type << 4) | tokenLength);
        Bytes[1] = (byte)code;
        Bytes[2] = (byte)(messageId >> 8);
        Bytes[3] = (byte)messageId;
        for (int i = 0; i < tokenLength; i++)
        {
            Bytes[4 + i] = (byte)(token >> (8 * (tokenLength - 1 - i)));
        }

        Length = 4 + tokenLength;
        _number = 0;
    }

    internal void Option(int number, ReadOnlySpan<byte> value)
    {
        int delta = number - _number;
        _number = number;
        Bytes[Length++] = (byte)((Nibble(delta) << 4) | Nibble(value.Length));
        Extend(delta);
        Extend(value.Length);
        value.CopyTo(Bytes.AsSpan(Length));
        Length += value.Length;
    }

    internal void OptionUInt(int number, uint value)
    {
        Span<byte> bytes = [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
        int skip = value == 0 ? 4 : value < 0x100 ? 3 : value < 0x10000 ? 2 : value < 0x1000000 ? 1 : 0;
        Option(number, bytes[skip..]);
    }

    internal void Payload(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > 0)
        {
            Bytes[Length++] = 0xFF;
            payload.CopyTo(Bytes.AsSpan(Length));
            Length += payload.Length;
        }
    }

    private static int Nibble(int value) => value < 13 ? value : value < 269 ? 13 : 14;

    private void Extend(int value)
    {
        if (value >= 269)
        {
            Bytes[Length++] = (byte)((value - 269) >> 8);
            Bytes[Length++] = (byte)(value - 269);
        }
        else if (value >= 13)
        {
            Bytes[Length++] = (byte)(value - 13);
        }
    }
}

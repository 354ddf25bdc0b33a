// Valid CoAP messages that mutations start from. They are made by hand and not by CoapWriter, which is under test.

namespace Firmware.Simulator.Campaigns;

internal static partial class FuzzCorpus
{
    // requests first, then what a server sends: for a target that is a server the latter are hostile as they are
    internal static byte[][] Coap() =>
    [
        // GET with path, query, Accept, Uri-Host, Uri-Port
        Message(0, 0x01, 4, [(11, "sensors"), (11, "temperature")], ""),
        Message(1, 0x01, 0, [(3, "board.local"), (7, "\u0016\u0033"), (11, ".well-known"), (11, "core"), (15, "rt=temp*"), (15, "if=sensor"), (17, "(")], ""),
        Message(0, 0x01, 8, [(4, "\u0001\u0002\u0003\u0004"), (4, "etag-two"), (6, ""), (11, "sensors"), (11, "altitude"), (17, "2"), (23, "\u0002")], ""),
        Message(0, 0x01, 2, [(6, "\u0001"), (11, "a"), (23, "\u0001\u0036"), (28, ""), (252, "echo"), (258, "\u001a"), (292, "tag")], ""),

        // PUT and POST with Block1, If-Match, Content-Format, Size1
        Message(0, 0x03, 1, [(1, "\u0001\u0002"), (11, "actuators"), (11, "led"), (12, "")], "on"),
        Message(0, 0x02, 3, [(5, ""), (11, "large-update"), (12, "2"), (27, "\u0018"), (60, "\u0004\u0000")], new string('b', 32)),
        Message(1, 0x05, 5, [(11, "sensors"), (12, "\u0001\u0040"), (27, "\u0006")], "[{\"n\":\"temperature\"}]"),
        Message(0, 0x04, 0, [(11, "x")], ""),
        Message(0, 0x07, 2, [(9, "\u0009\u0014\u0000\u0001"), (11, "y")], "\u00ff\u0000\u00ff"),

        // long options, two-byte extensions, 200 options
        Message(0, 0x01, 0, [(35, "coap://" + new string('h', 600))], ""),
        Message(0, 0x01, 0, [(11, new string('p', 255)), (15, new string('q', 12)), (15, new string('q', 13)), (65001, new string('z', 268)), (65534, new string('y', 269)), (65535, "")], "p"),
        Message(0, 0x01, 4, [.. Enumerable.Repeat((11, ""), 100), .. Enumerable.Repeat((15, "ab"), 99), (2000, "e")], ""),

        // ping, empty acknowledgement, reset
        Message(0, 0, 0, [], ""),
        Message(2, 0, 0, [], ""),
        Message(3, 0, 0, [], ""),

        // piggybacked and separate responses, a notification, blocks, errors with diagnostics
        Message(2, 0x45, 4, [(4, "\u0001\u0002\u0003\u0004"), (12, ""), (14, "\u003c")], "22.3 C"),
        Message(0, 0x45, 8, [(6, "\u0012\u0034\u0056"), (12, "2"), (23, "\u000e"), (28, "\u0001\u0000")], new string('j', 64)),
        Message(1, 0x44, 1, [(8, "location1"), (8, "location2"), (20, "first=1"), (20, "second=2")], ""),
        Message(2, 0x5F, 3, [(27, "\u0018")], ""),
        Message(2, 0x84, 2, [], "not here"),
        Message(1, 0xA3, 0, [(14, "\u0001\u0000")], ""),
    ];

    // texts stand for bytes: one a character
    private static byte[] Message(int type, int code, int tokenLength, (int Number, string Value)[] options, string payload)
    {
        List<byte> bytes = [(byte)(0x40 | (type << 4) | tokenLength), (byte)code, (byte)code, (byte)(type + 7)];
        for (int i = 0; i < tokenLength; i++)
        {
            bytes.Add((byte)(0xA0 + i));
        }

        int last = 0;
        foreach ((int number, string value) in options)
        {
            int delta = number - last;
            last = number;
            bytes.Add((byte)((Nibble(delta) << 4) | Nibble(value.Length)));
            Extend(delta);
            Extend(value.Length);
            bytes.AddRange(value.Select(c => (byte)c));
        }

        if (payload.Length > 0)
        {
            bytes.Add(0xFF);
            bytes.AddRange(payload.Select(c => (byte)c));
        }

        return [.. bytes];

        static int Nibble(int value) => value < 13 ? value : value < 269 ? 13 : 14;

        void Extend(int value)
        {
            if (value >= 269)
            {
                bytes.Add((byte)((value - 269) >> 8));
                bytes.Add((byte)(value - 269));
            }
            else if (value >= 13)
            {
                bytes.Add((byte)(value - 13));
            }
        }
    }
}

// Valid inputs that mutations start from, made in code.

using System.Text;

namespace Firmware.Simulator.Campaigns;

/// <summary>Sequences of packets that a broker may send, JSON texts, CoAP messages.</summary>
internal static partial class FuzzCorpus
{
    // each is legal behind CONNECT for the client of FuzzMqtt: QoS 1 message 1 and QoS 2 message 2 sent, SUBSCRIBE 3 with two filters pending
    internal static byte[][] Mqtt()
    {
        List<byte[]> sequences = [];
        byte[] accepted = [0x20, 2, 0, 0];
        byte[] resumed = [0x20, 2, 1, 0];
        byte[] puback = [0x40, 2, 0, 1];
        byte[] pubrec = [0x50, 2, 0, 2];
        byte[] pubcomp = [0x70, 2, 0, 2];
        byte[] suback = [0x90, 4, 0, 3, 1, 2];
        byte[] pingresp = [0xD0, 0];
        byte[] pubrel = [0x62, 2, 0, 9];
        Add(accepted, suback, puback, pubrec, pubcomp);
        Add(accepted, pingresp, pubrec, pubrec, pubcomp, pubcomp);
        Add(accepted, puback, puback, suback);
        Add(resumed, Publish(0, 0, "a", 0), Publish(1, 7, "a/b/c", 20), Publish(2, 9, "topic", 5), pubrel);
        Add(accepted, Publish(2, 9, "q2", 3), Publish(2, 9, "q2", 3), pubrel, Publish(2, 9, "q2", 3), pubrel);
        Add(accepted, Publish(2, 1, "x", 1), Publish(2, 60, "x", 1), Publish(2, 120, "x", 1), Publish(2, 180, "x", 1), Publish(2, 240, "x", 1));
        Add(accepted, Publish(0, 0, "large/0", 200), pingresp);
        Add(accepted, Publish(1, 5, "large/1", 300), Publish(1, 6, "small", 4));
        Add(accepted, Publish(2, 9, "large/2", 150), pubrel);
        Add(accepted, Publish(1, 5, new string('t', 140), 30), puback);
        Add(accepted, Publish(2, 5, new string('t', 260), 0), suback);
        Add(accepted, Publish(0, 0, "\u00e4\u4e2d\ud83d\ude00", 12), [0x90, 4, 0, 3, 0x80, 0]);
        Add([0x20, 2, 0, 5]);
        Add(accepted, [0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, (byte)'a'], new byte[40]);
        return [.. sequences];

        void Add(params byte[][] packets) => sequences.Add([.. packets.SelectMany(p => p)]);
    }

    internal static byte[][] Json() =>
    [
        .. new[]
        {
            """{"toaster":"on","seconds":90,"id":"x-1"}""",
            """{"a":[1,-2.5,3e10,0.001,-0],"b":{"c":{"d":[[],{}]}},"e":null,"f":true,"g":false}""",
            """ [ "\u0041\u00e4\ud83d\ude00", "\"\\\/\b\f\n\r\t", "äöü中😀" ] """,
            "2147483647",
            "-2147483648",
            "21474836480.123",
            "\"\"",
            "[[[[[[[[1]]]]]]]]",
            "{\"\":{\"\":{\"\":[]}}}",
            "\n{\r\n\t\"t\" : 21.50 ,\n \"n\" : [ ] }\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    // RFC 8949, appendix A, and commands
    internal static byte[][] Cbor() =>
    [
        .. new[]
        {
            "A267746F6173746572626F6E677365636F6E6473185A",
            "A66161016162826162F56163A1616420616518FF61661903E861671A000F4240",
            "8D00171818190100 1A000F42401B000000E8D4A51000 2038633903E73A7FFFFFFFF4F5F6",
            "87F93E00F9C400F97BFFFA47C35000FA7F7FFFFFFB3FF199999999999AFBC010666666666666",
            "86F93C00F98000FA4F000000FBC1E0000000000000F97C00F97E00",
            "87406049000102030405060708 64494554466222 5C62C3BC64F0908591",
            "A301020320 6161A26162806163A0",
            "8181818181818181F6",
            "8180",
            "1A7FFFFFFF",
            "F6",
        }.Select(hex => Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal))),
    ];

    private static byte[] Publish(int qos, int packetId, string topic, int payload)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        int remaining = 2 + name.Length + (qos > 0 ? 2 : 0) + payload;
        List<byte> packet = [(byte)(0x30 | (qos << 1))];
        if (remaining > 127)
        {
            packet.Add((byte)((remaining & 127) | 128));
            remaining >>= 7;
        }

        packet.Add((byte)remaining);
        packet.Add((byte)(name.Length >> 8));
        packet.Add((byte)name.Length);
        packet.AddRange(name);
        if (qos > 0)
        {
            packet.Add(0);
            packet.Add((byte)packetId);
        }

        for (int i = 0; i < payload; i++)
        {
            packet.Add((byte)i);
        }

        return [.. packet];
    }
}

// A CoAP client of the tests: writes requests byte by byte after RFC 7252 section 3, with none of the code under test, and takes answers apart.

using System.Text;
using Firmware.Protocols.Io;
using Firmware.Tests.Host.Application;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

/// <summary>An answer or notification.</summary>
internal sealed record DoorReply(int Type, string Code, int MessageId, byte[] Token, byte[] Payload, IReadOnlyDictionary<int, byte[]> Options, int Length, long AtMs)
{
    internal string Text => Encoding.UTF8.GetString(Payload);

    internal string Hex => Convert.ToHexString(Payload);

    internal int? Format => Number(12);

    internal int? MaxAge => Number(14);

    internal int? Observe => Number(6);

    internal byte[]? ETag => Options.GetValueOrDefault(4);

    private int? Number(int option) => Options.TryGetValue(option, out byte[]? value) ? value.Aggregate(0, (sum, next) => (sum << 8) | next) : null;

    internal static DoorReply Parse(SentDatagram datagram)
    {
        byte[] bytes = datagram.Bytes;
        int tokenLength = bytes[0] & 15;
        int at = 4 + tokenLength;
        int number = 0;
        Dictionary<int, byte[]> options = [];
        while (at < bytes.Length && bytes[at] != 0xFF)
        {
            int head = bytes[at++];
            number += Extended(head >> 4);
            int length = Extended(head & 15);
            options[number] = bytes[at..(at + length)];
            at += length;
        }

        byte[] payload = at < bytes.Length ? bytes[(at + 1)..] : [];
        return new DoorReply((bytes[0] >> 4) & 3, $"{bytes[1] >> 5}.{bytes[1] & 31:00}", (bytes[2] << 8) | bytes[3], bytes[4..(4 + tokenLength)], payload, options, bytes.Length, datagram.AtMs);

        int Extended(int nibble) => nibble switch
        {
            13 => bytes[at++] + 13,
            14 => ((bytes[at++] << 8) | bytes[at++]) + 269,
            _ => nibble,
        };
    }
}

/// <summary>A client of a board, at one address.</summary>
internal sealed class DoorClient
{
    internal const int Con = 0;
    internal const int Non = 1;
    internal const int Ack = 2;
    internal const int Rst = 3;

    private readonly Appliance _appliance;
    private readonly string _name;
    private readonly DatagramAddress _address = new();
    private int _messageId;

    internal DoorClient(Appliance appliance, string address = "192.168.1.50", int port = 40000)
    {
        _appliance = appliance;
        _name = address + ":" + port;
        string[] parts = address.Split('.');
        _address.SetIPv4(int.Parse(parts[0]), int.Parse(parts[1]), int.Parse(parts[2]), int.Parse(parts[3]), port);
        _messageId = port;
    }

    /// <summary>All that the board has sent to this client.</summary>
    internal DoorReply[] Heard => [.. _appliance.Port.Sent.Where(d => d.To == _name).Select(DoorReply.Parse)];

    internal DoorReply Get(string path, int accept = -1, params (int Number, byte[] Value)[] options) => Ask(1, path, "", -1, accept, options);

    internal DoorReply Put(string path, string payload, int format = -1) => Ask(3, path, payload, format);

    internal DoorReply Post(string path, string payload, int format = -1, int accept = -1) => Ask(2, path, payload, format, accept);

    internal DoorReply Ask(int method, string path, string payload, int format = -1, int accept = -1, params (int Number, byte[] Value)[] options) =>
        Ask(method, path, Encoding.Latin1.GetBytes(payload), format, accept, options);

    /// <summary>Sends a Confirmable request and gives the answer in the acknowledgement.</summary>
    internal DoorReply Ask(int method, string path, byte[] payload, int format = -1, int accept = -1, params (int Number, byte[] Value)[] options)
    {
        int id = Send(Con, method, [], path, payload, format, accept, options);
        DoorReply? reply = Heard.FirstOrDefault(r => r.MessageId == id && r.Type == Ack);
        Assert.IsNotNull(reply, $"no answer to {method} {path}");
        return reply!;
    }

    /// <summary>Registers as an observer and gives the first answer.</summary>
    internal DoorReply Observe(string path, byte token, int accept = -1)
    {
        int id = Send(Con, 1, [token], path, [], -1, accept, (6, []));
        return Heard.First(r => r.MessageId == id && r.Type == Ack);
    }

    /// <summary>The notifications with this token until now, repetitions included, without the answer that registered.</summary>
    internal DoorReply[] Notified(byte token) => [.. Heard.Where(r => r.Type != Ack && r.Token.Length == 1 && r.Token[0] == token)];

    /// <summary>Acknowledges the last notification, if it asks for that.</summary>
    internal void Acknowledge(byte token)
    {
        DoorReply last = Notified(token)[^1];
        if (last.Type == Con)
        {
            Deliver([0x60, 0, (byte)(last.MessageId >> 8), (byte)last.MessageId]);
        }
    }

    internal int Send(int type, int method, byte[] token, string path, byte[] payload, int format = -1, int accept = -1, params (int Number, byte[] Value)[] options)
    {
        int id = ++_messageId & 0xFFFF;
        Deliver(Compose(type, method, id, token, path, payload, format, accept, options));
        return id;
    }

    /// <summary>Brings a datagram to the board and lets it work.</summary>
    internal void Deliver(byte[] datagram)
    {
        _appliance.Port.Put(datagram, _address);
        _appliance.Pass(20);
    }

    internal static byte[] Compose(int type, int method, int id, byte[] token, string path, byte[] payload, int format = -1, int accept = -1, params (int Number, byte[] Value)[] options)
    {
        List<(int Number, byte[] Value)> all = [.. path.Split('/').Where(s => s.Length > 0).Select(s => (11, Encoding.UTF8.GetBytes(s))), .. options];
        if (format >= 0)
        {
            all.Add((12, UInt(format)));
        }

        if (accept >= 0)
        {
            all.Add((17, UInt(accept)));
        }

        List<byte> bytes = [(byte)(0x40 | (type << 4) | token.Length), (byte)method, (byte)(id >> 8), (byte)id, .. token];
        int last = 0;
        foreach ((int number, byte[] value) in all.OrderBy(o => o.Number))
        {
            int delta = number - last;
            last = number;
            bytes.Add((byte)((Nibble(delta) << 4) | Nibble(value.Length)));
            bytes.AddRange(Extension(delta));
            bytes.AddRange(Extension(value.Length));
            bytes.AddRange(value);
        }

        if (payload.Length > 0)
        {
            bytes.Add(0xFF);
            bytes.AddRange(payload);
        }

        return [.. bytes];
    }

    internal static byte[] UInt(int value) => value == 0 ? [] : value < 256 ? [(byte)value] : [(byte)(value >> 8), (byte)value];

    private static int Nibble(int value) => value < 13 ? value : value < 269 ? 13 : 14;

    private static byte[] Extension(int value) => value < 13 ? [] : value < 269 ? [(byte)(value - 13)] : [(byte)((value - 269) >> 8), (byte)(value - 269)];
}

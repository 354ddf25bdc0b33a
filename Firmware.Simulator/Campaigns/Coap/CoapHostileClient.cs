// Who means harm: garbage, mutated messages, floods from one address and from many forged ones, tables that are to be filled.

using System.Buffers.Binary;

namespace Firmware.Simulator.Campaigns;

/// <summary>The hostile client of a CoAP world. It has an address of its own, and forges others.</summary>
internal sealed class CoapHostileClient
{
    private readonly CoapWorld _world;
    private readonly int _peer;
    private readonly SeededRandom _random;
    private readonly Mutator _mutator;
    private readonly byte[][] _corpus = FuzzCorpus.Coap();
    private readonly CoapPacketWriter _writer = new();
    private readonly byte[] _bytes = new byte[1400];
    private readonly byte[] _number = new byte[CoapContent.Header];
    private int _messageId;
    private ulong _token;

    internal CoapHostileClient(CoapWorld world, int peer)
    {
        _world = world;
        _peer = peer;
        _random = new SeededRandom(world.Conditions.Seed * 31);
        _mutator = new Mutator(_random);
    }

    internal long Datagrams { get; private set; }

    internal void Send()
    {
        int kind = _random.Next(10);
        for (int n = _random.Between(1, _world.Conditions.BurstSize); n > 0; n--)
        {
            Datagrams++;
            int peer = _random.Chance(500) ? _peer : _peer + 1 + _random.Next(CoapWorld.ForgedPeers);
            if (kind < 3)
            {
                SendBroken(peer, kind);
            }
            else
            {
                SendRequest(peer, kind);
            }
        }
    }

    private void SendBroken(int peer, int kind)
    {
        byte[] start = _corpus[_random.Next(_corpus.Length)];
        int length = start.Length;
        Buffer.BlockCopy(start, 0, _bytes, 0, length);
        if (kind == 0)
        {
            length = _random.Between(1, 60);
            _random.NextBytes(_bytes.AsSpan(0, length));
        }
        else
        {
            length = Math.Max(1, _mutator.Mutate(_bytes, length, _corpus));
        }

        _world.SendToServer(peer, _bytes, length, _random.Chance(100));
    }

    // kind: 3 to 9
    private void SendRequest(int peer, int kind)
    {
        // few tokens, so that registrations are replaced, too
        _token = (_token + 1) & 0xF;
        _messageId = _random.Chance(50) ? _messageId : (_messageId + 1) & 0xFFFF;
        int method = kind switch { 3 or 4 => 2, 7 => 3, _ => 1 };
        int type = _random.Chance(700) ? CoapPacket.Con : CoapPacket.Non;
        _writer.Begin(type, method, _messageId, _token, 2);
        if (kind is 5 or 6)
        {
            _writer.Option(6, []);
        }

        byte[][] path = kind switch
        {
            3 => _world.Counter.Segments2,
            4 or 8 => _world.Slow.Segments2,
            5 => _world.Obs.Segments2,
            6 => _world.ObsLarge.Segments2,
            7 => _world.Upload.Segments2,
            _ => _world.Large.Segments2,
        };
        foreach (byte[] segment in path)
        {
            _writer.Option(11, segment);
        }

        if (kind == 7)
        {
            // a body that is begun and never ended
            _writer.OptionUInt(27, (uint)((_random.Next(3) << 4) | 8));
            _writer.Payload(_bytes.AsSpan(0, 16));
        }
        else if (method == 2)
        {
            BinaryPrimitives.WriteInt64BigEndian(_number, _world.Oracle.Number());
            _writer.Payload(_number);
        }

        _world.SendToServer(peer, _writer.Bytes, _writer.Length, type == CoapPacket.Non && _random.Chance(100));
    }
}

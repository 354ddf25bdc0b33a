// The framing of MQTT 3.1.1 (2.2) for the in-memory brokers, independent of the code under test.

namespace Firmware.Simulator.Campaigns;

/// <summary>Bytes from a client, cut into whole packets; and the other way round.</summary>
internal sealed class MqttPacketStream
{
    private readonly List<byte> _bytes = [];

    /// <summary>A packet from its first byte and its body.</summary>
    internal static byte[] Encode(int first, IReadOnlyCollection<byte> body)
    {
        List<byte> packet = [(byte)first];
        int left = body.Count;
        do
        {
            packet.Add((byte)((left % 128) | (left >= 128 ? 128 : 0)));
            left /= 128;
        }
        while (left > 0);
        return [.. packet, .. body];
    }

    internal void Clear() => _bytes.Clear();

    internal void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    /// <summary>Takes the next packet if it is there whole.</summary>
    internal bool TryTake(out byte first, out byte[] body)
    {
        (first, body) = (0, []);
        int length = 0;
        int at = 1;
        for (int shift = 0; ; shift += 7)
        {
            if (at >= _bytes.Count)
            {
                return false;
            }

            length |= (_bytes[at] & 127) << shift;
            if ((_bytes[at++] & 128) == 0)
            {
                break;
            }
        }

        if (_bytes.Count < at + length)
        {
            return false;
        }

        first = _bytes[0];
        body = [.. _bytes.GetRange(at, length)];
        _bytes.RemoveRange(0, at + length);
        return true;
    }
}

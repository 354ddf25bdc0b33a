// The payload of every simulated message: which topic, which number, and then bytes that follow from both, so that no byte can go wrong unnoticed.

using System.Buffers.Binary;
using System.Text;

namespace Firmware.Simulator.Campaigns;

/// <summary>Numbered payloads and the topics that they travel on.</summary>
internal static class MessageContent
{
    // topic index and sequence number
    internal const int Shortest = 5;

    internal const int Topics = 7;

    // its name does not fit the smallest receive buffers beside a window
    private const int LongTopic = 6;

    internal static readonly byte[][] Up = Names("up/", 40);
    internal static readonly byte[][] Down = Names("down/", 150);

    // the long one has QoS 2: a skipped message is then known by its packet identifier
    internal static int QosOf(int topic) => topic == LongTopic ? 2 : topic % 3;

    internal static int IndexOf(byte[][] topics, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < topics.Length; i++)
        {
            if (name.SequenceEqual(topics[i]))
            {
                return i;
            }
        }

        return -1;
    }

    internal static void Fill(Span<byte> payload, int topic, int sequence)
    {
        payload[0] = (byte)topic;
        BinaryPrimitives.WriteInt32BigEndian(payload[1..], sequence);
        for (int i = Shortest; i < payload.Length; i++)
        {
            payload[i] = At(sequence, i);
        }
    }

    // a piece that starts at a position of the payload
    internal static bool Matches(ReadOnlySpan<byte> piece, int position, int topic, int sequence)
    {
        for (int i = 0; i < piece.Length; i++)
        {
            int at = position + i;
            byte expected = at == 0 ? (byte)topic : at < Shortest ? (byte)(sequence >> (8 * (4 - at))) : At(sequence, at);
            if (piece[i] != expected)
            {
                return false;
            }
        }

        return true;
    }

    private static byte At(int sequence, int position) => (byte)((sequence * 31) + (position * 7));

    private static byte[][] Names(string prefix, int longest)
    {
        byte[][] names = new byte[Topics][];
        for (int i = 0; i < Topics; i++)
        {
            names[i] = Encoding.ASCII.GetBytes(prefix + (char)('0' + i));
        }

        names[LongTopic] = Encoding.ASCII.GetBytes(prefix + new string('x', longest));
        return names;
    }
}

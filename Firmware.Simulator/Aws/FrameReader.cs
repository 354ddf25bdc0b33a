// Cuts the stream of a connection into MQTT control packets (MQTT 3.1.1 2.2): first byte, remaining length, body.
// Kestrel owns the pipe; a Frame owns its bytes.

using System.Buffers;
using System.IO.Pipelines;

namespace Firmware.Simulator.Aws;

/// <summary>Reads one packet at a time from a pipe.</summary>
internal static class FrameReader
{
    // A PUBLISH of the largest payload, with the longest topic that MQTT itself allows: more is not even read.
    private const int LongestRemainingLength = AwsLimits.PayloadBytes + 2 + 65535 + 2;

    /// <summary>The next packet, or why there is none any more.</summary>
    /// <exception cref="MalformedPacketException">The remaining length is malformed or too large.</exception>
    internal static async Task<(Frame? Frame, string? End)> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                return (null, "the connection was lost");
            }

            if (TryRead(read.Buffer, out Frame? frame, out SequencePosition end))
            {
                input.AdvanceTo(end);
                return (frame, null);
            }

            bool empty = read.Buffer.IsEmpty;
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return (null, empty ? "closed without DISCONNECT" : "closed in the middle of a packet");
            }
        }
    }

    private static bool TryRead(ReadOnlySequence<byte> buffer, out Frame? frame, out SequencePosition end)
    {
        frame = null;
        end = buffer.Start;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out byte header))
        {
            return false;
        }

        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (shift > 21)
            {
                throw new MalformedPacketException("the remaining length has at most 4 bytes (MQTT 3.1.1 2.2.3)", "5 bytes");
            }

            if (!reader.TryRead(out byte part))
            {
                return false;
            }

            length |= (part & 0x7F) << shift;
            if ((part & 0x80) == 0)
            {
                break;
            }
        }

        if (length > LongestRemainingLength)
        {
            throw new MalformedPacketException($"a payload has at most {AwsLimits.PayloadBytes} bytes [AWS quotas]", $"a packet of {length} bytes");
        }

        if (reader.Remaining < length)
        {
            return false;
        }

        frame = new Frame(header, reader.UnreadSequence.Slice(0, length).ToArray());
        reader.Advance(length);
        end = reader.Position;
        return true;
    }
}

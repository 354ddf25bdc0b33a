// Messages as text, whole or in pieces, through the readers, and what came out as text again.

using System.Text;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;

namespace Firmware.Tests.Host.Http;

/// <summary>A link whose peer has sent some bytes; a read brings at most so many of them.</summary>
internal sealed class PieceTransport(byte[] bytes, Func<int> piece, bool closes = false) : ITransport
{
    private int _at;

    /// <summary>What was written.</summary>
    internal List<byte> Written { get; } = [];

    public int Read(byte[] buffer, int offset, int count)
    {
        int n = Math.Min(Math.Min(count, bytes.Length - _at), piece());
        if (_at == bytes.Length)
        {
            return closes ? TransportResult.Closed : 0;
        }

        Array.Copy(bytes, _at, buffer, offset, n);
        _at += n;
        return n;
    }

    public int Write(byte[] buffer, int offset, int count)
    {
        Written.AddRange(buffer.AsSpan(offset, count));
        return count;
    }

    public void Close()
    {
    }
}

/// <summary>Runs readers over texts.</summary>
internal static class HttpText
{
    internal const int HeadLimit = 512;

    internal static HttpRequestReader Requests(int bodyLimit = 256) => new(new byte[HeadLimit + bodyLimit + HttpReader.MaxChunkLine], HeadLimit);

    internal static HttpResponseReader Responses(int bodyLimit = 256) => new(new byte[HeadLimit + bodyLimit + HttpReader.MaxChunkLine], HeadLimit);

    // one character is one byte
    internal static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>All that the readers tell about a stream of messages.</summary>
    internal static string Trace(HttpReader reader, byte[] bytes, Func<int> piece, bool closes = false)
    {
        StringBuilder trace = new();
        PieceTransport transport = new(bytes, piece, closes);
        reader.Reset();
        for (int idle = 0; idle < 3;)
        {
            HttpRead read = reader.Read(transport);
            idle = read == HttpRead.Incomplete && !reader.Progressed ? idle + 1 : 0;
            switch (read)
            {
                case HttpRead.Message:
                    trace.Append(Describe(reader)).Append('\n');
                    break;
                case HttpRead.Error:
                    return trace.Append(reader.Error).ToString();
                case HttpRead.Closed:
                case HttpRead.Failed:
                    return trace.Append(read).ToString();
            }
        }

        return trace.Append(reader.IsInsideMessage ? "..." : "").ToString();
    }

    private static string Describe(HttpReader reader)
    {
        StringBuilder text = new();
        if (reader is HttpRequestReader request)
        {
            text.Append(request.Method).Append(' ').Append(View(reader, request.PathOffset, request.PathLength));
            text.Append(request.QueryLength > 0 ? "?" + View(reader, request.QueryOffset, request.QueryLength) : "");
            text.Append(request.HostLength > 0 ? " @" + View(reader, request.HostOffset, request.HostLength) : "");
        }
        else
        {
            text.Append(((HttpResponseReader)reader).Status);
        }

        text.Append(reader.KeepsAlive ? "" : " close").Append(reader.SaysUpgrade ? " upgrade" : "");
        for (int field = 0; field < HttpField.Count; field++)
        {
            if (reader.Has(field) && field != HttpField.Host)
            {
                text.Append(' ').Append(Encoding.ASCII.GetString(HttpField.Name(field))).Append("=[").Append(View(reader, reader.ValueOffset(field), reader.ValueLength(field))).Append(']');
            }
        }

        return text.Append(reader.BodyLength > 0 ? " {" + View(reader, reader.BodyOffset, reader.BodyLength) + "}" : "").ToString();
    }

    private static string View(HttpReader reader, int offset, int length) => Encoding.Latin1.GetString(reader.Buffer, offset, length);
}

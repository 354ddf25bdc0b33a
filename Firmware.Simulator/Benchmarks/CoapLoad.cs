// A client that asks a CoAP server the same question again and again, one request in flight, as fast as it answers.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Firmware.Simulator.Benchmarks;

/// <summary>Measures a server on this machine.</summary>
internal sealed class CoapLoad : IDisposable
{
    // far more than a round trip on loopback: what takes longer is lost
    private const int LostMs = 500;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _request;
    private readonly byte[] _reply = new byte[2048];
    private int _messageId = Random.Shared.Next(65536);

    /// <summary>Prepares to ask.</summary>
    /// <param name="port">The server's UDP port on 127.0.0.1.</param>
    /// <param name="path">The resource's path, segments of at most 12 bytes.</param>
    internal CoapLoad(int port, params string[] path)
    {
        _socket.ReceiveTimeout = LostMs;
        _socket.Connect(IPAddress.Loopback, port);
        _request = [0x40, 1, 0, 0, .. path.SelectMany((segment, i) => (byte[])[(byte)((i == 0 ? 0xB0 : 0) | segment.Length), .. System.Text.Encoding.UTF8.GetBytes(segment)])];
    }

    /// <summary>The CoAP bytes of one request; IPv4 and UDP add 28.</summary>
    internal int RequestBytes => _request.Length;

    /// <summary>The CoAP bytes of the last reply; IPv4 and UDP add 28.</summary>
    internal int ReplyBytes { get; private set; }

    /// <summary>The payload of the last reply.</summary>
    internal string ReplyText { get; private set; } = string.Empty;

    /// <summary>Requests that were not answered.</summary>
    internal int Lost { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Asks once and takes the answer apart.</summary>
    /// <returns>False if there was none, or it was no 2.05.</returns>
    internal bool AskOnce()
    {
        if (!Ask() || _reply[1] != 0x45)
        {
            return false;
        }

        int marker = _reply.AsSpan(0, ReplyBytes).IndexOf((byte)0xFF);
        ReplyText = marker < 0 ? string.Empty : System.Text.Encoding.UTF8.GetString(_reply, marker + 1, ReplyBytes - marker - 1);
        return true;
    }

    /// <summary>Asks for some time.</summary>
    /// <param name="time">How long.</param>
    /// <returns>Answers per second.</returns>
    internal double Measure(TimeSpan time)
    {
        long answered = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            if (Ask())
            {
                answered++;
            }
            else
            {
                Lost++;
            }
        }

        return answered / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private bool Ask()
    {
        _messageId = (_messageId + 1) & 0xFFFF;
        _request[2] = (byte)(_messageId >> 8);
        _request[3] = (byte)_messageId;
        try
        {
            _socket.Send(_request);
            do
            {
                ReplyBytes = _socket.Receive(_reply);
            }
            while (ReplyBytes < 4 || _reply[2] != _request[2] || _reply[3] != _request[3]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

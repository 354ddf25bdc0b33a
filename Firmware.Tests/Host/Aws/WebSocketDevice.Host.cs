// A WebSocket client that sends whatever MQTT bytes and frames a test wants, through .NET's ClientWebSocket.

using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

/// <summary>A ClientWebSocket with hand-made MQTT packets. Reads give up after 3 s.</summary>
internal sealed class WebSocketDevice : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ClientWebSocket _socket = new();
    private readonly Queue<byte> _bytes = new();

    internal WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    internal static string Host(StandInBench bench) => string.Create(CultureInfo.InvariantCulture, $"localhost:{bench.StandIn.AlpnPort}");

    internal static string Url(StandInBench bench, DevelopmentAccessKey key) => $"wss://{Host(bench)}{SdkSigner.Target(key, Host(bench), bench.Time.GetUtcNow(), expires: 60)}";

    internal static WebSocketDevice Open(StandInBench bench, DevelopmentAccessKey key, string protocol = "mqtt")
    {
        var device = new WebSocketDevice();
        if (protocol.Length > 0)
        {
            device._socket.Options.AddSubProtocol(protocol);
        }

        device._socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => WebSocketDoorTest.Trusted((X509Certificate2)certificate!);
        using var timeout = new CancellationTokenSource(Patience);
        device._socket.ConnectAsync(new Uri(Url(bench, key)), timeout.Token).GetAwaiter().GetResult();
        return device;
    }

    /// <summary>What is thrown when the handshake is refused.</summary>
    internal static Exception OpenFails(StandInBench bench, string protocol)
    {
        try
        {
            Open(bench, bench.StandIn.Credentials.Default, protocol).Dispose();
        }
        catch (WebSocketException e)
        {
            return e;
        }

        throw new TestFrameworkShared.AssertFailedException("the handshake should have been refused");
    }

    internal static WebSocketDevice Connect(StandInBench bench, string clientId, DevelopmentAccessKey key, int keepAlive = 60)
    {
        WebSocketDevice device = Open(bench, key);
        device.Send(Packets.Connect(clientId, keepAlive: keepAlive));
        Assert.AreEqual(0, (int)device.Expect("CONNACK")[3], "return code");
        return device;
    }

    internal void Send(byte[] packet) => Frame(packet, WebSocketMessageType.Binary, true);

    internal void SendText(string text) => Frame(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true);

    /// <summary>Frames of the given size, of which now and then one ends its message.</summary>
    internal void SendInPieces(byte[] bytes, int size)
    {
        for (int at = 0, i = 0; at < bytes.Length; at += size, i++)
        {
            int count = Math.Min(size, bytes.Length - at);
            Frame(bytes.AsSpan(at, count).ToArray(), WebSocketMessageType.Binary, at + count == bytes.Length || i % 3 == 2);
        }
    }

    internal byte[] Expect(string name)
    {
        byte[]? packet = Read();
        Assert.AreEqual(name, Packets.Name(packet));
        return packet!;
    }

    /// <summary>One whole packet; null if the connection was closed.</summary>
    internal byte[]? Read()
    {
        int header = Next();
        if (header < 0)
        {
            return null;
        }

        var packet = new List<byte> { (byte)header };
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            int part = Next();
            packet.Add((byte)part);
            length |= (part & 0x7F) << shift;
            if (part < 128)
            {
                break;
            }
        }

        for (int i = 0; i < length; i++)
        {
            packet.Add((byte)Next());
        }

        return [.. packet];
    }

    internal void Close() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Wait(Patience);

    internal void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();

    private void Frame(byte[] bytes, WebSocketMessageType type, bool last)
    {
        try
        {
            _socket.SendAsync(bytes, type, last, CancellationToken.None).Wait(Patience);
        }
        catch (AggregateException e) when (e.InnerException is WebSocketException)
        {
            // the stand-in has closed already; what a test expects shows in what it reads
        }
    }

    private int Next()
    {
        if (_bytes.Count > 0)
        {
            return _bytes.Dequeue();
        }

        byte[] buffer = new byte[8192];
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            WebSocketReceiveResult result = _socket.ReceiveAsync(buffer, timeout.Token).GetAwaiter().GetResult();
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return -1;
            }

            foreach (byte b in buffer.AsSpan(0, result.Count))
            {
                _bytes.Enqueue(b);
            }

            return Next();
        }
        catch (WebSocketException)
        {
            return -1;
        }
        catch (OperationCanceledException)
        {
            throw new TestFrameworkShared.AssertFailedException("the stand-in neither answered nor closed within 3 s");
        }
    }
}

// A client that sends whatever bytes a test wants, through .NET's SslStream: the only way to break rules that every MQTT library keeps.

using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

/// <summary>A TLS connection with hand-made MQTT packets. Reads give up after 3 s.</summary>
internal sealed class RawDevice : IDisposable
{
    private const int PatienceMs = 3000;
    private readonly Socket _socket;
    private readonly SslStream _tls;

    private RawDevice(Socket socket, SslStream tls)
    {
        _socket = socket;
        _tls = tls;
    }

    internal SslProtocols TlsVersion => _tls.SslProtocol;

    internal string Alpn => _tls.NegotiatedApplicationProtocol.ToString();

    /// <summary>Connects and does the TLS handshake, verifying the server against the development CA.</summary>
    /// <exception cref="AuthenticationException">The handshake failed.</exception>
    internal static RawDevice Open(
        int port, CertificateFiles? certificate, string? alpn = null, SslProtocols versions = SslProtocols.None, string host = "localhost", IPAddress? address = null,
        X509Certificate2? authority = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address, port);
        socket.ReceiveTimeout = PatienceMs;
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority ?? StandInBench.Certificates.Authority);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = versions,
            CertificateChainPolicy = policy,
            ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
        };
        if (certificate is not null)
        {
            var own = X509Certificate2.CreateFromPemFile(certificate.CertificatePath, certificate.KeyPath);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);
        }

        try
        {
            tls.AuthenticateAsClient(options);
        }
        catch
        {
            tls.Dispose();
            throw;
        }

        return new RawDevice(socket, tls);
    }

    internal void Send(params byte[][] packets)
    {
        try
        {
            _tls.Write(packets.SelectMany(p => p).ToArray());
        }
        catch (IOException)
        {
            // The stand-in has closed already; what a test expects shows in what it reads.
        }
    }

    /// <summary>One whole packet; null if the connection was closed.</summary>
    internal byte[]? Read()
    {
        int header = ReadByte();
        if (header < 0)
        {
            return null;
        }

        var packet = new List<byte> { (byte)header };
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            int part = ReadByte();
            packet.Add((byte)part);
            length |= (part & 0x7F) << shift;
            if (part < 128)
            {
                break;
            }
        }

        byte[] body = new byte[length];
        _tls.ReadExactly(body);
        return [.. packet, .. body];
    }

    /// <summary>Fails unless the stand-in closes the connection without another packet.</summary>
    internal void ExpectClosed() => Assert.AreEqual("closed", Packets.Name(Read()), "the stand-in should have closed");

    /// <summary>Fails if anything but PINGRESP comes: two rounds, since MQTTnet sends other answers alternately with them.</summary>
    internal void ExpectOnlyPingResponses()
    {
        for (int i = 0; i < 2; i++)
        {
            Send(Packets.PingReq);
            Assert.AreEqual("PINGRESP", Packets.Name(Read()));
        }
    }

    /// <summary>Reads a packet and fails if it is of another type.</summary>
    internal byte[] Expect(string name)
    {
        byte[]? packet = Read();
        Assert.AreEqual(name, Packets.Name(packet));
        return packet!;
    }

    /// <summary>Closes as a lost network does: without DISCONNECT and TLS's close.</summary>
    public void Dispose()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
        _tls.Dispose();
    }

    private int ReadByte()
    {
        try
        {
            return _tls.ReadByte();
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            throw new TestFrameworkShared.AssertFailedException($"the stand-in neither answered nor closed within {PatienceMs} ms");
        }
        catch (IOException)
        {
            return -1; // reset or TLS alert: closed as well
        }
    }
}

/// <summary>Hand-made MQTT 3.1.1 packets (chapter 3).</summary>
internal static class Packets
{
    internal static readonly byte[] PingReq = [0xC0, 0];
    internal static readonly byte[] Disconnect = [0xE0, 0];

    internal static byte[] Connect(
        string clientId, bool cleanSession = true, int keepAlive = 60, string? willTopic = null, string will = "gone", int willQos = 0, bool willRetain = false, int level = 4)
    {
        int flags = (cleanSession ? 2 : 0) | (willTopic is null ? 0 : 4 | (willQos << 3) | (willRetain ? 0x20 : 0));
        byte[] willFields = willTopic is null ? [] : [.. Text(willTopic), .. Text(will)];
        return Packet(0x10, [.. Text("MQTT"), (byte)level, (byte)flags, .. Number(keepAlive), .. Text(clientId), .. willFields]);
    }

    internal static byte[] Publish(string topic, string payload, int qos = 0, bool retain = false, int id = 1) =>
        Publish(topic, Encoding.UTF8.GetBytes(payload), qos, retain, id);

    internal static byte[] Publish(string topic, byte[] payload, int qos = 0, bool retain = false, int id = 1) =>
        Packet(0x30 | (qos << 1) | (retain ? 1 : 0), [.. Text(topic), .. qos > 0 ? Number(id) : [], .. payload]);

    internal static byte[] Subscribe(int id, params (string Filter, int Qos)[] filters) =>
        Packet(0x82, [.. Number(id), .. filters.SelectMany(f => (byte[])[.. Text(f.Filter), (byte)f.Qos])]);

    internal static byte[] Unsubscribe(int id, string filter) => Packet(0xA2, [.. Number(id), .. Text(filter)]);

    internal static byte[] PubAck(int id) => Packet(0x40, Number(id));

    internal static byte[] Packet(int header, byte[] body)
    {
        var packet = new List<byte> { (byte)header };
        int length = body.Length;
        do
        {
            packet.Add((byte)((length & 0x7F) | (length > 127 ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        return [.. packet, .. body];
    }

    internal static string Name(byte[]? packet) => packet is null ? "closed" : (packet[0] >> 4) switch
    {
        2 => "CONNACK",
        3 => "PUBLISH",
        4 => "PUBACK",
        5 => "PUBREC",
        9 => "SUBACK",
        11 => "UNSUBACK",
        13 => "PINGRESP",
        _ => $"packet type {packet[0] >> 4}",
    };

    /// <summary>The topic, payload, packet id (0 = none) and flags of a PUBLISH shorter than 128 bytes.</summary>
    internal static (string Topic, string Payload, int Id, int Flags) Published(byte[] packet)
    {
        int topicLength = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
        int next = 4 + topicLength;
        bool hasId = (packet[0] & 0x06) != 0;
        int id = hasId ? BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(next)) : 0;
        return (Encoding.UTF8.GetString(packet, 4, topicLength), Encoding.UTF8.GetString(packet[(next + (hasId ? 2 : 0))..]), id, packet[0] & 0x0F);
    }

    private static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [.. Number(bytes.Length), .. bytes];
    }
}

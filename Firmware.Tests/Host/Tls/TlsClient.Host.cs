// A client on the TLS engine for tests: options that are right unless a test says otherwise, a handshake with a time limit, and data both ways.

using System.Diagnostics;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

/// <summary>A TLS engine over a socket.</summary>
internal sealed class TlsClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private SocketLink _link = null!;

    internal TlsClient(int inputWindow = 2048, int outputWindow = 2048) => Transport = new TlsEngineTransport(inputWindow, outputWindow);

    internal TlsEngineTransport Transport { get; }

    /// <summary>What a device of ours asks for.</summary>
    internal static TlsOptions Options(string? alpn = null, TlsIdentity? client = null) => new()
    {
        Host = Bytes.FromString("localhost"),
        Alpn = alpn is null ? null : Bytes.FromString(alpn),
        Ca = TlsIdentities.Ca.Certificate,
        Certificate = client?.Certificate,
        Key = client?.Key,
        UnixSeconds = TlsIdentities.Now.ToUnixTimeSeconds(),
    };

    /// <summary>Connects, up to the end of the handshake or its failure.</summary>
    /// <returns>0 or one of <see cref="TlsError"/>.</returns>
    internal int Connect(int port, TlsOptions options, Random? random = null, int largestPiece = int.MaxValue)
    {
        _link = new SocketLink(port, random, largestPiece);
        Transport.Begin(_link, options);
        long start = Stopwatch.GetTimestamp();
        while (!Transport.IsReady && Transport.Error == 0)
        {
            if (!Transport.Handshake())
            {
                _link.Await(1);
                Assert.IsTrue(Stopwatch.GetElapsedTime(start) < Patience, "the handshake does not end");
            }
        }

        return Transport.Error;
    }

    /// <summary>Reads until there is an end or the count is reached.</summary>
    /// <returns>What was read, and how it ended: the last result of Read.</returns>
    internal (byte[] Bytes, int End) Read(int count)
    {
        byte[] buffer = new byte[count];
        int have = 0;
        long start = Stopwatch.GetTimestamp();
        while (have < count)
        {
            int got = Transport.Read(buffer, have, count - have);
            if (got < 0)
            {
                return (buffer[..have], got);
            }

            have += got;
            if (got == 0)
            {
                _link.Await(1);
                Assert.IsTrue(Stopwatch.GetElapsedTime(start) < Patience, "nothing comes");
            }
        }

        return (buffer, have);
    }

    /// <summary>Writes all; what comes in between waits.</summary>
    internal void Write(byte[] data)
    {
        long start = Stopwatch.GetTimestamp();
        for (int sent = 0; sent < data.Length;)
        {
            int taken = Transport.Write(data, sent, data.Length - sent);
            Assert.IsTrue(taken >= 0, $"error {Transport.Error}");
            sent += taken;
            Assert.IsTrue(Stopwatch.GetElapsedTime(start) < Patience, "nothing goes");
        }
    }

    /// <summary>The session of this connection, waiting for it if it comes later.</summary>
    internal byte[] TakeSession()
    {
        byte[] buffer = new byte[4096];
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            int length = Transport.TakeSession(buffer);
            if (length > 0)
            {
                return buffer[..length];
            }

            Assert.AreEqual(0, Transport.Read(new byte[1], 0, 1));
            Assert.IsTrue(Stopwatch.GetElapsedTime(start) < Patience, "no session comes");
        }
    }

    /// <inheritdoc />
    public void Dispose() => Transport.Close();
}

// Two CoAP endpoints in memory, a client and our own server, and a network between them that loses, doubles, delays and reorders datagrams by a
// seed. Time is virtual and goes from one event to the next.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

/// <summary>How bad the network is.</summary>
internal sealed record ClientNetworkQuality(int LostPercent = 0, int DoubledPercent = 0, int LongestDelayMs = 0);

/// <summary>The network, both endpoints and the clock.</summary>
internal sealed class ClientNetwork
{
    private readonly PriorityQueue<(Port To, byte[] Bytes, DatagramAddress From), (long AtMs, int Order)> _underWay = new();
    private readonly ClientNetworkQuality _quality;
    private readonly Random _random;
    private int _order;

    internal ClientNetwork(int seed, ClientNetworkQuality quality, CoapResource[] resources, CoapParameters? parameters = null, int maxMessage = 1152, int serverMaxMessage = 1152)
    {
        _random = new Random(seed);
        _quality = quality;
        ServerAddress.SetIPv4(10, 0, 0, 1, 5683);
        DatagramAddress clientAddress = new();
        clientAddress.SetIPv4(10, 0, 0, 2, 40000);
        ClientEndpoint = new CoapEndpoint(parameters ?? new CoapParameters(), new Random(seed + 1), maxMessage, 4, maxMessage, 4, 4);
        Client = new CoapClient(ClientEndpoint, 6);
        ServerEndpoint = new CoapEndpoint(parameters ?? new CoapParameters(), new Random(seed + 2), serverMaxMessage, 16, 8 * serverMaxMessage, 200, 4);
        Server = new CoapServer(ServerEndpoint, resources, new CoapServerOptions { EchoKey = new byte[16], Access = new Open(), TransferBytes = 1024, ObserverBytes = 128 });
        Port client = new(this, clientAddress);
        Port server = new(this, ServerAddress);
        client.Other = server;
        server.Other = client;
        ClientEndpoint.Open(client, Now);
        ServerEndpoint.Open(server, Now);
    }

    internal long Now { get; private set; } = 5_000_000;

    internal DatagramAddress ServerAddress { get; } = new();

    internal CoapEndpoint ClientEndpoint { get; }

    internal CoapEndpoint ServerEndpoint { get; }

    internal CoapClient Client { get; }

    internal CoapServer Server { get; }

    /// <summary>Datagrams that were not lost.</summary>
    internal int Delivered { get; private set; }

    /// <summary>Lets time pass until something is so, at most so long; true if it is.</summary>
    internal bool RunUntil(Func<bool> isDone, long mostMs)
    {
        long end = Now + mostMs;

        // the test may have changed what the server serves
        ServerEndpoint.Poll(Now);
        while (!isDone())
        {
            long next = Math.Min(ClientEndpoint.NextDeadlineMs, ServerEndpoint.NextDeadlineMs);
            if (_underWay.TryPeek(out _, out (long AtMs, int Order) first))
            {
                next = Math.Min(next, first.AtMs);
            }

            if (next > end)
            {
                Now = end;
                return isDone();
            }

            Now = Math.Max(Now, next);
            while (_underWay.TryPeek(out _, out first) && first.AtMs <= Now)
            {
                (Port to, byte[] bytes, DatagramAddress from) = _underWay.Dequeue();
                to.Arrived.Enqueue((bytes, from));
                Delivered++;
            }

            ClientEndpoint.Poll(Now);
            ServerEndpoint.Poll(Now);
        }

        return true;
    }

    private void Carry(Port to, byte[] bytes, DatagramAddress from)
    {
        if (_random.Next(100) < _quality.LostPercent)
        {
            return;
        }

        int copies = _random.Next(100) < _quality.DoubledPercent ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            _underWay.Enqueue((to, bytes, from), (Now + 1 + _random.Next(_quality.LongestDelayMs + 1), _order++));
        }
    }

    private sealed class Port(ClientNetwork network, DatagramAddress address) : IDatagramTransport
    {
        internal Queue<(byte[] Bytes, DatagramAddress From)> Arrived { get; } = new();

        internal Port? Other { get; set; }

        public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
        {
            if (!Arrived.TryDequeue(out (byte[] Bytes, DatagramAddress From) next))
            {
                return 0;
            }

            from.Set(next.From);
            int length = Math.Min(count, next.Bytes.Length);
            Array.Copy(next.Bytes, 0, buffer, offset, length);
            return length;
        }

        public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
        {
            Assert.IsTrue(to.Matches(Other!.Address));
            network.Carry(Other, buffer.AsSpan(offset, count).ToArray(), address);
            return count;
        }

        public void Close()
        {
        }

        private DatagramAddress Address => address;
    }

    private sealed class Open : ICoapAccess
    {
        public byte[]? Refuse(CoapRequest request) => null;
    }
}

/// <summary>Keeps what comes of one request.</summary>
internal sealed class ClientOutcome : ICoapClientHandler
{
    internal ClientOutcome(DatagramAddress server, int method, string path)
    {
        Request = new CoapClientRequest(this) { Method = method };
        if (path.Length > 0)
        {
            Request.Path = path.Split('/').Select(System.Text.Encoding.UTF8.GetBytes).ToArray();
        }

        Request.Destination.Set(server);
    }

    internal CoapClientRequest Request { get; }

    internal List<byte[]> Bodies { get; } = [];

    internal int Code { get; private set; }

    internal CoapClientError Error { get; private set; }

    internal bool IsDone { get; private set; }

    internal MemoryStream Body { get; } = new();

    public void Answered(CoapClientResponse response, long nowMs)
    {
        Code = response.Code;
        if (response.BodyOffset == 0)
        {
            Body.SetLength(0);
        }

        Assert.AreEqual(Body.Length, (long)response.BodyOffset);
        Body.Write(response.Buffer, response.PayloadOffset, response.PayloadLength);
        if (response.IsLast)
        {
            Bodies.Add(Body.ToArray());
            IsDone = !response.IsObserving;
        }
    }

    public void Failed(CoapClientRequest request, CoapClientError error, int detail, long nowMs)
    {
        Error = error;
        IsDone = true;
    }
}

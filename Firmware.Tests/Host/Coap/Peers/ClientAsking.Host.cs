// Our client on a real socket of this machine, polled in a thread, asking a peer through a relay that keeps the trace.

using System.Diagnostics;
using System.Text;
using Firmware.Protocols.Coap;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>A client, its socket and the relay in front of the peer.</summary>
internal sealed class ClientAsking : IDisposable
{
    private readonly CoapServing _serving;
    private readonly CoapClient _client;

    internal ClientAsking(int serverPort, RelayPlan? plan = null, int seed = 1)
    {
        Relay = new LossyRelay(serverPort, plan);
        UdpLoopback socket = new();

        // losses cost time: the waits of the lecture, ten times as fast
        CoapParameters parameters = new() { AckTimeoutMs = plan == null ? 2000 : 200, MaxRetransmit = plan == null ? 4 : 6 };
        CoapEndpoint endpoint = new(parameters, new Random(seed), 1152, 4, 1152, 4, 4);
        _client = new CoapClient(endpoint, 4);
        Endpoint = endpoint;
        endpoint.Open(socket, Environment.TickCount64);
        _serving = new CoapServing(socket, nowMs =>
        {
            Directory?.Poll(nowMs);
            endpoint.Poll(nowMs);
        });
    }

    internal LossyRelay Relay { get; }

    internal CoapEndpoint Endpoint { get; }

    internal CoapClient Client => _client;

    internal CoapDirectoryClient? Directory { get; set; }

    internal ClientOutcome Outcome(int method, string path, string query = "", byte[]? body = null, int blockSize = 0)
    {
        ClientOutcome outcome = new(UdpLoopback.AddressOf(Relay.Port), method, path);
        outcome.Request.BlockSize = blockSize;
        outcome.Request.Query = query.Length == 0 ? [] : query.Split('&').Select(Encoding.UTF8.GetBytes).ToArray();
        if (body != null)
        {
            outcome.Request.Payload = body;
            outcome.Request.PayloadLength = body.Length;
        }

        return outcome;
    }

    /// <summary>Asks and waits for the end.</summary>
    internal ClientOutcome Ask(int method, string path, string query = "", byte[]? body = null, int blockSize = 0, bool isConfirmable = true)
    {
        ClientOutcome outcome = Outcome(method, path, query, body, blockSize);
        outcome.Request.IsConfirmable = isConfirmable;
        Begin(outcome);
        Await(() => outcome.IsDone, path);
        return outcome;
    }

    internal int Begin(ClientOutcome outcome)
    {
        int handle = Do(() => _client.Begin(outcome.Request, Environment.TickCount64));
        return handle >= 0 ? handle : throw new TestFrameworkShared.AssertFailedException($"refused: {(CoapClientError)(-handle)}");
    }

    internal T Do<T>(Func<T> action) => _serving.Ask(action);

    internal void Do(Action action) => _serving.Do(action);

    internal void Await(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Do(condition))
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > CoapPeers.PatienceMs)
            {
                throw new TestFrameworkShared.AssertFailedException($"does not come about: {what}\n{Relay.Text}");
            }

            Thread.Sleep(2);
        }
    }

    public void Dispose()
    {
        _serving.Dispose();
        Relay.Dispose();
    }
}

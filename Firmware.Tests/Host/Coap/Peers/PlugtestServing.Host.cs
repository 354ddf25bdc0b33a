// Our server on a loopback port for clients that nobody here wrote: the plugtest resources, a counter, and one that answers a little late.

using System.Net;
using Firmware.Protocols.Coap;
using Firmware.Simulator.Plugtest;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap.Peers;

/// <summary>A CoapServer that runs until disposed.</summary>
internal sealed class PlugtestServing : IDisposable
{
    private readonly CoapServing _serving;
    private readonly CoapServer _server;

    /// <summary>Serves.</summary>
    /// <param name="tune">Changes the parameters.</param>
    /// <param name="group">A multicast group to listen to as well.</param>
    internal PlugtestServing(Action<CoapParameters>? tune = null, IPAddress? group = null)
    {
        CoapParameters parameters = new();
        tune?.Invoke(parameters);
        PlugtestProfile profile = new();
        CoapEndpoint endpoint = new(parameters, new Random(20261128), 1152, 16, 4096, 64, 4);
        _server = new CoapServer(endpoint, [.. profile.CreateResources(Environment.TickCount64), Counter, new SoonResource()], new CoapServerOptions { EchoKey = new byte[16], Access = profile });
        UdpLoopback socket = new(0, group);
        endpoint.Open(socket, Environment.TickCount64);
        _serving = new CoapServing(socket, now =>
        {
            profile.Poll(now);
            endpoint.Poll(now);
        });
    }

    internal int Port => _serving.Port;

    /// <summary>/counter: counts its changes; observable.</summary>
    internal TestResource Counter { get; } = new("counter", "zero");

    internal int Observers => _serving.Ask(() => _server.Observers);

    internal int Changes => _serving.Ask(() => Counter.Changes);

    /// <summary>Changes what /counter holds.</summary>
    internal void Set(string content) => _serving.Do(() => Counter.Set(content));

    /// <summary>Waits until nobody observes any more.</summary>
    internal void AwaitNoObserver(string trace)
    {
        for (int i = 0; i < 200 && Observers > 0; i++)
        {
            Thread.Sleep(10);
        }

        Assert.AreEqual(0, Observers, trace);
    }

    public void Dispose() => _serving.Dispose();

    // a separate response without a long wait
    private sealed class SoonResource : CoapResource
    {
        private const int DelayMs = 200;

        internal SoonResource()
            : base("soon")
        {
            Formats = [CoapFormat.Text];
        }

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            if (!request.WasDeferred)
            {
                response.RetryAtMs = nowMs + DelayMs;
                return CoapCode.Empty;
            }

            response.Body.Raw("late"u8.ToArray());
            return CoapCode.Content;
        }
    }
}

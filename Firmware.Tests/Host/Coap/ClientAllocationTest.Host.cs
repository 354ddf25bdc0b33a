// What an exchange of the client costs in memory: nothing.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ClientAllocationTest
{
    private const int Exchanges = 10_000;

    [TestMethod]
    public static void Ten_thousand_exchanges_allocate_nothing()
    {
        Mirror mirror = new();
        Assert.AreEqual(60, mirror.Work(60));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int answered = mirror.Work(Exchanges);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated);
        Assert.AreEqual(Exchanges, answered);
        Assert.IsTrue(mirror.Bytes > Exchanges * 100);
        Assert.IsTrue(mirror.Notifications > Exchanges / 10);
    }

    /// <summary>Client and server in one, over a socket that keeps one datagram each way. By turns: a GET, one in blocks, an upload in blocks, a separate response, a challenge with Echo, an observation with a notification, a lost datagram.</summary>
    private sealed class Mirror : ICoapClientHandler, ICoapBodySource
    {
        private readonly CoapClientRequest[] _requests = new CoapClientRequest[6];
        private readonly byte[] _content = new byte[700];
        private readonly CoapEndpoint _clientEndpoint;
        private readonly CoapEndpoint _serverEndpoint;
        private readonly CoapClient _client;
        private readonly Thing _thing;
        private long _now = 1;
        private int _answered;
        private bool _isDone;
        private bool _isRegistered;

        internal Mirror()
        {
            Wire toServer = new();
            Wire toClient = new();
            CoapParameters parameters = new() { EchoLifetimeMs = 60_000, ProvesChanges = true };
            _clientEndpoint = new CoapEndpoint(parameters, new Random(1), 400, 4, 400, 4, 4);
            _client = new CoapClient(_clientEndpoint, 3);
            _serverEndpoint = new CoapEndpoint(parameters, new Random(2), 400, 4, 2000, 100, 4);
            _thing = new Thing(_content);
            _ = new CoapServer(_serverEndpoint, [_thing, new Late()], new CoapServerOptions { EchoKey = new byte[16], Access = new Open() });
            _clientEndpoint.Open(new Socket(toClient, toServer), _now);
            _serverEndpoint.Open(new Socket(toServer, toClient), _now);
            for (int i = 0; i < _requests.Length; i++)
            {
                _requests[i] = new CoapClientRequest(this) { Path = ["thing"u8.ToArray()] };
                _requests[i].Destination.SetIPv4(1, 1, 1, 1, 5683);
            }

            _requests[1].BlockSize = 64;
            _requests[2].Method = CoapCode.Put;
            _requests[2].Source = this;
            _requests[3].Path = ["late"u8.ToArray()];
            _requests[4].Observe = true;
            _requests[5].IsConfirmable = false;
        }

        internal int Bytes { get; private set; }

        internal int Notifications { get; private set; }

        internal int Work(int exchanges)
        {
            _answered = 0;
            for (int i = 0; i < exchanges; i++)
            {
                CoapClientRequest request = _requests[i % _requests.Length];
                _isDone = false;
                int handle = _client.Begin(request, _now);
                if (handle < 0)
                {
                    return handle;
                }

                Run(request);
                if (request.Observe)
                {
                    _isDone = false;
                    _thing.State++;
                    Run(request);
                    _answered += _isDone ? 1 : 0;
                    _client.Cancel(handle, _now);
                    _isRegistered = false;
                    _isDone = false;
                    Run(request);
                }

                // the server forgets message IDs, and with them what it challenges
                _now += 300_000;
            }

            return _answered;
        }

        public int Read(int offset, byte[] buffer, int bufferOffset, int count)
        {
            int length = Math.Min(count, _content.Length - offset);
            Array.Copy(_content, offset, buffer, bufferOffset, length);
            return length;
        }

        public void Answered(CoapClientResponse response, long nowMs)
        {
            Bytes += response.PayloadLength;
            if (!response.IsLast)
            {
                return;
            }

            _isDone = true;
            Notifications += _isRegistered ? 1 : 0;
            _answered += CoapCode.IsSuccess(response.Code) && !response.IsObserving ? 1 : 0;
            _isRegistered = response.IsObserving;
        }

        public void Failed(CoapClientRequest request, CoapClientError error, int detail, long nowMs)
        {
            // a Non-confirmable message may be lost
            _answered += error == CoapClientError.NoResponse ? 1 : 0;
            _isDone = true;
        }

        // until the handler was told, or a cancelled observation has ended on the server, too
        private void Run(CoapClientRequest request)
        {
            long end = _now + 300_000;
            while (!_isDone && request.IsBusy && _now < end)
            {
                _clientEndpoint.Poll(_now);
                _serverEndpoint.Poll(_now);
                long next = Math.Min(_clientEndpoint.NextDeadlineMs, _serverEndpoint.NextDeadlineMs);
                _now = Math.Max(_now, Math.Min(next, _now + 50));
            }
        }

        private sealed class Wire
        {
            internal byte[][] Datagrams { get; } = [new byte[400], new byte[400], new byte[400], new byte[400]];

            internal int[] Lengths { get; } = new int[4];

            internal int Head { get; set; }

            internal int Count { get; set; }

            internal int Sent { get; set; }
        }

        private sealed class Socket(Wire incoming, Wire outgoing) : IDatagramTransport
        {
            public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
            {
                if (incoming.Count == 0)
                {
                    return 0;
                }

                from.SetIPv4(1, 1, 1, 1, 5683);
                int length = incoming.Lengths[incoming.Head];
                Array.Copy(incoming.Datagrams[incoming.Head], 0, buffer, offset, length);
                incoming.Head = (incoming.Head + 1) % 4;
                incoming.Count--;
                return length;
            }

            public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
            {
                // every 37th is lost
                outgoing.Sent++;
                if (outgoing.Count == 4 || outgoing.Sent % 37 == 0)
                {
                    return 0;
                }

                int at = (outgoing.Head + outgoing.Count++) % 4;
                Array.Copy(buffer, offset, outgoing.Datagrams[at], 0, count);
                outgoing.Lengths[at] = count;
                return count;
            }

            public void Close()
            {
            }
        }

        private sealed class Open : ICoapAccess
        {
            public byte[]? Refuse(CoapRequest request) => null;
        }

        private sealed class Thing : CoapResource
        {
            private readonly byte[] _content;

            internal Thing(byte[] content)
                : base("thing")
            {
                _content = content;
                Formats = [CoapFormat.Octets];
                IsObservable = true;
                TakesBlocks = true;
            }

            internal int State { get; set; }

            public override int Version => State;

            public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
            {
                response.Body.Number(State);
                response.Body.Raw(_content);
                return CoapCode.Content;
            }

            public override int Change(CoapRequest request, CoapResponse response, long nowMs) => CoapCode.Changed;
        }

        private sealed class Late : CoapResource
        {
            internal Late()
                : base("late")
            {
                Formats = [CoapFormat.Text];
            }

            public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
            {
                response.RetryAtMs = nowMs + 1000;
                response.Body.Number(1);
                return request.WasDeferred ? CoapCode.Content : CoapCode.Empty;
            }
        }
    }
}
